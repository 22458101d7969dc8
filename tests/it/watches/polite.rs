//! How servers are asked: one request of a host at a time, as robots.txt has it, and with pauses.

use chrono::Utc;

use super::*;

const ALL: &str = "User-agent: *\nDisallow: /private/\nCrawl-delay: 30\n";

#[tokio::test]
async fn an_entry_is_handed_in_when_the_one_before_is_read() {
    let desk = Desk::new().await;
    desk.site.has("/feed", &feed(&["/1", "/2", "/3"]));
    let watch = desk.watch_of("/feed").await;
    desk.poll(watch).await;
    for done in 1..=3 {
        assert!(desk.step().await);
        assert_eq!(desk.handed_in().await.len(), done);
        assert!(!desk.step().await, "one is on its way");
        assert!(desk.read_one().await);
    }
    assert!(!desk.step().await);
    assert_eq!(desk.handed_in().await, ["/1", "/2", "/3"]);
}

#[tokio::test]
async fn a_backlog_does_not_keep_its_page_from_being_read() {
    let desk = Desk::new().await;
    desk.site.has("/feed", &feed(&["/1", "/2", "/3"]));
    let watch = desk.watch_of("/feed").await;
    desk.poll(watch).await;
    assert!(desk.step().await);
    let health = desk.poll(watch).await;
    assert_eq!(desk.site.asked("/feed").len(), 1, "an entry is on its way");
    assert!(health.next_check_at > Utc::now() && health.error.is_none());
    assert!(desk.read_one().await);
    assert!(!desk.step().await, "the page comes first");
    desk.poll(watch).await;
    assert_eq!(desk.site.asked("/feed").len(), 2);
    desk.drain().await;
    assert_eq!(desk.handed_in().await, ["/1", "/2", "/3"]);
}

#[tokio::test]
async fn what_robots_txt_is_against_is_remembered_and_never_fetched() {
    let desk = Desk::new().await;
    desk.site.has("/robots.txt", ALL);
    desk.site.has("/feed", &feed(&["/private/1", "/2"]));
    let watch = desk.watch_of("/feed").await;
    let health = desk.poll(watch).await;
    assert_eq!(health.error, None);
    // The pause that it asks for.
    assert!(!desk.step().await);
    desk.database
        .execute("UPDATE watch_hosts SET next_request_at = now()")
        .await;
    desk.drain().await;
    assert_eq!(desk.handed_in().await, ["/2"]);
    let counts = desk.get(watch).await.health.counts;
    assert_eq!((counts.disallowed, counts.submitted), (1, 1));
    assert_eq!(
        desk.site.asked("/robots.txt").len(),
        1,
        "it is kept for a day"
    );

    // The pause counts from the end of the last request.
    let free = "SELECT count(*) FROM watch_hosts h WHERE watch_host_is_free(h)";
    assert_eq!(desk.database.number(free).await, 0);
    desk.database
        .execute("UPDATE submissions SET processed_at = now() - interval '31 seconds'")
        .await;
    assert_eq!(desk.database.number(free).await, 1);
}

#[tokio::test]
async fn a_page_that_robots_txt_is_against_is_not_fetched() {
    let desk = Desk::new().await;
    desk.site
        .has("/robots.txt", "User-agent: iocsift\nDisallow: /feed\n");
    desk.site.has("/feed", &feed(&["/1"]));
    let watch = desk.watch_of("/feed").await;
    let health = desk.poll(watch).await;
    assert!(
        health
            .error
            .unwrap()
            .contains("robots.txt of its host does not allow")
    );
    assert!(desk.site.asked("/feed").is_empty());
}

