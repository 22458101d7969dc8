//! A web page saved as one file ([RFC 2557](https://www.rfc-editor.org/rfc/rfc2557)): mail in form, a page
//! in substance. The root part is the page; its frames and what else is a document follow, its pictures,
//! styles and scripts are left out.

use mail_parser::{HeaderName, Message, MessagePart, MimeHeaders, PartType};

use super::{body, headers, parse};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::html;
use crate::document::member::{self, Label};
use crate::submission::Failure;

/// Field with the address that the page had when it was saved.
const SNAPSHOT: &str = "Snapshot-Content-Location";
/// Kinds of parts that a page only uses.
const USED: &[(&str, &str)] = &[
    ("text", "css"),
    ("text", "javascript"),
    ("application", "javascript"),
    ("application", "x-javascript"),
    ("application", "ecmascript"),
];

/// Reads a saved page.
///
/// # Errors
/// Malformed.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let Some(message) = parse(bytes, out)? else {
        return Ok(());
    };
    let root = root(&message);
    if let Some(address) = message.header_raw(HeaderName::Other(SNAPSHOT.into())) {
        out.address(address.trim());
    }
    if let Some(address) = root.and_then(|at| message.parts[at].content_location()) {
        out.address(address.trim());
    }
    if let Some(at) = root {
        page(&message, &message.parts[at], out);
    }
    // The title of the page was shown; this is that of the file.
    if let Some(subject) = headers::subject(&message) {
        out.title(&subject);
    }
    // What follows stands beside the page, not around its article.
    out.begin(Place::Whole);
    for (at, part) in message.parts.iter().enumerate() {
        if Some(at) != root && !out.is_full() {
            other(&message, part, out);
        }
    }
    Ok(())
}

/// The part that is the page: the one that the message names as its start, else the first that is HTML.
fn root(message: &Message<'_>) -> Option<usize> {
    let start = message
        .content_type()
        .and_then(|kind| kind.attribute("start"))
        .map(|start| start.trim_matches(['<', '>']));
    let mut pages = message
        .parts
        .iter()
        .enumerate()
        .filter(|(_, part)| matches!(part.body, PartType::Html(_)));
    let first = pages.clone().next();
    let named = pages.find(|(_, part)| start.is_some() && part.content_id() == start);
    named.or(first).map(|(at, _)| at)
}

fn page(message: &Message<'_>, part: &MessagePart<'_>, out: &mut Builder) {
    if let PartType::Html(parsed) = &part.body {
        html::read(body::decoded(message, part, parsed).as_bytes(), out);
    }
}

fn other(message: &Message<'_>, part: &MessagePart<'_>, out: &mut Builder) {
    let used = part.content_type().is_some_and(|kind| {
        let (main, sub) = (kind.ctype(), kind.subtype().unwrap_or_default());
        USED.iter().any(|(used_main, used_sub)| {
            main.eq_ignore_ascii_case(used_main) && sub.eq_ignore_ascii_case(used_sub)
        })
    });
    let name = part.attachment_name().or(part.content_location());
    match &part.body {
        PartType::Multipart(_) => {}
        _ if used => {}
        PartType::Html(_) => {
            let label = Label {
                role: "Frame",
                name: name.filter(|name| name.contains("://")).unwrap_or_default(),
            };
            member::nest(label, out, |out| {
                page(message, part, out);
                Ok(())
            });
        }
        _ => {
            let label = Label::attachment(name.unwrap_or_default());
            member::read(label, part.contents(), out);
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::document::{Document, Limits, read};
    use crate::format::Format;

    const PARTS: &str = "Content-Type: multipart/related; type=\"text/html\"; start=\"<page>\"; boundary=b\n\n--b\nContent-Type: text/html\nContent-ID: <frame>\nContent-Location: http://ad.example/f\n\n<p>framed\n--b\nContent-Type: text/html\nContent-ID: <page>\nContent-Location: http://report.example/\n\n<title>Report</title><p>c2.example\n--b\nContent-Type: text/css\n\np { color: red }\n--b\nContent-Type: application/octet-stream\nContent-Location: http://report.example/iocs.csv\n\na,b,c\n1,2,3\n--b--\n";

    fn outcome(fields: &str) -> (Format, Document) {
        let page = format!("{fields}MIME-Version: 1.0\n{PARTS}");
        read(page.as_bytes(), None, &Limits::default()).unwrap()
    }

    #[test]
    fn the_root_part_is_the_page_and_frames_and_documents_follow() {
        let (format, document) = outcome("Subject: Saved report\n");
        assert_eq!(format, Format::Mhtml);
        assert_eq!(document.title.as_deref(), Some("Report"));
        assert_eq!(document.address.as_deref(), Some("http://report.example/"));
        assert_eq!(
            document.text,
            "c2.example\nFrame: http://ad.example/f\nframed\nAttachment: http://report.example/iocs.csv\na\tb\tc\n1\t2\t3"
        );
    }

    #[test]
    fn where_the_page_was_saved_from_is_its_address() {
        let from = "Snapshot-Content-Location: http://saved.example/x\n";
        let (_, document) = outcome(from);
        assert_eq!(document.address.as_deref(), Some("http://saved.example/x"));
    }

    #[test]
    fn mail_in_the_same_form_is_mail() {
        assert_eq!(outcome("To: a@victim.example\n").0, Format::Eml);
        assert_eq!(outcome("Message-ID: <1@evil.example>\n").0, Format::Eml);
        let saved = "From: <Saved by Blink>\nTo: a@victim.example\n";
        assert_eq!(outcome(saved).0, Format::Mhtml);
    }
}
