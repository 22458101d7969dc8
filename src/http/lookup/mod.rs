//! What a value is known for: lists, and the reports of this server. Enter at [`router`]. Public, whatever is sent along;
//! answers and errors have a form of their own: [`envelope`].

mod asked;
mod envelope;
mod view;

use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{self, Path, Request};
use axum::http::{Method, Uri, header};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::Response;
use axum::routing::{MethodRouter, get, post};
use serde::{Deserialize, Serialize};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::cors::{Any, CorsLayer};

use super::body;
use super::error::{self, Error};
use super::{State, rate, request};
use asked::{Asked, PATH};
use envelope::Wrong;
use view::{Found, found};

/// Values looked up at once.
const MOST_VALUES: usize = 1_000;
/// Bytes of a body with so many of them.
const BODY_BYTES: usize = 4 << 20;

/// The routes of look-ups, each with and without its last slash.
pub(super) fn router(state: &State) -> Router<State> {
    let any_origin = CorsLayer::new()
        .allow_origin(Any)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([header::CONTENT_TYPE, header::AUTHORIZATION]);
    let routes = Router::new();
    let routes = either_way(
        routes,
        "/api/v1/",
        get(about).fallback(error::method_not_allowed),
    );
    let routes = either_way(routes, PATH, post(create).fallback(without_value));
    routes
        .route(
            "/api/v1/ioc/{*value}",
            get(one).fallback(error::method_not_allowed),
        )
        .layer(CatchPanicLayer::custom(request::panicked))
        .layer(from_fn_with_state(state.clone(), request::in_time))
        .layer(from_fn_with_state(state.clone(), rate::admit_lookup))
        .layer(from_fn(envelope::wrap))
        .layer(any_origin)
}

fn either_way(routes: Router<State>, path: &str, methods: MethodRouter<State>) -> Router<State> {
    routes
        .route(path, methods.clone())
        .route(path.trim_end_matches('/'), methods)
}

/// `GET /api/v1/`
async fn about(extract::State(state): extract::State<State>) -> Response {
    #[derive(Serialize)]
    struct About {
        name: &'static str,
        version: &'static str,
        endpoints: Endpoints,
        rate_limits: Limits,
    }
    #[derive(Serialize)]
    struct Endpoints {
        ioc_lookup: String,
        bulk_lookup: &'static str,
    }
    #[derive(Serialize)]
    struct Limits {
        per_minute: u32,
        per_day: u32,
    }
    envelope::success(&About {
        name: "iocsift API",
        version: envelope::VERSION,
        endpoints: Endpoints {
            ioc_lookup: format!("{PATH}<value>/"),
            bulk_lookup: PATH,
        },
        rate_limits: Limits {
            per_minute: state.settings.lookups_per_minute,
            per_day: state.settings.lookups_per_day,
        },
    })
}

/// `GET /api/v1/ioc/{value}/`
async fn one(
    extract::State(state): extract::State<State>,
    uri: Uri,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Error> {
    // What is no text is no indicator.
    let Path(value) = path.map_err(|_| Error::InvalidIoc)?;
    let asked = Asked::in_path(&uri, &value)?;
    let found = look_up(&state, &[asked]).await?;
    let first = found.first().ok_or(Error::InvalidIoc)?;
    Ok(envelope::success(first))
}

/// Any method but POST on the address of all values.
async fn without_value(method: Method) -> Error {
    if method == Method::GET || method == Method::HEAD {
        return Error::EmptyValue;
    }
    Error::MethodNotAllowed
}

/// `POST /api/v1/ioc/`, `{"values": ["…"]}`: each as if it were asked for alone, in their order. One that cannot be looked
/// up says so in its place.
async fn create(
    extract::State(state): extract::State<State>,
    request: Request,
) -> Result<Response, Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Wanted {
        values: Vec<String>,
    }
    #[derive(Serialize)]
    struct Results<'a> {
        results: Vec<Answer<'a>>,
    }
    #[derive(Serialize)]
    struct Answer<'a> {
        asked: &'a str,
        success: bool,
        #[serde(skip_serializing_if = "Option::is_none")]
        data: Option<&'a Found>,
        #[serde(skip_serializing_if = "Option::is_none")]
        error: Option<Wrong>,
    }
    let wanted: Wanted = body::json(request, BODY_BYTES, state.settings.body_idle_timeout).await?;
    if wanted.values.len() > MOST_VALUES {
        return Err(Error::Invalid(format!(
            "`values` holds at most {MOST_VALUES}."
        )));
    }
    let asked: Vec<_> = wanted.values.iter().map(|text| Asked::new(text)).collect();
    let sound: Vec<Asked> = asked.iter().flatten().cloned().collect();
    let found = look_up(&state, &sound).await?;
    let mut found = found.iter();
    let results = wanted
        .values
        .iter()
        .zip(&asked)
        .map(|(text, asked)| Answer {
            asked: text,
            success: asked.is_ok(),
            data: asked.as_ref().ok().and_then(|_| found.next()),
            error: asked.as_ref().err().map(Wrong::from),
        });
    let results = Results {
        results: results.collect(),
    };
    Ok(envelope::success(&results))
}

/// What is known of each. Where reading needs a token, the reports of this server are left out: this does not ask for one.
async fn look_up(state: &State, asked: &[Asked]) -> Result<Vec<Found>, Error> {
    let reports = if state.settings.private_reads || asked.is_empty() {
        Vec::new()
    } else {
        let values: Vec<_> = asked.iter().map(Asked::in_reports).collect();
        state.store.reports(&values).await?
    };
    let known = state.catalogue.known();
    let each = asked.iter().enumerate().map(|(number, asked)| {
        let begin = reports.partition_point(|report| report.of < number);
        let end = reports.partition_point(|report| report.of <= number);
        found(&known.matcher, asked, &reports[begin..end])
    });
    Ok(each.collect())
}
