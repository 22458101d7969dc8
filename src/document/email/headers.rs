//! The header fields that say where a message came from.

use std::fmt::Write;

use mail_parser::{Address, Header, HeaderValue, Message};

use crate::document::charset;
use crate::document::tidy::one_line;

/// Fields that are shown, in lower case. Signatures and list commands are left out: they are long and
/// name the mail services of everyone.
const FIELDS: &[&str] = &[
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "return-path",
    "delivered-to",
    "envelope-to",
    "envelope-from",
    "subject",
    "date",
    "message-id",
    "in-reply-to",
    "received",
    "received-spf",
    "authentication-results",
    "x-mailer",
    "user-agent",
    "x-originating-ip",
    "x-sender-ip",
    "x-source-ip",
    "x-client-ip",
    "x-forwarded-for",
    "x-sender",
    "x-envelope-from",
    "x-original-sender",
    "x-php-originating-script",
    "x-originating-email",
];
/// Bytes of all fields kept: a message may be nothing but headers.
const MAX_BYTES: usize = 1 << 20;

/// The fields of `message` as `Name: value` lines, decoded and unfolded, in their order.
pub(super) fn origin(message: &Message<'_>) -> String {
    let mut lines = String::new();
    for header in message.headers() {
        let name = header.name();
        if lines.len() > MAX_BYTES || !FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field)) {
            continue;
        }
        let value = value(message, header);
        if !value.is_empty() {
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{name}: {value}");
        }
    }
    lines
}

/// The subject of `message`, decoded, where it has one.
pub(super) fn subject(message: &Message<'_>) -> Option<String> {
    let header = message.headers().iter().rfind(|header| {
        let name = header.name();
        name.eq_ignore_ascii_case("subject")
    })?;
    Some(value(message, header)).filter(|subject| !subject.is_empty())
}

fn value(message: &Message<'_>, header: &Header<'_>) -> String {
    let parsed = match &header.value {
        HeaderValue::Address(address) => addresses(address),
        HeaderValue::Text(text) => one_line(text),
        _ => String::new(),
    };
    if !parsed.is_empty() && !parsed.contains(char::REPLACEMENT_CHARACTER) {
        return parsed;
    }
    // Left as it stands, or written in bytes of an old charset that nothing declares.
    let (start, end) = (header.offset_start as usize, header.offset_end as usize);
    let raw = message.raw_message.get(start..end).unwrap_or_default();
    one_line(&charset::decode(raw, None))
}

fn addresses(address: &Address<'_>) -> String {
    let one = |addr: &mail_parser::Addr<'_>| match (addr.name(), addr.address()) {
        (Some(name), Some(address)) => format!("{} <{address}>", one_line(name)),
        (None, Some(address)) => address.to_owned(),
        (name, None) => name.map(one_line).unwrap_or_default(),
    };
    address.iter().map(one).collect::<Vec<_>>().join(", ")
}
