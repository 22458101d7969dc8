//! A server with a replica: what may be late is asked there while it keeps up, feeds and what follows a write never.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use iocsift::store::embedded::Embedded;
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;

use crate::process::Server;
use crate::support::{scratch_dir, until};

/// A streaming replica of a private Postgres.
struct Standby(TempDir);

impl Standby {
    /// Copies the one whose socket is in `primary`, and follows it from there.
    fn of(primary: &Path) -> Self {
        let standby = Self(scratch_dir());
        let open = Permissions::from_mode(0o777);
        std::fs::set_permissions(standby.0.path(), open).unwrap();
        let data = standby.0.path().join("data");
        let mut copy = program("pg_basebackup");
        copy.args(["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]);
        copy.args(["--username=iocsift", "--pgdata"]).arg(&data);
        copy.arg("--host").arg(primary);
        assert!(copy.status().unwrap().success());
        standby.control("start");
        standby
    }

    fn control(&self, what: &str) {
        let dir = self.0.path();
        let options = format!("-k {} -c listen_addresses='' -F", dir.display());
        let mut control = program("pg_ctl");
        control.arg("--pgdata").arg(dir.join("data"));
        control.arg("--log").arg(dir.join("log"));
        control.args(["--wait", "--mode=immediate", "--options", &options, what]);
        assert!(control.status().unwrap().success());
    }

    fn url(&self) -> String {
        let dir = self.0.path().display();
        format!("postgres:///iocsift?host={dir}&user=iocsift")
    }

    /// How many connections of servers asked last what is like `pattern`.
    async fn last_asked(&self, pattern: &str) -> i64 {
        let mut look = PgConnection::connect(&self.url()).await.unwrap();
        let asked = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'iocsift' AND query LIKE $1";
        let asked = sqlx::query_scalar(asked).bind(pattern);
        asked.fetch_one(&mut look).await.unwrap()
    }

    async fn replay(&self, verb: &'static str) {
        let mut look = PgConnection::connect(&self.url()).await.unwrap();
        let sql = sqlx::AssertSqlSafe(format!("SELECT pg_wal_replay_{verb}()"));
        sqlx::raw_sql(sql).execute(&mut look).await.unwrap();
    }
}

impl Drop for Standby {
    fn drop(&mut self) {
        let mut stop = program("pg_ctl");
        stop.arg("--pgdata").arg(self.0.path().join("data"));
        // It may have ended before.
        let _ = stop
            .args(["--mode=immediate", "stop"])
            .stderr(Stdio::null())
            .status();
    }
}

/// A program of Postgres, which refuses to be an administrator.
fn program(name: &str) -> Command {
    let server = Embedded::server(None).unwrap().1.join("postgres");
    // Links to it may stand alone elsewhere.
    let path = server.canonicalize().unwrap().with_file_name(name);
    let mut command = if rustix::process::geteuid().is_root() {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(path);
        command
    } else {
        Command::new(path)
    };
    command.current_dir("/").stdout(Stdio::null());
    command
}

const LIST: &str = "/api/submissions";
const FEED: &str = "/api/submissions?since=1970-01-01T00:00:00Z";

/// Whether the submission stands in this list.
async fn lists(server: &Server, path: &str, id: &str) -> bool {
    let listed = server.get(path).await;
    let mut listed = listed.as_array().unwrap().iter();
    listed.any(|submission| submission["id"] == id)
}

#[tokio::test]
async fn what_may_be_late_is_asked_of_a_replica_that_keeps_up_and_nothing_else_is() {
    let dir = scratch_dir();
    let first = Server::start(dir.path(), &[]);
    let id = first.submit("198.51.100.7 beacons").await;
    first.ended(&id).await;
    let standby = Standby::of(dir.path());
    first.kill();
    let server = Server::start(dir.path(), &["--database-read-url", &standby.url()]);

    let shared = [
        (LIST, "%FROM submissions%ORDER BY submissions.created_at%"),
        ("/api/iocs/search?q=198.51", "%FROM iocs%"),
        ("/api/iocs/stats", "%ioc_totals%"),
        ("/api/iocs/export?format=txt", "%AS \"wanted!\"%"),
    ];
    for (path, asked) in shared {
        // Until the server has seen that the replica keeps up.
        until(async || {
            assert_eq!(server.look(path).await.0, 200, "{path}");
            standby.last_asked(asked).await > 0
        })
        .await;
    }
    for path in [FEED, "/misp/manifest.json"] {
        assert_eq!(server.look(path).await.0, 200, "{path}");
        assert_eq!(standby.last_asked("%updated_at >%").await, 0, "{path}");
    }

    // It stands still: what is new is seen at once where it must be, and soon everywhere.
    standby.replay("pause").await;
    let new = server.submit("203.0.113.9 beacons").await;
    assert!(lists(&server, FEED, &new).await);
    assert_eq!(server.get(&format!("{LIST}/{new}")).await["id"], new);
    assert_eq!(server.ended(&new).await["ioc_count"], 1);
    until(async || lists(&server, LIST, &new).await).await;
    standby.replay("resume").await;

    // It is used once more, and is gone in the middle of that.
    standby.control("restart");
    until(async || {
        assert_eq!(server.look("/api/iocs/stats").await.0, 200);
        standby.last_asked("%ioc_totals%").await > 0
    })
    .await;
    standby.control("stop");
    for (path, _) in shared {
        assert_eq!(server.look(path).await.0, 200, "{path}");
    }
    assert!(lists(&server, LIST, &new).await);
}
