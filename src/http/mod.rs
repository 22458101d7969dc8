//! The HTTP server: [`router`] is the whole API as one table, [`serve`] answers on a socket.
//!
//! Nothing else knows HTTP serving, and this room never reads a document: what a caller hands in goes to
//! `store` and waits for a worker; `/api/extract` asks an [`Extract`] for the answer at once.

mod accounts;
mod answers;
mod auth;
mod basic;
mod body;
mod error;
mod false_positives;
mod feed;
mod health;
mod iocs;
mod linger;
mod lists;
mod lookup;
mod metrics;
mod misp;
mod openapi;
mod pages;
mod peer;
mod preview;
mod query;
mod rate;
mod request;
mod serve;
mod settings;
mod stall;
mod submissions;
mod taxii;
mod upload;
mod view;
mod watches;
mod webhooks;

use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use axum::middleware::from_fn_with_state;
use axum::routing::{delete, get, patch, post, put};
use serde::de::DeserializeOwned;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::CorsLayer;

pub use peer::Peer;
pub use preview::{Extract, Extracted};
pub use rate::{exchange as exchange_rates, keep as keep_rates};
pub use serve::serve;
pub use settings::{Connections, Settings};

use crate::catalogue::Catalogue;
use crate::export::Producer;
use crate::store::{Known, Store};
use error::Error;

/// What every handler may use. Cloning is cheap: each layer around a handler does so for each request.
#[derive(Clone)]
pub struct State(Arc<Shared>);

/// What the clones of a [`State`] share.
pub struct Shared {
    store: Store,
    /// How the server behaves.
    pub settings: Settings,
    producer: Producer,
    extractor: Arc<dyn Extract>,
    catalogue: Catalogue,
    draining: CancellationToken,
    rates: rate::Rates,
    metrics: metrics::Metrics,
    answers: Known<answers::Answers>,
    tokens: Known<auth::Tokens>,
    /// One for each core: a password check takes 19 MiB and all of a core.
    password_permits: Semaphore,
    upload_permits: Semaphore,
    /// One for each core. Not those of uploads: documents that are slow to read must not hold up
    /// submissions, which only store them.
    preview_permits: Semaphore,
    /// Two for each core. A large export takes a connection, a core and megabytes: a crowd of them waits
    /// here, and not for the connections that all other requests need.
    export_permits: Arc<Semaphore>,
    /// Pages that bulk exports read at once.
    page_permits: Arc<Semaphore>,
}

impl State {
    /// `producer` names this instance in exports; `extractor` answers `/api/extract`, `catalogue` look-ups; once `draining` is
    /// cancelled, `/readyz` says that the instance is about to go.
    #[must_use]
    pub fn new(
        store: Store,
        settings: Settings,
        producer: Producer,
        extractor: Arc<dyn Extract>,
        catalogue: Catalogue,
        draining: CancellationToken,
    ) -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Shared {
            store,
            rates: rate::Rates::new(&settings),
            metrics: metrics::Metrics::default(),
            answers: Known::default(),
            tokens: Known::default(),
            password_permits: Semaphore::new(cores),
            upload_permits: Semaphore::new(settings.uploads_at_once.max(1)),
            preview_permits: Semaphore::new(cores),
            export_permits: Arc::new(Semaphore::new(cores * 2)),
            page_permits: Arc::new(Semaphore::new(settings.export_pages_at_once.max(1))),
            settings,
            producer,
            extractor,
            catalogue,
            draining,
        }))
    }
}

impl Deref for State {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}

/// Waits for a permit. Nobody closes these semaphores; one that was would be out of order.
async fn turn(permits: &Semaphore) -> Result<SemaphorePermit<'_>, error::Error> {
    permits
        .acquire()
        .await
        .map_err(|closed| error::Error::Internal(closed.to_string()))
}

