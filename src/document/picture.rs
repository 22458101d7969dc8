//! Pictures of text, and who reads them: this room decodes them, and has no eyes of its own.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// Most pixels of a picture that is handed over: a page of 8.5 by 14 inches at 300 dots an inch has 11 million.
pub const MAX_PIXELS: u32 = 12_000_000;

/// Pictures that cannot be made before the rest of a document is left alone: each costs time.
const MAX_FAILED: usize = 3;

/// What a page shows, in shades of grey.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Pixels in a row.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// `width * height` of them, row by row from the top left; 0 is black. At most [`MAX_PIXELS`].
    pub pixels: Vec<u8>,
}

impl Picture {
    /// A small one of white paper.
    #[must_use]
    pub fn empty() -> Self {
        const SIDE: u32 = 100;
        Self {
            width: SIDE,
            height: SIDE,
            pixels: vec![u8::MAX; (SIDE * SIDE) as usize],
        }
    }
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} × {})", self.width, self.height)
    }
}

/// What became of a picture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recognition {
    /// What it says; empty where it says nothing.
    Text(String),
    /// It could not be read: why, as the end of a sentence.
    Failed(String),
    /// Neither it nor any after it is read: why, as the end of a sentence.
    Enough(String),
}

/// Reads pictures (OCR), for readers that meet one where text should be. Clones share its patience.
#[derive(Clone)]
pub struct Recogniser {
    read: Rc<dyn Fn(&Picture) -> Recognition>,
    enough: Rc<RefCell<Option<String>>>,
    failed: Rc<Cell<usize>>,
}

impl Recogniser {
    /// One that has `read` look at each picture.
    pub fn new(read: impl Fn(&Picture) -> Recognition + 'static) -> Self {
        Self {
            read: Rc::new(read),
            enough: Rc::default(),
            failed: Rc::default(),
        }
    }

    /// Reads what `draw` makes; nothing is made once it has had enough, which a few that cannot be made are.
    pub(super) fn read(&self, draw: impl FnOnce() -> Result<Picture, String>) -> Recognition {
        if let Some(reason) = &*self.enough.borrow() {
            return Recognition::Enough(reason.clone());
        }
        let recognition = match draw() {
            Ok(picture) => (self.read)(&picture),
            Err(reason) => {
                self.failed.set(self.failed.get() + 1);
                if self.failed.get() < MAX_FAILED {
                    Recognition::Failed(reason)
                } else {
                    Recognition::Enough(reason)
                }
            }
        };
        if let Recognition::Enough(reason) = &recognition {
            self.enough.replace(Some(reason.clone()));
        }
        recognition
    }
}

impl fmt::Debug for Recogniser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Recogniser")
    }
}

/// `text` with the brackets of defanged values as they are drawn: `]` is taken for a `J` more often than not.
pub(super) fn with_brackets(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split("[.");
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        out.push_str("[.]");
        let closed = part.trim_start_matches(' ');
        let rest = match closed.strip_prefix(']') {
            // Both: a bracket, and once more what it looks like. Hosts are written in small letters.
            Some(rest) => rest
                .strip_prefix('J')
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase()))
                .unwrap_or(rest),
            None => closed
                .strip_prefix(['J', 'j', ';', '|', '}', ')'])
                .filter(|rest| rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
                .unwrap_or_else(|| {
                    out.pop();
                    part
                }),
        };
        out.push_str(rest);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_that_were_taken_for_letters_are_brackets() {
        for (read, drawn) in [
            ("evil[.Jexample[.jcom", "evil[.]example[.]com"),
            ("evil[.]Jexample[. Jcom", "evil[.]example[.]com"),
            ("192[.]0[.]2[.]1 [.] and [.", "192[.]0[.]2[.]1 [.] and [."),
            ("a[.", "a[."),
            ("[.J and [.]J", "[.J and [.]J"),
        ] {
            assert_eq!(with_brackets(read), drawn);
        }
    }

    #[test]
    fn nothing_is_drawn_once_it_has_had_enough() {
        let recogniser = Recogniser::new(|_| Recognition::Enough("it is late".into()));
        let drawn = Rc::new(Cell::new(0));
        for reader in [recogniser.clone(), recogniser] {
            let draw = || {
                drawn.set(drawn.get() + 1);
                Ok(Picture {
                    width: 1,
                    height: 1,
                    pixels: vec![0],
                })
            };
            assert_eq!(reader.read(draw), Recognition::Enough("it is late".into()));
        }
        assert_eq!(drawn.get(), 1);
    }

    #[test]
    fn pictures_that_cannot_be_made_are_not_tried_for_ever() {
        let recogniser = Recogniser::new(|_| Recognition::Text("words".into()));
        let tried = Cell::new(0);
        for _ in 0..5_000 {
            recogniser.read(|| {
                tried.set(tried.get() + 1);
                Err("it is broken".into())
            });
        }
        assert_eq!(tried.get(), MAX_FAILED);
        let last = recogniser.read(|| Ok(Picture::empty()));
        assert_eq!(last, Recognition::Enough("it is broken".into()));
    }
}
