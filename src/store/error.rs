//! What can go wrong between us and Postgres, sorted by what the caller can do about it.

use std::str::FromStr;

use sqlx::error::DatabaseError;
use sqlx::migrate::MigrateError;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The database is away or has no connection free: try again soon.
    #[error("the store is not available: {0}")]
    Unavailable(Cause),
    /// The database's disk is full; reading still works.
    #[error("the store is out of disk space: {0}")]
    Full(Cause),
    /// The statement ran into its time limit: ask for less.
    #[error("the query took too long: {0}")]
    Timeout(Cause),
    /// The schema cannot be brought to this version; the sentence says why.
    #[error("{0}")]
    Schema(String),
    /// A fault of this program.
    #[error("the query failed: {0}")]
    Internal(Cause),
}

/// What every function of the store returns.
pub type Result<T> = std::result::Result<T, Error>;

/// A word of the database as one of the words this version knows.
pub(super) fn word<T>(text: &str) -> Result<T>
where
    T: FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    text.parse()
        .map_err(|error: T::Err| Error::Internal(error.into()))
}

impl From<sqlx::Error> for Error {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::WorkerCrashed => Self::Unavailable(error.into()),
            sqlx::Error::Database(answer) => match answer.code().as_deref() {
                Some("53100") => Self::Full(error.into()),
                Some("57014") => Self::Timeout(error.into()),
                Some(code) if away(code) => Self::Unavailable(error.into()),
                _ => Self::Internal(error.into()),
            },
            _ => Self::Internal(error.into()),
        }
    }
}

/// Whether the SQLSTATE says that the server is going, coming or has no room for a connection.
fn away(code: &str) -> bool {
    // 40001: a replica gave up a query because its primary removed what the query could still see.
    code.starts_with("08")
        || matches!(
            code,
            "40001" | "53300" | "57P01" | "57P02" | "57P03" | "25P03"
        )
}

impl From<MigrateError> for Error {
    fn from(error: MigrateError) -> Self {
        match error {
            MigrateError::VersionMissing(version) => Self::Schema(format!(
                "the database has migration {version}, which this version of iocsift does not know: it was made by a newer one, start that"
            )),
            MigrateError::VersionMismatch(version) => Self::Schema(format!(
                "migration {version} in the database differs from the one in this version of iocsift"
            )),
            MigrateError::Execute(error) | MigrateError::ExecuteMigration(error, _)
                if error.to_string().contains("pg_trgm") =>
            {
                Self::Schema(format!(
                    "Postgres lacks the extension pg_trgm, which comes with its contrib package (postgresql-contrib): {error}"
                ))
            }
            MigrateError::Execute(error) => error.into(),
            other => Self::Schema(format!(
                "the schema could not be brought up to date: {other}"
            )),
        }
    }
}

/// Whether `error` is the violation of the unique index `name`.
pub(super) fn violates(error: &sqlx::Error, name: &str) -> bool {
    error
        .as_database_error()
        .and_then(DatabaseError::constraint)
        == Some(name)
}
