//! The properties of a message, an attachment or a recipient: those of fixed length in one stream, the
//! others each in a stream whose name is its number and type
//! ([MS-OXPROPS](https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxprops/)).

use chrono::DateTime;
use encoding_rs::Encoding;

use crate::document::charset;
use crate::document::compound::Compound;

/// Numbers of properties.
pub(super) mod id {
    pub(in super::super) const SUBJECT: u16 = 0x0037;
    pub(in super::super) const SUBMITTED: u16 = 0x0039;
    pub(in super::super) const REPRESENTED_NAME: u16 = 0x0042;
    pub(in super::super) const REPLY_TO: u16 = 0x0050;
    pub(in super::super) const REPRESENTED_ADDRESS: u16 = 0x0065;
    pub(in super::super) const HEADERS: u16 = 0x007d;
    pub(in super::super) const RECIPIENT_KIND: u16 = 0x0c15;
    pub(in super::super) const SENDER_NAME: u16 = 0x0c1a;
    pub(in super::super) const SENDER_ADDRESS: u16 = 0x0c1f;
    pub(in super::super) const DELIVERED: u16 = 0x0e06;
    pub(in super::super) const BODY: u16 = 0x1000;
    pub(in super::super) const RTF: u16 = 0x1009;
    pub(in super::super) const HTML: u16 = 0x1013;
    pub(in super::super) const MESSAGE_ID: u16 = 0x1035;
    pub(in super::super) const IN_REPLY_TO: u16 = 0x1042;
    pub(in super::super) const DISPLAY_NAME: u16 = 0x3001;
    pub(in super::super) const ADDRESS: u16 = 0x3003;
    pub(in super::super) const DATA: u16 = 0x3701;
    pub(in super::super) const SHORT_NAME: u16 = 0x3704;
    pub(in super::super) const LONG_NAME: u16 = 0x3707;
    pub(in super::super) const SMTP_ADDRESS: u16 = 0x39fe;
    pub(in super::super) const HTML_CODE_PAGE: u16 = 0x3fde;
    pub(in super::super) const CODE_PAGE: u16 = 0x3ffd;
    pub(in super::super) const SENDER_SMTP: u16 = 0x5d01;
    pub(in super::super) const REPRESENTED_SMTP: u16 = 0x5d02;
}

/// Types of properties, as streams name them.
const WIDE: &str = "001F";
const NARROW: &str = "001E";
const BINARY: &str = "0102";
const OBJECT: &str = "000D";

const FIXED: &str = "__properties_version1.0";
/// Bytes before the first fixed property: of a message, of one inside another, of the rest.
const MESSAGE_HEADER: usize = 32;
const INNER_HEADER: usize = 24;
const HEADER: usize = 8;
/// Bytes of a fixed property.
const ENTRY: usize = 16;
/// Fixed properties looked at.
const MAX_ENTRIES: usize = 2_000;
/// Seconds from 1601 to 1970.
const EPOCH: i64 = 11_644_473_600;

/// The properties that stand in one storage.
pub(super) struct Properties {
    storage: String,
    fixed: Vec<u8>,
    code_page: Option<u32>,
}

impl Properties {
    /// Those of the message in `storage`; that of the file is empty.
    pub(super) fn of_message(file: &mut Compound<'_>, storage: &str) -> Self {
        let header = if storage.is_empty() {
            MESSAGE_HEADER
        } else {
            INNER_HEADER
        };
        let mut properties = Self::at(file, storage.to_owned(), header);
        properties.code_page = properties.number(id::CODE_PAGE);
        properties
    }

    /// Those of an attachment or recipient in a storage of this message.
    pub(super) fn inside(&self, file: &mut Compound<'_>, storage: &str) -> Self {
        let path = format!("{}/{storage}", self.storage);
        let mut properties = Self::at(file, path, HEADER);
        properties.code_page = self.code_page;
        properties
    }

    fn at(file: &mut Compound<'_>, storage: String, header: usize) -> Self {
        let fixed = file.stream(&format!("{storage}/{FIXED}"));
        let mut fixed = fixed.unwrap_or_default();
        fixed.drain(..header.min(fixed.len()));
        Self {
            storage,
            fixed,
            code_page: None,
        }
    }

    /// The storages of this message whose names begin with `prefix`, in their order.
    pub(super) fn storages(&self, file: &Compound<'_>, prefix: &str) -> Vec<String> {
        let mut names = file.names(&format!("{}/", self.storage));
        names.retain(|name| name.starts_with(prefix));
        names.sort();
        names
    }

    /// The message that is this attachment.
    pub(super) fn message(&self, file: &mut Compound<'_>) -> Option<Self> {
        let storage = self.path(id::DATA, OBJECT);
        file.has(&format!("{storage}/{FIXED}"))
            .then(|| Self::of_message(file, &storage))
    }

    /// A text, if there is one that says something.
    pub(super) fn text(&self, file: &mut Compound<'_>, id: u16) -> Option<String> {
        let text = match file.stream(&self.path(id, WIDE)) {
            Some(bytes) => wide(&bytes),
            None => self.narrow(&file.stream(&self.path(id, NARROW))?, self.code_page),
        };
        let text = text.trim_end_matches('\0');
        (!text.trim().is_empty()).then(|| text.to_owned())
    }

    /// The body that is HTML.
    pub(super) fn page(&self, file: &mut Compound<'_>) -> Option<String> {
        match self.binary(file, id::HTML) {
            Some(bytes) => {
                let code_page = self.number(id::HTML_CODE_PAGE).or(self.code_page);
                Some(self.narrow(&bytes, code_page))
            }
            None => self.text(file, id::HTML),
        }
    }

    pub(super) fn binary(&self, file: &mut Compound<'_>, id: u16) -> Option<Vec<u8>> {
        file.stream(&self.path(id, BINARY))
    }

    pub(super) fn number(&self, id: u16) -> Option<u32> {
        let value = self.fixed(id, 0x0003)?;
        Some(u32::try_from(value & 0xffff_ffff).unwrap_or_default())
    }

    /// A point in time, as mail writes it.
    pub(super) fn time(&self, id: u16) -> Option<String> {
        let ticks = self.fixed(id, 0x0040)?;
        let seconds = i64::try_from(ticks / 10_000_000).ok()? - EPOCH;
        let time = DateTime::from_timestamp(seconds, 0)?;
        Some(time.format("%a, %d %b %Y %H:%M:%S +0000").to_string())
    }

    fn fixed(&self, id: u16, kind: u16) -> Option<u64> {
        let tag = u32::from(id) << 16 | u32::from(kind);
        let (entries, _) = self.fixed.as_chunks::<ENTRY>();
        let entry = entries
            .iter()
            .take(MAX_ENTRIES)
            .find(|entry| entry[..4] == tag.to_le_bytes())?;
        Some(u64::from_le_bytes(entry[8..].try_into().ok()?))
    }

    fn narrow(&self, bytes: &[u8], code_page: Option<u32>) -> String {
        let encoding = code_page.and_then(charset::of_code_page);
        charset::decode(bytes, encoding.map(Encoding::name)).into_owned()
    }

    fn path(&self, id: u16, kind: &str) -> String {
        format!("{}/__substg1.0_{id:04X}{kind}", self.storage)
    }
}

fn wide(bytes: &[u8]) -> String {
    let (text, _) = encoding_rs::UTF_16LE.decode_without_bom_handling(bytes);
    text.into_owned()
}
