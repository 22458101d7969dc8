//! Windows paths and what merely looks like them.

use super::super::tests::found;
use super::*;

fn paths(text: &str) -> Vec<String> {
    found(Kind::Filepath, text)
}

#[test]
fn the_folders_are_sorted() {
    assert!(FOLDERS.is_sorted());
}

#[test]
fn drives_variables_shares_and_known_folders_start_a_path() {
    for path in [
        r"C:\Windows\evil.exe",
        r"%APPDATA%\Roaming\evil.dll",
        r"%ProgramFiles(x86)%\evil\evil.dll",
        r"$env:TEMP\evil.ps1",
        r"\\192.0.2.1\share\evil.msi",
        r"\\192.0.2.1@80\share\evil.msi",
        r"\programdata\evil\evil.sys",
        r"Windows\0a1b-evil",
        r"C:/Users/[username]/AppData/evil.pln",
        r"\\.\pipe\evil",
        r"sub\run.exe",
    ] {
        assert_eq!(paths(path), [path]);
        assert_eq!(paths(&format!("It is {path}, they say.")), [path]);
    }
}

#[test]
fn spaces_stay_inside_while_the_path_goes_on() {
    for path in [
        r"C:\Program Files (x86)\Foo Bar\x.exe",
        r"C:\Documents and Settings\All Users\x.exe",
        r"C:\Users\<user name>\AppData\x.exe",
        r"%TEMP%\Host Process Manager.exe",
        r"c:\Windows\(16 random letters).exe",
    ] {
        assert_eq!(paths(path), [path]);
    }
    assert_eq!(
        paths(r"C:\Windows\System32 and D:\Temp\x"),
        [r"C:\Windows\System32", r"D:\Temp\x"]
    );
    assert_eq!(
        paths(r#""C:\My Files\a b.exe" runs"#),
        [r"C:\My Files\a b.exe"]
    );
    assert_eq!(
        paths(r"C:\Windows\Temp using evil.exe"),
        [r"C:\Windows\Temp"]
    );
    assert_eq!(paths(r"C:\a.exe C:\b.exe"), [r"C:\a.exe", r"C:\b.exe"]);
    assert_eq!(
        paths(r"reads %AppData%\x\Login Data and C:\\Users\\x\\Start Menu\\a.lnk"),
        [r"%AppData%\x\Login Data", r"C:\Users\x\Start Menu\a.lnk"]
    );
}

#[test]
fn a_path_ends_where_prose_or_arguments_begin() {
    assert_eq!(
        paths(r"rundll32 C:\ProgramData\evil.dll,Start"),
        [r"C:\ProgramData\evil.dll"]
    );
    assert_eq!(
        paths(r"(see C:\ProgramData\evil.dll)."),
        [r"C:\ProgramData\evil.dll"]
    );
    assert_eq!(paths(r"in C:\Windows\."), [r"C:\Windows"]);
}

#[test]
fn a_path_that_a_page_wrapped_is_whole() {
    let wrapped = "7 registry,HKCU\\SOFTWARE\\Microsoft\\W\nindows\\CurrentVersion\\Run\\UpdateServ\nice,a key\n8 registry,HKCU\\SOFTWARE\\Example\\W\nord\\x\n9 registry,HKCU\\SOFTWARE\\Microsoft\\W\nindows\\y";
    assert_eq!(
        found(Kind::RegistryKey, wrapped)[0],
        r"HKCU\SOFTWARE\Microsoft\Windows\CurrentVersion\Run\UpdateService"
    );
    assert_eq!(
        paths(
            "a file C:\\Users\\Public\\AppData\\Program\nFiles\\Foo\\abcdefghijklmnopqrstuvwx.exe\nx"
        ),
        [r"C:\Users\Public\AppData\Program Files\Foo\abcdefghijklmnopqrstuvwx.exe"]
    );
}

#[test]
fn paths_below_each_other_stay_apart() {
    let list = "C:\\Users\\Public\\aaaaaaaa\nC:\\Users\\Public\\bbbbbbbb\n%TEMP%\\cccccccccccccccc\nHKLM\\Software\\Eeeeeeeee";
    assert_eq!(found(Kind::Filepath, list).len(), 3);
    assert_eq!(found(Kind::RegistryKey, list), [r"HKLM\Software\Eeeeeeeee"]);
    assert_eq!(
        paths(
            "It was written to C:\\Users\\Public\\Documents\nand then run as EXAMPLE\\admin by a task."
        ),
        [r"C:\Users\Public\Documents"]
    );
}

#[test]
fn emphasis_is_not_part_of_a_path() {
    for text in [
        r"it drops *C:\Temp\a b.exe* there",
        r"it drops *C:\Temp\a b.exe*then",
        r"**C:\Temp\a b.exe**",
    ] {
        assert_eq!(paths(text), [r"C:\Temp\a b.exe"], "{text}");
    }
    assert_eq!(paths(r"C:\Users\**x**\a.exe"), [r"C:\Users\x\a.exe"]);
    assert_eq!(paths(r"*C:\Temp\*.exe*"), [r"C:\Temp\*.exe"]);
    assert_eq!(paths(r"*%TEMP%\x\*"), [r"%TEMP%\x"]);
    assert_eq!(paths(r"%TEMP%\x\*"), [r"%TEMP%\x\*"]);
    assert_eq!(paths(r"%TEMP%\7zS*"), [r"%TEMP%\7zS*"]);
}

#[test]
fn doubled_backslashes_become_one_and_dots_live() {
    assert_eq!(paths(r"C:\\Users\\x\\evil.exe"), [r"C:\Users\x\evil.exe"]);
    assert_eq!(
        paths(r"\\\\host\\share\\evil.exe"),
        [r"\\host\share\evil.exe"]
    );
    assert_eq!(paths(r"%TEMP%\evil[.]zip"), [r"%TEMP%\evil.zip"]);
}

#[test]
fn what_merely_holds_backslashes_is_no_path() {
    for text in [
        r"DOMAIN\user",
        r"\x41\x42\x43",
        r"line\nline",
        r"\\x41\\x42",
        r"C:\ alone",
        r"Foo\Bar\Baz",
        r"a\d+\.exe",
        r"\\d+\\w",
    ] {
        assert_eq!(paths(text), [""; 0], "{text}");
    }
}
