//! Office documents, new (ZIP of XML) and old (compound files).
//!
//! Own streaming readers: text is taken from runs joined without separators, never through Markdown,
//! which would put marks into the middle of values.

pub(super) mod doc;
pub(super) mod docx;
mod drawing;
mod embedded;
pub(super) mod epub;
mod field;
mod info;
pub(super) mod odf;
mod outside;
mod package;
pub(super) mod ppt;
pub(super) mod pptx;
mod properties;
pub(super) mod rtf;
mod sheet;
mod table;
pub(super) mod xls;
pub(super) mod xlsx;
mod xml;

/// Letters beside the number of a page or the name of a sheet that still say nothing: `Page`.
const MAX_FURNITURE: usize = 8;

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Cursor, Write};

    use zip::CompressionMethod;
    use zip::write::{SimpleFileOptions, ZipWriter};

    /// A ZIP of `parts`, for tests of the readers. The type of a package is stored as it is.
    pub(in crate::document) fn zip<T: AsRef<[u8]>>(parts: &[(&str, T)]) -> Vec<u8> {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            let method = match *name {
                "mimetype" => CompressionMethod::Stored,
                _ => CompressionMethod::Deflated,
            };
            let options = SimpleFileOptions::default().compression_method(method);
            writer.start_file(*name, options).unwrap();
            writer.write_all(bytes.as_ref()).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }
}
