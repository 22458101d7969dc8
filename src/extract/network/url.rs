//! URLs with a scheme, live or defanged. Enter at [`read`].

use std::ops::Range;

use super::{Reader, address, domain, v6};
use crate::document::BlockKind;
use crate::extract::candidate::Text;
use crate::extract::token;
use crate::indicator::Kind;

/// Schemes as written, in lower case, and what they stand for: the frequent first, the longer before
/// its own end.
const SCHEMES: [(&str, &str); 39] = [
    ("hxxps", "https"),
    ("hxxp", "http"),
    ("https", "https"),
    ("http", "http"),
    ("h**ps", "https"),
    ("h**p", "http"),
    ("htxps", "https"),
    ("htxp", "http"),
    ("hxtps", "https"),
    ("hxtp", "http"),
    ("hxxxps", "https"),
    ("hxxxp", "http"),
    ("hxps", "https"),
    ("hxp", "http"),
    ("httxs", "https"),
    ("httx", "http"),
    ("h__ps", "https"),
    ("h__p", "http"),
    ("httxp", "http"),
    ("hzzps", "https"),
    ("hzzp", "http"),
    ("h00ps", "https"),
    ("h00p", "http"),
    ("htps", "https"),
    ("htp", "http"),
    ("httpx", "http"),
    ("httpss", "https"),
    ("meows", "https"),
    ("meow", "http"),
    ("xxxxs", "https"),
    ("xxxx", "http"),
    ("sftp", "sftp"),
    ("ftps", "ftps"),
    ("ftp", "ftp"),
    ("fxps", "ftps"),
    ("fxp", "ftp"),
    ("ftxs", "ftps"),
    ("ftx", "ftp"),
    ("f*p", "ftp"),
];
/// Longest of them.
const LONGEST_SCHEME: usize = 6;

struct Scheme {
    start: usize,
    live: &'static str,
    defanged: bool,
}

/// Whether `tail` ends with `written`, whatever its case.
fn ends_with(tail: &[u8], written: &[u8]) -> bool {
    tail.len() >= written.len() && tail[tail.len() - written.len()..].eq_ignore_ascii_case(written)
}

/// The scheme that ends at `end`.
fn scheme(bytes: &[u8], end: usize) -> Option<Scheme> {
    let start = end.saturating_sub(LONGEST_SCHEME);
    let tail = &bytes[start..end];
    let (written, live) = SCHEMES
        .iter()
        .find(|(written, _)| ends_with(tail, written.as_bytes()))?;
    let start = end - written.len();
    // `shttp`, `myxxxx`: a letter before all but the plain schemes makes another word of it.
    let plain = matches!(*written, "http" | "https" | "ftp" | "hxxp" | "hxxps");
    if start > 0 && bytes[start - 1].is_ascii_alphanumeric() && !plain {
        return None;
    }
    Some(Scheme {
        start,
        live,
        defanged: written != live,
    })
}

