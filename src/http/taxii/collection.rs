//! The collections: all, reports, and one for each group of kinds, so that a consumer takes what it can use.

use serde::Serialize;
use serde_json::{Value, json};
use uuid::{Builder, Uuid};

use super::media::STIX;
use crate::export::Producer;
use crate::indicator::Kind;

/// One row of [`COLLECTIONS`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Collection {
    /// A word that addresses take in the place of the id.
    pub(super) alias: &'static str,
    title: &'static str,
    description: &'static str,
    /// Indicators of these kinds.
    pub(super) kinds: &'static [Kind],
    /// Reports too.
    pub(super) reports: bool,
}

/// Every collection.
pub(super) const COLLECTIONS: &[Collection] = &[
    Collection {
        alias: "all",
        title: "All",
        description: "Every indicator, vulnerability and technique, and the reports that name them.",
        kinds: Kind::STANDARD,
        reports: true,
    },
    Collection {
        alias: "addresses",
        title: "Addresses",
        description: "IP addresses, with ports and as ranges, and autonomous systems.",
        kinds: &[
            Kind::Ipv4,
            Kind::Ipv6,
            Kind::IpPort,
            Kind::IpRange,
            Kind::Asn,
        ],
        reports: false,
    },
    Collection {
        alias: "domains",
        title: "Domains",
        description: "Domain names.",
        kinds: &[Kind::Domain],
        reports: false,
    },
    Collection {
        alias: "urls",
        title: "URLs",
        description: "Addresses of the web.",
        kinds: &[Kind::Url],
        reports: false,
    },
    Collection {
        alias: "hashes",
        title: "Hashes",
        description: "Hashes of files.",
        kinds: &[
            Kind::HashMd5,
            Kind::HashSha1,
            Kind::HashSha256,
            Kind::HashSha512,
        ],
        reports: false,
    },
    Collection {
        alias: "mail",
        title: "Mail",
        description: "Mail addresses.",
        kinds: &[Kind::Email],
        reports: false,
    },
    Collection {
        alias: "hosts",
        title: "Hosts",
        description: "Traces on a machine: names and paths of files, commands, registry keys.",
        kinds: &[
            Kind::Filename,
            Kind::Filepath,
            Kind::Command,
            Kind::RegistryKey,
        ],
        reports: false,
    },
    Collection {
        alias: "vulnerabilities",
        title: "Vulnerabilities",
        description: "Vulnerabilities by their CVE ids.",
        kinds: &[Kind::Cve],
        reports: false,
    },
    Collection {
        alias: "techniques",
        title: "Techniques",
        description: "Techniques of MITRE ATT&CK.",
        kinds: &[Kind::MitreAttack],
        reports: false,
    },
    Collection {
        alias: "reports",
        title: "Reports",
        description: "The reports alone; what they refer to stands in the collection of all.",
        kinds: &[],
        reports: true,
    },
];

impl Collection {
    /// The collection that a part of an address names, by id or alias.
    pub(super) fn find(name: &str, producer: &Producer) -> Option<&'static Self> {
        let id = Uuid::parse_str(name).ok();
        COLLECTIONS.iter().find(|collection| {
            collection.alias == name || id.is_some_and(|id| collection.id(producer) == id)
        })
    }

    /// Its id, which lasts as long as the instance.
    fn id(&self, producer: &Producer) -> Uuid {
        let own = Uuid::new_v5(&producer.id, self.alias.as_bytes());
        // In the form of a random one, which the standard asks for.
        Builder::from_random_bytes(own.into_bytes()).into_uuid()
    }

    /// What the server says of it.
    pub(super) fn view(&self, producer: &Producer) -> Value {
        #[derive(Serialize)]
        struct View {
            id: Uuid,
            title: &'static str,
            description: &'static str,
            alias: &'static str,
            can_read: bool,
            can_write: bool,
            media_types: [&'static str; 1],
        }
        json!(View {
            id: self.id(producer),
            title: self.title,
            description: self.description,
            alias: self.alias,
            can_read: true,
            can_write: false,
            media_types: [STIX],
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_that_all_holds_stands_in_one_group() {
        let mut grouped = HashSet::new();
        for collection in &COLLECTIONS[1..] {
            for kind in collection.kinds {
                assert!(grouped.insert(*kind), "{kind} stands in two groups");
            }
        }
        assert_eq!(grouped, COLLECTIONS[0].kinds.iter().copied().collect());
    }
}
