//! [Elastic Common Schema](https://www.elastic.co/guide/en/ecs/current/ecs-threat.html), one document a line.
//!
//! Danger: `threat.indicator.ip` is of type `ip`; a CIDR there makes Elasticsearch refuse the document.

use serde_json::{Map, Value, json};
use url::Url;

use super::phrase::{self, Band};
use super::registry::Key;
use super::{Head, Writer, address, path, put_json, stix};
use crate::id::SubmissionId;
use crate::indicator::{Ioc, Kind};
use crate::submission::rfc3339;

/// All fields used here exist in it and mean the same in later ones.
const ECS_VERSION: &str = "8.17.0";

pub(super) fn writer(head: Head) -> Box<dyn Writer> {
    Box::new(Ecs { head })
}

struct Ecs {
    head: Head,
}

impl Writer for Ecs {
    fn ioc(&mut self, ioc: &Ioc, seen_in: Option<SubmissionId>, out: &mut Vec<u8>) {
        put_json(&self.document(ioc, seen_in), out);
        out.push(b'\n');
    }
}

impl Ecs {
    fn document(&self, ioc: &Ioc, seen_in: Option<SubmissionId>) -> Value {
        let (submission, finding) = (self.head.submission.as_ref(), &ioc.finding);
        let mut document = Document::default();
        document.fill(finding.kind, &finding.value);

        let indicator = &mut document.indicator;
        indicator.insert("name".into(), finding.value.as_str().into());
        indicator.insert("provider".into(), self.head.producer.name.as_str().into());
        indicator.insert("first_seen".into(), rfc3339(ioc.first_seen_at).into());
        indicator.insert("last_seen".into(), rfc3339(ioc.last_seen_at).into());
        indicator.insert(
            "modified_at".into(),
            rfc3339(self.head.span_of(ioc).modified).into(),
        );
        indicator.insert("confidence".into(), Band::of(finding).word().into());
        if let Some(remark) = phrase::remark(finding) {
            indicator.insert("description".into(), remark.into());
        }
        if let Some(url) = submission.and_then(phrase::source_url) {
            indicator.insert("reference".into(), url.into());
        }
        if let Some(tlp) = self.head.tlp() {
            let marking = json!({"tlp": tlp.as_str().to_uppercase(), "tlp_version": "2.0"});
            indicator.insert("marking".into(), marking);
        }
        // A flagged value has no STIX indicator to point to.
        let id = stix::indicator_id(&self.head, ioc).filter(|_| !finding.is_flagged());
        if let Some(id) = id {
            indicator.insert("id".into(), json!([id]));
        }

        let mut labels = Map::new();
        labels.insert("ioc_id".into(), ioc.id.to_string().into());
        labels.insert("ioc_type".into(), finding.kind.name().into());
        if let Some(id) = seen_in {
            labels.insert("submission_id".into(), id.to_string().into());
        }
        if let Some(doubts) = phrase::doubts(finding) {
            labels.insert("flags".into(), doubts.into());
        }

        let Document {
            indicator,
            threat,
            related,
            root,
        } = document;
        let mut threat_fields = threat;
        threat_fields.insert("feed".into(), json!({"name": self.head.producer.name}));
        threat_fields.insert("indicator".into(), indicator.into());
        let mut fields = root;
        fields.insert("@timestamp".into(), rfc3339(ioc.created_at).into());
        fields.insert("ecs".into(), json!({"version": ECS_VERSION}));
        fields.insert(
            "event".into(),
            json!({"kind": "enrichment", "category": ["threat"], "type": ["indicator"]}),
        );
        fields.insert("labels".into(), labels.into());
        fields.insert("threat".into(), threat_fields.into());
        if !related.is_empty() {
            fields.insert("related".into(), related.into());
        }
        if !self.head.tags().is_empty() {
            fields.insert("tags".into(), self.head.tags().into());
        }
        fields.into()
    }
}

/// The parts of a document that hang on the kind.
#[derive(Default)]
struct Document {
    /// `threat.indicator`
    indicator: Map<String, Value>,
    /// `threat` beside the indicator.
    threat: Map<String, Value>,
    related: Map<String, Value>,
    root: Map<String, Value>,
}

