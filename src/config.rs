//! Every setting: its flag, its environment variable, its default. Documented here once;
//! `docs/configuration.md` is written from this file by a test.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::extract::CustomRule;
use crate::network::Network;
use crate::worker::sandbox::{self, Sandbox, Tesseract};
use crate::{fetch, http, store, worker};

/// Kinds of one's own: their patterns travel to each reader in one argument, which Linux keeps to 128 KiB.
const MOST_CUSTOM_KINDS: usize = 32;

/// One entry of a list; an empty one is none. Compose files and shells set variables to nothing.
fn entry<T: FromStr>(text: &str) -> Result<Option<T>, T::Err> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some)
}

/// The entries of a list that are there.
fn given<T: Clone>(list: &[Option<T>]) -> Vec<T> {
    list.iter().flatten().cloned().collect()
}

/// Where submissions, jobs and indicators are kept.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Database")]
pub struct Database {
    /// Postgres to use, `postgres://user:password@host/database`. Without it iocsift starts a private one in the data directory
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, value_name = "URL")]
    pub database_url: Option<String>,
    /// Replica of that Postgres, which a server asks what may be a few seconds late: searches, details, statistics, whole exports
    #[arg(
        long,
        env = "IOCSIFT_DATABASE_READ_URL",
        hide_env_values = true,
        value_name = "URL"
    )]
    pub database_read_url: Option<String>,
    /// Folder of the private Postgres and of `first-admin.json` [default: /var/lib/iocsift as root, else $XDG_DATA_HOME/iocsift]
    #[arg(long, env = "IOCSIFT_DATA_DIR", value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Folder of the programs `postgres` and `initdb` for the private Postgres [default: searched for]
    #[arg(long, env = "IOCSIFT_POSTGRES_BIN", value_name = "DIR")]
    pub postgres_bin: Option<PathBuf>,
    /// Where originals and texts are kept: a folder or `s3://bucket/prefix`; `postgres` keeps them there [default: a folder beside the private Postgres, else in Postgres]
    #[arg(long, env = "IOCSIFT_ORIGINALS", value_name = "PLACE")]
    pub originals: Option<String>,
    /// Connections to Postgres that this process may hold
    #[arg(
        long,
        env = "IOCSIFT_DATABASE_CONNECTIONS",
        value_name = "N",
        default_value_t = 16
    )]
    pub database_connections: u32,
    /// Seconds after which Postgres gives up a statement
    #[arg(
        long,
        env = "IOCSIFT_STATEMENT_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 20
    )]
    pub statement_timeout: u64,
    /// Seconds after which a search of indicators is answered with "narrow it"
    #[arg(
        long,
        env = "IOCSIFT_SEARCH_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 2
    )]
    pub search_timeout: u64,
}

impl Database {
    /// The Postgres to use, if it is not the private one. An empty setting is none: compose files and
    /// shells set variables that way.
    #[must_use]
    pub fn external(&self) -> Option<&str> {
        self.database_url.as_deref().filter(|url| !url.is_empty())
    }

    /// The replica to ask, if there is one.
    #[must_use]
    pub fn replica(&self) -> Option<&str> {
        self.database_read_url
            .as_deref()
            .filter(|url| !url.is_empty())
    }

    /// Where originals and texts are kept. Where a Postgres elsewhere is used, other machines may use it too, and they
    /// would not find a folder of this one: there it is Postgres, unless told otherwise.
    ///
    /// # Errors
    /// Where the place cannot be used, or there is no data directory.
    pub fn blobs(&self) -> anyhow::Result<store::Blobs> {
        let place = self.originals.as_deref().filter(|place| !place.is_empty());
        Ok(match (place, self.external()) {
            (Some("postgres"), _) | (None, Some(_)) => store::Blobs::in_postgres(),
            (Some(place), _) => store::Blobs::at(place)?,
            (None, None) => store::Blobs::in_folder(&self.data_dir()?.join("originals"))?,
        })
    }

    /// The data directory, given or by default.
    ///
    /// # Errors
    /// Where there is neither a setting nor a home.
    pub fn data_dir(&self) -> anyhow::Result<PathBuf> {
        if let Some(dir) = &self.data_dir {
            // Relative to where the program was started, whatever a child changes to.
            return Ok(std::path::absolute(dir)?);
        }
        if rustix::process::geteuid().is_root() {
            return Ok(PathBuf::from("/var/lib/iocsift"));
        }
        let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
        std::env::var_os("XDG_DATA_HOME")
            .map(PathBuf::from)
            .or_else(home)
            .map(|data| data.join("iocsift"))
            .ok_or_else(|| anyhow::anyhow!("no home directory to keep data in: set --data-dir"))
    }

