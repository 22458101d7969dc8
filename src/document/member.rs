//! Documents inside documents: attachments, members of archives, embedded objects. Enter at [`read`] for
//! bytes and at [`nest`] for what is parsed already.
//!
//! Each is read as a document of its own and stands behind a heading with its name. What the whole
//! upload may cost is held by the [`Budget`](super::budget::Budget) that all of them share.

use super::builder::Builder;
use super::tidy::{one_line, tidy};
use super::{read_into, unread};
use crate::format::Format;
use crate::submission::{Failure, FailureCode};

/// Documents inside each other that are followed.
const MAX_DEPTH: usize = 4;
/// Bytes of a name that are shown.
const MAX_NAME: usize = 500;

/// The role of what is attached to mail.
const ATTACHMENT: &str = "Attachment";

/// Attachments read in one document.
pub(super) const MAX_ATTACHMENTS: usize = 500;

/// Says that there are more attachments than [`MAX_ATTACHMENTS`].
pub(super) fn too_many_attachments(out: &mut Builder) {
    out.truncated(&format!(
        "{MAX_ATTACHMENTS} attachments were read, the most that are"
    ));
}

/// How a member is called.
#[derive(Clone, Copy)]
pub(super) struct Label<'a> {
    /// What stands before the name in the heading: `Attachment`; may be empty.
    pub(super) role: &'static str,
    /// The name or path; empty where there is none. Words only: nothing is opened by it.
    pub(super) name: &'a str,
}

impl<'a> Label<'a> {
    /// That of what is attached to mail, a page or a PDF.
    pub(super) fn attachment(name: &'a str) -> Self {
        Self {
            role: ATTACHMENT,
            name,
        }
    }

    fn is_attached(&self) -> bool {
        self.role == ATTACHMENT
    }
}

/// What became of a member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    /// It stands in the document, under its heading.
    Read,
    /// It is of no kind that is read, or empty.
    Passed,
    /// It looked readable and was not; a warning says so.
    Failed,
    /// Limits of the whole upload are reached: no further member is worth a look.
    Exhausted,
}

/// Reads `bytes`, a whole document.
pub(super) fn read(label: Label<'_>, bytes: &[u8], out: &mut Builder) -> Fate {
    let name = Some(label.name).filter(|name| !name.is_empty());
    if bytes.is_empty() {
        return Fate::Passed;
    }
    let Some(format) = Format::sniff(bytes, name) else {
        // Pictures and programs are attached all the time.
        return match unread::document(bytes) {
            Some(sentence) => {
                failed(label, sentence, out);
                Fate::Failed
            }
            None => Fate::Passed,
        };
    };
    attempt(label, is_text(format), out, |inner| {
        read_into(bytes, name, inner).map(drop)
    })
}

/// Reads what is attached to mail or a PDF, and names it even where it has no text. `name` may be empty.
pub(super) fn attachment(name: &str, bytes: &[u8], out: &mut Builder) -> Fate {
    let fate = read(Label::attachment(name), bytes, out);
    if fate != Fate::Read {
        unread(Label::attachment(name), out);
    }
    fate
}

/// Names a member that is not read.
pub(super) fn unread(label: Label<'_>, out: &mut Builder) {
    let name = shown(label.name);
    if !name.is_empty() {
        out.member(label.is_attached(), |out| {
            out.paragraph(&format!("{}: {name}", label.role));
        });
    }
}

/// Reads a member that is parsed already.
pub(super) fn nest(
    label: Label<'_>,
    out: &mut Builder,
    read: impl FnOnce(&mut Builder) -> Result<(), Failure>,
) -> Fate {
    attempt(label, true, out, read)
}

/// Reads the one document inside another: its title, its address, its language and its failure are those of the
/// whole.
///
/// # Errors
/// Those of the document; too large, where limits of the whole upload are reached.
pub(super) fn only(label: Label<'_>, bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let name = Some(label.name).filter(|name| !name.is_empty());
    let mut inner = enter(out).map_err(|refusal| {
        let message = format!("The document was not read: {}.", refusal.sentence(out));
        Failure::new(FailureCode::TooLarge, message)
    })?;
    read_into(bytes, name, &mut inner)?;
    let document = inner.finish()?;
    if let Some(title) = &document.title {
        out.title(title);
    }
    if let Some(address) = &document.address {
        out.address(address);
    }
    if let Some(language) = &document.language {
        out.language(language);
    }
    out.member(label.is_attached(), |out| heading(label, out));
    out.append("", document);
    Ok(())
}

/// `may_be_empty`: a document of this kind without any text says nothing.
fn attempt(
    label: Label<'_>,
    may_be_empty: bool,
    out: &mut Builder,
    read: impl FnOnce(&mut Builder) -> Result<(), Failure>,
) -> Fate {
    if out.is_full() {
        return Fate::Exhausted;
    }
    let mut inner = match enter(out) {
        Ok(inner) => inner,
        Err(refusal) => {
            out.truncated(&refusal.sentence(out));
            return refusal.fate();
        }
    };
    match read(&mut inner).and_then(|()| inner.finish()) {
        Ok(document) => {
            out.member(label.is_attached(), |out| {
                heading(label, out);
                out.append(&shown(label.name), document);
            });
            Fate::Read
        }
        Err(failure) if failure.code == FailureCode::NoText && may_be_empty => Fate::Passed,
        Err(failure) => {
            failed(label, &failure.message, out);
            Fate::Failed
        }
    }
}

/// The builder of one more member, within the limits.
fn enter(out: &Builder) -> Result<Builder, Refusal> {
    if !out.budget().take_member() {
        Err(Refusal::Number)
    } else if out.depth() >= MAX_DEPTH {
        Err(Refusal::Depth)
    } else {
        Ok(out.inside())
    }
}

/// Why no further member is read.
enum Refusal {
    Number,
    Depth,
}

impl Refusal {
    fn sentence(&self, out: &Builder) -> String {
        match self {
            Self::Number => {
                let most = out.limits().entries;
                format!("{most} documents inside it were looked at, the most that are")
            }
            Self::Depth => format!(
                "documents that stand more than {MAX_DEPTH} deep inside each other are left out"
            ),
        }
    }

    fn fate(&self) -> Fate {
        match self {
            Self::Number => Fate::Exhausted,
            Self::Depth => Fate::Failed,
        }
    }
}

/// Writes the heading of a member: the role, the name, or both.
fn heading(label: Label<'_>, out: &mut Builder) {
    let name = shown(label.name);
    match (label.role, name.as_str()) {
        ("", name) => out.heading(name),
        (role, "") => out.heading(role),
        (role, name) => out.heading(&format!("{role}: {name}")),
    }
}

/// Warns that a member could not be read.
pub(super) fn failed(label: Label<'_>, why: &str, out: &mut Builder) {
    let name = shown(label.name);
    let name = match (name.as_str(), label.role) {
        ("", "") => "A document inside it",
        ("", role) => role,
        (name, _) => name,
    };
    out.warn("member_failed", format!("{name}: {why}"));
}

/// A name on one line and of bearable length.
pub(super) fn shown(name: &str) -> String {
    let name = one_line(&tidy(name));
    name[..name.floor_char_boundary(MAX_NAME)].to_owned()
}

fn is_text(format: Format) -> bool {
    matches!(
        format,
        Format::Text
            | Format::Markdown
            | Format::Csv
            | Format::Tsv
            | Format::Json
            | Format::Xml
            | Format::Yaml
            | Format::Html
    )
}
