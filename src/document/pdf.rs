//! PDF ([ISO 32000](https://pdfa.org/resource/iso-32000-2/)): the interpreter draws each page on a
//! device that keeps nothing but characters, their places and sizes.
//!
//! Text comes in the order of the content, which keeps sentences and values together better than any
//! guess at the layout. Targets of link annotations follow the text of their page: they are often the
//! only whole copy of a URL that the text wraps.

mod device;
mod layout;
mod title;

use device::TextDevice;
use hayro_interpret::hayro_syntax::object::{Array, Dict, Name, String as PdfString};
use hayro_interpret::hayro_syntax::page::Page;
use hayro_interpret::hayro_syntax::{DecryptionError, LoadPdfError, Pdf};
use hayro_interpret::kurbo::{Affine, Rect};
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};
use layout::{Kind, Stretch};

use super::builder::Builder;
use super::{Place, text_number};
use crate::submission::{Failure, FailureCode};

/// Glyphs read out of one document; a long report has some 500,000.
const MAX_GLYPHS: usize = 5_000_000;
/// Link annotations read on one page.
const MAX_LINKS: usize = 5_000;
/// A heading is set at least this much larger than the running text.
const HEADING_SIZE: f64 = 1.15;
/// Longest heading, in bytes. Longer large text is running text.
const MAX_HEADING: usize = 200;

/// What one page holds.
struct Sheet {
    number: u32,
    text: Vec<Stretch>,
    links: Vec<String>,
}

/// Reads a PDF.
///
/// # Errors
/// Encrypted, damaged; no text layer is found out when the document ends.
pub(super) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let pdf = Pdf::new(bytes.to_vec()).map_err(failure)?;
    if let Some(title) = pdf.metadata().title.as_deref().and_then(title::clean) {
        out.title(&title);
    }
    let cache = InterpreterCache::new();
    let mut device = TextDevice::new(MAX_GLYPHS, out.limits().text);
    let mut sheets = Vec::new();
    let mut pictures = 0;
    let pages = pdf.pages();
    for (page, number) in pages.iter().zip(1..).take(out.limits().pages) {
        if page.raw().contains_key(b"Contents") && page.page_stream().is_none() {
            out.warn(
                "page_failed",
                format!("Page {number} is damaged and was left out."),
            );
            continue;
        }
        let settings = InterpreterSettings::default();
        let mut context = Context::new(
            Affine::IDENTITY,
            Rect::new(0.0, 0.0, 1.0, 1.0),
            &cache,
            pdf.xref(),
            settings,
        );
        let images = device.images();
        interpret_page(page, &mut context, &mut device);
        let text = device.end_page();
        pictures += usize::from(text.is_empty() && device.images() > images);
        sheets.push(Sheet {
            number,
            text,
            links: links(page),
        });
        if device.is_full() {
            out.truncated(&format!(
                "page {number} is where the limit of what is read was reached"
            ));
            break;
        }
    }
    if pages.len() > out.limits().pages {
        out.truncated(&format!(
            "the document has {} pages and {} were read",
            pages.len(),
            out.limits().pages
        ));
    }
    if !device.is_readable() {
        sheets.clear();
    }
    if pictures > 0 && pictures < pages.len() {
        let pictures = text_number(pictures, "page");
        out.warn(
            "no_text_pages",
            format!(
                "{pictures} of {} held images and no text: what they show was not read.",
                pages.len()
            ),
        );
    }
    if device.unmapped() * 10 > device.glyphs() {
        out.warn(
            "unmapped_glyphs",
            "Some fonts do not say which characters they draw: these stand as U+FFFD in the text.",
        );
    }
    out.empty_because(no_text(pages.len(), &device));
    write(&sheets, device.body_size(), out);
    Ok(())
}

fn write(sheets: &[Sheet], body: f64, out: &mut Builder) {
    for sheet in sheets {
        if out.is_full() {
            return;
        }
        if sheet.text.is_empty() && sheet.links.is_empty() {
            continue;
        }
        out.begin(Place::Page(sheet.number));
        for stretch in &sheet.text {
            let large = stretch.size >= body * HEADING_SIZE && stretch.text.len() <= MAX_HEADING;
            match stretch.kind {
                Kind::Item => out.item(&stretch.text),
                Kind::Words if large && stretch.text.chars().any(char::is_alphabetic) => {
                    out.heading(&stretch.text)
                }
                Kind::Words => out.paragraph(&stretch.text),
            }
        }
        sheet.links.iter().for_each(|link| out.link(link));
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

fn no_text(pages: usize, device: &TextDevice) -> String {
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

/// The targets of the link annotations of a page.
fn links(page: &Page<'_>) -> Vec<String> {
    let Some(annotations) = page.raw().get::<Array<'_>>(b"Annots") else {
        return Vec::new();
    };
    let target = |annotation: Dict<'_>| {
        annotation
            .get::<Name<'_>>(b"Subtype")
            .filter(|kind| kind.as_str() == "Link")?;
        let uri = annotation
            .get::<Dict<'_>>(b"A")?
            .get::<PdfString<'_>>(b"URI")?;
        Some(title::decode(uri.as_bytes()))
    };
    annotations
        .iter::<Dict<'_>>()
        .take(MAX_LINKS)
        .filter_map(target)
        .collect()
}

#[cfg(test)]
mod tests;
