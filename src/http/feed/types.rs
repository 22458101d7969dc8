//! Types as the feed names them.

use super::super::error::Error;
use super::super::query::Query;
use crate::indicator::Kind;

/// Every kind of the feed with its name there. The last one is told only where it is asked for: clients were told of
/// the others alone.
const TYPES: &[(&str, Kind)] = &[
    ("ipv4", Kind::Ipv4),
    ("ipv6", Kind::Ipv6),
    ("domain", Kind::Domain),
    ("url", Kind::Url),
    ("md5", Kind::HashMd5),
    ("sha1", Kind::HashSha1),
    ("sha256", Kind::HashSha256),
    ("cve", Kind::Cve),
    ("mitre-attack", Kind::MitreAttack),
    ("email", Kind::Email),
    ("sha512", Kind::HashSha512),
];

/// The names, in order.
pub(in super::super) fn names() -> Vec<&'static str> {
    TYPES.iter().map(|(name, _)| *name).collect()
}

/// The name of a kind here.
pub(super) fn name(kind: Kind) -> &'static str {
    let known = TYPES.iter().find(|(_, known)| *known == kind);
    known.map_or("other", |(name, _)| name)
}

/// The kinds that are told where no `type` is given.
pub(super) fn usual() -> Vec<Kind> {
    all()
        .into_iter()
        .filter(|kind| *kind != Kind::HashSha512)
        .collect()
}

/// Every kind of the feed.
pub(super) fn all() -> Vec<Kind> {
    TYPES.iter().map(|(_, kind)| *kind).collect()
}

/// Every `type`, by its name here or everywhere else, each once.
pub(super) fn asked(query: &Query) -> Result<Vec<Kind>, Error> {
    let mut kinds = Vec::new();
    for text in query.all("type").filter(|text| !text.is_empty()) {
        let named = |(name, kind): &&(&str, Kind)| *name == text || kind.name() == text;
        let (_, kind) = TYPES.iter().find(named).ok_or_else(|| {
            Error::parameter("type", text, format!("one of {}", names().join(", ")))
        })?;
        if !kinds.contains(kind) {
            kinds.push(*kind);
        }
    }
    Ok(kinds)
}
