//! Whether a hit marks a value as benign. Enter at [`judge`], or at [`excuse`] for all hits of a value.
//!
//! Nothing is ever dropped for a hit: it is marked. What its author defanged is an indicator whatever the lists say,
//! but for its shape and for what the operator trusts; a page is not benign for the host that it is on, nor a name for
//! one above it where anybody may register.

use super::normal::Host;
use super::{Hit, How, List, ListKind, Match, Part, Standing, builtin, normal};
use crate::indicator::{Flag, Kind};

/// What a hit says of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bearing {
    /// It is benign.
    Benign,
    /// It may be, if something else says so.
    Soft,
    /// It was seen doing harm.
    Hostile,
}

/// The value that was looked up.
#[derive(Debug, Clone, Copy)]
pub struct Suspect<'v> {
    /// What it is.
    pub kind: Kind,
    /// In its normal form.
    pub value: &'v str,
    /// Whether its author wrote it so that nobody follows it.
    pub defanged: bool,
}

/// What `hit` says of `suspect`, for which it was found.
#[must_use]
pub fn judge(suspect: Suspect<'_>, hit: &Hit<'_>) -> Bearing {
    if hit.list.kind == ListKind::ThreatIntel {
        return Bearing::Hostile;
    }
    let benign = hit
        .matches
        .iter()
        .any(|matched| clears(suspect, hit.list, matched));
    if benign {
        Bearing::Benign
    } else {
        Bearing::Soft
    }
}

/// The hit that marks `suspect` as benign: the operator's word goes before shape, shape before what documents are
/// made with, that before big
/// names; among equals the first.
#[must_use]
pub fn excuse<'h, 'm>(suspect: Suspect<'_>, hits: &'h [Hit<'m>]) -> Option<&'h Hit<'m>> {
    hits.iter()
        .filter(|hit| judge(suspect, hit) == Bearing::Benign)
        .min_by_key(|hit| (hit.list.kind != ListKind::Allowlist, hit.list.standing))
}

impl Hit<'_> {
    /// The mark that a benign hit leaves.
    #[must_use]
    pub fn flag(&self) -> Flag {
        Flag {
            reason: self.list.name.clone(),
            list: self.list.slug.clone(),
        }
    }
}

fn clears(suspect: Suspect<'_>, list: &List, matched: &Match<'_>) -> bool {
    let page = suspect.kind == Kind::Url && !normal::is_bare(suspect.value);
    let on_it = matched.part == Part::Host;
    if list.kind == ListKind::Allowlist {
        // An operator who means pages says so, by the kind.
        return matched
            .kind
            .map_or(!(page && on_it), |kind| kind == suspect.kind);
    }
    match list.standing {
        Standing::Always => true,
        _ if suspect.defanged => false,
        _ if is_anybodys(suspect, matched) => false,
        // Lists of what is cited name sites that let everybody write, too.
        Standing::Pages if page && on_it && is_big_name(suspect, matched) => false,
        Standing::Pages => !within_a_label(suspect, matched),
        // Anybody has a mailbox at a big name.
        Standing::Itself => {
            !(on_it && (page || suspect.kind == Kind::Email))
                && !matches!(matched.how, How::Substring(_))
        }
        Standing::Soft => false,
    }
}

/// Whether it stands below a name that is listed, where anybody may register one: `evil.azurewebsites.net`.
fn is_anybodys(suspect: Suspect<'_>, matched: &Match<'_>) -> bool {
    let (How::Parent(entry), Some(Host::Name(host))) = (matched.how, host(suspect)) else {
        return false;
    };
    psl::domain_str(&host).is_some_and(|registrable| registrable.len() > entry.len())
}

/// Whether it is the name of a whole industry that is listed.
fn is_big_name(suspect: Suspect<'_>, matched: &Match<'_>) -> bool {
    let host = host(suspect);
    let entry = match (matched.how, &host) {
        (How::Parent(entry) | How::Substring(entry), _) => entry,
        (How::Exact, Some(Host::Name(host))) => host,
        _ => return false,
    };
    let entry = entry.strip_prefix("www.").unwrap_or(entry);
    builtin::BIG_NAMES.contains(&entry)
}

