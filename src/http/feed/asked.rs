//! What the feed is asked for. Read as strictly as everywhere: [`Query`].

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::super::error::Error;
use super::super::query::{Query, moment};
use super::types;
use crate::id::IocId;
use crate::indicator::Level;
use crate::store::{FeedQuery, Place};
use crate::submission::{Category, Sector, rfc3339};

/// Rows of a page.
pub(super) const MAX_LIMIT: i64 = 10_000;
pub(super) const DEFAULT_LIMIT: i64 = 100;
/// Between the stamp and the indicator of a place.
const WITHIN: char = '~';

/// How a page is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Rows with all that is known.
    Json,
    /// A table.
    Csv,
    /// A value to a line.
    Text,
}

/// The query of a page of the feed.
pub(super) fn feed(query: &Query) -> Result<FeedQuery, Error> {
    let mut kinds = types::asked(query)?;
    if kinds.is_empty() {
        kinds = types::usual();
    }
    let (limit, offset) = page(query)?;
    Ok(FeedQuery {
        kinds,
        level: query.word::<Level>("confidence", Level::ALL)?,
        category: category(query)?,
        sector: sector(query)?,
        since: since(query)?,
        until: until(query)?,
        limit,
        offset,
        counted: query.word("count", &[true, false])?.unwrap_or(true),
    })
}

/// `limit` and `offset`.
pub(super) fn page(query: &Query) -> Result<(i64, i64), Error> {
    let limit = query.whole("limit", 1, MAX_LIMIT)?;
    let offset = query.whole("offset", 0, i64::MAX)?;
    Ok((limit.unwrap_or(DEFAULT_LIMIT), offset.unwrap_or(0)))
}

/// `format`
pub(super) fn form(query: &Query) -> Result<Form, Error> {
    match query.one("format")?.unwrap_or_default() {
        "" | "json" => Ok(Form::Json),
        "csv" => Ok(Form::Csv),
        "txt" => Ok(Form::Text),
        other => Err(Error::parameter("format", other, "one of json, csv, txt")),
    }
}

fn category(query: &Query) -> Result<Option<Category>, Error> {
    let Some(text) = query.one("category")?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    let parsed = text.parse().map(Some);
    parsed.map_err(|_| {
        let allowed = "a word of letters, digits and hyphens, such as government";
        Error::parameter("category", text, allowed)
    })
}

fn sector(query: &Query) -> Result<Option<Sector>, Error> {
    let Some(text) = query.one("industry")?.filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    Sector::named(text).map(Some).ok_or_else(|| {
        let known: Vec<&str> = Sector::ALL.iter().map(|sector| sector.as_str()).collect();
        Error::parameter("industry", text, format!("one of {}", known.join(", ")))
    })
}

fn since(query: &Query) -> Result<Option<Place>, Error> {
    let Some(text) = query.one("since")? else {
        return Ok(None);
    };
    match read_place(text) {
        Some(place) => Ok(Some(place)),
        None => query.since().map(|at| at.map(Place::after)),
    }
}

fn until(query: &Query) -> Result<Option<DateTime<Utc>>, Error> {
    let Some(text) = query.one("until")? else {
        return Ok(None);
    };
    moment::parse(text).map(Some).ok_or_else(|| {
        let allowed =
            "a date or RFC 3339 time of the years 1 to 9999, such as 2026-01-31T09:15:02.123456Z";
        Error::parameter("until", text, allowed)
    })
}

/// A place as a value for `since`: its stamp alone where all with that stamp stands before it.
pub(super) fn write_place(place: Place) -> String {
    let stamp = rfc3339(place.stamp);
    if place.within == Uuid::max() {
        stamp
    } else {
        format!("{stamp}{WITHIN}{}", IocId(place.within))
    }
}

fn read_place(text: &str) -> Option<Place> {
    let (stamp, within) = text.split_once(WITHIN)?;
    let within: IocId = within.parse().ok()?;
    Some(Place {
        stamp: moment::parse(stamp)?,
        within: within.0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let stamp = moment::parse("2026-01-31T09:15:02.123456Z").unwrap();
        let within = IocId::generate().0;
        let place = Place { stamp, within };
        assert_eq!(read_place(&write_place(place)), Some(place));
        assert_eq!(
            write_place(Place::after(stamp)),
            "2026-01-31T09:15:02.123456Z"
        );
        for bad in [
            "",
            "~",
            "2026-01-31~",
            "2026-01-31~sub_01h455vb4pex5vsknk084sn02q",
        ] {
            assert_eq!(read_place(bad), None, "{bad}");
        }
    }
}
