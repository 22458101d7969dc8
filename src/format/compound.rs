//! The directory of a compound file, and of that file alone: another one may stand inside it, byte for
//! byte.

use super::little_endian::long;

/// Sectors of the directory looked at.
const SECTORS: usize = 1_000;
/// Sectors of the table that the header names.
const TABLE: usize = 109;
/// Sectors from here on are marks, not sectors.
const LAST: u32 = 0xffff_fffa;

/// The entries of the directory. `None` where the file is cut short, breaks its rules or is very large.
pub(super) fn directory(bytes: &[u8]) -> Option<Vec<u8>> {
    let length = match bytes.get(30..32)? {
        [9, 0] => 512,
        [12, 0] => 4096,
        _ => return None,
    };
    let sector = |number: u32| -> Option<&[u8]> {
        let at = usize::try_from(number).ok()?.checked_add(1)?;
        let at = at.checked_mul(length)?;
        bytes.get(at..at.checked_add(length)?)
    };
    let mut directory = Vec::new();
    let mut number = long(bytes, 48)?;
    for _ in 0..SECTORS {
        if number >= LAST {
            break;
        }
        directory.extend_from_slice(sector(number)?);
        let at = usize::try_from(number).ok()?;
        let per_sector = length / 4;
        // In a file of many megabytes the table goes on elsewhere.
        let table = Some(at / per_sector).filter(|&table| table < TABLE)?;
        let table = sector(long(bytes, 76 + 4 * table)?)?;
        number = long(table, 4 * (at % per_sector))?;
    }
    Some(directory)
}

#[cfg(test)]
mod tests {
    use super::directory;

    /// A file of sectors of 512 bytes: the table, then the directory in the order of `chain`.
    fn file(chain: &[u32], sectors: usize) -> Vec<u8> {
        let mut bytes = vec![0; 512 * (sectors + 1)];
        bytes[30] = 9;
        bytes[48..52].copy_from_slice(&chain[0].to_le_bytes());
        for (i, &number) in chain.iter().enumerate() {
            let next = chain.get(i + 1).copied().unwrap_or(0xffff_fffe);
            let at = 512 + 4 * number as usize;
            bytes[at..at + 4].copy_from_slice(&next.to_le_bytes());
            bytes[512 * (number as usize + 1)] = b'a' + i as u8;
        }
        bytes
    }

    #[test]
    fn the_sectors_of_the_directory_are_followed() {
        let directory = directory(&file(&[5, 2, 7], 9)).unwrap();
        assert_eq!(directory.len(), 3 * 512);
        assert_eq!([directory[0], directory[512], directory[1024]], *b"abc");
    }

    #[test]
    fn a_directory_that_goes_round_in_circles_ends() {
        let mut bytes = file(&[5, 2], 9);
        bytes[512 + 8..512 + 12].copy_from_slice(&5u32.to_le_bytes());
        assert!(directory(&bytes).unwrap().len() <= 1_000 * 512);
        assert!(directory(&bytes[..600]).is_none());
        assert!(directory(b"").is_none());
    }
}
