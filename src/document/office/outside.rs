//! What a document reaches for outside of itself when it is opened.

use super::package::Package;
use crate::document::builder::Builder;

/// What a part loads when the document is opened: templates, frames, pictures, objects.
pub(super) fn loaded(package: &mut Package<'_>, part: &str, out: &mut Builder) {
    let mut relations: Vec<_> = package
        .relations(part)
        .into_values()
        .filter(|relation| relation.external)
        .collect();
    relations.sort_by(|a, b| a.target.cmp(&b.target));
    for relation in relations {
        let kind = relation.kind.rsplit('/').next().unwrap_or_default();
        // A share or an exotic scheme is no link to follow, but it is what the document reaches for.
        if kind != "hyperlink" && !relation.target.starts_with("http") {
            out.paragraph(&format!("{kind}: {}", relation.target));
        } else {
            out.link(&relation.target);
        }
    }
}
