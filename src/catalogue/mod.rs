//! The lists that this process knows: those of the program, those that are stored, those of a folder. Enter at
//! [`Keeper::look`] to build them, at [`Catalogue::known`] to ask them.
//!
//! A matcher is built beside the one that serves and then takes its place, whole: whoever asks waits for nothing, and
//! goes on with what it has. What cannot be read is skipped by name; the others are not kept waiting for it.

mod folder;

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::indicator::{FALSE_POSITIVES, OWN_SITE};
use crate::lists::{Builder, Matcher, Overfull, builtin, read};
use crate::store::{self, Store, StoredList};
use folder::{Stamps, stamps};

/// Flags that no list sets go by these names.
const RESERVED: [&str; 2] = [FALSE_POSITIVES, OWN_SITE];
/// Between two looks whether anything changed.
const PAUSE: Duration = Duration::from_secs(3);

/// The lists as they were last built. Cheap to clone; all clones know the same. Without a [`Keeper`] it knows none.
#[derive(Debug, Clone, Default)]
pub struct Catalogue(Arc<watch::Sender<Arc<Known>>>);

impl Catalogue {
    /// What is known now. It does not change in the hands of who has it.
    #[must_use]
    pub fn known(&self) -> Arc<Known> {
        Arc::clone(&self.0.borrow())
    }
}

/// Lists, ready to be asked.
#[derive(Debug, Default)]
pub struct Known {
    /// All of them.
    pub matcher: Matcher,
    /// The version of the stored lists among them.
    pub version: i64,
    /// How many of them, the first, are of the program.
    builtin: usize,
}

impl Known {
    /// Whether `slug` is no name for a list of this installation: extraction has asked the lists of the program already, and
    /// knew more than a value; other flags go by such names, too.
    #[must_use]
    pub fn is_reserved(&self, slug: &str) -> bool {
        let mut own = self.matcher.lists().iter().take(self.builtin);
        RESERVED.contains(&slug) || own.any(|list| list.slug == slug)
    }
}

/// Why nothing could be built.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The store.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The lists are too large.
    #[error(transparent)]
    Overfull(#[from] Overfull),
    /// A fault of this program.
    #[error("the lists could not be built: {0}")]
    Internal(String),
}

/// Builds the catalogue of this process anew whenever a list changes.
#[derive(Debug)]
pub struct Keeper {
    catalogue: Catalogue,
    store: Store,
    folder: Option<PathBuf>,
    /// What the catalogue was built of.
    seen: Option<(i64, Stamps)>,
}

impl Keeper {
    /// Nothing is known before the first look. `folder` may hold lists, too.
    #[must_use]
    pub fn new(store: Store, folder: Option<PathBuf>) -> Self {
        Self {
            catalogue: Catalogue::default(),
            store,
            folder,
            seen: None,
        }
    }

    /// What is built here, for those who ask.
    #[must_use]
    pub fn catalogue(&self) -> Catalogue {
        self.catalogue.clone()
    }

    /// Looks for changes until `shutdown`. What cannot be built leaves what was built before.
    pub async fn run(mut self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            if let Err(error) = self.look().await {
                tracing::warn!(%error, "cannot look for changes of lists; the next round tries again");
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(PAUSE) => {}
            }
        }
    }

    /// Builds the catalogue if anything changed since it was built; whether it was.
    ///
    /// # Errors
    /// Why there is no new one.
    pub async fn look(&mut self) -> Result<bool, Error> {
        // Asked before anything is read: what changes meanwhile is seen in the next round.
        let version = self.store.lists_version().await?;
        let folder = self.folder.clone();
        let files = aside(move || folder.map(|folder| stamps(&folder)).unwrap_or_default()).await?;
        let now = Some((version, files.clone()));
        if self.seen == now {
            return Ok(false);
        }
        let started = Instant::now();
        let known = self.build(version, files).await?;
        tracing::info!(
            lists = known.matcher.lists().len(),
            kilobytes = known.matcher.bytes() / 1000,
            milliseconds = started.elapsed().as_millis(),
            "lists are ready"
        );
        self.catalogue.0.send_replace(Arc::new(known));
        self.seen = now;
        Ok(true)
    }

    /// Earlier lists go before later ones of the same name: the program's, the stored, the folder's.
    async fn build(&self, version: i64, files: Stamps) -> Result<Known, Error> {
        let mut making = aside(Making::of_the_program).await??;
        for stored in self.store.lists().await? {
            if !stored.definition.enabled {
                continue;
            }
            let Some(bytes) = self.store.list_content(stored.id).await? else {
                continue;
            };
            making = aside(move || making.with_stored(&stored, &bytes)).await??;
        }
        aside(move || making.with_files(&files)?.finish(version)).await?
    }
}

/// Long work, which would hold up everybody else on this thread.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| Error::Internal(error.to_string()))
}

/// A catalogue that is being built.
#[derive(Default)]
struct Making {
    builder: Builder,
    slugs: HashSet<String>,
    builtin: usize,
}

impl Making {
    fn of_the_program() -> Result<Self, Error> {
        let mut making = Self::default();
        making.slugs.extend(RESERVED.map(str::to_owned));
        let lists = builtin().map_err(|refusal| Error::Internal(refusal.to_string()))?;
        for (list, entries) in lists {
            making.slugs.insert(list.slug.clone());
            making.builtin += 1;
            making.builder.add(list, &entries)?;
        }
        Ok(making)
    }

    fn with_stored(mut self, stored: &StoredList, bytes: &[u8]) -> Result<Self, Overfull> {
        let (said, list) = (&stored.definition, stored.list());
        match read(said.format, &said.columns, bytes) {
            Ok(contents) if self.slugs.insert(list.slug.clone()) => {
                self.builder.add(list, &contents.entries)?;
            }
            Ok(_) => skipped(&list.slug, "the program has a list of this name"),
            Err(error) => skipped(&list.slug, error),
        }
        Ok(self)
    }

    fn with_files(mut self, files: &Stamps) -> Result<Self, Overfull> {
        for (path, ..) in files {
            match folder::read_list(path) {
                Ok((list, contents)) if self.slugs.insert(list.slug.clone()) => {
                    self.builder.add(list, &contents.entries)?;
                }
                Ok(_) => skipped(&path.display().to_string(), "there is a list of this name"),
                Err(error) => skipped(&path.display().to_string(), error),
            }
        }
        Ok(self)
    }

    fn finish(self, version: i64) -> Result<Known, Error> {
        Ok(Known {
            version,
            matcher: self.builder.build()?,
            builtin: self.builtin,
        })
    }
}

fn skipped(list: &str, reason: impl std::fmt::Display) {
    tracing::warn!(list, %reason, "a list is skipped");
}
