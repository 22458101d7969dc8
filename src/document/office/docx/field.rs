//! Instructions of fields: `HYPERLINK "http://…" \o "tip"`, `DDEAUTO c:\\…`.

/// Fields that point somewhere.
const POINTERS: &[&str] = &[
    "HYPERLINK",
    "INCLUDEPICTURE",
    "INCLUDETEXT",
    "IMPORT",
    "LINK",
    "RD",
];

/// The addresses in an instruction. Backslashes are doubled there.
pub(super) fn targets(instruction: &str) -> Vec<String> {
    let keyword = instruction
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    if !POINTERS.contains(&keyword.as_str()) {
        return Vec::new();
    }
    let quoted = instruction
        .split(['"', '\u{201c}', '\u{201d}'])
        .skip(1)
        .step_by(2);
    let bare = instruction
        .split_whitespace()
        .skip(1)
        .filter(|word| word.contains("://") && !word.starts_with('"'));
    quoted
        .chain(bare)
        .map(|target| target.replace("\\\\", "\\"))
        .collect()
}

/// Whether the field starts a program.
pub(super) fn is_command(instruction: &str) -> bool {
    let keyword = instruction.split_whitespace().next().unwrap_or_default();
    keyword.eq_ignore_ascii_case("DDE") || keyword.eq_ignore_ascii_case("DDEAUTO")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_stand_quoted_or_bare() {
        assert_eq!(
            targets(r#" HYPERLINK "http://a.example/x" \o "tip" "#),
            ["http://a.example/x", "tip"]
        );
        assert_eq!(
            targets("HYPERLINK http://b.example/"),
            ["http://b.example/"]
        );
        assert!(targets(r#" SEQ Figure \* ARABIC "#).is_empty());
    }

    #[test]
    fn fields_that_start_programs_are_told() {
        assert!(is_command(
            r#" DDEAUTO c:\\windows\\system32\\cmd.exe "/k calc""#
        ));
        assert!(!is_command(" PAGE "));
    }
}
