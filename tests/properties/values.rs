//! Made-up values of every kind in their normal form, and the first property: each extracts to itself.

use std::net::{Ipv4Addr, Ipv6Addr};

use iocsift::indicator::Kind;
use proptest::prelude::*;
use proptest::sample::select;

use crate::{cases, found};

/// What makes up the values of a kind.
type Maker = fn() -> BoxedStrategy<String>;

const MAKERS: &[(Kind, Maker)] = &[
    (Kind::Ipv4, || ipv4().boxed()),
    (Kind::Ipv6, || ipv6().boxed()),
    (Kind::Domain, || domain().boxed()),
    (Kind::Url, || url().boxed()),
    (Kind::HashMd5, || hex(32).boxed()),
    (Kind::HashSha1, || hex(40).boxed()),
    (Kind::HashSha256, || hex(64).boxed()),
    (Kind::HashSha512, || hex(128).boxed()),
    (Kind::Email, || email().boxed()),
    (Kind::Cve, || cve().boxed()),
    (Kind::Filename, || filename().boxed()),
    (Kind::Command, || command().boxed()),
    (Kind::Filepath, || filepath().boxed()),
    (Kind::Asn, || asn().boxed()),
    (Kind::IpRange, || range().boxed()),
    (Kind::IpPort, || ip_port().boxed()),
    (Kind::RegistryKey, || registry_key().boxed()),
    (Kind::MitreAttack, || attack().boxed()),
];

/// A value of `kind` as the engine would write it.
pub(crate) fn value(kind: Kind) -> BoxedStrategy<String> {
    let maker = MAKERS.iter().find(|(made, _)| *made == kind);
    maker.expect("values of this kind are made up").1()
}

/// A kind and one of its values.
pub(crate) fn kind_and_value() -> impl Strategy<Value = (Kind, String)> {
    select(MAKERS).prop_flat_map(|(kind, maker)| maker().prop_map(move |value| (kind, value)))
}

fn email() -> impl Strategy<Value = String> {
    ("[a-z][a-z0-9]{0,6}([._+-][a-z0-9]{1,5})?", domain())
        .prop_map(|(local, domain)| format!("{local}@{domain}"))
}

fn cve() -> impl Strategy<Value = String> {
    (1999..=2099u16, "[1-9][0-9]{3,6}").prop_map(|(year, number)| format!("CVE-{year}-{number}"))
}

/// From `AS100` on: the numbers below are words of other trades as well.
fn asn() -> impl Strategy<Value = String> {
    (100..=u32::MAX).prop_map(|number| format!("AS{number}"))
}

fn ip_port() -> impl Strategy<Value = String> {
    let address = prop_oneof![ipv4(), ipv6().prop_map(|v6| format!("[{v6}]"))];
    (address, 1..=u16::MAX).prop_map(|(address, port)| format!("{address}:{port}"))
}

fn attack() -> impl Strategy<Value = String> {
    prop_oneof![
        "T1[0-6][0-9]{2}",
        "T1[0-6][0-9]{2}\\.00[1-9]",
        "TA00[0-4][0-9]"
    ]
}

pub(crate) fn ipv4() -> impl Strategy<Value = String> {
    (1..=255u8, any::<[u8; 3]>()).prop_map(|(a, [b, c, d])| Ipv4Addr::new(a, b, c, d).to_string())
}

fn ipv6() -> impl Strategy<Value = String> {
    let segment = prop_oneof![2 => Just(0), 3 => any::<u16>()];
    (
        0x2000..=0xfdff_u16,
        1..=u16::MAX,
        prop::array::uniform6(segment),
    )
        .prop_map(|(first, last, [b, c, d, e, f, g])| {
            Ipv6Addr::new(first, b, c, d, e, f, g, last).to_string()
        })
}

pub(crate) fn domain() -> impl Strategy<Value = String> {
    let label = "[a-z][a-z0-9]{1,8}(-[a-z0-9]{1,6})?";
    let root = select(
        &[
            "com", "net", "org", "ru", "de", "co.uk", "xyz", "onion", "xn--p1ai",
        ][..],
    );
    (prop::collection::vec(label, 1..4), root)
        .prop_map(|(labels, root)| format!("{}.{root}", labels.join(".")))
}

