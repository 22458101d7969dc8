//! Accounts, tokens and sessions. Secrets come in as digests and hashes; none is stored in clear.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::error::{violates, word};
use super::{Result, Store};
use crate::account::{Account, NewToken, Role, Token};
use crate::id::{TokenId, UserId};

/// A row of `tokens` in the types of the driver.
struct TokenRow {
    id: Uuid,
    name: String,
    hint: String,
    scopes: Vec<String>,
    created_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    last_used_at: Option<DateTime<Utc>>,
    revoked_at: Option<DateTime<Utc>>,
}

impl TokenRow {
    fn into_token(self) -> Result<Token> {
        Ok(Token {
            id: TokenId(self.id),
            name: self.name,
            hint: self.hint,
            scopes: self
                .scopes
                .iter()
                .map(|scope| word(scope))
                .collect::<Result<_>>()?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            last_used_at: self.last_used_at,
            revoked_at: self.revoked_at,
        })
    }
}

fn account(id: Uuid, username: String, role: &str, created_at: DateTime<Utc>) -> Result<Account> {
    Ok(Account {
        id: UserId(id),
        username,
        role: word(role)?,
        created_at,
    })
}

/// Inserts an account; `None` when the name is taken.
async fn insert_user(
    tx: &mut PgConnection,
    username: &str,
    password_hash: &str,
    role: Role,
) -> Result<Option<Account>> {
    let row = sqlx::query!(
        "INSERT INTO users (id, username, password_hash, role) VALUES ($1, $2, $3, $4)
         RETURNING id, username, role, created_at",
        UserId::generate().0,
        username,
        password_hash,
        role.as_str()
    )
    .fetch_one(tx)
    .await;
    match row {
        Ok(row) => account(row.id, row.username, &row.role, row.created_at).map(Some),
        Err(error) if violates(&error, "users_username") => Ok(None),
        Err(error) => Err(error.into()),
    }
}

async fn insert_token(tx: &mut PgConnection, user: UserId, token: &NewToken) -> Result<Token> {
    let scopes: Vec<String> = token
        .scopes
        .iter()
        .map(|scope| scope.as_str().to_owned())
        .collect();
    sqlx::query_as!(
        TokenRow,
        "INSERT INTO tokens (id, user_id, name, digest, hint, scopes, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
         RETURNING id, name, hint, scopes, created_at, expires_at, last_used_at, revoked_at",
        TokenId::generate().0,
        user.0,
        token.name,
        token.digest.as_slice(),
        token.hint,
        &scopes,
        token.expires_at
    )
    .fetch_one(tx)
    .await?
    .into_token()
}

