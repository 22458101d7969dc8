//! Pages of the feed as lines: a table, or values alone.

use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};

use super::view::Row;
use crate::export::put_csv_row;
use crate::submission::rfc3339;

const COLUMNS: [&str; 10] = [
    "id",
    "type",
    "value",
    "confidence",
    "first_seen",
    "last_seen",
    "source",
    "category",
    "context",
    "tags",
];

/// A table with a header, as RFC 4180 has it.
pub(super) fn csv(rows: &[Row<'_>]) -> Response {
    let mut out = Vec::new();
    put_csv_row(COLUMNS, &mut out);
    for row in rows {
        let cells = [
            &row.id.to_string(),
            row.r#type,
            row.value,
            row.confidence.as_str(),
            &rfc3339(row.first_seen),
            &rfc3339(row.last_seen),
            row.source.feed_name.as_ref(),
            row.source.category.as_str(),
            row.context,
            &row.tags.join("; "),
        ];
        put_csv_row(cells, &mut out);
    }
    (media("text/csv; charset=utf-8"), out).into_response()
}

/// A value to a line.
pub(super) fn text(rows: &[Row<'_>]) -> Response {
    let lines: String = rows.iter().flat_map(|row| [row.value, "\n"]).collect();
    (media("text/plain; charset=utf-8"), lines).into_response()
}

fn media(media_type: &'static str) -> [(HeaderName, &'static str); 1] {
    [(header::CONTENT_TYPE, media_type)]
}
