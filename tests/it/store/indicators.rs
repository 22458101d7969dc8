//! Indicators: stored once, found, counted exactly, gone with their last sighting.

use iocsift::indicator::{Flag, Ioc};
use iocsift::store::{IocQuery, PoolSettings, Sighting, SubmissionQuery};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use sqlx::Connection;
use tokio::task::JoinSet;

use super::frequent::WRONG_COUNTS;
use super::*;
use crate::support::Database;

/// The promises that hold whenever no transaction is open.
async fn assert_sound(database: &Database) {
    let broken = "SELECT count(*) FROM iocs i FULL JOIN sightings s ON s.ioc_id = i.id WHERE i.id IS NULL OR s.ioc_id IS NULL";
    assert_eq!(
        database.number(broken).await,
        0,
        "an indicator without a sighting, or the reverse"
    );
    let wrong = "SELECT count(*) FROM (SELECT kind, count(*) AS n FROM iocs GROUP BY kind) c
                 FULL JOIN (SELECT * FROM ioc_totals WHERE n <> 0) t USING (kind) WHERE c.n IS DISTINCT FROM t.n";
    assert_eq!(
        database.number(wrong).await,
        0,
        "a total that is not the number of rows"
    );
    let other = "SELECT count(*) FROM submission_total
                 WHERE n <> (SELECT count(*) FROM submissions WHERE status <> 'deleted')";
    assert_eq!(
        database.number(other).await,
        0,
        "a total that is not the number of submissions"
    );
    let wrong = "SELECT count(*) FROM submissions s WHERE ioc_count <> (SELECT count(*) FROM sightings g JOIN iocs i ON i.id = g.ioc_id
                    WHERE submission_id = s.id AND is_standard(i.kind))";
    let strays = "SELECT count(*) FROM sightings WHERE submission_id NOT IN (SELECT id FROM submissions WHERE status <> 'deleted')";
    assert_eq!(
        database.number(strays).await,
        0,
        "a sighting without a document"
    );
    assert_eq!(
        database.number(wrong).await,
        0,
        "an ioc_count that is not the number of sightings"
    );
    assert_eq!(
        database.number(WRONG_COUNTS).await,
        0,
        "a count of documents that is not their number"
    );
}

async fn search(store: &Store, q: &[&str], kinds: &[Kind]) -> (i64, Vec<String>) {
    let query = IocQuery {
        q: q.iter().map(|&q| q.to_owned()).collect(),
        kinds: kinds.to_vec(),
        extended: false,
        limit: 50,
        offset: 0,
    };
    let page = store.search_iocs(&query).await.unwrap();
    (
        page.total,
        page.rows
            .into_iter()
            .map(|row| row.ioc.finding.value)
            .collect(),
    )
}

#[tokio::test]
async fn five_thousand_findings_are_stored_whole_and_in_order() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let mut findings: Vec<Finding> = (0..4_999)
        .map(|n| match n % 3 {
            0 => finding(Kind::Ipv4, format!("198.51.{}.{}", n / 256, n % 256)),
            1 => finding(Kind::Domain, format!("host-{n}.example")),
            _ => finding(Kind::HashSha256, format!("{n:064x}")),
        })
        .collect();
    // Longer than an entry of an index may be.
    findings.push(finding(
        Kind::Url,
        format!("https://a.example/{}", "x".repeat(20_000)),
    ));
    findings[7].location = Location {
        page: None,
        sheet: Some("Sheet 1".to_owned()),
        slide: Some(3),
        line: 1,
        offset: 0,
        length: 1,
    };
    findings[7].flags = vec![Flag {
        reason: "documentation".to_owned(),
        list: "reserved-ranges".to_owned(),
    }];
    findings[7].description = None;

    let submission = completed(store, owner, "a", findings.clone()).await;
    assert_eq!(submission.ioc_count, 5_000);
    let stored: Vec<Finding> = store
        .submission_iocs(submission.id, false)
        .await
        .unwrap()
        .into_iter()
        .map(|ioc| ioc.finding)
        .collect();
    assert_eq!(stored, findings);
    let stats = store.stats(false).await.unwrap();
    assert_eq!(stats.total_iocs, 5_000);
    assert_eq!(stats.iocs_by_kind.len(), Kind::STANDARD.len());
    assert!(
        stats.iocs_by_kind.contains(&(Kind::Url, 1))
            && stats.iocs_by_kind.contains(&(Kind::Asn, 0))
    );
    assert_sound(&database).await;
}

