//! Postgres restarts, and is dead for five seconds, under 50 reads and 5 uploads a second.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use iocsift::store::embedded::Embedded;
use rustix::process::{Pid, Signal, kill_process};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use super::server::{Answer, Server};
use super::{Cluster, Failed, Report, postgres};

/// Between two reads; each [`READS_PER_UPLOAD`]th time an upload goes along.
const TICK: Duration = Duration::from_millis(20);
const READS_PER_UPLOAD: usize = 10;
/// Of load before the fault, and after it.
const CALM: Duration = Duration::from_secs(3);
/// How long Postgres is dead.
const DEATH: Duration = Duration::from_secs(5);

/// The longest that a refusal may take, that normality may be away after Postgres is back, and that health may tell
/// nothing of it.
const SLOWEST: Duration = Duration::from_millis(3500);
const BACK: Duration = Duration::from_secs(1);
const RECOVERY: Duration = Duration::from_secs(2);
const TOLD: Duration = Duration::from_secs(2);

pub(super) async fn measure(report: &mut Report) -> Result<(), Failed> {
    let fault = "F8 fast restart";
    let met = through(async |dir: &Path, embedded: Embedded, _| {
        embedded.shutdown().await;
        postgres(dir).await
    })
    .await?;
    met.tell(report, fault);
    report.time(
        fault,
        "last refusal after Postgres is back",
        met.late(),
        BACK,
    );

    let fault = "F9 dead for 5 s";
    let mut health = Vec::new();
    let met = through(async |dir: &Path, embedded: Embedded, server: &Server| {
        let pid = std::fs::read_to_string(dir.join("data/postmaster.pid"))?;
        let pid = pid.lines().next().unwrap_or_default().trim().parse()?;
        kill_process(Pid::from_raw(pid).ok_or("no pid")?, Signal::QUIT)?;
        let began = Instant::now();
        while !server.get("/readyz").await.is_put_off() {}
        health.push((began.elapsed(), server.get("/healthz").await.is_good()));
        tokio::time::sleep(DEATH.saturating_sub(began.elapsed())).await;
        drop(embedded);
        postgres(dir).await
    })
    .await?;
    for (told, lives) in health {
        report.time(fault, "`/readyz` says 503 after", told, TOLD);
        report.never(fault, "`/healthz` is not 200", usize::from(!lives));
    }
    met.tell(report, fault);
    report.time(
        fault,
        "last refusal after Postgres is back",
        met.late(),
        RECOVERY,
    );
    Ok(())
}

/// What clients met.
struct Met {
    answers: Vec<Answer>,
    /// When the fault began, and when Postgres was back.
    fault: (Instant, Instant),
    lost: usize,
}

impl Met {
    fn refused(&self) -> impl Iterator<Item = &Answer> {
        self.answers.iter().filter(|answer| !answer.is_good())
    }

    /// How long after Postgres was back the last one was refused.
    fn late(&self) -> Duration {
        let last = self.refused().map(|answer| answer.ended).max();
        last.map_or(Duration::ZERO, |last| {
            last.saturating_duration_since(self.fault.1)
        })
    }

    fn tell(&self, report: &mut Report, fault: &str) {
        let (refused, all) = (self.refused().count(), self.answers.len());
        let away = (self.fault.1 - self.fault.0).as_secs_f64();
        println!("| {fault} | refused of {all}, Postgres away for {away:.2} s | {refused} | |");
        let wrong = self.refused().filter(|answer| !answer.is_put_off());
        report.never(
            fault,
            "refused otherwise than by 503 with Retry-After",
            wrong.count(),
        );
        let early = self.refused().filter(|answer| answer.ended < self.fault.0);
        report.never(fault, "refused before the fault", early.count());
        let slowest = self.refused().map(Answer::took).max();
        report.time(
            fault,
            "slowest refusal",
            slowest.unwrap_or_default(),
            SLOWEST,
        );
        let slowest = self.answers.iter().map(Answer::took).max();
        let slowest = slowest.unwrap_or_default().as_secs_f64();
        println!("| {fault} | slowest answer | {slowest:.2} s | |");
        report.never(fault, "acknowledged uploads that are lost", self.lost);
    }
}

/// Brings about `fault` under load.
async fn through(
    fault: impl AsyncFnOnce(&Path, Embedded, &Server) -> Result<Embedded, Failed>,
) -> Result<Met, Failed> {
    let Cluster { dir, embedded } = Cluster::start().await?;
    let data = tempfile::tempdir()?;
    let server = Arc::new(Server::start(data.path(), embedded.url(), &[]).await?);
    let over = CancellationToken::new();
    let load: JoinHandle<Vec<Answer>> = tokio::spawn(load(Arc::clone(&server), over.clone()));
    tokio::time::sleep(CALM).await;
    let began = Instant::now();
    let embedded = fault(dir.path(), embedded, &server).await?;
    let back = Instant::now();
    tokio::time::sleep(CALM).await;
    over.cancel();
    let answers = load.await?;
    let mut lost = 0;
    for answer in answers.iter().filter(|answer| answer.is_good()) {
        if let Ok(id) = answer.id() {
            lost += usize::from(server.ended(&id).await? != "completed");
        }
    }
    drop(server);
    embedded.shutdown().await;
    Ok(Met {
        answers,
        fault: (began, back),
        lost,
    })
}

/// Asks at a steady pace, whatever the answers, until it is `over`.
async fn load(server: Arc<Server>, over: CancellationToken) -> Vec<Answer> {
    let mut ticks = tokio::time::interval(TICK);
    let mut asked = JoinSet::new();
    for number in 0.. {
        tokio::select! {
            () = over.cancelled() => break,
            _ = ticks.tick() => {}
        }
        let reader = Arc::clone(&server);
        asked.spawn(async move { reader.get("/api/submissions?limit=5").await });
        if number % READS_PER_UPLOAD == 0 {
            let writer = Arc::clone(&server);
            asked.spawn(async move {
                let text = format!("The implant calls home to c2-{number}.badhost.com daily.");
                writer.submit(&text).await
            });
        }
    }
    asked.join_all().await
}