#[tokio::test]
async fn a_host_whose_robots_txt_cannot_be_fetched_is_not_asked_for_anything_else() {
    let desk = Desk::new().await;
    desk.site.has("/feed", &feed(&["/1"]));
    let watch = desk.watch_of("/feed").await;
    for answer in [Answer::Says(status(500, "").into()), Answer::Hangs] {
        desk.site.does("/robots.txt", answer);
        let health = desk.poll(watch).await;
        assert!(
            health
                .error
                .unwrap()
                .contains("robots.txt of its host cannot be fetched")
        );
        assert!(desk.site.asked("/feed").is_empty());
    }
    // There is none: all is allowed.
    let health = desk.poll(watch).await;
    assert_eq!((health.error, health.entries), (None, 1));

    // The entry waits where it is away.
    desk.database.execute("DELETE FROM robots").await;
    desk.site.says("/robots.txt", status(503, ""));
    assert!(desk.step().await);
    assert!(!desk.step().await);
    assert_eq!(desk.get(watch).await.health.counts.waiting, 1);
    desk.database
        .execute("UPDATE watch_hosts SET next_request_at = now(), pause = 0")
        .await;
    desk.drain().await;
    assert_eq!(desk.handed_in().await, ["/1"]);
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_is() {
    let desk = Desk::new().await;
    let watch = desk.watch_of("/feed").await;
    let date = Utc::now() + chrono::TimeDelta::hours(5);
    let date = date.format("%a, %d %b %Y %H:%M:%S GMT");
    for (code, after, least) in [
        (429, "7200".to_owned(), 7_200),
        (503, date.to_string(), 17_000),
        (429, "99999999".to_owned(), 7 * 24 * 3_600),
        (429, "soon".to_owned(), 8 * 60),
    ] {
        let headers = format!("Retry-After: {after}\r\n");
        desk.site.says("/feed", status(code, &headers));
        let health = desk.poll(watch).await;
        let pause = health.next_check_at - health.checked_at.unwrap();
        assert!(
            (least..least * 13 / 10).contains(&pause.num_seconds()),
            "{after}: {pause}"
        );
        assert!(health.error.unwrap().contains(&code.to_string()));
    }
}

#[tokio::test]
async fn the_pause_after_failures_grows_up_to_a_day() {
    let desk = Desk::new().await;
    let watch = desk.watch_of("/feed").await;
    let mut least = 60;
    for failures in 1..=14 {
        desk.site.says("/feed", status(500, ""));
        let health = desk.poll(watch).await;
        let pause = (health.next_check_at - health.checked_at.unwrap()).num_seconds();
        assert_eq!(health.failures, failures);
        assert!(
            (least..=least * 11 / 10).contains(&pause),
            "{failures}: {pause}"
        );
        least = (least * 2).min(24 * 3600);
    }
    assert!(!desk.step().await, "it is not due");
}

#[tokio::test]
async fn many_workers_ask_a_host_one_after_the_other_and_hand_in_each_entry_once() {
    let desk = Desk::new().await;
    let paths: Vec<_> = (0..20).map(|n| format!("/{n}")).collect();
    desk.site.has("/feed", &feed(&paths));
    desk.site.has("/other", &feed(&paths[5..]));
    let watches = [
        desk.watch_of("/feed").await,
        desk.watch_of("/other").await,
        desk.watch_of("/feed").await,
    ];
    let work = async || {
        let mut idle = 0;
        while idle < 20 {
            idle = match desk.step().await || desk.read_one().await {
                true => 0,
                false => idle + 1,
            };
            tokio::task::yield_now().await;
            // Those that found the host busy are to come back at once.
            let due = "UPDATE watches SET next_check_at = now() WHERE claim IS NULL AND last_success_at IS NULL";
            desk.database.execute(due).await;
        }
    };
    tokio::join!(work(), work(), work(), work());
    assert_eq!(desk.site.most.load(Ordering::SeqCst), 1);
    let mut handed_in = desk.handed_in().await;
    handed_in.sort();
    let mut all = paths.clone();
    all.sort();
    assert_eq!(handed_in, all);
    for watch in watches {
        let counts = desk.get(watch).await.health.counts;
        assert_eq!(counts.waiting, 0, "{counts:?}");
    }
}
