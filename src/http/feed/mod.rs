//! The feed of indicators for SIEMs and TIPs: what was seen, how sure its best source makes, who says so. Enter at
//! [`router`]. A token is always needed here, and errors have a form of their own: [`envelope`].
//!
//! What a page holds, and why a client that goes on from it misses nothing: `store::feed`.

mod asked;
mod envelope;
mod hunt;
mod lines;
mod lookup;
mod search;
mod spelling;
mod types;
mod view;

use axum::extract;
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;

use super::auth::Reader;
use super::error::Error;
use super::query::Query;
use super::{State, rate, request, turn};
use crate::store::{FeedPage, FeedQuery};
use asked::Form;
use view::Row;

pub(super) use spelling::spellings;
pub(super) use types::names as type_names;
pub(super) use view::feed_name;

/// Rows of a page from which on it waits for its turn, as exports do.
const LARGE: i64 = 500;

const TOTAL: HeaderName = HeaderName::from_static("x-total-count");
const AS_OF: HeaderName = HeaderName::from_static("x-feed-as-of");
const NEXT: HeaderName = HeaderName::from_static("x-feed-next");

/// The routes of the feed.
pub(super) fn router(state: &State) -> Router<State> {
    Router::new()
        .route("/api/v1/iocs", get(list))
        .route("/api/v1/iocs/search", get(search::get))
        .route("/api/v1/lookup", get(lookup::get))
        .route_layer(from_fn_with_state(state.clone(), request::in_time))
        .route_layer(from_fn_with_state(state.clone(), rate::admit))
        .route_layer(from_fn(envelope::wrap))
}

/// A page as JSON.
#[derive(Serialize)]
struct Page<'a> {
    meta: Meta,
    data: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Meta {
    total: Option<i64>,
    limit: i64,
    offset: i64,
    /// The `since` of the next poll, from the first page of this one.
    as_of: Option<String>,
    /// The `since` of the next page.
    next: Option<String>,
}

impl Meta {
    fn new(query: &FeedQuery, page: &FeedPage) -> Self {
        Self {
            total: page.total,
            limit: query.limit,
            offset: query.offset,
            as_of: page.as_of.map(crate::submission::rfc3339),
            next: page.next.map(asked::write_place),
        }
    }
}

/// `GET /api/v1/iocs`
async fn list(
    extract::State(state): extract::State<State>,
    _: Reader,
    query: Query,
) -> Result<Response, Error> {
    let (wanted, form) = (asked::feed(&query)?, asked::form(&query)?);
    let _turn = match wanted.limit {
        LARGE.. => Some(turn(&state.page_permits).await?),
        _ => None,
    };
    let page = state.store.feed(&wanted).await?;
    let meta = Meta::new(&wanted, &page);
    let rows: Vec<Row<'_>> = page.rows.iter().map(Row::new).collect();
    Ok(match form {
        Form::Json => Json(Page { meta, data: rows }).into_response(),
        Form::Csv => (told(&meta), lines::csv(&rows)).into_response(),
        Form::Text => (told(&meta), lines::text(&rows)).into_response(),
    })
}

/// What a page without room for it says in headers.
fn told(meta: &Meta) -> HeaderMap {
    let texts = [(AS_OF, &meta.as_of), (NEXT, &meta.next)];
    let texts = texts
        .into_iter()
        .filter_map(|(name, text)| Some((name, text.as_ref()?.parse().ok()?)));
    let total = meta.total.map(|total| (TOTAL, HeaderValue::from(total)));
    texts.chain(total).collect()
}
