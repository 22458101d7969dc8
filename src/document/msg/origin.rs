//! Where a message came from: the header it travelled with, else the same fields made of its properties.

use std::fmt::Write;

use super::properties::{Properties, id};
use crate::document::compound::Compound;
use crate::document::email;
use crate::document::tidy::one_line;

/// Recipients named.
const MAX_RECIPIENTS: usize = 500;
/// The field for each kind of recipient, by its number.
const KINDS: [&str; 4] = ["", "To", "Cc", "Bcc"];

/// `Name: value` lines.
pub(super) fn lines(file: &mut Compound<'_>, message: &Properties) -> String {
    let header = message.text(file, id::HEADERS);
    if let Some(lines) = header.and_then(|header| email::origin(&header)) {
        return lines;
    }
    let mut fields = Fields::default();
    let sender = [id::SENDER_NAME, id::SENDER_SMTP, id::SENDER_ADDRESS];
    let represented = [
        id::REPRESENTED_NAME,
        id::REPRESENTED_SMTP,
        id::REPRESENTED_ADDRESS,
    ];
    let sender = mailbox(file, message, sender);
    let from = mailbox(file, message, represented);
    if !from.is_empty() && !sender.is_empty() && from != sender {
        fields.add("Sender", &sender);
    }
    fields.add("From", if from.is_empty() { &sender } else { &from });
    for (field, list) in KINDS.iter().zip(recipients(file, message)).skip(1) {
        fields.add(field, &list.join(", "));
    }
    for (field, id) in [
        ("Reply-To", id::REPLY_TO),
        ("Subject", id::SUBJECT),
        ("Message-ID", id::MESSAGE_ID),
        ("In-Reply-To", id::IN_REPLY_TO),
    ] {
        fields.add(field, &message.text(file, id).unwrap_or_default());
    }
    let date = message.time(id::SUBMITTED).or(message.time(id::DELIVERED));
    fields.add("Date", &date.unwrap_or_default());
    fields.0
}

#[derive(Default)]
struct Fields(String);

impl Fields {
    fn add(&mut self, name: &str, value: &str) {
        let value = one_line(value);
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(self.0, "{name}: {value}");
        }
    }
}

/// The recipients of each kind.
fn recipients(file: &mut Compound<'_>, message: &Properties) -> [Vec<String>; 4] {
    let mut lists: [Vec<String>; 4] = Default::default();
    let storages = message.storages(file, "__recip_version1.0_");
    for storage in storages.into_iter().take(MAX_RECIPIENTS) {
        let recipient = message.inside(file, &storage);
        let kind = recipient.number(id::RECIPIENT_KIND).unwrap_or(1) as usize;
        let ids = [id::DISPLAY_NAME, id::SMTP_ADDRESS, id::ADDRESS];
        let mailbox = mailbox(file, &recipient, ids);
        let list = lists.get_mut(kind).filter(|_| kind > 0);
        if let (Some(list), false) = (list, mailbox.is_empty()) {
            list.push(mailbox);
        }
    }
    lists
}

/// `Name <address>`; `ids` are the name, the address, and the one of the mail system, which may be a path
/// in a directory: that says nothing beside a name.
fn mailbox(file: &mut Compound<'_>, properties: &Properties, ids: [u16; 3]) -> String {
    let [name, smtp, own] = ids.map(|id| properties.text(file, id));
    let address = smtp.or(own.filter(|own| own.contains('@') || name.is_none()));
    let address = address.unwrap_or_default();
    match name.map(|name| name.replace(['<', '>'], " ")) {
        Some(name) if address.is_empty() || name == address => name,
        Some(name) => format!("{name} <{address}>"),
        None => address,
    }
}
