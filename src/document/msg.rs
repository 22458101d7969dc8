//! Outlook messages ([MS-OXMSG](https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxmsg/)):
//! properties as streams of a compound file. A message is written as mail is: where it came from, the
//! bodies, then what is attached.

mod origin;
mod properties;
mod rtf;

use properties::{Properties, id};

use super::builder::Builder;
use super::compound::Compound;
use super::markup::Dialect;
use super::member::{self, Label};
use super::{html, read_into, text};
use crate::submission::{Failure, FailureCode};

/// Reads a message.
///
/// # Errors
/// Malformed.
pub(super) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut file = Compound::open(bytes, out.budget()).ok_or_else(|| {
        let message = "The message is damaged: its streams cannot be read.";
        Failure::new(FailureCode::Malformed, message)
    })?;
    let root = Properties::of_message(&mut file, "");
    if let Some(subject) = root.text(&mut file, id::SUBJECT) {
        out.title(&subject);
    }
    message(&mut file, &root, out);
    Ok(())
}

fn message(file: &mut Compound<'_>, message: &Properties, out: &mut Builder) {
    if let Some(subject) = message.text(file, id::SUBJECT) {
        out.heading(&subject);
    }
    out.code(&origin::lines(file, message));
    bodies(file, message, out);
    let storages = message.storages(file, "__attach_version1.0_");
    if storages.len() > member::MAX_ATTACHMENTS {
        member::too_many_attachments(out);
    }
    for storage in storages.into_iter().take(member::MAX_ATTACHMENTS) {
        if out.is_full() {
            return;
        }
        let properties = message.inside(file, &storage);
        attachment(file, &properties, out);
    }
}

/// Text and HTML as they are; the third form of a body only where there is neither.
fn bodies(file: &mut Compound<'_>, message: &Properties, out: &mut Builder) {
    let plain = message.text(file, id::BODY);
    let page = message.page(file);
    if let Some(plain) = &plain {
        text::read(plain, Dialect::Plain, out);
    }
    if let Some(page) = &page {
        html::read_fragment(page, out);
    }
    let said = [plain, page].into_iter().flatten();
    if said.into_iter().any(|body| !body.trim().is_empty()) {
        return;
    }
    let packed = message.binary(file, id::RTF).unwrap_or_default();
    if let Some(rtf) = rtf::unpack(&packed)
        && let Err(failure) = read_into(&rtf, None, out)
        && failure.code != FailureCode::NoText
    {
        out.warn(
            "member_failed",
            format!("The body of the message: {}", failure.message),
        );
    }
}

fn attachment(file: &mut Compound<'_>, attachment: &Properties, out: &mut Builder) {
    let names = [id::LONG_NAME, id::SHORT_NAME, id::DISPLAY_NAME];
    let name = names
        .into_iter()
        .find_map(|id| attachment.text(file, id))
        .unwrap_or_default();
    if let Some(inner) = attachment.message(file) {
        member::nest(Label::attachment(&name), out, |out| {
            message(file, &inner, out);
            Ok(())
        });
        return;
    }
    let bytes = attachment.binary(file, id::DATA).unwrap_or_default();
    member::attachment(&name, &bytes, out);
}

#[cfg(test)]
mod tests;
