//! Which file name and which hashes of a row are of one file.
//!
//! A wrong pair is worse than none: where a row names two files or has two hashes of a kind, where something is flagged,
//! or where prose stands between them, each remains alone.

use super::composite;
use crate::indicator::{Finding, Ioc, Kind, Location, Reason};

/// Characters between a file name and a hash, or between two hashes, that hold no more than a label: ` (SHA-256: `.
const GAP: u64 = 16;

/// Indicators that stand first in one line of the text: a row of a table is one.
#[derive(Default)]
pub(super) struct Row(Vec<Ioc>);

fn place(at: &Location) -> (Option<u32>, Option<&str>, Option<u32>, u32) {
    (at.page, at.sheet.as_deref(), at.slide, at.line)
}

impl Row {
    pub(super) fn iocs(&self) -> &[Ioc] {
        &self.0
    }

    /// Takes in what comes next; where it begins another row, the one before comes back.
    pub(super) fn push(&mut self, ioc: &Ioc) -> Option<Self> {
        let at = |ioc: &Ioc| ioc.finding.location.clone();
        let begins = self
            .0
            .last()
            .is_some_and(|last| place(&at(last)) != place(&at(ioc)));
        let before = begins.then(|| std::mem::take(self));
        self.0.push(ioc.clone());
        before
    }

    /// The file that the row is about: its name and its hashes; no name where that is not certain.
    pub(super) fn file(&self) -> (Option<&Ioc>, Vec<&Ioc>) {
        let of = |wanted: fn(Kind) -> bool| {
            let found = self.0.iter().filter(move |ioc| wanted(ioc.finding.kind));
            found.collect::<Vec<_>>()
        };
        let names = of(|kind| matches!(kind, Kind::Filename | Kind::Filepath));
        let hashes = of(|kind| composite(kind).is_some());
        let ([name], false) = (&names[..], hashes.is_empty()) else {
            return (None, Vec::new());
        };
        let mut members: Vec<&Finding> = hashes.iter().map(|hash| &hash.finding).collect();
        members.push(&name.finding);
        let repeated = |hash: &&Ioc| {
            let same = |other: &&&Ioc| other.finding.kind == hash.finding.kind;
            hashes.iter().filter(same).count() > 1
        };
        let certain = !name.finding.value.contains('|')
            && !members.iter().any(|member| member.is_flagged())
            && !hashes.iter().any(repeated)
            && (members.iter().all(|member| is_in_table(member)) || are_close(members));
        if certain {
            (Some(name), hashes)
        } else {
            (None, Vec::new())
        }
    }
}

fn is_in_table(finding: &Finding) -> bool {
    let reasons = &finding.evidence;
    reasons
        .iter()
        .any(|evidence| evidence.reason == Reason::IndicatorTable)
}

fn are_close(mut members: Vec<&Finding>) -> bool {
    members.sort_unstable_by_key(|member| member.location.offset);
    members.windows(2).all(|pair| {
        let [before, after] = [&pair[0].location, &pair[1].location];
        let gap = after.offset.checked_sub(before.offset + before.length);
        gap.is_some_and(|gap| gap <= GAP)
    })
}

#[cfg(test)]
mod tests {
    use super::super::super::sample::{flagged, ioc};
    use super::*;

    /// A row with these values one behind the other, so many characters apart.
    fn row(gap: u64, values: &[(Kind, &str)]) -> Row {
        let mut row = Row::default();
        let mut offset = 100;
        for (kind, value) in values {
            let mut ioc = ioc(*kind, value);
            ioc.finding.location.offset = offset;
            offset += ioc.finding.location.length + gap;
            assert!(row.push(&ioc).is_none());
        }
        row
    }

    fn pairs(row: &Row) -> usize {
        let (name, hashes) = row.file();
        name.map_or(0, |_| hashes.len())
    }

    fn in_table(mut row: Row) -> Row {
        for ioc in &mut row.0 {
            ioc.finding.evidence = vec![Reason::IndicatorTable.into()];
        }
        row
    }

    #[test]
    fn a_name_and_its_hashes_belong_together_and_two_names_or_two_hashes_of_a_kind_do_not() {
        let (md5, sha256) = ("a1".repeat(16), "c3".repeat(32));
        let (md5, sha256) = ((Kind::HashMd5, &*md5), (Kind::HashSha256, &*sha256));
        let name = (Kind::Filename, "evil.exe");
        assert_eq!(pairs(&row(3, &[name, md5, sha256])), 2);
        assert_eq!(pairs(&row(3, &[md5, name, sha256])), 2);
        assert_eq!(pairs(&row(3, &[(Kind::Filepath, r"C:\a.exe"), md5])), 1);
        assert_eq!(pairs(&row(3, &[name, md5, (Kind::Filename, "b.exe")])), 0);
        let other = "b2".repeat(16);
        assert_eq!(pairs(&row(3, &[name, md5, (Kind::HashMd5, &other)])), 0);
        assert_eq!(pairs(&row(3, &[(Kind::Filename, "a|b"), md5])), 0);
        assert_eq!(pairs(&row(3, &[name])) + pairs(&row(3, &[md5])), 0);
    }

    #[test]
    fn what_stands_far_apart_belongs_together_in_a_table_alone() {
        let md5 = "a1".repeat(16);
        let values = [(Kind::Filename, "evil.exe"), (Kind::HashMd5, &*md5)];
        assert_eq!(pairs(&row(40, &values)), 0);
        assert_eq!(pairs(&in_table(row(40, &values))), 1);
    }

    #[test]
    fn another_line_or_page_is_another_row_and_what_is_flagged_stays_alone() {
        let md5 = "a1".repeat(16);
        let mut row = row(3, &[(Kind::Filename, "evil.exe")]);
        let mut hash = ioc(Kind::HashMd5, &md5);
        hash.finding.location.line = 2;
        assert_eq!(row.push(&hash).unwrap().iocs().len(), 1);
        hash.finding.location.page = Some(1);
        assert_eq!(row.push(&hash).unwrap().iocs().len(), 1);

        let mut row = in_table(super::tests::row(3, &[(Kind::Filename, "evil.exe")]));
        let mut empty = flagged(Kind::HashMd5, &md5);
        empty.finding.evidence = vec![Reason::IndicatorTable.into()];
        row.push(&empty);
        assert_eq!(pairs(&row), 0);
    }
}
