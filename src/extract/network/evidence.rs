//! Is this name a domain? Enter at [`judge`].
//!
//! Many names that end in a top-level domain are none: files (`setup.py`), code (`item.name`),
//! packages (`com.example.app`), sentences without a blank (`payload.In using`), bytes of a dump. Where
//! the top-level domain is of that sort, a domain needs evidence: defanging, `www.`, labels, a word
//! before it.

use std::ops::Range;

use super::domain::{self, Domain};
use super::{Reader, is_name};
use crate::extract::artifact;
use crate::extract::candidate::Text;
use crate::extract::lexicon::Lexicon;

/// Top-level domains that are file extensions as well. Sorted.
static FILES: Lexicon = Lexicon::new(&[
    "ai", "app", "bar", "bz", "cab", "cat", "cc", "cpa", "data", "dot", "gdn", "java", "lib", "md",
    "mm", "mo", "mov", "mp", "next", "pl", "pm", "ps", "pub", "py", "rs", "sc", "sh", "so", "st",
    "tf", "vi", "zip",
]);

/// Top-level domains that are members, methods or modules in code, or words that begin a sentence.
/// Sorted.
static WORDS: Lexicon = Lexicon::new(&[
    "as",
    "at",
    "be",
    "bot",
    "build",
    "by",
    "call",
    "case",
    "channel",
    "click",
    "codes",
    "contact",
    "date",
    "dev",
    "do",
    "domains",
    "download",
    "email",
    "events",
    "exchange",
    "expert",
    "gov",
    "group",
    "help",
    "host",
    "how",
    "id",
    "in",
    "info",
    "int",
    "io",
    "is",
    "it",
    "link",
    "map",
    "me",
    "med",
    "menu",
    "mil",
    "mobi",
    "my",
    "name",
    "network",
    "news",
    "no",
    "now",
    "office",
    "open",
    "page",
    "pay",
    "phone",
    "ping",
    "play",
    "post",
    "prod",
    "properties",
    "read",
    "report",
    "run",
    "safe",
    "save",
    "search",
    "security",
    "select",
    "services",
    "show",
    "storage",
    "store",
    "stream",
    "style",
    "support",
    "system",
    "to",
    "top",
    "watch",
    "world",
    "zone",
]);

/// First labels of names that are written from the root down: packages. Sorted.
static INVERTED: Lexicon = Lexicon::new(&[
    "android", "com", "edu", "gov", "java", "javax", "kotlin", "net", "org",
]);

/// Products that are written like hosts, lower case.
const PRODUCTS: [&str; 5] = ["ado.net", "asp.net", "ml.net", "socket.io", "vb.net"];

/// First labels that are objects and modules in code. Sorted.
static OBJECTS: Lexicon = Lexicon::new(&[
    "activedocument",
    "args",
    "chrome",
    "console",
    "ctx",
    "document",
    "event",
    "fs",
    "location",
    "math",
    "obj",
    "os",
    "params",
    "process",
    "req",
    "request",
    "res",
    "response",
    "self",
    "sys",
    "system",
    "this",
    "window",
]);

/// How sure it is that `domain` at `live` is one; `None` if it is something else.
pub(super) fn judge(reader: &Reader<'_, '_>, domain: &Domain, live: Range<usize>) -> Option<u8> {
    let bytes = reader.bytes();
    let (left, right) = (&bytes[..live.start], &bytes[live.end..]);
    let (before, after) = (left.last().copied(), right.first().copied());
    let name = &reader.view.text[live.clone()];
    let root = &domain.value[domain.root..];
    let file = FILES.contains(root);
    if before == Some(b'/') && file {
        return None;
    }
    if reader.view.defanged(live.clone()) {
        return Some(99);
    }
    if is_part_of_more(left, right) || is_capital(name, root) {
        return None;
    }
    if name.starts_with("www.") {
        return Some(95);
    }
    let first = &domain.value[..domain.value.find('.').unwrap_or(0)];
    let written = reader.view.written(live.clone());
    if domain.labels > 2
        && (INVERTED.contains(first) || first.len() < 4 && is_package(reader.text, written.start))
    {
        return None;
    }
    if PRODUCTS.contains(&domain.value.as_str()) && !announced(reader.text, written.start, 2) {
        return None;
    }
    let word = WORDS.contains(root);
    if artifact::is_either(root) && artifact::is_filename(reader.text, written.clone()) {
        return None;
    }
    if file || word {
        match artifact::said(reader.text, &written) {
            Some(true) => return None,
            Some(false) => return Some(85),
            None => {}
        }
    }
    if !file && !word {
        // `x.pe`, `1.ping`: too short for a name that is not well known.
        let short = domain.labels == 2
            && (first.len() == 1
                || first.len() == 2 && first.bytes().all(|byte| byte.is_ascii_digit()));
        if short
            && !matches!(root, "com" | "net" | "org")
            && after != Some(b'/')
            && !announced(reader.text, written.start, 4)
        {
            return None;
        }
        return Some(if before == Some(b'/') { 80 } else { 90 });
    }
    let object = word && OBJECTS.contains(first);
    if object || before == Some(b'/') && domain.labels == 2 {
        return None;
    }
    if file {
        let path = after == Some(b'/')
            && right
                .get(1)
                .is_some_and(|byte| is_name(*byte) || *byte == b'~');
        return (domain.deep
            || path
            || announced(reader.text, written.start, 1)
            || domain.labels > 2 && is_among_hosts(reader.text, &written)
            || follows_host(reader.text, written.start))
        .then_some(75);
    }
    if domain.labels > 2 || domain.deep || announced(reader.text, written.start, 4) {
        return Some(80);
    }
    // `t.me/channel`
    let path = after == Some(b'/') && right.get(1).is_some_and(u8::is_ascii_alphanumeric);
    ((first.len() > 2 || path) && is_alone(before, after) && !is_assigned(reader, &live))
        .then_some(60)
}

