//! The nouns of accounts, and the pure rules of tokens and passwords.
//!
//! A token is `ioc_`, 30 random base62 characters and a checksum of 6, so that scanners find a leaked one
//! and a mistyped one is refused without a look-up. Neither a token nor a password is ever stored: only
//! the [`digest`] of the one and the Argon2id hash of the other.

use std::fmt;

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use chrono::{DateTime, Utc};
use rand::RngExt;
use sha2::{Digest, Sha256};

use crate::id::{TokenId, UserId};
use crate::submission::words;

words! {
    /// What an account may do.
    Role {
        /// Submits, and edits what is their own.
        Member => "member",
        /// Everything.
        Admin => "admin",
    }
}

words! {
    /// What a token may be used for, within the rights of its account.
    Scope {
        /// Reading.
        Read => "read",
        /// Submitting and editing.
        Write => "write",
        /// Administration.
        Admin => "admin",
    }
}

/// Somebody who may sign in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// `usr_…`.
    pub id: UserId,
    /// Sign-in name, unique without regard to case.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// When the account was made.
    pub created_at: DateTime<Utc>,
}

/// A token as its owner sees it later: everything but the token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// `tok_…`.
    pub id: TokenId,
    /// What its owner calls it.
    pub name: String,
    /// The first characters of the token.
    pub hint: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// From when on it is refused; `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
    /// Last use, to the minute.
    pub last_used_at: Option<DateTime<Utc>>,
    /// When it was revoked.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// A token about to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What its owner calls it.
    pub name: String,
    /// SHA-256 of the token.
    pub digest: [u8; 32],
    /// The first characters of the token.
    pub hint: String,
    /// What it may be used for.
    pub scopes: Vec<Scope>,
    /// From when on it is refused; `None`: never.
    pub expires_at: Option<DateTime<Utc>>,
}

const PREFIX: &str = "ioc_";
const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Random characters of a token: 178 bits.
const RANDOM_LEN: usize = 30;
/// Characters of the CRC32 behind them; 62^6 is more than 2^32.
const CHECKSUM_LEN: usize = 6;
/// Characters of a token that are kept so that its owner knows it again.
const HINT_LEN: usize = 8;

/// A token in clear, shown once. Its `Debug` form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A new random token.
    #[must_use]
    pub fn generate() -> Self {
        let mut text = format!("{PREFIX}{}", random_base62(RANDOM_LEN));
        let sum = checksum(&text);
        text.push_str(&sum);
        Self(text)
    }

    /// The token itself, to be shown to its owner.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What is stored of it under `name`.
    #[must_use]
    pub fn to_store(
        &self,
        name: impl Into<String>,
        scopes: Vec<Scope>,
        expires_at: Option<DateTime<Utc>>,
    ) -> NewToken {
        NewToken {
            name: name.into(),
            digest: Sha256::digest(&self.0).into(),
            hint: self.0[..HINT_LEN].to_owned(),
            scopes,
            expires_at,
        }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secret({}…)", &self.0[..HINT_LEN])
    }
}

/// The digest under which a token is looked up; `None` for a text that cannot be a token, by its
/// prefix, length, alphabet or checksum.
#[must_use]
pub fn digest(text: &str) -> Option<[u8; 32]> {
    let body = text.strip_prefix(PREFIX)?;
    if body.len() != RANDOM_LEN + CHECKSUM_LEN
        || !body.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        return None;
    }
    let (signed, sum) = text.split_at(PREFIX.len() + RANDOM_LEN);
    (checksum(signed) == sum).then(|| Sha256::digest(text).into())
}

/// CRC32 of `text` in base62.
fn checksum(text: &str) -> String {
    let mut rest = crc32fast::hash(text.as_bytes()) as usize;
    let mut digits = [b'0'; CHECKSUM_LEN];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[rest % 62];
        rest /= 62;
    }
    digits.iter().copied().map(char::from).collect()
}

/// Characters of a made password: 119 bits.
const PASSWORD_LEN: usize = 20;
/// Bytes of a password that is taken. Longer ones only cost time to hash.
const PASSWORD_BYTES: std::ops::RangeInclusive<usize> = 8..=512;

/// A new random password.
#[must_use]
pub fn generate_password() -> String {
    random_base62(PASSWORD_LEN)
}

/// Why a password is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a password has {} to {} bytes", PASSWORD_BYTES.start(), PASSWORD_BYTES.end())]
pub struct PasswordLength;

/// Whether a password may be used.
///
/// # Errors
/// When it is too short or too long.
pub fn check_password(password: &str) -> Result<(), PasswordLength> {
    if PASSWORD_BYTES.contains(&password.len()) {
        Ok(())
    } else {
        Err(PasswordLength)
    }
}

fn random_base62(length: usize) -> String {
    let mut rng = rand::rng();
    (0..length)
        .map(|_| char::from(BASE62[rng.random_range(0..BASE62.len())]))
        .collect()
}

/// Why a password could not be hashed: the system gave no randomness, or no memory.
#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed: {0}")]
pub struct HashError(argon2::password_hash::Error);

/// 19 MiB, two passes, one lane: OWASP's setting for Argon2id.
fn argon2() -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::DEFAULT)
}

/// Hashes a password with a new salt. Takes some 60 ms and 19 MiB: not for an async thread.
///
/// # Errors
/// When the system gives no randomness or memory.
pub fn hash_password(password: &str) -> Result<String, HashError> {
    let hash: PasswordHash = argon2()
        .hash_password(password.as_bytes())
        .map_err(HashError)?;
    Ok(hash.to_string())
}

/// Whether `password` is the one that was hashed. Without a hash (an unknown user) it works as long and
/// says no, so that the time of the answer tells nobody which names exist. Not for an async thread.
#[must_use]
pub fn verify_password(password: &str, hash: Option<&str>) -> bool {
    match hash.map(PasswordHash::new) {
        Some(Ok(hash)) => argon2().verify_password(password.as_bytes(), &hash).is_ok(),
        _ => {
            let _ = hash_password(password);
            false
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_token_passes_its_own_check_and_any_changed_character_fails_it() {
        let secret = Secret::generate();
        let text = secret.reveal();
        assert_eq!(text.len(), 40);
        assert_eq!(
            digest(text),
            Some(secret.to_store("t", vec![Scope::Read], None).digest)
        );
        for place in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[place] = if bytes[place] == b'x' { b'y' } else { b'x' };
            assert_eq!(
                digest(&String::from_utf8(bytes).unwrap()),
                None,
                "place {place}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_other_text_is_a_token(text in "\\PC*") {
            prop_assert_eq!(digest(&text), None);
        }
    }

    #[test]
    fn the_debug_form_hides_the_token() {
        let secret = Secret::generate();
        assert!(!format!("{secret:?}").contains(&secret.reveal()[HINT_LEN..]));
    }

    #[test]
    fn a_password_verifies_against_its_own_hash_alone() {
        let hash = hash_password("correct horse").unwrap();
        assert!(
            hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
            "{hash}"
        );
        assert!(verify_password("correct horse", Some(&hash)));
        assert!(!verify_password("correct horsf", Some(&hash)));
        assert!(!verify_password("correct horse", None));
        assert!(!verify_password("correct horse", Some("not a hash")));
    }
}
