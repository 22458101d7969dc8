//! The table of the extended kinds, as [`RULES`](crate::extract::RULES) is that of the standard ones.

use crate::extract::rules::{Rule, Scanner};
use crate::indicator::Kind;

/// Every extended kind, in the order in which the API lists them.
pub const EXTENDED_RULES: &[Rule] = &[
    Rule {
        kind: Kind::Bitcoin,
        meaning: "An address of Bitcoin's main network, in base 58 or bech32, whose checksum holds.",
        examples: &[
            (
                "pay to 1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa.",
                "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            ),
            (
                "(3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy)",
                "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy",
            ),
            (
                "bitcoin:BC1QW508D6QEJXTDG4Y5R3ZARVARY0C5XW7KV8F3T4",
                "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
            ),
            (
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
                "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0",
            ),
        ],
        counter_examples: &[
            "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb",
            "11A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t5",
            "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kV8F3T4",
            "tb1qw508d6qejxtdg4y5r3zarvary0c5xw7kxpjzsx",
            "d41d8cd98f00b204e9800998ecf8427e",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Ethereum,
        meaning: "`0x` and 40 hex digits; letters of both cases must spell the checksum of EIP-55.",
        examples: &[
            (
                "wallet 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed,",
                "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            ),
            (
                "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
                "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
            ),
            (
                "https://etherscan.io/address/0xFB6916095CA1DF60BB79CE92CE3EA74C37C5D359",
                "0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
            ),
        ],
        counter_examples: &[
            "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed",
            "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beae",
            "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Monero,
        meaning: "An address of Monero's main network whose checksum holds.",
        examples: &[(
            "XMR: 44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3A",
        )],
        counter_examples: &[
            "44AFFq5kSiGBoZ4NMDwYtN18obc8AemS33DBLWs3H7otXft3XjrpDtQGv7SqSsaBYBb98uNbr2VBBEt7f2wfn3RVGQBEP3B",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Ssdeep,
        meaning: "A block size of 3 times a power of 2 and two hashes, behind colons; short ones by their label.",
        examples: &[
            (
                "768:aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789+/ab:aBcDeFgHiJkLmNoPqR",
                "768:aBcDeFgHiJkLmNoPqRsTuVwXyZ0123456789+/ab:aBcDeFgHiJkLmNoPqR",
            ),
            (
                "ssdeep: 3:AIO9AJraNvsgzsVqSwHq9:AeOuNv",
                "3:AIO9AJraNvsgzsVqSwHq9:AeOuNv",
            ),
            ("SSDeep\t6:abc:d", "6:abc:d"),
        ],
        counter_examples: &[
            "12:34:56",
            "at 12:abc:d",
            "100:aBcDeFgHiJkLmNoPqRsTuVwXyZ:aBcDeFgHiJkLm",
            "3:aBcDeFgHiJkLmNoPqRsTuVwXyZ:aBcDeFgHiJkLm:5",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Imphash,
        meaning: "32 hex digits that are labelled as an import hash.",
        examples: &[
            (
                "imphash: F34D5F2D4577ED6D9CEEC516C1F5A744",
                "f34d5f2d4577ed6d9ceec516c1f5a744",
            ),
            (
                "its import hash (f34d5f2d4577ed6d9ceec516c1f5a744)",
                "f34d5f2d4577ed6d9ceec516c1f5a744",
            ),
            (
                "Imphash\nf34d5f2d4577ed6d9ceec516c1f5a744",
                "f34d5f2d4577ed6d9ceec516c1f5a744",
            ),
        ],
        counter_examples: &[
            "MD5 f34d5f2d4577ed6d9ceec516c1f5a744",
            "imphash: f34d5f2d4577ed6d9ceec516c1f5a74",
            "no imphash is known; the MD5\nof the loader is f34d5f2d4577ed6d9ceec516c1f5a744",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Ja3,
        meaning: "32 hex digits that are labelled as a JA3 or JA3S fingerprint.",
        examples: &[
            (
                "JA3 hash: 72a589da586844d7f0818ce684948eea",
                "72a589da586844d7f0818ce684948eea",
            ),
            (
                "\"ja3s\": \"ae4edc6faf64d08308082ad26be60767\"",
                "ae4edc6faf64d08308082ad26be60767",
            ),
        ],
        counter_examples: &[
            "JARM 72a589da586844d7f0818ce684948eea",
            "ja3 72a589da586844d7f0818ce684948eea0",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Mutex,
        meaning: "A name behind the word mutex, in quotes or of a form that prose has not, or in a list or column under it.",
        examples: &[
            ("Mutex: Global\\Example-7", "Global\\Example-7"),
            (
                "creates a mutex named \"do not run twice\" first",
                "do not run twice",
            ),
            ("CreateMutexA(NULL, FALSE, \"xx_once\")", "xx_once"),
            ("\"mutex\": \"Local\\\\once\"", "Local\\once"),
            ("## Mutexes\n\n- `Sessions7`\n\nFilenames", "Sessions7"),
            ("**Mutex:** *once_7*", "once_7"),
            ("the mutex Global\\once is made", "Global\\once"),
        ],
        counter_examples: &[
            "It creates a mutex to run once.",
            "Mutex: none",
            "Mutex: it is made first",
            "CreateMutexA is called",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::UserAgent,
        meaning: "What stands behind the words User-Agent, or has the form that all browsers share.",
        examples: &[
            ("User-Agent: curl/8.5.0", "curl/8.5.0"),
            ("the *User-Agent*: *Rift/2.0*", "Rift/2.0"),
            (
                "It sends Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Safari/537.36. Then",
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Safari/537.36",
            ),
            (
                "\"Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko\"",
                "Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko",
            ),
            ("the user agent string \"Example Loader\"", "Example Loader"),
        ],
        counter_examples: &[
            "The user agent is odd.",
            "User-Agent: none",
            "User agent: what a client calls itself",
            "Mozilla/5.0 alone",
            "Mozilla Firefox",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Onion,
        meaning: "The onion service that a domain leads to: 56 characters with their checksum, or 16 of version 2.",
        examples: &[
            (
                "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd[.]onion",
                "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
            ),
            (
                "http://www.pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion/a",
                "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscryd.onion",
            ),
            ("facebookcorewwwi.onion", "facebookcorewwwi.onion"),
        ],
        counter_examples: &[
            "pg6mmjiyjmcrsslvykfwnntlaru7p5svn6y2ymmju6nubxndf4pscrye.onion",
            "example.onion",
            "facebookcorewww1.onion",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::YaraRule,
        meaning: "The name between `rule` and its body.",
        examples: &[
            ("rule Example_Loader {\n  meta:", "Example_Loader"),
            ("private rule a1 : tag1 tag2\n{", "a1"),
        ],
        counter_examples: &[
            "a rule of thumb {1}",
            "rule 1st {",
            "the rule Example matches",
            "overrule this {",
        ],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Tlp,
        meaning: "A label of the Traffic Light Protocol; WHITE of version 1 is CLEAR.",
        examples: &[
            ("TLP:AMBER+STRICT", "TLP:AMBER+STRICT"),
            ("(TLP: white)", "TLP:CLEAR"),
            ("tlp:red", "TLP:RED"),
            ("“TLP:GREEN”", "TLP:GREEN"),
        ],
        counter_examples: &["TLP:BLUE", "TLP:REDACTED", "XTLP:RED", "TLP RED"],
        scanner: Scanner::Extended,
    },
    Rule {
        kind: Kind::Cwe,
        meaning: "`CWE-` and a number of one to four digits.",
        examples: &[
            ("(CWE-79)", "CWE-79"),
            ("cwe-1021:", "CWE-1021"),
            ("漏洞CWE-79的", "CWE-79"),
        ],
        counter_examples: &["CWE-0", "CWE-12345", "XCWE-79", "CWE-79a", "CWE 79"],
        scanner: Scanner::Extended,
    },
];
