//! Inputs made to cost time, at three sizes: `cargo bench --bench engine -- probes`.
//!
//! Where time is linear, a byte costs the same at every size. The ratio of two such costs is what is
//! printed; 1 is ideal, and one that grows with the size tells of more than linear time.

use std::time::Duration;

use super::clock;
use super::hostile;
use super::report::{Random, report};
use iocsift::document::Document;
use iocsift::extract;

/// Bytes of a probe.
const SIZES: [usize; 3] = [40 << 10, 1 << 20, 8 << 20];
/// A small probe is over before the clock could tell: it is repeated for as long.
const AT_LEAST: Duration = Duration::from_millis(100);
/// One that needs longer is not repeated at a larger size.
const PATIENCE: Duration = Duration::from_secs(30);

/// What is repeated up to the size, beside [`hostile::PATTERNS`].
const MORE: &[&str] = &[
    "hxxp://a[.]com ",
    "a.a.a. ",
    "((((",
    "[(",
    "evil[.",
    "`",
    "cmd /c ",
    "192.0.2.1",
    "192.0.2.1,",
    "::",
    "d41d8cd98f00b204e9800998ecf8427e\n",
    "a.exe ",
    "a@b.example,",
];

/// What stands once before and after what is repeated.
const FRAMED: &[(&str, &str, &str)] = &[
    ("", "A", "."),
    ("", "A", "@"),
    ("", "a.", "@b"),
    ("http://a.com/", "aaa", ""),
    ("http://a.com/", "(((", ""),
    ("http://a.com/", "../", ""),
    ("HKLM\\Software", " a a", ""),
    ("powershell ", "-enc A ", ""),
    ("`", "cmd /c a ", ""),
    ("C:\\", "a b\\", ""),
];

struct Probe {
    name: String,
    text: Box<dyn Fn(usize) -> String>,
}

fn probes() -> Vec<Probe> {
    let repeated = hostile::PATTERNS.iter().chain(MORE).map(|pattern| Probe {
        name: format!("{pattern:?}"),
        text: Box::new(|size| pattern.repeat(size / pattern.len())),
    });
    let framed = FRAMED.iter().map(|&(before, pattern, after)| Probe {
        name: format!("{before:?} {pattern:?} {after:?}"),
        text: Box::new(move |size| {
            let repeated = pattern.repeat(size / pattern.len());
            format!("{before}{repeated}{after}")
        }),
    });
    let random = [("random hex", "0123456789abcdef"), ("base64", BASE64)]
        .into_iter()
        .map(|(name, alphabet)| Probe {
            name: name.to_owned(),
            text: Box::new(|size| {
                let mut random = Random::new(0);
                let letters = alphabet.as_bytes();
                (0..size)
                    .map(|_| char::from(letters[random.below(letters.len())]))
                    .collect()
            }),
        });
    let deep = Probe {
        name: "deep brackets".to_owned(),
        text: Box::new(|size| "[".repeat(size / 2) + &"]".repeat(size / 2)),
    };
    let line = Probe {
        name: "a report in one line".to_owned(),
        text: Box::new(|size| report(0, size).replace('\n', " ")),
    };
    repeated
        .chain(framed)
        .chain(random)
        .chain([deep, line])
        .collect()
}

const BASE64: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Prints what each probe costs at each size, and the worst.
pub(super) fn run() {
    println!(
        "nanoseconds a byte, and what a byte of 8 MiB costs beside one of 1 MiB and of 40 KiB"
    );
    println!(
        "{:<34} {:>9} {:>9} {:>9}   {:>8} {:>8}   {:>10}",
        "repeated", "40 KiB", "1 MiB", "8 MiB", "8M/1M", "8M/40K", "8 MiB in"
    );
    let (mut worst, mut slowest) = ((0.0, String::new()), (Duration::ZERO, String::new()));
    for probe in probes() {
        let mut costs = [f64::NAN; SIZES.len()];
        let mut last = Duration::ZERO;
        for (size, cost) in SIZES.iter().zip(&mut costs) {
            let document = Document {
                text: (probe.text)(*size),
                ..Document::default()
            };
            last = clock::mean(AT_LEAST, || drop(extract::scan(&document)));
            *cost = last.as_secs_f64() * 1e9 / document.text.len() as f64;
            if last > PATIENCE {
                break;
            }
        }
        let [small, middle, large] = costs;
        println!(
            "{:<34} {small:>9.1} {middle:>9.1} {large:>9.1}   {:>8.2} {:>8.2}   {last:>10.1?}",
            probe.name,
            large / middle,
            large / small,
        );
        // `max` would pass over a size that was never reached.
        if large.is_nan() || large / middle > worst.0 {
            worst = (large / middle, probe.name.clone());
        }
        if last > slowest.0 {
            slowest = (last, probe.name);
        }
    }
    println!(
        "\nworst growth from 1 to 8 MiB: {:.2} ({}); slowest: {:.1?} ({})",
        worst.0, worst.1, slowest.0, slowest.1
    );
}
