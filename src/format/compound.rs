//! The directory of a compound file, and of that file alone: another one may stand inside it, byte for
//! byte.

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

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}
