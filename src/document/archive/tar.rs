//! TAR: ustar, GNU and pax
//! ([POSIX, pax](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html),
//! [GNU tar](https://www.gnu.org/software/tar/manual/html_node/Standard.html)).
//!
//! Members are slices of the archive. Holes of sparse ones are left out: there is no text in them.

mod header;

use header::{BLOCK, Header, Kind};

use super::{Contents, damaged, path};
use crate::document::builder::Builder;
use crate::submission::Failure;

/// Bytes of a name that is stored as a member of its own.
const MAX_NAME: usize = 64 << 10;

/// Reads every member.
///
/// # Errors
/// Damaged from the start on.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut contents = Contents::default();
    let mut extra = Extra::default();
    let (mut rest, mut entries) = (bytes, 0);
    let most = out.limits().entries;
    while rest.len() >= BLOCK {
        if rest[..BLOCK].iter().all(|&byte| byte == 0) {
            rest = &rest[BLOCK..];
            continue;
        }
        let Some(header) = Header::parse(rest) else {
            if entries == 0 {
                return Err(damaged("its first header cannot be read"));
            }
            let message = "A header of the archive is damaged: what stands behind is left out.";
            out.warn("member_failed", message);
            break;
        };
        if entries == most {
            out.truncated(&format!(
                "the archive has more than the {most} members that are read"
            ));
            break;
        }
        entries += 1;
        let start = header.length(rest);
        let size = extra.size.filter(|_| header.kind.is_file());
        let size = usize::try_from(size.unwrap_or(header.size)).unwrap_or(usize::MAX);
        let body = rest.get(start..).unwrap_or_default();
        let data = &body[..size.min(body.len())];
        let next = size.checked_next_multiple_of(BLOCK);
        rest = next.and_then(|next| body.get(next..)).unwrap_or_default();
        match header.kind {
            Kind::LongName => {
                let end = data.iter().position(|&b| b == 0).unwrap_or(data.len());
                extra.name = Some(data[..end.min(MAX_NAME)].to_vec());
            }
            Kind::Pax => extra.pax(data),
            Kind::File => {
                let extra = std::mem::take(&mut extra);
                let name = extra.name.unwrap_or(header.name);
                let data = if extra.map_first {
                    after_map(data)
                } else {
                    data
                };
                let Some(path) = path::tidy(&name) else {
                    continue;
                };
                if size > body.len() {
                    contents.cut_short(&path, out);
                }
                if !contents.member(&path, data, out) {
                    break;
                }
            }
            Kind::Other => extra = Extra::default(),
        }
    }
    contents.finish(out)
}

/// What members of their own say about the next one.
#[derive(Default)]
struct Extra {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    map_first: bool,
}

impl Extra {
    /// Records of the form `LENGTH KEY=VALUE\n`.
    fn pax(&mut self, mut records: &[u8]) {
        while let Some((record, rest)) = record(records) {
            records = rest;
            let Some(equals) = memchr::memchr(b'=', record) else {
                continue;
            };
            let (key, value) = (&record[..equals], &record[equals + 1..]);
            match key {
                b"path" | b"GNU.sparse.name" => {
                    self.name = Some(value[..value.len().min(MAX_NAME)].to_vec());
                }
                b"size" => self.size = decimal(value),
                b"GNU.sparse.major" => self.map_first = value == b"1",
                _ => {}
            }
        }
    }
}

/// The first record, without its length and its line break, and what follows.
fn record(records: &[u8]) -> Option<(&[u8], &[u8])> {
    let space = records.iter().take(20).position(|&byte| byte == b' ')?;
    let length = usize::try_from(decimal(&records[..space])?).ok()?;
    let record = records.get(space + 1..length.checked_sub(1)?)?;
    Some((record, records.get(length..)?))
}

/// The data of a sparse member (pax, version 1.0): a map stands before it, numbers on lines of their own.
fn after_map(data: &[u8]) -> &[u8] {
    let mut lines = data.split(|&byte| byte == b'\n');
    let mut length = 0;
    let mut next = || {
        let line = lines.next()?;
        length += line.len() + 1;
        decimal(line)
    };
    let Some(count) = next() else {
        return data;
    };
    for _ in 0..count.saturating_mul(2) {
        if next().is_none() {
            return data;
        }
    }
    data.get(length.next_multiple_of(BLOCK)..)
        .unwrap_or_default()
}

fn decimal(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests;
