//! Indicators over all submissions: search, one by id, statistics, export.

pub(super) mod export;

use std::collections::BTreeMap;

use axum::Json;
use axum::extract;
use axum::response::IntoResponse;
use serde::Serialize;

use super::auth::Visitor;
use super::error::Error;
use super::query::{self, Query};
use super::view::{Detail, Row};
use super::{Id, State};
use crate::id::IocId;
use crate::store::{IocQuery, Store};

/// `GET /api/iocs/search`: part of a value, kinds, a page; newest first.
pub(super) async fn search(
    extract::State(state): extract::State<State>,
    _: Visitor,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Found<'a> {
        total: i64,
        limit: i64,
        offset: i64,
        iocs: Vec<Row<'a>>,
    }
    let page = query.page()?;
    let wanted = IocQuery {
        q: query
            .search_text()?
            .map(query::readings)
            .unwrap_or_default(),
        kinds: query.kinds()?,
        extended: query.extended()?,
        limit: page.limit,
        offset: page.offset,
    };
    let wanted = &wanted;
    let ask = |store: Store| async move { store.search_iocs(wanted).await };
    let found = state.store.read_late(ask).await?;
    let iocs = found.rows.iter().map(Row::from).collect();
    let body = Found {
        total: found.total,
        limit: page.limit,
        offset: page.offset,
        iocs,
    };
    Ok(Json(&body).into_response())
}

/// `GET /api/iocs/{id}`: everything about one, and a page of where it was seen.
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Id(id): Id<IocId>,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    let page = query.page()?;
    let ask = |store: Store| async move {
        let Some(row) = store.ioc(id).await? else {
            return Ok(None);
        };
        let sightings = store.ioc_sightings(id, page.limit, page.offset).await?;
        let mark = store.false_positive_of(id).await?;
        Ok(Some((row, sightings, mark)))
    };
    let found = state.store.find_late(ask).await?;
    let (row, sightings, mark) = found.ok_or(Error::NotFound("indicator"))?;
    Ok(Json(Detail::new(&row, &sightings, mark.as_ref(), page)).into_response())
}

/// `GET /api/iocs/stats`: every standard kind is a key, zero included; with `extended=true` the others too.
pub(super) async fn stats(
    extract::State(state): extract::State<State>,
    _: Visitor,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Totals<'a> {
        total_iocs: i64,
        total_submissions: i64,
        iocs_by_type: BTreeMap<&'a str, i64>,
    }
    let extended = query.extended()?;
    let ask = |store: Store| async move { store.stats(extended).await };
    let stats = state.store.read_late(ask).await?;
    let by_type = stats.iocs_by_kind.iter();
    let body = Totals {
        total_iocs: stats.total_iocs,
        total_submissions: stats.total_submissions,
        iocs_by_type: by_type.map(|(kind, count)| (kind.name(), *count)).collect(),
    };
    Ok(Json(&body).into_response())
}