    /// The pool of connections.
    #[must_use]
    pub fn pool(&self) -> store::PoolSettings {
        store::PoolSettings {
            max_connections: self.database_connections,
            statement_timeout: Duration::from_secs(self.statement_timeout),
            search_timeout: Duration::from_secs(self.search_timeout),
            ..store::PoolSettings::default()
        }
    }
}

/// `true` or `false`; a variable that is set to nothing is `false`.
fn switch(text: &str) -> Result<bool, std::str::ParseBoolError> {
    if text.is_empty() {
        Ok(false)
    } else {
        text.parse()
    }
}

/// How HTTP is served.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "HTTP")]
pub struct Http {
    /// Address and port to listen on
    #[arg(
        long,
        env = "IOCSIFT_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080"
    )]
    pub listen: SocketAddr,
    /// Largest file or text that is taken, in bytes
    #[arg(long, env = "IOCSIFT_MAX_UPLOAD_BYTES", value_name = "BYTES", default_value_t = 10 << 20)]
    pub max_upload_bytes: usize,
    /// Ask for a token on reads too; without it whoever reaches the server may read
    #[arg(long, env = "IOCSIFT_PRIVATE_READS", value_parser = switch)]
    pub private_reads: bool,
    /// The service is reached over HTTPS: session cookies are bound to it, browsers are told to stay on it
    #[arg(long, env = "IOCSIFT_HTTPS", value_parser = switch)]
    pub https: bool,
    /// Origins, such as `https://siem.example`, whose pages may use the API; comma-separated
    #[arg(
        long,
        env = "IOCSIFT_CORS_ORIGINS",
        value_name = "ORIGIN",
        value_delimiter = ',',
        value_parser = entry::<String>
    )]
    pub cors_origins: Vec<Option<String>>,
    /// Networks of reverse proxies whose X-Forwarded-For is believed; comma-separated
    #[arg(
        long,
        env = "IOCSIFT_TRUSTED_PROXIES",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = entry::<Network>
    )]
    pub trusted_proxies: Vec<Option<Network>>,
    /// Requests a minute from one address without a token; 0 is without limit
    #[arg(
        long,
        env = "IOCSIFT_ANONYMOUS_PER_MINUTE",
        value_name = "N",
        default_value_t = 300
    )]
    pub anonymous_per_minute: u32,
    /// Requests a minute with one token; 0 is without limit
    #[arg(
        long,
        env = "IOCSIFT_TOKEN_PER_MINUTE",
        value_name = "N",
        default_value_t = 1200
    )]
    pub token_per_minute: u32,
    /// Submissions an hour of one account; 0 is without limit
    #[arg(
        long,
        env = "IOCSIFT_SUBMISSIONS_PER_HOUR",
        value_name = "N",
        default_value_t = 1200
    )]
    pub submissions_per_hour: u32,
    /// Look-ups a minute from one address; 0 is without limit
    #[arg(
        long,
        env = "IOCSIFT_LOOKUPS_PER_MINUTE",
        value_name = "N",
        default_value_t = 60
    )]
    pub lookups_per_minute: u32,
    /// Look-ups a day from one address; 0 is without limit
    #[arg(
        long,
        env = "IOCSIFT_LOOKUPS_PER_DAY",
        value_name = "N",
        default_value_t = 1000
    )]
    pub lookups_per_day: u32,
    /// Waiting documents from which on new submissions are put off with 429
    #[arg(
        long,
        env = "IOCSIFT_QUEUE_LIMIT",
        value_name = "N",
        default_value_t = 10_000
    )]
    pub queue_limit: i64,
    /// Seconds for which a fetched URL counts as already submitted
    #[arg(
        long,
        env = "IOCSIFT_URL_FRESH",
        value_name = "SECONDS",
        default_value_t = 3600
    )]
    pub url_fresh: u64,
    /// Seconds after which a request is given up with 504
    #[arg(
        long,
        env = "IOCSIFT_REQUEST_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 30
    )]
    pub request_timeout: u64,
}

