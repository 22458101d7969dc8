//! The values that a [STIX pattern](https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html#_e8slinrhxcc9) is
//! about. Enter at [`add`].
//!
//! A list knows values, not expressions: each comparison that identifies something by itself counts. What is
//! negated, and what says little (a file's name beside other conditions, a port), does not.

use crate::indicator::Kind;
use crate::lists::entry::{Entries, Refusal, Rule};

/// Takes the values of `pattern` as entries.
pub(super) fn add(entries: &mut Entries, pattern: &str) -> Result<(), Refusal> {
    let mut taken = Err(Refusal::Unknown);
    for observation in observations(pattern) {
        let port = port(&observation);
        let alone = observation.len() == 1;
        for (object, value) in &observation {
            let added = match object {
                Object::Address => entries.add(Rule::Network, None, value),
                Object::Peer => peer(entries, value, port),
                Object::Of(kind) => entries.add_of(*kind, value),
                Object::Name if alone => entries.add_of(Kind::Filename, value),
                Object::Name | Object::Port | Object::Other => continue,
            };
            // One value of a pattern is enough for it to be of use.
            taken = match taken {
                Ok(()) => Ok(()),
                Err(_) => added,
            };
        }
    }
    taken
}

/// Comparisons of one `[…]`, without their paths: those may be as long as the pattern.
type Observation = Vec<(Object, String)>;

/// What a path leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Object {
    /// An address or a network.
    Address,
    /// Who is at the other end of a connection, by address or name.
    Peer,
    /// The port there.
    Port,
    /// A file's name.
    Name,
    /// A value of the kind.
    Of(Kind),
    /// Nothing that identifies by itself.
    Other,
}

/// `path` is in lower case, without quotes.
fn object(path: &str) -> Object {
    Object::Of(match path {
        "ipv4-addr:value" | "ipv6-addr:value" => return Object::Address,
        "network-traffic:dst_ref.value" => return Object::Peer,
        "network-traffic:dst_port" => return Object::Port,
        "file:name" => return Object::Name,
        "domain-name:value" => Kind::Domain,
        "url:value" => Kind::Url,
        "email-addr:value" | "email-message:from_ref.value" | "email-message:sender_ref.value" => {
            Kind::Email
        }
        "file:hashes.md5" => Kind::HashMd5,
        "file:hashes.sha-1" | "file:hashes.sha1" => Kind::HashSha1,
        "file:hashes.sha-256" | "file:hashes.sha256" => Kind::HashSha256,
        "file:hashes.sha-512" | "file:hashes.sha512" => Kind::HashSha512,
        "file:hashes.ssdeep" => Kind::Ssdeep,
        "autonomous-system:number" => Kind::Asn,
        "windows-registry-key:key" => Kind::RegistryKey,
        "mutex:name" => Kind::Mutex,
        "process:command_line" => Kind::Command,
        _ => return Object::Other,
    })
}

fn peer(entries: &mut Entries, value: &str, port: Option<&str>) -> Result<(), Refusal> {
    if let Some(port) = port
        && entries.add_any(&format!("{value}|{port}")).is_ok()
    {
        return Ok(());
    }
    entries.add_any(value)
}

/// The one port that an observation asks for.
fn port(observation: &Observation) -> Option<&str> {
    let mut ports = observation
        .iter()
        .filter(|(object, _)| *object == Object::Port);
    let (_, port) = ports.next()?;
    ports.next().is_none().then_some(port)
}

/// The comparisons by `=`, `IN` and `ISSUBSET` of each observation.
fn observations(pattern: &str) -> Vec<Observation> {
    let mut all = Vec::new();
    let mut open = Observation::new();
    let mut path: Option<Object> = None;
    let mut negated = false;
    let mut rest = pattern;
    while let Some((token, behind)) = token(rest) {
        rest = behind;
        match token {
            Token::Path(name) => {
                path = Some(object(&name));
                negated = false;
            }
            Token::Value(value) => {
                if let (Some(object), false) = (path, negated) {
                    open.push((object, value));
                }
            }
            Token::Word("IN" | "ISSUBSET" | "=") => {}
            Token::Word("AND" | "OR" | "FOLLOWEDBY") => path = None,
            Token::Word("]") => all.push(std::mem::take(&mut open)),
            Token::Word("(" | ")" | "," | "[") => {}
            // `!=`, `NOT`, `<`, `LIKE`, `MATCHES`, `WITHIN` …
            Token::Word(_) => negated = true,
        }
    }
    all
}

