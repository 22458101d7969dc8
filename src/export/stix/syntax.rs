//! What STIX takes for a domain name and for a mail address: stricter than what reports write.

/// Whether `name` is a host name by RFC 1034 and RFC 5890: a name with an underscore, an overlong label or
/// a broken punycode label resolves, but is none.
pub(super) fn is_hostname(name: &str) -> bool {
    name.len() <= 253 && name.split('.').all(is_label)
}

/// Whether `address` is one that validators take. RFC 5322 allows more before the `@` than they do.
pub(super) fn is_mailbox(address: &str) -> bool {
    address.split_once('@').is_some_and(|(local, host)| {
        !local.is_empty()
            && local
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"_.+-".contains(&b))
            && host.contains('.')
            && is_hostname(host)
    })
}

fn is_label(label: &str) -> bool {
    let plain = (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-');
    // Two hyphens in the third place are reserved for punycode.
    plain
        && match label.get(2..4) {
            Some("--") => {
                let (unicode, sound) = idna::domain_to_unicode(label);
                sound.is_ok()
                    && !unicode.is_ascii()
                    && unicode.chars().all(|c| c.is_alphanumeric() || c == '-')
            }
            _ => true,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostname_is_of_letters_digits_and_hyphens() {
        let long = format!("{}.example", "a".repeat(64));
        for bad in [
            "_dmarc.example.com",
            "-a.example",
            "r3---sn-a.example",
            "a..example",
            "",
            "é.example",
            &long,
        ] {
            assert!(!is_hostname(bad), "{bad}");
        }
        for good in ["bad.example.com", "xn--bcher-kva.example", "1.example"] {
            assert!(is_hostname(good), "{good}");
        }
    }

    #[test]
    fn a_mailbox_has_a_plain_name_and_a_host() {
        for bad in [
            "o'brien@a.example",
            "a@[192.0.2.1]",
            "a@b",
            "@a.example",
            "a@_x.example",
            "a@b@c.example",
        ] {
            assert!(!is_mailbox(bad), "{bad}");
        }
        assert!(is_mailbox("first.last+tag@bad.example.com"));
    }
}
