//! Windows registry keys: a hive in any spelling, a backslash, and what follows.
//!
//! The value keeps the hive as the report has it (long or short), upper case; doubled backslashes
//! become one and a trailing one goes.

use std::ops::Range;

use super::before;
use super::segment::Walk;
use crate::extract::candidate::Candidate;
use crate::extract::token::runs_on;
use crate::indicator::Kind;

/// Hives in their short and long form.
const HIVES: &[&str] = &[
    "HKCC",
    "HKCR",
    "HKCU",
    "HKEY_CLASSES_ROOT",
    "HKEY_CURRENT_CONFIG",
    "HKEY_CURRENT_USER",
    "HKEY_LOCAL_MACHINE",
    "HKEY_PERFORMANCE_DATA",
    "HKEY_USERS",
    "HKLM",
    "HKPD",
    "HKU",
];
/// Length of the longest hive, in bytes.
const LONGEST_HIVE: usize = 21;

/// Whether `word` is a hive, whatever its case.
pub(super) fn is_hive(word: &str) -> bool {
    (3..=LONGEST_HIVE).contains(&word.len())
        && word.starts_with(['H', 'h'])
        && HIVES.iter().any(|hive| hive.eq_ignore_ascii_case(word))
}

/// The key whose hive ends at the backslashes `at..from`.
pub(super) fn key(text: &str, at: usize, from: usize) -> Option<Candidate> {
    let hive = hive_before(text, at)?;
    let start = hive.start;
    let walk = Walk {
        text,
        start: outer(text, start),
        separator: b'\\',
        spaces: true,
        files: false,
    };
    let end = with_known_name(text, from, walk.end(from));
    let rest = text[from..end].trim_end_matches('\\');
    let first = rest.chars().next()?;
    if !first.is_alphanumeric()
        && !matches!(first, '.' | '_' | '{' | '<' | '[' | '%' | '*' | '$' | '(')
    {
        return None;
    }
    let mut value = text[hive.clone()].to_ascii_uppercase();
    for part in rest.split('\\').filter(|part| !part.is_empty()) {
        value.push('\\');
        value.push_str(part);
    }
    let span = start..from + rest.len();
    Some(Candidate {
        kind: Kind::RegistryKey,
        value,
        span,
        defanged: false,
        confidence: 95,
    })
}

/// The hive that ends right before the backslash at `at`: `HKLM`, `HKCU:`, `<HKCU>`, `(HKLM|HKCU)`.
fn hive_before(text: &str, at: usize) -> Option<Range<usize>> {
    let end = match text.as_bytes()[..at].last()? {
        b':' | b'>' | b']' | b')' | b'}' => at - 1,
        _ => at,
    };
    let letters = text.as_bytes()[..end]
        .iter()
        .rev()
        .take(LONGEST_HIVE + 1)
        .take_while(|byte| byte.is_ascii_alphabetic() || **byte == b'_')
        .count();
    let hive = end - letters..end;
    let apart = before(text, hive.start).is_none_or(|c| {
        !c.is_alphanumeric() && c != '\\'
            || runs_on(c)
            // The path that the registry editor shows: `Computer\HKEY_CURRENT_USER\…`.
            || text[..hive.start].ends_with("Computer\\")
    });
    (is_hive(&text[hive.clone()]) && apart).then_some(hive)
}

/// The end of the key, moved over the rest of a well-known name that a space cut: `Shell Folders`.
fn with_known_name(text: &str, from: usize, end: usize) -> usize {
    const NAMES: &[&str] = &[
        "active setup",
        "browser helper objects",
        "command processor",
        "control panel",
        "credential providers",
        "image file execution options",
        "installed components",
        "internet settings",
        "real-time protection",
        "session manager",
        "shell extensions",
        "shell folders",
        "terminal server",
        "user shell folders",
        "windows defender",
        "windows nt",
        "windows script host",
    ];
    let part = text[from..end].rfind('\\').map_or(from, |at| from + at + 1);
    let rest = text.as_bytes().get(part..).unwrap_or_default();
    let known = NAMES.iter().find(|name| {
        let bytes = rest.get(..name.len());
        bytes.is_some_and(|bytes| bytes.eq_ignore_ascii_case(name.as_bytes()))
            && !rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
    });
    known.map_or(end, |name| end.max(part + name.len()))
}

