//! The objects of a collection, page by page, and what is told of them.

use axum::extract;
use axum::http::HeaderValue;
use axum::response::Response;
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::value::RawValue;

use super::super::auth::Visitor;
use super::super::error::Error;
use super::super::query::Query;
use super::super::{Segments, State};
use super::collection::Collection;
use super::filter::{self, Filter};
use super::media::{STIX, answer};
use crate::export::{Feed, FeedObject};
use crate::store::{Entry, Place};
use crate::submission::rfc3339;

/// An object and when it was added.
struct Added {
    place: Place,
    object: FeedObject,
}

/// A page of objects.
struct Page {
    objects: Vec<Added>,
    /// Where the next one begins; `None` at the end.
    next: Option<Place>,
}

/// `GET …/objects/`
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Segments(collection): Segments<String>,
    query: Query,
) -> Result<Response, Error> {
    envelope(page(&state, &collection, &query, None).await?)
}

/// `GET …/objects/{id}/`
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Segments((collection, id)): Segments<(String, String)>,
    query: Query,
) -> Result<Response, Error> {
    envelope(one(&state, &collection, &id, &query).await?)
}

/// `GET …/objects/{id}/versions/`
pub(super) async fn versions(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Segments((collection, id)): Segments<(String, String)>,
    query: Query,
) -> Result<Response, Error> {
    #[derive(Serialize)]
    struct Versions<'a> {
        more: bool,
        versions: Vec<&'a str>,
    }
    let page = one(&state, &collection, &id, &query).await?;
    let objects = page.objects.iter();
    let body = Versions {
        more: false,
        versions: objects.map(|added| added.object.version.as_str()).collect(),
    };
    dated(answer(&body)?, &page)
}

/// `GET …/manifest/`
pub(super) async fn manifest(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Segments(collection): Segments<String>,
    query: Query,
) -> Result<Response, Error> {
    #[derive(Serialize)]
    struct Record<'a> {
        id: &'a str,
        date_added: String,
        version: &'a str,
        media_type: &'static str,
    }
    #[derive(Serialize)]
    struct Manifest<'a> {
        more: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<String>,
        objects: Vec<Record<'a>>,
    }
    let page = page(&state, &collection, &query, None).await?;
    let records = page.objects.iter().map(|added| Record {
        id: &added.object.id,
        date_added: rfc3339(added.place.stamp),
        version: &added.object.version,
        media_type: STIX,
    });
    let body = Manifest {
        more: page.next.is_some(),
        next: page.next.map(filter::write),
        objects: records.collect(),
    };
    dated(answer(&body)?, &page)
}

fn envelope(page: Page) -> Result<Response, Error> {
    /// `objects` stands there even when it is empty: readers of the field stumble over one that is missing.
    #[derive(Serialize)]
    struct Envelope<'a> {
        more: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        next: Option<String>,
        objects: Vec<&'a RawValue>,
    }
    let objects: Result<Vec<&RawValue>, _> = page
        .objects
        .iter()
        .map(|added| serde_json::from_slice(&added.object.json))
        .collect();
    let body = Envelope {
        more: page.next.is_some(),
        next: page.next.map(filter::write),
        objects: objects.map_err(|error| Error::Internal(error.to_string()))?,
    };
    dated(answer(&body)?, &page)
}

/// When the first and the last object of the page were added.
fn dated(mut response: Response, page: &Page) -> Result<Response, Error> {
    let ends = [
        ("x-taxii-date-added-first", page.objects.first()),
        ("x-taxii-date-added-last", page.objects.last()),
    ];
    for (name, added) in ends {
        if let Some(added) = added {
            let value = HeaderValue::try_from(rfc3339(added.place.stamp))
                .map_err(|error| Error::Internal(error.to_string()))?;
            response.headers_mut().insert(name, value);
        }
    }
    Ok(response)
}

async fn one(state: &State, collection: &str, id: &str, query: &Query) -> Result<Page, Error> {
    let page = page(state, collection, query, Some(id)).await?;
    let filtered = [
        "added_after",
        "match[version]",
        "match[spec_version]",
        "next",
    ];
    // Where a filter left nothing, the object may be there all the same.
    if page.objects.is_empty() && filtered.iter().all(|name| query.all(name).next().is_none()) {
        return Err(Error::NotFound("object"));
    }
    Ok(page)
}

/// Reads stretches until a page is full or nothing is left: a client must not get an empty page in between.
async fn page(
    state: &State,
    collection: &str,
    query: &Query,
    object: Option<&str>,
) -> Result<Page, Error> {
    let collection =
        Collection::find(collection, &state.producer).ok_or(Error::NotFound("collection"))?;
    let filter = Filter::of(query, collection, object)?;
    let mut page = Page {
        objects: Vec::new(),
        next: None,
    };
    if filter.is_void() {
        return Ok(page);
    }
    let mut feed = Feed::new(&state.producer);
    common(&feed, state.producer.created_at, &filter, &mut page);
    if page.next.is_some() {
        return Ok(page);
    }
    let mut after = filter.after;
    loop {
        let room = filter.limit - page.objects.len();
        // With no room left, one entry tells whether anything follows.
        let stretch = state
            .store
            .stretch(after, &filter.wanted, room.max(1) as i64)
            .await?;
        for (place, entry) in stretch.entries {
            let Some(object) = object_of(&mut feed, place, &entry) else {
                continue;
            };
            if !filter.takes(&object.id, &object.version) {
                continue;
            }
            if page.objects.len() == filter.limit {
                page.next = page.objects.last().map(|last: &Added| last.place);
                return Ok(page);
            }
            page.objects.push(Added { place, object });
        }
        match stretch.next {
            Some(next) => after = next,
            None => return Ok(page),
        }
    }
}

/// What never changes stands in front of everything, in the moment when the instance began.
fn common(feed: &Feed, began: DateTime<Utc>, filter: &Filter, page: &mut Page) {
    let mut objects: Vec<Added> = feed
        .common()
        .into_iter()
        .filter_map(|object| {
            let (_, uuid) = object.id.split_once("--")?;
            let place = Place {
                stamp: began,
                within: uuid.parse().ok()?,
            };
            Some(Added { place, object })
        })
        .filter(|added| added.place > filter.after)
        .filter(|added| filter.takes(&added.object.id, &added.object.version))
        .collect();
    objects.sort_by_key(|added| added.place);
    if objects.len() > filter.limit {
        objects.truncate(filter.limit);
        page.next = objects.last().map(|last| last.place);
    }
    page.objects = objects;
}

fn object_of(feed: &mut Feed, place: Place, entry: &Entry) -> Option<FeedObject> {
    match entry {
        Entry::Indicator(debut, tlp) => feed.indicator(&debut.ioc, *tlp, place.stamp),
        Entry::Report(submission, shown) => {
            let shown = shown.iter().map(|s| (s.id, s.kind, s.value.as_str()));
            Some(feed.report(submission, shown))
        }
    }
}
