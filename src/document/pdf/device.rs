//! The device that pages are drawn on: takes characters and counts images, draws nothing.

use std::collections::HashMap;

use hayro_interpret::font::{Glyph, GlyphRun};
use hayro_interpret::hayro_cmap::{BfString, WritingMode};
use hayro_interpret::hayro_syntax::object::{Dict, String as PdfString};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect, Vec2};
use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask,
};

use super::layout::{Layout, Mark, Stretch};
use super::title::decode;

/// Units of a glyph to the em.
const UNITS: f64 = 1000.0;
/// Glyphs read out of one document; a long report has some 500,000.
const MAX_GLYPHS: usize = 5_000_000;
/// What may be drawn in one document, in the price of a line.
const MAX_STEPS: usize = 50_000_000;
/// The price of a form, in lines: it is inflated and parsed each time it is drawn.
const FORM: usize = 50;
/// Glyphs of one stretch that says which text it stands for. More of them are a page, not a ligature.
const MAX_ACTUAL: usize = 200;
/// Bytes of such a text.
const MAX_ACTUAL_BYTES: usize = 4 << 10;

/// What [`TextDevice`] unwinds with where a limit is reached: the interpreter asks no device whether it
/// has enough, and a form that draws forms that draw forms goes on for years.
pub(super) struct Enough;

/// Collects the characters of one document, page by page.
pub(super) struct TextDevice {
    layout: Layout,
    glyphs: usize,
    steps: usize,
    bytes: usize,
    max_bytes: usize,
    unmapped: usize,
    images: usize,
    /// Characters by size, in tenths of a point.
    sizes: HashMap<u32, usize>,
    /// The last characters of one size, not counted there yet.
    run: (u32, usize),
    /// Marked stretches that are open.
    depth: usize,
    actual: Option<Actual>,
}

/// A stretch of content that says which text it stands for, while it is drawn.
struct Actual {
    text: String,
    /// How many stretches it lies in.
    depth: usize,
    glyphs: Vec<(Option<String>, Mark)>,
}

