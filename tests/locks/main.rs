//! What a locked reader can still do, tried out: this executable plays the service and, started by the
//! sandbox under its subcommand, the reader. The real reader has no such commands, so the locks that it
//! sets are set here by the same function, and then a reader turned evil does its deed.
//!
//! There is no harness, because the locks must come before the first thread.

mod kernel;
mod liar;

use std::error::Error;
use std::fs::File;
use std::io::Write;
use std::net::{TcpStream, UdpSocket};
use std::os::unix::net::UnixStream;
use std::process::{Command, ExitCode};
use std::time::Duration;

use iocsift::submission::FailureCode;
use iocsift::worker::sandbox::{Limits, ReadError, SUBCOMMAND, Sandbox, lock_down};

/// Told apart from each other by the sentence of the failure.
const LIMITS: Limits = Limits {
    memory: 256 << 20,
    cpu_seconds: 1,
    wall_seconds: 20,
    output: 1 << 20,
};

/// How a deed ends.
enum End {
    /// As a failure of the document with this code, whose message holds these words.
    Failure(FailureCode, &'static str),
    /// As the death of the reader, whose message holds these words.
    Death(&'static str),
}

struct Deed {
    name: &'static str,
    limits: Limits,
    act: fn(),
    end: End,
}

const fn forbidden(name: &'static str, act: fn()) -> Deed {
    Deed {
        name,
        limits: LIMITS,
        act,
        end: End::Failure(FailureCode::SandboxViolation, "sandbox"),
    }
}

const fn bounded(name: &'static str, code: FailureCode, words: &'static str, act: fn()) -> Deed {
    Deed {
        name,
        limits: LIMITS,
        act,
        end: End::Failure(code, words),
    }
}

const fn deadly(name: &'static str, words: &'static str, act: fn()) -> Deed {
    Deed {
        name,
        limits: LIMITS,
        act,
        end: End::Death(words),
    }
}

/// A file that anybody may read.
const READABLE: &str = "/proc/self/status";

const DEEDS: &[Deed] = &[
    // Shows that a deed that nothing stops comes to its end, and would be seen.
    deadly("nothing", "its answer is broken", || {}),
    forbidden("connect", || drop(TcpStream::connect("127.0.0.1:9"))),
    forbidden("speak UDP", || drop(UdpSocket::bind("127.0.0.1:0"))),
    forbidden("connect to a Unix socket", || {
        drop(UnixStream::connect("/tmp/no.sock"));
    }),
    forbidden("look up a name", || {
        drop(TcpStream::connect("localhost:9"));
    }),
    forbidden("open a file", || drop(File::open(READABLE))),
    forbidden("create a file", || {
        drop(File::create("/tmp/iocsift-locks"));
    }),
    forbidden("list a folder", || drop(std::fs::read_dir("/"))),
    forbidden("remove a file", || {
        drop(std::fs::remove_file("/tmp/no-such-file"));
    }),
    forbidden("run a program", || {
        drop(Command::new("/bin/true").status());
    }),
    forbidden("become another program", || {
        drop(std::os::unix::process::CommandExt::exec(&mut Command::new(
            "/bin/true",
        )));
    }),
    forbidden("start a thread", || {
        drop(std::thread::Builder::new().spawn(|| {}));
    }),
    // Signal 0 would harm nobody.
    forbidden("signal the service", || {
        let _ = rustix::process::getppid().map(rustix::process::test_kill_process);
    }),
    forbidden("raise a limit", || {
        let unlimited = rustix::process::Rlimit {
            current: None,
            maximum: None,
        };
        let _ = rustix::process::setrlimit(rustix::process::Resource::Cpu, unlimited);
    }),
    bounded(
        "allocate for ever",
        FailureCode::MemoryLimit,
        "256 MiB",
        || {
            let mut hoard = Vec::new();
            loop {
                hoard.push(vec![1u8; 1 << 20]);
            }
        },
    ),
    bounded(
        "loop for ever",
        FailureCode::ReadTimeout,
        "limit of 1 second",
        || {
            loop {
                std::hint::spin_loop();
            }
        },
    ),
    Deed {
        name: "sleep for ever",
        limits: Limits {
            wall_seconds: 1,
            cpu_seconds: 20,
            ..LIMITS
        },
        act: || std::thread::sleep(Duration::from_secs(3600)),
        end: End::Failure(FailureCode::ReadTimeout, "limit of 1 second"),
    },
    bounded(
        "talk for ever",
        FailureCode::OutputLimit,
        "1048576 bytes",
        || {
            let mut stdout = std::io::stdout().lock();
            while stdout.write_all(&[b' '; 4096]).is_ok() {}
        },
    ),
    // The lock on signals lets a process end itself.
    deadly("abort", "signal: 6", || std::process::abort()),
    deadly("overflow the stack", "overflowed its stack", || {
        fn deeper(depth: u64) -> u64 {
            std::hint::black_box(depth)
                + if depth == u64::MAX {
                    0
                } else {
                    deeper(depth + 1)
                }
        }
        std::hint::black_box(deeper(0));
    }),
    deadly("panic", "at the disco", || panic!("at the disco")),
    deadly("read the environment", "its answer is broken", || {
        assert_eq!(std::env::vars_os().count(), 0);
    }),
];

fn deeds() -> impl Iterator<Item = &'static Deed> {
    DEEDS.iter().chain(kernel::DEEDS).chain(liar::DEEDS)
}

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() == Some(SUBCOMMAND) {
        return reader(&arguments.next().unwrap_or_default());
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut wrong = 0;
    for deed in deeds() {
        let verdict = runtime.block_on(judge(deed));
        println!(
            "{}: {}",
            deed.name,
            verdict.as_ref().map_or_else(String::as_str, |()| "ok")
        );
        wrong += usize::from(verdict.is_err());
    }
    println!("{} deeds, {wrong} not as they should be", deeds().count());
    Ok(ExitCode::from(u8::from(wrong > 0)))
}

/// The reader's side. The deed comes as the name of the document.
fn reader(request: &str) -> Result<ExitCode, Box<dyn Error>> {
    let mut request: serde_json::Value = serde_json::from_str(request)?;
    let deed = deeds()
        .find(|deed| request["name"] == deed.name)
        .ok_or("no such deed")?;
    let limits: Limits = serde_json::from_value(request["limits"].take())?;
    let locks = lock_down(&limits)?;
    assert!(locks.seccomp, "seccomp needs no privilege");
    (deed.act)();
    print!("done");
    Ok(ExitCode::SUCCESS)
}

/// The service's side.
async fn judge(deed: &Deed) -> Result<(), String> {
    let sandbox = Sandbox::new(deed.limits, false);
    let error = match sandbox.analyze(b"text", Some(deed.name)).await {
        Ok(analysis) => return Err(format!("{analysis:?}")),
        Err(error) => error,
    };
    let as_it_should = match (&deed.end, &error) {
        (End::Failure(code, words), ReadError::Input(failure)) => {
            failure.code == *code && failure.message.contains(words)
        }
        (End::Death(words), ReadError::Crashed(message)) => message.contains(words),
        _ => false,
    };
    if as_it_should {
        Ok(())
    } else {
        Err(format!("{error:?}"))
    }
}
