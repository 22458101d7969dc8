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
        if kind == "hyperlink" {
            out.link(&relation.target);
        } else {
            target(kind, &relation.target, out);
        }
    }
}

/// Whether `target` lies outside of the package, where the package itself does not say so.
pub(super) fn is(target: &str) -> bool {
    let own = target.starts_with("vnd.sun.star.") || target.starts_with("data:");
    target.contains(":/") && !own || target.starts_with("\\\\") || target.starts_with("mailto:")
}

/// Writes a target that lies outside, for the element or relation `kind`. A share or an exotic scheme
/// is no link to follow, but it is what the document reaches for.
pub(super) fn target(kind: &str, target: &str, out: &mut Builder) {
    if target.starts_with("http") {
        out.link(target);
    } else {
        out.paragraph(&format!("{kind}: {target}"));
    }
}