/// Reads the URL whose scheme ends in the colon at `at`, which has a slash behind it; answers where to read on.
pub(super) fn read(reader: &mut Reader<'_, '_>, at: usize) -> Option<usize> {
    let bytes = reader.bytes();
    let slashes = bytes[at + 1..]
        .iter()
        .take(4)
        .take_while(|byte| matches!(byte, b'/' | b'\\'))
        .count();
    let scheme = scheme(bytes, at)?;
    if slashes == 1 && !scheme.defanged {
        return None;
    }
    let authority = at + 1 + slashes;
    let host_end = authority_end(bytes, authority);
    let user = bytes[authority..host_end]
        .iter()
        .rposition(|byte| *byte == b'@');
    let host_start = user.map_or(authority, |user| authority + user + 1);
    // What is left of a bracket that no defanging explains is nobody's name.
    if bytes[authority..host_start].contains(&b'[') {
        return None;
    }
    // The host first: what has none is not read to its end, or many of them would cost a square.
    let Host {
        kind,
        value,
        live,
        port,
        cut,
    } = host(reader, host_start..host_end)?;
    let stop = port.as_ref().map_or(live.end, |port| port.end)
        + usize::from(kind == Kind::Ipv6 && port.is_none());
    let end = if cut {
        stop
    } else {
        trim(
            bytes,
            end(bytes, host_end, &Setting::of(reader, scheme.start)),
            stop,
        )
    };
    let defanged = scheme.defanged || reader.view.defanged(scheme.start..end);
    let text = reader.view.text;
    let mut url = String::with_capacity(scheme.live.len() + "://".len() + (end - authority));
    url.push_str(scheme.live);
    url.push_str("://");
    url.push_str(&text[authority..host_start]);
    // What follows the host, with the port; the brackets of IPv6 go with the host.
    let rest = if kind == Kind::Ipv6 {
        url.push('[');
        url.push_str(&text[live.clone()].to_ascii_lowercase());
        url.push(']');
        live.end + 1
    } else {
        url.push_str(&value);
        live.end
    };
    let defanged = push_live(&mut url, &text[rest.min(end)..end]) || defanged;
    reader.push_as(
        Kind::Url,
        url,
        scheme.start..end,
        if defanged { 99 } else { 95 },
        defanged,
    );
    if let Some(port) = port
        && kind != Kind::Domain
    {
        let number = &reader.view.text[port.clone()];
        let pair = if kind == Kind::Ipv6 {
            format!("[{value}]:{number}")
        } else {
            format!("{value}:{number}")
        };
        reader.push_as(Kind::IpPort, pair, live.start..port.end, 90, defanged);
    }
    reader.push_as(kind, value, live, 90, defanged);
    Some(end)
}

/// Adds `rest` of a URL, the URLs in it live as well: `?next=hxxps://…`. Answers whether one was not.
fn push_live(url: &mut String, rest: &str) -> bool {
    let mut copied = 0;
    for colon in memchr::memchr_iter(b':', rest.as_bytes()) {
        if !rest[colon..].starts_with("://") {
            continue;
        }
        if let Some(inner) = scheme(rest.as_bytes(), colon).filter(|scheme| scheme.defanged)
            && inner.start >= copied
        {
            url.push_str(&rest[copied..inner.start]);
            url.push_str(inner.live);
            copied = colon;
        }
    }
    url.push_str(&rest[copied..]);
    copied > 0
}

/// What stands around a URL says how it ends.
struct Setting<'r, 'a> {
    text: &'r Text<'a>,
    /// Where the URL begins in the text.
    start: usize,
    /// A quote before it: then a comma belongs to the URL.
    quoted: bool,
    /// The mark of emphasis before it: `*http://…*`.
    emphasised: bool,
    /// A separator before it: then a comma may be one as well.
    opens_cell: bool,
}

impl<'r, 'a> Setting<'r, 'a> {
    fn of(reader: &Reader<'r, 'a>, scheme: usize) -> Self {
        let text = reader.text;
        let start = reader.view.written(scheme..scheme + 1).start;
        let before = start.checked_sub(1).map(|at| text.str().as_bytes()[at]);
        Self {
            text,
            start,
            quoted: matches!(before, Some(b'"' | b'\'' | b'<' | b'`')),
            emphasised: before == Some(b'*'),
            opens_cell: matches!(before, Some(b'\n' | b'\t' | b',' | b';' | b'|')),
        }
    }

    /// Whether the comma or semicolon at `at`, in a path, is part of it: `/win%209,0,277,0`, `/a;5;1`. In
    /// a table that has cells of its own it is.
    fn holds(&self, bytes: &[u8], at: usize) -> bool {
        const NEAR: usize = 64;
        let near = &bytes[at + 1..bytes.len().min(at + NEAR)];
        if self.is_in_row() {
            return near.first().is_some_and(|byte| *byte != b' ');
        }
        if self.opens_cell && bytes[at] == b',' {
            return false;
        }
        let length = near
            .iter()
            .take_while(|byte| !matches!(byte, b' ' | b'\'' | b')' | b'*'))
            .count();
        let rest = &near[..trim(near, length, 0)];
        rest.first() == Some(&b'/')
            || rest.split(|byte| matches!(byte, b',' | b';')).all(|part| {
                !part.is_empty()
                    && (part.iter().all(u8::is_ascii_digit)
                        || part.iter().any(|byte| matches!(byte, b'%' | b'=')))
            })
    }

