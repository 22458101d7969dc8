//! Rows in the binary format of COPY: half of the work of the same rows as arrays of an INSERT, for the server takes
//! them as they come. The format: <https://www.postgresql.org/docs/current/sql-copy.html>.
//!
//! Nothing checks the columns at compile time: whoever writes rows has a test that reads them back.

use sqlx::PgConnection;
use uuid::Uuid;

use super::{Error, Result};

/// Bytes handed to the server at once.
const PIECE: usize = 1 << 20;
const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0";
/// Stands for the length of a null.
const NULL: i32 = -1;
/// Version of the binary form of jsonb.
const JSONB: u8 = 1;

/// Rows that are to be sent.
#[derive(Debug)]
pub(super) struct Rows {
    columns: i16,
    bytes: Vec<u8>,
}

impl Rows {
    /// For rows of so many columns.
    pub(super) fn new(columns: i16) -> Self {
        Self {
            columns,
            bytes: SIGNATURE.to_vec(),
        }
    }

    /// Begins a row: one call for each column follows.
    pub(super) fn begin(&mut self) -> &mut Self {
        self.raw(&self.columns.to_be_bytes())
    }

    fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn sized(&mut self, bytes: &[u8]) -> &mut Self {
        // A field beyond 2 GiB cannot be: documents are smaller by far.
        let length = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
        self.raw(&length.to_be_bytes()).raw(bytes)
    }

    pub(super) fn null(&mut self) -> &mut Self {
        self.raw(&NULL.to_be_bytes())
    }

    pub(super) fn uuid(&mut self, value: Uuid) -> &mut Self {
        self.sized(value.as_bytes())
    }

    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.sized(value.as_bytes())
    }

    pub(super) fn text_or_null(&mut self, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(value),
            None => self.null(),
        }
    }

    pub(super) fn boolean(&mut self, value: bool) -> &mut Self {
        self.sized(&[u8::from(value)])
    }

    pub(super) fn smallint(&mut self, value: i16) -> &mut Self {
        self.sized(&value.to_be_bytes())
    }

    pub(super) fn integer(&mut self, value: i32) -> &mut Self {
        self.sized(&value.to_be_bytes())
    }

    pub(super) fn integer_or_null(&mut self, value: Option<i32>) -> &mut Self {
        match value {
            Some(value) => self.integer(value),
            None => self.null(),
        }
    }

    pub(super) fn bigint(&mut self, value: i64) -> &mut Self {
        self.sized(&value.to_be_bytes())
    }

    /// As jsonb.
    pub(super) fn json(&mut self, value: &impl serde::Serialize) -> Result<&mut Self> {
        let at = self.bytes.len();
        self.raw(&NULL.to_be_bytes()).raw(&[JSONB]);
        serde_json::to_writer(&mut self.bytes, value)
            .map_err(|error| Error::Internal(error.into()))?;
        let length = i32::try_from(self.bytes.len() - at - 4).unwrap_or(i32::MAX);
        self.bytes[at..at + 4].copy_from_slice(&length.to_be_bytes());
        Ok(self)
    }

    /// Sends them; `statement` is `COPY table (columns) FROM STDIN (FORMAT binary)`.
    pub(super) async fn send(mut self, tx: &mut PgConnection, statement: &str) -> Result<()> {
        self.raw(&NULL.to_be_bytes()[..2]);
        let mut copy = tx.copy_in_raw(statement).await?;
        for piece in self.bytes.chunks(PIECE) {
            copy.send(piece).await?;
        }
        copy.finish().await?;
        Ok(())
    }
}
