//! Rich Text Format
//! ([version 1.9.1](https://interoperability.blob.core.windows.net/files/Archive_References/%5bMSFT-RTF%5d.pdf)),
//! in one pass over its tokens. Mail programs wrap HTML into it
//! ([MS-OXRTFEX](https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxrtfex/)): that is
//! taken out again.
//!
//! Hidden and deleted text is text. Of pictures and objects the names and targets are kept; documents
//! inside objects follow the text.

mod charset;
mod destination;
mod flow;
mod object;
mod reader;
mod token;

use reader::Reader;
use token::Tokens;

use crate::document::builder::Builder;
use crate::document::html;

/// Reads the bytes of a file, or of the body of a message once it is unpacked. Damage never ends the
/// reading: what follows it is read as it comes.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) {
    let mut reader = Reader::new(out);
    for token in Tokens::new(bytes) {
        if reader.is_full() {
            break;
        }
        reader.token(token);
    }
    if let Some(page) = reader.finish() {
        html::read_fragment(&page, out);
    }
}

#[cfg(test)]
mod tests;
