//! Makes damaged copies: bytes, numbers and stretches changed, cut, doubled and moved; of an archive, inside one of
//! its parts, for damage to packed bytes is found at once and goes no deeper.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

/// What programs get wrong: ends of ranges, signs, deep nesting, markup in the wrong place.
const WORDS: &[&[u8]] = &[
    b"4294967295",
    b"-1",
    b"99999999999999999999",
    b"0",
    b"\xff\xff\xff\xff",
    b"\0\0\0\0",
    b"\x7f\xff\xff\xff",
    b"<<<<<<<<",
    b"((((((((",
    b"[[[[[[[[",
    b"<a><b><c>",
    b"&#x110000;",
    b"endstream endobj",
    b"\r\n\r\n",
    b"]]>",
    b"\xed\xa0\x80",
    b"{\\rtf1",
    b"XFD1048576",
];
/// Packed parts larger than this are left alone: what matters is made of small ones.
const MOST: u64 = 4 << 20;

/// The copy `number` of `bytes`, the same every time. `name` takes part in the choice.
pub(crate) fn make(bytes: &[u8], name: &str, number: u64) -> Vec<u8> {
    let seed = name.bytes().fold(number + 1, |seed, byte| {
        seed.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte)
    });
    let mut dice = Dice(seed | 1);
    if bytes.starts_with(b"PK\x03\x04")
        && !number.is_multiple_of(4)
        && let Some(mutant) = inside_archive(bytes, &mut dice)
    {
        return mutant;
    }
    // What moves the sectors of a compound file is found at once.
    if bytes.starts_with(b"\xd0\xcf\x11\xe0") || number.is_multiple_of(3) {
        return overwrite(bytes, &mut dice);
    }
    damage(bytes, &mut dice)
}

/// Numbers that look random, by [xorshift](https://doi.org/10.18637/jss.v008.i14).
struct Dice(u64);

impl Dice {
    /// A number below `bound`, or 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or(0) % bound.max(1)
    }
}

/// Changes bytes where they are.
fn overwrite(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut mutant = bytes.to_vec();
    for _ in 0..=dice.below(20) {
        let at = dice.below(mutant.len());
        let word = WORDS[dice.below(WORDS.len())];
        match dice.below(3) {
            0 => mutant[at..]
                .iter_mut()
                .zip(word)
                .for_each(|(byte, other)| *byte = *other),
            _ => flip(&mut mutant[at..], dice),
        }
    }
    mutant
}

/// Flips bits in a few of the first bytes.
fn flip(bytes: &mut [u8], dice: &mut Dice) {
    let length = 1 + dice.below(64);
    for byte in bytes.iter_mut().take(length) {
        if dice.below(4) == 0 {
            *byte ^= 1 << dice.below(8);
        }
    }
}

fn damage(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut mutant = bytes.to_vec();
    for _ in 0..=dice.below(6) {
        let at = dice.below(mutant.len());
        let end = (at + 1 + dice.below(64)).min(mutant.len());
        match dice.below(9) {
            0 => mutant.truncate(at),
            1 => drop(mutant.drain(at..end)),
            2 => {
                let stretch = mutant[at..end].repeat(1 + dice.below(200));
                mutant.splice(at..at, stretch);
            }
            3 => {
                let stretch = mutant[at..end].to_vec();
                let to = dice.below(mutant.len());
                mutant.splice(to..to, stretch);
            }
            4 | 5 => {
                let word = WORDS[dice.below(WORDS.len())];
                let over = (at + if dice.below(2) == 0 { word.len() } else { 0 }).min(mutant.len());
                mutant.splice(at..over, word.iter().copied());
            }
            6 => number(&mut mutant, at, dice),
            _ => flip(&mut mutant[at..], dice),
        }
    }
    mutant
}

/// Puts another number in the place of the next one that is written in digits.
fn number(mutant: &mut Vec<u8>, from: usize, dice: &mut Dice) {
    let Some(start) = mutant[from..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let start = from + start;
    let length = mutant[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let other = WORDS[dice.below(4)];
    mutant.splice(start..start + length, other.iter().copied());
}

/// A copy with one part damaged, or doubled, or left out; `None` where the archive cannot be taken apart.
fn inside_archive(bytes: &[u8], dice: &mut Dice) -> Option<Vec<u8>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).ok()?;
    let chosen = dice.below(archive.len());
    let mut copy = ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        if index != chosen {
            copy.raw_copy_file(archive.by_index_raw(index).ok()?).ok()?;
            continue;
        }
        let mut part = archive.by_index(index).ok()?;
        if part.size() > MOST {
            return None;
        }
        let mut content = Vec::new();
        part.read_to_end(&mut content).ok()?;
        let name = part.name().ok()?.into_owned();
        if dice.below(20) > 0 {
            copy.start_file(name, SimpleFileOptions::default()).ok()?;
            copy.write_all(&damage(&content, dice)).ok()?;
        }
    }
    Some(copy.finish().ok()?.into_inner())
}
