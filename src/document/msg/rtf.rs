//! Unpacks the third form of a body
//! ([MS-OXRTFCP](https://learn.microsoft.com/openspecs/exchange_server_protocols/ms-oxrtfcp/)).

/// What the window holds at the start.
const START: &[u8] = b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";
const WINDOW: usize = 4096;
const HEADER: usize = 16;
const PACKED: &[u8] = b"LZFu";
const PLAIN: &[u8] = b"MELA";

/// The RTF, as far as it can be unpacked: nine bytes out of one at most.
pub(super) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    let (header, data) = packed.split_at_checked(HEADER)?;
    match &header[8..12] {
        PLAIN => Some(data.to_vec()),
        PACKED => Some(inflate(data)),
        _ => None,
    }
}

fn inflate(data: &[u8]) -> Vec<u8> {
    let mut window = [b' '; WINDOW];
    window[..START.len()].copy_from_slice(START);
    let mut at = START.len();
    let mut out = Vec::new();
    let mut put = |byte: u8, window: &mut [u8; WINDOW]| {
        window[at] = byte;
        at = (at + 1) % WINDOW;
        out.push(byte);
        at
    };
    let mut next = START.len();
    let mut input = data.iter().copied();
    'runs: while let Some(control) = input.next() {
        for bit in 0..8 {
            let Some(first) = input.next() else {
                break 'runs;
            };
            if control >> bit & 1 == 0 {
                next = put(first, &mut window);
                continue;
            }
            let Some(second) = input.next() else {
                break 'runs;
            };
            let from = usize::from(first) << 4 | usize::from(second >> 4);
            // A reference to where the next byte goes is the end.
            if from == next {
                break 'runs;
            }
            for i in 0..usize::from(second & 0x0f) + 2 {
                next = put(window[(from + i) % WINDOW], &mut window);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::unpack;

    /// The example of the specification, 4.1.1.
    #[test]
    fn the_example_of_the_specification_is_unpacked() {
        let packed = b"\x2d\0\0\0\x2b\0\0\0LZFu\xf1\xc5\xc7\xa7\x03\x00\x0a\x00rcpg125\x42\x32\x0a\xf3 hel\x09\x00 bw\x05\xb0ld}\x0a\x80\x0f\xa0";
        assert_eq!(
            unpack(packed).unwrap(),
            b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
        );
    }

    #[test]
    fn any_bytes_end_in_a_result() {
        let head = b"\0\0\0\0\xff\xff\xff\xffLZFu\0\0\0\0";
        for byte in 0..=255u8 {
            let packed = [&head[..], &[byte; 1000]].concat();
            assert!(unpack(&packed).unwrap().len() < 10_000);
            assert!(unpack(&packed[..usize::from(byte) % 20]).is_none_or(|rtf| rtf.len() < 40));
        }
    }
}