/// Whether code, a path, a blob or a dump goes on to the `left` or to the `right`.
fn is_part_of_more(left: &[u8], right: &[u8]) -> bool {
    let share = left.ends_with(b"\\\\");
    let blob = (left.ends_with(b"+") && !left.ends_with(b"++"))
        || (right.starts_with(b"+") && !right.starts_with(b"++"));
    blob || matches!(left.last(), Some(b'$' | b'%' | b'\\' | b'~' | b'#' | b'&')) && !share
        || left.ends_with(b"::")
        || left.ends_with(b"->")
        || matches!(right.first(), Some(b'(' | b'\\'))
        || right.starts_with(b"::")
        || right.starts_with(b"....")
}

/// `server.It was`, `item.Name`, `hoh4.AI`: a root in capitals where the name is not.
fn is_capital(name: &str, root: &str) -> bool {
    let written = &name.as_bytes()[name.len() - root.len().min(name.len())..];
    if !written.first().is_some_and(u8::is_ascii_uppercase)
        || !name.bytes().any(|byte| byte.is_ascii_lowercase())
    {
        return false;
    }
    // `Json.NET`, `Eazfuscator.NET` are products.
    let shouted = written.iter().all(u8::is_ascii_uppercase);
    !(shouted && matches!(root, "com" | "org"))
}

/// Whether the words before `at` say that an application or a class is named.
fn is_package(text: &Text<'_>, at: usize) -> bool {
    const REACH: usize = 32;
    const PACKAGES: [&str; 5] = ["package", "packages", "bundle", "class", "namespace"];
    text.words_before(at, REACH, "").take(3).any(|word| {
        PACKAGES
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word))
    })
}

/// Whether the name at `written` fills its line and the line above or below is a host as well: an entry
/// of a list of hosts.
fn is_among_hosts(text: &Text<'_>, written: &Range<usize>) -> bool {
    const LONGEST: usize = 120;
    let whole = text.str();
    let bare = |line: &Range<usize>| -> &str {
        let line =
            &whole[line.start..whole.floor_char_boundary(line.end.min(line.start + LONGEST))];
        line.trim_matches(|c: char| {
            c.is_whitespace() || matches!(c, '*' | '-' | '•' | '`' | '"' | '\'' | ',')
        })
    };
    let line = text.line_at(written.start);
    let above = line.start.checked_sub(1).map(|at| text.line_at(at));
    let below = (line.end < whole.len()).then(|| text.line_at(line.end + 1));
    bare(&line) == &whole[written.clone()]
        && [above, below]
            .into_iter()
            .flatten()
            .any(|line| is_clear(bare(&line)))
}

/// Whether hosts are listed before `at`: `one.ru, two.info and three.cc`.
fn follows_host(text: &Text<'_>, at: usize) -> bool {
    const REACH: usize = 96;
    let joins = |word: &str| matches!(word, "and" | "or" | "und" | "oder" | "et" | "y" | "e");
    text.words_before(at, REACH, ".-_")
        .take_while(|word| word.contains('.') || joins(word))
        .any(is_clear)
}

/// Whether `name` is a host under a root that nothing but hosts have.
fn is_clear(name: &str) -> bool {
    domain::host(name).is_some_and(|host| {
        let root = &host.value[host.root..];
        !FILES.contains(root) && !WORDS.contains(root)
    })
}

/// Whether punctuation that sets a word apart stands on either side.
fn is_alone(before: Option<u8>, after: Option<u8>) -> bool {
    before.is_none_or(|byte| {
        matches!(
            byte,
            b'(' | b'[' | b'\'' | b',' | b';' | b'*' | b'=' | b':' | b'-' | b' '
        )
    }) && after.is_none_or(|byte| {
        matches!(
            byte,
            b')' | b']' | b'\'' | b',' | b';' | b'*' | b'/' | b':' | b'?' | b'!' | b' '
        )
    })
}

/// Whether a program assigns to the name or ends a statement with it.
fn is_assigned(reader: &Reader<'_, '_>, live: &Range<usize>) -> bool {
    let rest = &reader.bytes()[live.end..];
    if rest == b";" || matches!(rest.first(), Some(b'=' | b'[')) {
        return true;
    }
    let after = reader.view.written(live.clone()).end;
    rest.is_empty() && reader.text.str().as_bytes()[after..].starts_with(b" = ")
}

/// Whether one of the `nearest` words before `at` on its line says that a host follows.
fn announced(text: &Text<'_>, at: usize, nearest: usize) -> bool {
    const REACH: usize = 48;
    const HOSTS: [&str; 22] = [
        "c&c",
        "c2",
        "c2s",
        "cnc",
        "dns",
        "domain",
        "domains",
        "fqdn",
        "host",
        "hostname",
        "hostnames",
        "hosts",
        "server",
        "servers",
        "site",
        "sites",
        "subdomain",
        "subdomains",
        "url",
        "urls",
        "website",
        "websites",
    ];
    // `domain-name:value = '`: what is written as one name counts as one word.
    text.words_before(at, REACH, "&-_:.")
        .take(nearest)
        .flat_map(|name| name.split(|letter: char| !letter.is_alphanumeric() && letter != '&'))
        .any(|word| HOSTS.iter().any(|known| known.eq_ignore_ascii_case(word)))
}
