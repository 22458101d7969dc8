//! From entry to submission: once, whoever else had it, whoever dies on the way.

use iocsift::store::{Handed, Polled, Validators};
use iocsift::submission::{Sector, Status, Tlp};
use iocsift::watch::{EntryState, read};
use iocsift::worker;

use super::*;
use crate::pipeline::{pipeline, sandbox};
use crate::store::{insert, url};

#[tokio::test]
async fn an_entry_of_two_feeds_is_one_submission_that_both_know() {
    let desk = Desk::new().await;
    desk.site.has("/a", &feed(&["/1", "/2?utm_campaign=a"]));
    desk.site.has("/b", &feed(&["/2?utm_campaign=b", "/3"]));
    let (a, b) = (desk.watch_of("/a").await, desk.watch_of("/b").await);
    desk.drain().await;
    desk.poll_and_drain(a).await;
    desk.poll_and_drain(b).await;
    let mut handed_in = desk.handed_in().await;
    handed_in.sort();
    assert_eq!(handed_in, ["/1", "/2", "/3"]);
    let (a, b) = (desk.links(a).await, desk.links(b).await);
    assert_eq!((a.len(), b.len()), (2, 2));
    assert_eq!(a[1], b[0]);
}

#[tokio::test]
async fn an_entry_that_somebody_handed_in_by_hand_is_that_submission_unless_it_failed() {
    let desk = Desk::new().await;
    let known = insert(desk.store(), url(desk.owner, &desk.site.at("/1"))).await;
    let failed = insert(desk.store(), url(desk.owner, &desk.site.at("/2"))).await;
    desk.database
        .execute(
            "UPDATE submissions SET status = 'completed', processed_at = now() - interval '1 year' WHERE source_identifier LIKE '%/1'",
        )
        .await;
    desk.database
        .execute("DELETE FROM jobs; UPDATE submissions SET status = 'failed' WHERE source_identifier LIKE '%/2'")
        .await;
    desk.site.has("/feed", &feed(&["/1", "/2"]));
    let watch = desk.watch_of("/feed").await;
    desk.poll_and_drain(watch).await;
    let links = desk.links(watch).await;
    assert_eq!(links[0], known.id);
    assert_ne!(links[1], failed.id);
    assert_eq!(desk.handed_in().await, ["/1", "/2", "/2"]);
}

#[tokio::test]
async fn a_submission_that_was_deleted_does_not_come_back() {
    let desk = Desk::new().await;
    desk.site.has("/feed", &feed(&["/1"]));
    let watch = desk.watch_of("/feed").await;
    desk.poll_and_drain(watch).await;
    let id = desk.links(watch).await[0];
    assert!(desk.store().delete_submission(id).await.unwrap());
    desk.poll_and_drain(watch).await;
    // Nor by another watch that has it, too.
    let other = desk.watch_of("/feed").await;
    desk.poll_and_drain(other).await;
    assert!(desk.handed_in().await.is_empty());
    assert_eq!(desk.links(other).await, [id]);
    let gone = desk.store().submission(id).await.unwrap().unwrap();
    assert_eq!(gone.status, Status::Deleted);
}

#[tokio::test]
async fn who_dies_between_fetch_and_commit_loses_nothing_and_comes_too_late() {
    let desk = Desk::new().await;
    let xml = feed(&["/1", "/2"]);
    desk.site.has("/feed", &xml);
    let watch = desk.watch_of("/feed").await;
    let store = desk.store();
    let dead = store.claim_watch(Duration::ZERO).await.unwrap().unwrap();
    let page = read(xml.as_bytes(), &dead.url, None).unwrap();
    let named = Validators {
        etag: Some("\"late\"".to_owned()),
        last_modified: None,
    };
    let read = Polled::Read(page, named);
    let alive = store.claim_watch(LEASE).await.unwrap().unwrap();
    assert!(!store.settle_watch(&dead, &read).await.unwrap());
    assert!(!store.put_off_watch(&dead, LEASE).await.unwrap());
    assert!(desk.entries(watch).await.is_empty());
    assert!(store.settle_watch(&alive, &read).await.unwrap());
    assert!(!store.settle_watch(&alive, &read).await.unwrap(), "once");

    let dead = store.claim_entry(Duration::ZERO).await.unwrap().unwrap();
    let alive = store.claim_entry(LEASE).await.unwrap().unwrap();
    assert_eq!((&dead.url, dead.watch), (&alive.url, alive.watch));
    let pause = Duration::ZERO;
    assert_eq!(store.hand_in(&dead, pause).await.unwrap(), Handed::Lost);
    assert!(!store.disallow(&dead).await.unwrap());
    assert!(!store.end_turn(&dead.turn, pause).await.unwrap());
    let handed = store.hand_in(&alive, pause).await.unwrap();
    assert!(matches!(handed, Handed::New(_)));
    assert_eq!(store.hand_in(&alive, pause).await.unwrap(), Handed::Lost);
    desk.drain().await;
    assert_eq!(desk.handed_in().await, ["/1", "/2"]);
}

