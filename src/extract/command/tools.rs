//! The tools that start a command line, and what each needs behind it.

use crate::extract::lexicon::Lexicon;

/// What a tool needs behind its name to be a command rather than a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    /// Any argument: nobody writes `vssadmin` in a sentence of its own.
    Argument,
    /// An argument with the look of one: an option, a path, an address.
    Proof,
    /// One of the tool's own verbs.
    Verb(&'static [&'static str]),
}

/// Tools whose names are no words, sorted.
static RARE: Lexicon = Lexicon::new(&[
    "adfind",
    "arp",
    "bcdedit",
    "bitsadmin",
    "certutil",
    "chattr",
    "chmod",
    "chown",
    "cipher",
    "cmstp",
    "crontab",
    "cscript",
    "csvde",
    "curl",
    "diskshadow",
    "dnscmd",
    "dsquery",
    "esentutl",
    "esxcli",
    "extrac32",
    "fodhelper",
    "forfiles",
    "fsutil",
    "icacls",
    "insmod",
    "installutil",
    "ipconfig",
    "iptables",
    "launchctl",
    "ldifde",
    "makecab",
    "mkfifo",
    "mklink",
    "mofcomp",
    "mountvol",
    "msbuild",
    "mshta",
    "msiexec",
    "nbtstat",
    "netsh",
    "netstat",
    "nltest",
    "nslookup",
    "ntdsutil",
    "odbcconf",
    "osascript",
    "paexec",
    "pcalua",
    "plink",
    "procdump",
    "procdump64",
    "psexec",
    "psexec64",
    "quser",
    "qwinsta",
    "rclone",
    "regasm",
    "regsvcs",
    "regsvr32",
    "robocopy",
    "rpcclient",
    "rundll32",
    "schtasks",
    "scp",
    "setenforce",
    "smbclient",
    "socat",
    "sshpass",
    "systemctl",
    "systeminfo",
    "takeown",
    "taskkill",
    "tasklist",
    "useradd",
    "usermod",
    "vim-cmd",
    "vssadmin",
    "wbadmin",
    "wevtutil",
    "wget",
    "whoami",
    "winrm",
    "winrs",
    "wmic",
    "wscript",
    "wusa",
    "xattr",
    "xcopy",
]);

/// Tools whose names stand in prose too, sorted.
static COMMON: Lexicon = Lexicon::new(&[
    "7z",
    "7za",
    "apt",
    "apt-get",
    "at",
    "attrib",
    "awk",
    "base64",
    "bash",
    "cat",
    "cd",
    "cmd",
    "copy",
    "cp",
    "csc",
    "dash",
    "dd",
    "del",
    "dir",
    "docker",
    "echo",
    "erase",
    "eventvwr",
    "expand",
    "explorer",
    "export",
    "find",
    "findstr",
    "ftp",
    "gcc",
    "git",
    "grep",
    "gunzip",
    "hh",
    "iex",
    "iwr",
    "java",
    "javaw",
    "kill",
    "killall",
    "ksh",
    "ln",
    "ls",
    "md",
    "mimikatz",
    "mkdir",
    "mount",
    "move",
    "mv",
    "nc",
    "ncat",
    "node",
    "nohup",
    "notepad",
    "npm",
    "openssl",
    "perl",
    "php",
    "ping",
    "pip",
    "pip3",
    "pkill",
    "powershell",
    "powershell_ise",
    "pwsh",
    "python",
    "python2",
    "python3",
    "rar",
    "rd",
    "ren",
    "rm",
    "rmdir",
    "route",
    "ruby",
    "runas",
    "sed",
    "set",
    "setx",
    "sh",
    "shutdown",
    "ssh",
    "start",
    "sudo",
    "tar",
    "tee",
    "tftp",
    "timeout",
    "touch",
    "type",
    "unzip",
    "vi",
    "xargs",
    "zip",
    "zsh",
]);

const NET: &[&str] = &[
    "accounts",
    "config",
    "group",
    "localgroup",
    "session",
    "share",
    "start",
    "stop",
    "time",
    "use",
    "user",
    "view",
];
const REG: &[&str] = &[
    "add", "copy", "delete", "export", "import", "load", "query", "restore", "save", "unload",
];
const SC: &[&str] = &[
    "config", "create", "delete", "failure", "qc", "query", "queryex", "sdset", "start", "stop",
];

/// The tools that need a verb of their own, lower case.
const WITH_VERBS: [(&str, &[&str]); 4] = [("net", NET), ("net1", NET), ("reg", REG), ("sc", SC)];

/// First words of the names of PowerShell's own commands, `Verb-Noun`, lower case and sorted.
static POWERSHELL_VERBS: Lexicon = Lexicon::new(&[
    "add",
    "clear",
    "compress",
    "copy",
    "disable",
    "enable",
    "enter",
    "expand",
    "export",
    "find",
    "get",
    "import",
    "install",
    "invoke",
    "mount",
    "move",
    "new",
    "out",
    "register",
    "remove",
    "rename",
    "restart",
    "resume",
    "set",
    "start",
    "stop",
    "test",
    "uninstall",
    "unregister",
    "write",
]);

/// What the tool `name` (any case, without folder and `.exe`) needs; `None` where it is no tool.
pub(super) fn needs(name: &str) -> Option<Needs> {
    let with_verbs = WITH_VERBS
        .iter()
        .find(|(tool, _)| tool.eq_ignore_ascii_case(name));
    if let Some((_, verbs)) = with_verbs {
        Some(Needs::Verb(verbs))
    } else if RARE.contains_any_case(name) {
        Some(Needs::Argument)
    } else if COMMON.contains_any_case(name) || is_cmdlet(name) {
        Some(Needs::Proof)
    } else {
        None
    }
}

fn is_cmdlet(name: &str) -> bool {
    name.split_once('-').is_some_and(|(verb, noun)| {
        POWERSHELL_VERBS.contains_any_case(verb)
            && noun.len() > 2
            && noun.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_is_known_by_its_name() {
        assert_eq!(needs("rundll32"), Some(Needs::Argument));
        assert_eq!(needs("python3"), Some(Needs::Proof));
        assert_eq!(needs("set-mppreference"), Some(Needs::Proof));
        assert!(matches!(needs("net"), Some(Needs::Verb(_))));
        assert_eq!(needs("malware"), None);
    }
}
