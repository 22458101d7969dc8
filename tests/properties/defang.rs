//! Whatever way an analyst defangs a value, it is found as it was before.

use iocsift::extract;
use iocsift::indicator::Kind;
use proptest::prelude::*;
use proptest::sample::select;

use crate::values::{kind_and_value, value};
use crate::{cases, findings, found};

const DOTS: &[&str] = &[
    "[.]", "(.)", "{.}", "[dot]", "[DOT]", "(dot)", "(DOT)", "{dot}", "[.", ".]", "(.", ".)",
    "\\.", "[ . ]", "[ dot ]", " [.] ", " [dot] ", "[[.]]", "．",
];
const ATS: &[&str] = &[
    "[@]", "(@)", "{@}", "[at]", "[AT]", "(at)", "{at}", " [at] ", " [@] ", "＠",
];
const COLONS: &[&str] = &["[:]", "(:)", "{:}"];
/// What stands for `http://`, `https://` and `ftp://`.
const SCHEMES: &[[&str; 3]] = &[
    ["hxxp://", "hxxps://", "fxp://"],
    ["hXXp://", "hXXps://", "fXp://"],
    ["HXXP://", "HXXPS://", "FXP://"],
    ["h**p://", "h**ps://", "f*p://"],
    ["http[:]//", "https[:]//", "ftp[:]//"],
    ["http[://]", "https[://]", "ftp[://]"],
    ["http:[//]", "https:[//]", "ftp:[//]"],
    ["hxxp[:]//", "hxxps[:]//", "fxp[:]//"],
    ["hxxp[://]", "hxxps[://]", "fxp[://]"],
];

/// `text` with `written` for each full stop that `chosen` says, one bit each; at least for one.
fn dotted(text: &str, written: &str, chosen: u8) -> String {
    let dots = text.matches('.').count();
    let chosen = if chosen & ((1 << dots.min(8)) - 1) == 0 {
        u8::MAX
    } else {
        chosen
    };
    let mut parts = text.split('.');
    let mut defanged = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        defanged += if chosen >> (index % 8) & 1 == 1 {
            written
        } else {
            "."
        };
        defanged += part;
    }
    defanged
}

fn url(value: &str, scheme: Option<&[&str; 3]>, dot: impl Fn(&str) -> String) -> String {
    let (name, rest) = value.split_once("://").unwrap();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let scheme = match (scheme, name) {
        (None, name) => format!("{name}://"),
        (Some(written), "http") => written[0].to_owned(),
        (Some(written), "https") => written[1].to_owned(),
        (Some(written), _) => written[2].to_owned(),
    };
    format!("{scheme}{}{}", dot(&rest[..end]), &rest[end..])
}

/// The value is found, as the only one of its kind, marked as defanged; and refanging writes it live.
fn comes_back(kind: Kind, value: &str, defanged: &str) -> Result<(), TestCaseError> {
    let all = findings(defanged);
    let of_kind: Vec<_> = all.iter().filter(|finding| finding.kind == kind).collect();
    prop_assert!(
        of_kind.len() == 1,
        "{} of {:?}: {:?}",
        kind,
        defanged,
        of_kind
    );
    prop_assert_eq!(&of_kind[0].value, value, "{}", defanged);
    prop_assert!(of_kind[0].defanged, "{}", defanged);
    prop_assert_eq!(extract::refang(defanged), value, "{}", defanged);
    Ok(())
}

proptest! {
    #![proptest_config(cases(1_000))]

    #[test]
    fn our_own_defanging_is_undone_for_every_kind((kind, value) in kind_and_value()) {
        prop_assert_eq!(found(&kind.defang(&value), kind), [value.as_str()], "{}", kind);
    }

    #[test]
    fn any_full_stop_may_be_defanged_in_any_style(
        (kind, value) in select(&[Kind::Ipv4, Kind::Domain][..]).prop_flat_map(|kind| (Just(kind), value(kind))),
        written in select(DOTS),
        chosen in any::<u8>(),
    ) {
        comes_back(kind, &value, &dotted(&value, written, chosen))?;
    }

    #[test]
    fn a_url_may_be_defanged_at_its_scheme_at_its_dots_or_at_both(
        value in value(Kind::Url),
        scheme in prop::option::of(select(SCHEMES)),
        written in prop::option::of(select(DOTS)),
        chosen in any::<u8>(),
    ) {
        prop_assume!(scheme.is_some() || written.is_some());
        let dot = |host: &str| written.map_or_else(|| host.to_owned(), |written| dotted(host, written, chosen));
        comes_back(Kind::Url, &value, &url(&value, scheme.as_ref(), dot))?;
    }

    #[test]
    fn a_mail_address_may_be_defanged_at_its_at_at_its_dots_or_at_both(
        value in value(Kind::Email),
        at in prop::option::of(select(ATS)),
        written in prop::option::of(select(DOTS)),
        chosen in any::<u8>(),
    ) {
        prop_assume!(at.is_some() || written.is_some());
        let (local, host) = value.split_once('@').unwrap();
        let host = written.map_or_else(|| host.to_owned(), |written| dotted(host, written, chosen));
        comes_back(Kind::Email, &value, &format!("{local}{}{host}", at.unwrap_or("@")))?;
    }

    #[test]
    fn an_address_with_a_port_may_be_defanged_at_its_dots_at_its_colon_or_at_both(
        address in crate::values::ipv4(),
        port in 1..=u16::MAX,
        colon in prop::option::of(select(COLONS)),
        written in prop::option::of(select(DOTS)),
        chosen in any::<u8>(),
    ) {
        prop_assume!(colon.is_some() || written.is_some());
        let host = written.map_or_else(|| address.clone(), |written| dotted(&address, written, chosen));
        let defanged = format!("{host}{}{port}", colon.unwrap_or(":"));
        comes_back(Kind::IpPort, &format!("{address}:{port}"), &defanged)?;
    }

    #[test]
    fn a_network_may_be_defanged_at_its_dots(
        address in crate::values::ipv4(),
        prefix in 1..=32u8,
        written in select(DOTS),
        chosen in any::<u8>(),
    ) {
        let defanged = format!("{}/{prefix}", dotted(&address, written, chosen));
        comes_back(Kind::IpRange, &format!("{address}/{prefix}"), &defanged)?;
    }
}
