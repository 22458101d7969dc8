//! STIX patterns ([STIX 2.1, section 9](https://docs.oasis-open.org/cti/stix/v2.1/os/stix-v2.1-os.html)).
//!
//! Each begins with `[` and no blank: consumers tell the kind of a pattern by its first characters.

/// `[path = 'value']`.
pub(super) fn equals(path: &str, value: &str) -> String {
    format!("[{}]", term(path, value))
}

/// `path = 'value'`, to be joined with others of the same object type.
pub(super) fn term(path: &str, value: &str) -> String {
    format!("{path} = {}", literal(value))
}

/// A string literal: only the backslash and the quote are special.
pub(super) fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_literal_cannot_be_left() {
        assert_eq!(literal(r"C:\x' OR '1' = '1"), r"'C:\\x\' OR \'1\' = \'1'");
        assert_eq!(literal(r"\'"), r"'\\\''");
    }
}