fn url() -> impl Strategy<Value = String> {
    let host = prop_oneof![4 => domain().boxed(), 1 => ipv4().boxed()];
    let rest = "(:[1-9][0-9]{1,3})?(/[A-Za-z0-9_~-]{0,7}[a-z0-9]){0,3}(/[a-z]{1,6}\\.(php|exe|html|aspx))?(\\?[a-z]{1,4}=[A-Za-z0-9]{1,8}(&b=[0-9]{1,3})?)?";
    (select(&["http", "https", "ftp"][..]), host, rest)
        .prop_map(|(scheme, host, rest)| format!("{scheme}://{host}{rest}"))
}

fn hex(digits: usize) -> impl Strategy<Value = String> {
    prop::collection::vec(select(&b"0123456789abcdef"[..]), digits)
        .prop_map(|digits| digits.into_iter().map(char::from).collect())
}

fn filename() -> impl Strategy<Value = String> {
    let extension = select(
        &[
            "exe", "dll", "ps1", "vbs", "bat", "docx", "xlsm", "pdf", "lnk", "hta", "iso",
        ][..],
    );
    ("[a-z][a-z0-9]{2,9}([_-][a-z0-9]{1,5})?", extension)
        .prop_map(|(name, extension)| format!("{name}.{extension}"))
}

fn filepath() -> impl Strategy<Value = String> {
    let folder = "[A-Z][a-z]{2,8}";
    let root = select(
        &[
            "C:\\",
            "D:\\",
            "%TEMP%\\",
            "%APPDATA%\\",
            "\\\\fileserver\\",
        ][..],
    );
    let windows = (root, prop::collection::vec(folder, 1..4), filename())
        .prop_map(|(root, folders, name)| format!("{root}{}\\{name}", folders.join("\\")));
    let root = select(
        &[
            "/etc",
            "/usr/local/bin",
            "/var/tmp",
            "/home/user",
            "~/.config",
        ][..],
    );
    let unix = (root, "[a-z]{3,8}(\\.(sh|conf|service))?")
        .prop_map(|(root, name)| format!("{root}/{name}"));
    prop_oneof![windows, unix]
}

fn command() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9]{8,40}"
            .prop_map(|script| format!("powershell.exe -nop -w hidden -enc {script}")),
        filename().prop_map(|name| format!("cmd.exe /c start /min {name}")),
        filename().prop_map(|name| format!("rundll32.exe C:\\Users\\Public\\{name},Start")),
        "[A-Z][a-z]{3,9}"
            .prop_map(|name| format!("schtasks /create /tn {name} /tr C:\\a.exe /sc daily")),
        (domain(), "[a-z]{3,8}")
            .prop_map(|(host, name)| format!("curl -o /tmp/{name} http://{host}/{name}")),
        "[a-z]{3,8}".prop_map(|name| format!("net user {name} Secret1 /add")),
        Just("vssadmin delete shadows /all /quiet".to_owned()),
    ]
}

fn registry_key() -> impl Strategy<Value = String> {
    let hive = select(
        &[
            "HKLM",
            "HKCU",
            "HKCR",
            "HKU",
            "HKEY_LOCAL_MACHINE",
            "HKEY_CURRENT_USER",
        ][..],
    );
    (hive, prop::collection::vec("[A-Z][a-z]{2,9}", 1..5))
        .prop_map(|(hive, keys)| format!("{hive}\\{}", keys.join("\\")))
}

fn range() -> impl Strategy<Value = String> {
    let network4 = (ipv4(), 1..=32u8).prop_map(|(address, prefix)| format!("{address}/{prefix}"));
    let network6 = (ipv6(), 1..=128u8).prop_map(|(address, prefix)| format!("{address}/{prefix}"));
    let dashed = ([100..=255u8, 0..=255u8, 0..=255u8], 0..=127u8, 128..=255u8)
        .prop_map(|([a, b, c], first, last)| format!("{a}.{b}.{c}.{first}-{a}.{b}.{c}.{last}"));
    prop_oneof![network4, network6, dashed]
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn a_value_in_its_normal_form_extracts_to_itself((kind, value) in kind_and_value()) {
        prop_assert_eq!(found(&value, kind), [value.as_str()], "{}", kind);
    }
}