#[tokio::test]
async fn an_indicator_knows_all_its_sightings() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let first = completed(store, owner, "a", vec![finding(Kind::Ipv4, "192.0.2.1")]).await;
    let newer = Finding {
        context: "newer".to_owned(),
        ..finding(Kind::Ipv4, "192.0.2.1")
    };
    let second = completed(store, owner, "b", vec![newer]).await;

    let Ioc { id, created_at, .. } = store
        .submission_iocs(first.id, false)
        .await
        .unwrap()
        .remove(0);
    let row = store.ioc(id).await.unwrap().unwrap();
    assert_eq!(
        (row.submission_id, row.ioc.finding.context.as_str()),
        (Some(second.id), "newer")
    );
    assert_eq!(
        (row.ioc.submission_count, row.ioc.first_seen_at),
        (2, created_at)
    );
    assert!(row.ioc.last_seen_at > created_at);
    let sightings = store.ioc_sightings(id, 50, 0).await.unwrap();
    assert_eq!(
        sightings
            .iter()
            .map(|s| s.submission_id)
            .collect::<Vec<_>>(),
        [second.id, first.id]
    );
    let Sighting {
        title, description, ..
    } = &store.ioc_sightings(id, 1, 1).await.unwrap()[0];
    assert_eq!(
        (title.as_deref(), description.as_deref()),
        (Some("a report"), Some("C2 server"))
    );
    assert_eq!(
        store.ioc(iocsift::id::IocId::generate()).await.unwrap(),
        None
    );
}

/// Hashes are looked up by other indexes than words, long parts by another than short ones.
#[tokio::test]
async fn every_part_of_a_hash_finds_just_what_holds_it() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let sha512 = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";
    let values = [
        (Kind::HashSha512, sha512.to_owned()),
        (Kind::HashSha256, sha512[3..67].to_owned()),
        (Kind::HashSha1, sha512[17..57].to_owned()),
        (Kind::HashMd5, sha512[40..72].to_owned()),
        (Kind::HashMd5, "0123456789abcdef".repeat(2)),
        (Kind::Url, format!("https://vt.example/{}", &sha512[3..67])),
        (Kind::Domain, "cf83e1.example".to_owned()),
    ];
    completed(
        store,
        owner,
        "a",
        values
            .clone()
            .map(|(kind, value)| finding(kind, value))
            .into(),
    )
    .await;
    let lengths = [3, 6, 15, 16, 30, 31, 32, 40, 63, 64, 100, 128];
    for (length, step) in lengths.map(|length| (length, 1 + length / 10)) {
        for from in (0..=sha512.len() - length).step_by(step) {
            let part = &sha512[from..from + length];
            let holding = values.iter().filter(|(_, value)| value.contains(part));
            let mut expected: Vec<_> = holding.map(|(_, value)| value.clone()).collect();
            expected.sort();
            let (total, mut found) = search(store, &[&part.to_uppercase()], &[]).await;
            found.sort();
            assert_eq!((total, found), (expected.len() as i64, expected), "{part}");
        }
    }
    let too_long = format!("{sha512}0");
    assert_eq!(search(store, &[&too_long], &[]).await.0, 0);
    let either = [&sha512[0..40], "cf83e1.ex", "89abcdef0"];
    assert_eq!(search(store, &either, &[]).await.0, 3);
    assert_eq!(search(store, &either, &[Kind::HashMd5]).await.0, 1);
}

/// Each alternative is looked up by another index.
#[tokio::test]
async fn a_value_that_holds_several_alternatives_counts_once() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let digits = "0123456789ABCDEF".repeat(4);
    let url = format!("http://192.0.2.1/file/{digits}/evil");
    let findings = vec![
        finding(Kind::Url, &url),
        finding(Kind::HashSha256, digits.to_lowercase()),
    ];
    completed(store, owner, "a", findings).await;
    let sought = [&digits[..], "192.0.2.1", "evil", "89abc"];
    for first in 0..sought.len() {
        for last in first..sought.len() {
            let q = &sought[first..=last];
            let hashes = q.iter().any(|q| digits.contains(&q.to_uppercase()));
            let (total, found) = search(store, q, &[]).await;
            assert_eq!(
                (total, found.len()),
                (1 + i64::from(hashes), 1 + usize::from(hashes)),
                "{q:?}"
            );
            assert!(found.contains(&url), "{q:?}");
        }
    }
}

