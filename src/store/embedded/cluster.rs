//! The data directory of the private cluster: whose it is, whether somebody has it, and what a killed
//! predecessor left behind.

use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io::{self, Write};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use rustix::process::geteuid;
use sha2::{Digest, Sha256};

use super::binaries::{self, Binaries};
use super::child::STARTED_IN;
use super::memory;
use super::orphans;
use super::{NAME, SUBCOMMAND, StartError, io_error, url};

/// Longest path of a Unix socket, less the final zero.
const SOCKET_PATH_LIMIT: usize = 107;
/// The socket's name within its directory.
const SOCKET: &str = ".s.PGSQL.5432";
/// Enough for two processes with full pools, and a person looking in.
const MAX_CONNECTIONS: u32 = 100;
/// Under whom the server runs.
#[derive(Debug, Clone, PartialEq, Eq)]
struct User {
    name: String,
    uid: u32,
    gid: u32,
}

/// A cluster that is ours to start.
#[derive(Debug)]
pub(super) struct Cluster {
    data: PathBuf,
    /// Where the socket is.
    pub(super) socket_dir: PathBuf,
    binaries: Binaries,
    /// The user to become, when we are root.
    user: Option<User>,
    /// The executable that becomes the server, opened: its path may be closed to the server's user.
    spawner: File,
    spawner_path: PathBuf,
    /// The directory above the cluster, opened, where a directory above it is closed to the server's user.
    shown: Option<File>,
    /// Tells a second instance from an orphan of a killed one: it goes with the process that holds it.
    _lock: File,
}

/// Whether a cluster was made in `dir`.
pub(super) fn is_made(dir: &Path) -> bool {
    dir.join("data").join("PG_VERSION").exists()
}

