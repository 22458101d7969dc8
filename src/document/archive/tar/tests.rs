use crate::document::{Document, Limits, read};

fn document(bytes: &[u8]) -> Document {
    read(bytes, None, &Limits::default()).unwrap().1
}

/// One member: header and data, padded.
fn member(name: &[u8], flag: u8, data: &[u8]) -> Vec<u8> {
    let mut block = vec![0; 512];
    block[..name.len()].copy_from_slice(name);
    block[124..135].copy_from_slice(format!("{:011o}", data.len()).as_bytes());
    block[156] = flag;
    block[257..265].copy_from_slice(b"ustar\x0000");
    sealed(block, data)
}

/// Puts in the checksum and the data.
fn sealed(mut block: Vec<u8>, data: &[u8]) -> Vec<u8> {
    block[148..156].fill(b' ');
    let sum: u32 = block[..512].iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block.extend_from_slice(data);
    block.resize(block.len().next_multiple_of(512), 0);
    block
}

fn pax(key: &str, value: &str) -> Vec<u8> {
    let rest = format!(" {key}={value}\n");
    let length = (rest.len()..).find(|n| n.to_string().len() + rest.len() == *n);
    format!("{}{rest}", length.unwrap()).into_bytes()
}

#[test]
fn members_of_every_dialect_are_named_in_full() {
    let long = format!("{}/long.txt", "d".repeat(150));
    let mut prefixed = member(b"short.txt", b'0', b"");
    prefixed[345..351].copy_from_slice(b"folder");
    let archive = [
        member(b"folder/", b'5', b""),
        member(b"folder/a.txt", b'0', b"one.example"),
        member(b"link.txt", b'2', b""),
        member(b"././@LongLink", b'L', format!("{long}\0").as_bytes()),
        member(b"cut", b'0', b"two.example"),
        member(b"pax", b'x', &pax("path", "r\u{e9}sum\u{e9}.txt")),
        member(b"ascii", 0, b"three.example"),
        sealed(prefixed, b""),
        vec![0; 1024],
    ]
    .concat();
    assert_eq!(
        document(&archive).text,
        format!(
            "folder/a.txt\none.example\n{long}\ntwo.example\nr\u{e9}sum\u{e9}.txt\nthree.example\nMembers that were not read\nfolder/short.txt"
        )
    );
}

#[test]
fn the_holes_of_sparse_members_are_left_out() {
    let mut gnu = member(b"old.txt", b'S', b"");
    gnu[124..135].copy_from_slice(b"00000000013");
    gnu[482] = 1;
    let mut gnu = sealed(gnu, b"");
    gnu.resize(1024, 0);
    gnu.extend_from_slice(b"old.example");
    gnu.resize(1536, 0);
    let mut map = b"1\n1048576\n11\n".to_vec();
    map.resize(512, 0);
    map.extend_from_slice(b"new.example");
    let records = [
        pax("GNU.sparse.major", "1"),
        pax("GNU.sparse.name", "new.txt"),
    ]
    .concat();
    let archive = [
        gnu,
        member(b"pax", b'x', &records),
        member(b"GNUSparseFile.0/new.txt", b'0', &map),
    ]
    .concat();
    assert_eq!(
        document(&archive).text,
        "old.txt\nold.example\nnew.txt\nnew.example"
    );
}

#[test]
fn sizes_that_lie_end_at_the_end_of_the_archive() {
    let mut huge = member(b"b.txt", b'0', b"");
    huge[124..136].copy_from_slice(b"\x80\0\0\0\xff\xff\xff\xff\xff\xff\xff\xff");
    let mut archive = member(b"a.txt", b'0', b"one.example");
    let text = format!("{:>512}", "two.example");
    archive.extend(sealed(huge, text.as_bytes()));
    let doc = document(&archive);
    assert_eq!(doc.text, "a.txt\none.example\nb.txt\ntwo.example");
    assert!(doc.warnings[0].message.starts_with("b.txt: It is damaged"));
}

#[test]
fn a_damaged_header_ends_the_archive_with_a_warning() {
    let mut archive = member(b"a.txt", b'0', b"one.example");
    archive.extend(vec![b'x'; 1024]);
    let doc = document(&archive);
    assert_eq!(doc.text, "a.txt\none.example");
    assert_eq!(doc.warnings[0].code, "member_failed");
}

#[test]
fn members_without_number_are_cut_at_a_limit() {
    let archive = member(b"a", b'0', b"c2.example").repeat(21_000);
    let doc = document(&archive);
    assert_eq!(doc.text.matches("c2.example").count(), 20_000);
    assert_eq!(doc.warnings[0].code, "truncated");
}