    fn is_in_row(&self) -> bool {
        let block = self.text.block_at(self.start);
        block.is_some_and(|block| matches!(block.kind, BlockKind::Row { .. }))
    }
}

/// Where the authority that begins at `from` ends.
fn authority_end(bytes: &[u8], from: usize) -> usize {
    static ENDS: [bool; 256] = token::table(b"/?#\\ '^,;(){}=&");
    from + before_any(&bytes[from..], &ENDS)
}

/// Number of bytes before the first of `bytes` that is one of `these`.
fn before_any(bytes: &[u8], these: &[bool; 256]) -> usize {
    let first = bytes.iter().position(|byte| these[usize::from(*byte)]);
    first.unwrap_or(bytes.len())
}

/// Where the URL ends at the latest that goes on at `from`, after its authority: at a quote, a bracket
/// that it did not open, a second URL.
fn end(bytes: &[u8], from: usize, setting: &Setting<'_, '_>) -> usize {
    /// What may end it or says how something may; the rest is passed over. Chinese, Japanese and Korean
    /// text goes on without a blank.
    static SIGNS: [bool; 256] =
        token::table(b" '^\\?#*,;(){}[]:\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed");
    let (mut round, mut curly) = (0u32, 0u32);
    let mut open = None;
    let mut query = false;
    let mut at = from;
    loop {
        at += before_any(&bytes[at..], &SIGNS);
        let Some(sign) = bytes.get(at).copied() else {
            break;
        };
        match sign {
            b' ' | b'\'' | b'^' => break,
            b'\\' => {
                // An escape of a program (`\n`, `\x22`) ends it; a backslash in a path does not.
                let run = bytes[at..]
                    .iter()
                    .take_while(|byte| **byte == b'\\')
                    .count();
                if !bytes.get(at + run).is_some_and(u8::is_ascii_uppercase) {
                    break;
                }
                at += run;
            }
            b'?' | b'#' => query = true,
            b'*' if setting.emphasised => break,
            b',' | b';' if !setting.quoted && !query && !setting.holds(bytes, at) => break,
            b',' if !setting.quoted && glued(bytes, at + 1) => break,
            b'(' => round += 1,
            b')' if round == 0 => break,
            b')' => round -= 1,
            b'{' => curly += 1,
            b'}' if curly == 0 => break,
            b'}' => curly -= 1,
            // A word in brackets after the path is a label: `http://host/path[label]`.
            b'[' if !query && !goes_on(bytes, at) => break,
            b'[' => open = open.or(Some(at)),
            b']' if open.is_none() || bytes.get(at + 1) == Some(&b'(') => break,
            b']' => open = None,
            b':' if !query => {
                if let Some(second) = second(&bytes[from..], at - from) {
                    at = from + second;
                    break;
                }
            }
            0xe3..=0xed => break,
            _ => {}
        }
        at += 1;
    }
    open.unwrap_or(at)
}

/// Whether a path goes on after the bracket that opens at `at`: `/host[v17]/admin`.
fn goes_on(bytes: &[u8], at: usize) -> bool {
    const LABEL: usize = 64;
    let close = bytes[at..]
        .iter()
        .take(LABEL)
        .position(|byte| *byte == b']');
    close
        .and_then(|close| bytes.get(at + close + 1))
        .is_some_and(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'?' | b'-' | b'=')
        })
}

/// Where the URL over HTTP begins in `bytes` whose scheme ends in the colon at `at`, if a letter or a digit
/// stands before it.
fn second(bytes: &[u8], at: usize) -> Option<usize> {
    let mut lengths = ["http", "https"].into_iter().map(str::len);
    lengths.find_map(|length| {
        let before = at.checked_sub(length + 1)?;
        let start = before + 1;
        (bytes[before].is_ascii_alphanumeric()
            && matches!(bytes[start], b'h' | b'H')
            && glued(bytes, start))
        .then_some(start)
    })
}

/// Whether another URL begins at `at`.
fn glued(bytes: &[u8], at: usize) -> bool {
    let rest = &bytes[at..bytes.len().min(at + 8)];
    let Some(colon) = rest.iter().position(|byte| *byte == b':') else {
        return false;
    };
    rest[colon..].starts_with(b"://")
        && ["http", "https", "hxxp", "hxxps", "ftp"]
            .iter()
            .any(|scheme| scheme.as_bytes().eq_ignore_ascii_case(&rest[..colon]))
}