#[tokio::test]
async fn search_finds_parts_in_any_case_and_takes_signs_of_patterns_as_themselves() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let values = [
        (Kind::Url, "https://a.example/100%25_off"),
        (Kind::Url, "https://a.example/100_25"),
        (Kind::Domain, "evil.example"),
        (Kind::Filepath, r"C:\Windows\evil.exe"),
    ];
    completed(
        store,
        owner,
        "a",
        values.map(|(kind, value)| finding(kind, value)).into(),
    )
    .await;
    assert_eq!(
        search(store, &["%25_"], &[]).await,
        (1, vec![values[0].1.to_owned()])
    );
    assert_eq!(
        search(store, &["0_2"], &[]).await,
        (1, vec![values[1].1.to_owned()])
    );
    assert_eq!(
        search(store, &[r"s\e"], &[]).await,
        (1, vec![values[3].1.to_owned()])
    );
    assert_eq!(search(store, &["EVIL"], &[]).await.0, 2);
    assert_eq!(
        search(store, &["EVIL"], &[Kind::Domain]).await,
        (1, vec!["evil.example".to_owned()])
    );
    assert_eq!(
        search(store, &["evil[.]ex", "evil.ex"], &[]).await.0,
        2,
        "each alternative"
    );
    assert_eq!(search(store, &["a"], &[]).await.0, 3, "a single character");
    assert_eq!(search(store, &["nothing"], &[]).await, (0, vec![]));
}

/// Fours in every place of rows of every length, with what may stand around and within them.
#[tokio::test]
async fn whatever_part_of_an_address_is_asked_for_every_value_that_holds_it_is_found() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let mut dice = StdRng::seed_from_u64(0x0dd5);
    let mut pick = |few: &[&str]| few[dice.random_range(0..few.len())].to_owned();
    let numbers = ["0", "1", "2", "01", "12", "21", "100", "192", "255", "1234"];
    let mut values: Vec<String> = (0..300)
        .map(|_| {
            let parts: usize = pick(&["3", "4", "4", "4", "5", "6", "8"]).parse().unwrap();
            let row: Vec<String> = (0..parts).map(|_| pick(&numbers)).collect();
            let before = pick(&["", "", "http://", "v", "a.", "-", "x9"]);
            let behind = pick(&["", "", "/gate.php", ":80", ".example", "-1.2.1.2", "."]);
            [before, row.join("."), behind].concat()
        })
        .collect();
    values.sort();
    values.dedup();
    let findings = values.iter().map(|value| finding(Kind::Url, value));
    completed(store, owner, "a", findings.collect()).await;
    let mut found_by_four = 0;
    for value in values.iter().step_by(3) {
        for (from, to) in [(0, 0), (1, 0), (0, 1), (2, 2), (3, 0), (0, 3)] {
            let Some(needle) = value.get(from..value.len().saturating_sub(to)) else {
                continue;
            };
            if needle.is_empty() {
                continue;
            }
            let holding = values.iter().filter(|value| value.contains(needle)).count();
            let (total, rows) = search(store, &[needle], &[]).await;
            assert_eq!(total, holding as i64, "{needle}");
            assert!(rows.iter().all(|row| row.contains(needle)), "{needle}");
            found_by_four += usize::from(needle.matches('.').count() >= 3);
        }
    }
    assert!(found_by_four > 300, "{found_by_four}");
}

#[tokio::test]
async fn a_long_needle_must_match_to_its_end() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let (one, other) = (
        format!("{}01", "ab".repeat(31)),
        format!("{}02", "ab".repeat(31)),
    );
    let findings = [&one, &other].map(|value| finding(Kind::HashSha256, value));
    completed(store, owner, "a", findings.into()).await;
    assert_eq!(
        search(store, &[&one.to_uppercase()], &[]).await,
        (1, vec![one.clone()])
    );
    assert_eq!(search(store, &[&one, &other], &[]).await.0, 2);
    assert_eq!(search(store, &[&format!("{one}0")], &[]).await.0, 0);
}

