//! What a client asks of a collection: `match[…]`, `added_after`, `limit`, `next`.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::error::Error;
use super::super::query::{Query, moment};
use super::collection::Collection;
use crate::export::{Feed, FeedType};
use crate::store::{Place, Wanted};

/// Objects of a page where the client does not say.
const DEFAULT_LIMIT: i64 = 100;
/// Objects of a page at most; who asks for more gets as many.
const MOST: i64 = 1_000;
/// Ids or versions in one filter.
const MOST_WORDS: usize = 100;

/// Everything asked for.
#[derive(Debug)]
pub(super) struct Filter {
    /// What is looked for among indicators and reports.
    pub(super) wanted: Wanted,
    /// Types of the standard; `None`: all.
    types: Option<Vec<String>>,
    ids: Option<Vec<String>>,
    versions: Option<Vec<DateTime<Utc>>>,
    nothing: bool,
    /// Begin behind it.
    pub(super) after: Place,
    /// Objects at most.
    pub(super) limit: usize,
}

impl Filter {
    /// Reads the query of a request for `collection`; `object` is the id in the path.
    pub(super) fn of(
        query: &Query,
        collection: &Collection,
        object: Option<&str>,
    ) -> Result<Self, Error> {
        let types = words(query, "match[type]")?;
        let ids = match object {
            Some(id) => Some(vec![id.to_owned()]),
            None => words(query, "match[id]")?,
        };
        let specs = words(query, "match[spec_version]")?;
        let versions = versions(query)?;
        let takes = |kind: FeedType| {
            types
                .as_ref()
                .is_none_or(|types| types.iter().any(|word| word == kind.name()))
        };
        let kinds = collection.kinds.iter().copied();
        let wanted = Wanted {
            kinds: kinds.filter(|kind| takes(FeedType::of(*kind))).collect(),
            reports: collection.reports && takes(FeedType::Report),
            ids: ids
                .as_ref()
                .map(|ids| ids.iter().filter_map(|id| Feed::row(id)).collect()),
            stamps: versions.clone(),
        };
        Ok(Self {
            nothing: specs.is_some_and(|specs| specs.iter().all(|spec| spec != "2.1")),
            wanted,
            types,
            ids,
            versions,
            after: after(query)?,
            limit: limit(query)?,
        })
    }

    /// Whether an object may come. Rows are found by their ids alone, and `indicator--…` and `report--…` may share
    /// one: so this looks at every object once more.
    pub(super) fn takes(&self, id: &str, version: &str) -> bool {
        let kind = id.split_once("--").map_or(id, |(kind, _)| kind);
        let version = moment::parse(version);
        self.types
            .as_ref()
            .is_none_or(|types| types.iter().any(|word| word == kind))
            && self
                .ids
                .as_ref()
                .is_none_or(|ids| ids.iter().any(|known| known == id))
            && self
                .versions
                .as_ref()
                .is_none_or(|known| version.is_some_and(|version| known.contains(&version)))
    }

    /// Whether nothing can fit.
    pub(super) fn is_void(&self) -> bool {
        self.nothing
    }
}

fn words(query: &Query, name: &'static str) -> Result<Option<Vec<String>>, Error> {
    let mut words = Vec::new();
    for list in query.all(name) {
        words.extend(list.split(',').map(|word| word.trim().to_owned()));
    }
    if words.len() > MOST_WORDS {
        let most = format!("a list of at most {MOST_WORDS}");
        return Err(Error::parameter(name, &words.join(","), most));
    }
    Ok((!words.is_empty()).then_some(words))
}

/// The moments of `match[version]`. One version is kept of each object, so `first`, `last` and `all` are the same.
fn versions(query: &Query) -> Result<Option<Vec<DateTime<Utc>>>, Error> {
    const NAME: &str = "match[version]";
    let Some(words) = words(query, NAME)? else {
        return Ok(None);
    };
    let mut moments = Vec::new();
    for word in &words {
        match word.as_str() {
            "first" | "last" | "all" => return Ok(None),
            word => moments.push(moment::parse(word).ok_or_else(|| {
                Error::parameter(NAME, word, "first, last, all or the moment of a version")
            })?),
        }
    }
    Ok(Some(moments))
}

fn limit(query: &Query) -> Result<usize, Error> {
    let limit = query.whole("limit", 1, i64::MAX)?;
    let limit = limit.unwrap_or(DEFAULT_LIMIT).min(MOST);
    Ok(limit.unsigned_abs() as usize)
}

/// Where to begin: behind what `next` names, or behind the moment of `added_after`, whichever is later.
fn after(query: &Query) -> Result<Place, Error> {
    let added = match query.one("added_after")? {
        Some(text) => {
            let at = moment::parse(text)
                .ok_or_else(|| Error::parameter("added_after", text, "an RFC 3339 time"))?;
            Place::after(at)
        }
        None => Place {
            stamp: DateTime::UNIX_EPOCH,
            within: Uuid::nil(),
        },
    };
    let next = match query.one("next")? {
        Some(text) => read(text)
            .ok_or_else(|| Error::parameter("next", text, "what the last page said in `next`"))?,
        None => added,
    };
    Ok(added.max(next))
}

/// A place as clients carry it from page to page.
pub(super) fn write(place: Place) -> String {
    format!(
        "{}.{}",
        place.stamp.timestamp_micros(),
        place.within.simple()
    )
}

fn read(text: &str) -> Option<Place> {
    let (micros, within) = text.split_once('.')?;
    Some(Place {
        stamp: DateTime::from_timestamp_micros(micros.parse().ok()?)
            .filter(|at| (1..=9999).contains(&chrono::Datelike::year(at)))?,
        within: Uuid::try_parse(within).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_survives_the_way_to_the_client_and_back() {
        let place = Place {
            stamp: DateTime::from_timestamp_micros(1_767_225_600_123_456).unwrap(),
            within: Uuid::now_v7(),
        };
        assert_eq!(read(&write(place)), Some(place));
        for bad in ["", "1", "1.", ".", "a.b", "9223372036854775807.0", "1.zz"] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
