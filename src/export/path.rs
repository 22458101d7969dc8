//! A file path, taken apart.

/// The directory and the name of `path`. The name is empty where the path ends in a separator; a root keeps
/// its separator (`/`, `C:\`). `None` where there is no directory.
pub(super) fn parts(path: &str) -> Option<(&str, &str)> {
    let separators: &[char] = if path.contains('\\') {
        &['\\', '/']
    } else {
        &['/']
    };
    let cut = path.rfind(separators)?;
    let is_root = cut == 0 || path[..cut].ends_with(':');
    let directory = if is_root { &path[..=cut] } else { &path[..cut] };
    Some((directory, &path[cut + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_loses_its_separator_unless_it_is_a_root() {
        for (path, expected) in [
            (r"C:\Windows\x.exe", Some((r"C:\Windows", "x.exe"))),
            (r"C:\x.exe", Some((r"C:\", "x.exe"))),
            (r"%TEMP%\a/b", Some((r"%TEMP%\a", "b"))),
            (r"C:\Temp\", Some((r"C:\Temp", ""))),
            ("/x", Some(("/", "x"))),
            ("/var/tmp/", Some(("/var/tmp", ""))),
            ("x.exe", None),
        ] {
            assert_eq!(parts(path), expected, "{path}");
        }
    }
}
