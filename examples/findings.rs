//! The indicators of a text: `echo "C2 at 192.0.2[.]7" | cargo run --no-default-features --example findings`

use std::io::Read;

use iocsift::document::Document;
use iocsift::extract;

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    println!("{}", extract::refang(&text).trim_end());

    let document = Document {
        text,
        ..Document::default()
    };
    for finding in extract::scan(&document) {
        println!(
            "{:<14} {}  (line {}, written {:?}, confidence {})",
            finding.kind.name(),
            finding.value,
            finding.location.line,
            finding.raw,
            finding.confidence
        );
        for flag in &finding.flags {
            println!("{:14} probably benign: {}", "", flag.reason);
        }
    }
    Ok(())
}
