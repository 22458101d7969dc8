//! What a reader turned evil may answer. It may speak, for that is what it is there for; what no reader says is
//! not believed, and ends as the death of the reader.

use std::io::Write;

use serde_json::{Value, json};

use crate::{Deed, deadly};

/// Says `outcome` and ends, before the reader could say anything else.
fn answer(outcome: &Value) -> ! {
    let reply = json!({"locks": {"landlock": true, "seccomp": true}, "outcome": outcome});
    let _ = std::io::stdout().write_all(reply.to_string().as_bytes());
    std::process::exit(0);
}

/// A finding at `offset` of a text of two words.
fn finding(value: &str, offset: u64) -> Value {
    json!({
        "kind": "domain", "value": value, "raw": "c2.example", "defanged": false, "occurrences": 1,
        "location": {"page": null, "sheet": null, "slide": null, "line": 1, "offset": offset, "length": 10},
        "context": "at c2.example", "description": null, "flags": [], "confidence": 50,
        "evidence": [{"reason": "form", "points": 50}],
    })
}

fn analysis(text: &str, findings: &[Value]) -> ! {
    answer(&json!({"analysis": {
        "format": "text", "title": null, "summary": null, "language": null, "warnings": [], "text": text,
        "findings": findings,
    }}))
}

pub(crate) const DEEDS: &[Deed] = &[
    deadly("answer in half", "its answer is broken", || {
        print!("{{\"locks\":");
        std::process::exit(0);
    }),
    deadly("answer in brackets", "its answer is broken", || {
        print!("{}", "[".repeat(1 << 19));
        std::process::exit(0);
    }),
    deadly("answer what is no text", "its answer is broken", || {
        let _ = std::io::stdout().write_all(b"\"\xff\xfe\"");
        std::process::exit(0);
    }),
    deadly(
        "find something behind the end",
        "the place of a finding",
        || analysis("at c2.example", &[finding("c2.example", 4)]),
    ),
    deadly("find something far away", "the place of a finding", || {
        analysis("at c2.example", &[finding("c2.example", u64::MAX)])
    }),
    deadly(
        "find something twice",
        "a finding that stands twice",
        || {
            analysis(
                "at c2.example",
                &[finding("c2.example", 3), finding("c2.example", 3)],
            )
        },
    ),
    deadly("find what is no host", "a value", || {
        analysis("at c2.example", &[finding("c2.example' OR '1'='1", 3)])
    }),
    deadly("write a zero", "the text", || analysis("a\0b", &[])),
    deadly("blame the service", "the code of the failure", || {
        answer(&json!({"failure": {"code": "internal", "message": "It was not me."}}))
    }),
    deadly(
        "miss a lock that nobody asked for",
        "nobody asked for",
        || answer(&json!("unlocked")),
    ),
    deadly("write over the log", "[31m   gone", || {
        eprint!("\x1b[31m\r\n gone");
        std::process::abort();
    }),
];
