//! Whether a new version of a list may take the place of the old one. Enter at [`accept`].

use super::{Columns, Contents, ListFormat, Unreadable, read, shrunk};

/// Why a new version is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unacceptable {
    /// It is no list of the format.
    #[error("it cannot be read as {0}: {1}")]
    Unreadable(ListFormat, Unreadable),
    /// Less than half of the entries is left.
    #[error(
        "it has {now} entries where {before} were; the old version stays unless that is forced"
    )]
    Shrunk {
        /// Entries of the old version.
        before: usize,
        /// Entries of the new one.
        now: usize,
    },
}

/// Reads a new version of a list that had `before` entries; `may_shrink` where somebody says that less is right.
///
/// # Errors
/// Why the old version stays.
pub fn accept(
    format: ListFormat,
    columns: &Columns,
    bytes: &[u8],
    before: usize,
    may_shrink: bool,
) -> Result<Contents, Unacceptable> {
    let contents =
        read(format, columns, bytes).map_err(|why| Unacceptable::Unreadable(format, why))?;
    let now = contents.entries.len();
    if shrunk(before, now) && !may_shrink {
        return Err(Unacceptable::Shrunk { before, now });
    }
    Ok(contents)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_is_taken_unless_it_is_no_list_or_has_lost_its_half() {
        let accept = |text: &str, before, may_shrink| {
            let columns = Columns::default();
            let taken = super::accept(
                ListFormat::Lines,
                &columns,
                text.as_bytes(),
                before,
                may_shrink,
            );
            taken.map(|contents| contents.entries.len())
        };
        assert_eq!(accept("a.example\nb.example\n", 4, false), Ok(2));
        assert_eq!(accept("a.example\n", 4, true), Ok(1));
        assert_eq!(
            accept("a.example\n", 4, false),
            Err(Unacceptable::Shrunk { before: 4, now: 1 })
        );
        let refused = accept("<html>sign in</html>", 0, true).unwrap_err();
        assert!(
            refused
                .to_string()
                .starts_with("it cannot be read as txt: "),
            "{refused}"
        );
    }
}
