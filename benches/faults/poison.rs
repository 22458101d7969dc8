//! A document that kills its reader each time, among 99 that do not: what it costs those.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use iocsift::account::Role;
use iocsift::fetch::{Fetcher, Policy, Poster};
use iocsift::id::UserId;
use iocsift::store::{Inserted, NewContent, NewSubmission, PoolSettings, Store};
use iocsift::submission::{SourceType, Status};
use iocsift::worker::pipeline::Pipeline;
use iocsift::worker::sandbox::{Limits, Sandbox};
use iocsift::worker::{Pool, Settings};
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::{Cluster, Failed, PROGRAM, Report, percentile};

const DOCUMENTS: usize = 100;
/// Of each kind; the median counts.
const ROUNDS: usize = 5;
/// What the others may take, as a multiple of what they take without it.
const LIMIT: f64 = 1.5;

pub(super) async fn measure(report: &mut Report) -> Result<(), Failed> {
    let cluster = Cluster::start().await?;
    let store = Store::connect(cluster.url(), &PoolSettings::default()).await?;
    store.migrate().await?;
    let owner = store.create_user("owner", "hash", Role::Member).await?;
    let owner = owner.ok_or("the account is there")?.id;
    let reader = cluster.dir.path().join("reader");
    fs::write(&reader, script())?;
    fs::set_permissions(&reader, fs::Permissions::from_mode(0o755))?;
    // The first one warms everything up.
    read(&store, owner, &reader, 0, false).await?;
    let (mut clean, mut poisoned) = (Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        clean.push(read(&store, owner, &reader, 2 * round + 1, false).await?);
        poisoned.push(read(&store, owner, &reader, 2 * round + 2, true).await?);
    }
    let (clean, poisoned) = (percentile(&mut clean, 50), percentile(&mut poisoned, 50));
    let ratio = poisoned.as_secs_f64() / clean.as_secs_f64();
    report.row(
        "F3 poisoned document",
        &format!(
            "p95 of 99 others, beside {} ms without it",
            clean.as_millis()
        ),
        format!("{} ms = {ratio:.2} ×", poisoned.as_millis()),
        format!("{LIMIT} ×"),
        ratio <= LIMIT,
    );
    store.close().await;
    cluster.embedded.shutdown().await;
    Ok(())
}

/// Reads as the real one does, but dies of a poison.
fn script() -> String {
    format!("#!/bin/sh\ncase \"$2\" in *poison*) kill -KILL $$;; esac\nexec {PROGRAM} \"$@\"\n")
}

/// Hands in a batch and has it read: the 95th percentile of the time from there to the end, without the poison's.
async fn read(
    store: &Store,
    owner: UserId,
    reader: &Path,
    round: usize,
    is_poisoned: bool,
) -> Result<Duration, Failed> {
    let mut ids = Vec::new();
    for number in 0..DOCUMENTS {
        let is_poison = is_poisoned && number == DOCUMENTS / 10;
        let kind = if is_poison { "poison" } else { "sound" };
        let text = format!("It calls node-{number}.badhost{round}.com.\n").repeat(50);
        let new = document(owner, &format!("{kind}-{round}-{number}.txt"), text);
        let Inserted::New(submission) = store.insert_submission(new, Duration::ZERO).await? else {
            return Err("a document was there before".into());
        };
        if !is_poison {
            ids.push(submission.id);
        }
    }
    let pipeline = Pipeline {
        fetcher: Fetcher::new(Policy::default(), iocsift::fetch::Limits::default()),
        sandbox: Sandbox {
            executable: reader.to_owned(),
            ..Sandbox::new(Limits::default(), false)
        },
        catalogue: Default::default(),
    };
    let settings = Settings {
        poll: Duration::from_millis(100),
        ..Settings::default()
    };
    let end = CancellationToken::new();
    let poster = Poster::new(Policy::default(), Duration::from_secs(1));
    let pool = tokio::spawn(Pool::new(store.clone(), pipeline, poster, settings).run(end.clone()));
    while store.ready().await?.queue_depth > 0 {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    end.cancel();
    pool.await?;
    let mut times = Vec::new();
    for id in ids {
        let submission = store.submission(id).await?.ok_or("a submission is gone")?;
        if submission.status != Status::Completed {
            return Err(format!("{id} is {}", submission.status).into());
        }
        let processed = submission.processed_at.ok_or("no end")?;
        times.push((processed - submission.created_at).to_std()?);
    }
    Ok(percentile(&mut times, 95))
}

fn document(owner: UserId, name: &str, text: String) -> NewSubmission {
    NewSubmission {
        source_type: SourceType::FileUpload,
        source_identifier: name.to_owned(),
        original_filename: Some(name.to_owned()),
        title: None,
        content: Some(NewContent {
            sha256: Sha256::digest(&text).into(),
            bytes: text.into_bytes(),
            content_type: None,
        }),
        url_key: None,
        owner,
        lane: owner.0,
        idempotency_key: None,
    }
}
