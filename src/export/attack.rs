//! Names of [MITRE ATT&CK](https://attack.mitre.org/) techniques, by id. A technique that the table does not know goes
//! by its id.

use std::collections::HashMap;
use std::sync::LazyLock;

/// `id TAB name`, sorted by id.
const TABLE: &str = include_str!("attack.tsv");

static NAMES: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
    TABLE
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .collect()
});

/// The name of a technique or sub-technique.
#[must_use]
pub fn name(id: &str) -> Option<&'static str> {
    NAMES.get(id).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::phrase;

    #[test]
    fn the_table_is_sorted_and_each_row_names_a_technique() {
        let ids: Vec<&str> = TABLE
            .lines()
            .map(|line| {
                let (id, name) = line.split_once('\t').unwrap();
                assert!(phrase::technique_url(id).is_some(), "{line}");
                assert!(!name.is_empty() && name.trim() == name, "{line}");
                id
            })
            .collect();
        assert!(ids.is_sorted_by(|a, b| a < b));
        assert_eq!(name("T1059.001"), Some("PowerShell"));
        assert_eq!(name("T1003.001"), Some("LSASS Memory"));
        assert_eq!(name("TA0001"), None);
    }
}
