//! What a reader gives up before it sees a hostile byte: files, network, processes, signals, and
//! more than its share of memory and time. None of it needs a privilege, in a container or out of it.

mod program;

use std::io;
use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetStatus, Scope, path_beneath_rules,
};
use rustix::process::{DumpableBehavior, Resource, Rlimit, Signal};
use seccompiler::{
    BackendError, BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition,
    SeccompFilter, SeccompRule, TargetArch,
};

use super::{Limits, Locks};

/// Locks the calling process down; there is no way back. It must have one thread. What holds afterwards
/// is tried out by `tests/locks/`.
///
/// # Errors
/// Where a resource limit cannot be set. A missing lock is no error: it is told.
pub fn lock_down(limits: &Limits) -> io::Result<Locks> {
    bound(limits)?;
    let landlock = landlock(&[]);
    limit(Resource::Nofile, 3, 3)?;
    let seccomp = filter(narrowed(), ALLOWED, SeccompAction::KillProcess);
    Ok(Locks { landlock, seccomp })
}

/// Locks the calling process down so far that it can still become another program: one that reads what is
/// installed and `readable`, and computes. It can write no file, reach no network, start nothing beside itself.
///
/// # Errors
/// As [`lock_down`].
pub fn lock_down_to_become(limits: &Limits, readable: &[&Path]) -> io::Result<Locks> {
    bound(limits)?;
    let installed = program::INSTALLED.iter().map(Path::new);
    let readable: Vec<&Path> = installed.chain(readable.iter().copied()).collect();
    let landlock = landlock(&readable);
    limit(Resource::Nofile, program::FILES, program::FILES)?;
    // Libraries look for calls that are not there and go on without them: what is killed for it is no use.
    let absent = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    let allowed = [ALLOWED, program::ALLOWED].concat();
    let seccomp = filter(narrowed_to_become(), &allowed, absent);
    Ok(Locks { landlock, seccomp })
}

/// Bounds what the process may take, and ties it to its parent.
fn bound(limits: &Limits) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    limit(Resource::Core, 0, 0)?;
    limit(Resource::Fsize, 0, 0)?;
    limit(Resource::As, limits.memory, limits.memory)?;
    // The soft limit sends a signal that tells its reason; the hard one kills without a word.
    limit(Resource::Cpu, limits.cpu_seconds, limits.cpu_seconds + 1)
}

fn limit(resource: Resource, soft: u64, hard: u64) -> io::Result<()> {
    // Where the host has set a lower bound, that one stays.
    let hard = rustix::process::getrlimit(resource)
        .maximum
        .map_or(hard, |most| most.min(hard));
    let limit = Rlimit {
        current: Some(soft.min(hard)),
        maximum: Some(hard),
    };
    Ok(rustix::process::setrlimit(resource, limit)?)
}

/// Handles every right that the kernel knows, and grants none but to read and run what is `readable`.
fn landlock(readable: &[&Path]) -> bool {
    let abi = ABI::V6;
    let restrict = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(abi))?
            .handle_access(AccessNet::from_all(abi))?
            .scope(Scope::from_all(abi))?
            .create()?
            .add_rules(path_beneath_rules(readable, AccessFs::from_read(abi)))?
            .restrict_self()
    };
    restrict().is_ok_and(|status| status.ruleset != RulesetStatus::NotEnforced)
}

/// A system call that is allowed with some arguments only.
type Narrowed = (i64, Vec<SeccompRule>);

/// Allows the system calls of a process that computes between two pipes; any other ends in `otherwise`.
fn filter(
    narrowed: Result<Vec<Narrowed>, BackendError>,
    allowed: &[i64],
    otherwise: SeccompAction,
) -> bool {
    let Ok(arch) = TargetArch::try_from(std::env::consts::ARCH) else {
        return false;
    };
    compiled(arch, narrowed, allowed, otherwise)
        .is_ok_and(|program| seccompiler::apply_filter(&program).is_ok())
}

fn compiled(
    arch: TargetArch,
    narrowed: Result<Vec<Narrowed>, BackendError>,
    allowed: &[i64],
    otherwise: SeccompAction,
) -> Result<BpfProgram, BackendError> {
    let allowed = allowed.iter().map(|&call| (call, Vec::new()));
    SeccompFilter::new(
        allowed.chain(narrowed?).collect(),
        otherwise,
        SeccompAction::Allow,
        arch,
    )?
    .try_into()
}

fn only(
    argument: u8,
    operator: SeccompCmpOp,
    value: u64,
) -> Result<Vec<SeccompRule>, BackendError> {
    let condition = SeccompCondition::new(argument, SeccompCmpArgLen::Dword, operator, value)?;
    Ok(vec![SeccompRule::new(vec![condition])?])
}

/// No memory becomes code, and signals stay within the process.
fn narrowed() -> Result<Vec<Narrowed>, BackendError> {
    let no_code = || only(2, SeccompCmpOp::MaskedEq(EXECUTABLE), 0);
    Ok(vec![
        (libc::SYS_mmap, no_code()?),
        (libc::SYS_mprotect, no_code()?),
        only_own_signals()?,
    ])
}

/// The signal of an abort goes to no other process, also where Landlock is too old to see to that.
fn only_own_signals() -> Result<Narrowed, BackendError> {
    let own = only(0, SeccompCmpOp::Eq, u64::from(std::process::id()))?;
    Ok((libc::SYS_tgkill, own))
}

/// A program maps its code, but signals stay within the process, and limits as they are: it asks for its own, sets
/// none, and has no file signal another process.
fn narrowed_to_become() -> Result<Vec<Narrowed>, BackendError> {
    let last_harmless = u64::from(libc::F_SETFL.unsigned_abs());
    let duplicate = u64::from(libc::F_DUPFD_CLOEXEC.unsigned_abs());
    let mut descriptors = only(1, SeccompCmpOp::Le, last_harmless)?;
    descriptors.extend(only(1, SeccompCmpOp::Eq, duplicate)?);
    // The new limits are a pointer, all of which must be null.
    let own = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Eq, 0)?;
    let none_new = SeccompCondition::new(2, SeccompCmpArgLen::Qword, SeccompCmpOp::Eq, 0)?;
    let own_limits = vec![SeccompRule::new(vec![own, none_new])?];
    Ok(vec![
        only_own_signals()?,
        (libc::SYS_prlimit64, own_limits),
        (libc::SYS_fcntl, descriptors),
    ])
}

/// `PROT_EXEC`.
const EXECUTABLE: u64 = libc::PROT_EXEC.unsigned_abs() as u64;

const ALLOWED: &[i64] = &[
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    libc::SYS_close,
    libc::SYS_fstat,
    libc::SYS_lseek,
    libc::SYS_ppoll,
    libc::SYS_munmap,
    libc::SYS_mremap,
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_futex,
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_rt_sigreturn,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_sigaltstack,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_sched_yield,
    libc::SYS_sched_getaffinity,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_restart_syscall,
];

#[cfg(test)]
mod tests;