#[tokio::test]
async fn listing_is_newest_first_by_page_with_exact_totals() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    for n in 0..5 {
        let findings = vec![
            finding(Kind::Domain, format!("{n}.example")),
            finding(Kind::Ipv4, format!("192.0.2.{n}")),
        ];
        completed(store, owner, &n.to_string(), findings).await;
    }
    let page = async |kinds: &[Kind], limit, offset| {
        let query = IocQuery {
            q: vec![],
            kinds: kinds.to_vec(),
            extended: false,
            limit,
            offset,
        };
        let page = store.search_iocs(&query).await.unwrap();
        (
            page.total,
            page.rows
                .into_iter()
                .map(|row| row.ioc.finding.value)
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        page(&[Kind::Ipv4], 2, 1).await,
        (5, vec!["192.0.2.3".to_owned(), "192.0.2.2".to_owned()])
    );
    let (total, rows) = page(&[Kind::Ipv4, Kind::Domain, Kind::Ipv4], 3, 1).await;
    assert_eq!((total, rows.len()), (10, 3));
    assert_eq!(page(&[], 3, 1).await, (total, rows));
    assert_eq!(page(&[Kind::Cve], 3, 0).await, (0, vec![]));
    assert_eq!(page(&[], 3, 100).await, (10, vec![]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counts_stay_exact_while_the_same_indicators_come_and_go() {
    let database = Database::new().await;
    let store = &database.store;
    let owner = owner(store).await;
    let mut tasks = JoinSet::new();
    for task in 0..6 {
        let store = store.clone();
        tasks.spawn(async move {
            for round in 0..12 {
                let submission = insert(&store, text(owner, &format!("{task} {round}"))).await;
                if let Some(job) = store.claim(LEASE).await.unwrap() {
                    // In another order each time: storing must not depend on it.
                    let mut findings: Vec<_> = (0..40)
                        .map(|n| finding(Kind::Domain, format!("{n}.example")))
                        .collect();
                    findings.rotate_left((task * 7 + round) % 40);
                    findings.truncate(30);
                    store.finish(&job, finished(findings)).await.unwrap();
                }
                if round % 3 != 0 {
                    store.delete_submission(submission.id).await.unwrap();
                } else {
                    store.reprocess_submission(submission.id).await.unwrap();
                }
            }
        });
    }
    tasks.join_all().await;
    assert_sound(&database).await;
    for submission in store.submissions(100, 0).await.unwrap() {
        store.delete_submission(submission.id).await.unwrap();
    }
    assert_sound(&database).await;
    assert_eq!(store.stats(false).await.unwrap().total_iocs, 0);
    assert_eq!(database.number("SELECT (SELECT count(*) FROM blobs) + (SELECT count(*) FROM jobs) + (SELECT count(*) FROM text_blobs)").await, 0);
}

#[tokio::test]
async fn a_search_that_takes_too_long_is_told_apart_from_a_fault() {
    let database = Database::new().await;
    let hurried = iocsift::store::PoolSettings {
        search_timeout: Duration::from_millis(50),
        ..Default::default()
    };
    let store = Store::connect(&database.url, &hurried).await.unwrap();
    let mut lock = sqlx::PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE iocs")
        .execute(&mut lock)
        .await
        .unwrap();
    let query = IocQuery {
        q: vec!["x".to_owned()],
        kinds: vec![],
        extended: false,
        limit: 1,
        offset: 0,
    };
    assert!(matches!(
        store.search_iocs(&query).await,
        Err(iocsift::store::Error::Timeout(_))
    ));
    let report = iocsift::id::SubmissionId::generate();
    let shown = store.submission_iocs_in_time(report, false, None, 0).await;
    assert!(matches!(shown, Err(iocsift::store::Error::Timeout(_))));
}

#[tokio::test]
async fn no_search_reads_a_table_from_end_to_end_for_want_of_its_values() {
    const TIMES: i64 = 12;
    let database = Database::new().await;
    let one = PoolSettings {
        max_connections: 1,
        ..PoolSettings::default()
    };
    // Reading the table from end to end looks cheapest from now on.
    let dear = "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET random_page_cost = 1e6', current_database()); END $$";
    database.execute(dear).await;
    let store = Store::connect(&database.url, &one).await.unwrap();
    // From the sixth time on Postgres may plan a prepared statement without its values: 21 s in place of 0.1 s.
    for _ in 0..TIMES {
        search(&store, &["evil"], &[]).await;
        let words = SubmissionQuery {
            q: Some("evil".into()),
            limit: 50,
            ..SubmissionQuery::default()
        };
        store.search_submissions(&words).await.unwrap();
    }
    // Of submissions: with the values, each time. The counts of the statistics become those of the connection's own statements.
    database
        .execute(
            "CREATE OR REPLACE VIEW ioc_totals AS
             SELECT 'ipv4'::text COLLATE \"C\" AS kind, sum(generic_plans)::bigint AS n FROM pg_prepared_statements
                WHERE statement LIKE '%words ILIKE%'
             UNION ALL SELECT 'domain'::text COLLATE \"C\", sum(custom_plans)::bigint FROM pg_prepared_statements
                WHERE statement LIKE '%words ILIKE%'",
        )
        .await;
    let counts = store.stats(false).await.unwrap().iocs_by_kind;
    assert!(counts.contains(&(Kind::Ipv4, 0)), "{counts:?}");
    assert!(counts.contains(&(Kind::Domain, TIMES)), "{counts:?}");
    // Of indicators: without, and yet by the index of values. What a connection did is told when it ends.
    store.close().await;
    let scans = "SELECT coalesce(sum(idx_scan), 0)::bigint FROM pg_stat_user_indexes WHERE indexrelname = 'iocs_words_trgm'";
    let told = async {
        while database.number(scans).await < TIMES {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), told)
        .await
        .expect("another way than the index");
}
