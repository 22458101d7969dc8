use super::*;
use crate::lists::{Columns, Kinds, ListFormat, read};

/// A matcher of warninglists, each a type, its matching attributes, and its entries.
fn warninglists(lists: &[(&str, &[&str], &[&str])]) -> Matcher {
    let mut builder = Builder::default();
    for (kind, attributes, entries) in lists {
        let json =
            serde_json::json!({"type": kind, "matching_attributes": attributes, "list": entries});
        let contents = read(
            ListFormat::Warninglist,
            &Columns::default(),
            json.to_string().as_bytes(),
        )
        .unwrap();
        let list = List::new(*kind, ListKind::Contextual).told(&contents.about);
        builder.add(list, &contents.entries).unwrap();
    }
    builder.build().unwrap()
}

fn feed(kind: ListKind, format: ListFormat, text: &str) -> Matcher {
    let contents = read(format, &Columns::default(), text.as_bytes()).unwrap();
    let mut builder = Builder::default();
    builder
        .add(List::new("feed", kind), &contents.entries)
        .unwrap();
    builder.build().unwrap()
}

/// Every way in which `value` is known, with its list.
fn known(matcher: &Matcher, kind: Kind, value: &str) -> Vec<String> {
    let hits = matcher.look_up(kind, value);
    hits.iter()
        .flat_map(|hit| hit.matches.iter().map(|it| (&hit.list.slug, it)))
        .map(|(slug, it)| match it.how {
            How::Network(network) => format!("{slug} {:?} {network}", it.part),
            how => format!("{slug} {:?} {how:?}", it.part),
        })
        .collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_network_knows_what_lies_within_it_and_nothing_else() {
    let matcher = warninglists(&[(
        "cidr",
        &["ip-src", "ip-dst"],
        &["8.8.0.0/16", "8.8.8.0/24", "9.9.9.9", "2001:4860::/32"],
    )]);
    assert_eq!(
        known(&matcher, Kind::Ipv4, "8.8.8.8"),
        ["cidr Whole 8.8.0.0/16", "cidr Whole 8.8.8.0/24"]
    );
    assert_eq!(
        known(&matcher, Kind::Ipv4, "8.8.9.1"),
        ["cidr Whole 8.8.0.0/16"]
    );
    assert_eq!(known(&matcher, Kind::Ipv4, "8.9.0.0"), NOTHING);
    assert_eq!(known(&matcher, Kind::Ipv4, "9.9.9.9"), ["cidr Whole Exact"]);
    assert_eq!(known(&matcher, Kind::Ipv4, "9.9.9.8"), NOTHING);
    assert_eq!(
        known(&matcher, Kind::Ipv6, "2001:4860:4860:0::8888"),
        ["cidr Whole 2001:4860::/32"]
    );
    assert_eq!(known(&matcher, Kind::Ipv6, "2001:4861::"), NOTHING);
    assert_eq!(
        matcher.look_up(Kind::Ipv4, "8.8.8.8")[0].networks().count(),
        2
    );
    assert_eq!(
        matcher.look_up(Kind::Ipv4, "9.9.9.9")[0].networks().count(),
        0
    );
}

#[test]
fn a_range_is_known_to_the_networks_that_hold_all_of_it() {
    let matcher = warninglists(&[("cidr", &["ip-dst"], &["8.8.0.0/16", "8.8.8.0/24"])]);
    for (range, known_as) in [
        ("8.8.8.0/25", &["8.8.0.0/16", "8.8.8.0/24"][..]),
        ("8.8.8.0/24", &["8.8.0.0/16", "8.8.8.0/24"]),
        ("8.8.8.0/23", &["8.8.0.0/16"]),
        ("8.8.8.9-8.8.9.1", &["8.8.0.0/16"]),
        ("8.8.255.0-8.9.0.0", &[]),
        ("8.0.0.0/8", &[]),
    ] {
        let hits = matcher.look_up(Kind::IpRange, range);
        let networks: Vec<_> = hits
            .iter()
            .flat_map(Hit::networks)
            .map(|it| it.to_string())
            .collect();
        assert_eq!(networks, known_as, "{range}");
    }
}

#[test]
fn a_host_name_knows_itself_and_what_is_below_it() {
    let matcher = warninglists(&[(
        "hostname",
        &["domain", "hostname", "url"],
        &["google.com", ".dyn.example.NET", "bücher.example"],
    )]);
    for (name, how) in [
        ("google.com", "Exact"),
        ("GOOGLE.com.", "Exact"),
        ("a.b.google.com", r#"Parent("google.com")"#),
        ("dyn.example.net", "Exact"),
        ("x.dyn.example.net", r#"Parent("dyn.example.net")"#),
        ("BÜCHER.example", "Exact"),
        (
            "www.xn--bcher-kva.example",
            r#"Parent("xn--bcher-kva.example")"#,
        ),
    ] {
        assert_eq!(
            known(&matcher, Kind::Domain, name),
            [format!("hostname Whole {how}")],
            "{name}"
        );
    }
    for name in [
        "notgoogle.com",
        "google.com.example.org",
        "com",
        "google.co",
        "xdyn.example.net",
        "",
    ] {
        assert_eq!(known(&matcher, Kind::Domain, name), NOTHING, "{name}");
    }
}

#[test]
fn a_string_knows_itself_alone_unless_a_dot_leads_it() {
    let matcher = warninglists(&[(
        "string",
        &["domain", "md5"],
        &[
            "COM",
            "www.a.example",
            ".b.example",
            "D41D8CD98F00B204E9800998ECF8427E",
        ],
    )]);
    assert_eq!(known(&matcher, Kind::Domain, "com"), ["string Whole Exact"]);
    assert_eq!(known(&matcher, Kind::Domain, "x.com"), NOTHING);
    assert_eq!(
        known(&matcher, Kind::Domain, "www.a.example"),
        ["string Whole Exact"]
    );
    assert_eq!(known(&matcher, Kind::Domain, "x.www.a.example"), NOTHING);
    assert_eq!(
        known(&matcher, Kind::Domain, "b.example"),
        ["string Whole Exact"]
    );
    assert_eq!(
        known(&matcher, Kind::Domain, "x.b.example"),
        [r#"string Whole Parent("b.example")"#]
    );
    assert_eq!(
        known(&matcher, Kind::HashMd5, "d41d8cd98f00b204e9800998ecf8427e"),
        ["string Whole Exact"]
    );
    // The list is not about kinds that look the same.
    assert_eq!(
        known(&matcher, Kind::Ja3, "d41d8cd98f00b204e9800998ecf8427e"),
        NOTHING
    );
}

#[test]
fn a_substring_knows_what_contains_it() {
    let matcher = warninglists(&[(
        "substring",
        &["email-src", "domain"],
        &["0-mail.example", "mail.example", "8.8.8.8"],
    )]);
    assert_eq!(
        known(&matcher, Kind::Email, "A@0-MAIL.example"),
        [
            r#"substring Whole Substring("0-mail.example")"#,
            r#"substring Whole Substring("mail.example")"#
        ]
    );
    assert_eq!(
        known(&matcher, Kind::Domain, "xmail.example.net"),
        [r#"substring Whole Substring("mail.example")"#]
    );
    assert_eq!(known(&matcher, Kind::Email, "a@mail-example.net"), NOTHING);
    assert_eq!(known(&matcher, Kind::Ipv4, "8.8.8.8"), NOTHING);
    assert_eq!(
        known(&matcher, Kind::Url, "https://x.mail.example/a"),
        [r#"substring Host Substring("mail.example")"#]
    );
}

#[test]
fn an_expression_is_tried_on_the_kinds_of_its_list() {
    let matcher = warninglists(&[
        ("regex", &["email-src"], &[r"/^(security|noc)\@.*\..*$/i"]),
        ("regex", &["phone-number"], &["/./"]),
    ]);
    assert_eq!(
        known(&matcher, Kind::Email, "NOC@example.net"),
        [r#"regex Whole Regex("/^(security|noc)\\@.*\\..*$/i")"#]
    );
    assert_eq!(known(&matcher, Kind::Email, "inoc@example.net"), NOTHING);
    assert_eq!(known(&matcher, Kind::Filename, "noc@example.net"), NOTHING);
}

#[test]
fn a_url_is_asked_for_whole_and_by_its_host() {
    let matcher = warninglists(&[
        ("hostname", &["domain"], &["a.example"]),
        ("cidr", &["ip-dst"], &["8.8.8.0/24"]),
        ("string", &["url"], &["HTTP://b.example:80/"]),
    ]);
    assert_eq!(
        known(&matcher, Kind::Url, "https://user@www.A.example:8443/x?y#z"),
        [r#"hostname Host Parent("a.example")"#]
    );
    assert_eq!(
        known(&matcher, Kind::Url, "http://8.8.8.8:80/"),
        ["cidr Host 8.8.8.0/24"]
    );
    assert_eq!(
        known(&matcher, Kind::Url, "http://b.example"),
        ["string Whole Exact"]
    );
    assert_eq!(known(&matcher, Kind::Url, "http://b.example/x"), NOTHING);
    assert_eq!(
        known(&matcher, Kind::Url, "http://c.example/a.example"),
        NOTHING
    );
    assert_eq!(
        known(&matcher, Kind::IpPort, "8.8.8.8:53"),
        ["cidr Host 8.8.8.0/24"]
    );
    assert_eq!(
        known(&matcher, Kind::Email, "x@a.example"),
        ["hostname Host Exact"]
    );
}

#[test]
fn a_feed_knows_the_hosts_of_its_urls_and_ports_as_such() {
    let matcher = feed(
        ListKind::ThreatIntel,
        ListFormat::Lines,
        "http://Bad.example/Gate.php\n45.77.1.2:443\nhttp://45.77.1.3/\nAS64496\nCVE-2024-3400\n",
    );
    assert_eq!(
        known(&matcher, Kind::Url, "http://bad.example/Gate.php"),
        ["feed Whole Exact"]
    );
    // Paths have their case.
    assert_eq!(
        known(&matcher, Kind::Url, "http://bad.example/gate.php"),
        NOTHING
    );
    assert_eq!(
        known(&matcher, Kind::Domain, "bad.example"),
        ["feed Whole Listed"]
    );
    assert_eq!(known(&matcher, Kind::Domain, "www.bad.example"), NOTHING);
    assert_eq!(
        known(&matcher, Kind::IpPort, "45.77.1.2:443"),
        ["feed Whole Exact"]
    );
    assert_eq!(known(&matcher, Kind::IpPort, "45.77.1.2:80"), NOTHING);
    assert_eq!(
        known(&matcher, Kind::Ipv4, "45.77.1.2"),
        ["feed Whole Listed"]
    );
    assert_eq!(
        known(&matcher, Kind::Ipv4, "45.77.1.3"),
        ["feed Whole Listed"]
    );
    assert_eq!(known(&matcher, Kind::Asn, "as64496"), ["feed Whole Exact"]);
    assert_eq!(
        known(&matcher, Kind::Cve, "CVE-2024-3400"),
        ["feed Whole Exact"]
    );
}

#[test]
fn reserved_ranges_in_a_feed_accuse_nobody() {
    let text = "0.0.0.0/8\n10.0.0.0/8\n224.0.0.0/4\n127.0.0.1:80\n45.77.0.0/16\n";
    for (kind, accused) in [(ListKind::ThreatIntel, false), (ListKind::Contextual, true)] {
        let matcher = feed(kind, ListFormat::Lines, text);
        assert_eq!(!known(&matcher, Kind::Ipv4, "10.1.2.3").is_empty(), accused);
        assert_eq!(
            !known(&matcher, Kind::Ipv4, "127.0.0.1").is_empty(),
            accused
        );
        assert!(!known(&matcher, Kind::Ipv4, "45.77.1.2").is_empty());
    }
}

#[test]
fn lists_answer_in_the_order_in_which_they_were_added() {
    let all = &["domain"][..];
    let matcher = warninglists(&[
        ("string", all, &["a.example"]),
        ("hostname", all, &["example", "a.example"]),
        ("substring", all, &["a.ex"]),
    ]);
    for _ in 0..3 {
        assert_eq!(
            known(&matcher, Kind::Domain, "a.example"),
            [
                "string Whole Exact",
                "hostname Whole Exact",
                r#"hostname Whole Parent("example")"#,
                r#"substring Whole Substring("a.ex")"#
            ]
        );
    }
}

#[test]
fn an_onion_service_is_a_domain_to_lists() {
    let matcher = feed(ListKind::ThreatIntel, ListFormat::Lines, "abc.onion\n");
    assert_eq!(
        known(&matcher, Kind::Onion, "abc.onion"),
        ["feed Whole Exact"]
    );
    assert_eq!(
        known(&matcher, Kind::Domain, "x.abc.onion"),
        [r#"feed Whole Parent("abc.onion")"#]
    );
}

#[test]
fn a_list_of_some_kinds_is_not_asked_for_others() {
    let contents = read(
        ListFormat::Lines,
        &Columns::default(),
        b"a.example\nhttp://b.example/\n",
    )
    .unwrap();
    let mut builder = Builder::default();
    let list = List {
        kinds: Kinds::from_iter([Kind::Url]),
        ..List::new("urls", ListKind::ThreatIntel)
    };
    builder.add(list, &contents.entries).unwrap();
    let matcher = builder.build().unwrap();
    assert_eq!(known(&matcher, Kind::Domain, "a.example"), NOTHING);
    assert_eq!(
        known(&matcher, Kind::Url, "http://b.example/"),
        ["urls Whole Exact"]
    );
}

#[test]
fn the_matcher_of_no_lists_knows_nothing() {
    for matcher in [Matcher::default(), Builder::default().build().unwrap()] {
        for kind in Kind::ALL {
            assert!(matcher.look_up(*kind, "a@b.example").is_empty());
        }
    }
}

#[test]
fn very_long_values_and_very_many_occurrences_are_answered() {
    let matcher = warninglists(&[("substring", &["url"], &["aaa", "aaaa", "aaaaa"])]);
    assert_eq!(
        known(
            &matcher,
            Kind::Url,
            &format!("http://{}", "a".repeat(8_000))
        )
        .len(),
        3
    );
    assert_eq!(known(&matcher, Kind::Url, &"a".repeat(1 << 20)), NOTHING);
}