impl Cluster {
    /// Takes `dir` for this process, cleans up after a predecessor, makes the cluster if there is none.
    pub(super) fn prepare(
        dir: &Path,
        spawner: &Path,
        bin_dir: Option<&Path>,
    ) -> Result<Self, StartError> {
        let user = user()?;
        fs::create_dir_all(dir).map_err(io_error("creating", dir))?;
        let dir = &dir.canonicalize().map_err(io_error("finding", dir))?;
        let shown = match &user {
            Some(user) if !reachable(dir, user)? => Some(open_dir(dir)?),
            _ => None,
        };
        hand_over(dir, user.as_ref(), 0o700)?;
        let socket_dir = socket_dir(dir, user.as_ref())?;
        let lock = take(dir, user.as_ref(), &socket_dir)?;
        let data = dir.join("data");
        if Path::new("/proc/self/cwd").exists() {
            orphans::stop(dir)?;
            // No process works in the directory any more: what these files say is no longer true, and would
            // keep the server from starting once the number in them belongs to another process.
            for stale in [
                data.join("postmaster.pid"),
                socket_dir.join(SOCKET),
                socket_dir.join(format!("{SOCKET}.lock")),
            ] {
                remove(&stale)?;
            }
        }
        let major = match fs::read_to_string(data.join("PG_VERSION")) {
            Ok(version) => Some(version.trim().parse().map_err(|_| {
                StartError::Failed(format!(
                    "{} holds no version that is known",
                    data.join("PG_VERSION").display()
                ))
            })?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(io_error("reading", &data.join("PG_VERSION"))(error)),
        };
        let binaries = binaries::find(bin_dir, major)?;
        let opened = File::open(spawner).map_err(io_error("opening", spawner))?;
        let cluster = Self {
            data,
            socket_dir,
            binaries,
            user,
            spawner: opened,
            spawner_path: spawner.to_owned(),
            shown,
            _lock: lock,
        };
        if major.is_none() {
            cluster.init(dir)?;
        }
        Ok(cluster)
    }

    /// Makes the cluster beside its place and moves it there: a half-made one is never taken for one.
    fn init(&self, dir: &Path) -> Result<(), StartError> {
        let new = dir.join("data.new");
        if new.exists() {
            fs::remove_dir_all(&new).map_err(io_error("removing", &new))?;
        }
        let mut command = self.becoming("initdb");
        command.args(binaries::initdb_arguments(&self.as_seen(&new), NAME));
        let output = command
            .output()
            .map_err(io_error("running", &self.spawner_path))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr)
                .trim()
                .replace('\n', " | ");
            return Err(StartError::Failed(format!(
                "initdb failed ({}): {words}",
                output.status
            )));
        }
        fs::rename(&new, &self.data).map_err(io_error("moving", &new))?;
        open_dir(dir)?.sync_all().map_err(io_error("syncing", dir))
    }

    /// Starts the server as a child of this thread.
    pub(super) fn start(&self) -> Result<Child, StartError> {
        // A list of directories, in which quotes protect commas.
        let socket_dir = self.as_seen(&self.socket_dir);
        let socket_dir = socket_dir.to_string_lossy().replace('"', "\"\"");
        let mut command = self.becoming("postgres");
        command.arg("-D").arg(self.as_seen(&self.data));
        for setting in [
            "listen_addresses=".to_owned(),
            format!("unix_socket_directories=\"{socket_dir}\""),
            "unix_socket_permissions=0700".to_owned(),
            "port=5432".to_owned(),
            format!("max_connections={MAX_CONNECTIONS}"),
            "logging_collector=off".to_owned(),
            "log_destination=stderr".to_owned(),
            // Fewer pages are written whole into the log while much comes in; it takes up to this much disk.
            "max_wal_size=2GB".to_owned(),
            "checkpoint_timeout=15min".to_owned(),
            // A page anywhere costs what the next one does on the disks of today.
            "random_page_cost=1.1".to_owned(),
        ]
        .into_iter()
        .chain(memory::settings())
        {
            command.arg("-c").arg(setting);
        }
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        command
            .spawn()
            .map_err(io_error("running", &self.spawner_path))
    }

    /// The path by which the server's user finds `path`, which lies in the directory above the cluster.
    fn as_seen(&self, path: &Path) -> PathBuf {
        match (
            &self.shown,
            path.strip_prefix(self.data.parent().unwrap_or(&self.data)),
        ) {
            (Some(_), Ok(rest)) => Path::new(STARTED_IN).join(rest),
            _ => path.to_owned(),
        }
    }

    /// Whether the server with this process id says that it is ready.
    pub(super) fn accepts_connections(&self, pid: u32) -> bool {
        let Ok(status) = fs::read_to_string(self.data.join("postmaster.pid")) else {
            return false;
        };
        // Its lines: process id, data directory, start time, port, socket directory, address, memory, status.
        let mut lines = status.lines();
        lines.next().and_then(|line| line.trim().parse().ok()) == Some(pid)
            && lines.nth(6).is_some_and(|line| line.trim() == "ready")
    }

    /// A child of this thread that becomes `program` under the server's user (see [`super::exec_child`]), with
    /// an environment that says nothing.
    fn becoming(&self, program: &str) -> Command {
        let executable = if cfg!(target_os = "linux") {
            PathBuf::from(format!("/proc/self/fd/{}", self.spawner.as_raw_fd()))
        } else {
            self.spawner_path.clone()
        };
        let mut command = Command::new(executable);
        command
            .arg(SUBCOMMAND)
            .arg(std::process::id().to_string())
            .arg(self.binaries.dir.join(program));
        command
            .env_clear()
            .env("PATH", &self.binaries.dir)
            .env("LC_ALL", "C");
        match &self.shown {
            // A descriptor leads there past the directories above, which a path does not.
            Some(shown) => command.current_dir(format!("/proc/self/fd/{}", shown.as_raw_fd())),
            None => command.current_dir(self.data.parent().unwrap_or(&self.data)),
        };
        // Its own group, else a terminal's Ctrl-C would stop it before we have drained.
        command.process_group(0);
        if let Some(user) = &self.user {
            command.uid(user.uid).gid(user.gid);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if self.data.parent() != Some(&self.socket_dir) {
            // Fails, as it should, while a server still has its socket there.
            let _ = fs::remove_dir(&self.socket_dir);
        }
    }
}

