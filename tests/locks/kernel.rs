//! What a reader turned evil may ask of the kernel itself. Each deed is harmless where it gets through: it names
//! what is not there, or the reader alone.
//!
//! Of `bpf`, `perf_event_open`, `kexec_load` and `userfaultfd` nobody offers a safe call: that they are forbidden
//! like all that is not allowed is shown on the filter itself, in `worker::sandbox::lock`.

use std::io::{IoSlice, IoSliceMut};
use std::os::unix::net::UnixStream;

use io_uring::IoUring;
use linux_keyutils::{KeyRing, KeyRingIdentifier};
use memmap2::MmapMut;
use nix::mount::MsFlags;
use nix::sched::{CloneFlags, CpuSet};
use nix::sys::fanotify::{EventFFlags, Fanotify, InitFlags};
use nix::sys::uio::RemoteIoVec;
use nix::sys::{personality, ptrace};
use nix::unistd::Pid;
use region::Protection;
use rustix::fs::MemfdFlags;
use rustix::process::{DumpableBehavior, PidfdFlags};

use crate::{Deed, forbidden};

/// A place that is nowhere.
const NOWHERE: &str = "/no/such/place";

fn remote() -> [RemoteIoVec; 1] {
    [RemoteIoVec { base: 0, len: 1 }]
}

pub(crate) const DEEDS: &[Deed] = &[
    forbidden("trace the service", || {
        let _ = ptrace::attach(Pid::parent());
    }),
    forbidden("be traced", || {
        let _ = ptrace::traceme();
    }),
    forbidden("read the memory of the service", || {
        let mut byte = [0];
        let local = &mut [IoSliceMut::new(&mut byte)];
        let _ = nix::sys::uio::process_vm_readv(Pid::parent(), local, &remote());
    }),
    forbidden("write the memory of the service", || {
        let local = &[IoSlice::new(&[0])];
        let _ = nix::sys::uio::process_vm_writev(Pid::parent(), local, &remote());
    }),
    forbidden("take hold of the service", || {
        let parent = rustix::process::getppid();
        let _ = parent.map(|pid| rustix::process::pidfd_open(pid, PidfdFlags::empty()));
    }),
    forbidden("ask for memory to run", || {
        let _ = region::alloc(1, Protection::READ_WRITE_EXECUTE);
    }),
    forbidden("turn memory into code", || {
        let memory = MmapMut::map_anon(4096).expect("memory");
        let _ = memory.make_exec();
    }),
    forbidden("keep a file in memory", || {
        let _ = rustix::fs::memfd_create("a", MemfdFlags::empty());
    }),
    forbidden("queue calls in a ring", || {
        let _ = IoUring::new(2);
    }),
    forbidden("keep a key", || {
        let _ = KeyRing::from_special_id(KeyRingIdentifier::Thread, true);
    }),
    forbidden("leave for a user namespace", || {
        let _ = nix::sched::unshare(CloneFlags::CLONE_NEWUSER);
    }),
    forbidden("enter a namespace", || {
        let _ = nix::sched::setns(std::io::stdin(), CloneFlags::CLONE_NEWNET);
    }),
    forbidden("mount", || {
        let none: Option<&str> = None;
        let _ = nix::mount::mount(none, NOWHERE, none, MsFlags::MS_BIND, none);
    }),
    forbidden("unmount", || {
        let _ = nix::mount::umount(NOWHERE);
    }),
    forbidden("change the root", || {
        let _ = rustix::process::chroot(NOWHERE);
    }),
    forbidden("turn the root around", || {
        let _ = rustix::process::pivot_root(NOWHERE, NOWHERE);
    }),
    forbidden("load a module", || {
        let _ = rustix::system::init_module(b"", c"");
    }),
    forbidden("unload a module", || {
        let _ = rustix::system::delete_module(c"no_such_module", 0);
    }),
    forbidden("name the host", || {
        let _ = rustix::system::sethostname(&[b'a'; 1_000]);
    }),
    forbidden("take an identity", || {
        let _ = nix::unistd::setuid(nix::unistd::getuid());
    }),
    forbidden("ask for its capabilities", || {
        let _ = rustix::thread::capabilities(None);
    }),
    forbidden("change its personality", || {
        let _ = personality::get();
    }),
    forbidden("be dumped", || {
        let _ = rustix::process::set_dumpable_behavior(DumpableBehavior::Dumpable);
    }),
    forbidden("move to another core", || {
        let _ = nix::sched::sched_setaffinity(Pid::this(), &CpuSet::new());
    }),
    forbidden("be nicer to itself", || {
        let _ = rustix::process::nice(-1);
    }),
    forbidden("watch what others open", || {
        let _ = Fanotify::init(InitFlags::empty(), EventFFlags::empty());
    }),
    forbidden("control a device", || {
        let _ = rustix::io::ioctl_fionread(std::io::stdin());
    }),
    forbidden("open a terminal", || {
        let _ = rustix::pty::openpt(rustix::pty::OpenptFlags::empty());
    }),
    forbidden("wait for events", || {
        let _ = rustix::event::epoll::create(rustix::event::epoll::CreateFlags::empty());
    }),
    forbidden("make a pair of sockets", || {
        let _ = UnixStream::pair();
    }),
    forbidden("make a pipe", || {
        let _ = std::io::pipe();
    }),
    forbidden("ask about a file", || {
        let _ = std::fs::metadata(NOWHERE);
    }),
    forbidden("rename a file", || {
        let _ = std::fs::rename(NOWHERE, NOWHERE);
    }),
    forbidden("change the folder", || {
        let _ = std::env::set_current_dir(NOWHERE);
    }),
];
