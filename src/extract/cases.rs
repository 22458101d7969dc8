//! Real cases that misled others, and inputs made to cost time. Tests alone.

use crate::document::{Block, BlockKind, Document, Place};
use crate::extract::candidate::{Candidate, Text};
use crate::extract::hostile::PATTERNS;
use crate::extract::scan;
use crate::indicator::{Finding, Kind};

fn findings(text: &str) -> Vec<Finding> {
    scan(&Document {
        text: text.into(),
        ..Document::default()
    })
}

/// The values of `kind` in a plain text.
pub(in crate::extract) fn values(text: &str, kind: Kind) -> Vec<String> {
    findings(text)
        .into_iter()
        .filter(|finding| finding.kind == kind)
        .map(|finding| finding.value)
        .collect()
}

/// Runs one scanner over 200 kB of each of [`PATTERNS`] and of `more`: a quadratic one would not end, and
/// whatever it proposes must lie in the text.
pub(in crate::extract) fn endures(scanner: fn(&Text<'_>, &mut Vec<Candidate>), more: &[&str]) {
    for pattern in PATTERNS.iter().chain(more) {
        let document = Document {
            text: pattern.repeat(200_000 / pattern.len()),
            ..Document::default()
        };
        let mut found = Vec::new();
        scanner(&Text::new(&document), &mut found);
        assert!(
            found
                .iter()
                .all(|candidate| document.text.get(candidate.span.clone()).is_some()),
            "{pattern:?}"
        );
    }
}

#[track_caller]
fn check(kind: Kind, rows: &[(&str, &[&str])]) {
    for (text, expected) in rows {
        assert_eq!(values(text, kind), *expected, "{kind} in {text:?}");
    }
}

#[test]
fn a_domain_is_told_from_files_code_and_sentences() {
    check(
        Kind::Domain,
        &[
            ("it drops AreaDoc7702.zip and views.py", &[]),
            (
                "served from http://evil.example.com/m.zip",
                &["evil.example.com"],
            ),
            (
                "https://microsoft-office.zip/ and evil-login[.]zip",
                &["microsoft-office.zip", "evil-login.zip"],
            ),
            ("uploads to x.surge.sh", &["x.surge.sh"]),
            ("wish.Run, prc.Name, item.Name, os.open", &[]),
            ("$stream.Read( and console.info(1)", &[]),
            ("obj.id = 5", &[]),
            ("Autoit3.exe uses System.IO.File", &[]),
            ("payload.In using this XOR method. server.It was", &[]),
            ("hoh4.AI Wk.as @CYgGjjm.Md", &[]),
            (
                "accounts.live.com-change.info",
                &["accounts.live.com-change.info"],
            ),
            (
                "all-inclusive-vacations--46080.com",
                &["all-inclusive-vacations--46080.com"],
            ),
            (
                "198[.]51[.]100[.]34[.]bc[.]googleusercontent[.]com",
                &["198.51.100.34.bc.googleusercontent.com"],
            ),
            ("the package com.example.message.chat", &[]),
            ("1.ping 2.User Name", &[]),
            ("00 00 |Q.td............|", &[]),
            ("url%3Dhttp%3A%2F%2Fevil.example.com", &["evil.example.com"]),
            ("[domain-name:value = 'transfer.sh']", &["transfer.sh"]),
            (
                "`++evil.example.com++` and **evil.example.net**",
                &["evil.example.com", "evil.example.net"],
            ),
            ("example . com", &[]),
            ("king-host.xyx", &[]),
            ("bestgame.bazar evil.bit", &["bestgame.bazar", "evil.bit"]),
        ],
    );
}

#[test]
fn an_address_is_told_from_versions_and_longer_numbers() {
    check(
        Kind::Ipv4,
        &[
            ("Autoit3.exe, version 3.3.14.5", &[]),
            ("build 3.2.0.14; Firmware version: 5.1.0.18", &[]),
            (
                "Flash 19.0.0.207 and 13.x before 13.0.0.206 on Windows",
                &[],
            ),
            ("OID 1.3.6.1.4.1.311 at 2018.12.15.14.05.43", &[]),
            ("198[.]51[.]100[.]34[.]bc[.]example[.]com", &[]),
            ("192.0.2.1/47820.dat", &["192.0.2.1"]),
            ("DNS 8.8.8.8 and 9.9.9.9", &["8.8.8.8", "9.9.9.9"]),
            ("10.10.10.]]]10 10[[[[.]]]]10[.]10(.10", &["10.10.10.10"]),
        ],
    );
    check(
        Kind::IpRange,
        &[
            ("plugin 1.7.0.0-1.7.0.7", &[]),
            ("192.0.2.0/24,", &["192.0.2.0/24"]),
        ],
    );
    check(
        Kind::IpPort,
        &[
            ("192[.]0[.]2[.]1[:]8080/a", &["192.0.2.1:8080"]),
            ("hxxp://192.0.2.1:81/a", &["192.0.2.1:81"]),
            ("192.0.2.1|81\n192.0.2.2|8 | 3", &["192.0.2.1:81"]),
        ],
    );
    check(
        Kind::Ipv6,
        &[
            ("(2001:db8:a03:12b::33)", &["2001:db8:a03:12b::33"]),
            ("IICSA::]gnidocnE", &[]),
            ("17:10:17", &[]),
        ],
    );
}

#[test]
fn a_url_ends_where_its_author_ended_it() {
    let url = "http://evil.example.com/a";
    for text in [
        "[x](http://evil.example.com/a)",
        "http://evil.example.com/a\">text",
        "http://evil.example.com/a|HTTP requests|",
        "++http://evil.example.com/a++",
        "**http://evil.example.com/a**",
        "'http://evil.example.com/a')",
        "(http://evil.example.com/a).replace(",
        "http://evil.example.com/a...",
        "http://evil.example.com/a）。",
        "http://evil.example.com/a\u{a0}and",
        "http://evil.example.com/a<br>",
        "http:\\/\\/evil.example.com\\/a",
        "[url:value = 'http://evil.example.com/a']",
        "http://evil.example.com/a[Label]",
        "hxxp://evil[.]example[.]com/a,Payload delivery",
        "hxxps:[//]x",
        "h**p://evil(.)example(.)com/a",
        "hxxp:[//]evil[.]example[.]com/a",
        "http:// evil.example.com/a",
    ] {
        let expected: &[&str] = if text == "hxxps:[//]x" { &[] } else { &[url] };
        assert_eq!(values(text, Kind::Url), expected, "{text:?}");
    }
    check(
        Kind::Url,
        &[
            (
                "http://evil.example.com/a.phphttps://b.example.com/",
                &["http://evil.example.com/a.php", "https://b.example.com/"],
            ),
            (
                "http://evil.example.com/host[v17]/admin",
                &["http://evil.example.com/host[v17]/admin"],
            ),
            (
                "http://evil.example.com/?id=[EncryptionID]",
                &["http://evil.example.com/?id=[EncryptionID]"],
            ),
            (
                "http://www.example.org@evil.example.com",
                &["http://www.example.org@evil.example.com"],
            ),
            ("htps://evil.example.com/", &["https://evil.example.com/"]),
            ("hxxps:/evil.example.com/a", &["https://evil.example.com/a"]),
        ],
    );
}

#[test]
fn hashes_are_told_from_other_numbers_and_healed_only_with_proof() {
    let md5 = "d41d8cd98f00b204e9800998ecf8427e";
    let other = "0cc175b9c0f1b6a831c399e269772661";
    let long = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(
        values(&format!("{md5}\n{other}"), Kind::HashMd5),
        [md5, other]
    );
    assert_eq!(
        values(
            &format!("{}\n{}", &long[..37], &long[37..]),
            Kind::HashSha256
        ),
        [long]
    );
    assert_eq!(
        values(
            &format!("sha256,{}\n{},x", &long[..32], &long[32..]),
            Kind::HashSha256
        ),
        [long]
    );
    assert!(
        values(
            &format!("sha256,{}\n{},x", &long[..32], &long[32..]),
            Kind::HashMd5
        )
        .is_empty()
    );
    assert!(
        values(
            &format!("0x{md5} JA3: {md5} Thumbprint: {md5} AppX{md5} {md5}_x"),
            Kind::HashMd5
        )
        .is_empty()
    );
    assert!(values(&format!("filehash=sha256%3A{long}"), Kind::HashSha256).is_empty());
    assert_eq!(values(&format!("?{md5},x"), Kind::HashMd5), [md5]);
}

#[test]
fn dates_and_checksums_below_each_other_are_no_hash() {
    for column in [
        "20240101\n20240203\n20240507\n20240909",
        "1234567890123456\n6543210987654321",
        "deadbeef\nfacefeed\ndeadbeef\nfacefeed",
        "deadbe1f\ncafe12be\n1234abcd\n9abcdef0",
    ] {
        assert!(values(column, Kind::HashMd5).is_empty(), "{column}");
    }
}

#[test]
fn a_message_id_is_no_mail_address() {
    check(
        Kind::Email,
        &[
            (
                "Message-ID: <20240824.1@mail.example.com>\nFrom: <a@example.com>",
                &["a@example.com"],
            ),
            (
                "References: <1@mail.example.com>\n <2@mail.example.com>",
                &[],
            ),
            (
                "hxxp boss(at)evil(dot)example(dot)com",
                &["boss@evil.example.com"],
            ),
            ("news.example.com is nice, mailer at example.com", &[]),
        ],
    );
}

#[test]
fn what_was_written_is_kept_with_its_place() {
    let text = "é one\nsee evil[.]example[.]com and evil.example.com";
    let document = Document {
        text: text.into(),
        blocks: vec![Block {
            span: 0..text.len(),
            kind: BlockKind::Paragraph,
            place: 0,
        }],
        places: vec![Place::Page(3)],
        ..Document::default()
    };
    let found = scan(&document);
    assert_eq!(found.len(), 1);
    let finding = &found[0];
    assert_eq!(
        (finding.value.as_str(), finding.raw.as_str()),
        ("evil.example.com", "evil[.]example[.]com")
    );
    assert!(finding.defanged);
    assert_eq!(finding.occurrences, 2);
    let location = &finding.location;
    assert_eq!(
        (
            location.page,
            location.line,
            location.offset,
            location.length
        ),
        (Some(3), 2, 10, 20)
    );
}

/// Each of these made some extractor take a square of its length. The length is such that a square
/// would not end.
#[test]
fn no_input_takes_more_than_linear_time() {
    const BYTES: usize = 100_000;
    let more = [
        "0f3a9c",
        "aGVsbG8",
        "a.com ",
        "http://a.com\n",
        "192.0.2.1 ",
        "a@b.com,",
        "http://a.com/[",
        "\\.",
        "a [.] ",
        ". ] ",
        "漢a",
        "漢a.com",
        "http://a.com/1,",
        "1;",
        "a**[.]**",
        "filename: a\n",
        "filename\ta\tb",
        "\ta.com",
        "a.com, ",
        "a.cc, ",
        "cmd /c a^\n",
        "cmd /c \"a\n",
        "C:\\aaaaaaaaaaaaaaaaaaa\\b\n",
        "*C:\\a ",
        "value: a\n",
        "192.0.2.1|",
        "imphash ",
    ];
    for pattern in PATTERNS.iter().chain(&more) {
        let text = pattern.repeat(BYTES / pattern.len());
        let found = findings(&text);
        assert!(found.len() <= BYTES, "{pattern:?}");
    }
}