impl Http {
    /// As the HTTP room wants them.
    #[must_use]
    pub fn settings(&self) -> http::Settings {
        http::Settings {
            max_upload_bytes: self.max_upload_bytes,
            url_fresh_for: Duration::from_secs(self.url_fresh),
            private_reads: self.private_reads,
            https: self.https,
            cors_origins: given(&self.cors_origins),
            trusted_proxies: given(&self.trusted_proxies),
            anonymous_per_minute: self.anonymous_per_minute,
            signed_per_minute: self.token_per_minute,
            submissions_per_hour: self.submissions_per_hour,
            lookups_per_minute: self.lookups_per_minute,
            lookups_per_day: self.lookups_per_day,
            queue_limit: self.queue_limit,
            request_timeout: Duration::from_secs(self.request_timeout),
            ..http::Settings::default()
        }
    }
}

/// How documents are read and fetched.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Workers")]
pub struct Work {
    /// Documents read at once [default: one a core]
    #[arg(long, env = "IOCSIFT_WORKERS", value_name = "N")]
    pub workers: Option<usize>,
    /// Seconds that a claimed job stays with a worker that gives no sign of life
    #[arg(long, env = "IOCSIFT_LEASE", value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(3..))]
    pub lease: u64,
    /// Seconds that a shutdown waits for documents in work before it gives them back
    #[arg(
        long,
        env = "IOCSIFT_GRACE",
        value_name = "SECONDS",
        default_value_t = 10
    )]
    pub grace: u64,
    /// Days for which originals are kept after they came in; 0 is for ever. Texts and indicators stay
    #[arg(
        long,
        env = "IOCSIFT_KEEP_ORIGINALS",
        value_name = "DAYS",
        default_value_t = 0
    )]
    pub keep_originals: u64,
    #[command(flatten)]
    /// The reader's bounds.
    pub reader: Reader,
    /// Largest answer that is fetched from a URL, in bytes
    #[arg(long, env = "IOCSIFT_FETCH_MAX_BYTES", value_name = "BYTES", default_value_t = 10 << 20)]
    pub fetch_max_bytes: u64,
    /// Seconds for a whole fetch, redirects included
    #[arg(
        long,
        env = "IOCSIFT_FETCH_TIMEOUT",
        value_name = "SECONDS",
        default_value_t = 15
    )]
    pub fetch_timeout: u64,
    /// Networks that URLs, and addresses of webhooks, may lead to although they are not public; comma-separated
    #[arg(
        long,
        env = "IOCSIFT_FETCH_ALLOW",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = entry::<Network>
    )]
    pub fetch_allow: Vec<Option<Network>>,
    /// Networks that URLs, and addresses of webhooks, must not lead to although they are public; comma-separated
    #[arg(
        long,
        env = "IOCSIFT_FETCH_DENY",
        value_name = "CIDR",
        value_delimiter = ',',
        value_parser = entry::<Network>
    )]
    pub fetch_deny: Vec<Option<Network>>,
    #[command(flatten)]
    /// The lists that values are looked up in.
    pub lists: Lists,
}

/// Lists of what is known of values.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Lists")]
pub struct Lists {
    /// Folder of lists beside those that are stored: files by their extension, `*/list.json` as MISP warninglists
    #[arg(long, env = "IOCSIFT_LISTS_DIR", value_name = "DIR")]
    pub lists_dir: Option<PathBuf>,
    /// Largest list that is fetched or uploaded, in bytes
    #[arg(long, env = "IOCSIFT_LIST_MAX_BYTES", value_name = "BYTES", default_value_t = 64 << 20)]
    pub list_max_bytes: usize,
    /// Seconds for a whole fetch of a list, redirects included
    #[arg(long, env = "IOCSIFT_LIST_TIMEOUT", value_name = "SECONDS", default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=600))]
    pub list_timeout: u64,
}

impl Lists {
    /// The folder, if there is one. A variable that is set to nothing is none.
    #[must_use]
    pub fn folder(&self) -> Option<PathBuf> {
        self.lists_dir
            .clone()
            .filter(|dir| !dir.as_os_str().is_empty())
    }
}

impl Work {
    /// As the worker pool wants them.
    #[must_use]
    pub fn settings(&self) -> worker::Settings {
        let defaults = worker::Settings::default();
        worker::Settings {
            workers: self.workers.unwrap_or(defaults.workers),
            lease: Duration::from_secs(self.lease),
            grace: Duration::from_secs(self.grace),
            keep_originals: (self.keep_originals > 0)
                .then(|| Duration::from_secs(self.keep_originals * 24 * 60 * 60)),
            ..defaults
        }
    }

