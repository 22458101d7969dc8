//! Streams of drawing instructions → bytes.
//!
//! The parser inflates a stream whole, however large it grows; here every byte is counted, and what came
//! out of a broken stream before it broke is kept.

use std::borrow::Cow;

use flate2::{Decompress, FlushDecompress, Status};
use hayro_interpret::hayro_syntax::Filter;
use hayro_interpret::hayro_syntax::object::{Array, MaybeRef, Object, Stream};
use hayro_interpret::hayro_syntax::page::Page;

/// Most bytes that the buffer of an inflated stream grows by at once.
const GROWTH: usize = 8 << 20;

/// The instructions of one page or one form.
#[derive(Default)]
pub(super) struct Content {
    pub(super) bytes: Vec<u8>,
    /// Some of it could not be read.
    pub(super) damaged: bool,
    /// There is more than there was room for.
    pub(super) cut: bool,
}

impl Content {
    /// Content that could not be read at all.
    pub(super) fn failed() -> Self {
        Self {
            damaged: true,
            ..Self::default()
        }
    }

    /// The content of `page`, `room` bytes of it, out of at most `streams` streams.
    pub(super) fn of_page(page: &Page<'_>, room: usize, streams: usize) -> Self {
        let mut content = Self::default();
        match page.raw().get::<Object<'_>>(b"Contents") {
            Some(Object::Stream(stream)) => content.add(&stream, room),
            Some(Object::Array(list)) => content.add_all(&list, page, room, streams),
            Some(Object::Null(_)) => {}
            _ => content.damaged = page.raw().contains_key(b"Contents"),
        }
        content
    }

    /// The content of `stream`, `room` bytes of it.
    pub(super) fn of_stream(stream: &Stream<'_>, room: usize) -> Self {
        let mut content = Self::default();
        content.add(stream, room);
        content
    }

    fn add_all(&mut self, list: &Array<'_>, page: &Page<'_>, room: usize, streams: usize) {
        for (i, item) in list.raw_iter().enumerate() {
            if i >= streams {
                self.cut = true;
            }
            if self.cut {
                return;
            }
            let item = match item {
                MaybeRef::Ref(reference) => page.xref().get::<Object<'_>>(reference.into()),
                MaybeRef::NotRef(item) => Some(item),
            };
            match item.and_then(Object::into_stream) {
                Some(stream) => self.add(&stream, room),
                None => self.damaged = true,
            }
            // An instruction ends where its stream ends.
            self.bytes.push(b'\n');
        }
    }

    fn add(&mut self, stream: &Stream<'_>, room: usize) {
        let room = room.saturating_sub(self.bytes.len());
        let part = decode(stream, room);
        self.damaged |= part.damaged;
        self.cut |= part.cut;
        if self.bytes.is_empty() {
            self.bytes = part.bytes;
        } else {
            self.bytes.extend_from_slice(&part.bytes);
        }
    }
}