impl Store {
    /// Whether there is an account at all.
    ///
    /// # Errors
    /// As every query.
    pub async fn has_users(&self) -> Result<bool> {
        let any = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM users) AS "any!""#);
        Ok(any.fetch_one(&self.pool).await?)
    }

    /// A new account; `None` when the name is taken.
    ///
    /// # Errors
    /// As every query.
    pub async fn create_user(
        &self,
        username: &str,
        password_hash: &str,
        role: Role,
    ) -> Result<Option<Account>> {
        insert_user(
            &mut *self.pool.acquire().await?,
            username,
            password_hash,
            role,
        )
        .await
    }

    /// The first administrator and a token of theirs; `None` when any account exists. Of several callers at
    /// once, one wins.
    ///
    /// # Errors
    /// As every query.
    pub async fn create_first_admin(
        &self,
        username: &str,
        password_hash: &str,
        token: &NewToken,
    ) -> Result<Option<Account>> {
        let mut tx = self.begin().await?;
        sqlx::query!("LOCK TABLE users IN SHARE ROW EXCLUSIVE MODE")
            .execute(&mut *tx)
            .await?;
        let taken = sqlx::query_scalar!(r#"SELECT EXISTS (SELECT FROM users) AS "yes!""#)
            .fetch_one(&mut *tx)
            .await?;
        if taken {
            return Ok(None);
        }
        let Some(admin) = insert_user(&mut tx, username, password_hash, Role::Admin).await? else {
            return Ok(None);
        };
        insert_token(&mut tx, admin.id, token).await?;
        tx.commit().await?;
        Ok(Some(admin))
    }

    /// The account with this name, in any case, and the hash of its password.
    ///
    /// # Errors
    /// As every query.
    pub async fn user_by_name(&self, username: &str) -> Result<Option<(Account, String)>> {
        let row = sqlx::query!(
            "SELECT id, username, password_hash, role, created_at FROM users WHERE lower(username) = lower($1)",
            username
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| {
            Ok((
                account(row.id, row.username, &row.role, row.created_at)?,
                row.password_hash,
            ))
        })
        .transpose()
    }

    /// Stores a token.
    ///
    /// # Errors
    /// As every query.
    pub async fn create_token(&self, user: UserId, token: &NewToken) -> Result<Token> {
        insert_token(&mut *self.pool.acquire().await?, user, token).await
    }

    /// The tokens of an account, newest first, with the revoked.
    ///
    /// # Errors
    /// As every query.
    pub async fn tokens(&self, user: UserId) -> Result<Vec<Token>> {
        let rows = sqlx::query_as!(
            TokenRow,
            "SELECT id, name, hint, scopes, created_at, expires_at, last_used_at, revoked_at
             FROM tokens WHERE user_id = $1 ORDER BY created_at DESC, id DESC",
            user.0
        )
        .fetch_all(&self.pool)
        .await?;
        rows.into_iter().map(TokenRow::into_token).collect()
    }

    /// Revokes a token of this account at once; false when there is none that is valid.
    ///
    /// # Errors
    /// As every query.
    pub async fn revoke_token(&self, user: UserId, id: TokenId) -> Result<bool> {
        let done = sqlx::query!(
            "UPDATE tokens SET revoked_at = now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL",
            id.0,
            user.0
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The token with this digest and whose it is, unless revoked. An expired one comes back as well, so that
    /// the answer can say so: compare `expires_at`. A use is noted at most once a minute.
    ///
    /// # Errors
    /// As every query.
    pub async fn authenticate(&self, digest: &[u8; 32]) -> Result<Option<(Account, Token)>> {
        let row = sqlx::query!(
            r#"SELECT t.id, t.name, t.hint, t.scopes, t.created_at, t.expires_at, t.last_used_at, t.revoked_at,
                      u.id AS user_id, u.username, u.role, u.created_at AS user_created_at,
                      (t.expires_at IS NULL OR t.expires_at > now())
                      AND (t.last_used_at IS NULL OR t.last_used_at <= now() - interval '1 minute') AS "note_use!"
               FROM tokens t JOIN users u ON u.id = t.user_id WHERE t.digest = $1 AND t.revoked_at IS NULL"#,
            digest.as_slice()
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        if row.note_use {
            sqlx::query!(
                "UPDATE tokens SET last_used_at = now() WHERE id = $1",
                row.id
            )
            .execute(&self.pool)
            .await?;
        }
        let token = TokenRow {
            id: row.id,
            name: row.name,
            hint: row.hint,
            scopes: row.scopes,
            created_at: row.created_at,
            expires_at: row.expires_at,
            last_used_at: row.last_used_at,
            revoked_at: row.revoked_at,
        };
        Ok(Some((
            account(row.user_id, row.username, &row.role, row.user_created_at)?,
            token.into_token()?,
        )))
    }

    /// Signs an account in under the digest of its cookie, and forgets sessions that have run out.
    ///
    /// # Errors
    /// As every query.
    pub async fn create_session(
        &self,
        user: UserId,
        digest: [u8; 32],
        expires_at: DateTime<Utc>,
    ) -> Result<()> {
        sqlx::query!("DELETE FROM sessions WHERE expires_at <= now()")
            .execute(&self.pool)
            .await?;
        sqlx::query!(
            "INSERT INTO sessions (digest, user_id, expires_at) VALUES ($1, $2, $3)",
            digest.as_slice(),
            user.0,
            expires_at
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// Who is signed in under this digest, unless the session has run out.
    ///
    /// # Errors
    /// As every query.
    pub async fn session(&self, digest: &[u8; 32]) -> Result<Option<Account>> {
        let row = sqlx::query!(
            "SELECT u.id, u.username, u.role, u.created_at FROM sessions s JOIN users u ON u.id = s.user_id
             WHERE s.digest = $1 AND s.expires_at > now()",
            digest.as_slice()
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(|row| account(row.id, row.username, &row.role, row.created_at))
            .transpose()
    }

    /// Signs out; false when there was no such session.
    ///
    /// # Errors
    /// As every query.
    pub async fn delete_session(&self, digest: &[u8; 32]) -> Result<bool> {
        let done = sqlx::query!("DELETE FROM sessions WHERE digest = $1", digest.as_slice())
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
