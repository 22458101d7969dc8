//! One form for what lists hold and what is asked for, so that equal things have equal bytes. Enter at [`value`].
//!
//! Pure text: nothing here says whether a name exists. Everything takes time linear in the text.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::indicator::Kind;
use crate::network::Network;

/// Longest text that names are looked for in, in bytes: a name in Unicode is longer than its ASCII form.
const LONGEST_NAME: usize = 1_024;

/// Who is named by a URL, a mailbox or an address with a port.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Host<'a> {
    /// In its normal form.
    Name(Cow<'a, str>),
    Address(IpAddr),
}

/// `text` as it is compared, where it is of `kind`, or of any.
pub(super) fn value(kind: Option<Kind>, text: &str) -> Cow<'_, str> {
    let text = text.trim();
    let special = match kind {
        Some(Kind::Domain | Kind::Onion) => name(text),
        Some(Kind::Url) => url(text).map(Cow::Owned),
        Some(Kind::IpPort) => {
            with_port(text).map(|(address, port)| Cow::Owned(socket(address, port)))
        }
        Some(Kind::Asn) => number(text).map(|number| Cow::Owned(format!("as{number}"))),
        Some(Kind::Ipv4 | Kind::Ipv6) => text
            .parse()
            .ok()
            .map(|address: IpAddr| Cow::Owned(address.to_string())),
        Some(Kind::RegistryKey) => hive(text).map(Cow::Owned),
        Some(_) => None,
        None if text.contains("://") => url(text).map(Cow::Owned),
        // A name without a dot may be anything else.
        None if text.contains('.') => name(text),
        None => None,
    };
    special.unwrap_or_else(|| lower(text))
}

fn lower(text: &str) -> Cow<'_, str> {
    if !text.is_ascii() {
        return Cow::Owned(text.to_lowercase());
    }
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    Cow::Borrowed(text)
}

/// A registry key with the short name of its hive.
fn hive(text: &str) -> Option<String> {
    const HIVES: &[(&str, &str)] = &[
        ("hkey_classes_root", "hkcr"),
        ("hkey_current_config", "hkcc"),
        ("hkey_current_user", "hkcu"),
        ("hkey_local_machine", "hklm"),
        ("hkey_users", "hku"),
    ];
    let key = text.to_lowercase();
    let (hive, rest) = key.split_once('\\')?;
    let (_, short) = HIVES.iter().find(|(long, _)| *long == hive)?;
    Some(format!("{short}\\{rest}"))
}

/// A host name: lower case, in ASCII, without the dot of the root; none where it is no name.
pub(super) fn name(text: &str) -> Option<Cow<'_, str>> {
    if text.len() > LONGEST_NAME {
        return None;
    }
    let text = text.strip_suffix('.').unwrap_or(text);
    let name = if text.is_ascii() {
        lower(text)
    } else {
        let ascii = idna::domain_to_ascii(text).ok()?;
        Cow::Owned(ascii.strip_suffix('.').map(str::to_owned).unwrap_or(ascii))
    };
    is_name(&name).then_some(name)
}

fn is_name(name: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let last = name.rsplit('.').next().unwrap_or_default();
    name.len() <= 253
        && name.split('.').all(label)
        && !last.bytes().all(|byte| byte.is_ascii_digit())
}

/// A URL: scheme and host in lower case, without the port that goes without saying and the path of one slash.
pub(super) fn url(text: &str) -> Option<String> {
    let (scheme, authority, path) = split(text)?;
    let scheme = scheme.to_ascii_lowercase();
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(user), host),
        None => (None, authority),
    };
    let (host, port) = port_of(host);
    let known = match scheme.as_str() {
        "http" => "80",
        "https" => "443",
        "ftp" => "21",
        _ => "",
    };
    let mut url = format!("{scheme}://");
    if let Some(user) = user {
        url += user;
        url.push('@');
    }
    match self::host(host) {
        Some(Host::Address(IpAddr::V6(address))) => url += &format!("[{address}]"),
        Some(Host::Address(address)) => url += &address.to_string(),
        Some(Host::Name(name)) => url += &name,
        None => url += &lower(host),
    }
    if let Some(port) = port.filter(|port| !port.is_empty() && *port != known) {
        url.push(':');
        url += port;
    }
    if path != "/" {
        url += path;
    }
    Some(url)
}

/// The host of a URL.
pub(super) fn host_of_url(text: &str) -> Option<Host<'_>> {
    let (_, authority, _) = split(text)?;
    let host = authority.rsplit('@').next().unwrap_or(authority);
    self::host(port_of(host).0)
}

/// Whether a URL says nothing but its host.
pub(super) fn is_bare(text: &str) -> bool {
    split(text).is_some_and(|(_, _, path)| path.trim_start_matches('/').is_empty())
}

/// Scheme, authority, and the rest from its slash, question mark or hash on.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let letters = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    if scheme.is_empty() || !scheme.bytes().all(letters) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    (!authority.is_empty()).then_some((scheme, authority, path))
}

/// Host and port of `host:port`; the brackets of an IPv6 address stay.
fn port_of(text: &str) -> (&str, Option<&str>) {
    match text.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => (host, Some(port)),
        _ => (text, None),
    }
}

/// A host as URLs write it.
fn host(text: &str) -> Option<Host<'_>> {
    let bare = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'));
    match bare.unwrap_or(text).parse() {
        Ok(address) => Some(Host::Address(address)),
        Err(_) => name(text).map(Host::Name),
    }
}

