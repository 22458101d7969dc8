//! Reports of prose with an indicator in every other sentence, the same on every machine.

/// One report of about `bytes` bytes.
pub(super) fn report(number: usize, bytes: usize) -> String {
    const PROSE: &[&str] = &[
        "The operators returned in spring with a loader that had not been seen before.",
        "Once it runs, the second stage waits for an hour and then asks for its tasks.",
        "Defenders should look for new services, odd parents and long command lines.",
        "None of the samples was signed, and most were built within one week.",
    ];
    let mut random = Random::new(number);
    let mut text = format!("# Report {number}\n\n");
    while text.len() < bytes {
        text += PROSE[random.below(PROSE.len())];
        text += " ";
        text += &sentence(&mut random);
        text += if random.below(4) == 0 { "\n\n" } else { "\n" };
    }
    text
}

fn sentence(random: &mut Random) -> String {
    let n = random.below(1 << 20);
    let hex = |random: &mut Random, digits: usize| -> String {
        (0..digits)
            .map(|_| char::from(b"0123456789abcdef"[random.below(16)]))
            .collect()
    };
    match random.below(8) {
        0 => format!("It talks to 198.51.100[.]{} on port 443.", n % 256),
        1 => format!("The domain h{n}[.]example[.]com was registered the day before."),
        2 => format!(
            "It loads hxxps://h{n}.example[.]net/a/{}/index.php?id={n}.",
            n % 97
        ),
        3 => format!("SHA-256: {}", hex(random, 64)),
        4 => format!("The file has the MD5 {}.", hex(random, 32)),
        5 => format!(
            r"It is dropped as C:\Users\Public\u{n}.exe and set under HKCU\Software\Run{n}."
        ),
        6 => format!(
            "It exploits CVE-2024-{} against the gateway.",
            1_000 + n % 9_000
        ),
        _ => format!("Mail came from billing{n}@example.org."),
    }
}

/// xorshift64*: good enough to mix sentences, and the same everywhere.
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: usize) -> Self {
        // Any odd factor sets seeds apart; zero is the one state that never changes.
        Self((seed as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let mixed = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d);
        // The high bits are the good ones; 33 of them fit any bound used here.
        (mixed >> 31) as usize % bound
    }
}
