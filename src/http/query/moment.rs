//! Moments as clients write them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveTime, Timelike, Utc};

/// Reads a date, or a date and a time with an offset, `Z`, or no zone (UTC). A space where a zone begins is
/// a `+` that form encoding ate. Finer than a microsecond is cut: stored moments have no finer part.
pub(in super::super) fn parse(text: &str) -> Option<DateTime<Utc>> {
    let date = text
        .get(..10)
        .filter(|date| date.bytes().all(|b| b.is_ascii_digit() || b == b'-'))?;
    let date = NaiveDate::parse_from_str(date, "%Y-%m-%d").ok()?;
    let mut rest = text[10..].chars();
    let time = match rest.next() {
        None => return in_range(date.and_time(NaiveTime::MIN).and_utc()),
        Some('T' | 't' | ' ') => rest.as_str(),
        Some(_) => return None,
    };
    let zone = time.find(['Z', 'z', '+', '-', ' ']).unwrap_or(time.len());
    let (time, zone) = time.split_at(zone);
    let offset = match zone {
        "" | "Z" | "z" => FixedOffset::east_opt(0)?,
        zone => zone.replacen(' ', "+", 1).parse().ok()?,
    };
    let (whole, fraction) = time
        .split_once('.')
        .map_or((time, None), |(w, f)| (w, Some(f)));
    let time = NaiveTime::parse_from_str(whole, "%H:%M:%S")
        .or_else(|_| NaiveTime::parse_from_str(whole, "%H:%M"))
        .ok()?;
    let micros = match fraction {
        None => 0,
        Some(digits) if !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{digits:0<6}").get(..6)?.parse::<u32>().ok()?
        }
        Some(_) => return None,
    };
    // A leap second is the last moment of its minute.
    let nanos = if time.nanosecond() == 0 {
        micros * 1000
    } else {
        999_999_000
    };
    let local = date.and_time(time.with_nanosecond(nanos)?);
    in_range(local.and_local_timezone(offset).single()?.to_utc())
}

fn in_range(at: DateTime<Utc>) -> Option<DateTime<Utc>> {
    (1..=9999).contains(&at.year()).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn since(text: &str) -> Option<String> {
        parse(text).map(crate::submission::rfc3339)
    }

    #[test]
    fn since_takes_every_form_a_client_writes() {
        for (text, meant) in [
            ("2026-01-31", "2026-01-31T00:00:00.000000Z"),
            ("2026-01-31T09:15", "2026-01-31T09:15:00.000000Z"),
            ("2026-01-31T09:15:02", "2026-01-31T09:15:02.000000Z"),
            ("2026-01-31 09:15:02Z", "2026-01-31T09:15:02.000000Z"),
            ("2026-01-31t09:15:02.5z", "2026-01-31T09:15:02.500000Z"),
            (
                "2026-01-31T09:15:02.123456789Z",
                "2026-01-31T09:15:02.123456Z",
            ),
            (
                "2026-01-31T09:15:02.123456789012Z",
                "2026-01-31T09:15:02.123456Z",
            ),
            (
                "2026-01-31T09:15:02.123456+02:00",
                "2026-01-31T07:15:02.123456Z",
            ),
            ("2026-01-31T09:15:02 02:00", "2026-01-31T07:15:02.000000Z"),
            ("2026-01-31T09:15:02-05:30", "2026-01-31T14:45:02.000000Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.999999Z"),
        ] {
            assert_eq!(since(text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn since_refuses_what_is_no_moment() {
        for bad in [
            "",
            "now",
            "yesterday",
            "infinity",
            "2026",
            "2026-W01-1",
            "2026-02-30",
            "0000-01-01",
            "+262143-01-01T00:00:00Z",
            "-4713-01-01T00:00:00Z",
            "2026-01-31T",
            "2026-01-31T25:00:00Z",
            "2026-01-31T09:15:02.Z",
            "2026-01-31T09:15:02+99:00",
            "2026-01-31T09:15:02Z\0",
            "2026-01-31X09:15:02Z",
            "9999-12-31T23:59:59-01:00",
            "２０26-01-31",
            "1700000000",
        ] {
            assert_eq!(since(bad), None, "{bad}");
        }
    }
}
