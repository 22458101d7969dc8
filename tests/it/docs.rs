//! Documents that are written from the code. `BLESS=1 cargo test docs` writes them anew.

use std::fs;
use std::path::Path;

/// Compares what stands between the markers of a document with what the code says.
fn holds(file: &str, expected: &str) {
    const START: &str = "<!-- from the code: start -->\n";
    const END: &str = "<!-- from the code: end -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    let document = fs::read_to_string(&path).unwrap();
    let (before, rest) = document.split_once(START).expect("a start marker");
    let (held, after) = rest.split_once(END).expect("an end marker");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, format!("{before}{START}{expected}{END}{after}")).unwrap();
    } else {
        assert_eq!(
            held, expected,
            "{file} differs from the code; BLESS=1 writes it anew"
        );
    }
}

#[test]
fn the_settings_table_is_the_one_of_the_code() {
    holds("docs/configuration.md", &iocsift::cli::settings_table());
}

#[test]
fn the_reasons_of_a_confidence_are_those_of_the_code() {
    use iocsift::indicator::Reason;
    let mut expected = "| reason | points | says |\n| --- | --- | --- |\n".to_owned();
    for reason in Reason::ALL {
        let points = match reason {
            Reason::Form => "by type".to_owned(),
            reason => format!("{:+}", reason.points()),
        };
        expected += &format!("| `{}` | {points} | {} |\n", reason.name(), reason.phrase());
    }
    holds("docs/api.md", &expected);
}

#[test]
fn the_indicators_are_those_of_the_rules() {
    let code = |text: &str| format!("`` {} ``", text.replace('\n', "⏎").replace('|', "\\|"));
    let mut expected = String::new();
    let rules = iocsift::extract::RULES
        .iter()
        .chain(iocsift::extract::EXTENDED_RULES);
    for rule in rules {
        expected += &format!("## {}\n\n{}\n\n", rule.kind.name(), rule.meaning);
        expected += "| text | value |\n| --- | --- |\n";
        for (text, value) in rule.examples {
            expected += &format!("| {} | {} |\n", code(text), code(value));
        }
        for text in rule.counter_examples {
            expected += &format!("| {} | none |\n", code(text));
        }
        expected.push('\n');
    }
    holds("docs/indicators.md", &expected);
}
