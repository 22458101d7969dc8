//! Which URLs and addresses may be fetched from.

use std::net::IpAddr;

use reqwest::Url;
use url::Host;

use super::address::is_public;
use crate::network::Network;
use crate::submission::{Failure, FailureCode};

/// Longest URL that is fetched, in characters.
const MAX_URL_CHARS: usize = 2_048;
/// Ports of web servers; anything else is somebody's database or mail server.
const PORTS: [u16; 4] = [80, 443, 8080, 8443];
/// Names that never lead into the public Internet (RFC 6761, RFC 6762, RFC 8375, RFC 7686 and
/// suffixes in common use on private networks).
const PRIVATE_SUFFIXES: [&str; 16] = [
    "localhost",
    "local",
    "internal",
    "lan",
    "home.arpa",
    "arpa",
    "onion",
    "test",
    "invalid",
    "example",
    "corp",
    "home",
    "intranet",
    "private",
    "localdomain",
    "alt",
];

/// What may be fetched. The default is the public Internet.
#[derive(Debug, Clone, Default)]
pub struct Policy {
    /// Networks that are allowed although they are not public; on any port.
    pub allow: Vec<Network>,
    /// Networks that are refused although they are public.
    pub deny: Vec<Network>,
}

impl Policy {
    /// Holds a URL's own shape against the policy: scheme, port, host, and nothing that two parsers
    /// could read differently.
    ///
    /// # Errors
    /// `fetch_refused`, with a sentence.
    pub fn check(&self, text: &str) -> Result<Url, Failure> {
        if text.chars().count() > MAX_URL_CHARS {
            return Err(refused(format!(
                "the URL is longer than {MAX_URL_CHARS} characters"
            )));
        }
        if text
            .chars()
            .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
        {
            return Err(refused(
                "the URL holds white space, a control character or a backslash",
            ));
        }
        let url = Url::parse(text).map_err(|error| refused(format!("not a valid URL: {error}")))?;
        // The standard's parser mends a missing slash, and takes `http:/host` for `http://host`.
        let written = text.split_once(':').map_or("", |(_, rest)| rest);
        if !matches!(url.scheme(), "http" | "https")
            || !written.starts_with("//")
            || written.starts_with("///")
        {
            return Err(refused("only http:// and https:// URLs are fetched"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(refused("the URL holds a user name or password"));
        }
        let port_is_usual = url
            .port_or_known_default()
            .is_some_and(|port| PORTS.contains(&port));
        let allowed_anyway = match url.host() {
            None => return Err(refused("the URL has no host")),
            Some(Host::Ipv4(address)) => self.check_literal(address.into())?,
            Some(Host::Ipv6(address)) => self.check_literal(address.into())?,
            Some(Host::Domain(name)) => check_name(name).map(|()| false)?,
        };
        if !port_is_usual && !allowed_anyway {
            return Err(refused(format!(
                "only the ports {PORTS:?} are fetched from"
            )));
        }
        Ok(url)
    }

    /// Whether a connection to `address` may be made.
    #[must_use]
    pub fn allows(&self, address: IpAddr) -> bool {
        self.allow.iter().any(|network| network.contains(address))
            || (is_public(address) && !self.deny.iter().any(|network| network.contains(address)))
    }

    /// Whether an address that the URL names is on the allow list; an error where it is out of bounds.
    fn check_literal(&self, address: IpAddr) -> Result<bool, Failure> {
        if self.allows(address) {
            return Ok(!is_public(address));
        }
        Err(refused(
            "the URL leads to an address that must not be fetched from",
        ))
    }
}

fn check_name(name: &str) -> Result<(), Failure> {
    let name = name.strip_suffix('.').unwrap_or(name);
    if !name.contains('.') {
        return Err(refused("the URL's host is not a full domain name"));
    }
    let private = |suffix: &&str| {
        name.strip_suffix(*suffix)
            .is_some_and(|rest| rest.ends_with('.'))
    };
    if PRIVATE_SUFFIXES.iter().any(private) {
        return Err(refused("the URL's host is a name of private networks"));
    }
    Ok(())
}

fn refused(message: impl Into<String>) -> Failure {
    Failure::new(FailureCode::FetchRefused, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_every_spelling_of_a_private_place() {
        for url in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://0177.0.0.1/",
            "http://127.0.0.1./",
            "http://①②⑦.⓪.⓪.①/",
            "http://%31%32%37.0.0.1/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[64:ff9b::169.254.169.254]/",
            "http://[2002:7f00:1::]/",
            "http://[fe80::1%25eth0]/",
            "http://169.254.169.254/latest",
            "http://168.63.129.16/",
            "http://localhost/",
            "http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/",
            "http://postgres/",
            "http://printer.local./",
            "http://a.internal/",
            "http://4294967296/",
        ] {
            assert_eq!(
                Policy::default().check(url).map_err(|f| f.code),
                Err(FailureCode::FetchRefused),
                "{url}"
            );
        }
    }

    #[test]
    fn refuses_what_is_no_plain_web_address() {
        let long = format!("http://example.com/{}", "a".repeat(MAX_URL_CHARS));
        for url in [
            "",
            "example.com",
            "file:///etc/passwd",
            "gopher://example.com/",
            "http:///",
            "http://./",
            "http:/example.com/",
            "http:///example.com/",
            "http://user@example.com/",
            "http://a.example.com:80\\@b.example.com/",
            " http://example.com/",
            "http://example.com/a b",
            "http://exam\tple.com/",
            "http://example.com:22/",
            "http://example.com:0/",
            "http://example.com:80a/",
            &long,
        ] {
            assert!(Policy::default().check(url).is_err(), "{url}");
        }
    }

    #[test]
    fn allows_the_public_web() {
        for url in [
            "https://example.com/",
            "http://example.com:8080/a?b#c",
            "http://8.8.8.8/",
            "http://172.15.255.255/",
            "http://[2606:4700:4700::1111]/",
            "http://example.com?@127.0.0.1/",
            "http://ⓔⓧⓐⓜⓟⓛⓔ.ⓒⓞⓜ/",
            "http://example.com:080/",
        ] {
            assert!(Policy::default().check(url).is_ok(), "{url}");
        }
    }

    #[test]
    fn an_allowed_network_opens_itself_and_nothing_else() {
        let policy = Policy {
            allow: vec!["127.0.0.1/32".parse().unwrap()],
            deny: vec!["8.8.8.0/24".parse().unwrap()],
        };
        assert!(policy.check("http://127.0.0.1:5000/").is_ok());
        assert!(policy.check("http://127.0.0.2:5000/").is_err());
        assert!(policy.check("http://8.8.8.8/").is_err());
    }
}
