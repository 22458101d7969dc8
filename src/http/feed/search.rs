//! `GET /api/v1/iocs/search`: a value as a whole, and where nobody knows it, as a part of others; with what stands beside
//! it in the same report.

use axum::Json;
use axum::extract;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::State;
use super::super::auth::Reader;
use super::super::error::Error;
use super::super::query::{self, Query};
use super::view::Row;
use super::{asked, spelling, types};
use crate::id::IocId;
use crate::indicator::Kind;
use crate::store::{FeedRow, IocQuery, Store};

/// Characters from which on a part is looked for: an index finds three.
const LEAST_CHARS: usize = 3;
/// Indicators of the same report.
const RELATED: i64 = 10;
/// Rows of a page: each is looked up by itself.
const MAX_LIMIT: i64 = 100;

#[derive(Serialize)]
struct Found<'a> {
    meta: Meta<'a>,
    data: Vec<Row<'a>>,
    related: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Meta<'a> {
    total: i64,
    limit: i64,
    offset: i64,
    query: &'a str,
    /// `exact`, `partial`, or null where nothing was found.
    r#match: Option<&'static str>,
}

/// Parameters: `q`, `type` (may repeat), `include_related`, `limit`, `offset`.
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    _: Reader,
    query: Query,
) -> Result<Response, Error> {
    let Some(q) = query.search_text()? else {
        return Err(Error::parameter("q", "", "the value to look for"));
    };
    let kinds = match types::asked(&query)? {
        kinds if kinds.is_empty() => types::all(),
        kinds => kinds,
    };
    let limit = query.whole("limit", 1, MAX_LIMIT)?;
    let limit = limit.unwrap_or(asked::DEFAULT_LIMIT);
    let offset = query.whole("offset", 0, i64::MAX)?.unwrap_or(0);
    let with_related = query.word("include_related", &[true, false])?;

    let exact = state.store.exactly(&kinds, &spelling::spellings(q)).await?;
    let (total, ids, matched) = if !exact.is_empty() {
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        let page = exact.iter().skip(skip).take(limit.unsigned_abs() as usize);
        (exact.len() as i64, page.copied().collect(), Some("exact"))
    } else if q.chars().count() < LEAST_CHARS {
        (0, Vec::new(), None)
    } else {
        let (total, ids) = parts(&state.store, q, &kinds, (limit, offset)).await?;
        (total, ids, (total > 0).then_some("partial"))
    };
    let rows = state.store.feed_rows(&ids).await?;
    let related = match rows.first() {
        Some(first) if with_related.unwrap_or(true) => {
            beside(&state.store, first, &kinds_beside(), &ids).await?
        }
        _ => Vec::new(),
    };
    let meta = Meta {
        total,
        limit,
        offset,
        query: q,
        r#match: matched,
    };
    let found = Found {
        meta,
        data: rows.iter().map(Row::new).collect(),
        related: related.iter().map(Row::new).collect(),
    };
    Ok(Json(&found).into_response())
}

/// Total and page of the values that hold `q`.
async fn parts(
    store: &Store,
    q: &str,
    kinds: &[Kind],
    (limit, offset): (i64, i64),
) -> Result<(i64, Vec<IocId>), Error> {
    let wanted = IocQuery {
        q: query::readings(q),
        kinds: kinds.to_vec(),
        extended: false,
        limit,
        offset,
    };
    let page = store.search_iocs(&wanted).await?;
    Ok((page.total, page.rows.iter().map(|row| row.ioc.id).collect()))
}

/// What stands beside an indicator in the report that says most of it.
pub(super) async fn beside(
    store: &Store,
    row: &FeedRow,
    kinds: &[Kind],
    except: &[IocId],
) -> Result<Vec<FeedRow>, Error> {
    let report = row.source.submission_id;
    Ok(store.related(report, kinds, except, RELATED).await?)
}

/// What may stand beside: every kind of the feed, whatever was looked for.
pub(super) fn kinds_beside() -> Vec<Kind> {
    types::usual()
}