enum Token<'p> {
    /// `file:hashes.'SHA-256'`, in lower case without its quotes.
    Path(String),
    /// A string without its quotes and escapes, or a number.
    Value(String),
    Word(&'p str),
}

fn token(text: &str) -> Option<(Token<'_>, &str)> {
    let text = text.trim_start();
    let first = text.chars().next()?;
    if first == '\'' {
        let (value, rest) = quoted(&text[1..]);
        return Some((Token::Value(value), rest));
    }
    if "[](),".contains(first) {
        let (word, rest) = text.split_at(1);
        return Some((Token::Word(word), rest));
    }
    if "=<>!".contains(first) {
        let end = text.find(|c| !"=<>!".contains(c)).unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        return Some((Token::Word(word), rest));
    }
    let end = text
        .find(|c: char| c.is_whitespace() || "'[](),=<>!".contains(c))
        .unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    if word.contains(':') {
        return Some(path(text));
    }
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some((Token::Value(word.to_owned()), rest));
    }
    Some((Token::Word(word), rest))
}

/// A path goes through quoted keys and indexes: `values[*].data`, `hashes.'SHA-256'`.
fn path(text: &str) -> (Token<'_>, &str) {
    let mut path = String::new();
    let mut quoted = false;
    let mut indexed = false;
    for (at, c) in text.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '[' if !quoted => indexed = true,
            ']' if !quoted && indexed => indexed = false,
            _ if !quoted && !indexed && (c.is_whitespace() || "](),=<>!".contains(c)) => {
                return (Token::Path(path), &text[at..]);
            }
            _ => path.extend(c.to_lowercase()),
        }
    }
    (Token::Path(path), "")
}

/// The rest of a string, and what is behind it. A backslash takes the next character as it is.
fn quoted(text: &str) -> (String, &str) {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '\'' => return (value, &text[at + 1..]),
            '\\' => value.extend(characters.next().map(|(_, c)| c)),
            _ => value.push(c),
        }
    }
    (value, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pattern: &str) -> Vec<String> {
        let mut entries = Entries::default();
        // What was taken is what counts here.
        let _ = add(&mut entries, pattern);
        let values = entries.iter().map(|entry| entry.value.to_owned());
        values.collect()
    }

    #[test]
    fn comparisons_that_identify_something_are_taken() {
        for (pattern, taken) in [
            (
                "[ipv4-addr:value = '198.51.100.7']",
                &["198.51.100.7/32"][..],
            ),
            (
                "[ipv4-addr:value ISSUBSET '198.51.100.0/24']",
                &["198.51.100.0/24"],
            ),
            (
                "[domain-name:value IN ('a.example', 'b.example')]",
                &["a.example", "b.example"],
            ),
            (r"[file:name = 'evil\'.exe']", &["evil'.exe"]),
            (
                "[file:name = 'a.exe' AND file:hashes.'SHA-256' = 'AB']",
                &["ab"],
            ),
            (
                "[file:hashes.MD5='AB' OR file:hashes.\"SHA-1\" = 'CD']",
                &["ab"],
            ),
            ("[autonomous-system:number = 64496]", &["as64496"]),
            (
                "[network-traffic:dst_ref.value = '192.0.2.7' AND network-traffic:dst_port = 443]",
                &["192.0.2.7:443"],
            ),
            (
                "[domain-name:value = 'a.example'] FOLLOWEDBY [url:value='http://b.example/]']",
                &["a.example", "http://b.example/]"],
            ),
            (
                "[windows-registry-key:values[*].data = 'x' AND windows-registry-key:key = 'HKEY_CURRENT_USER\\\\A']",
                &[r"hkcu\a"],
            ),
        ] {
            assert_eq!(values(pattern), taken, "{pattern}");
        }
    }

    #[test]
    fn what_is_negated_or_says_little_is_not() {
        for pattern in [
            "[domain-name:value != 'a.example']",
            "[domain-name:value NOT = 'a.example']",
            "[domain-name:value NOT IN ('a.example')]",
            "[url:value LIKE 'http://a.example/%']",
            "[url:value MATCHES '^http']",
            "[network-traffic:dst_port = 443]",
            "[file:name = 'a.exe' AND file:size = 1]",
            "",
            "'",
            "[",
            "a:",
            "a:'",
            "[domain-name:value = '",
        ] {
            let none: [&str; 0] = [];
            assert_eq!(values(pattern), none, "{pattern}");
            assert!(add(&mut Entries::default(), pattern).is_err());
        }
    }
}
