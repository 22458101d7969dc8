//! A TAXII 2.1 collection: its indicators, page by page to the end.
//!
//! A collection that is not read to its end is not read at all: half of it would look like a list that others left.

use url::Url;

use super::{Content, Server, aside};
use crate::lists::Pages;
use crate::store::{Checking, Validators};

/// The media type of the standard, and its version.
const MEDIA: &str = "application/taxii+json;version=2.1";
/// Objects of a page that are asked for; servers give fewer where they like.
const PAGE: &str = "1000";
const MOST_PAGES: usize = 1_000;
/// Times that the same page may come in a row. Some servers keep the place themselves, under one word for all pages,
/// and may have several without indicators.
const MOST_REPEATS: usize = 5;

/// The whole collection.
pub(super) async fn fetch(
    server: &mut Server,
    checking: &Checking,
) -> Result<Option<Content>, String> {
    let first = objects(&checking.source_url)?;
    let mut pages = Pages::default();
    let mut next: Option<String> = None;
    let (mut before, mut repeats) = (Vec::new(), 0);
    for _ in 0..MOST_PAGES {
        let mut url = first.clone();
        if let Some(next) = &next {
            url.query_pairs_mut().append_pair("next", next);
        }
        let page = server.get(url.as_str(), MEDIA).await?;
        speaks_taxii(page.media_type.as_deref())?;
        repeats = if page.bytes == before { repeats + 1 } else { 0 };
        if repeats == MOST_REPEATS {
            return Err("the server sends the same page again and again".to_owned());
        }
        let (read, bytes, following) = aside(move || {
            let following = pages.add(&page.bytes);
            (pages, page.bytes, following)
        })
        .await?;
        (pages, before) = (read, bytes);
        let following = following.map_err(|why| format!("it cannot be read as taxii: {why}"))?;
        server.allows(pages.bytes())?;
        if following.is_none() {
            let now = checking.claimed_at;
            return Ok(Some(Content {
                bytes: aside(move || pages.envelope(now)).await?,
                validators: Validators::default(),
            }));
        }
        next = following;
    }
    Err(format!("the collection has more than {MOST_PAGES} pages"))
}

/// The address of a collection's indicators. What somebody wrote into the query stays.
fn objects(source: &str) -> Result<Url, String> {
    let mut url = Url::parse(source).map_err(|error| format!("not a valid URL: {error}"))?;
    let path = url.path().trim_end_matches('/');
    let path = path.strip_suffix("/objects").unwrap_or(path);
    let path = format!("{path}/objects/");
    url.set_path(&path);
    for (name, value) in [("match[type]", "indicator"), ("limit", PAGE)] {
        if !url.query_pairs().any(|(known, _)| known == name) {
            url.query_pairs_mut().append_pair(name, value);
        }
    }
    Ok(url)
}

/// Whether a page is of the version that is asked for: pages for people come with a status of 200, too.
fn speaks_taxii(media_type: Option<&str>) -> Result<(), String> {
    let said = media_type.unwrap_or("no media type");
    let said = said.to_ascii_lowercase();
    let mut parts = said.split(';').map(str::trim);
    let is_taxii = parts.next() == Some("application/taxii+json");
    let other = parts.any(|part| {
        part.strip_prefix("version=")
            .is_some_and(|version| version.trim_matches('"') != "2.1")
    });
    if is_taxii && !other {
        return Ok(());
    }
    Err(format!(
        "the server answered with {said} where {MEDIA} was asked for"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_collection_is_asked_for_its_indicators_however_its_address_is_written() {
        for source in [
            "https://taxii.example/root/collections/1",
            "https://taxii.example/root/collections/1/",
            "https://taxii.example/root/collections/1/objects",
            "https://taxii.example/root/collections/1/objects/",
        ] {
            assert_eq!(
                objects(source).unwrap().as_str(),
                "https://taxii.example/root/collections/1/objects/?match%5Btype%5D=indicator&limit=1000"
            );
        }
        let own = "https://taxii.example/collections/1/?limit=50&added_after=2026-01-01T00:00:00Z";
        assert_eq!(
            objects(own).unwrap().query(),
            Some("limit=50&added_after=2026-01-01T00:00:00Z&match%5Btype%5D=indicator")
        );
    }

    #[test]
    fn only_the_media_type_of_the_standard_is_read() {
        for (said, read) in [
            (Some("application/taxii+json;version=2.1"), true),
            (
                Some("Application/TAXII+json; version=\"2.1\"; charset=utf-8"),
                true,
            ),
            (Some("application/taxii+json"), true),
            (Some("application/taxii+json;version=2.0"), false),
            (Some("application/vnd.oasis.stix+json; version=2.0"), false),
            (Some("application/json"), false),
            (Some("text/html"), false),
            (None, false),
        ] {
            assert_eq!(speaks_taxii(said).is_ok(), read, "{said:?}");
        }
    }
}
