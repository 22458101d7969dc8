//! The kinds of document that iocsift reads, and how their first bytes tell them apart.
//! One table; a name or media type that a client claims is at most a hint among text formats.

use serde::{Deserialize, Serialize};

pub(crate) mod charset;
mod compound;
pub(crate) mod little_endian;
mod shape;
mod sniff;
pub(crate) mod tar;

macro_rules! formats {
    ($($(#[$doc:meta])* $variant:ident => $name:literal, $media:literal, [$($ext:literal),*];)*) => {
        /// A kind of document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        pub enum Format {
            $($(#[$doc])* #[serde(rename = $name)] $variant,)*
        }

        impl Format {
            /// Every format.
            pub const ALL: &'static [Format] = &[$(Format::$variant),*];

            /// The stable name: `pdf`, `docx`, …
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Format::$variant => $name),* }
            }

            /// The media type.
            #[must_use]
            pub const fn media_type(self) -> &'static str {
                match self { $(Format::$variant => $media),* }
            }

            /// File name extensions, lower case, without the dot.
            #[must_use]
            pub const fn extensions(self) -> &'static [&'static str] {
                match self { $(Format::$variant => &[$($ext),*]),* }
            }
        }
    };
}

formats! {
    /// Plain text and logs.
    Text => "text", "text/plain", ["txt", "log", "text", "adoc", "ioc", "list"];
    /// Markdown.
    Markdown => "markdown", "text/markdown", ["md", "markdown"];
    /// Comma-separated values.
    Csv => "csv", "text/csv", ["csv"];
    /// Tab-separated values.
    Tsv => "tsv", "text/tab-separated-values", ["tsv", "tab"];
    /// JSON, one value or one a line.
    Json => "json", "application/json", ["json", "ndjson", "jsonl", "stix"];
    /// XML other than HTML.
    Xml => "xml", "application/xml", ["xml", "rss", "atom", "svg", "opml"];
    /// YAML.
    Yaml => "yaml", "application/yaml", ["yaml", "yml"];
    /// HTML and XHTML.
    Html => "html", "text/html", ["html", "htm", "xhtml"];
    /// Portable Document Format.
    Pdf => "pdf", "application/pdf", ["pdf"];
    /// Word, Office Open XML.
    Docx => "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", ["docx", "docm", "dotx", "dotm"];
    /// Excel, Office Open XML.
    Xlsx => "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", ["xlsx", "xlsm", "xltx", "xltm"];
    /// PowerPoint, Office Open XML.
    Pptx => "pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation", ["pptx", "pptm", "ppsx", "potx"];
    /// Word 97–2003.
    Doc => "doc", "application/msword", ["doc", "dot"];
    /// Excel 97–2003.
    Xls => "xls", "application/vnd.ms-excel", ["xls", "xlt"];
    /// PowerPoint 97–2003.
    Ppt => "ppt", "application/vnd.ms-powerpoint", ["ppt", "pps", "pot"];
    /// OpenDocument text.
    Odt => "odt", "application/vnd.oasis.opendocument.text", ["odt", "ott", "odm"];
    /// OpenDocument spreadsheet.
    Ods => "ods", "application/vnd.oasis.opendocument.spreadsheet", ["ods", "ots"];
    /// OpenDocument presentation.
    Odp => "odp", "application/vnd.oasis.opendocument.presentation", ["odp", "otp"];
    /// Electronic book.
    Epub => "epub", "application/epub+zip", ["epub"];
    /// Rich Text Format.
    Rtf => "rtf", "application/rtf", ["rtf"];
    /// ZIP, other than an Office document.
    Zip => "zip", "application/zip", ["zip"];
    /// One document, packed by gzip.
    Gzip => "gzip", "application/gzip", ["gz", "tgz"];
    /// One document, packed by bzip2.
    Bzip2 => "bzip2", "application/x-bzip2", ["bz2", "tbz", "tbz2"];
    /// One document, packed by xz.
    Xz => "xz", "application/x-xz", ["xz", "txz"];
    /// One document, packed by Zstandard.
    Zstd => "zstd", "application/zstd", ["zst", "tzst"];
    /// 7z.
    SevenZ => "7z", "application/x-7z-compressed", ["7z"];
    /// Tape archive.
    Tar => "tar", "application/x-tar", ["tar"];
    /// One mail message.
    Eml => "eml", "message/rfc822", ["eml"];
    /// One message of Outlook.
    Msg => "msg", "application/vnd.ms-outlook", ["msg"];
    /// A web page saved as one file, in the form of mail.
    Mhtml => "mhtml", "multipart/related", ["mhtml", "mht"];
    /// Many mail messages, each behind a `From ` line.
    Mbox => "mbox", "application/mbox", ["mbox", "mbx"];
}

/// All kinds that are read, in the words of people: what to hand in instead of what is not.
pub const READABLE: &str = "PDF, Word, Excel, PowerPoint, OpenDocument, RTF, EPUB, HTML, MHTML, mail (EML, MSG, MBOX), \
                            Markdown, CSV, TSV, JSON, XML, YAML, plain text, or a ZIP, 7z or TAR archive of them, also packed by gzip, bzip2, xz or Zstandard";

impl Format {
    /// What `bytes` are, by content. `name` is a file name, a hint among text formats alone. `None`
    /// for what is not read: images, programs, unknown binary data.
    ///
    /// Looks, and does not parse: a file of a known kind may still turn out to be damaged.
    #[must_use]
    pub fn sniff(bytes: &[u8], name: Option<&str>) -> Option<Format> {
        sniff::sniff(bytes, name)
    }

    /// Whether a document of this kind may hold others that are read: archives, mail, attachments of a
    /// PDF, objects in Office documents.
    #[must_use]
    pub const fn holds_documents(self) -> bool {
        matches!(
            self,
            Format::Zip
                | Format::Gzip
                | Format::Bzip2
                | Format::Xz
                | Format::Zstd
                | Format::SevenZ
                | Format::Tar
                | Format::Eml
                | Format::Mbox
                | Format::Mhtml
                | Format::Msg
                | Format::Pdf
                | Format::Rtf
                | Format::Docx
                | Format::Xlsx
                | Format::Pptx
                | Format::Doc
                | Format::Xls
                | Format::Ppt
                | Format::Odt
                | Format::Ods
                | Format::Odp
        )
    }

    /// The format that the extension of a file name claims.
    #[must_use]
    pub fn by_extension(name: &str) -> Option<Format> {
        let (_, extension) = name.rsplit_once('.')?;
        let extension = extension.to_ascii_lowercase();
        Format::ALL
            .iter()
            .copied()
            .find(|format| format.extensions().contains(&extension.as_str()))
    }
}
