//! Pages, one after the other, each with what lies on it.
//!
//! The interpreter may panic on a page that nobody thought of, and it knows no end but that of the page:
//! either way it is left by unwinding, here and nowhere else, and what it drew until then is kept.

use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::content::TypedIter;
use hayro_interpret::hayro_syntax::object::{Dict, Stream};
use hayro_interpret::hayro_syntax::page::{Page, Resources};
use hayro_interpret::hayro_syntax::xref::XRef;
use hayro_interpret::kurbo::{Affine, Rect};
use hayro_interpret::{
    Context, Device, InterpreterCache, InterpreterSettings, TransformExt, interpret,
};

use super::annotations::{Annotations, Remark};
use super::content::Content;
use super::device::{Enough, TextDevice};
use super::layout::Stretch;
use super::picture::{Drawn, PictureDevice};
use crate::document::budget::Budget;
use crate::document::builder::Builder;

/// What one page holds.
pub(super) struct Sheet {
    pub(super) number: u32,
    pub(super) text: Vec<Stretch>,
    /// What its images say, where it has no text.
    pub(super) recognised: String,
    pub(super) remarks: Vec<Remark>,
    images: usize,
}

impl Sheet {
    /// Whether there are images on it and no text.
    pub(super) fn is_picture(&self) -> bool {
        self.text.is_empty() && self.images > 0
    }
}

/// Reads the pages of one document.
pub(super) struct Pages<'a> {
    pdf: &'a Pdf,
    cache: InterpreterCache<'a>,
    device: TextDevice,
    budget: Budget,
    /// Streams that one page may be made of.
    streams: usize,
    failed: usize,
}

impl<'a> Pages<'a> {
    pub(super) fn new(pdf: &'a Pdf, out: &Builder) -> Self {
        let limits = out.limits();
        Self {
            pdf,
            cache: InterpreterCache::new(),
            device: TextDevice::new(limits.text),
            budget: out.budget().clone(),
            streams: limits.entries,
            failed: 0,
        }
    }

    /// Whether a limit is reached: what comes now is lost.
    pub(super) fn is_full(&self) -> bool {
        self.device.is_full() || self.budget.is_spent()
    }

    /// Pages that could not be read, or not whole.
    pub(super) fn failed(&self) -> usize {
        self.failed
    }