    fn policy(&self) -> fetch::Policy {
        fetch::Policy {
            allow: given(&self.fetch_allow),
            deny: given(&self.fetch_deny),
        }
    }

    /// What tells webhooks, where these settings allow it.
    #[must_use]
    pub fn poster(&self) -> fetch::Poster {
        fetch::Poster::new(self.policy(), worker::webhooks::TIME)
    }

    /// The fetcher of lists that these settings allow.
    #[must_use]
    pub fn list_fetcher(&self) -> fetch::Fetcher {
        let limits = fetch::Limits {
            bytes: self.lists.list_max_bytes as u64,
            time: Duration::from_secs(self.lists.list_timeout),
        };
        fetch::Fetcher::new(self.policy(), limits)
    }

    /// What looks after watches: it fetches as submitted URLs are fetched.
    #[must_use]
    pub fn watcher(&self) -> worker::watches::Watcher {
        worker::watches::Watcher {
            fetcher: self.fetcher(),
            pause: worker::watches::PAUSE,
        }
    }

    /// The fetcher that these settings allow.
    #[must_use]
    pub fn fetcher(&self) -> fetch::Fetcher {
        let limits = fetch::Limits {
            bytes: self.fetch_max_bytes,
            time: Duration::from_secs(self.fetch_timeout),
        };
        fetch::Fetcher::new(self.policy(), limits)
    }
}

/// Bounds of the sandboxed reader.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Reader")]
pub struct Reader {
    /// Memory that reading one document may take, in MiB; spreadsheets, and what may hold one, may take twice as much
    #[arg(long, env = "IOCSIFT_READER_MEMORY", value_name = "MIB", default_value_t = 512, value_parser = clap::value_parser!(u64).range(64..))]
    pub reader_memory: u64,
    /// Seconds of CPU time that reading one document may take
    #[arg(long, env = "IOCSIFT_READER_CPU", value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..))]
    pub reader_cpu: u64,
    /// Seconds that reading one document may take in all
    #[arg(long, env = "IOCSIFT_READER_TIMEOUT", value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..))]
    pub reader_timeout: u64,
    /// What to do where the kernel lacks Landlock or seccomp
    #[arg(
        long,
        env = "IOCSIFT_SANDBOX",
        value_name = "MODE",
        default_value = "best-effort"
    )]
    pub sandbox: SandboxMode,
    /// Whether pages that are pictures are read with `tesseract` (OCR)
    #[arg(long, env = "IOCSIFT_OCR", value_name = "MODE", default_value = "auto")]
    pub ocr: OcrMode,
    /// The program `tesseract` [default: searched for on the PATH]
    #[arg(long, env = "IOCSIFT_TESSERACT", value_name = "FILE")]
    pub tesseract: Option<PathBuf>,
    /// Languages of the pictures, as `tesseract --list-langs` names them, such as `deu+eng`
    #[arg(long, env = "IOCSIFT_OCR_LANGUAGE", value_name = "NAMES", default_value = "eng", value_parser = languages)]
    pub ocr_language: String,
    /// Pages read with OCR in one document; the others are named in a warning
    #[arg(
        long,
        env = "IOCSIFT_OCR_PAGES",
        value_name = "N",
        default_value_t = 50
    )]
    pub ocr_pages: usize,
    /// Seconds that OCR of one page may take
    #[arg(long, env = "IOCSIFT_OCR_TIMEOUT", value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..))]
    pub ocr_timeout: u64,
    /// Seconds that OCR of one document may take; the pages that are left are named in a warning
    #[arg(long, env = "IOCSIFT_OCR_TOTAL", value_name = "SECONDS", default_value_t = 300, value_parser = clap::value_parser!(u64).range(1..))]
    pub ocr_total: u64,
    /// Kinds of indicator of your own, `x_name=pattern`, one a line; the flag may repeat
    #[arg(
        long,
        env = "IOCSIFT_CUSTOM_KINDS",
        value_name = "NAME=PATTERN",
        value_delimiter = '\n',
        value_parser = entry::<CustomRule>
    )]
    pub custom_kind: Vec<Option<CustomRule>>,
}

/// What to do where a lock of the sandbox is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SandboxMode {
    /// Read with the locks that there are.
    BestEffort,
    /// Read nothing.
    Required,
}

/// Whether pages that are pictures are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum OcrMode {
    /// Where `tesseract` is installed.
    Auto,
    /// Never.
    Off,
}

