//! Who stands behind a source: a government, a company, a community, or a word of the operator's own.
//! Enter at [`Category::of`].

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::SourceType;

/// Most characters of a category.
const MAX_CHARS: usize = 64;

/// Labels that say, at the end of a host or before its country, that a state runs it.
const STATE_LABELS: &[&str] = &["gov", "mil", "gob", "gub", "gouv", "govt"];
/// First labels of the response teams of states.
const TEAM_LABELS: &[&str] = &["cert", "csirt", "ncsc"];
/// Hosts of states that no label tells, each with all below it.
const STATES: &[&str] = &[
    "admin.ch",
    "bund.de",
    "cert.at",
    "cert.pl",
    "cyber.gc.ca",
    "europa.eu",
    "gc.ca",
    "go.jp",
    "go.kr",
    "jpcert.or.jp",
    "nato.int",
    "ncsc.nl",
    "interpol.int",
];
/// Hosts of companies that publish threat research, each with all below it.
const COMPANIES: &[&str] = &[
    "ahnlab.com",
    "akamai.com",
    "any.run",
    "aquasec.com",
    "arcticwolf.com",
    "avast.io",
    "bitdefender.com",
    "broadcom.com",
    "censys.com",
    "checkpoint.com",
    "cisco.com",
    "claroty.com",
    "cloudflare.com",
    "cloudsek.com",
    "crowdstrike.com",
    "cybereason.com",
    "cyble.com",
    "cyfirma.com",
    "datadoghq.com",
    "deepinstinct.com",
    "domaintools.com",
    "dragos.com",
    "eclecticiq.com",
    "elastic.co",
    "esentire.com",
    "eset.com",
    "f5.com",
    "fireeye.com",
    "forcepoint.com",
    "fortinet.com",
    "fox-it.com",
    "gendigital.com",
    "google.com",
    "greynoise.io",
    "group-ib.com",
    "huntress.com",
    "ibm.com",
    "imperva.com",
    "intel471.com",
    "intezer.com",
    "jamf.com",
    "joesecurity.org",
    "kaspersky.com",
    "lookout.com",
    "malwarebytes.com",
    "mandiant.com",
    "mcafee.com",
    "microsoft.com",
    "morphisec.com",
    "nccgroup.com",
    "netskope.com",
    "orangecyberdefense.com",
    "paloaltonetworks.com",
    "positive-technologies.com",
    "proofpoint.com",
    "ptsecurity.com",
    "qianxin.com",
    "qualys.com",
    "rapid7.com",
    "recordedfuture.com",
    "redcanary.com",
    "resecurity.com",
    "reversinglabs.com",
    "seqrite.com",
    "securelist.com",
    "security.com",
    "securityintelligence.com",
    "securityscorecard.com",
    "secureworks.com",
    "sekoia.io",
    "sentinelone.com",
    "silentpush.com",
    "sonatype.com",
    "sonicwall.com",
    "sophos.com",
    "sucuri.net",
    "symantec.com",
    "sysdig.com",
    "talosintelligence.com",
    "team-cymru.com",
    "tenable.com",
    "threatfabric.com",
    "threatmon.io",
    "trellix.com",
    "trendmicro.com",
    "trustwave.com",
    "uptycs.com",
    "virustotal.com",
    "volexity.com",
    "watchguard.com",
    "welivesecurity.com",
    "withsecure.com",
    "wiz.io",
    "zimperium.com",
    "zscaler.com",
];

/// Who stands behind a source, in one word: lower-case letters, digits and single hyphens.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Category(String);

/// A text that cannot be a [`Category`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no category: letters, digits and hyphens, at most {MAX_CHARS}")]
pub struct NoCategory(pub String);

impl Category {
    /// The word for states and their response teams.
    pub const GOVERNMENT: &'static str = "government";
    /// The word for companies.
    pub const COMMERCIAL: &'static str = "commercial";
    /// The word for everybody else.
    pub const COMMUNITY: &'static str = "community";