#[tokio::test]
async fn a_watch_that_is_deleted_or_disabled_hands_nothing_in_any_more() {
    let desk = Desk::new().await;
    desk.site.has("/feed", &feed(&["/1", "/2", "/3"]));
    let watch = desk.watch_of("/feed").await;
    desk.poll(watch).await;
    assert!(desk.step().await && desk.read_one().await);
    let store = desk.store();
    let enable = async |enabled: bool| {
        let edit = store.edit_watch(watch, |watch| watch.enabled = enabled);
        edit.await.unwrap().unwrap()
    };
    let handing = store.claim_entry(LEASE).await.unwrap().unwrap();
    enable(false).await;
    let pause = Duration::ZERO;
    assert_eq!(store.hand_in(&handing, pause).await.unwrap(), Handed::Lost);
    assert!(store.end_turn(&handing.turn, pause).await.unwrap());
    store.poll_watch(watch).await.unwrap();
    assert!(!desk.step().await);
    assert_eq!(enable(true).await.health.counts.waiting, 2);

    let handing = store.claim_entry(LEASE).await.unwrap().unwrap();
    assert!(store.delete_watch(watch).await.unwrap());
    assert!(!store.delete_watch(watch).await.unwrap());
    assert_eq!(store.hand_in(&handing, pause).await.unwrap(), Handed::Lost);
    assert_eq!(desk.handed_in().await, ["/1"], "what it became stays");

    // Made again, it knows what is there.
    let again = desk.watch_of("/feed").await;
    store.end_turn(&handing.turn, pause).await.unwrap();
    desk.poll_and_drain(again).await;
    assert_eq!(
        desk.handed_in().await,
        ["/1", "/1", "/2", "/3"],
        "what failed is tried again"
    );
}

#[tokio::test]
async fn a_submission_has_what_its_watch_says_of_its_reports() {
    let desk = Desk::new().await;
    let report = "<html><title>The bank loader</title><body><p>It asks the C2 server evil-host[.]net for hospitals.</p></body></html>";
    desk.site.has("/high", report);
    desk.site.has("/low", &report.replace("loader", "dropper"));
    let mut evidence = Vec::new();
    for (path, confidence) in [("/high", Level::High), ("/low", Level::Low)] {
        desk.site.has("/feed", &feed(&[path]));
        let watch = WatchDefinition {
            category: Some("isac".parse().unwrap()),
            confidence,
            industries: Some(vec![Sector::named("energy").unwrap()]),
            tlp: Some(Tlp::Amber),
            ..definition(&desk.site.at("/feed"))
        };
        let watch = desk.watch(&watch).await;
        desk.poll(watch).await;
        while desk.step().await {}
        let pipeline = pipeline(sandbox());
        assert!(worker::step(desk.store(), &pipeline, LEASE).await.unwrap());
        let id = desk.links(watch).await[0];
        let read = desk.store().submission(id).await.unwrap().unwrap();
        assert_eq!(read.status, Status::Completed, "{read:?}");
        assert_eq!(read.category.as_str(), "isac");
        assert_eq!(read.industries, [Sector::named("energy").unwrap()]);
        assert_eq!(read.tlp, Some(Tlp::Amber));
        assert!(read.title.unwrap().starts_with("The bank"));
        assert_eq!(
            desk.store().submission_owner(id).await.unwrap(),
            Some(desk.owner)
        );
        let iocs = desk.store().submission_iocs(id, false).await.unwrap();
        let host = iocs
            .into_iter()
            .find(|ioc| ioc.finding.value == "evil-host.net")
            .unwrap();
        evidence.push(host.finding);
        desk.store().delete_watch(watch).await.unwrap();
    }
    let reasons: Vec<_> = evidence
        .iter()
        .map(|finding| finding.evidence.last().unwrap().reason.name())
        .collect();
    assert_eq!(reasons, ["trusted_source", "doubted_source"]);
    assert!(evidence[0].confidence > evidence[1].confidence);
}

#[tokio::test]
async fn another_part_of_a_page_is_looked_at_as_if_for_the_first_time() {
    let desk = Desk::new().await;
    desk.site
        .has("/feed", &feed(&["/a/1", "/b/1", "/b/2", "/a/2"]));
    let mut watch = definition(&desk.site.at("/feed"));
    watch.only = Some("/a/".to_owned());
    watch.backfill = 1;
    let watch = desk.watch(&watch).await;
    desk.poll_and_drain(watch).await;
    desk.store()
        .edit_watch(watch, |watch| watch.only = None)
        .await
        .unwrap();
    desk.site
        .has("/feed", &feed(&["/a/1", "/b/1", "/a/2", "/b/2"]));
    desk.poll_and_drain(watch).await;
    assert_eq!(desk.handed_in().await, ["/a/2", "/b/2"]);
}

#[tokio::test]
async fn what_has_long_gone_from_its_page_is_forgotten_and_what_stands_there_is_not() {
    let desk = Desk::new().await;
    desk.site.has("/feed", &feed(&["/gone", "/stays"]));
    let watch = desk.watch_of("/feed").await;
    desk.poll_and_drain(watch).await;
    desk.database
        .execute("UPDATE watch_entries SET last_seen_at = last_seen_at - interval '500 days'")
        .await;
    desk.database
        .execute("UPDATE watches SET read_at = read_at - interval '500 days'")
        .await;
    let forget = async || {
        desk.store().forget_watch_entries().await.unwrap();
        desk.states(watch).await
    };
    assert_eq!(forget().await.len(), 2, "nobody has read the page since");
    desk.site.has("/feed", &feed(&["/stays"]));
    desk.poll(watch).await;
    let stays = ("/stays".to_owned(), EntryState::Submitted);
    assert_eq!(forget().await, [stays]);
}
