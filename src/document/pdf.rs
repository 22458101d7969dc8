//! PDF ([ISO 32000](https://pdfa.org/resource/iso-32000-2/)): the interpreter draws each page on a
//! device that keeps nothing but characters, their places and sizes.
//!
//! Text comes in the order of the content, which keeps sentences and values together better than any
//! guess at the layout. What lies on a page follows its text: values of form fields, notes, and targets
//! of links, which are often the only whole copy of a URL that the text wraps.
//!
//! A page that shows images and has no text is handed over as a picture, where somebody reads pictures.
//!
//! A page that cannot be read is named in a warning and costs no other page.

mod annotations;
mod attachments;
mod carry;
mod content;
mod declared;
mod device;
mod forms;
mod layout;
mod pages;
mod picture;
mod scans;
mod title;
mod wrap;

use std::panic::{AssertUnwindSafe, catch_unwind};

use annotations::{Annotations, Remark};
use device::TextDevice;
use hayro_interpret::hayro_syntax::object::{Dict, Stream};
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use layout::{Kind, Stretch};
use pages::{Pages, Sheet};
use scans::Scans;

use super::builder::Builder;
use super::{Place, html, text_number, xml};
use crate::submission::{Failure, FailureCode};

/// A heading is set at least this much larger than the running text.
const HEADING_SIZE: f64 = 1.15;
/// Longest heading, in bytes. Longer large text is running text.
const MAX_HEADING: usize = 200;

/// Reads a PDF.
///
/// # Errors
/// Encrypted, damaged; no text layer is found out when the document ends.
pub(super) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    // Whatever the parser does on damaged bytes, nothing of it is used when it did not end well.
    let parse = AssertUnwindSafe(|| Pdf::new(bytes.to_vec()));
    let pdf = catch_unwind(parse).unwrap_or(Err(LoadPdfError::Invalid));
    let pdf = pdf.map_err(failure)?;
    let catalog = pdf.xref().get::<Dict<'_>>(pdf.xref().root_id());
    let catalog = catalog.unwrap_or_default();
    let mut annotations = Annotations::new(out.limits().text);
    let mut pages = Pages::new(&pdf, out);
    let title = pdf.metadata().title.as_deref().and_then(title::clean);
    let xmp = || title::of_xmp(&pages.part(&catalog.get::<Stream<'_>>(b"Metadata")?).bytes);
    if let Some(title) = title.or_else(xmp) {
        out.title(&title);
    }
    if let Some(language) = catalog.get::<hayro_syntax::object::String<'_>>(b"Lang") {
        out.language(&title::decode(language.as_bytes()));
    }
    let mut sheets = Vec::new();
    let mut scans = Scans::default();
    let all = pdf.pages().len();
    for (page, number) in pdf.pages().iter().zip(1..).take(out.limits().pages) {
        let mut sheet = pages.read(page, number, &mut annotations, out);
        if sheet.is_picture() && !pages.is_full() {
            sheet.recognised = scans.read(number, || pages.picture(page), out);
        }
        sheets.push(sheet);
        if pages.is_full() || annotations.is_full() {
            out.truncated(&format!(
                "page {number} is where the limit of what is read was reached"
            ));
            break;
        }
    }
    if all > out.limits().pages {
        out.truncated(&format!(
            "the document has {all} pages and {} were read",
            out.limits().pages
        ));
    }
    let device = pages.device();
    if !device.is_readable() {
        sheets.iter_mut().for_each(|sheet| sheet.text.clear());
    }
    carry::join(&mut sheets);
    scans.tell(all, out);
    if device.unmapped() * 10 > device.glyphs() {
        out.warn(
            "unmapped_glyphs",
            "Some fonts do not say which characters they draw: these stand as U+FFFD in the text.",
        );
    }
    let no_text = scans.no_text(all);
    out.empty_because(no_text.unwrap_or_else(|| why_empty(all, pages.failed(), device)));
    let body = device.body_size();
    sheets.iter().for_each(|sheet| write(sheet, body, out));
    let rest = annotations.rest(&pdf, &catalog);
    if !rest.is_empty() {
        out.begin(Place::Whole);
        rest.iter()
            .for_each(|remark| write_remark(remark, body, out));
    }
    if !annotations.has_fields()
        && let Some(data) = forms::xfa(&catalog)
    {
        out.begin(Place::Whole);
        xml::read(forms::data(&pages.part(&data).bytes), out);
    }
    attachments::read(&catalog, &annotations.files, &mut pages, out);
    Ok(())
}

fn write(sheet: &Sheet, body: f64, out: &mut Builder) {
    let nothing = sheet.text.is_empty() && sheet.recognised.is_empty() && sheet.remarks.is_empty();
    if out.is_full() || nothing {
        return;
    }
    out.begin(Place::Page(sheet.number));
    write_text(&sheet.text, body, out);
    out.recognised(&sheet.recognised);
    let (links, others): (Vec<_>, Vec<_>) = sheet
        .remarks
        .iter()
        .partition(|remark| matches!(remark, Remark::Link(_)));
    for remark in others.into_iter().chain(links) {
        write_remark(remark, body, out);
    }
}

fn write_text(text: &[Stretch], body: f64, out: &mut Builder) {
    for stretch in text {
        let large = stretch.size >= body * HEADING_SIZE && stretch.text.len() <= MAX_HEADING;
        match stretch.kind {
            Kind::Item => out.item(&stretch.text),
            Kind::Words if large && stretch.text.chars().any(char::is_alphabetic) => {
                out.heading(&stretch.text);
            }
            Kind::Words => out.paragraph(&stretch.text),
        }
    }
}

fn write_remark(remark: &Remark, body: f64, out: &mut Builder) {
    match remark {
        Remark::Field(field) if field.name.is_empty() => out.paragraph(&field.value),
        Remark::Field(field) if field.value.trim().contains('\n') => {
            out.paragraph(&format!("{}:\n{}", field.name, field.value));
        }
        Remark::Field(field) => {
            out.row(&[&field.name, &field.value], None);
        }
        Remark::Note(text) => out.paragraph(text),
        Remark::Rich(text) => html::read_fragment(text, out),
        Remark::Drawn(text) => write_text(text, body, out),
        Remark::Link(target) => out.link(target),
    }
}

fn failure(error: LoadPdfError) -> Failure {
    let (code, sentence) = match error {
        LoadPdfError::Decryption(DecryptionError::PasswordProtected) => (
            FailureCode::Encrypted,
            "The PDF is protected with a password: hand in a copy without one.",
        ),
        LoadPdfError::Decryption(_) => (
            FailureCode::Encrypted,
            "The PDF is encrypted in a way that cannot be read: hand in a copy without encryption.",
        ),
        LoadPdfError::Invalid => (
            FailureCode::Malformed,
            "The PDF is damaged: no pages could be found in it.",
        ),
    };
    Failure::new(code, sentence)
}

fn why_empty(pages: usize, failed: usize, device: &TextDevice) -> String {
    if failed > 0 {
        return format!(
            "The PDF is damaged: {failed} of {pages} pages could not be read, and the others hold no text."
        );
    }
    let pages = text_number(pages, "page");
    let images = text_number(device.images(), "image");
    if device.unmapped() > 0 {
        format!(
            "The PDF has {pages} whose fonts do not say which characters they draw: run text recognition (OCR) on it and hand in the result."
        )
    } else if device.images() > 0 {
        format!(
            "The PDF has no text layer: {pages} with {images}, probably scanned. Run text recognition (OCR) on it and hand in the result."
        )
    } else {
        format!("The PDF has {pages} and no text on any of them.")
    }
}

#[cfg(test)]
mod tests;
