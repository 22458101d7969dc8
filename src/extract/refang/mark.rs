//! Defanging in brackets: `[.]`, `(dot)`, `[:]//`, `{@}`. Enter at [`mark`].

/// Blanks allowed inside and around a mark in balanced brackets: `evil [ . ] example`.
pub(super) const BLANKS: usize = 3;
/// Brackets of one side: `[[[.`.
pub(super) const BRACKETS: usize = 8;

/// Marks of emphasis around a mark: `evil**[.]**example`.
const EMPHASIS: usize = 3;

/// A defanging mark: what it stands for, where it starts and where it ends.
pub(super) struct Mark {
    pub(super) start: usize,
    pub(super) live: &'static str,
    pub(super) end: usize,
}

pub(super) fn is_open(byte: u8) -> bool {
    matches!(byte, b'[' | b'(' | b'{')
}

pub(super) fn is_close(byte: u8) -> bool {
    matches!(byte, b']' | b')' | b'}')
}

pub(super) fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

pub(super) fn count(bytes: &[u8], at: usize, most: usize, test: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .skip(at)
        .take(most)
        .take_while(|byte| test(**byte))
        .count()
}

/// The mark in brackets that begins at `at`, an opening bracket.
pub(super) fn mark(text: &str, at: usize) -> Option<Mark> {
    let bytes = text.as_bytes();
    // Most marks are `[.]` between letters, most other brackets hold words.
    match (&bytes[..at], &bytes[at + 1..]) {
        ([.., before], [b'.', close, after, ..])
            if is_label(*before) && is_close(*close) && is_label(*after) =>
        {
            return Some(Mark {
                start: at,
                live: ".",
                end: at + 3,
            });
        }
        (_, [first, ..]) if first.is_ascii_alphanumeric() && !may_begin(*first) => return None,
        _ => {}
    }
    let opened = at + count(bytes, at, BRACKETS, is_open);
    let inside = opened + count(bytes, opened, BLANKS, |byte| byte == b' ');
    let (live, length) = core(&bytes[inside..])?;
    let after = inside + length;
    let blanks = count(bytes, after, BLANKS, |byte| byte == b' ');
    let closes = count(bytes, after + blanks, BRACKETS, is_close);
    if closes == 0 {
        // Unbalanced: `evil[.example`. Only a full stop, and only with nothing between.
        let tight = live == "." && inside == opened && at > 0 && is_label(bytes[at - 1]);
        return (tight && bytes.get(after).is_some_and(|byte| is_label(*byte))).then_some(Mark {
            start: at,
            live,
            end: after,
        });
    }
    let end = after + blanks + closes;
    let is_star = |byte: u8| byte == b'*';
    let stars = bytes[..at]
        .iter()
        .rev()
        .take(EMPHASIS)
        .take_while(|byte| is_star(**byte))
        .count();
    let stars = if count(bytes, end, stars, is_star) == stars {
        stars
    } else {
        0
    };
    let (at, end) = (at - stars, end + stars);
    let before = bytes[..at]
        .iter()
        .rev()
        .take(BLANKS + 1)
        .find(|byte| **byte != b' ')
        .copied();
    let follows = bytes[end..]
        .iter()
        .take(BLANKS + 1)
        .find(|byte| **byte != b' ')
        .copied();
    let spaced = before != at.checked_sub(1).map(|last| bytes[last]);
    let fits = match live {
        "." | "@" => {
            before.is_some_and(|byte| {
                is_label(byte) || matches!(byte, b'_' | b'-' | b'+' | b'/' | b']' | b'%' | b'=')
            }) && follows.is_some_and(|byte| {
                is_label(byte) || matches!(byte, b'_' | b'-' | b'[' | b'\\' | b'*')
            })
        }
        _ => {
            !spaced
                && before.is_some_and(|byte| {
                    is_label(byte)
                        || matches!(byte, b'*' | b']' | b')' | b'/' | b':' | b'=' | b'-' | b'_')
                })
        }
    };
    if !fits {
        return None;
    }
    // The blanks after the mark go with it.
    let blanks = if matches!(live, "." | "@") {
        count(bytes, end, BLANKS, |byte| byte == b' ')
    } else {
        0
    };
    Some(Mark {
        start: at,
        live,
        end: end + blanks,
    })
}

/// Whether the brackets that `bytes` begins with may open a mark.
pub(crate) fn may_open(bytes: &[u8]) -> bool {
    let opened = count(bytes, 0, BRACKETS, is_open);
    let inside = opened + count(bytes, opened, BLANKS, |byte| byte == b' ');
    core(&bytes[inside..]).is_some()
}

/// Whether the brackets that `bytes` ends with may close a mark: behind the last byte of one.
pub(crate) fn may_close(bytes: &[u8]) -> bool {
    let last = bytes.iter().rev().find(|byte| !is_close(**byte));
    last.is_some_and(|last| matches!(last, b'.' | b't' | b'T' | b'o' | b'O' | b'@' | b'/' | b':'))
}

/// Whether what a pair of brackets may hold begins with `byte`.
fn may_begin(byte: u8) -> bool {
    matches!(
        byte,
        b'.' | b'@' | b':' | b'/' | b'd' | b'D' | b'p' | b'P' | b'a' | b'A'
    )
}

/// What a pair of brackets may hold, and its length.
fn core(bytes: &[u8]) -> Option<(&'static str, usize)> {
    const CORES: [(&str, &str); 10] = [
        (".", "."),
        ("dot", "."),
        ("punto", "."),
        ("@", "@"),
        ("at", "@"),
        ("://", "://"),
        (":\\/\\/", "://"),
        ("//", "//"),
        (":", ":"),
        ("/", "/"),
    ];
    // Most brackets hold words: one byte dismisses them.
    if !may_begin(*bytes.first()?) {
        return None;
    }
    CORES.iter().find_map(|(written, live)| {
        let start = bytes.get(..written.len())?;
        start
            .eq_ignore_ascii_case(written.as_bytes())
            .then_some((*live, written.len()))
    })
}
