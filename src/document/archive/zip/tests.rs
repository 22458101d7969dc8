use std::io::{Cursor, Write};

use zip::AesMode;
use zip::unstable::write::FileOptionsExt;
use zip::write::{FileOptions, SimpleFileOptions, ZipWriter};

use crate::document::office::tests::zip;
use crate::document::{BlockKind, Document, Limits, read};
use crate::submission::{Failure, FailureCode, Warning};

fn document(bytes: &[u8]) -> Document {
    read(bytes, None, &Limits::default()).unwrap().1
}

fn failure(bytes: &[u8]) -> Failure {
    read(bytes, None, &Limits::default()).unwrap_err()
}

/// A ZIP whose members may each be written in another way.
fn written(members: &[(&str, &[u8], FileOptions<'_, 'static, ()>)]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes, options) in members {
        writer.start_file(*name, *options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn members_stand_behind_their_paths_in_the_order_of_the_directory() {
    let inner = zip(&[("deep.txt", "deep.example")]);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let plain = SimpleFileOptions::default();
    for (name, bytes) in [
        ("../b/report.txt", &b"second.example"[..]),
        ("a.html", b"<p>first<b>.example</b></p>"),
        ("sample.exe", b"MZ\x90\0\x03\0"),
        ("__MACOSX/._a.html", b"\0\x05\x16\x07"),
        ("inner.zip", &inner),
    ] {
        writer.start_file(name, plain).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.add_directory("empty/", plain).unwrap();
    writer
        .add_symlink("link.txt", "/etc/passwd", plain)
        .unwrap();
    let document = document(&writer.finish().unwrap().into_inner());
    assert_eq!(
        document.text,
        "b/report.txt\nsecond.example\na.html\nfirst.example\ninner.zip\ndeep.txt\ndeep.example\nMembers that were not read\nsample.exe"
    );
    assert_eq!(document.blocks[0].kind, BlockKind::Heading);
    let members = document.members.iter().map(|member| member.blocks.clone());
    assert!(
        members.eq([0..2, 2..4, 4..7, 5..7, 7..8, 8..9]),
        "{:?}",
        document.members
    );
    assert!(document.warnings.is_empty(), "{:?}", document.warnings);
}

#[test]
fn members_under_the_usual_password_are_opened_and_others_are_named() {
    let plain = SimpleFileOptions::default();
    let aes = plain.with_aes_encryption(AesMode::Aes256, "infected");
    let old = plain.with_deprecated_encryption(b"infected").unwrap();
    let other = plain.with_aes_encryption(AesMode::Aes128, "secret");
    let text = b"c2.example";
    let mixed = written(&[
        ("aes.txt", text, aes),
        ("old.txt", text, old),
        ("other.txt", text, other),
    ]);
    let doc = document(&mixed);
    assert_eq!(doc.text, "aes.txt\nc2.example\nold.txt\nc2.example");
    assert_eq!(
        doc.warnings[0].message,
        "Protected with a password other than `infected` and left out: other.txt."
    );
    let other = failure(&written(&[("other.txt", text, other)]));
    assert_eq!(other.code, FailureCode::Encrypted);
    assert!(other.message.ends_with("It holds other.txt."), "{other}");
}

#[test]
fn a_wrong_password_that_passes_the_old_check_gives_no_noise() {
    let plain = SimpleFileOptions::default();
    for i in 0..600 {
        let password = format!("secret{i}");
        let options = plain.with_deprecated_encryption(password.as_bytes());
        let bytes = written(&[("a.txt", b"c2.example", options.unwrap())]);
        assert_eq!(failure(&bytes).code, FailureCode::Encrypted);
    }
}

#[test]
fn an_archive_of_nothing_readable_says_what_it_held() {
    assert_eq!(
        failure(&written(&[])).message,
        "The archive holds no files."
    );
    let plain = SimpleFileOptions::default();
    let programs = written(&[
        ("a.exe", b"MZ\x90\0", plain),
        ("scan.pdf", b"%PDF-1.4 nothing", plain),
    ]);
    let failure = failure(&programs);
    assert_eq!(failure.code, FailureCode::NoText);
    assert!(
        failure.message.starts_with(
            "The archive holds no document that could be read, only a.exe, scan.pdf. scan.pdf: "
        ),
        "{failure}"
    );
}

#[test]
fn archives_in_archives_are_followed_to_a_depth() {
    let mut bytes = b"bottom.example".to_vec();
    let plain = SimpleFileOptions::default();
    for depth in 0..4 {
        let name = format!("{depth}.bin");
        bytes = written(&[(&name, &bytes, plain)]);
    }
    assert!(document(&bytes).text.ends_with("bottom.example"));
    let deeper = written(&[("a.txt", b"top.example", plain), ("4.bin", &bytes, plain)]);
    let doc = document(&deeper);
    assert_eq!(
        doc.text,
        "a.txt\ntop.example\nMembers that were not read\n4.bin"
    );
    assert!(
        doc.warnings[0].message.contains("4 deep"),
        "{:?}",
        doc.warnings
    );
}

#[test]
fn nested_bombs_draw_on_one_account() {
    let plain = SimpleFileOptions::default();
    let zeros = vec![b' '; 1 << 20];
    let bomb = written(&[("0", &zeros, plain), ("1", &zeros, plain)]);
    let bombs: Vec<(String, &[u8], SimpleFileOptions)> = (0..64)
        .map(|i| (format!("{i}.zip"), &bomb[..], plain))
        .collect();
    let bombs: Vec<_> = bombs.iter().map(|(n, b, o)| (&n[..], *b, *o)).collect();
    let bombs = written(&[
        ("a.txt", b"first.example", plain),
        ("b.zip", &written(&bombs), plain),
    ]);
    let limits = Limits {
        inflated: 8 << 20,
        ..Limits::default()
    };
    let doc = read(&bombs, None, &limits).unwrap().1;
    assert!(doc.text.starts_with("a.txt\nfirst.example"));
    let cut = |warning: &Warning| warning.code == "truncated";
    assert!(doc.warnings.iter().any(cut), "{:?}", doc.warnings);
}

/// Every entry of the directory names the same bytes.
#[test]
fn overlapping_members_are_charged_each_time() {
    let plain = SimpleFileOptions::default();
    let one = written(&[("a", &vec![b'x'; 900_000], plain)]);
    let directory = memchr::memmem::rfind(&one, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::rfind(&one, b"PK\x05\x06").unwrap();
    let count = 20_000u16;
    let mut bytes = one[..directory].to_vec();
    for _ in 0..count {
        bytes.extend_from_slice(&one[directory..end]);
    }
    let size = (bytes.len() - directory) as u32;
    bytes.extend_from_slice(&one[end..end + 8]);
    bytes.extend_from_slice(&[count.to_le_bytes(), count.to_le_bytes()].concat());
    bytes.extend_from_slice(&size.to_le_bytes());
    bytes.extend_from_slice(&one[end + 16..]);
    let limits = Limits {
        inflated: 4 << 20,
        ..Limits::default()
    };
    let doc = read(&bytes, None, &limits).unwrap().1;
    assert!(doc.text.len() < 5 << 20);
    assert_eq!(doc.warnings[0].code, "truncated");
}

#[test]
fn of_a_million_members_the_first_are_read() {
    let mut bytes = written(&[("a", b"c2.example", SimpleFileOptions::default())]);
    let directory = memchr::memmem::rfind(&bytes, b"PK\x01\x02").unwrap();
    let end = memchr::memmem::rfind(&bytes, b"PK\x05\x06").unwrap();
    let entry = bytes[directory..end].to_vec();
    bytes.truncate(directory);
    let count = 1_000_000u64;
    for _ in 0..count {
        bytes.extend_from_slice(&entry);
    }
    let (at, size) = (bytes.len() as u64, (bytes.len() - directory) as u64);
    bytes.extend_from_slice(b"PK\x06\x06");
    bytes.extend_from_slice(&44u64.to_le_bytes());
    bytes.extend_from_slice(&[45, 0, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    for number in [count, count, size, directory as u64] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(b"PK\x06\x07\0\0\0\0");
    bytes.extend_from_slice(&at.to_le_bytes());
    bytes.extend_from_slice(&1u32.to_le_bytes());
    bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    bytes.extend_from_slice(&[0xff; 12]);
    bytes.extend_from_slice(&[0, 0]);
    let doc = document(&bytes);
    assert_eq!(doc.text.matches("c2.example").count(), 20_000);
    assert_eq!(
        doc.warnings[0].message,
        "The text was cut: the archive has 1000000 members, more than the 20000 that are read."
    );
}

#[test]
fn a_broken_member_is_named_and_the_others_are_read() {
    let plain = SimpleFileOptions::default();
    let mut bytes = written(&[
        ("bad.txt", &b"some words that pack ".repeat(50), plain),
        ("good.txt", b"good.example", plain),
    ]);
    for byte in &mut bytes[45..50] {
        *byte ^= 0xff;
    }
    let doc = document(&bytes);
    assert!(doc.text.contains("good.txt\ngood.example"), "{}", doc.text);
    assert!(
        doc.warnings[0]
            .message
            .starts_with("bad.txt: It is damaged"),
        "{:?}",
        doc.warnings
    );
}

#[test]
fn an_archive_cut_short_is_read_as_far_as_it_goes() {
    let plain = SimpleFileOptions::default();
    let words: String = (0..2_000).map(|i| format!("host{i}.example ")).collect();
    let whole = written(&[
        ("a.txt", b"first.example", plain),
        ("b.txt", words.as_bytes(), plain),
    ]);
    let doc = document(&whole[..whole.len() / 2]);
    assert!(
        doc.text
            .starts_with("a.txt\nfirst.example\nb.txt\nhost0.example")
    );
    assert!(doc.text.len() < words.len());
    assert!(
        doc.warnings
            .iter()
            .any(|warning| warning.message.contains("cut short"))
    );
    for end in 4..whole.len() {
        let _ = read(&whole[..end], None, &Limits::default());
    }
}
