//! The filter itself, run as the kernel runs it: also for calls that no test can make, and for machines that
//! this is not.

use seccompiler::{BpfProgram, SeccompAction, TargetArch};

use super::{ALLOWED, compiled, narrowed, narrowed_to_become, program};

/// What the kernel tells a filter of a call.
struct Call {
    number: u32,
    machine: u32,
    arguments: [u64; 6],
}

/// The marks of machines (`linux/audit.h`), as calls carry them.
const X86_64: u32 = 0xc000_003e;
const AARCH64: u32 = 0xc000_00b7;
const I386: u32 = 0x4000_0003;
const ARM: u32 = 0x4000_0028;

const ALLOW: u32 = 0x7fff_0000;
const KILL_PROCESS: u32 = 0x8000_0000;
/// With the number of the error below.
const ERRNO: u32 = 0x0005_0000;

impl Call {
    fn on(machine: u32, number: i64, arguments: [u64; 6]) -> Self {
        let number = u32::try_from(number).unwrap();
        Self {
            number,
            machine,
            arguments,
        }
    }

    /// The word at a byte of `struct seccomp_data`, on a machine that stores the least byte first.
    fn word(&self, at: u32) -> u32 {
        let argument = |at: u32| {
            let half = self.arguments[at as usize / 8] >> (8 * (at % 8));
            half as u32
        };
        match at {
            0 => self.number,
            4 => self.machine,
            16.. => argument(at - 16),
            _ => 0,
        }
    }
}

/// What `program` answers, step by step as `linux/filter.h` has it.
fn run(program: &BpfProgram, call: &Call) -> u32 {
    let (mut at, mut word) = (0, 0u32);
    loop {
        let step = &program[at];
        at += 1;
        let jump = |holds: bool| usize::from(if holds { step.jt } else { step.jf });
        match step.code {
            0x20 => word = call.word(step.k),
            0x54 => word &= step.k,
            0x05 => at += step.k as usize,
            0x15 => at += jump(word == step.k),
            0x25 => at += jump(word > step.k),
            0x35 => at += jump(word >= step.k),
            0x06 => return step.k,
            code => panic!("a step of another kind: {code:#x}"),
        }
    }
}

/// The filter of a reader.
fn filter(arch: TargetArch) -> BpfProgram {
    compiled(arch, narrowed(), ALLOWED, SeccompAction::KillProcess).unwrap()
}

/// The filter of a process that becomes another program.
fn filter_to_become(arch: TargetArch) -> BpfProgram {
    let allowed = [ALLOWED, program::ALLOWED].concat();
    let absent = SeccompAction::Errno(libc::ENOSYS.unsigned_abs());
    compiled(arch, narrowed_to_become(), &allowed, absent).unwrap()
}

fn allows(program: &BpfProgram, machine: u32, number: i64, arguments: [u64; 6]) -> bool {
    match run(program, &Call::on(machine, number, arguments)) {
        ALLOW => true,
        KILL_PROCESS => false,
        answer if answer & 0xffff_0000 == ERRNO => false,
        other => panic!("an answer that is neither: {other:#x}"),
    }
}

const MACHINES: [(TargetArch, u32, u32); 2] = [
    (TargetArch::x86_64, X86_64, I386),
    (TargetArch::aarch64, AARCH64, ARM),
];

#[test]
fn a_call_is_allowed_by_name_and_every_other_kills() {
    for (arch, machine, _) in MACHINES {
        let program = filter(arch);
        let narrowed = [libc::SYS_mmap, libc::SYS_mprotect, libc::SYS_tgkill];
        for number in 0..1_000 {
            if !narrowed.contains(&number) {
                let allowed = allows(&program, machine, number, [0; 6]);
                assert_eq!(allowed, ALLOWED.contains(&number), "call {number}");
            }
        }
        // Calls of the x32 kind, and nonsense.
        for number in [0x4000_0000, 0x4000_0001, 0x7fff_ffff, 0xffff_ffff] {
            assert!(!allows(&program, machine, number, [0; 6]), "{number:#x}");
        }
    }
}

#[test]
fn calls_in_the_manner_of_another_machine_kill() {
    for (arch, _, older) in MACHINES {
        let program = filter(arch);
        for other in [older, 0, 0xffff_ffff] {
            assert!((0..1_000).all(|number| !allows(&program, other, number, [0; 6])));
        }
    }
}

#[test]
fn memory_never_becomes_code() {
    let (readable, writable, executable) = (1, 2, 4);
    // Bits that the kernel does not know hide nothing.
    let high = 1 << 32;
    for (arch, machine, _) in MACHINES {
        let program = filter(arch);
        for call in [libc::SYS_mmap, libc::SYS_mprotect] {
            let allows = |bits| allows(&program, machine, call, [0, 4096, bits, 0x22, 0, 0]);
            assert!(allows(0) && allows(readable) && allows(readable | writable));
            for others in 0..4 {
                assert!(!allows(executable | others) && !allows(high | executable | others));
            }
        }
    }
}

#[test]
fn a_signal_goes_to_the_reader_alone() {
    let own = u64::from(std::process::id());
    for (arch, machine, _) in MACHINES {
        let program = filter(arch);
        let signal = |process| {
            allows(
                &program,
                machine,
                libc::SYS_tgkill,
                [process, 1, 6, 0, 0, 0],
            )
        };
        assert!(signal(own));
        for other in [0, 1, own + 1, u64::MAX] {
            assert!(!signal(other));
        }
    }
}

