//! Made-up warninglists, the same on every machine.

use std::fmt::Write;

/// A list to be made up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    /// How its entries match.
    pub(super) kind: &'static str,
    attributes: &'static str,
    entries: u64,
    entry: fn(u64) -> String,
}

/// As many entries of each kind as all the warninglists have.
pub(super) const SHAPES: &[Shape] = &[
    Shape {
        kind: "cidr",
        attributes: r#""ip-src","ip-dst""#,
        entries: 142_874,
        entry: |n| match n % 50 {
            0 => format!("2001:{:x}:{:x}::/48", n % 0x1000, mix(n) % 0x10000),
            1..=20 => format!(
                "{}.{}.{}.0/24",
                11 + mix(n) % 100,
                mix(n + 1) % 256,
                n % 256
            ),
            _ => format!(
                "{}.{}.{}.{}",
                111 + mix(n) % 100,
                mix(n + 1) % 256,
                mix(n + 2) % 256,
                n % 256
            ),
        },
    },
    Shape {
        kind: "hostname",
        attributes: r#""hostname","domain","url""#,
        entries: 1_086_279,
        entry: name,
    },
    Shape {
        kind: "string",
        attributes: r#""hostname","domain","url","md5","sha256""#,
        entries: 1_487_253,
        entry: |n| match n % 7 {
            // Half of the names are on both lists.
            0..=2 => name(n),
            3..=5 => name(n + 10_000_000),
            _ => format!("{:016x}{:016x}", mix(n), mix(n + 1)),
        },
    },
    Shape {
        kind: "substring",
        attributes: r#""email-src","email-dst""#,
        entries: 8_368,
        entry: |n| format!("mail{n}.example"),
    },
    Shape {
        kind: "regex",
        attributes: r#""email-src","email-dst""#,
        entries: 34,
        entry: |n| format!("/^(security|noc){n}@.*$/i"),
    },
];

impl Shape {
    pub(super) fn json(&self) -> Vec<u8> {
        let mut json = format!(r#"{{"matching_attributes":[{}],"list":["#, self.attributes);
        for n in 0..self.entries {
            let comma = if n == 0 { "" } else { "," };
            // Writing to a string cannot fail.
            let _ = write!(json, "{comma}\"{}\"", (self.entry)(n));
        }
        json += &format!(r#"],"type":"{}"}}"#, self.kind);
        json.into_bytes()
    }
}

fn name(n: u64) -> String {
    const TOP: [&str; 4] = ["com", "net", "org", "co.example"];
    format!("{:x}-site.{}", mix(n) >> 28, TOP[n as usize % TOP.len()])
}

/// SplitMix64: numbers in order become numbers in none.
fn mix(n: u64) -> u64 {
    let n = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}