/// The host of a mailbox.
pub(super) fn host_of_mailbox(text: &str) -> Option<Host<'_>> {
    let (_, host) = text.rsplit_once('@')?;
    name(host).map(Host::Name)
}

/// Address and port of `192.0.2.1:80`, `[2001:db8::1]:80` or, as MISP writes it, `192.0.2.1|80`.
pub(super) fn with_port(text: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = text.rsplit_once('|').or_else(|| text.rsplit_once(':'))?;
    let bare = address
        .strip_prefix('[')
        .and_then(|address| address.strip_suffix(']'));
    let address: IpAddr = match bare {
        Some(bare) => bare.parse().ok()?,
        None => address.parse().ok()?,
    };
    // Without brackets or a bar, the last group of an IPv6 address looks like a port.
    let told = address.is_ipv4() || bare.is_some() || text.contains('|');
    told.then_some((address, port.parse().ok()?))
}

/// An address with a port, as the kind writes it.
pub(super) fn socket(address: IpAddr, port: u16) -> String {
    std::net::SocketAddr::new(address, port).to_string()
}

/// The number of an autonomous system: `AS64496`, `64496`.
pub(super) fn number(text: &str) -> Option<u32> {
    let digits = text
        .strip_prefix("AS")
        .or_else(|| text.strip_prefix("as"))
        .unwrap_or(text);
    digits.trim_start().parse().ok()
}

/// The first and the last address of a network, an address, or a dashed range; none where it is turned around.
pub(super) fn span(text: &str) -> Option<(IpAddr, IpAddr)> {
    if let Some((first, last)) = text.split_once('-') {
        let (first, last): (IpAddr, IpAddr) =
            (first.trim().parse().ok()?, last.trim().parse().ok()?);
        let ordered = first.is_ipv4() == last.is_ipv4() && first <= last;
        return ordered.then_some((first, last));
    }
    let network: Network = text.parse().ok()?;
    Some(network.ends())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_things_have_equal_bytes() {
        for (kind, written, normal) in [
            (Kind::Domain, "Bad.Example.COM.", "bad.example.com"),
            (Kind::Domain, "bücher.example", "xn--bcher-kva.example"),
            (Kind::Domain, "BÜCHER。example", "xn--bcher-kva.example"),
            (Kind::Url, "HTTP://A.Example:80/", "http://a.example"),
            (
                Kind::Url,
                "https://a.example:443/B?c=D",
                "https://a.example/B?c=D",
            ),
            (
                Kind::Url,
                "http://u@[2001:DB8::1]:80/x",
                "http://u@[2001:db8::1]/x",
            ),
            (Kind::Url, "http://a.example:8080", "http://a.example:8080"),
            (
                Kind::Url,
                "http://bücher.example/ü",
                "http://xn--bcher-kva.example/ü",
            ),
            (Kind::IpPort, "192.0.2.1|80", "192.0.2.1:80"),
            (Kind::IpPort, "2001:db8::1|80", "[2001:db8::1]:80"),
            (Kind::Asn, "64496", "as64496"),
            (Kind::HashMd5, "ABCDEF", "abcdef"),
            (Kind::RegistryKey, r"HKEY_LOCAL_MACHINE\Run", r"hklm\run"),
            (Kind::RegistryKey, r"HKLM\Run", r"hklm\run"),
        ] {
            assert_eq!(value(Some(kind), written), normal);
        }
        assert_eq!(value(None, "WWW.Example.org."), "www.example.org");
        assert_eq!(value(None, "3::"), "3::");
    }

    #[test]
    fn what_is_no_name_is_none() {
        for text in ["", ".", "a..b", "192.0.2.1", "a b", "a/b", "*.a"] {
            assert_eq!(name(text), None, "{text}");
        }
        assert_eq!(name(&"a.".repeat(200)), None);
    }

    #[test]
    fn a_host_is_found_behind_user_and_before_port() {
        let name = |text| Some(Host::Name(Cow::Borrowed(text)));
        assert_eq!(host_of_url("http://a@b.example:1/c@d"), name("b.example"));
        assert_eq!(
            host_of_url("http://[::1]/"),
            Some(Host::Address("::1".parse().unwrap()))
        );
        assert_eq!(host_of_url("mailto:a@b.example"), None);
        assert_eq!(host_of_mailbox("a@b.example"), name("b.example"));
        assert_eq!(with_port("2001:db8::1"), None);
        assert!(is_bare("http://a.example//") && !is_bare("http://a.example/?a"));
    }

    #[test]
    fn a_span_goes_from_the_first_address_to_the_last() {
        let of = |text| span(text).map(|(first, last)| format!("{first} {last}"));
        assert_eq!(of("192.0.2.9/24").as_deref(), Some("192.0.2.0 192.0.2.255"));
        assert_eq!(of("0.0.0.0/0").as_deref(), Some("0.0.0.0 255.255.255.255"));
        assert_eq!(
            of("2001:db8::/127").as_deref(),
            Some("2001:db8:: 2001:db8::1")
        );
        assert_eq!(
            of("192.0.2.1-192.0.2.9").as_deref(),
            Some("192.0.2.1 192.0.2.9")
        );
        assert_eq!(of("192.0.2.9-192.0.2.1"), None);
    }
}
