//! Values that somebody looks up: which reports show them. Enter at [`Store::reports`].

use uuid::Uuid;

use super::error::word;
use super::{Result, Store};
use crate::id::SubmissionId;
use crate::indicator::Kind;
use crate::submission::SourceType;

/// Reports of one value that are looked at, at most: a popular value stands in every third.
const REPORTS: usize = 100;
/// The same where it is one of many.
const FEW_REPORTS: usize = 10;
/// Reports of all values that are shared out among them.
const ALL_REPORTS: usize = 10_000;

/// A value to look up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LookedUp {
    /// What it may be.
    pub kinds: Vec<Kind>,
    /// How it may be written.
    pub spellings: Vec<String>,
}

/// A report that shows a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which of the values, counted from 0.
    pub of: usize,
    /// `sub_…`.
    pub id: SubmissionId,
    /// How it came in.
    pub source_type: SourceType,
    /// The URL, the name of the file, or the title of the text.
    pub source_identifier: String,
    /// Its title.
    pub title: Option<String>,
}

impl Store {
    /// The reports that show one of `values` and do not call it benign, in the order of the values, newest first. Only some
    /// reports of a value are looked at, those that say most of it.
    ///
    /// # Errors
    /// As every query.
    pub async fn reports(&self, values: &[LookedUp]) -> Result<Vec<Report>> {
        let (mut of, mut kinds, mut spellings) = (Vec::new(), Vec::new(), Vec::new());
        for (number, value) in (0i32..).zip(values) {
            for kind in &value.kinds {
                for spelling in &value.spellings {
                    of.push(number);
                    kinds.push(kind.to_string());
                    spellings.push(spelling.clone());
                }
            }
        }
        let most = (ALL_REPORTS / values.len().max(1)).clamp(FEW_REPORTS, REPORTS);
        // Spellings of one value may be those of one indicator; the index of sightings gives the best at once.
        let rows = sqlx::query!(
            r#"SELECT v.n AS "of!", s.submission_id AS "id!: Uuid", d.source_type, d.source_identifier, d.title
               FROM (SELECT DISTINCT a.n, i.id FROM unnest($1::int[], $2::text[], $3::text[]) AS a(n, kind, value)
                     CROSS JOIN LATERAL (SELECT id FROM iocs WHERE kind = a.kind AND ioc_key(value) = ioc_key(a.value)
                                         LIMIT 1) i) v
               CROSS JOIN LATERAL (SELECT submission_id, flags FROM sightings WHERE ioc_id = v.id
                                   ORDER BY feed_confidence(confidence, flags) DESC, submission_id DESC LIMIT $4) s
               JOIN submissions d ON d.id = s.submission_id
               WHERE s.flags = '[]'
               ORDER BY v.n, s.submission_id DESC"#,
            &of,
            &kinds,
            &spellings,
            i64::try_from(most).unwrap_or(i64::MAX)
        )
        .fetch_all(&self.pool)
        .await?;
        let rows = rows.into_iter().map(|row| {
            Ok(Report {
                of: usize::try_from(row.of).unwrap_or_default(),
                id: SubmissionId(row.id),
                source_type: word(&row.source_type)?,
                source_identifier: row.source_identifier,
                title: row.title,
            })
        });
        rows.collect()
    }
}
