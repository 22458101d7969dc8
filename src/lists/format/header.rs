//! What the comments at the head of a list say of it: `# Maintainer : …`.

use super::About;

/// Lines of a file; a comment is the rest of its line.
pub(super) fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    ["#", ";", "//"]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))
}

/// A line without the comment behind its value.
pub(super) fn value(line: &str) -> &str {
    let end = [" #", "\t#", " ;", "\t;"]
        .iter()
        .filter_map(|mark| line.find(mark))
        .min()
        .unwrap_or(line.len());
    line[..end].trim().trim_matches('"')
}

/// Takes what the field `name : value` of a comment tells.
pub(super) fn tell(comment: &str, about: &mut About) {
    let Some((name, value)) = comment.split_once(':') else {
        return;
    };
    let field = match name.trim().to_ascii_lowercase().as_str() {
        "title" | "name" => &mut about.name,
        "description" => &mut about.description,
        "category" => &mut about.category,
        "version" => &mut about.version,
        _ => return,
    };
    let value = value.trim();
    if field.is_none() && !value.is_empty() {
        *field = Some(value.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_stand_alone_or_behind_a_value() {
        assert_eq!(comment("# a"), Some(" a"));
        assert_eq!(comment("// a"), Some(" a"));
        assert_eq!(comment("http://a.example/#b"), None);
        assert_eq!(value("192.0.2.0/24 ; SBL1"), "192.0.2.0/24");
        assert_eq!(value("\"a.example\"\t# b"), "a.example");
        assert_eq!(value("http://a.example/#b"), "http://a.example/#b");
    }
}