fn host(suspect: Suspect<'_>) -> Option<Host<'_>> {
    match suspect.kind {
        Kind::Url => normal::host_of_url(suspect.value),
        Kind::Email => normal::host_of_mailbox(suspect.value),
        _ => normal::name(suspect.value).map(Host::Name),
    }
}

/// Whether a substring is not made of whole labels of the host: `tria.ge` in `patria.gent.example`, or in a path.
fn within_a_label(suspect: Suspect<'_>, matched: &Match<'_>) -> bool {
    let How::Substring(entry) = matched.how else {
        return false;
    };
    let Some(Host::Name(host)) = host(suspect) else {
        return true;
    };
    let above = host.strip_suffix(entry);
    !above.is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lists::{
        Builder, Columns, Contents, Entries, ListFormat, Matcher, Rule, builtin, read,
    };

    fn names(values: &[&str]) -> Entries {
        let mut entries = Entries::default();
        for value in values {
            entries.add(Rule::Name, None, value).unwrap();
        }
        entries
    }

    fn allowed(text: &str) -> Contents {
        read(ListFormat::Allowlist, &Columns::default(), text.as_bytes()).unwrap()
    }

    fn matcher(lists: Vec<(List, Entries)>) -> Matcher {
        let mut builder = Builder::default();
        for (list, entries) in lists {
            builder.add(list, &entries).unwrap();
        }
        builder.build().unwrap()
    }

    /// The list that excuses a value.
    fn excused(matcher: &Matcher, kind: Kind, value: &str, defanged: bool) -> Option<String> {
        let hits = matcher.look_up(kind, value);
        let suspect = Suspect {
            kind,
            value,
            defanged,
        };
        excuse(suspect, &hits).map(|hit| hit.flag().list)
    }

    #[test]
    fn the_lists_of_the_program_flag_what_extraction_flags() {
        let matcher = matcher(builtin().unwrap());
        for (kind, value, defanged, list) in [
            (Kind::Ipv4, "10.1.2.3", true, Some("reserved-ranges")),
            (Kind::Ipv6, "fe80::1", true, Some("reserved-ranges")),
            (Kind::IpPort, "127.0.0.1:80", true, Some("reserved-ranges")),
            (
                Kind::IpRange,
                "192.168.0.0/16",
                true,
                Some("reserved-ranges"),
            ),
            (
                Kind::Url,
                "http://10.0.0.1/a",
                true,
                Some("reserved-ranges"),
            ),
            (Kind::Ipv4, "8.8.8.8", false, Some("public-dns")),
            (Kind::Ipv4, "8.8.8.8", true, None),
            (Kind::Domain, "www.w3.org", false, Some("document-plumbing")),
            (Kind::Domain, "www.google.com", false, Some("big-names")),
            (Kind::Domain, "www.google.com", true, None),
            (Kind::Domain, "notgoogle.com", false, None),
            (
                Kind::Domain,
                "evil.google.com.example.net",
                false,
                Some("example-domains"),
            ),
            (Kind::Email, "a@example.org", true, Some("example-domains")),
            (Kind::Email, "evil@google.com", false, None),
            (Kind::Url, "https://drive.google.com/uc?id=1", false, None),
            (Kind::Url, "https://google.com/", false, Some("big-names")),
            (
                Kind::Url,
                "https://attack.mitre.org/techniques/T1059",
                false,
                Some("references"),
            ),
            (
                Kind::HashMd5,
                "d41d8cd98f00b204e9800998ecf8427e",
                true,
                Some("empty-file"),
            ),
        ] {
            assert_eq!(
                excused(&matcher, kind, value, defanged).as_deref(),
                list,
                "{value}"
            );
        }
    }

    #[test]
    fn ranks_and_clouds_are_evidence_beside_other_evidence_alone() {
        let list = List::new("tranco", ListKind::Contextual);
        let matcher = matcher(vec![(list, names(&["big.example.com"]))]);
        let hits = matcher.look_up(Kind::Domain, "big.example.com");
        let suspect = Suspect {
            kind: Kind::Domain,
            value: "big.example.com",
            defanged: false,
        };
        assert_eq!(judge(suspect, &hits[0]), Bearing::Soft);
        assert_eq!(excuse(suspect, &hits), None);
    }

    #[test]
    fn what_anybody_may_register_below_a_listed_name_is_not_excused_by_it() {
        let listed = names(&["azurewebsites.net", "core.windows.net", "our-cloud.test"]);
        let list = List::new("microsoft", ListKind::Contextual);
        let matcher = matcher(vec![(list, listed)]);
        for (value, is_excused) in [
            ("azurewebsites.net", true),
            ("adobe-view.azurewebsites.net", false),
            ("login.adobe-view.azurewebsites.net", false),
            ("adobe-view.blob.core.windows.net", false),
            ("www.our-cloud.test", true),
        ] {
            let by = excused(&matcher, Kind::Domain, value, false);
            assert_eq!(by.is_some(), is_excused, "{value}");
        }
    }

    #[test]
    fn a_page_on_a_site_where_everybody_writes_is_no_citation() {
        let listed = names(&["github.com", "www.twitter.com", "blog.vendor.test"]);
        let list = List::new("security-provider-blogpost", ListKind::Contextual);
        let matcher = matcher(vec![(list, listed)]);
        for (kind, value, is_excused) in [
            (
                Kind::Url,
                "https://github.com/client-billing-desk/receipt/commit/a690",
                false,
            ),
            (Kind::Url, "https://gist.github.com/a/1", false),
            (Kind::Url, "https://www.twitter.com/somebody", false),
            (Kind::Url, "https://github.com/", true),
            (Kind::Domain, "github.com", true),
            (Kind::Url, "https://blog.vendor.test/2026/report.html", true),
        ] {
            let by = excused(&matcher, kind, value, false);
            assert_eq!(by.is_some(), is_excused, "{value}");
        }
    }

    #[test]
    fn a_feed_accuses_and_never_excuses() {
        let list = List::new("google", ListKind::ThreatIntel);
        let matcher = matcher(vec![(list, names(&["bad.test"]))]);
        let hits = matcher.look_up(Kind::Domain, "bad.test");
        let suspect = Suspect {
            kind: Kind::Domain,
            value: "bad.test",
            defanged: false,
        };
        assert_eq!(judge(suspect, &hits[0]), Bearing::Hostile);
        assert_eq!(excuse(suspect, &hits), None);
    }

    #[test]
    fn the_operator_is_believed_even_of_what_was_defanged() {
        let text = ".corp.test\n.full.test domain url\n45.77.0.0/16 ipv4\n";
        let list = List::new("ours", ListKind::Allowlist);
        let matcher = matcher(vec![(list, allowed(text).entries)]);
        for (kind, value, excused_by) in [
            (Kind::Domain, "vpn.corp.test", Some("ours")),
            (Kind::Email, "a@corp.test", Some("ours")),
            (Kind::Url, "https://corp.test/", Some("ours")),
            (Kind::Url, "https://corp.test/upload/x.exe", None),
            (Kind::Url, "https://full.test/upload/x.exe", Some("ours")),
            (Kind::Email, "a@full.test", None),
            (Kind::Domain, "notcorp.test", None),
            (Kind::Ipv4, "45.77.1.2", Some("ours")),
            (Kind::IpRange, "45.77.1.0/24", None),
        ] {
            assert_eq!(
                excused(&matcher, kind, value, true).as_deref(),
                excused_by,
                "{value}"
            );
        }
    }

    #[test]
    fn the_operator_goes_before_every_other_list() {
        let mut lists = builtin().unwrap();
        lists.push((
            List::new("ours", ListKind::Allowlist),
            allowed("10.0.0.0/8\n").entries,
        ));
        let matcher = matcher(lists);
        assert_eq!(
            excused(&matcher, Kind::Ipv4, "10.1.2.3", false).as_deref(),
            Some("ours")
        );
    }

    #[test]
    fn a_part_of_a_name_excuses_only_as_whole_labels() {
        let mut entries = Entries::default();
        entries.add(Rule::Substring, None, "tria.ge").unwrap();
        let list = List::new("automated-malware-analysis", ListKind::Contextual);
        let matcher = matcher(vec![(list, entries)]);
        let by = |kind, value| excused(&matcher, kind, value, false).is_some();
        assert!(by(Kind::Domain, "tria.ge") && by(Kind::Url, "https://api.tria.ge/s/1"));
        assert!(!by(Kind::Domain, "patria.gent.test") && !by(Kind::Domain, "patria.ge"));
        assert!(!by(Kind::Url, "https://bad.test/?r=tria.ge"));
    }

    #[test]
    fn reserved_ranges_and_the_operators_word_are_no_sources() {
        assert!(!List::new("rfc1918", ListKind::Contextual).is_source());
        assert!(!List::new("ours", ListKind::Allowlist).is_source());
        assert!(List::new("public-dns-v4", ListKind::Contextual).is_source());
        assert!(List::new("rfc1918", ListKind::ThreatIntel).is_source());
    }
}