impl Document {
    fn fill(&mut self, kind: Kind, value: &str) {
        match kind {
            Kind::Ipv4 => self.address("ipv4-addr", value),
            Kind::Ipv6 => self.address("ipv6-addr", value),
            Kind::Domain | Kind::Onion => {
                self.typed("domain-name", "url", json!({"domain": value}));
                self.related.insert("hosts".into(), json!([value]));
            }
            Kind::Url => self.url(value),
            Kind::HashMd5 => self.hash("md5", value),
            Kind::HashSha1 => self.hash("sha1", value),
            Kind::HashSha256 => self.hash("sha256", value),
            Kind::HashSha512 => self.hash("sha512", value),
            Kind::Email => self.typed("email-addr", "email", json!({"address": value})),
            Kind::Filename => self.typed("file", "file", json!({"name": value})),
            Kind::Filepath => self.path(value),
            Kind::Asn => match value
                .trim_start_matches(['A', 'S', 'a', 's'])
                .parse::<u32>()
            {
                Ok(number) => self.typed("autonomous-system", "as", json!({"number": number})),
                Err(_) => self.kind("autonomous-system"),
            },
            // Named only: the field for addresses takes no network, and no type stands for a dashed range.
            Kind::IpRange if !value.contains('/') => {}
            Kind::IpRange if value.contains(':') => self.kind("ipv6-addr"),
            Kind::IpRange => self.kind("ipv4-addr"),
            Kind::IpPort => {
                if let Some((address, port)) = address::with_port(value) {
                    let kind = if address.is_ipv4() {
                        "ipv4-addr"
                    } else {
                        "ipv6-addr"
                    };
                    self.address(kind, &address.to_string());
                    self.indicator.insert("port".into(), port.into());
                }
            }
            Kind::RegistryKey => {
                let key = Key::parse(value);
                let path = key.abbreviated();
                let fields = json!({"hive": key.short_hive, "key": key.path, "path": path});
                self.typed("windows-registry-key", "registry", fields);
            }
            // ECS has no command line under the indicator.
            Kind::Command => {
                self.kind("process");
                self.root
                    .insert("process".into(), json!({"command_line": value}));
            }
            Kind::Cve => {
                self.root.insert(
                    "vulnerability".into(),
                    json!({"id": value, "enumeration": "CVE"}),
                );
            }
            Kind::MitreAttack => self.attack(value),
            Kind::Ssdeep => self.hash("ssdeep", value),
            Kind::Imphash => self.typed("file", "file", json!({"pe": {"imphash": value}})),
            Kind::Ja3 => {
                self.root
                    .insert("tls".into(), json!({"client": {"ja3": value}}));
            }
            Kind::Mutex => self.kind("mutex"),
            Kind::UserAgent => {
                self.root
                    .insert("user_agent".into(), json!({"original": value}));
            }
            // Named only: no field stands for them.
            Kind::Bitcoin | Kind::Ethereum | Kind::Monero => {}
            Kind::YaraRule | Kind::Tlp | Kind::Cwe | Kind::Custom(_) => {}
        }
    }

    fn kind(&mut self, kind: &str) {
        self.indicator.insert("type".into(), kind.into());
    }

    fn typed(&mut self, kind: &str, field: &str, fields: Value) {
        self.kind(kind);
        self.indicator.insert(field.into(), fields);
    }

    fn address(&mut self, kind: &str, address: &str) {
        self.typed(kind, "ip", address.into());
        self.related.insert("ip".into(), json!([address]));
    }

    fn hash(&mut self, algorithm: &str, digest: &str) {
        self.typed("file", "file", json!({"hash": {algorithm: digest}}));
        self.related.insert("hash".into(), json!([digest]));
    }

    fn url(&mut self, value: &str) {
        let mut fields = Map::new();
        fields.insert("full".into(), value.into());
        fields.insert("original".into(), value.into());
        if let Ok(url) = Url::parse(value) {
            fields.insert("scheme".into(), url.scheme().into());
            fields.insert("path".into(), url.path().into());
            if let Some(port) = url.port() {
                fields.insert("port".into(), port.into());
            }
            if let Some(query) = url.query() {
                fields.insert("query".into(), query.into());
            }
            if let Some(host) = url.host() {
                fields.insert("domain".into(), host.to_string().into());
                self.host(&host);
            }
        }
        self.typed("url", "url", fields.into());
    }

    fn host(&mut self, host: &url::Host<&str>) {
        let (field, text) = match host {
            url::Host::Domain(name) => ("hosts", (*name).to_owned()),
            url::Host::Ipv4(address) => ("ip", address.to_string()),
            url::Host::Ipv6(address) => ("ip", address.to_string()),
        };
        self.related.insert(field.into(), json!([text]));
    }

    fn path(&mut self, path: &str) {
        let mut fields = Map::new();
        fields.insert("path".into(), path.into());
        if let Some((directory, name)) = path::parts(path) {
            for (field, text) in [("directory", directory), ("name", name)] {
                if !text.is_empty() {
                    fields.insert(field.into(), text.into());
                }
            }
        }
        self.typed("file", "file", fields.into());
    }

    fn attack(&mut self, id: &str) {
        self.threat
            .insert("framework".into(), "MITRE ATT&CK".into());
        if id.starts_with("TA") {
            self.threat.insert("tactic".into(), json!({"id": [id]}));
            return;
        }
        // Groups, software and mitigations are no techniques: they are named only.
        if id.starts_with('T') {
            let technique = match id.split_once('.') {
                Some((technique, _)) => json!({"id": [technique], "subtechnique": {"id": [id]}}),
                None => json!({"id": [id]}),
            };
            self.threat.insert("technique".into(), technique);
        }
    }
}