fn decode(stream: &Stream<'_>, room: usize) -> Content {
    let filters = stream.filters();
    let dict = stream.dict();
    let plain = [&b"F"[..], b"DP", b"DecodeParms"]
        .iter()
        .all(|key| matches!(dict.get::<Object<'_>>(key), None | Some(Object::Null(_))));
    let ours = |filter| matches!(filter, &Filter::FlateDecode | &Filter::Ascii85Decode);
    if !plain || !filters.iter().all(ours) {
        return foreign(stream, room);
    }
    let mut content = Content::default();
    let mut current = stream.raw_data();
    for filter in &filters {
        let next = match filter {
            Filter::FlateDecode => inflate(&current, room),
            _ => ascii85(&current),
        };
        if next.bytes.is_empty() && next.damaged {
            // The parser's own decoder forgives more, and never says so.
            let content = foreign(stream, room);
            return Content {
                damaged: true,
                ..content
            };
        }
        content.damaged |= next.damaged;
        content.cut |= next.cut;
        current = Cow::Owned(next.bytes);
    }
    content.cut |= current.len() > room;
    content.bytes = current.into_owned();
    content.bytes.truncate(room);
    content
}

/// What the parser makes of a stream in a rare encoding. It knows no bounds: those of the process hold.
fn foreign(stream: &Stream<'_>, room: usize) -> Content {
    let Ok(bytes) = stream.decoded_data() else {
        return Content::failed();
    };
    Content {
        bytes: bytes[..bytes.len().min(room)].to_vec(),
        damaged: false,
        cut: bytes.len() > room,
    }
}

/// Inflates up to `room` bytes of a zlib stream.
fn inflate(packed: &[u8], room: usize) -> Content {
    let mut content = Content::default();
    let out = &mut content.bytes;
    let mut stream = Decompress::new(true);
    loop {
        if out.len() == out.capacity() {
            let most = (room - out.len()).saturating_add(1).min(GROWTH);
            out.reserve_exact(packed.len().saturating_mul(4).max(out.len()).clamp(1, most));
        }
        let (read, written) = (stream.total_in(), stream.total_out());
        let rest = usize::try_from(read).ok().and_then(|at| packed.get(at..));
        let step = stream.decompress_vec(rest.unwrap_or_default(), out, FlushDecompress::None);
        let stuck = stream.total_in() == read && stream.total_out() == written;
        match step {
            _ if out.len() > room => {
                out.truncate(room);
                content.cut = true;
                return content;
            }
            Ok(Status::StreamEnd) => return content,
            Ok(_) if !stuck => {}
            _ => {
                content.damaged = true;
                return content;
            }
        }
    }
}

/// Decodes base 85 as PDF writes it. It grows nothing: four bytes come out of five, or of one `z`.
fn ascii85(text: &[u8]) -> Content {
    let mut content = Content::default();
    let (mut group, mut count) = (0u32, 0usize);
    for &byte in text {
        match byte {
            b'!'..=b'u' => {
                group = group.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    content.bytes.extend_from_slice(&group.to_be_bytes());
                    (group, count) = (0, 0);
                }
            }
            b'z' if count == 0 => content.bytes.extend_from_slice(&[0; 4]),
            b'~' => break,
            byte if byte.is_ascii_whitespace() || byte == 0 => {}
            _ => content.damaged = true,
        }
    }
    if count > 1 {
        for _ in count..5 {
            group = group.wrapping_mul(85).wrapping_add(84);
        }
        content
            .bytes
            .extend_from_slice(&group.to_be_bytes()[..count - 1]);
    }
    content
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut out = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        out.write_all(bytes).unwrap();
        out.finish().unwrap()
    }

    #[test]
    fn a_stream_inflates_to_what_it_was() {
        let bytes: Vec<u8> = (0..60_000u32).flat_map(|i| (i * i).to_le_bytes()).collect();
        let content = inflate(&pack(&bytes), bytes.len());
        assert_eq!(content.bytes, bytes);
        assert!(!content.cut && !content.damaged);
    }

    #[test]
    fn a_bomb_is_cut_at_its_room() {
        let content = inflate(&pack(&vec![b' '; 50 << 20]), 1_000);
        assert_eq!(content.bytes.len(), 1_000);
        assert!(content.cut && content.bytes.capacity() < 1 << 20);
    }

    #[test]
    fn what_came_before_the_break_is_kept() {
        let bytes: Vec<u8> = (0..50_000u32).flat_map(|i| (i * i).to_le_bytes()).collect();
        let packed = pack(&bytes);
        let content = inflate(&packed[..packed.len() / 2], bytes.len());
        assert!(content.damaged && content.bytes.len() > 10_000);
        assert_eq!(content.bytes, bytes[..content.bytes.len()]);
    }

    #[test]
    fn base_85_is_decoded() {
        assert_eq!(
            ascii85(b"9jqo^BlbD-BleB1\nDJ+*+F(f,q~>").bytes,
            b"Man is distinguished"
        );
        assert_eq!(ascii85(b"z!!~>").bytes, [0; 5]);
        assert!(ascii85(b"\xff").damaged);
    }
}
