//! CISA's [catalogue of known exploited vulnerabilities](https://www.cisa.gov/known-exploited-vulnerabilities-catalog).

use super::json::{Event, walk};
use super::{Columns, Draft, Unreadable};
use crate::indicator::Kind;
use crate::lists::Kinds;
use crate::lists::entry::Entries;

pub(super) fn read(text: &str, _: &Columns, draft: &mut Draft) -> Result<(), Unreadable> {
    let mut title = None;
    let mut version = None;
    walk(text, |path, event| {
        let Event::Scalar(value) = event else { return };
        if path.is(&["vulnerabilities", "", "cveID"]) {
            draft.take(value, Entries::add_any);
        }
        match path.key_in(&[]) {
            Some("title") => title = Some(value.to_owned()),
            Some("catalogVersion") => version = Some(value.to_owned()),
            _ => {}
        }
    })?;
    if version.is_none() {
        return Err(Unreadable::Missing("`catalogVersion`"));
    }
    let about = &mut draft.contents.about;
    about.name = title;
    about.version = version;
    about.kinds = Kinds::from_iter([Kind::Cve]);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Columns, ListFormat, read};
    use crate::indicator::Kind;

    #[test]
    fn the_numbers_of_vulnerabilities_are_read() {
        let text = r#"{"title":"KEV","catalogVersion":"2026.01.02","count":1,"vulnerabilities":[
            {"cveID":"CVE-2024-3400","dateAdded":"2024-04-12","knownRansomwareCampaignUse":"Known","cwes":["CWE-20"]}]}"#;
        let read = read(ListFormat::Kev, &Columns::default(), text.as_bytes()).unwrap();
        let entries: Vec<_> = read.entries.iter().map(|e| (e.kind, e.value)).collect();
        assert_eq!(entries, [(Some(Kind::Cve), "cve-2024-3400")]);
        assert_eq!(read.about.version.as_deref(), Some("2026.01.02"));
    }
}
