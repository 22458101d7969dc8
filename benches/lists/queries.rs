//! What is asked: values that are listed, that lie within or below what is, and that are near it but are not.

use std::collections::HashMap;
use std::hint::black_box;
use std::net::{Ipv4Addr, Ipv6Addr};
use std::time::Duration;

use iocsift::indicator::Kind;
use iocsift::lists::{Entries, Matcher, Rule};

use crate::clock;

/// One entry of so many is asked for.
const EVERY: usize = 101;
const AT_LEAST: Duration = Duration::from_secs(1);

/// Entries of the lists.
#[derive(Default)]
pub(super) struct Samples {
    seen: usize,
    names: Vec<String>,
    hashes: Vec<String>,
    networks: Vec<String>,
    substrings: Vec<String>,
}

impl Samples {
    pub(super) fn take(&mut self, entries: &Entries) {
        for entry in entries.iter() {
            self.seen += 1;
            // Few entries match by what they contain.
            if !self.seen.is_multiple_of(EVERY) && entry.rule != Rule::Substring {
                continue;
            }
            let is_hash = entry.value.bytes().all(|byte| byte.is_ascii_hexdigit());
            let samples = match entry.rule {
                Rule::Network => &mut self.networks,
                Rule::Substring => &mut self.substrings,
                Rule::Regex => continue,
                _ if is_hash => &mut self.hashes,
                _ if entry.value.contains('.') => &mut self.names,
                _ => continue,
            };
            samples.push(entry.value.to_owned());
        }
    }

    fn queries(&self) -> Vec<(&'static str, Kind, Vec<String>)> {
        let each = |values: &[String], of: &dyn Fn(&str) -> String| -> Vec<String> {
            values.iter().map(|value| of(value)).collect()
        };
        let addresses = |v4: bool| {
            let networks = self.networks.iter();
            let bases = networks.filter_map(move |network| network.split('/').next());
            bases
                .filter(move |base| v4 != base.contains(':'))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        let far = |value: &str| match value.parse::<Ipv4Addr>() {
            Ok(address) => Ipv4Addr::from(address.to_bits().reverse_bits()).to_string(),
            Err(_) => Ipv6Addr::from(
                value
                    .parse()
                    .map_or(0, |address: Ipv6Addr| address.to_bits() ^ 1 << 120),
            )
            .to_string(),
        };
        let (v4, v6) = (addresses(true), addresses(false));
        vec![
            ("IPv4, listed or within", Kind::Ipv4, v4.clone()),
            ("IPv4, elsewhere", Kind::Ipv4, each(&v4, &far)),
            ("IPv6, listed or within", Kind::Ipv6, v6.clone()),
            ("IPv6, elsewhere", Kind::Ipv6, each(&v6, &far)),
            ("network, listed", Kind::IpRange, self.networks.clone()),
            ("domain, listed", Kind::Domain, self.names.clone()),
            (
                "domain below a listed one",
                Kind::Domain,
                each(&self.names, &|name| format!("www.a.{name}")),
            ),
            (
                "domain, near miss",
                Kind::Domain,
                each(&self.names, &|name| format!("not{name}")),
            ),
            (
                "URL on a listed host",
                Kind::Url,
                each(&self.names, &|name| format!("https://{name}/a/b.php?c=d")),
            ),
            (
                "URL elsewhere",
                Kind::Url,
                each(&self.names, &|name| {
                    format!("https://not{name}/a/b.php?c=d")
                }),
            ),
            ("hash, listed", Kind::HashMd5, self.hashes.clone()),
            (
                "hash, near miss",
                Kind::HashMd5,
                each(&self.hashes, &|hash| format!("0{}", &hash[1..])),
            ),
            (
                "mailbox, substring",
                Kind::Email,
                each(&self.substrings, &|part| format!("someone@{part}")),
            ),
            (
                "mailbox elsewhere",
                Kind::Email,
                each(&self.names, &|name| format!("someone@not{name}")),
            ),
        ]
    }
}

/// Prints what a look-up takes, and what a probe of `plain` for the same value.
pub(super) fn measure(matcher: &Matcher, plain: &HashMap<String, u32>, samples: &Samples) {
    println!("| asked for | values | found | µs | HashMap µs | ratio |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for (title, kind, mut values) in samples.queries() {
        if values.is_empty() {
            continue;
        }
        // In the order of the lists, the next value would stand beside the last one in memory.
        values.sort_by_cached_key(|value| value.bytes().rev().collect::<Vec<_>>());
        let found = values
            .iter()
            .filter(|value| !matcher.look_up(kind, value).is_empty());
        let found = found.count() * 100 / values.len();
        let count = values.len() as u32;
        let asked = clock::mean(AT_LEAST, || {
            for value in &values {
                black_box(matcher.look_up(kind, black_box(value)));
            }
        }) / count;
        let probed = clock::mean(AT_LEAST, || {
            for value in &values {
                black_box(plain.get(black_box(value.as_str())));
            }
        });
        let probed = probed.as_secs_f64() * 1e6 / f64::from(count);
        let asked = asked.as_secs_f64() * 1e6;
        println!(
            "| {title} | {count} | {found} % | {asked:.2} | {probed:.3} | {:.1} |",
            asked / probed
        );
    }
}
