//! Paths of members, as words to show: where they would lead on a disk is nobody's concern.

use crate::document::charset;

/// What operating systems leave beside the files of people.
const JUNK_FOLDERS: &[&str] = &["__MACOSX"];
const JUNK_FILES: &[&str] = &[".DS_Store", "Thumbs.db", "desktop.ini"];

/// The path in any charset, with one kind of slash and without the steps that lead out of the archive.
/// `None` for what is none of the members that someone packed.
pub(super) fn tidy(path: &[u8]) -> Option<String> {
    let path = charset::decode(path, None).replace('\\', "/");
    let steps: Vec<&str> = path
        .split('/')
        .map(str::trim)
        .filter(|step| !matches!(*step, "" | "." | "..") && !is_drive(step))
        .collect();
    let (first, last) = (steps.first()?, steps.last()?);
    let junk = JUNK_FOLDERS.contains(first) || JUNK_FILES.contains(last);
    (!junk).then(|| steps.join("/"))
}

/// `C:`.
fn is_drive(step: &str) -> bool {
    matches!(step.as_bytes(), [letter, b':'] if letter.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn paths_lead_nowhere() {
        for (path, tidied) in [
            ("../../etc/passwd", "etc/passwd"),
            ("C:\\Users\\x\\..\\a.txt", "Users/x/a.txt"),
            ("/abs//./a b.txt", "abs/a b.txt"),
        ] {
            assert_eq!(tidy(path.as_bytes()).as_deref(), Some(tidied));
        }
        for junk in ["__MACOSX/._a.txt", "x/.DS_Store", "..", "", "/"] {
            assert_eq!(tidy(junk.as_bytes()), None, "{junk}");
        }
    }

    #[test]
    fn names_in_old_charsets_are_decoded() {
        let name = "検体の解析レポート.txt";
        let (bytes, ..) = encoding_rs::SHIFT_JIS.encode(name);
        assert_eq!(tidy(&bytes).as_deref(), Some(name));
    }
}
