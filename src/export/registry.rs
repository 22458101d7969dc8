//! Registry hives: STIX must spell them out (2.1, section 6.17), ECS abbreviates them.

const HIVES: &[(&str, &str)] = &[
    ("HKLM", "HKEY_LOCAL_MACHINE"),
    ("HKCU", "HKEY_CURRENT_USER"),
    ("HKCR", "HKEY_CLASSES_ROOT"),
    ("HKU", "HKEY_USERS"),
    ("HKCC", "HKEY_CURRENT_CONFIG"),
    ("HKPD", "HKEY_PERFORMANCE_DATA"),
];

/// A registry key, taken apart at its first backslash.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Key<'a> {
    /// `HKLM`, or what stands there where it is no hive that is known.
    pub(super) short_hive: &'a str,
    /// `HKEY_LOCAL_MACHINE`, or what stands there.
    pub(super) long_hive: &'a str,
    /// The key below the hive, without a leading backslash; may be empty.
    pub(super) path: &'a str,
}

impl<'a> Key<'a> {
    pub(super) fn parse(value: &'a str) -> Self {
        let (hive, path) = value.split_once('\\').unwrap_or((value, ""));
        // PowerShell writes HKLM:\.
        let hive = hive.trim_end_matches(':');
        let known = HIVES.iter().find(|(short, long)| {
            hive.eq_ignore_ascii_case(short) || hive.eq_ignore_ascii_case(long)
        });
        let (short_hive, long_hive) = known.copied().unwrap_or((hive, hive));
        Self {
            short_hive,
            long_hive,
            path,
        }
    }

    /// The whole key with its hive spelled out.
    pub(super) fn spelled_out(&self) -> String {
        self.below(self.long_hive)
    }

    /// The whole key with its hive abbreviated.
    pub(super) fn abbreviated(&self) -> String {
        self.below(self.short_hive)
    }

    fn below(&self, hive: &str) -> String {
        if self.path.is_empty() {
            hive.to_owned()
        } else {
            format!("{hive}\\{}", self.path)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hives_convert_both_ways_in_any_case() {
        for written in [
            r"HKLM\Software\X",
            r"hkey_local_machine\Software\X",
            r"HKLM:\Software\X",
        ] {
            let key = Key::parse(written);
            assert_eq!(key.spelled_out(), r"HKEY_LOCAL_MACHINE\Software\X");
            assert_eq!(key.abbreviated(), r"HKLM\Software\X");
        }
        assert_eq!(Key::parse("HKU").spelled_out(), "HKEY_USERS");
        assert_eq!(Key::parse(r"HKXX\a").abbreviated(), r"HKXX\a");
    }
}
