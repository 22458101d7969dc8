//! Situations in which the same letters are two things: each with the evidence for and against. Tests
//! alone; real cases that misled others stand in `cases`.

use crate::extract::cases::values;
use crate::indicator::Kind;

const MD5: &str = "d41d8cd98f00b204e9800998ecf8427e";
const OTHER: &str = "0cc175b9c0f1b6a831c399e269772661";
const SHA1: &str = "da39a3ee5e6b4b0d3255bfef95601890afd80709";
const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// `text` holds `value` as `kind` alone, and not as `other`.
#[track_caller]
fn is(text: &str, kind: Kind, value: &str, other: Kind) {
    assert_eq!(values(text, kind), [value], "{kind} in {text:?}");
    assert!(
        !values(text, other).iter().any(|found| found == value),
        "{other} in {text:?}"
    );
}

#[track_caller]
fn file(text: &str, value: &str) {
    is(text, Kind::Filename, value, Kind::Domain);
}

#[track_caller]
fn host(text: &str, value: &str) {
    is(text, Kind::Domain, value, Kind::Filename);
}

#[track_caller]
fn none(text: &str, kind: Kind) {
    assert_eq!(values(text, kind), [""; 0], "{kind} in {text:?}");
}

#[test]
fn a_zip_is_an_archive_or_a_host() {
    file(
        "The mail carried invoice.zip as an attachment.",
        "invoice.zip",
    );
    host(
        "The phishing page at https://invoice.zip/login",
        "invoice.zip",
    );
    host(
        "The phishing domain invoice.zip was registered in May.",
        "invoice.zip",
    );
    host("invoice[.]zip", "invoice.zip");
    host("invoice.zip\tdomain\tseen", "invoice.zip");
}

#[test]
fn a_py_is_a_script_or_a_host() {
    file("It then runs setup.py to install itself.", "setup.py");
    host("Domain\tsetup.py\tactive", "setup.py");
    host("hxxp://setup[.]py/a", "setup.py");
}

#[test]
fn a_md_is_a_text_or_a_host() {
    file("See readme.md for the steps.", "readme.md");
    host("The server readme.md answers on port 443.", "readme.md");
}

#[test]
fn a_com_is_a_host_or_a_program() {
    host("It beacons to evil.com every hour.", "evil.com");
    file("filename\tevil.com\tdropper", "evil.com");
    file("evil.com\tfile name\tdropper", "evil.com");
    file("cmd /c echo a > evil.com", "evil.com");
}

#[test]
fn dot_net_is_a_framework_or_a_root() {
    for product in [
        "ASP.NET",
        "asp.net",
        "VB.NET",
        "Json.NET",
        "Eazfuscator.NET",
    ] {
        none(
            &format!("The loader is written in {product} and packed."),
            Kind::Domain,
        );
    }
    host(
        "It connects to the domain evil-asp.net over TLS.",
        "evil-asp.net",
    );
    host("hxxps://www.asp[.]net/x", "www.asp.net");
}

#[test]
fn four_numbers_are_a_version_or_an_address() {
    for text in [
        "version 1.2.3.4 is affected",
        "FortiOS v7.2.4.1 and later",
        "Firmware: build 5.1.0.18",
        "## 2.4.1.3 (2024-02-01)\n- fixed",
        "FileVersion: 10.0.190.1",
    ] {
        none(text, Kind::Ipv4);
    }
    for text in [
        "the address 1.2.3.4 answered",
        "C2: 1.2.3.4",
        "1.2.3.4\n1.2.3.5",
        "version 2 of it talks to 1.2.3.4.",
        "v1[.]2[.]3[.]4 no, 1[.]2[.]3[.]4",
    ] {
        assert!(
            values(text, Kind::Ipv4).contains(&"1.2.3.4".to_owned()),
            "{text}"
        );
    }
}

#[test]
fn a_hash_in_a_url_counts_where_it_stands_alone() {
    let url = format!("https://www.virustotal.com/gui/file/{SHA256}/detection");
    assert_eq!(values(&url, Kind::HashSha256), [SHA256]);
    assert_eq!(values(&url, Kind::Url), [url.as_str()]);
    none(
        &format!("http://a.example.com/x{SHA256}y.js"),
        Kind::HashSha256,
    );
}

#[test]
fn two_extensions_are_a_program_or_a_host() {
    file("Victims start payload.com.exe by hand.", "payload.com.exe");
    host(
        "served by payload.com.evil.example.net today",
        "payload.com.evil.example.net",
    );
}

#[test]
fn dotted_names_are_a_class_or_a_host() {
    for text in [
        "java.lang.Runtime.exec( is called by com.example.app.MainActivity",
        "the package ru.row.glass was removed",
        "c.e.s.Application - Started",
        "os.path.join(a) and self.name",
    ] {
        none(text, Kind::Domain);
        none(text, Kind::Filename);
    }
    host("ru.row.example.com resolves", "ru.row.example.com");
    host(
        "static.example.com\n* cdn.hk.rs\n* cdn.example.com"
            .split('\n')
            .next()
            .unwrap_or_default(),
        "static.example.com",
    );
    assert!(
        values(
            "* static.example.com\n* cdn.hk.rs\n* x.example.com",
            Kind::Domain
        )
        .contains(&"cdn.hk.rs".to_owned())
    );
    none("import cdn.hk.rs\nuse x", Kind::Domain);
    assert!(
        values("such as one.ru, two.top and three.cc", Kind::Domain)
            .contains(&"three.cc".to_owned())
    );
    none("it compiles one.cc and three.cc", Kind::Domain);
}