#[test]
fn a_program_asks_for_its_own_limits_and_changes_none() {
    for (arch, machine, _) in MACHINES {
        let program = filter_to_become(arch);
        let limits = |process, new| {
            let arguments = [process, 7, new, 0x1000, 0, 0];
            allows(&program, machine, libc::SYS_prlimit64, arguments)
        };
        assert!(limits(0, 0));
        for other in [1, u64::from(std::process::id()), u64::MAX] {
            assert!(!limits(other, 0), "{other}");
        }
        // Pointers, one of which is null in its lower half.
        for new in [0x1000, 1 << 32, u64::MAX] {
            assert!(!limits(0, new), "{new:#x}");
        }
    }
}

#[test]
fn a_program_has_no_file_signal_another_process() {
    for (arch, machine, _) in MACHINES {
        let program = filter_to_become(arch);
        let command = |number: i32| {
            let arguments = [1, u64::from(number.unsigned_abs()), 1, 0, 0, 0];
            allows(&program, machine, libc::SYS_fcntl, arguments)
        };
        for number in [
            libc::F_DUPFD,
            libc::F_GETFD,
            libc::F_SETFD,
            libc::F_GETFL,
            libc::F_SETFL,
            libc::F_DUPFD_CLOEXEC,
        ] {
            assert!(command(number), "{number}");
        }
        // F_SETSIG and F_SETOWN_EX among them.
        for number in [libc::F_SETOWN, 10, 15, libc::F_SETLEASE, libc::F_NOTIFY] {
            assert!(!command(number), "{number}");
        }
    }
}

/// What a program needs for its start: Landlock bounds what it may open and run.
const NEEDED_TO_BECOME: &[&str] = &["execve", "openat", "prlimit64", "fcntl", "dup"];

/// What gives a way out, or reaches into parts of the kernel that a reader has no use for.
#[test]
fn nothing_that_leads_out_is_on_the_list() {
    let out = [
        ("execve", libc::SYS_execve),
        ("execveat", libc::SYS_execveat),
        ("clone", libc::SYS_clone),
        ("clone3", libc::SYS_clone3),
        ("openat", libc::SYS_openat),
        ("openat2", libc::SYS_openat2),
        ("open_by_handle_at", libc::SYS_open_by_handle_at),
        ("socket", libc::SYS_socket),
        ("connect", libc::SYS_connect),
        ("sendmsg", libc::SYS_sendmsg),
        ("kill", libc::SYS_kill),
        ("tkill", libc::SYS_tkill),
        ("rt_sigqueueinfo", libc::SYS_rt_sigqueueinfo),
        ("rt_tgsigqueueinfo", libc::SYS_rt_tgsigqueueinfo),
        ("pidfd_send_signal", libc::SYS_pidfd_send_signal),
        ("pidfd_getfd", libc::SYS_pidfd_getfd),
        ("ptrace", libc::SYS_ptrace),
        ("process_vm_readv", libc::SYS_process_vm_readv),
        ("process_vm_writev", libc::SYS_process_vm_writev),
        ("process_madvise", libc::SYS_process_madvise),
        ("kcmp", libc::SYS_kcmp),
        ("bpf", libc::SYS_bpf),
        ("perf_event_open", libc::SYS_perf_event_open),
        ("userfaultfd", libc::SYS_userfaultfd),
        ("io_uring_setup", libc::SYS_io_uring_setup),
        ("io_uring_enter", libc::SYS_io_uring_enter),
        ("io_uring_register", libc::SYS_io_uring_register),
        ("io_setup", libc::SYS_io_setup),
        ("memfd_create", libc::SYS_memfd_create),
        ("memfd_secret", libc::SYS_memfd_secret),
        ("remap_file_pages", libc::SYS_remap_file_pages),
        ("pkey_mprotect", libc::SYS_pkey_mprotect),
        ("shmat", libc::SYS_shmat),
        ("personality", libc::SYS_personality),
        ("keyctl", libc::SYS_keyctl),
        ("add_key", libc::SYS_add_key),
        ("request_key", libc::SYS_request_key),
        ("unshare", libc::SYS_unshare),
        ("setns", libc::SYS_setns),
        ("mount", libc::SYS_mount),
        ("move_mount", libc::SYS_move_mount),
        ("fsopen", libc::SYS_fsopen),
        ("chroot", libc::SYS_chroot),
        ("pivot_root", libc::SYS_pivot_root),
        ("setuid", libc::SYS_setuid),
        ("capset", libc::SYS_capset),
        ("prctl", libc::SYS_prctl),
        ("prlimit64", libc::SYS_prlimit64),
        ("seccomp", libc::SYS_seccomp),
        ("ioctl", libc::SYS_ioctl),
        ("fcntl", libc::SYS_fcntl),
        ("dup", libc::SYS_dup),
        ("init_module", libc::SYS_init_module),
        ("finit_module", libc::SYS_finit_module),
        ("kexec_load", libc::SYS_kexec_load),
        ("reboot", libc::SYS_reboot),
        ("swapon", libc::SYS_swapon),
        ("syslog", libc::SYS_syslog),
        ("acct", libc::SYS_acct),
        ("quotactl", libc::SYS_quotactl),
        ("clock_settime", libc::SYS_clock_settime),
        ("timer_create", libc::SYS_timer_create),
        ("mlock", libc::SYS_mlock),
        ("vmsplice", libc::SYS_vmsplice),
        ("splice", libc::SYS_splice),
        ("tee", libc::SYS_tee),
    ];
    let arch = TargetArch::try_from(std::env::consts::ARCH).unwrap();
    let machine = if cfg!(target_arch = "aarch64") {
        AARCH64
    } else {
        X86_64
    };
    let (reader, other) = (filter(arch), filter_to_become(arch));
    for (name, number) in out {
        assert!(!allows(&reader, machine, number, [0; 6]), "{name}");
        let needed = NEEDED_TO_BECOME.contains(&name);
        let allowed = allows(&other, machine, number, [0; 6]);
        assert_eq!(allowed, needed, "{name} of what becomes a program");
    }
}
