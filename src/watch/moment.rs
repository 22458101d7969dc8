//! When an entry was published: [RFC 2822](https://www.rfc-editor.org/rfc/rfc2822#section-3.3) in RSS, and in all else
//! [what the W3C made of ISO 8601](https://www.w3.org/TR/NOTE-datetime). What is neither is no moment.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};

/// The moment that `text` means.
pub(super) fn read(text: &str) -> Option<DateTime<Utc>> {
    // Days of the week are often wrong, and say nothing that the date does not.
    let text = text.split_once(',').map_or(text, |(_, date)| date).trim();
    let exact = || {
        DateTime::parse_from_rfc3339(text)
            .or_else(|_| DateTime::parse_from_rfc2822(text))
            .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%dT%H:%M%:z"))
            .ok()
            .map(|moment| moment.to_utc())
    };
    let without_zone = || {
        ["%Y-%m-%dT%H:%MZ", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]
            .iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .map(|moment| moment.and_utc())
    };
    let day = || {
        let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
        Some(day.and_time(NaiveTime::MIN).and_utc())
    };
    exact().or_else(without_zone).or_else(day)
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn every_spelling_of_a_moment_is_the_same_one() {
        for text in [
            "Sat, 31 Jan 2026 09:15:00 GMT",
            "31 Jan 2026 10:15 +0100",
            "Saturn, 31 Jan 2026 09:15:00 GMT",
            "Mon, 31 Jan 2026 04:15:00 EST",
            "2026-01-31T09:15:00Z",
            " 2026-01-31T10:15:00.000+01:00\n",
            "2026-01-31T10:15+01:00",
            "2026-01-31T09:15Z",
            "2026-01-31 09:15:00",
        ] {
            let moment = read(text).map(|moment| moment.to_rfc3339());
            assert_eq!(
                moment.as_deref(),
                Some("2026-01-31T09:15:00+00:00"),
                "{text}"
            );
        }
        assert!(read("2026-01-31").is_some());
        for text in ["", "yesterday", "2026", "31.01.2026"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