/// `end` without the punctuation of the sentence, but not before `floor`.
fn trim(bytes: &[u8], mut end: usize, floor: usize) -> usize {
    while end > floor {
        let last = bytes[end - 1];
        let doubled = end > 1 && bytes[end - 2] == last;
        match last {
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b'\'' | b'*' | b'(' | b'[' | b'{' | b'~' => {}
            b'+' | b'_' if doubled => end -= 1,
            _ => break,
        }
        end -= 1;
    }
    end
}

struct Host {
    kind: Kind,
    value: String,
    live: Range<usize>,
    port: Option<Range<usize>>,
    /// Whether the URL ends with the authority, for what follows it is no part of one.
    cut: bool,
}

/// The host in `authority`, with its port.
fn host(reader: &Reader<'_, '_>, authority: Range<usize>) -> Option<Host> {
    let text = reader.view.text;
    let bytes = &reader.bytes()[..authority.end];
    if bytes.get(authority.start) == Some(&b'[') {
        let close = authority.start
            + bytes[authority.clone()]
                .iter()
                .position(|byte| *byte == b']')?;
        let live = authority.start + 1..close;
        let address = text[live.clone()]
            .parse::<std::net::Ipv6Addr>()
            .ok()
            .or_else(|| v6::parse(&text[live.clone()]))?;
        let (port, cut) = port(bytes, close + 1);
        return Some(Host {
            kind: Kind::Ipv6,
            value: address.to_string(),
            live,
            port,
            cut,
        });
    }
    let end = super::name_end(bytes, authority.start);
    let mut end = super::script_end(text, authority.start..end);
    while end > authority.start && matches!(bytes[end - 1], b'.' | b'-' | b'_') {
        end -= 1;
    }
    let live = authority.start..end;
    let name = &text[live.clone()];
    let (kind, value) = match address::parse(name) {
        Some(_) => (Kind::Ipv4, name.to_owned()),
        None => (Kind::Domain, domain::host(name)?.value),
    };
    let (port, cut) = port(bytes, end);
    Some(Host {
        kind,
        value,
        live,
        port,
        cut,
    })
}

/// The port after a host that ends at `end`, and whether anything else follows it.
fn port(bytes: &[u8], end: usize) -> (Option<Range<usize>>, bool) {
    if bytes.get(end) != Some(&b':') {
        return (None, end < bytes.len());
    }
    match address::number(bytes, end + 1) {
        Some((number, stop)) if address::is_port(number) => {
            (Some(end + 1..stop), stop < bytes.len())
        }
        _ => (None, true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_inside_a_url_are_live_as_well() {
        for (rest, expected) in [
            (
                "/?u=hxxps://b.net/?v=hxxp://c.net",
                "/?u=https://b.net/?v=http://c.net",
            ),
            ("/a://b", "/a://b"),
            ("/http://b", "/http://b"),
        ] {
            let mut url = String::from("http://a.net");
            assert_eq!(push_live(&mut url, rest), rest != expected);
            assert_eq!(url, format!("http://a.net{expected}"));
        }
    }

    #[test]
    fn a_url_right_behind_a_letter_is_a_second_one() {
        for (bytes, begins) in [
            ("/a.htmlhttp://b", Some(7)),
            ("/1HXXPS://b", Some(2)),
            ("/http://b", None),
            ("/aftp://b", None),
            ("/ahttp:/b", None),
            ("http://b", None),
            ("://b", None),
        ] {
            let colon = bytes.find(':').unwrap();
            assert_eq!(second(bytes.as_bytes(), colon), begins, "{bytes}");
        }
    }

    #[test]
    fn no_scheme_stands_behind_its_own_end() {
        for (index, (scheme, _)) in SCHEMES.iter().enumerate() {
            let mut before = SCHEMES[..index].iter();
            assert!(
                before.all(|(earlier, _)| !scheme.ends_with(earlier)),
                "{scheme}"
            );
        }
    }
}
