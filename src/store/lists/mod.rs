//! Lists of what is known of values: made, changed, deleted, and the last good version of each. How they are fetched
//! anew: `refresh`.
//!
//! What is listed has a version, which rises in commit order: whoever has built a matcher asks [`Store::lists_version`]
//! whether it is current.

mod refresh;
mod taken;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::blobs::{aside, packed};
use super::error::word;
use super::{Error, Result, Store};
use crate::credential::Credential;
use crate::id::ListId;
use crate::lists::{About, Columns, List, ListFormat, ListKind};
pub use refresh::{Checked, Checking, Validators};
pub use taken::Taken;

/// What somebody says of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListDefinition {
    /// Its stable name.
    pub slug: String,
    /// For people; `None`: as the list calls itself.
    pub name: Option<String>,
    /// A sentence or two; `None`: as the list says.
    pub description: Option<String>,
    /// What a hit on it means.
    pub kind: ListKind,
    /// How it is written.
    pub format: ListFormat,
    /// Where a table has its values.
    pub columns: Columns,
    /// Its page, for people.
    pub page_url: Option<String>,
    /// Where it is fetched from; `None`: somebody uploads it.
    pub source_url: Option<String>,
    /// What its server wants to see; only where there is one.
    pub credential: Option<Credential>,
    /// Whether it is asked, and fetched.
    pub enabled: bool,
    /// Between two fetches that went well.
    pub interval: Duration,
}

/// A list as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredList {
    /// `list_…`.
    pub id: ListId,
    /// What somebody says of it.
    pub definition: ListDefinition,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// What the version that stands says of itself.
    pub about: About,
    /// How it fares.
    pub health: ListHealth,
}

/// How a list fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListHealth {
    /// Entries of the version that stands.
    pub entries: i64,
    /// What of it was no entry.
    pub refused: i64,
    /// Events that its source has beyond those that are wanted.
    pub left_out: i64,
    /// Since when it stands.
    pub changed_at: Option<DateTime<Utc>>,
    /// When it was last known to be current.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it was last asked for, or uploaded.
    pub checked_at: Option<DateTime<Utc>>,
    /// When it is fetched next, at the earliest.
    pub next_check_at: Option<DateTime<Utc>>,
    /// Fetches that failed since the last that did not.
    pub failures: i32,
    /// Why the last one failed.
    pub error: Option<String>,
}

impl StoredList {
    /// The list as a matcher knows it.
    #[must_use]
    pub fn list(&self) -> List {
        let told = List::new(self.definition.slug.as_str(), self.definition.kind).told(&self.about);
        let said = &self.definition;
        List {
            name: said.name.clone().unwrap_or(told.name),
            description: said.description.clone().unwrap_or(told.description),
            url: said.page_url.clone(),
            ..told
        }
    }
}

/// A row of `lists` in the types of the driver.
struct Row {
    id: Uuid,
    slug: String,
    name: Option<String>,
    description: Option<String>,
    kind: String,
    format: String,
    columns: Json<Columns>,
    page_url: Option<String>,
    source_url: Option<String>,
    credential_header: Option<String>,
    credential_value: Option<String>,
    enabled: bool,
    interval_seconds: i32,
    created_at: DateTime<Utc>,
    next_check_at: Option<DateTime<Utc>>,
    about: Json<About>,
    entries: i64,
    refused: i64,
    left_out: i64,
    changed_at: Option<DateTime<Utc>>,
    last_success_at: Option<DateTime<Utc>>,
    checked_at: Option<DateTime<Utc>>,
    failures: i32,
    error: Option<String>,
}

impl Row {
    fn into_list(self) -> Result<StoredList> {
        Ok(StoredList {
            id: ListId(self.id),
            definition: ListDefinition {
                slug: self.slug,
                name: self.name,
                description: self.description,
                kind: word(&self.kind)?,
                format: word(&self.format)?,
                columns: self.columns.0,
                page_url: self.page_url,
                source_url: self.source_url,
                credential: credential(self.credential_header, self.credential_value)?,
                enabled: self.enabled,
                interval: Duration::from_secs(self.interval_seconds.unsigned_abs().into()),
            },
            created_at: self.created_at,
            about: self.about.0,
            health: ListHealth {
                entries: self.entries,
                refused: self.refused,
                left_out: self.left_out,
                changed_at: self.changed_at,
                last_success_at: self.last_success_at,
                checked_at: self.checked_at,
                next_check_at: self.next_check_at,
                failures: self.failures,
                error: self.error,
            },
        })
    }
}

