//! Files in multipart forms: streamed under a cap, hashed on the way, named harmlessly.

use axum::extract::multipart::{Field, Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::http::header;
use sha2::{Digest, Sha256};

use super::State;
use super::body;
use super::error::Error;
use crate::format::{Format, READABLE};

/// Parts of one form.
const MAX_PARTS: usize = 10;
/// Bytes of a part that is not the file.
const MAX_FIELD_BYTES: usize = 8 << 10;
/// Characters of a part's name.
const MAX_FIELD_NAME: usize = 128;
/// Characters of a file name.
const MAX_NAME_CHARS: usize = 255;
const NO_FILE: &str = "Send the document as the multipart field `file`.";

/// One uploaded document.
pub(super) struct Upload {
    /// Its name, safe to show and to store.
    pub(super) name: String,
    /// Its bytes; never empty.
    pub(super) bytes: Vec<u8>,
    /// Their digest.
    pub(super) sha256: [u8; 32],
    /// What the bytes are.
    pub(super) format: Format,
}

/// Reads the first part named `file`; the others are read past.
pub(super) async fn read(request: Request, state: &State) -> Result<Upload, Error> {
    let cap = state.settings.max_upload_bytes;
    let media = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    if !media
        .to_ascii_lowercase()
        .starts_with("multipart/form-data")
    {
        return Err(Error::NoFile(NO_FILE));
    }
    body::require_plain(request.headers())?;
    body::require_length(
        request.headers(),
        cap.saturating_add(MAX_PARTS * MAX_FIELD_BYTES),
    )?;
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| {
        Error::Malformed("The Content-Type names no usable multipart boundary.".to_owned())
    })?;
    let mut file = None;
    let mut parts = 0;
    while let Some(field) = in_pace(form.next_field(), state).await? {
        parts += 1;
        if parts > MAX_PARTS || field.name().is_some_and(|name| name.len() > MAX_FIELD_NAME) {
            return Err(Error::Invalid(format!(
                "A form has at most {MAX_PARTS} parts, with short names."
            )));
        }
        if field.name() == Some("file") && file.is_none() {
            let name = safe_name(field.file_name().unwrap_or_default());
            file = Some((name, collect(field, cap, state).await?));
        } else {
            collect(field, MAX_FIELD_BYTES, state).await?;
        }
    }
    let (name, (bytes, sha256)) = file.ok_or(Error::NoFile(NO_FILE))?;
    if bytes.is_empty() {
        return Err(Error::NoFile("The multipart field `file` is empty."));
    }
    let format = Format::sniff(&bytes, Some(&name)).ok_or_else(|| {
        let sentence = format!("This is no kind of document that is read: hand in {READABLE}.");
        Error::UnsupportedType(sentence.into())
    })?;
    Ok(Upload {
        name,
        bytes,
        sha256,
        format,
    })
}

/// The bytes of one part with their digest.
async fn collect(
    mut field: Field<'_>,
    cap: usize,
    state: &State,
) -> Result<(Vec<u8>, [u8; 32]), Error> {
    let mut bytes = Vec::new();
    let mut digest = Sha256::new();
    while let Some(chunk) = in_pace(field.chunk(), state).await? {
        if bytes.len() + chunk.len() > cap {
            return Err(Error::TooLarge { limit: cap });
        }
        digest.update(&chunk);
        bytes.extend_from_slice(&chunk);
    }
    Ok((bytes, digest.finalize().into()))
}

/// One step of reading a form, under the clock that ends a pause.
async fn in_pace<T>(
    step: impl Future<Output = Result<T, MultipartError>>,
    state: &State,
) -> Result<T, Error> {
    match tokio::time::timeout(state.settings.body_idle_timeout, step).await {
        Ok(Ok(read)) => Ok(read),
        Ok(Err(_)) => Err(Error::Malformed(
            "The multipart form breaks its own format.".to_owned(),
        )),
        Err(_) => Err(Error::BodyTimeout),
    }
}

/// The last part of a path, without what controls a terminal or turns the direction of writing.
pub(super) fn safe_name(claimed: &str) -> String {
    let last = claimed.rsplit(['/', '\\']).next().unwrap_or_default();
    let harmless = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    let name: String = last.chars().filter(harmless).take(MAX_NAME_CHARS).collect();
    let name = name.trim();
    if name.is_empty() || name.bytes().all(|byte| byte == b'.') {
        "upload".to_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_paths_controls_and_tricks() {
        for (claimed, kept) in [
            ("report.pdf", "report.pdf"),
            ("/etc/passwd", "passwd"),
            ("C:\\Users\\a\\b.docx", "b.docx"),
            ("../../x", "x"),
            ("..", "upload"),
            ("", "upload"),
            ("a\u{0}b\r\n.pdf", "ab.pdf"),
            ("invoice\u{202e}fdp.exe", "invoicefdp.exe"),
            ("Bericht für März.pdf", "Bericht für März.pdf"),
        ] {
            assert_eq!(safe_name(claimed), kept, "{claimed:?}");
        }
        assert_eq!(safe_name(&"é".repeat(400)).chars().count(), MAX_NAME_CHARS);
    }
}
