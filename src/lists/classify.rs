//! What kind of indicator a bare text is, by its shape. Enter at [`kind_of`], or at [`recognise`] for its normal form, too.
//!
//! For lists that do not say, and for who asks. Conservative: a word, a header or a line of HTML is nothing.

use super::normal;
use crate::indicator::Kind;
use crate::network::Network;

/// The kind of `text`, which has no blanks around it.
pub(super) fn kind_of(text: &str) -> Option<Kind> {
    if text.contains(char::is_whitespace) {
        return None;
    }
    if let Ok(network) = text.parse::<Network>() {
        return Some(match (network.is_single(), network.base().is_ipv4()) {
            (false, _) => Kind::IpRange,
            (true, true) => Kind::Ipv4,
            (true, false) => Kind::Ipv6,
        });
    }
    if text.contains("://") {
        return normal::url(text).map(|_| Kind::Url);
    }
    if normal::with_port(text).is_some() {
        return Some(Kind::IpPort);
    }
    if text.contains('-') && normal::span(text).is_some() {
        return Some(Kind::IpRange);
    }
    if text.contains('@') {
        return normal::host_of_mailbox(text).map(|_| Kind::Email);
    }
    hash(text).or_else(|| numbered(text)).or_else(|| name(text))
}

/// The kind of a value that stands alone, by its shape, with its normal form: a host name is one in ASCII, an address the
/// shortest, a network begins at its first address.
#[must_use]
pub fn recognise(text: &str) -> Option<(Kind, String)> {
    let text = text.trim();
    let kind = kind_of(text)?;
    let value = match kind {
        // A mark of lists, where it stands for what is below.
        Kind::Domain if text.starts_with(['.', '*']) => return None,
        Kind::IpRange => match text.parse::<Network>() {
            Ok(network) => network.canonical().to_string(),
            Err(_) => text.to_owned(),
        },
        Kind::Email if text.starts_with('@') => return None,
        // The register writes its own in capitals.
        Kind::Cve | Kind::Asn => text.to_ascii_uppercase(),
        _ => normal::value(Some(kind), text).into_owned(),
    };
    Some((kind, value))
}

fn hash(text: &str) -> Option<Kind> {
    let kind = match text.len() {
        32 => Kind::HashMd5,
        40 => Kind::HashSha1,
        64 => Kind::HashSha256,
        128 => Kind::HashSha512,
        _ => return None,
    };
    text.bytes()
        .all(|byte| byte.is_ascii_hexdigit())
        .then_some(kind)
}

fn numbered(text: &str) -> Option<Kind> {
    let (prefix, rest) = text.split_at_checked(2)?;
    if prefix.eq_ignore_ascii_case("as") && normal::number(rest).is_some() {
        return Some(Kind::Asn);
    }
    let (prefix, rest) = text.split_at_checked(4)?;
    let digits = |part: &str| part.len() >= 4 && part.bytes().all(|byte| byte.is_ascii_digit());
    let (year, number) = rest.split_once('-')?;
    (prefix.eq_ignore_ascii_case("cve-") && digits(year) && digits(number)).then_some(Kind::Cve)
}

fn name(text: &str) -> Option<Kind> {
    let bare = text.strip_prefix("*.").or_else(|| text.strip_prefix('.'));
    let name = normal::name(bare.unwrap_or(text))?;
    // One word is nothing, unless a dot before it says that it is the end of names.
    (bare.is_some() || name.contains('.')).then_some(Kind::Domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_known_by_their_shape() {
        for (text, kind) in [
            ("192.0.2.1", Kind::Ipv4),
            ("2001:db8::1", Kind::Ipv6),
            ("192.0.2.0/24", Kind::IpRange),
            ("192.0.2.1-192.0.2.9", Kind::IpRange),
            ("192.0.2.1:80", Kind::IpPort),
            ("[2001:db8::1]:80", Kind::IpPort),
            ("http://a.example/b c".trim_end_matches(" c"), Kind::Url),
            ("a.example", Kind::Domain),
            ("*.a.example", Kind::Domain),
            (".example", Kind::Domain),
            ("a@b.example", Kind::Email),
            ("AS64496", Kind::Asn),
            ("cve-2024-3400", Kind::Cve),
            ("D41D8CD98F00B204E9800998ECF8427E", Kind::HashMd5),
        ] {
            assert_eq!(kind_of(text), Some(kind), "{text}");
        }
    }

    #[test]
    fn a_value_that_stands_alone_has_one_form() {
        for (text, kind, value) in [
            (" 192.0.2.1 ", Kind::Ipv4, "192.0.2.1"),
            ("2001:DB8:0:0::1", Kind::Ipv6, "2001:db8::1"),
            ("192.0.2.9/24", Kind::IpRange, "192.0.2.0/24"),
            ("BÜCHER.example.", Kind::Domain, "xn--bcher-kva.example"),
            ("HTTPS://A.Example/B", Kind::Url, "https://a.example/B"),
            ("User@A.Example", Kind::Email, "user@a.example"),
            ("cve-2024-3400", Kind::Cve, "CVE-2024-3400"),
        ] {
            assert_eq!(recognise(text), Some((kind, value.to_owned())), "{text}");
        }
        for text in [
            ".a.example",
            "*.a.example",
            "@a.example",
            "a b.example",
            "a\0.example",
        ] {
            assert_eq!(recognise(text), None, "{text}");
        }
    }

    #[test]
    fn words_and_markup_are_nothing() {
        for text in [
            "",
            "domain",
            "<html>",
            "<!DOCTYPE html>",
            "1.2.3",
            "300.1.1.1",
            "a..b",
            "@",
            "://",
            "é",
            "first_seen_utc",
            "10.0.0.0/99",
            "CVE-1-2",
            "a b.example",
        ] {
            assert_eq!(kind_of(text), None, "{text}");
        }
    }
}
