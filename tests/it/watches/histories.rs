//! A feed lives through made-up histories, and so do those who watch it: what was ever in a good answer becomes one submission.

use std::collections::BTreeSet;

use iocsift::store::PoolSettings;

use super::*;
use crate::support::until;

/// SplitMix64: a history is its seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % most as u64).unwrap()
    }

    fn once_in(&mut self, times: usize) -> bool {
        self.below(times) == 0
    }
}

/// A feed as its author sees it: paths of reports from the oldest on, and how they are called today.
struct Feed {
    path: &'static str,
    reports: Vec<usize>,
    edition: usize,
}

impl Feed {
    fn live(&mut self, dice: &mut Dice) {
        for _ in 0..dice.below(4) {
            match dice.below(5) {
                // The same reports may be in both feeds.
                0 | 1 => self.reports.push(dice.below(40)),
                2 if !self.reports.is_empty() => {
                    let gone = dice.below(self.reports.len());
                    self.reports.remove(gone);
                }
                3 if !self.reports.is_empty() => {
                    let middle = dice.below(self.reports.len());
                    self.reports.rotate_left(middle);
                }
                _ => self.edition += 1,
            }
        }
    }

    fn xml(&self) -> String {
        let paths: Vec<_> = self
            .reports
            .iter()
            .map(|report| format!("/report/{report}?utm_id={}", self.edition))
            .collect();
        feed(&paths).replace("About", &format!("Edition {}:", self.edition))
    }
}

#[tokio::test]
async fn whatever_a_feed_and_its_watchers_live_through_each_entry_becomes_one_submission() {
    for seed in [3, 17, 2026] {
        let mut dice = Dice(seed);
        let desk = Desk::new().await;
        let mut feeds = ["/a", "/b"].map(|path| Feed {
            path,
            reports: Vec::new(),
            edition: 0,
        });
        let watches = [desk.watch_of("/a").await, desk.watch_of("/b").await];
        let mut told = [BTreeSet::new(), BTreeSet::new()];
        for _ in 0..50 {
            let which = dice.below(2);
            feeds[which].live(&mut dice);
            let (path, xml) = (feeds[which].path, feeds[which].xml());
            desk.site.has(path, &xml);
            let before = desk.get(watches[which]).await.health.last_success_at;
            live(&desk, &mut dice, watches[which], path, &xml).await;
            // What the watch took is what was told.
            let seen = desk.entries(watches[which]).await;
            if desk.get(watches[which]).await.health.last_success_at != before {
                told[which].extend(feeds[which].reports.iter().map(|n| format!("/report/{n}")));
            }
            assert_eq!(seen.len(), told[which].len(), "seed {seed}");
        }
        // Whatever died, its leases end.
        desk.database
            .execute("UPDATE watch_hosts SET busy_until = NULL, next_request_at = now(), wanted_until = NULL")
            .await;
        desk.drain().await;
        let handed_in = desk.handed_in().await;
        let distinct: BTreeSet<_> = handed_in.iter().cloned().collect();
        assert_eq!(
            handed_in.len(),
            distinct.len(),
            "seed {seed}: one came twice"
        );
        let all: BTreeSet<_> = told.iter().flatten().cloned().collect();
        assert_eq!(distinct, all, "seed {seed}");
        assert!(
            all.len() > 10,
            "seed {seed}: a history of nothing shows nothing"
        );
        for watch in watches {
            assert_eq!(
                desk.get(watch).await.health.counts.waiting,
                0,
                "seed {seed}"
            );
        }
    }
}

/// One look and some steps, in which the server or the worker may fail.
async fn live(desk: &Desk, dice: &mut Dice, watch: WatchId, path: &str, xml: &str) {
    let store = desk.store();
    // Those who died hold nothing any more.
    desk.database
        .execute("UPDATE watch_hosts SET busy_until = NULL, next_request_at = now(), wanted_until = NULL")
        .await;
    while desk.read_one().await {}
    match dice.below(8) {
        0 => desk.site.says(path, status(500, "")),
        1 => desk
            .site
            .says(path, ok("", &xml.as_bytes()[..xml.len() / 2])),
        2 => desk
            .site
            .says(path, ok("", b"<html><body>Back soon</body></html>")),
        _ => {}
    }
    store.poll_watch(watch).await.unwrap();
    if dice.once_in(4) {
        // Killed after its claim, and again by another one.
        let dead = store.claim_watch(Duration::ZERO).await.unwrap();
        assert!(dead.is_some());
    }
    if dice.once_in(4) {
        // Killed while it fetches: whatever it was about to write is gone.
        killed_after(desk, dice.below(12) as u64).await;
        desk.database
            .execute("UPDATE watch_hosts SET busy_until = NULL")
            .await;
        desk.database
            .execute("UPDATE watches SET next_check_at = now() WHERE claim IS NOT NULL")
            .await;
    }
    for _ in 0..dice.below(12) {
        match dice.below(6) {
            0 => drop(store.claim_entry(Duration::ZERO).await.unwrap()),
            1 => drop(desk.read_one().await),
            2 => {
                killed_after(desk, dice.below(8) as u64).await;
                desk.database
                    .execute("UPDATE watch_hosts SET busy_until = NULL")
                    .await;
            }
            _ => drop(desk.step().await),
        }
    }
    // The look comes to its end, one way or the other.
    let due = async || {
        let sql = "UPDATE watches SET next_check_at = now() WHERE claim IS NOT NULL";
        desk.database.execute(sql).await;
    };
    while desk.read_one().await {}
    desk.database
        .execute("UPDATE watch_hosts SET busy_until = NULL, next_request_at = now(), wanted_until = NULL")
        .await;
    due().await;
    desk.drain().await;
}

/// One step of a process of its own, which is killed after some milliseconds: its connections end, and what it had not
/// committed is gone.
async fn killed_after(desk: &Desk, milliseconds: u64) {
    let others = "SELECT coalesce(string_agg(pid::text, ','), '0') FROM pg_stat_activity
                  WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let others = desk.database.text(others).await;
    let store = Store::connect(&desk.database.url, &PoolSettings::default())
        .await
        .unwrap();
    let patience = Duration::from_millis(milliseconds);
    let _ = tokio::time::timeout(patience, step(&store, &desk.watcher)).await;
    let theirs = format!(
        "FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'
             AND pid NOT IN ({others}, pg_backend_pid())"
    );
    until(async || {
        let count = format!("SELECT count(pg_terminate_backend(pid)) {theirs}");
        desk.database.number(&count).await == 0
    })
    .await;
}
