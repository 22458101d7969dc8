//! `iocsift user`, `iocsift token`, and the first administrator.

use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use chrono::{TimeDelta, Utc};
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};

use super::database::{Role as DatabaseRole, open};
use crate::account::{self, Role, Scope, Secret};
use crate::config::Database;
use crate::store::Store;

/// Manage accounts.
#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Add an account and print its password
    Add(AddUser),
}

#[derive(Debug, Args)]
pub(super) struct AddUser {
    /// Sign-in name
    username: String,
    /// What the account may do: member or admin
    #[arg(long, default_value = "member")]
    role: Role,
    /// Read the password from standard input in place of making one
    #[arg(long)]
    password_stdin: bool,
    #[command(flatten)]
    database: Database,
}

/// Manage API tokens.
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Create a token and print it
    Create(CreateToken),
}

#[derive(Debug, Args)]
pub(super) struct CreateToken {
    /// Sign-in name of the account that the token acts for
    username: String,
    /// What the token is for
    #[arg(long, default_value = "command line")]
    name: String,
    /// What the token may be used for: read, write, admin
    #[arg(long, value_delimiter = ',', default_value = "read,write")]
    scopes: Vec<Scope>,
    /// Days until the token expires; 0 is never
    #[arg(long, default_value_t = 90, value_parser = clap::value_parser!(u32).range(0..=36_500))]
    days: u32,
    #[command(flatten)]
    database: Database,
}

/// `iocsift user …`.
pub(super) async fn user(command: User) -> anyhow::Result<()> {
    let User::Add(settings) = command;
    let password = if settings.password_stdin {
        read_password()?
    } else {
        account::generate_password()
    };
    let hash = account::hash_password(&password)?;
    let opened = open(&settings.database, DatabaseRole::Guest).await?;
    let created = opened
        .store
        .create_user(&settings.username, &hash, settings.role)
        .await;
    opened.close().await;
    if created?.is_none() {
        bail!("there is an account {} already", settings.username);
    }
    println!(
        "username: {}\nrole:     {}",
        settings.username, settings.role
    );
    if !settings.password_stdin {
        println!("password: {password}");
    }
    Ok(())
}

fn read_password() -> anyhow::Result<String> {
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let password = line.trim_end_matches(['\r', '\n']);
    account::check_password(password)?;
    Ok(password.to_owned())
}

/// `iocsift token …`.
pub(super) async fn token(command: Token) -> anyhow::Result<()> {
    let Token::Create(settings) = command;
    let expires = (settings.days > 0).then(|| Utc::now() + TimeDelta::days(settings.days.into()));
    let secret = Secret::generate();
    let opened = open(&settings.database, DatabaseRole::Guest).await?;
    let created = async {
        let Some((account, _)) = opened.store.user_by_name(&settings.username).await? else {
            bail!("there is no account {}", settings.username);
        };
        let token = secret.to_store(settings.name.as_str(), settings.scopes.clone(), expires);
        Ok(opened.store.create_token(account.id, &token).await?)
    };
    let created = created.await;
    opened.close().await;
    created?;
    println!("{}", secret.reveal());
    Ok(())
}

/// The credentials of the first administrator, as `first-admin.json` holds them.
#[derive(Serialize, Deserialize)]
pub(super) struct FirstAdmin {
    username: String,
    password: String,
    token: String,
    #[serde(skip)]
    file: PathBuf,
}

impl fmt::Display for FirstAdmin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "The first administrator, shown once (kept in {}):\n  username: {}\n  password: {}\n  token:    {}",
            self.file.display(),
            self.username,
            self.password,
            self.token
        )
    }
}

/// Makes the first administrator of an empty database. The credentials are on disk before the account
/// is in the database, so that no crash between the two leaves an account that nobody can use.
pub(super) async fn first_admin(
    store: &Store,
    data_dir: &Path,
) -> anyhow::Result<Option<FirstAdmin>> {
    let file = data_dir.join("first-admin.json");
    let draft = data_dir.join("first-admin.json.new");
    if store.has_users().await? {
        keep_if_used(store, &draft, &file).await?;
        return Ok(None);
    }
    let secret = Secret::generate();
    let admin = FirstAdmin {
        username: "admin".to_owned(),
        password: account::generate_password(),
        token: secret.reveal().to_owned(),
        file: file.clone(),
    };
    write_private(&draft, &serde_json::to_vec_pretty(&admin)?)
        .with_context(|| draft.display().to_string())?;
    let hash = account::hash_password(&admin.password)?;
    let token = secret.to_store(
        "first administrator",
        vec![Scope::Read, Scope::Write, Scope::Admin],
        None,
    );
    let created = store
        .create_first_admin(&admin.username, &hash, &token)
        .await?;
    keep_if_used(store, &draft, &file).await?;
    // Another process was first: its credentials count.
    Ok(created.map(|_| admin))
}

/// Makes a draft of credentials the file of record where the database knows them, else removes it.
async fn keep_if_used(store: &Store, draft: &Path, file: &Path) -> anyhow::Result<()> {
    let Ok(bytes) = std::fs::read(draft) else {
        return Ok(());
    };
    let digest = serde_json::from_slice::<FirstAdmin>(&bytes)
        .ok()
        .and_then(|admin| account::digest(&admin.token));
    let known = match digest {
        Some(digest) => store.authenticate(&digest).await?.is_some(),
        None => false,
    };
    if known {
        std::fs::rename(draft, file)
    } else {
        std::fs::remove_file(draft)
    }
    .with_context(|| draft.display().to_string())
}

/// A file that its owner alone may read, on disk when this returns.
fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if let Some(dir) = path.parent() {
        std::fs::create_dir_all(dir)?;
    }
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.write_all(b"\n")?;
    file.sync_all()
}
