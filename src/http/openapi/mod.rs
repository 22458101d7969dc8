//! The API described for programs: [OpenAPI 3.1](https://spec.openapis.org/oas/v3.1.1.html), built from the table in
//! `operations` and the shapes in `schemas`. A test holds the table against the router.

mod operations;
mod schemas;

use std::sync::LazyLock;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Serialize;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::State;
use super::request::unless_current;
use operations::{Answer, Operation};

/// The document as it is sent, and its tag.
static DOCUMENT: LazyLock<(Vec<u8>, String)> = LazyLock::new(|| {
    // Strings, numbers and maps with string keys always serialise.
    let bytes = serde_json::to_vec(&document()).unwrap_or_default();
    let digest = Sha256::digest(&bytes);
    let tag: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    (bytes, format!("\"{tag}\""))
});

/// The document; the page that shows it stands with the other pages.
pub(super) fn router() -> Router<State> {
    Router::new().route("/api/openapi.json", get(get_document))
}

/// `GET /api/openapi.json`
async fn get_document(asked: HeaderMap) -> Response {
    let (bytes, tag) = &*DOCUMENT;
    let headers = [
        (header::CONTENT_TYPE, "application/json"),
        (header::ETAG, tag.as_str()),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    unless_current(&asked, (headers, bytes.clone()).into_response())
}

/// The document in the order in which people read it.
#[derive(Serialize)]
struct Document {
    openapi: &'static str,
    info: Value,
    servers: Value,
    paths: Map<String, Value>,
    components: Value,
}

fn document() -> Document {
    let mut paths: Map<String, Value> = Map::new();
    for operation in operations::all() {
        let item = paths
            .entry(operation.path)
            .or_insert_with(|| Value::Object(Map::new()));
        item[operation.method] = described(operation);
    }
    Document {
        openapi: "3.1.0",
        info: json!({
            "title": "iocsift",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Indicators of compromise from threat reports.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        }),
        servers: json!([{"url": "/"}]),
        paths,
        components: json!({
            "schemas": schemas::all(),
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "description": "A token, `ioc_…`."},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key", "description": "The same token."},
                "basic": {"type": "http", "scheme": "basic", "description": "Any user name; the password is a token."},
                "session": {"type": "apiKey", "in": "cookie", "name": "__Host-iocsift", "description": "The web page."},
            },
        }),
    }
}

fn described(operation: &Operation) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag()],
        "parameters": parameters(operation),
        "responses": responses(operation),
        "security": security(operation),
    });
    if let Some((media_type, schema)) = operation.body {
        let content = json!({media_type: {"schema": schemas::named(schema)}});
        described["requestBody"] = json!({"required": true, "content": content});
    }
    described
}

/// Reading is public where the settings do not say otherwise, and a token is taken everywhere.
fn security(operation: &Operation) -> Value {
    let mut ways = vec![
        json!({"bearer": []}),
        json!({"key": []}),
        json!({"session": []}),
    ];
    if operation.is_feed() {
        ways.push(json!({"basic": []}));
    }
    if !operation.knows_callers() {
        json!([])
    } else if operation.needs_token {
        ways.into()
    } else {
        let free = json!({});
        Value::from([vec![free], ways].concat())
    }
}

fn parameters(operation: &Operation) -> Vec<Value> {
    let in_path = operation.path.split('{').skip(1).filter_map(|rest| {
        let (name, _) = rest.split_once('}')?;
        Some(json!({
            "name": name, "in": "path", "required": true, "schema": schemas::parameter(operation.path, name),
            "example": operation.example(name),
        }))
    });
    let in_query = operation.query.iter().map(|name| {
        let mut parameter = json!({
            "name": name, "in": "query", "required": false, "schema": schemas::parameter(operation.path, name),
            "description": schemas::meaning(name),
        });
        if *name == "type" {
            parameter["explode"] = true.into();
        }
        parameter
    });
    let in_header = operation.headers.iter().map(|name| {
        json!({
            "name": name, "in": "header", "required": false, "schema": schemas::parameter(operation.path, name),
            "description": schemas::meaning(name),
        })
    });
    in_path.chain(in_query).chain(in_header).collect()
}

fn responses(operation: &Operation) -> Value {
    let mut responses = Map::new();
    for answer in operation.answers {
        responses.insert(answer.status.to_string(), success(answer));
    }
    let (media_type, schema) = operation.problem();
    for status in operation.refusals() {
        responses.entry(status.to_string()).or_insert_with(|| {
            json!({
                "description": operations::meaning(status),
                "content": {media_type: {"schema": schemas::named(schema)}},
            })
        });
    }
    // By the server before it knows what is asked for, and so without words.
    let too_long = json!({"description": operations::meaning(431)});
    responses.insert("431".to_owned(), too_long);
    responses.into()
}

fn success(answer: &Answer) -> Value {
    let mut content = Map::new();
    for (media_type, schema) in answer.content {
        let mut body = json!({"schema": schemas::named(schema)});
        if let Some(example) = schemas::example(schema) {
            body["example"] = example;
        }
        content.insert((*media_type).to_owned(), body);
    }
    let mut described = json!({"description": answer.says});
    if !content.is_empty() {
        described["content"] = content.into();
    }
    for (name, says) in answer.headers {
        described["headers"][name] = json!({"description": says, "schema": {"type": "string"}});
    }
    described
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reference_leads_somewhere_and_every_shape_is_used() {
        let document = serde_json::to_value(document()).unwrap();
        let text = document.to_string();
        let mut used = BTreeSet::new();
        for part in text.split("#/components/schemas/").skip(1) {
            used.insert(part.split('"').next().unwrap_or_default().to_owned());
        }
        let shapes = document["components"]["schemas"].as_object().unwrap();
        assert_eq!(used, shapes.keys().cloned().collect());
    }

    #[test]
    fn operations_have_names_of_their_own() {
        let ids: BTreeSet<_> = operations::all().map(|operation| operation.id).collect();
        assert_eq!(ids.len(), operations::all().count());
    }
}
