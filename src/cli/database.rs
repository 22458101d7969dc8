//! Opens the store that the settings name: a Postgres elsewhere, or the private one.

use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::config::Database;
use crate::store::Store;
use crate::store::embedded::{Embedded, StartError};

/// A store, and the private Postgres under it where there is one.
pub(super) struct Opened {
    pub(super) store: Store,
    /// Kept for its folder's lock and its process; ended by [`Opened::close`].
    pub(super) embedded: Option<Embedded>,
    /// Folder for files beside the database.
    pub(super) data_dir: PathBuf,
}

impl Opened {
    /// Ends connections first, then the private Postgres: a fast shutdown would cut them off.
    pub(super) async fn close(self) {
        self.store.close().await;
        if let Some(embedded) = self.embedded {
            embedded.shutdown().await;
        }
    }
}

/// Opens the store and brings its schema up to date.
pub(super) async fn open(settings: &Database, role: Role) -> anyhow::Result<Opened> {
    let opened = connect(settings, role).await?;
    opened
        .store
        .migrate()
        .await
        .context("cannot bring the database's schema up to date")?;
    Ok(opened)
}

/// Opens the store as it is. `Owner` starts the private Postgres and fails where another process owns
/// it; `Guest` uses the one of a running server, if there is one.
pub(super) async fn connect(settings: &Database, role: Role) -> anyhow::Result<Opened> {
    let data_dir = settings.data_dir()?;
    let (url, embedded) = match settings.external() {
        Some(url) => (url.to_owned(), None),
        None => private(settings, role).await?,
    };
    let blobs = settings
        .blobs()
        .context("cannot use the place for originals")?;
    let store = Store::connect(&url, &settings.pool())
        .await
        .context("cannot use the database")?
        .with_blobs(blobs);
    Ok(Opened {
        store,
        embedded,
        data_dir,
    })
}

/// What a command is to the private Postgres.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// A server: it starts and ends it.
    Owner,
    /// A short command: it may run beside a server.
    Guest,
}

async fn private(settings: &Database, role: Role) -> anyhow::Result<(String, Option<Embedded>)> {
    let (dir, this) = (settings.data_dir()?, Path::new("/proc/self/exe"));
    match Embedded::start(&dir, this, settings.postgres_bin.as_deref()).await {
        Ok(embedded) => Ok((embedded.url().to_owned(), Some(embedded))),
        Err(StartError::InUse { url, .. }) if role == Role::Guest => Ok((url, None)),
        Err(error) => Err(error.into()),
    }
}

/// `iocsift migrate`.
pub(super) async fn migrate(settings: &Database) -> anyhow::Result<()> {
    let opened = open(settings, Role::Guest).await?;
    opened.close().await;
    println!("the schema is up to date");
    Ok(())
}
