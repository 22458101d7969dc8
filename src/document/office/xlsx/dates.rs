//! Which cells hold dates: a workbook stores them as numbers of days and says so in their style only.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use quick_xml::events::Event;

use crate::document::office::package::Package;
use crate::document::office::xml::attribute;

/// Styles looked at; a workbook has some hundred.
const MAX_STYLES: usize = 100_000;
/// Seconds in a day.
const DAY: f64 = 86_400.0;

/// Styles of cells, by their index: whether they show a date.
#[derive(Default)]
pub(super) struct DateStyles(Vec<bool>);

impl DateStyles {
    pub(super) fn read(package: &mut Package<'_>) -> Self {
        let mut styles = Vec::new();
        let mut formats: HashMap<String, bool> = HashMap::new();
        let Some(mut part) = package.open_part("xl/styles.xml") else {
            return Self::default();
        };
        let mut cells = false;
        while let Some(event) = part.next() {
            match event {
                Event::Start(tag) | Event::Empty(tag) => {
                    match tag.local_name().into_inner() {
                        "numFmt" if formats.len() < MAX_STYLES => {
                            let code = attribute(&tag, "formatCode").unwrap_or_default();
                            formats.insert(
                                attribute(&tag, "numFmtId").unwrap_or_default(),
                                shows_date(&code),
                            );
                        }
                        "cellXfs" => cells = true,
                        "xf" if cells && styles.len() < MAX_STYLES => {
                            let id = attribute(&tag, "numFmtId").unwrap_or_default();
                            // 14 to 17 and 22 are the built-in dates.
                            styles.push(formats.get(&id).copied().unwrap_or(matches!(
                                id.as_str(),
                                "14" | "15" | "16" | "17" | "22"
                            )));
                        }
                        _ => {}
                    }
                }
                Event::End(tag) if tag.local_name().into_inner() == "cellXfs" => cells = false,
                _ => {}
            }
        }
        Self(styles)
    }

    /// The date that `written` means in a cell of `style`; `None` where it is a number.
    pub(super) fn date(&self, style: &str, written: &str) -> Option<String> {
        if !style
            .parse()
            .ok()
            .and_then(|index: usize| self.0.get(index))
            .copied()
            .unwrap_or(false)
        {
            return None;
        }
        let days: f64 = written
            .parse()
            .ok()
            .filter(|days| (61.0..2_958_466.0).contains(days))?;
        // Day 60 is the 29th of February 1900, which never was.
        let date = NaiveDate::from_ymd_opt(1899, 12, 30)?
            .checked_add_days(Days::new(days.trunc() as u64))?;
        let seconds = (days.fract() * DAY).round() as u32;
        if seconds == 0 {
            return Some(date.to_string());
        }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        (hours < 24).then(|| format!("{date} {hours:02}:{minutes:02}:{:02}", seconds % 60))
    }
}

/// Whether a format code shows a year or a day; text in quotes and colours in brackets do not count.
fn shows_date(code: &str) -> bool {
    let (mut quoted, mut bracket) = (false, false);
    code.chars().any(|c| {
        match c {
            '"' => quoted = !quoted,
            '[' => bracket = true,
            ']' => bracket = false,
            _ => {}
        }
        !quoted && !bracket && matches!(c, 'y' | 'Y' | 'd' | 'D')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_days_are_dates_only_in_a_style_that_shows_them() {
        let styles = DateStyles(vec![false, true]);
        assert_eq!(styles.date("1", "45422").as_deref(), Some("2024-05-10"));
        assert_eq!(
            styles.date("1", "45422.5").as_deref(),
            Some("2024-05-10 12:00:00")
        );
        for (style, number) in [
            ("0", "45422"),
            ("7", "45422"),
            ("", "45422"),
            ("1", "-5"),
            ("1", "1e300"),
            ("1", "nan"),
        ] {
            assert_eq!(styles.date(style, number), None, "{style} {number}");
        }
    }

    #[test]
    fn codes_of_dates_are_told_from_codes_of_numbers() {
        assert!(shows_date("yyyy\\-mm\\-dd") && shows_date("[$-409]d-mmm-yy"));
        assert!(
            !shows_date("#,##0.00;[Red]-0") && !shows_date("0 \"days\"") && !shows_date("General")
        );
    }
}