/// Names of languages, which are names of files: nothing that leads elsewhere.
fn languages(text: &str) -> Result<String, &'static str> {
    let sound = |name: &str| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
        name.starts_with(|c: char| c.is_ascii_alphanumeric()) && name.chars().all(allowed)
    };
    if text.split('+').flat_map(|name| name.split('/')).all(sound) {
        Ok(text.to_owned())
    } else {
        Err("is no list of languages such as `eng` or `deu+eng`")
    }
}

impl Reader {
    /// The kinds of indicator that these settings define.
    ///
    /// # Errors
    /// Where there are more than can be handed to a reader.
    pub fn rules(&self) -> anyhow::Result<Vec<CustomRule>> {
        let rules = given(&self.custom_kind);
        anyhow::ensure!(
            rules.len() <= MOST_CUSTOM_KINDS,
            "{} custom kinds are set, and {MOST_CUSTOM_KINDS} are possible",
            rules.len()
        );
        Ok(rules)
    }

    /// What reads pages that are pictures, if anything does.
    ///
    /// # Errors
    /// Where the program that is set is not there.
    pub fn tesseract(&self) -> anyhow::Result<Option<Tesseract>> {
        if self.ocr == OcrMode::Off {
            return Ok(None);
        }
        let program = match &self.tesseract {
            Some(program) => {
                let found = std::fs::canonicalize(program);
                Some(found.with_context(|| format!("no tesseract at {}", program.display()))?)
            }
            None => Tesseract::find(),
        };
        Ok(program.map(|program| Tesseract {
            program,
            language: self.ocr_language.clone(),
            pages: self.ocr_pages,
            seconds: self.ocr_timeout,
            total: Duration::from_secs(self.ocr_total),
        }))
    }

    /// The sandbox that these settings describe.
    ///
    /// # Errors
    /// As [`Reader::rules`] and [`Reader::tesseract`].
    pub fn sandbox(&self) -> anyhow::Result<Sandbox> {
        let limits = sandbox::Limits {
            memory: self.reader_memory << 20,
            cpu_seconds: self.reader_cpu,
            wall_seconds: self.reader_timeout,
            ..sandbox::Limits::default()
        };
        let required = self.sandbox == SandboxMode::Required;
        Ok(Sandbox {
            rules: self.rules()?,
            tesseract: self.tesseract()?,
            ..Sandbox::new(limits, required)
        })
    }
}

/// How the log is written.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
pub struct Log {
    /// What is logged, such as `info` or `iocsift=debug,sqlx=warn`
    #[arg(
        long,
        global = true,
        env = "IOCSIFT_LOG",
        value_name = "FILTER",
        default_value = "info,sqlx=warn"
    )]
    pub log: String,
    /// How a log line is written
    #[arg(
        long,
        global = true,
        env = "IOCSIFT_LOG_FORMAT",
        value_name = "FORMAT",
        default_value = "text"
    )]
    pub log_format: LogFormat,
}

/// How a log line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        http: Http,
        #[command(flatten)]
        work: Work,
    }

    fn lists(text: &str) -> Result<[usize; 4], clap::Error> {
        let line = Line::try_parse_from([
            "iocsift".to_owned(),
            format!("--cors-origins={text}"),
            format!("--trusted-proxies={text}"),
            format!("--fetch-allow={text}"),
            format!("--fetch-deny={text}"),
        ])?;
        let http = line.http.settings();
        Ok([
            http.cors_origins.len(),
            http.trusted_proxies.len(),
            given(&line.work.fetch_allow).len(),
            given(&line.work.fetch_deny).len(),
        ])
    }

    #[test]
    fn an_empty_switch_is_off() {
        assert_eq!(switch(""), Ok(false));
        assert_eq!(switch("true"), Ok(true));
        assert!(switch("flase").is_err());
    }

    #[test]
    fn an_empty_list_is_none() {
        assert_eq!(lists("").unwrap(), [0; 4]);
        assert_eq!(lists(" ").unwrap(), [0; 4]);
    }

    #[test]
    fn blanks_and_a_comma_too_many_add_nothing_to_a_list() {
        assert_eq!(lists("192.0.2.0/24, 2001:db8::/32,").unwrap(), [2; 4]);
    }

    #[test]
    fn a_network_that_is_none_is_refused_in_words() {
        let refused = lists("192.0.2.0/33").unwrap_err().to_string();
        assert!(refused.contains("192.0.2.0/33"), "{refused}");
    }
}
