//! A [TAXII 2.1](https://docs.oasis-open.org/cti/taxii/v2.1/os/taxii-v2.1-os.html) server that is read: discovery, one
//! API root, its collections and their objects. Enter at [`router`].
//!
//! What a page holds and why none misses or repeats anything: `store::indicators::mirror`. What the objects say:
//! [`Feed`](crate::export::Feed).

mod collection;
mod filter;
mod media;
mod objects;

use axum::Router;
use axum::extract;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use serde_json::{Value, json};

use super::auth::Visitor;
use super::error::Error;
use super::{Segments, State, rate, request};
use collection::{COLLECTIONS, Collection};

/// The one API root.
const ROOT: &str = "/taxii2/root/";
/// Bytes of a request that are read: nothing is written here.
const MAX_CONTENT_LENGTH: u32 = 1 << 20;

/// Every route, with and without the slash that the standard puts at the end.
pub(super) fn router(state: &State) -> Router<State> {
    let routes: [(&str, MethodRouter<State>); 8] = [
        ("/taxii2/", get(discovery)),
        (ROOT, get(root)),
        ("/taxii2/root/collections/", get(list)),
        ("/taxii2/root/collections/{collection}/", get(one)),
        (
            "/taxii2/root/collections/{collection}/manifest/",
            get(objects::manifest),
        ),
        (
            "/taxii2/root/collections/{collection}/objects/",
            get(objects::list),
        ),
        (
            "/taxii2/root/collections/{collection}/objects/{id}/",
            get(objects::get),
        ),
        (
            "/taxii2/root/collections/{collection}/objects/{id}/versions/",
            get(objects::versions),
        ),
    ];
    routes
        .into_iter()
        .fold(Router::new(), |router, (path, handler)| {
            router
                .route(path.trim_end_matches('/'), handler.clone())
                .route(path, handler)
        })
        .route_layer(from_fn_with_state(state.clone(), request::in_time))
        .route_layer(from_fn_with_state(state.clone(), rate::admit))
        .route_layer(from_fn(media::speak))
}

/// `GET /taxii2/`
async fn discovery(
    extract::State(state): extract::State<State>,
    _: Visitor,
) -> Result<Response, Error> {
    media::answer(&json!({
        "title": state.producer.name,
        "description": "Indicators of compromise from threat reports.",
        "default": ROOT,
        "api_roots": [ROOT],
    }))
}

/// `GET /taxii2/root/`
async fn root(extract::State(state): extract::State<State>, _: Visitor) -> Result<Response, Error> {
    media::answer(&json!({
        "title": state.producer.name,
        "versions": [media::TAXII],
        "max_content_length": MAX_CONTENT_LENGTH,
    }))
}

/// `GET /taxii2/root/collections/`
async fn list(extract::State(state): extract::State<State>, _: Visitor) -> Result<Response, Error> {
    let collections: Vec<Value> = COLLECTIONS
        .iter()
        .map(|collection| collection.view(&state.producer))
        .collect();
    media::answer(&json!({ "collections": collections }))
}

/// `GET /taxii2/root/collections/{id}/`
async fn one(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Segments(collection): Segments<String>,
) -> Result<Response, Error> {
    let collection =
        Collection::find(&collection, &state.producer).ok_or(Error::NotFound("collection"))?;
    media::answer(&collection.view(&state.producer))
}
