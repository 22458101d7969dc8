use iocsift::document::{Limits, read};
fn main() {
    for path in std::env::args().skip(1) {
        let bytes = std::fs::read(&path).unwrap();
        let start = std::time::Instant::now();
        let name = std::path::Path::new(&path)
            .file_name()
            .and_then(|n| n.to_str());
        let result = read(&bytes, name, &Limits::default());
        let ms = start.elapsed().as_millis();
        match result {
            Ok((format, document)) => println!(
                "=== {path} {} {ms} ms\n{}",
                format.name(),
                document.outline()
            ),
            Err(failure) => println!("=== {path} {ms} ms FAIL {}: {failure}", failure.code),
        }
    }
}
