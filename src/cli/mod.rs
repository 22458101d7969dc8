//! The command line: parses, wires the rooms together, and holds no logic of its own.

mod accounts;
mod database;
mod doctor;
mod extract;
mod serve;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand};
use tracing_subscriber::EnvFilter;

use crate::config::{Database, Http, Log, LogFormat, Work};

/// Turns threat reports into indicators of compromise.
#[derive(Debug, Parser)]
#[command(
    name = "iocsift",
    version,
    max_term_width = 110,
    args_conflicts_with_subcommands = true
)]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    serve: Serve,
    #[command(flatten)]
    log: Log,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API and the web page, and read documents (the default)
    Serve(Box<Serve>),
    /// Read documents for a server elsewhere; any number may run on one Postgres
    Worker(Box<Worker>),
    /// Print the indicators of a file; needs no server and no database
    Extract(extract::Extract),
    /// Manage accounts
    #[command(subcommand)]
    User(accounts::User),
    /// Manage API tokens
    #[command(subcommand)]
    Token(accounts::Token),
    /// Bring the database's schema up to date and end
    Migrate(Database),
    /// Look at all that this installation stands on: database, schema, disk, clock, queue, sandbox
    Doctor(Box<doctor::Doctor>),
    /// Ask a running server whether it is well; the exit code tells
    Health(serve::Health),
}

#[derive(Debug, Args)]
struct Serve {
    #[command(flatten)]
    http: Http,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    work: Work,
}

#[derive(Debug, Args)]
struct Worker {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    work: Work,
}

/// Runs the program that the arguments ask for.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    log(&cli.log);
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => return failed(&error.into()),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failed(&error),
    }
}

async fn run(cli: Cli) -> anyhow::Result<()> {
    match cli.command {
        None => serve::serve(cli.serve).await,
        Some(Command::Serve(settings)) => serve::serve(*settings).await,
        Some(Command::Worker(settings)) => serve::worker(*settings).await,
        Some(Command::Extract(settings)) => extract::extract(settings).await,
        Some(Command::User(command)) => accounts::user(command).await,
        Some(Command::Token(command)) => accounts::token(command).await,
        Some(Command::Migrate(settings)) => database::migrate(&settings).await,
        Some(Command::Doctor(settings)) => doctor::doctor(*settings).await,
        Some(Command::Health(settings)) => serve::health(&settings).await,
    }
}

fn failed(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(io::stderr(), "iocsift: {error:#}");
    ExitCode::FAILURE
}

fn log(settings: &Log) {
    let filter = EnvFilter::builder().parse_lossy(&settings.log);
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        // It would tell of a closed standard error by a panic.
        .log_internal_errors(false);
    match settings.log_format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

/// The settings of `iocsift serve` as a table in Markdown: what `docs/configuration.md` holds.
#[must_use]
pub fn settings_table() -> String {
    let command = Cli::command();
    let mut table =
        String::from("| flag | environment | default | meaning |\n| --- | --- | --- | --- |\n");
    for arg in command.get_arguments() {
        let (Some(flag), Some(variable)) = (arg.get_long(), arg.get_env()) else {
            continue;
        };
        let defaults: Vec<_> = arg
            .get_default_values()
            .iter()
            .map(|value| value.to_string_lossy())
            .collect();
        let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
        let default = if defaults.is_empty() {
            String::new()
        } else {
            format!("`{}`", defaults.join(","))
        };
        table += &format!(
            "| `--{flag}` | `{}` | {default} | {help} |\n",
            variable.to_string_lossy()
        );
    }
    table
}
