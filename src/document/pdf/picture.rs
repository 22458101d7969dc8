//! The images of a page → one picture of the page as it is seen: for pages whose text is in images alone.
//!
//! Scans come as one image, as strips, as a mask over a background, upright or turned by the page: all are
//! put where the page shows them. Neither text nor lines are drawn: the page has none worth it.

use hayro_interpret::font::GlyphRun;
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect};
use hayro_interpret::{
    BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps, LumaData,
    Paint, SoftMask,
};

use super::declared;
use crate::document::picture::{MAX_PIXELS, Picture};

/// Pixels to the point of a page in 300 dots an inch: what text recognition is made for. Less is enlarged
/// to it, more is reduced.
const SCALE: f64 = 300.0 / 72.0;
/// Pixels of all images and their masks that are decoded for one page: what they take in memory is some times as much.
const MAX_DECODED: u64 = 50_000_000;
/// The price of an image, in pixels, however small it is.
const IMAGE: u64 = 1_000;
/// Pixels of images that are looked at to put them where they lie.
const MAX_LOOKS: usize = 400_000_000;
/// Pixels of an image looked at for one of the picture, along a row: fewer would miss thin strokes.
const MAX_SAMPLES: usize = 4;
/// The shade of paper.
const WHITE: u8 = 255;

/// The images of one page.
pub(super) struct Drawn {
    pub(super) picture: Picture,
    /// Whether images of the page are missing: too large, or damaged.
    pub(super) left_out: bool,
}

/// Puts the images of one page together.
pub(super) struct PictureDevice {
    width: usize,
    height: usize,
    pixels: Vec<u8>,
    decoded: u64,
    looks: usize,
    images: usize,
    /// Images that could be decoded, and whether any other was left out.
    met: usize,
    left_out: bool,
}

impl PictureDevice {
    /// A picture of a page of `width` by `height` points, and how the page lies in it; `None` where the page
    /// has no area. `upright` brings the page upright, with its top left at the origin.
    pub(super) fn new(width: f64, height: f64, upright: Affine) -> Option<(Self, Affine)> {
        let fits = (f64::from(MAX_PIXELS) / (width * height)).sqrt();
        let scale = SCALE.min(fits);
        let (columns, rows) = ((width * scale).floor(), (height * scale).floor());
        if !(columns >= 1.0 && rows >= 1.0 && columns * rows <= f64::from(MAX_PIXELS)) {
            return None;
        }
        let (width, height) = (columns as usize, rows as usize);
        let device = Self {
            width,
            height,
            pixels: vec![WHITE; width * height],
            decoded: 0,
            looks: 0,
            images: 0,
            met: 0,
            left_out: false,
        };
        Some((device, Affine::scale(scale) * upright))
    }

    /// The picture, and whether it is whole.
    ///
    /// # Errors
    /// Where no image of the page could be decoded: why, as the end of a sentence.
    pub(super) fn finish(self) -> Result<Drawn, String> {
        if self.images == 0 {
            let reason = if self.decoded > MAX_DECODED || self.looks > MAX_LOOKS {
                "its images are larger than what is decoded"
            } else {
                "its images could not be decoded"
            };
            return Err(reason.to_owned());
        }
        Ok(Drawn {
            picture: Picture {
                width: u32::try_from(self.width).unwrap_or(0),
                height: u32::try_from(self.height).unwrap_or(0),
                pixels: self.pixels,
            },
            left_out: self.left_out,
        })
    }

