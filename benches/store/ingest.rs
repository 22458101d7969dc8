//! Rows a second through the whole path of the store, from the submission to its result, beside the two statements
//! that they come down to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use iocsift::id::UserId;
use iocsift::indicator::{Evidence, Finding, Kind, Location, Reason};
use iocsift::store::{Finished, Inserted, NewContent, NewSubmission, Store};
use iocsift::submission::SourceType;
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::{Failed, bare, hex, percentiles};

/// Indicators of one submission; half of them are known already.
const EACH: u64 = 1_000;
/// Submissions of one measurement.
const SUBMISSIONS: u64 = 300;
/// No measurement takes longer.
const LEASE: Duration = Duration::from_secs(600);

pub(super) async fn measure(store: &Store, url: &str) -> Result<(), Failed> {
    println!("\nIndicators stored a second, {EACH} to a submission, half of them known already\n");
    println!("| | writers | rows/s | a result: p50, p95 ms |\n| --- | ---: | ---: | ---: |");
    let owner = store
        .create_user(
            &UserId::generate().to_string(),
            "-",
            iocsift::account::Role::Member,
        )
        .await?
        .ok_or("the name is taken")?
        .id;
    let tidy = tokio::spawn(tidy(store.clone()));
    let bare = bare::Schema::new(url).await?;
    for writers in [1, 2, 4, 8] {
        let rate = whole_path(store, owner, writers).await?;
        let sql = bare.ingest(writers, SUBMISSIONS).await?;
        println!("| ratio | {writers} | {:.2} | |", rate / sql);
    }
    for each in [6_000, 50_000] {
        one_report(store, owner, each).await?;
    }
    tidy.abort();
    Ok(())
}

/// As the pool of workers does.
async fn tidy(store: Store) {
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let _ = store.tidy().await;
    }
}

async fn whole_path(store: &Store, owner: UserId, writers: u64) -> Result<f64, Failed> {
    let next = Arc::new(AtomicU64::new(0));
    let began = Instant::now();
    let mut tasks: JoinSet<Result<Vec<Duration>, Failed>> = JoinSet::new();
    for _ in 0..writers {
        let (store, next) = (store.clone(), Arc::clone(&next));
        tasks.spawn(async move {
            let mut times = Vec::new();
            while next.fetch_add(1, Ordering::Relaxed) < SUBMISSIONS {
                times.push(one(&store, owner, EACH).await?);
            }
            Ok(times)
        });
    }
    let mut times = Vec::new();
    while let Some(ended) = tasks.join_next().await {
        times.extend(ended??);
    }
    let rate = (SUBMISSIONS * EACH) as f64 / began.elapsed().as_secs_f64();
    let (median, p95) = percentiles(&mut times);
    println!("| whole path | {writers} | {rate:.0} | {median:.0}, {p95:.0} |");
    Ok(rate)
}

/// One submission from its insert to its result; how long the result took.
async fn one(store: &Store, owner: UserId, each: u64) -> Result<Duration, Failed> {
    let body = UserId::generate().to_string();
    let new = NewSubmission {
        source_type: SourceType::Text,
        source_identifier: "a report".to_owned(),
        original_filename: None,
        title: None,
        content: Some(NewContent {
            sha256: Sha256::digest(&body).into(),
            bytes: body.into_bytes(),
            content_type: None,
        }),
        url_key: None,
        owner,
        lane: owner.0,
        idempotency_key: None,
    };
    let Inserted::New(_) = store.insert_submission(new, LEASE).await? else {
        return Err("it was there already".into());
    };
    // Another writer may have it, and this one that of another.
    let job = loop {
        if let Some(job) = store.claim(LEASE).await? {
            break job;
        }
    };
    let result = result(each);
    let began = Instant::now();
    if !store.finish(&job, result).await? {
        return Err("the job was lost".into());
    }
    Ok(began.elapsed())
}

fn result(each: u64) -> Finished {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let new = NEXT.fetch_add(each / 2, Ordering::Relaxed);
    let salt = std::process::id();
    let findings = (0..each).map(|n| {
        // The second half are those that earlier submissions brought.
        let number = if n < each / 2 {
            new + n
        } else {
            (new + n).wrapping_sub(each).wrapping_mul(48_271) % new.max(1)
        };
        finding(number, salt)
    });
    let mut findings: Vec<Finding> = findings.collect();
    findings.sort_by(|a, b| (a.kind, &a.value).cmp(&(b.kind, &b.value)));
    findings.dedup_by(|a, b| a.kind == b.kind && a.value == b.value);
    Finished {
        content_type: "text/plain".to_owned(),
        language: None,
        title: None,
        summary: Some("It says something.".to_owned()),
        text: "It talks to somebody. ".repeat(200),
        findings,
        warnings: Vec::new(),
        content: None,
    }
}

/// An indicator as reports have it: a third each of hashes, hosts and addresses of pages.
fn finding(number: u64, salt: u32) -> Finding {
    let hash = hex(&format!("{salt}:{number}"));
    let (kind, value) = match number % 3 {
        0 => (Kind::HashSha256, hash),
        1 => (
            Kind::Domain,
            format!("{}.{}.example.net", &hash[..4], &hash[4..14]),
        ),
        _ => (
            Kind::Url,
            format!(
                "https://{}.example.com/{}/index.php?id={number}",
                &hash[..8],
                &hash[8..14]
            ),
        ),
    };
    Finding {
        kind,
        raw: value.replace('.', "[.]"),
        context: format!("The implant then talks to {value} to ask for tasks."),
        value,
        defanged: true,
        location: Location {
            page: Some(3),
            sheet: None,
            slide: None,
            line: 7,
            offset: 41,
            length: 20,
        },
        occurrences: 1,
        description: number.is_multiple_of(2).then(|| "C2 server".to_owned()),
        flags: Vec::new(),
        confidence: 70,
        evidence: vec![Evidence::of_form(kind), Reason::Defanged.into()],
    }
}

/// How long one large report takes, all of it new but a half.
async fn one_report(store: &Store, owner: UserId, each: u64) -> Result<(), Failed> {
    let mut times = Vec::new();
    for _ in 0..5 {
        times.push(one(store, owner, each).await?);
    }
    let (median, worst) = percentiles(&mut times);
    println!(
        "| one report of {each} | 1 | {:.0} | {median:.0}, {worst:.0} |",
        each as f64 / median * 1e3
    );
    Ok(())
}