#[test]
fn an_at_is_a_mailbox_or_a_message() {
    let id = "Message-ID: <20240305.ABC@mail.example.com>";
    none(id, Kind::Email);
    assert_eq!(
        values("From: <abc@mail.example.com>", Kind::Email),
        ["abc@mail.example.com"]
    );
    none("git@github.com:x/y.git and @scope/pkg@1.2.3", Kind::Email);
}

#[test]
fn letters_of_a_blob_are_no_host() {
    for text in [
        "aGVsbG8.aW4/d29ybGQ+Zm9v.ly+YmFy",
        "hoh4.AI Wk.as @CYgGjjm.Md",
        "|Q.td............|",
    ] {
        none(text, Kind::Domain);
    }
    host("the shortener xn--80ak6aa92e.com", "xn--80ak6aa92e.com");
}

#[test]
fn hex_digits_are_a_hash_or_another_number() {
    for label in [
        "imphash",
        "JA3",
        "Thumbprint",
        "Serial Number",
        "UUID",
        "ssdeep",
    ] {
        none(&format!("{label}: {MD5}"), Kind::HashMd5);
    }
    for label in [
        "MD5",
        "hash",
        "Sample",
        "imphash none, MD5",
        "PDB was cut. Sample",
    ] {
        assert_eq!(values(&format!("{label}: {MD5}"), Kind::HashMd5), [MD5]);
    }
    none("5f2b3c7a-91d0-4e66-88aa-0b1c2d3e4f50", Kind::HashMd5);
    none(&format!("0x{SHA1}"), Kind::HashSha1);
}

#[test]
fn lists_of_one_kind_stay_lists() {
    let lists: [(Kind, Vec<String>); 5] = [
        (
            Kind::HashMd5,
            vec![MD5.into(), OTHER.into(), MD5.chars().rev().collect()],
        ),
        (
            Kind::HashSha1,
            vec![SHA1.into(), SHA1.chars().rev().collect()],
        ),
        (
            Kind::Url,
            (1..5)
                .map(|n| format!("http://a{n}.example.com/load"))
                .collect(),
        ),
        (
            Kind::Ipv4,
            (1..6).map(|n| format!("198.51.100.{n}")).collect(),
        ),
        (
            Kind::Domain,
            (1..6)
                .map(|n| format!("host-number-{n}.example.com"))
                .collect(),
        ),
    ];
    for (kind, list) in lists {
        assert_eq!(values(&list.join("\n"), kind), list);
        assert_eq!(values(&format!("| {} |", list.join(" |\n| ")), kind), list);
    }
}

#[test]
fn a_hash_is_joined_over_lines_only_if_no_line_is_one() {
    let (long, short) = (&SHA256[..37], &SHA256[37..]);
    assert_eq!(
        values(&format!("{long}\n{short}"), Kind::HashSha256),
        [SHA256]
    );
    let columns = format!("{MD5}\n{OTHER}\n{MD5}\n{OTHER}");
    none(&columns, Kind::HashSha256);
    none(&columns, Kind::HashSha512);
    let pair = format!("{SHA1}\n{}", &SHA256[..24]);
    none(&pair, Kind::HashSha256);
}

#[test]
fn a_url_below_which_prose_goes_on_ends_with_its_line() {
    let text = "The payload was fetched from\nhttp://cdn.example.com/payloads/2024/05/stage2.bin\nand was removed shortly afterwards by the host.";
    assert_eq!(
        values(text, Kind::Url),
        ["http://cdn.example.com/payloads/2024/05/stage2.bin"]
    );
}

#[test]
fn text_without_blanks_holds_every_kind() {
    let text = format!(
        "攻击者使用域名update.example.com（解析到203.0.113.31的主机）进行通信，释放文件C:\\Windows\\Temp\\a.exe后，其MD5为{MD5}。邮箱admin@example.com发送，下载http://203.0.113.31:8080/a.exe的文件evil.dll等"
    );
    for (kind, value) in [
        (Kind::Filepath, r"C:\Windows\Temp\a.exe"),
        (Kind::HashMd5, MD5),
        (Kind::Email, "admin@example.com"),
        (Kind::Url, "http://203.0.113.31:8080/a.exe"),
        (Kind::Filename, "evil.dll"),
    ] {
        assert_eq!(values(&text, kind), [value], "{kind}");
    }
    assert!(values(&text, Kind::Domain).contains(&"update.example.com".to_owned()));
    assert_eq!(values("域名中国银行.com", Kind::Domain).len(), 1);
    file("文件名为“关于2024年通知.exe”", "关于2024年通知.exe");
}

#[test]
fn what_was_typed_wrong_is_left_or_mended() {
    none("8,217.199.160", Kind::Ipv4);
    none("185.55..243.110", Kind::Ipv4);
    none("novelengine. com", Kind::Domain);
    assert_eq!(
        values("htps://thob.example.com/", Kind::Url),
        ["https://thob.example.com/"]
    );
}

#[test]
fn a_sentence_without_a_blank_holds_nothing() {
    let text = "The loader stops.It then sleeps.So does the next.No traffic was seen.In our lab it failed.At the end.Me too.As said.Is it";
    for kind in [Kind::Domain, Kind::Filename, Kind::Url] {
        none(text, kind);
    }
}
