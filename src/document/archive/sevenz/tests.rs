use flate2::Crc;

use crate::document::{Document, Limits, read};
use crate::submission::{Failure, FailureCode};

fn outcome(bytes: &[u8]) -> Result<Document, Failure> {
    read(bytes, None, &Limits::default()).map(|(_, document)| document)
}

fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = Crc::new();
    crc.update(bytes);
    crc.sum().to_le_bytes()
}

/// A number of nine bytes, the longest form.
fn number(value: u64) -> Vec<u8> {
    [&[0xff][..], &value.to_le_bytes()].concat()
}

/// An archive of `packed` bytes and a list of members.
fn archive(packed: &[u8], list: &[u8]) -> Vec<u8> {
    let place = [
        &(packed.len() as u64).to_le_bytes()[..],
        &(list.len() as u64).to_le_bytes(),
        &crc(list),
    ]
    .concat();
    [
        b"7z\xbc\xaf\x27\x1c\0\x04",
        &crc(&place)[..],
        &place,
        packed,
        list,
    ]
    .concat()
}

/// Pack info and one block of one coder.
fn streams(packed: u64, coder: &[u8], unpacked: u64) -> Vec<u8> {
    [
        &[0x06][..],
        &number(0),
        &[1, 0x09],
        &number(packed),
        &[0, 0x07, 0x0b, 1, 0, 1],
        coder,
        &[0x0c],
        &number(unpacked),
        &[0],
    ]
    .concat()
}

/// The list of an archive with `names`, all of them in one block, each of `size` bytes.
fn list(coder: &[u8], packed: u64, names: &[&str], size: u64) -> Vec<u8> {
    let count = names.len() as u8;
    let mut list = vec![0x01, 0x04];
    list.extend(streams(packed, coder, size * u64::from(count)));
    list.extend([0x08, 0x0d, count, 0x09]);
    for _ in 1..count {
        list.extend(number(size));
    }
    list.extend([0, 0, 0x05, count, 0x11]);
    let names: Vec<u8> = names
        .iter()
        .flat_map(|name| name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes))
        .collect();
    list.extend(number(names.len() as u64 + 1));
    list.push(0);
    list.extend(names);
    list.extend([0, 0]);
    list
}

/// Bytes as they are.
const COPY: &[u8] = &[0x01, 0x00];
/// LZMA with a window of 4 GiB less one byte.
const LZMA: &[u8] = &[0x23, 3, 1, 1, 5, 0x5d, 0xff, 0xff, 0xff, 0xff];

#[test]
fn members_are_read_in_the_order_of_their_blocks() {
    let list = list(COPY, 20, &["a.txt", "../b.txt"], 10);
    let document = outcome(&archive(b"a1.exampleb2.example", &list)).unwrap();
    assert_eq!(document.text, "a.txt\na1.example\nb.txt\nb2.example");
    assert!(document.warnings.is_empty(), "{:?}", document.warnings);
}

#[test]
fn a_list_that_unpacks_to_gigabytes_is_refused() {
    for unpacked in [3 << 20, 1 << 32, u64::MAX] {
        let encoded = [&[0x17][..], &streams(20, LZMA, unpacked), &[0]].concat();
        let failure = outcome(&archive(&[0; 20], &encoded)).unwrap_err();
        assert_eq!(failure.code, FailureCode::TooLarge, "{unpacked}");
    }
}

#[test]
fn a_window_of_gigabytes_is_not_made() {
    let encoded = [&[0x17][..], &streams(20, LZMA, 1 << 20), &[0]].concat();
    let failure = outcome(&archive(&[0; 20], &encoded)).unwrap_err();
    assert_eq!(failure.code, FailureCode::Malformed);
    let huge = list(LZMA, 20, &["a.txt"], 1 << 40);
    let failure = outcome(&archive(&[0; 20], &huge)).unwrap_err();
    assert_eq!(failure.code, FailureCode::NoText, "{failure}");
}

#[test]
fn a_key_of_endless_work_is_not_made() {
    let cipher = |power: u8| [0x24, 6, 0xf1, 7, 1, 2, power, 0];
    let encoded = [&[0x17][..], &streams(32, &cipher(40), 32), &[0]].concat();
    let failure = outcome(&archive(&[0; 32], &encoded)).unwrap_err();
    assert_eq!(failure.code, FailureCode::Encrypted);
    let plain = list(&cipher(24), 32, &["a.txt"], 32);
    let failure = outcome(&archive(&[7; 32], &plain)).unwrap_err();
    assert_eq!(failure.code, FailureCode::Encrypted);
    assert!(failure.message.ends_with("It holds a.txt."), "{failure}");
}

#[test]
fn sizes_that_lie_end_in_a_warning() {
    let list = list(COPY, 10, &["a.txt", "b.txt"], 10);
    let document = outcome(&archive(b"a1.example", &list)).unwrap();
    assert!(
        document.text.starts_with("a.txt\na1.example"),
        "{}",
        document.text
    );
}

#[test]
fn members_that_unpack_beyond_the_account_are_cut() {
    let text = b"c2.example\n".repeat(200_000);
    let list = list(COPY, text.len() as u64, &["a.txt"], text.len() as u64);
    let limits = Limits {
        inflated: 1 << 20,
        ..Limits::default()
    };
    let document = read(&archive(&text, &list), None, &limits).unwrap().1;
    assert!(document.text.len() <= (1 << 20) + 10);
    assert_eq!(document.warnings[0].code, "truncated");
}

#[test]
fn a_model_of_gigabytes_is_not_made() {
    let ppmd = |size: u32| {
        let [a, b, c, d] = size.to_le_bytes();
        [0x23, 3, 4, 1, 5, 6, a, b, c, d]
    };
    let plain = list(&ppmd(2 << 30), 20, &["a.txt"], 20);
    let failure = outcome(&archive(&[0; 20], &plain)).unwrap_err();
    assert_eq!(failure.code, FailureCode::NoText);
    assert!(failure.message.contains("packed in a way"), "{failure}");
    let encoded = [&[0x17][..], &streams(20, &ppmd(u32::MAX), 99), &[0]].concat();
    let failure = outcome(&archive(&[0; 20], &encoded)).unwrap_err();
    assert_eq!(failure.code, FailureCode::Malformed);
}
