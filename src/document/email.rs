//! Mail: one message ([RFC 5322](https://www.rfc-editor.org/rfc/rfc5322), MIME) or a mailbox of them.
//!
//! A message is the headers that say where it came from as one code block, then every body, text and
//! HTML, then what is attached, read as a document of its own.

mod body;
mod headers;
mod mailbox;
pub(super) mod mhtml;

use mail_parser::{HeaderName, Message, MessageParser, MimeHeaders, PartType};
use memchr::memmem;

use super::builder::Builder;
use super::markup::Dialect;
use super::member::{self, Label};
use super::{charset, html, text};
use crate::submission::{Failure, FailureCode};

/// Messages inside messages that the parser is trusted with: it calls itself for each.
const MAX_NESTED: usize = 500;

/// Reads one message.
///
/// # Errors
/// Malformed.
pub(super) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let Some(message) = parse(bytes, out)? else {
        return Ok(());
    };
    if let Some(subject) = headers::subject(&message) {
        out.title(&subject);
    }
    if let Some(language) = message.header_raw(HeaderName::ContentLanguage) {
        out.language(language.trim());
    }
    write(&message, out);
    Ok(())
}

/// Parses a message. `None` where it nests too deep for that: it is read as plain text then.
fn parse<'a>(bytes: &'a [u8], out: &mut Builder) -> Result<Option<Message<'a>>, Failure> {
    if memmem::find_iter(bytes, b"rfc822")
        .nth(MAX_NESTED)
        .is_some()
    {
        out.warn("malformed", "The mail holds more messages inside each other than are followed: it was read as plain text.");
        text::read(&charset::decode(bytes, None), Dialect::Verbatim, out);
        return Ok(None);
    }
    // A message of nothing but broken multiparts has no part that holds its headers.
    let message = parser().parse(bytes).filter(is_whole);
    let message = message.ok_or_else(|| {
        Failure::new(
            FailureCode::Malformed,
            "The mail has no headers that could be read.",
        )
    })?;
    Ok(Some(message))
}

/// Parses what the structure needs and leaves the other fields as they stand: that of `Received` panics
/// on damaged ones.
fn parser() -> MessageParser {
    MessageParser::new()
        .with_mime_headers()
        .with_address_headers()
        .header_text(HeaderName::Subject)
        .default_header_raw()
}

/// Reads every message of a mailbox.
///
/// # Errors
/// None of its own: what is no message is passed over.
pub(super) fn read_mbox(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    for message in mailbox::messages(bytes) {
        if out.is_full() {
            break;
        }
        if read(message, out).is_err() {
            out.warn(
                "message_failed",
                "A message of the mailbox could not be read and was left out.",
            );
        }
    }
    Ok(())
}

/// Whether `message` has its first part, which the parser takes for granted.
fn is_whole(message: &Message<'_>) -> bool {
    !message.parts.is_empty()
}

fn write(message: &Message<'_>, out: &mut Builder) {
    if let Some(subject) = headers::subject(message) {
        out.heading(&subject);
    }
    out.code(&headers::origin(message));
    let mut attachments = 0;
    for part in &message.parts {
        if out.is_full() {
            return;
        }
        let name = part.attachment_name();
        match &part.body {
            PartType::Text(parsed) if name.is_none() => {
                let text = body::decoded(message, part, parsed);
                let text = body::unwrapped(part.content_type(), text);
                text::read(&text, Dialect::Plain, out);
            }
            PartType::Html(parsed) if name.is_none() => {
                html::read_fragment(&body::decoded(message, part, parsed), out);
            }
            PartType::Multipart(_) => {}
            PartType::Message(inner) if is_whole(inner) => {
                let label = Label::attachment(name.unwrap_or_default());
                member::nest(label, out, |out| {
                    write(inner, out);
                    Ok(())
                });
            }
            PartType::Message(_) => {}
            _ if attachments < member::MAX_ATTACHMENTS => {
                attachments += 1;
                member::attachment(name.unwrap_or_default(), part.contents(), out);
            }
            _ => member::too_many_attachments(out),
        }
    }
}

/// The fields of a header that stands by itself and say where its message came from.
pub(super) fn origin(header: &str) -> Option<String> {
    let end = header.find("\n\n").or_else(|| header.find("\n\r\n"));
    let header = format!("{}\n\n", &header[..end.unwrap_or(header.len())]);
    let message = parser().parse(&header).filter(is_whole)?;
    let lines = headers::origin(&message);
    (!lines.is_empty()).then_some(lines)
}

#[cfg(test)]
mod tests;