/// Where the key starts for a reader: before the bracket of `<HKCU>`, so that a quote is seen.
fn outer(text: &str, start: usize) -> usize {
    match text.as_bytes()[..start].last() {
        Some(b'<' | b'[' | b'(') => start - 1,
        _ => start,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    fn keys(text: &str) -> Vec<String> {
        found(Kind::RegistryKey, text)
    }

    #[test]
    fn a_hive_in_any_spelling_starts_a_key() {
        assert_eq!(keys(r"HKLM\Software\Run"), [r"HKLM\Software\Run"]);
        assert_eq!(keys(r"HKCU:\Software\Run"), [r"HKCU\Software\Run"]);
        assert_eq!(keys(r"<HKCU>\Software\Run"), [r"HKCU\Software\Run"]);
        assert_eq!(
            keys(r"hkey_local_machine\software\run"),
            [r"HKEY_LOCAL_MACHINE\software\run"]
        );
        assert_eq!(
            keys(r#""HKLM\\SYSTEM\\CurrentControlSet\\Services\\evil""#),
            [r"HKLM\SYSTEM\CurrentControlSet\Services\evil"]
        );
        assert_eq!(
            keys(r"Registry::HKEY_USERS\.DEFAULT\Control Panel"),
            [r"HKEY_USERS\.DEFAULT\Control Panel"]
        );
        assert_eq!(keys(r"(HKLM|HKCU)\Software\Run"), [r"HKCU\Software\Run"]);
        assert_eq!(
            keys(r"Computer\HKEY_CURRENT_USER\Software\Run"),
            [r"HKEY_CURRENT_USER\Software\Run"]
        );
        assert_eq!(keys(r"*HKLM\Software\Run*”"), [r"HKLM\Software\Run"]);
    }

    #[test]
    fn spaces_stay_inside_while_a_backslash_follows() {
        assert_eq!(
            keys(r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon is set"),
            [r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Winlogon"]
        );
        assert_eq!(
            keys(r"HKCU\Control Panel\Desktop"),
            [r"HKCU\Control Panel\Desktop"]
        );
        assert_eq!(
            keys(r"HKLM\a\Windows and HKCU\b\c"),
            [r"HKLM\a\Windows", r"HKCU\b\c"]
        );
        assert_eq!(keys(r"HKLM\a\b HKCU\c\d"), [r"HKLM\a\b", r"HKCU\c\d"]);
        assert_eq!(
            keys(r#"reg add "HKLM\Software\Foo Bar" /v X"#),
            [r"HKLM\Software\Foo Bar"]
        );
    }

    #[test]
    fn a_well_known_name_with_a_space_ends_a_key() {
        assert_eq!(
            keys(r"HKCU\Explorer\User Shell Folders is set"),
            [r"HKCU\Explorer\User Shell Folders"]
        );
        assert_eq!(keys(r"HKLM\a\Session Managers"), [r"HKLM\a\Session"]);
    }

    #[test]
    fn what_follows_the_key_is_not_part_of_it() {
        assert_eq!(
            keys(r#"Key HKLM\Software\Run, value "upd""#),
            [r"HKLM\Software\Run"]
        );
        assert_eq!(
            keys("“HKCU\\Software\\Run” registry key."),
            [r"HKCU\Software\Run"]
        );
        assert_eq!(keys(r"HKLM\Software\Run\."), [r"HKLM\Software\Run"]);
        assert_eq!(keys(r"HKLM\Software\Run /v x"), [r"HKLM\Software\Run"]);
    }

    #[test]
    fn no_hive_is_no_key() {
        assert_eq!(
            keys(r"HKP\SYSTEM is no hive and HKLM alone is no key, nor XHKLM\a"),
            [""; 0]
        );
        assert_eq!(keys(r"HKLM\ alone"), [""; 0]);
    }
}