/// Postgres refuses to run as root: then it runs as `postgres`, or as `nobody`.
fn user() -> Result<Option<User>, StartError> {
    if !geteuid().is_root() {
        return Ok(None);
    }
    let path = Path::new("/etc/passwd");
    let passwd = fs::read_to_string(path).map_err(io_error("reading", path))?;
    ["postgres", "nobody"]
        .iter()
        .find_map(|name| in_passwd(&passwd, name))
        .map(Some)
        .ok_or_else(|| {
            StartError::Failed(
                "Postgres does not run as root, and there is no user postgres or nobody to run it"
                    .to_owned(),
            )
        })
}

fn in_passwd(passwd: &str, name: &str) -> Option<User> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let found = fields.next()? == name;
        let (uid, gid) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
        found.then(|| User {
            name: name.to_owned(),
            uid,
            gid,
        })
    })
}

/// Whether `user` may pass every directory above `dir`.
fn reachable(dir: &Path, user: &User) -> Result<bool, StartError> {
    for at in dir.ancestors().skip(1) {
        let meta = fs::metadata(at).map_err(io_error("looking at", at))?;
        let may_pass = match () {
            () if meta.uid() == user.uid => 0o100,
            () if meta.gid() == user.gid => 0o010,
            () => 0o001,
        };
        if meta.mode() & may_pass == 0 {
            return Ok(false);
        }
    }
    Ok(true)
}

fn open_dir(dir: &Path) -> Result<File, StartError> {
    File::open(dir).map_err(io_error("opening", dir))
}

fn hand_over(path: &Path, user: Option<&User>, mode: u32) -> Result<(), StartError> {
    if let Some(user) = user {
        chown(path, Some(user.uid), Some(user.gid))
            .map_err(io_error("changing the owner of", path))?;
    }
    fs::set_permissions(path, Permissions::from_mode(mode)).map_err(io_error("closing", path))
}

/// Locks `dir` for this process.
fn take(dir: &Path, user: Option<&User>, socket_dir: &Path) -> Result<File, StartError> {
    let path = dir.join("lock");
    let mut file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .map_err(io_error("opening", &path))?;
    hand_over(&path, user, 0o600)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            return Err(StartError::InUse {
                dir: dir.to_owned(),
                url: url(NAME, socket_dir),
            });
        }
        Err(TryLockError::Error(error)) => return Err(io_error("locking", &path)(error)),
    }
    // For people who wonder who has it.
    let noted = file
        .set_len(0)
        .and_then(|()| writeln!(file, "{}", std::process::id()));
    noted.map_err(io_error("writing", &path))?;
    Ok(file)
}

/// `dir` itself, or a short closed directory of ours where its path is too long for a socket.
fn socket_dir(dir: &Path, user: Option<&User>) -> Result<PathBuf, StartError> {
    if dir.as_os_str().len() + 1 + SOCKET.len() < SOCKET_PATH_LIMIT {
        return Ok(dir.to_owned());
    }
    let digest = Sha256::digest(dir.as_os_str().as_bytes());
    let name: String = digest
        .iter()
        .take(8)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let short = Path::new("/tmp").join(format!("{NAME}-{name}"));
    match DirBuilder::new().mode(0o700).create(&short) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            let meta = fs::symlink_metadata(&short).map_err(io_error("looking at", &short))?;
            let owner = user.map_or(geteuid().as_raw(), |user| user.uid);
            if !meta.is_dir() || (meta.uid() != owner && meta.uid() != geteuid().as_raw()) {
                return Err(StartError::Failed(format!(
                    "{} belongs to somebody else",
                    short.display()
                )));
            }
        }
        Err(error) => return Err(io_error("creating", &short)(error)),
    }
    hand_over(&short, user, 0o700)?;
    Ok(short)
}

fn remove(path: &Path) -> Result<(), StartError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(io_error("removing", path)(error))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_a_user_from_passwd() {
        let passwd =
            "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104:,,,:/var/lib/postgresql:/bin/bash\n";
        let user = in_passwd(passwd, "postgres").unwrap();
        assert_eq!((user.uid, user.gid), (101, 104));
        assert_eq!(in_passwd(passwd, "nobody"), None);
    }
}