    /// Lays what `shade` says of each place over the picture: a shade, and how much it covers, 0 to 255.
    /// `place` says where the image of `size` lies.
    fn lay(&mut self, size: (u32, u32), place: Affine, shade: impl Fn(usize, usize) -> (u8, u8)) {
        self.met += 1;
        let (columns, rows) = (size.0 as usize, size.1 as usize);
        let flat = !place.is_finite() || place.determinant().abs() < 1e-9;
        if columns == 0 || rows == 0 || flat {
            return;
        }
        let back = place.inverse();
        let area = place.transform_rect_bbox(Rect::new(0.0, 0.0, columns as f64, rows as f64));
        let within = |at: f64, most: usize| at.clamp(0.0, most as f64) as usize;
        let (left, right) = (
            within(area.x0.floor(), self.width),
            within(area.x1.ceil(), self.width),
        );
        let (top, bottom) = (
            within(area.y0.floor(), self.height),
            within(area.y1.ceil(), self.height),
        );
        let [a, b, c, d, ..] = back.as_coeffs();
        let samples = |step: f64| (step.ceil() as usize).clamp(1, MAX_SAMPLES);
        let (across, down) = (samples(a.hypot(b)), samples(c.hypot(d)));
        let count = (across * down) as u32;
        let looks = (right - left) * (bottom - top) * across * down;
        self.looks = self.looks.saturating_add(looks);
        if self.looks > MAX_LOOKS {
            self.left_out = true;
            return;
        }
        self.images += 1;
        for y in top..bottom {
            for x in left..right {
                let (mut shades, mut cover) = (0u32, 0u32);
                for j in 0..down {
                    for i in 0..across {
                        let at = back
                            * Point::new(
                                x as f64 + (i as f64 + 0.5) / across as f64,
                                y as f64 + (j as f64 + 0.5) / down as f64,
                            );
                        if at.x < 0.0 || at.y < 0.0 {
                            continue;
                        }
                        let (column, row) = (at.x as usize, at.y as usize);
                        if column < columns && row < rows {
                            let (shade, covers) = shade(column, row);
                            shades += u32::from(shade) * u32::from(covers);
                            cover += u32::from(covers);
                        }
                    }
                }
                let pixel = &mut self.pixels[y * self.width + x];
                let under = u32::from(*pixel) * (count * 255 - cover);
                *pixel = u8::try_from((shades + under) / (count * 255)).unwrap_or(WHITE);
            }
        }
    }
}

/// Where pixels lie that were decoded in a size other than the one told.
fn scaled(place: Affine, factors: (f32, f32)) -> Affine {
    place * Affine::scale_non_uniform(f64::from(factors.0), f64::from(factors.1))
}

/// How bright a colour is seen.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    let sum = 299 * u32::from(red) + 587 * u32::from(green) + 114 * u32::from(blue);
    u8::try_from(sum / 1000).unwrap_or(WHITE)
}

/// How much a mask covers at a place of an image of `size`, whatever its own size is.
fn covers(mask: Option<&LumaData>, size: (u32, u32), column: usize, row: usize) -> u8 {
    let Some(mask) = mask else {
        return 255;
    };
    let (width, height) = (mask.width as usize, mask.height as usize);
    let column = column * width / size.0.max(1) as usize;
    let row = row * height / size.1.max(1) as usize;
    mask.data.get(row * width + column).copied().unwrap_or(255)
}

impl<'a> Device<'a> for PictureDevice {
    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let pixels = match &image {
            Image::Raster(image) => declared::with_masks(image.stream()),
            Image::Stencil(stencil) => declared::pixels(stencil.stream()),
        };
        self.decoded = self.decoded.saturating_add(pixels.max(IMAGE));
        if self.decoded > MAX_DECODED {
            self.left_out = true;
            return;
        }
        let met = self.met;
        match image {
            Image::Raster(image) => image.with_rgba(
                |image, mask| {
                    let place = scaled(props.transform, image.scale_factors());
                    let size = (image.width(), image.height());
                    let mask = mask.as_ref();
                    let width = size.0 as usize;
                    match image {
                        ImageData::Luma(image) => self.lay(size, place, |column, row| {
                            let shade = image.data.get(row * width + column);
                            let shade = shade.copied().unwrap_or(WHITE);
                            (shade, covers(mask, size, column, row))
                        }),
                        ImageData::Rgb(image) => self.lay(size, place, |column, row| {
                            let at = (row * width + column) * 3;
                            let shade = match image.data.get(at..at + 3) {
                                Some(&[red, green, blue]) => luma(red, green, blue),
                                _ => WHITE,
                            };
                            (shade, covers(mask, size, column, row))
                        }),
                    }
                },
                None,
            ),
            Image::Stencil(stencil) => stencil.with_stencil(
                |mask, paint| {
                    let shade = match paint {
                        Paint::Color(color) => {
                            let [red, green, blue, _] = color.to_rgba().to_rgba8();
                            luma(red, green, blue)
                        }
                        Paint::Pattern(_) => 0,
                    };
                    let place = scaled(props.transform, mask.scale_factors);
                    let size = (mask.width, mask.height);
                    self.lay(size, place, |column, row| {
                        (shade, covers(Some(&mask), size, column, row))
                    });
                },
                None,
            ),
        }
        // Nothing is handed over of what cannot be decoded.
        self.left_out |= self.met == met;
    }

    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}
    fn draw_rect(&mut self, _: &Rect, _: DrawProps<'a>, _: &DrawMode) {}
    fn push_clip_path(&mut self, _: &ClipPath) {}
    fn push_clip_rect(&mut self, _: &Rect) {}
    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}
    fn pop_clip(&mut self) {}
    fn pop_transparency_group(&mut self) {}
}