/// The whole server: every route, and what stands around it.
pub fn router(state: State) -> Router {
    let uploads = Router::new()
        .route("/api/submissions/file", post(submissions::create::file))
        .route("/api/submissions/text", post(submissions::create::text))
        .route("/api/extract", post(preview::create))
        .route("/api/lists/{id}/content", put(lists::content))
        .route_layer(from_fn_with_state(state.clone(), request::in_upload_time));

    let read_again = Router::new()
        .route("/api/submissions", get(submissions::list))
        .route("/api/submissions/search", get(submissions::search))
        .route("/api/submissions/{id}", get(submissions::get))
        .route("/api/iocs/search", get(iocs::search))
        .route("/api/iocs/stats", get(iocs::stats))
        .route("/api/iocs/{id}", get(iocs::get))
        .route_layer(from_fn_with_state(state.clone(), answers::again));

    let api = Router::new()
        .route("/api/submissions/url", post(submissions::create::url))
        .route("/api/submissions/{id}", patch(submissions::edit::update))
        .route("/api/submissions/{id}", delete(submissions::edit::delete))
        .route(
            "/api/submissions/{id}/reprocess",
            post(submissions::edit::reprocess),
        )
        .route(
            "/api/submissions/{id}/export",
            get(submissions::export::get),
        )
        .route(
            "/api/submissions/{id}/content",
            get(submissions::content::get),
        )
        .route(
            "/api/submissions/{id}/text",
            get(submissions::content::text),
        )
        .route("/api/iocs/export", get(iocs::export::get))
        .route("/api/auth/me", get(accounts::me))
        .route(
            "/api/auth/tokens",
            get(accounts::tokens::list).post(accounts::tokens::create),
        )
        .route("/api/auth/tokens/{id}", delete(accounts::tokens::revoke))
        .route("/api/webhooks", get(webhooks::list).post(webhooks::create))
        .route(
            "/api/webhooks/{id}",
            get(webhooks::get)
                .patch(webhooks::update)
                .delete(webhooks::delete),
        )
        .route("/api/webhooks/{id}/test", post(webhooks::test))
        .route("/api/webhooks/{id}/deliveries", get(webhooks::deliveries))
        .route("/api/lists", get(lists::list).post(lists::create))
        .route(
            "/api/lists/{id}",
            get(lists::get).patch(lists::update).delete(lists::delete),
        )
        .route(
            "/api/lists/remark",
            get(lists::remarked).post(lists::remark),
        )
        .route("/api/lists/{id}/refresh", post(lists::refresh))
        .route(
            "/api/false-positives",
            get(false_positives::list).post(false_positives::create),
        )
        .route("/api/false-positives/{id}", delete(false_positives::delete))
        .route("/api/watches", get(watches::list).post(watches::create))
        .route(
            "/api/watches/{id}",
            get(watches::get)
                .patch(watches::update)
                .delete(watches::delete),
        )
        .route("/api/watches/{id}/poll", post(watches::poll))
        .route("/api/watches/{id}/entries", get(watches::entries))
        .route("/api/auth/login", post(accounts::session::login))
        .route("/api/auth/logout", post(accounts::session::logout))
        .merge(read_again)
        .route_layer(from_fn_with_state(state.clone(), request::in_time))
        .merge(uploads)
        .route_layer(from_fn_with_state(state.clone(), rate::admit));

    let around = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::get))
        .route_layer(from_fn_with_state(state.clone(), request::in_time));

    let routes = api
        .merge(around)
        .merge(taxii::router(&state))
        .merge(misp::router(&state))
        .merge(feed::router(&state))
        .merge(openapi::router())
        .merge(pages::router())
        .fallback(error::no_route)
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(DefaultBodyLimit::disable());
    let routes = match cors(&state.settings) {
        Some(cors) => routes.layer(cors),
        None => routes,
    };
    routes
        .merge(lookup::router(&state))
        .layer(CatchPanicLayer::custom(request::panicked))
        .layer(from_fn_with_state(state.clone(), request::frame))
        .with_state(state)
}

/// Pages of the named origins may use the API with a token; cookies never leave their own site.
fn cors(settings: &Settings) -> Option<CorsLayer> {
    let origins: Vec<HeaderValue> = settings
        .cors_origins
        .iter()
        .filter_map(|origin| origin.parse().ok())
        .collect();
    let ours = [
        "x-request-id",
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-reset",
        "x-next-since",
    ];
    let exposed = [
        header::LOCATION,
        header::ETAG,
        header::RETRY_AFTER,
        header::CONTENT_DISPOSITION,
    ];
    let cors = CorsLayer::new()
        .allow_origin(origins)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            HeaderName::from_static("x-api-key"),
            HeaderName::from_static("idempotency-key"),
        ])
        .expose_headers(
            exposed
                .into_iter()
                .chain(ours.map(HeaderName::from_static))
                .collect::<Vec<_>>(),
        );
    (!settings.cors_origins.is_empty()).then_some(cors)
}

/// The id in the path. What is no id names nothing: 404.
struct Id<T>(T);

/// Other parts of the path. One that is no text names nothing: 404.
struct Segments<T>(T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Segments<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let path = Path::<T>::from_request_parts(parts, state).await;
        path.map(|Path(path)| Self(path))
            .map_err(|_| Error::NoRoute)
    }
}

/// What the ids of a kind stand for, for people.
trait Named {
    const NAME: &'static str;
}

impl Named for crate::id::SubmissionId {
    const NAME: &'static str = "submission";
}

impl Named for crate::id::IocId {
    const NAME: &'static str = "indicator";
}

impl Named for crate::id::TokenId {
    const NAME: &'static str = "token";
}

impl Named for crate::id::WebhookId {
    const NAME: &'static str = "webhook";
}

impl Named for crate::id::FalsePositiveId {
    const NAME: &'static str = "mark";
}

impl Named for crate::id::ListId {
    const NAME: &'static str = "list";
}

impl Named for crate::id::WatchId {
    const NAME: &'static str = "watch";
}

impl<T: FromStr + Named, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let text = Path::<String>::from_request_parts(parts, state).await.ok();
        text.and_then(|Path(text)| text.parse().ok())
            .map(Self)
            .ok_or(Error::NotFound(T::NAME))
    }
}
