//! The text of a part, in whatever charset and however its lines are wrapped.

use std::borrow::Cow;

use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{ContentType, Encoding, Message, MessagePart, MimeHeaders};

use crate::document::charset;

/// Labels that say nothing: what is sent under them is often in another charset.
const NO_CHARSET: &[&str] = &["us-ascii", "ascii", "ansi_x3.4-1968"];

/// The text of `part` as the parser decoded it, or, where that broke it, decoded by what the bytes show.
pub(super) fn decoded<'a>(
    message: &Message<'_>,
    part: &MessagePart<'_>,
    parsed: &'a str,
) -> Cow<'a, str> {
    if !parsed.contains(char::REPLACEMENT_CHARACTER) {
        return Cow::Borrowed(parsed);
    }
    let (start, end) = (part.offset_body as usize, part.offset_end as usize);
    let raw = message.raw_message.get(start..end).unwrap_or_default();
    let bytes = match part.encoding {
        Encoding::None => Some(raw.to_vec()),
        Encoding::QuotedPrintable => quoted_printable_decode(raw),
        Encoding::Base64 => base64_decode(raw),
    };
    let Some(bytes) = bytes else {
        return Cow::Borrowed(parsed);
    };
    let declared = part
        .content_type()
        .and_then(|kind| kind.attribute("charset"))
        .filter(|label| {
            !NO_CHARSET
                .iter()
                .any(|none| label.eq_ignore_ascii_case(none))
        });
    Cow::Owned(charset::decode(&bytes, declared).into_owned())
}

/// Undoes the wrapping of lines ([RFC 3676](https://www.rfc-editor.org/rfc/rfc3676)): a value may have
/// been broken by it.
pub(super) fn unwrapped<'a>(kind: Option<&ContentType<'_>>, text: Cow<'a, str>) -> Cow<'a, str> {
    let says = |name: &str, value: &str| {
        kind.and_then(|kind| kind.attribute(name))
            .is_some_and(|said| said.eq_ignore_ascii_case(value))
    };
    if !says("format", "flowed") {
        return text;
    }
    let glue = if says("delsp", "yes") { "" } else { " " };
    let mut out = String::with_capacity(text.len());
    // The depth of quotation of a line that goes on.
    let mut open = None;
    for line in text.lines() {
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        if open == Some(depth) && content != "-- " {
            out.push_str(glue);
        } else {
            if !out.is_empty() {
                out.push('\n');
            }
            out.push_str(&line[..depth]);
            if depth > 0 {
                out.push(' ');
            }
        }
        let flows = content.ends_with(' ') && content != "-- ";
        open = flows.then_some(depth);
        out.push_str(if flows {
            &content[..content.len() - 1]
        } else {
            content
        });
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use crate::document::{Limits, read};

    /// The text of a message that is one part with these fields.
    fn body(fields: &str, text: &[u8]) -> String {
        let head = format!("From: a@evil.example\nSubject: s\n{fields}\n\n");
        let mail = [head.as_bytes(), text].concat();
        let document = read(&mail, None, &Limits::default()).unwrap().1;
        let head = "s\nFrom: a@evil.example\nSubject: s\n";
        document.text.strip_prefix(head).unwrap().to_owned()
    }

    #[test]
    fn wrapped_lines_are_joined_as_the_sender_meant() {
        let flowed = "Content-Type: text/plain; format=flowed";
        let text = b"one \ntwo\n> quoted \n>> deeper \n stuffed\n-- \nsigned\n";
        assert_eq!(
            body(flowed, text),
            "one two\n> quoted\n>> deeper\nstuffed\n-- \nsigned"
        );
        let split = b"http://c2.example/a/ \nb \n";
        assert_eq!(body(flowed, split), "http://c2.example/a/ b");
        let joined = "Content-Type: text/plain; format=flowed; delsp=yes";
        assert_eq!(body(joined, split), "http://c2.example/a/b");
        assert_eq!(body("X-A: b", b"one \ntwo"), "one \ntwo");
    }

    #[test]
    fn a_charset_that_nothing_or_too_little_is_said_of_is_guessed() {
        let text = "\u{421}\u{435}\u{440}\u{432}\u{435}\u{440} \u{443}\u{43f}\u{440}\u{430}\u{432}\u{43b}\u{435}\u{43d}\u{438}\u{44f}: c2.example";
        let (bytes, ..) = encoding_rs::WINDOWS_1251.encode(text);
        for fields in [
            "X-A: b",
            "Content-Type: text/plain; charset=us-ascii",
            "Content-Type: text/plain; charset=x-unheard-of",
        ] {
            assert_eq!(body(fields, &bytes), text, "{fields}");
        }
        let (bytes, ..) = encoding_rs::GBK.encode("\u{6837}\u{672c} c2.example");
        assert_eq!(
            body("Content-Type: text/plain; charset=gb2312", &bytes),
            "\u{6837}\u{672c} c2.example"
        );
    }
}
