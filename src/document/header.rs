//! Whether the first row of a table names its columns.

/// Longest cell that may be the name of a column, in characters.
const MAX_NAME: usize = 60;

/// Whether `cells` read like names of columns: short words, no value among them. A table whose first
/// row is data must not lose it to a heading, so doubt says no.
pub(super) fn names_columns<S: AsRef<str>>(cells: &[S]) -> bool {
    let named = cells
        .iter()
        .filter(|cell| !cell.as_ref().trim().is_empty())
        .count();
    named >= 2
        && named * 2 >= cells.len()
        && cells.iter().all(|cell| may_name(cell.as_ref().trim()))
}

fn may_name(cell: &str) -> bool {
    let letters = cell.chars().filter(|c| c.is_alphabetic()).count();
    let digits = cell.chars().filter(char::is_ascii_digit).count();
    let value = cell.contains("://")
        || cell.contains('@')
        || cell.contains('\\')
        || cell.contains("[.]")
        || dotted(cell);
    cell.is_empty() || letters > 0 && digits < 6 && !value && cell.chars().count() <= MAX_NAME
}

/// A dot between two word characters: a host, an address, a file name.
fn dotted(cell: &str) -> bool {
    let bytes = cell.as_bytes();
    bytes
        .windows(3)
        .any(|w| w[1] == b'.' && w[0].is_ascii_alphanumeric() && w[2].is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::names_columns;

    #[test]
    fn words_name_columns_and_values_do_not() {
        assert!(names_columns(&["Indicator_type", "Data", "Note", ""]));
        assert!(names_columns(&["SHA-256 hash", "First seen (UTC)"]));
        assert!(!names_columns(&[
            "sha256",
            "085d67b6051e1ed53d20b8602d4d0f98ecd35f7a"
        ]));
        assert!(!names_columns(&["C2", "evil.example"]));
        assert!(!names_columns(&["192.0.2.1", "80"]));
        assert!(!names_columns(&["A title alone", "", "", ""]));
    }
}
