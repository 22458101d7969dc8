//! What was said of the pictures of a document, for a reader that begins with it once more.

use sha2::{Digest, Sha256};

use crate::document::{Picture, Recognition};

/// Answers in the order they were given. They are as many as pages are read, each as long as one may be.
#[derive(Default)]
pub(super) struct Memory {
    said: Vec<([u8; 32], Recognition)>,
    /// Pictures that the present reader has handed over.
    at: usize,
}

impl Memory {
    /// Answers kept.
    pub(super) fn len(&self) -> usize {
        self.said.len()
    }

    /// Another reader begins with the first picture.
    pub(super) fn rewind(&mut self) {
        self.at = 0;
    }

    /// What was said of the next picture, if it is the one that stood in its place before.
    pub(super) fn recall(&mut self, picture: &Picture) -> Option<Recognition> {
        let (known, recognition) = self.said.get(self.at)?;
        let same = *known == digest(picture);
        same.then(|| {
            self.at += 1;
            recognition.clone()
        })
    }

    /// Keeps what is said of the next picture. What stood in its place, or behind, was of another document.
    pub(super) fn keep(&mut self, picture: &Picture, recognition: &Recognition) {
        self.said.truncate(self.at);
        self.said.push((digest(picture), recognition.clone()));
        self.at += 1;
    }
}

fn digest(picture: &Picture) -> [u8; 32] {
    let mut digest = Sha256::new();
    digest.update(picture.width.to_le_bytes());
    digest.update(picture.height.to_le_bytes());
    digest.update(&picture.pixels);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32) -> Picture {
        Picture {
            width,
            height,
            pixels: vec![7; (width * height) as usize],
        }
    }

    fn words(text: &str) -> Recognition {
        Recognition::Text(text.to_owned())
    }

    #[test]
    fn an_answer_belongs_to_the_same_picture_in_the_same_place() {
        let mut memory = Memory::default();
        assert_eq!(memory.recall(&picture(2, 3)), None);
        memory.keep(&picture(2, 3), &words("first"));
        memory.keep(&picture(6, 1), &words("second"));
        assert_eq!(memory.recall(&picture(2, 3)), None);
        memory.rewind();
        assert_eq!(memory.recall(&picture(3, 2)), None);
        assert_eq!(memory.recall(&picture(2, 3)), Some(words("first")));
        assert_eq!(memory.recall(&picture(6, 1)), Some(words("second")));
    }

    #[test]
    fn what_follows_another_picture_is_forgotten() {
        let mut memory = Memory::default();
        memory.keep(&picture(2, 3), &words("first"));
        memory.keep(&picture(6, 1), &words("second"));
        memory.rewind();
        memory.keep(&picture(1, 1), &words("another"));
        assert_eq!(memory.len(), 1);
    }
}