    pub(super) fn xref(&self) -> &'a XRef {
        self.pdf.xref()
    }

    pub(super) fn device(&self) -> &TextDevice {
        &self.device
    }

    /// Reads `page` and what lies on it; what could not be read of it is told to `out`.
    pub(super) fn read(
        &mut self,
        page: &Page<'a>,
        number: u32,
        annotations: &mut Annotations<'a>,
        out: &mut Builder,
    ) -> Sheet {
        let images = self.device.images();
        let (room, streams) = (self.budget.room(), self.streams);
        let content = self.attempt(|_| Content::of_page(page, room, streams));
        let content = content.unwrap_or_else(Content::failed);
        self.budget.take_inflated(content.bytes.len());
        let drawn = self.draw(&content.bytes, page.resources());
        let text = self.device.end_page();
        let images = self.device.images() - images;
        let remarks =
            self.attempt(|pages| annotations.read(page, |form| pages.form(form, page.resources())));
        if content.damaged || drawn.is_none() || remarks.is_none() {
            self.failed += 1;
            let left = if text.is_empty() {
                "was left out"
            } else {
                "was read in part"
            };
            out.warn(
                "page_failed",
                format!("Page {number} is damaged and {left}."),
            );
        }
        if content.cut {
            out.truncated(&format!("page {number} is larger than what is read"));
        }
        Sheet {
            number,
            text,
            recognised: String::new(),
            remarks: remarks.unwrap_or_default(),
            images,
        }
    }

    /// The bytes of `stream`, a part of the document that is no page.
    pub(super) fn part(&mut self, stream: &Stream<'_>) -> Content {
        let content = Content::of_stream(stream, self.budget.room());
        self.budget.take_inflated(content.bytes.len());
        content
    }

    /// The text that the appearance of an annotation shows. Where it stands is of no matter.
    fn form(&mut self, form: &Stream<'a>, inherited: &Resources<'a>) -> Vec<Stretch> {
        let content = self.part(form);
        let own = form
            .dict()
            .get::<Dict<'_>>(b"Resources")
            .map(Resources::new);
        self.draw(&content.bytes, own.as_ref().unwrap_or(inherited));
        self.device.end_page()
    }

    /// What the images of `page` show.
    ///
    /// # Errors
    /// Why they cannot be shown, as the end of a sentence.
    pub(super) fn picture(&mut self, page: &Page<'a>) -> Result<Drawn, String> {
        let (room, streams) = (self.budget.room(), self.streams);
        let drawn = self.attempt(|pages| {
            let (width, height) = page.render_dimensions();
            let upright = page.initial_transform(true).to_kurbo();
            let (mut device, place) =
                PictureDevice::new(f64::from(width), f64::from(height), upright)?;
            let content = Content::of_page(page, room, streams);
            let resources = page.resources();
            let (pdf, cache) = (pages.pdf, &pages.cache);
            play(&content.bytes, resources, place, pdf, cache, &mut device);
            Some(device)
        });
        match drawn.flatten() {
            Some(device) => device.finish(),
            None => Err("its images could not be decoded".to_owned()),
        }
    }

    /// Draws `content`; `None` where that failed.
    fn draw(&mut self, content: &[u8], resources: &Resources<'a>) -> Option<()> {
        if content.is_empty() || self.device.is_full() {
            return Some(());
        }
        self.attempt(|pages| {
            let (pdf, cache, device) = (pages.pdf, &pages.cache, &mut pages.device);
            play(content, resources, Affine::IDENTITY, pdf, cache, device);
        })
    }

    /// Does `work`; `None` where it panicked. To have drawn enough is no failure.
    ///
    /// The device and the annotations change nothing by halves. The cache may: a lock that was held
    /// meanwhile is poisoned.
    fn attempt<T: Default>(&mut self, work: impl FnOnce(&mut Self) -> T) -> Option<T> {
        let done = catch_unwind(AssertUnwindSafe(|| work(self)));
        match done {
            Ok(done) => Some(done),
            Err(reason) if reason.is::<Enough>() => Some(T::default()),
            Err(_) => {
                self.cache = InterpreterCache::new();
                None
            }
        }
    }
}

/// Plays `content` to `device`; `place` is where the page lies.
fn play<'a>(
    content: &[u8],
    resources: &Resources<'a>,
    place: Affine,
    pdf: &'a Pdf,
    cache: &InterpreterCache<'a>,
    device: &mut impl Device<'a>,
) {
    // Nothing is painted, and what only paint needs is a way to waste time and memory.
    let resources = Resources {
        color_spaces: Dict::empty(),
        patterns: Dict::empty(),
        shadings: Dict::empty(),
        ..resources.clone()
    };
    let everything = Rect::new(0.0, 0.0, 1.0, 1.0);
    let settings = InterpreterSettings::default();
    let mut context = Context::new(place, everything, cache, pdf.xref(), settings);
    interpret(TypedIter::new(content), &resources, &mut context, device);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Limits;

    #[test]
    fn a_panic_costs_what_panicked_and_no_more() {
        let pdf = Pdf::new(b"%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n2 0 obj\n<</Type/Pages/Kids[]/Count 0>>\nendobj\ntrailer\n<</Root 1 0 R>>".to_vec());
        let pdf = pdf.ok().unwrap();
        let mut pages = Pages::new(&pdf, &Builder::new(&Limits::default()));
        assert_eq!(
            pages.attempt(|_| -> u8 { panic!("as an interpreter may") }),
            None
        );
        let enough = |_: &mut Pages<'_>| -> u8 { std::panic::resume_unwind(Box::new(Enough)) };
        assert_eq!(pages.attempt(enough), Some(0));
        assert_eq!(pages.attempt(|_| 7), Some(7));
    }
}