    /// The category that a source has until a person says otherwise: that of its host for a URL; what was handed in
    /// as a file or a text tells of no publisher.
    #[must_use]
    pub fn of(source_type: SourceType, source_identifier: &str) -> Self {
        let host = match source_type {
            SourceType::Url => host(source_identifier),
            SourceType::FileUpload | SourceType::Text => None,
        };
        let word = match host {
            Some(host) if is_state(&host) => Self::GOVERNMENT,
            Some(host) if is_below(&host, COMPANIES) => Self::COMMERCIAL,
            _ => Self::COMMUNITY,
        };
        Self(word.to_owned())
    }

    /// The word.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The host of a URL in lower case, without a `www.` before it.
#[must_use]
pub fn host(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next()?,
        None => host.split(':').next()?,
    };
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    (!host.is_empty()).then(|| host.to_owned())
}

fn is_state(host: &str) -> bool {
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.len().saturating_sub(2);
    // A second label alone is no state: `gov.example` is sold to anybody, `gov.uk` is not.
    let by_label = labels.iter().enumerate().skip(last).any(|(at, label)| {
        let ends = at + 1 == labels.len() || labels[labels.len() - 1].len() == 2;
        ends && STATE_LABELS.contains(label)
    });
    by_label || is_below(host, STATES) || (labels.len() > 1 && TEAM_LABELS.contains(&labels[0]))
}

/// Whether `host` is one of `hosts` or stands below one.
fn is_below(host: &str, hosts: &[&str]) -> bool {
    hosts.iter().any(|known| {
        host.strip_suffix(known)
            .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Category {
    type Err = NoCategory;

    /// In any case, with blanks and underscores for hyphens.
    fn from_str(text: &str) -> Result<Self, NoCategory> {
        let word = super::slug(text);
        let fits = (1..=MAX_CHARS).contains(&word.len())
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
            && word.split('-').all(|part| !part.is_empty());
        if fits {
            Ok(Self(word))
        } else {
            Err(NoCategory(text.to_owned()))
        }
    }
}

impl Serialize for Category {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_the_category_of_its_host_and_of_no_host_that_looks_like_it() {
        for (url, category) in [
            ("https://www.cisa.gov/news/aa24-001a", "government"),
            ("https://www.ncsc.gov.uk/report", "government"),
            ("https://cert.example/alert", "government"),
            ("https://www.bsi.bund.de/x", "government"),
            ("https://army.mil/x", "government"),
            ("https://unit42.paloaltonetworks.com/x", "commercial"),
            ("https://SECURELIST.com:443/x", "commercial"),
            ("https://notsecurelist.com/x", "community"),
            ("https://securelist.com.example/x", "community"),
            ("https://securelist.com@blog.example/x", "community"),
            ("https://gov.example/x", "community"),
            ("https://mygov.uk/x", "community"),
            ("https://blog.example/cisa.gov", "community"),
            ("not a url", "community"),
        ] {
            let of = Category::of(SourceType::Url, url);
            assert_eq!(of.as_str(), category, "{url}");
        }
        let uploaded = Category::of(SourceType::FileUpload, "https://cisa.gov/");
        assert_eq!(uploaded.as_str(), "community");
    }

    #[test]
    fn a_word_of_ones_own_is_lower_case_letters_digits_and_hyphens() {
        for (text, word) in [
            ("government", "government"),
            (" Law Enforcement ", "law-enforcement"),
            ("isac_2", "isac-2"),
        ] {
            assert_eq!(text.parse::<Category>().unwrap().as_str(), word);
        }
        for bad in [
            "",
            " ",
            "-",
            "a--b",
            "a-",
            "' or 1=1--",
            "é",
            &"a".repeat(65),
        ] {
            assert!(bad.parse::<Category>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_host_of_a_url_is_bare() {
        for (url, expected) in [
            (
                "https://user:pw@www.Blog.example:8443/a?b",
                Some("blog.example"),
            ),
            ("http://[2001:db8::1]:80/", Some("2001:db8::1")),
            ("https://host.example.?q", Some("host.example")),
            ("https:///x", None),
            ("report.pdf", None),
        ] {
            assert_eq!(host(url).as_deref(), expected, "{url}");
        }
    }
}
