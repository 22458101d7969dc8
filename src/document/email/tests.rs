use crate::document::office::tests::zip;
use crate::document::{BlockKind, Document, Limits, read};

fn document(mail: &str) -> Document {
    read(mail.as_bytes(), None, &Limits::default()).unwrap().1
}

const HEAD: &str = "Received: from mx.example\n (mx.example [192.0.2.9]) by a\nFrom: =?utf-8?q?M=C3=BCller?= <m@evil.example>\nSubject: =?utf-8?b?UmVjaG51bmc=?=\nMessage-ID: <1@evil.example>\nDKIM-Signature: v=1; b=abc\nMIME-Version: 1.0\n";

#[test]
fn headers_are_decoded_and_unfolded_into_one_block() {
    let doc = document(&format!("{HEAD}\nVisit evil[.]example\n"));
    assert_eq!(doc.title.as_deref(), Some("Rechnung"));
    assert_eq!(doc.blocks[1].kind, BlockKind::Code);
    assert_eq!(
        &doc.text[doc.blocks[1].span.clone()],
        "Received: from mx.example (mx.example [192.0.2.9]) by a\nFrom: Müller <m@evil.example>\nSubject: Rechnung\nMessage-ID: <1@evil.example>"
    );
    assert!(doc.text.ends_with("\nVisit evil[.]example"));
}

#[test]
fn headers_in_bytes_of_an_old_charset_are_guessed() {
    let mail = b"Received: from mx.example by a\nFrom: J\xfcrgen Sch\xf6n <j@evil.example>\nSubject: Die Fr\xf6sche\nDate: Mon, 01 Jun 2009 04:28:28 +0000\nMessage-ID: <1@evil.example>\n\nquak\n";
    let doc = read(mail, Some("a.eml"), &Limits::default()).unwrap().1;
    assert_eq!(doc.title.as_deref(), Some("Die Fr\u{f6}sche"));
    assert!(
        doc.text
            .contains("From: J\u{fc}rgen Sch\u{f6}n <j@evil.example>"),
        "{}",
        doc.text
    );
    let mut outer = b"Subject: outer\nFrom: a@evil.example\nMIME-Version: 1.0\nContent-Type: message/rfc822\n\n".to_vec();
    outer.extend_from_slice(mail);
    let doc = read(&outer, Some("a.eml"), &Limits::default()).unwrap().1;
    assert!(
        doc.text.contains("Subject: Die Fr\u{f6}sche"),
        "{}",
        doc.text
    );
}

#[test]
fn both_bodies_and_their_links_are_read() {
    let doc = document(&format!(
        "{HEAD}Content-Type: multipart/alternative; boundary=b\n\n--b\nContent-Type: text/plain\n\nplain words\n--b\nContent-Type: text/html\nContent-Transfer-Encoding: quoted-printable\n\n<p>html <a href=3D\"http://l.example/=\nx\">words</a></p>\n--b--\n"
    ));
    assert!(
        doc.text
            .ends_with("plain words\nhtml words\nhttp://l.example/x"),
        "{}",
        doc.text
    );
}

#[test]
fn attachments_are_named_and_read() {
    let docx = zip(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "word/document.xml",
            "<w:document><w:p><w:r><w:t>inside.example</w:t></w:r></w:p></w:document>",
        ),
    ]);
    let body = base64(&docx);
    let doc = document(&format!(
        "{HEAD}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: application/octet-stream; name=\"invoice.docx\"\nContent-Transfer-Encoding: base64\n\n{body}\n--b\nContent-Type: image/png; name=\"x.png\"\nContent-Transfer-Encoding: base64\n\niVBORw0KGgo=\n--b\nContent-Type: message/rfc822\n\nSubject: inner\nFrom: i@inner.example\n\ninner body\n--b--\n"
    ));
    assert!(
        doc.text
            .contains("Attachment: invoice.docx\ninside.example\nAttachment: x.png\n"),
        "{}",
        doc.text
    );
    assert!(
        doc.text.ends_with("From: i@inner.example\ninner body"),
        "{}",
        doc.text
    );
    assert!(doc.warnings.is_empty());
}

#[test]
fn endless_messages_in_messages_are_read_as_text() {
    let doc = document(&format!(
        "{HEAD}{}x",
        "Content-Type: message/rfc822\n\n".repeat(100_000)
    ));
    assert_eq!(doc.warnings[0].code, "malformed");
    let parts = "Content-Type: multipart/mixed; boundary=b\n\n--b\n".repeat(20_000);
    assert!(!document(&format!("{HEAD}{parts}\nx")).text.is_empty());
}

#[test]
fn a_message_of_nothing_inside_another_is_passed_over() {
    let outer = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nfirst.example\n--b\nContent-Type: message/rfc822\n";
    for inner in [
        "",
        "\n",
        "\nUm9v\n",
        "\nUm9v\n--b\nContent-Disp",
        "Content-Disp",
    ] {
        let doc = document(&format!("{HEAD}{outer}{inner}"));
        assert!(doc.text.contains("first.example"), "{}", doc.text);
    }
}

#[test]
fn every_message_of_a_mailbox_is_read() {
    let doc = document(
        "From a@b.example Mon Jan  1 00:00:00 2024\nFrom: one@a.example\nSubject: first\n\none\n\nFrom c@d.example Mon Jan  1 00:00:00 2024\nFrom: two@a.example\nSubject: second\n\ntwo\n",
    );
    assert_eq!(doc.title.as_deref(), Some("first"));
    assert_eq!(
        doc.text,
        "first\nFrom: one@a.example\nSubject: first\none\nsecond\nFrom: two@a.example\nSubject: second\ntwo"
    );
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, i| {
            bits << 8 | u32::from(chunk.get(i).copied().unwrap_or(0))
        });
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i)) as usize & 63];
            out.push(if i > chunk.len() {
                '='
            } else {
                char::from(digit)
            });
        }
    }
    out
}

#[test]
fn a_message_without_a_part_is_passed_over() {
    let mail = "From: a@b.example\nSubject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n\
        --b\nContent-Type: text/plain\n\nwords\n--b\nContent-Type: message/rfc822\n\nFrom";
    assert!(document(mail).text.contains("words"));
}

#[test]
fn a_message_says_its_language_and_what_is_attached_does_not() {
    let page = "Content-Type: text/html\nContent-Disposition: attachment; filename=a.html\n\n<html lang=ru>x";
    let mixed = format!("Content-Type: multipart/mixed; boundary=b\n\n--b\n{page}\n--b--\n");
    let doc = document(&format!("{HEAD}Content-Language: pt-br, en\n{mixed}"));
    assert_eq!(doc.language.as_deref(), Some("pt-BR"));
    assert_eq!(document(&format!("{HEAD}{mixed}")).language, None);
}
