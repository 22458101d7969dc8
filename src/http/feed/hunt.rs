//! How to look for an indicator in one's own logs: searches for Splunk (fields of its Common Information Model) and for
//! Microsoft Sentinel and Defender (tables of their advanced hunting).

use serde::Serialize;

use crate::indicator::Kind;

/// A search in the language of each product.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Queries {
    splunk: String,
    kql: String,
}

/// The searches for an indicator; none for what no log holds.
pub(super) fn queries(kind: Kind, value: &str) -> Option<Queries> {
    let (fields, table, column): (&[&str], _, _) = match kind {
        Kind::Ipv4 | Kind::Ipv6 => (&["src_ip", "dest_ip"], "DeviceNetworkEvents", "RemoteIP"),
        Kind::Domain => (&["query", "url_domain"], "DeviceNetworkEvents", "RemoteUrl"),
        Kind::Url => (&["url"], "DeviceNetworkEvents", "RemoteUrl"),
        Kind::HashMd5 => (&["file_hash", "process_hash"], "DeviceFileEvents", "MD5"),
        Kind::HashSha1 => (&["file_hash", "process_hash"], "DeviceFileEvents", "SHA1"),
        Kind::HashSha256 => (&["file_hash", "process_hash"], "DeviceFileEvents", "SHA256"),
        Kind::Email => (
            &["src_user", "recipient"],
            "EmailEvents",
            "SenderFromAddress",
        ),
        Kind::Cve => (&["cve"], "DeviceTvmSoftwareVulnerabilities", "CveId"),
        _ => return None,
    };
    let quoted = quoted(value);
    let fields: Vec<String> = fields
        .iter()
        .map(|field| format!("{field}={quoted}"))
        .collect();
    let operator = match kind {
        // A host stands in this column with the path behind it.
        Kind::Domain => "has",
        _ => "==",
    };
    Some(Queries {
        splunk: format!("index=* {}", fields.join(" OR ")),
        kql: format!("{table} | where {column} {operator} {quoted}"),
    })
}

/// A string of either language, whatever is in it.
fn quoted(value: &str) -> String {
    let escaped = value.replace('\\', "\\\\").replace('"', "\\\"");
    let plain: String = escaped.chars().filter(|c| !c.is_control()).collect();
    format!("\"{plain}\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_names_the_value_and_nothing_ends_its_string() {
        let of = |kind, value| queries(kind, value).unwrap();
        let address = of(Kind::Ipv4, "192.0.2.1");
        assert_eq!(
            address.splunk,
            "index=* src_ip=\"192.0.2.1\" OR dest_ip=\"192.0.2.1\""
        );
        assert_eq!(
            address.kql,
            "DeviceNetworkEvents | where RemoteIP == \"192.0.2.1\""
        );
        let hostile = of(Kind::Url, "http://a.example/\\\"|delete\n");
        assert_eq!(
            hostile.splunk,
            "index=* url=\"http://a.example/\\\\\\\"|delete\""
        );
        assert_eq!(queries(Kind::MitreAttack, "T1059"), None);
    }
}
