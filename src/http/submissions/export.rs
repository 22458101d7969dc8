//! One submission as a file for other programs.

use axum::extract;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use super::super::auth::Visitor;
use super::super::error::Error;
use super::super::query::Query;
use super::super::request::unless_current;
use super::super::{Id, State, turn};
use super::{find, with_iocs};
use crate::export::{self, ExportFormat, FORMATS, Options, Report};
use crate::id::SubmissionId;
use crate::submission::Status;

/// Bytes of the digest that tells one version of an export from another.
const ETAG_BYTES: usize = 16;

/// `GET /api/submissions/{id}/export?format=…`: `defang=true` writes what nobody can follow,
/// `flagged=exclude` leaves out what may be benign, `extended=true` takes the extended kinds along.
pub(in super::super) async fn get(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Id(id): Id<SubmissionId>,
    query: Query,
    asked: HeaderMap,
) -> Result<Response, Error> {
    let (format, options) = choices(&query)?;
    let extended = query.extended()?;
    let submission = find(&state, id).await?;
    if submission.status != Status::Completed {
        return Err(Error::NotCompleted(submission.status));
    }
    let _permit = turn(&state.export_permits).await?;
    let (submission, iocs) = with_iocs(&state.store, submission, extended).await?;
    let report = Report {
        submission,
        iocs,
        producer: state.producer.clone(),
    };
    let bytes = export::render(&report, format, options);
    let etag = etag(&bytes);
    let row = format.row();
    let headers = [
        (header::CONTENT_TYPE, row.media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            attachment(&file_name(
                &report.submission.source_identifier,
                row.extension,
            )),
        ),
        (header::ETAG, etag),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    Ok(unless_current(&asked, (headers, bytes).into_response()))
}

/// What a query asks of any export.
pub(in super::super) fn choices(query: &Query) -> Result<(ExportFormat, Options), Error> {
    let names: Vec<&str> = FORMATS.iter().map(|row| row.name).collect();
    let format = query.word("format", &names)?.unwrap_or(ExportFormat::Json);
    let options = Options {
        defang: query.flag("defang")?,
        exclude_flagged: query
            .word::<Flagged>("flagged", &["include", "exclude"])?
            .is_some_and(|flagged| flagged.excluded),
    };
    Ok((format, options))
}

/// The words of `flagged`.
struct Flagged {
    excluded: bool,
}

impl std::str::FromStr for Flagged {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        match word {
            "include" => Ok(Self { excluded: false }),
            "exclude" => Ok(Self { excluded: true }),
            _ => Err(()),
        }
    }
}

fn etag(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    let hex: String = digest
        .iter()
        .take(ETAG_BYTES)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("\"{hex}\"")
}

/// A name for the export of `source`, a file name, a URL or a title.
fn file_name(source: &str, extension: &str) -> String {
    let bare = source.split_once("://").map_or(source, |(_, rest)| rest);
    let word: String = bare
        .chars()
        .map(|c| {
            if c.is_alphanumeric() || matches!(c, '.' | '_') {
                c
            } else {
                '-'
            }
        })
        .collect();
    let stem: String = word.trim_matches(['-', '.']).chars().take(80).collect();
    let stem = if stem.is_empty() { "submission" } else { &stem };
    format!("{stem}.{extension}")
}

/// `Content-Disposition` of a download: an ASCII name for old clients, the real one for the others
/// (RFC 6266, RFC 8187).
pub(in super::super) fn attachment(name: &str) -> String {
    let plain: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_graphic() && !matches!(c, '"' | '\\' | '%') || c == ' ' {
                c
            } else {
                '_'
            }
        })
        .collect();
    let mut encoded = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"!#$&+-.^_`|~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    format!("attachment; filename=\"{plain}\"; filename*=UTF-8''{encoded}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_download_name_cannot_break_out_of_its_header() {
        assert_eq!(
            attachment("a b.pdf"),
            "attachment; filename=\"a b.pdf\"; filename*=UTF-8''a%20b.pdf"
        );
        assert_eq!(
            attachment("März\"; x=\\\r\n.pdf"),
            "attachment; filename=\"M_rz_; x=___.pdf\"; filename*=UTF-8''M%C3%A4rz%22%3B%20x%3D%5C%0D%0A.pdf"
        );
    }

    #[test]
    fn an_export_is_named_after_what_it_came_from() {
        assert_eq!(
            file_name("threat report.pdf", "stix.json"),
            "threat-report.pdf.stix.json"
        );
        assert_eq!(
            file_name("https://example.com/a?b=1", "csv"),
            "example.com-a-b-1.csv"
        );
        assert_eq!(file_name("///", "csv"), "submission.csv");
    }
}
