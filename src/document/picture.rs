//! Pictures of text, and who reads them: this room decodes them, and has no eyes of its own.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;

use serde::{Deserialize, Serialize};

/// Most pixels of a picture that is handed over: a page of 8.5 by 14 inches at 300 dots an inch has 11 million.
pub const MAX_PIXELS: u32 = 12_000_000;

/// Pictures in a row that cannot be made or read before the rest of their document is left alone: each costs time.
const MAX_FAILED: usize = 10;

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
    /// Pictures that `read` may still look at, and what to say of those behind them.
    most: Option<(Rc<Cell<usize>>, String)>,
    /// Pictures in a row of the present document that came to nothing.
    failed: Rc<Cell<usize>>,
}

impl Recogniser {
    /// One that has `read` look at each picture.
    pub fn new(read: impl Fn(&Picture) -> Recognition + 'static) -> Self {
        Self {
            read: Rc::new(read),
            enough: Rc::default(),
            most: None,
            failed: Rc::default(),
        }
    }

    /// This one, if it has enough behind so many pictures: not one more is made. `reason` is the end of a sentence.
    #[must_use]
    pub fn at_most(self, pictures: usize, reason: String) -> Self {
        Self {
            most: Some((Rc::new(Cell::new(pictures)), reason)),
            ..self
        }
    }

    /// The same for another document of the upload, which its own failures end.
    pub(super) fn for_another(&self) -> Self {
        Self {
            failed: Rc::default(),
            ..self.clone()
        }
    }

    /// Reads what `draw` makes; nothing is made once it has had enough, which many failures in a row are.
    pub(super) fn read(&self, draw: impl FnOnce() -> Result<Picture, String>) -> Recognition {
        if let Some(reason) = self.has_enough() {
            return Recognition::Enough(reason);
        }
        let recognition = match draw() {
            Ok(picture) => self.look(&picture),
            Err(reason) => Recognition::Failed(reason),
        };
        match &recognition {
            Recognition::Text(_) => self.failed.set(0),
            Recognition::Failed(_) => self.failed.set(self.failed.get() + 1),
            Recognition::Enough(reason) => {
                self.enough.replace(Some(reason.clone()));
            }
        }
        recognition
    }

    fn has_enough(&self) -> Option<String> {
        if let Some(reason) = &*self.enough.borrow() {
            return Some(reason.clone());
        }
        match &self.most {
            Some((left, reason)) if left.get() == 0 => Some(reason.clone()),
            _ => (self.failed.get() >= MAX_FAILED).then(|| {
                format!("{MAX_FAILED} in a row could not be read, and no more were tried")
            }),
        }
    }

    fn look(&self, picture: &Picture) -> Recognition {
        if let Some((left, _)) = &self.most {
            left.set(left.get().saturating_sub(1));
        }
        (self.read)(picture)
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

    fn fail(recogniser: &Recogniser, times: usize) -> usize {
        let tried = Cell::new(0);
        for _ in 0..times {
            recogniser.read(|| {
                tried.set(tried.get() + 1);
                Err("it is broken".into())
            });
        }
        tried.get()
    }

    #[test]
    fn pictures_that_cannot_be_made_are_not_tried_for_ever_and_what_was_not_tried_says_so() {
        let recogniser = Recogniser::new(|_| Recognition::Text("words".into()));
        assert_eq!(fail(&recogniser, 5_000), MAX_FAILED);
        match recogniser.read(|| Ok(Picture::empty())) {
            Recognition::Enough(reason) => assert!(reason.contains("no more were tried")),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pictures_that_cannot_be_read_count_as_those_that_cannot_be_made() {
        let read = Rc::new(Cell::new(0));
        let count = read.clone();
        let recogniser = Recogniser::new(move |_| {
            count.set(count.get() + 1);
            Recognition::Failed("it is late".into())
        });
        for _ in 0..100 {
            recogniser.read(|| Ok(Picture::empty()));
        }
        assert_eq!(read.get(), MAX_FAILED);
    }

    #[test]
    fn failures_count_in_a_row_and_in_one_document() {
        let words = Recognition::Text("words".into());
        let said = words.clone();
        let recogniser = Recogniser::new(move |_| said.clone());
        for _ in 0..3 {
            assert_eq!(fail(&recogniser, MAX_FAILED - 1), MAX_FAILED - 1);
            assert_eq!(recogniser.read(|| Ok(Picture::empty())), words);
        }
        fail(&recogniser, MAX_FAILED);
        let another = recogniser.for_another();
        assert_eq!(another.read(|| Ok(Picture::empty())), words);
        assert_eq!(fail(&recogniser, 1), 0);
    }

    #[test]
    fn behind_the_last_that_may_be_read_none_is_made() {
        let words = Recognition::Text("words".into());
        let said = words.clone();
        let recogniser = Recogniser::new(move |_| said.clone()).at_most(1, "so it is".into());
        assert_eq!(fail(&recogniser, 1), 1);
        assert_eq!(recogniser.read(|| Ok(Picture::empty())), words);
        let other = recogniser.for_another();
        assert_eq!(fail(&other, 1), 0);
        let last = other.read(|| Ok(Picture::empty()));
        assert_eq!(last, Recognition::Enough("so it is".into()));
    }
}