impl TextDevice {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self {
            layout: Layout::default(),
            glyphs: 0,
            steps: 0,
            bytes: 0,
            max_bytes,
            unmapped: 0,
            images: 0,
            sizes: HashMap::new(),
            run: (0, 0),
            depth: 0,
            actual: None,
        }
    }

    /// Whether a limit is reached: what is drawn from now on is lost.
    pub(super) fn is_full(&self) -> bool {
        self.glyphs >= MAX_GLYPHS || self.bytes >= self.max_bytes || self.steps >= MAX_STEPS
    }

    /// Counts what is drawn, and leaves the interpreter where it is too much.
    fn step(&mut self, price: usize) {
        self.steps = self.steps.saturating_add(price);
        if self.is_full() {
            std::panic::resume_unwind(Box::new(Enough));
        }
    }

    pub(super) fn images(&self) -> usize {
        self.images
    }

    /// Glyphs drawn.
    pub(super) fn glyphs(&self) -> usize {
        self.glyphs
    }

    /// Glyphs whose character no font and no table tells.
    pub(super) fn unmapped(&self) -> usize {
        self.unmapped
    }

    /// Whether enough characters are known for the text to mean something.
    pub(super) fn is_readable(&self) -> bool {
        self.unmapped * 10 <= self.glyphs * 9
    }

    /// The size in which most of the text is set.
    pub(super) fn body_size(&self) -> f64 {
        let body = self
            .sizes
            .iter()
            .max_by_key(|&(&size, &count)| (count, size));
        body.map_or(f64::INFINITY, |(&size, _)| f64::from(size) / 10.0)
    }

    /// The text of the page that was drawn.
    pub(super) fn end_page(&mut self) -> Vec<Stretch> {
        self.end_actual();
        self.end_run();
        self.depth = 0;
        std::mem::take(&mut self.layout).finish()
    }

    fn glyph(&mut self, glyph: &Glyph<'_>, transform: Affine, vertical: bool) {
        self.glyphs += 1;
        let mut buffer = [0; 4];
        let unicode = glyph.as_unicode();
        let text = match &unicode {
            Some(BfString::Char(c)) => Some(&*c.encode_utf8(&mut buffer)),
            Some(BfString::String(text)) => Some(text.as_str()),
            None => None,
        };
        let advance = match glyph {
            Glyph::Outline(glyph) => glyph.advance_width(),
            Glyph::Type3(glyph) => glyph.advance_width(),
        };
        let origin = transform * Point::ZERO;
        let along = transform * Point::new(UNITS, 0.0) - origin;
        let up = transform * Point::new(0.0, UNITS) - origin;
        let size = if up.hypot() > 0.0 {
            up.hypot()
        } else {
            along.hypot()
        };
        let (direction, advance) = if vertical {
            (Vec2::ZERO - up, size)
        } else {
            (
                along,
                along.hypot() * f64::from(advance.unwrap_or(500.0)) / UNITS,
            )
        };
        let mark = Mark {
            x: origin.x,
            y: origin.y,
            direction: (direction.x, direction.y),
            size,
            advance,
        };
        if size.is_finite() && size < 1e4 {
            self.count((size * 10.0) as u32);
        }
        match &mut self.actual {
            Some(actual) if actual.glyphs.len() < MAX_ACTUAL => {
                actual.glyphs.push((text.map(str::to_owned), mark));
            }
            actual => {
                let long = actual.take();
                self.characters(long.map_or_else(Vec::new, |long| long.glyphs));
                self.character(text, &mark);
            }
        }
    }

    /// Counts a character of `size`, in tenths of a point: mostly the one before had the same.
    fn count(&mut self, size: u32) {
        if self.run.0 != size {
            self.end_run();
            self.run.0 = size;
        }
        self.run.1 += 1;
    }

    fn end_run(&mut self) {
        let (size, count) = std::mem::take(&mut self.run);
        if count > 0 {
            *self.sizes.entry(size).or_default() += count;
        }
    }

    fn characters(&mut self, glyphs: Vec<(Option<String>, Mark)>) {
        for (text, mark) in glyphs {
            self.character(text.as_deref(), &mark);
        }
    }

    fn character(&mut self, text: Option<&str>, mark: &Mark) {
        // A blank in place of an unknown one would join or split a value; a wrong value is worse than none.
        let shown = text.unwrap_or("\u{fffd}");
        self.unmapped += usize::from(text.is_none());
        self.bytes += shown.len();
        self.layout.character(shown, mark);
    }

    /// Writes what a stretch says it stands for: small capitals, ligatures and hyphens are drawn with glyphs
    /// of other characters. One that says nothing is what it draws.
    fn end_actual(&mut self) {
        let Some(actual) = self.actual.take() else {
            return;
        };
        match (actual.glyphs.first(), actual.glyphs.last()) {
            (Some(&(_, first)), Some((_, last))) if !actual.text.is_empty() => {
                let advance = (last.x - first.x).hypot(last.y - first.y) + last.advance;
                self.character(Some(&actual.text), &Mark { advance, ..first });
            }
            _ => self.characters(actual.glyphs),
        }
    }
}

impl<'a> Device<'a> for TextDevice {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, _: &DrawMode) {
        let vertical = matches!(run.writing_mode(), WritingMode::Vertical);
        for glyph in run.glyphs() {
            self.step(1);
            self.glyph(glyph, props.transform * glyph.transform(), vertical);
        }
    }

    fn draw_image(&mut self, _: Image<'a, '_>, _: ImageDrawProps<'a>) {
        self.step(1);
        self.images += 1;
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {
        self.step(1);
    }

    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {
        self.step(1);
    }

    /// Each form begins with one.
    fn push_clip_path(&mut self, _: &ClipPath) {
        self.step(FORM);
    }

    fn push_clip_rect(&mut self, _: &Rect) {
        self.step(1);
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        self.depth += 1;
        let text = properties.and_then(|properties| properties.get::<PdfString<'_>>(b"ActualText"));
        let text = text.filter(|text| text.len() <= MAX_ACTUAL_BYTES);
        if let (Some(text), None) = (text, &self.actual) {
            self.actual = Some(Actual {
                text: decode(text.as_bytes()),
                depth: self.depth,
                glyphs: Vec::new(),
            });
        }
    }

    fn end_marked_content(&mut self) {
        if self
            .actual
            .as_ref()
            .is_some_and(|actual| actual.depth == self.depth)
        {
            self.end_actual();
        }
        self.depth = self.depth.saturating_sub(1);
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};

    use super::*;

    #[test]
    fn the_interpreter_is_left_where_too_much_is_drawn() {
        let mut device = TextDevice::new(1 << 20);
        let mut draw = || {
            for _ in 0..MAX_STEPS {
                device.push_clip_path(&ClipPath {
                    path: BezPath::new(),
                    fill: hayro_interpret::FillRule::NonZero,
                });
            }
        };
        let left = catch_unwind(AssertUnwindSafe(&mut draw)).unwrap_err();
        assert!(left.is::<Enough>());
        assert!(device.is_full());
    }
}
