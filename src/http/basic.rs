//! `Authorization: Basic` ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)), for feed readers that know nothing
//! else: the password is a token.

/// The password, whatever the user name.
pub(super) fn password(text: &str) -> Option<String> {
    let pair = String::from_utf8(base64(text.trim())?).ok()?;
    let (_, password) = pair.split_once(':')?;
    Some(password.to_owned())
}

/// Base64 in its standard alphabet, padded or not ([RFC 4648](https://www.rfc-editor.org/rfc/rfc4648), section 4).
fn base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    if text.len() - digits.len() > 2 || digits.len() % 4 == 1 {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len());
    let (mut bits, mut held) = (0u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_read_behind_any_name() {
        for (text, read) in [
            ("QWxhZGRpbjpvcGVuIHNlc2FtZQ==", "open sesame"),
            ("dGVzdDoxMjPCow==", "123£"),
            ("YTpiOmM", "b:c"),
        ] {
            assert_eq!(password(text).as_deref(), Some(read));
        }
        for bad in ["", "A", "QWxh", "QWxhZGRp bjp", "YTpi===", "/w==", "-_8="] {
            assert_eq!(password(bad), None, "{bad}");
        }
    }
}
