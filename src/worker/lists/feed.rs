//! A MISP feed: its manifest, and of the events in it those that are new or have changed.
//!
//! A feed is renewed whole or not at all: an event that cannot be had fails the others with it. What it keeps back are
//! the oldest events of a feed that has very many, and it says how many those are.

use url::Url;

use super::{Content, Server, aside};
use crate::lists::{Feed, manifest};
use crate::store::Checking;

/// Events that are kept, the newest.
const MOST_EVENTS: usize = 2_000;
const MANIFEST: &str = "manifest.json";

/// What the feed holds; `None` where its manifest is the one that is known. `standing` is the version before.
pub(super) async fn fetch(
    server: &mut Server,
    checking: &Checking,
    standing: Vec<u8>,
) -> Result<Option<Content>, String> {
    let url = manifest_of(&checking.source_url)?;
    let listed = server.get_unless_same(url.as_str(), &checking.validators);
    let Some(Content { bytes, validators }) = listed.await? else {
        return Ok(None);
    };
    let (events, mut before) = aside(move || (manifest(&bytes), Feed::written(&standing))).await?;
    let mut events = events.map_err(|why| format!("{MANIFEST} cannot be read: {why}"))?;
    let mut feed = Feed::without(events.len().saturating_sub(MOST_EVENTS));
    events.truncate(MOST_EVENTS);
    for event in events {
        let id = event.id;
        let of_it = |why: String| format!("event {id}: {why}");
        if !feed.keep(event, &mut before) {
            let file = file(&url, &format!("{id}.json"))?;
            let file = server.get(file.as_str(), "*/*").await.map_err(of_it)?;
            let (read, added) = aside(move || {
                let added = feed.add(event, &file.bytes);
                (feed, added)
            })
            .await
            .map_err(of_it)?;
            feed = read;
            added.map_err(|why| of_it(format!("it cannot be read: {why}")))?;
        }
        server.allows(feed.bytes())?;
    }
    let bytes = aside(move || feed.write()).await?;
    Ok(Some(Content { bytes, validators }))
}

/// The manifest of a feed that goes by it or by its folder.
fn manifest_of(source: &str) -> Result<Url, String> {
    let mut url = Url::parse(source).map_err(|error| format!("not a valid URL: {error}"))?;
    let path = url.path().strip_suffix(MANIFEST).unwrap_or(url.path());
    let folder = path.trim_end_matches('/').to_owned();
    url.set_path(&format!("{folder}/{MANIFEST}"));
    Ok(url)
}

/// A file beside the manifest, under the same query: keys stand there.
fn file(manifest: &Url, name: &str) -> Result<Url, String> {
    let mut url = manifest.join(name).map_err(|error| error.to_string())?;
    url.set_query(manifest.query());
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_of_a_feed_are_found_by_its_folder_or_its_manifest() {
        for source in [
            "https://feeds.example/misp",
            "https://feeds.example/misp/",
            "https://feeds.example/misp/manifest.json",
        ] {
            let manifest = manifest_of(source).unwrap();
            assert_eq!(
                manifest.as_str(),
                "https://feeds.example/misp/manifest.json"
            );
            let event = file(&manifest, "a.json").unwrap();
            assert_eq!(event.as_str(), "https://feeds.example/misp/a.json");
        }
        let manifest = manifest_of("https://feeds.example/?key=1").unwrap();
        assert_eq!(
            manifest.as_str(),
            "https://feeds.example/manifest.json?key=1"
        );
        let event = file(&manifest, "a.json").unwrap();
        assert_eq!(event.as_str(), "https://feeds.example/a.json?key=1");
    }
}