/// What stands in the columns of a credential.
fn credential(header: Option<String>, value: Option<String>) -> Result<Option<Credential>> {
    let pair = header.zip(value);
    pair.map(|(header, value)| Credential::new(&header, &value))
        .transpose()
        .map_err(|error| Error::Internal(error.into()))
}

fn seconds(interval: Duration) -> i32 {
    i32::try_from(interval.as_secs()).unwrap_or(i32::MAX)
}

/// A query for [`Row`]s: what stands before the columns, what stands behind them, the arguments.
macro_rules! rows {
    ($head:tt, $tail:tt $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            $head
                + r#" id, slug, name, description, kind, format, columns AS "columns: Json<Columns>", page_url, source_url,
                      credential_header, credential_value, enabled, interval_seconds, created_at, next_check_at, about AS "about: Json<About>", entries, refused,
                      left_out, changed_at, last_success_at, checked_at, failures, error "#
                + $tail
            $(, $argument)*
        )
    };
}
use rows;

/// What is listed is another from the commit on, which follows at once.
async fn changed(tx: &mut PgConnection) -> Result<()> {
    sqlx::query!("UPDATE list_changes SET version = version + 1")
        .execute(tx)
        .await?;
    Ok(())
}

async fn keep(tx: &mut PgConnection, id: ListId, packed: &[u8]) -> Result<()> {
    sqlx::query!(
        "INSERT INTO list_contents (list_id, bytes) VALUES ($1, $2)
         ON CONFLICT (list_id) DO UPDATE SET bytes = EXCLUDED.bytes",
        id.0,
        packed
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// Rises with every change of what is listed; what a version tells of is visible with it.
    ///
    /// # Errors
    /// As every query.
    pub async fn lists_version(&self) -> Result<i64> {
        let version = sqlx::query_scalar!("SELECT version FROM list_changes")
            .fetch_one(&self.pool)
            .await?;
        Ok(version)
    }

    /// A new list; `None` where another one has its slug.
    ///
    /// # Errors
    /// As every query.
    pub async fn create_list(&self, list: &ListDefinition) -> Result<Option<StoredList>> {
        let row = rows!(
            "INSERT INTO lists (id, slug, name, description, kind, format, columns, page_url, source_url, enabled,
                                interval_seconds, credential_header, credential_value, next_check_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, CASE WHEN $9::text IS NOT NULL THEN now() END)
             ON CONFLICT (slug) DO NOTHING RETURNING",
            "",
            ListId::generate().0,
            list.slug,
            list.name,
            list.description,
            list.kind.as_str(),
            list.format.row().name,
            Json(&list.columns) as _,
            list.page_url,
            list.source_url,
            list.enabled,
            seconds(list.interval),
            list.credential.as_ref().map(Credential::header),
            list.credential.as_ref().map(Credential::value)
        );
        let row = row.fetch_optional(&self.pool).await?;
        row.map(Row::into_list).transpose()
    }

    /// Every list, by slug.
    ///
    /// # Errors
    /// As every query.
    pub async fn lists(&self) -> Result<Vec<StoredList>> {
        let rows = rows!("SELECT", "FROM lists ORDER BY slug");
        let rows = rows.fetch_all(&self.pool).await?;
        rows.into_iter().map(Row::into_list).collect()
    }

    /// The list with this id.
    ///
    /// # Errors
    /// As every query.
    pub async fn list(&self, id: ListId) -> Result<Option<StoredList>> {
        let row = rows!("SELECT", "FROM lists WHERE id = $1", id.0);
        let row = row.fetch_optional(&self.pool).await?;
        row.map(Row::into_list).transpose()
    }

    /// The last good version of a list; `None` before the first.
    ///
    /// # Errors
    /// As every query.
    pub async fn list_content(&self, id: ListId) -> Result<Option<Vec<u8>>> {
        let packed =
            sqlx::query_scalar!("SELECT bytes FROM list_contents WHERE list_id = $1", id.0)
                .fetch_optional(&self.pool)
                .await?;
        let Some(packed) = packed else {
            return Ok(None);
        };
        let bytes = aside(move || packed::unpack(&packed)).await?;
        bytes
            .map(Some)
            .map_err(|error| Error::Internal(error.into()))
    }

    /// Changes what is said of a list: all but its slug, its format and its columns, which its contents stand by.
    /// `None` when there is none.
    ///
    /// # Errors
    /// As every query.
    pub async fn edit_list(
        &self,
        id: ListId,
        edit: impl FnOnce(&mut ListDefinition) + Send,
    ) -> Result<Option<StoredList>> {
        let mut tx = self.begin().await?;
        let row = rows!("SELECT", "FROM lists WHERE id = $1 FOR UPDATE", id.0);
        let Some(row) = row.fetch_optional(&mut *tx).await? else {
            return Ok(None);
        };
        let before = row.into_list()?.definition;
        let mut list = before.clone();
        edit(&mut list);
        // What another server called its version says nothing, nor what it showed to somebody else; and who fetches
        // from there has nothing to say any more.
        let same = (&list.source_url, &list.credential) == (&before.source_url, &before.credential);
        let row = rows!(
            "UPDATE lists SET name = $2, description = $3, kind = $4, page_url = $5, source_url = $6, enabled = $7,
                interval_seconds = $8, credential_header = $9, credential_value = $10,
                etag = CASE WHEN $11 THEN etag END, last_modified = CASE WHEN $11 THEN last_modified END,
                sha256 = CASE WHEN $11 THEN sha256 END, claim = CASE WHEN $11 THEN claim END,
                next_check_at = CASE WHEN $6::text IS NULL THEN NULL WHEN NOT $11 THEN now()
                                     ELSE least(next_check_at, now() + $8::integer * interval '1 second') END
             WHERE id = $1 RETURNING",
            "",
            id.0,
            list.name,
            list.description,
            list.kind.as_str(),
            list.page_url,
            list.source_url,
            list.enabled,
            seconds(list.interval),
            list.credential.as_ref().map(Credential::header),
            list.credential.as_ref().map(Credential::value),
            same
        );
        let row = row.fetch_one(&mut *tx).await?;
        changed(&mut tx).await?;
        tx.commit().await?;
        row.into_list().map(Some)
    }

    /// Removes a list with what it holds; false when there is none.
    ///
    /// # Errors
    /// As every query.
    pub async fn delete_list(&self, id: ListId) -> Result<bool> {
        let mut tx = self.begin().await?;
        let done = sqlx::query!("DELETE FROM lists WHERE id = $1", id.0)
            .execute(&mut *tx)
            .await?;
        changed(&mut tx).await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// Puts an uploaded version in the place of the old one. `None` when there is no such list.
    ///
    /// # Errors
    /// As every query.
    pub async fn replace_list(&self, id: ListId, taken: &Taken) -> Result<Option<StoredList>> {
        let mut tx = self.begin().await?;
        // Its server may have another one: it is not asked whether that is still the same.
        let row = rows!(
            "UPDATE lists SET about = $2, entries = $3, refused = $4, sha256 = $5, left_out = $6, etag = NULL, last_modified = NULL,
                changed_at = now(), last_success_at = now(), checked_at = now(), failures = 0, error = NULL
             WHERE id = $1 RETURNING",
            "",
            id.0,
            Json(&taken.about) as _,
            taken.entries,
            taken.refused,
            taken.sha256.as_slice(),
            taken.left_out
        );
        let Some(row) = row.fetch_optional(&mut *tx).await? else {
            return Ok(None);
        };
        keep(&mut tx, id, &taken.packed).await?;
        changed(&mut tx).await?;
        tx.commit().await?;
        row.into_list().map(Some)
    }
}
