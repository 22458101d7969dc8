//! Overlapping candidates → those that stand. Enter at [`resolve`].
//!
//! The longest reading of a place wins. What is inside it stands only where it says something of its
//! own: the host of a URL, a hash in a path, anything in a command.

use crate::extract::candidate::Candidate;
use crate::indicator::Kind;

/// Settles overlaps; the rest comes back in order of the text, the longer first.
pub(crate) fn resolve(mut candidates: Vec<Candidate>) -> Vec<Candidate> {
    candidates.sort_by(|a, b| {
        let place = a.span.start.cmp(&b.span.start);
        place
            .then_with(|| b.span.end.cmp(&a.span.end))
            .then_with(|| rank(a.kind).cmp(&rank(b.kind)))
    });
    let mut stands = vec![true; candidates.len()];
    // Indices of candidates that the place read now may be inside of. It stays as short as kinds nest:
    // nothing may stand in one of its own kind.
    let mut around: Vec<usize> = Vec::new();
    for index in 0..candidates.len() {
        let inner = &candidates[index];
        around.retain(|outer| candidates[*outer].span.end > inner.span.start);
        let beaten = around.iter().any(|outer| {
            let other = &candidates[*outer];
            if other.span.end >= inner.span.end {
                !may_hold(other, inner) && !ousts(inner, other)
            } else {
                other.span.len() >= inner.span.len()
            }
        });
        if beaten {
            stands[index] = false;
            continue;
        }
        for outer in &around {
            let other = &candidates[*outer];
            stands[*outer] &= other.span.end >= inner.span.end && !ousts(inner, other);
        }
        around.retain(|outer| stands[*outer]);
        around.push(index);
    }
    let mut stands = stands.into_iter();
    candidates.retain(|_| stands.next().unwrap_or(false));
    candidates
}

/// Of two readings of the very same bytes the lower wins.
fn rank(kind: Kind) -> u8 {
    match kind {
        Kind::Command => 0,
        Kind::RegistryKey => 1,
        Kind::Url => 2,
        Kind::Email => 3,
        Kind::IpRange => 4,
        Kind::IpPort => 5,
        Kind::Ipv4 | Kind::Ipv6 => 6,
        Kind::Filepath => 7,
        // A name that is both was judged before: what is still a file name is called one.
        Kind::Filename => 8,
        Kind::Domain => 9,
        Kind::HashMd5 | Kind::HashSha1 | Kind::HashSha256 | Kind::HashSha512 => 10,
        Kind::Cve | Kind::Asn | Kind::MitreAttack => 11,
        // Settled apart: none of them comes here.
        _ => 12,
    }
}

/// Whether `inner`, inside `outer`, is an indicator of its own.
fn may_hold(outer: &Candidate, inner: &Candidate) -> bool {
    let digest = matches!(
        inner.kind,
        Kind::HashMd5 | Kind::HashSha1 | Kind::HashSha256 | Kind::HashSha512
    );
    let register = matches!(inner.kind, Kind::Cve | Kind::MitreAttack);
    let host = matches!(
        inner.kind,
        Kind::Domain | Kind::Ipv4 | Kind::Ipv6 | Kind::IpPort
    );
    match outer.kind {
        Kind::Command => inner.kind != Kind::Command,
        Kind::Url => host || digest || register || inner.kind == Kind::Asn,
        Kind::Email => inner.kind == Kind::Domain && inner.span.end == outer.span.end,
        Kind::IpPort => matches!(inner.kind, Kind::Ipv4 | Kind::Ipv6),
        Kind::Filepath => digest || register || host && outer.value.starts_with("\\\\"),
        Kind::Filename => digest || register,
        _ => false,
    }
}

/// Whether `inner` shows that `outer` was misread: a file name that ends in a domain is one with
/// something before it.
fn ousts(inner: &Candidate, outer: &Candidate) -> bool {
    inner.kind == Kind::Domain
        && outer.kind == Kind::Filename
        && inner.span.end == outer.span.end
        && inner.span.start > outer.span.start
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(kind: Kind, start: usize, end: usize) -> Candidate {
        Candidate {
            kind,
            value: String::new(),
            span: start..end,
            defanged: false,
            confidence: 90,
        }
    }

    fn kinds(candidates: Vec<Candidate>) -> Vec<Kind> {
        resolve(candidates)
            .iter()
            .map(|candidate| candidate.kind)
            .collect()
    }

    #[test]
    fn the_longest_reading_wins_and_keeps_what_it_names() {
        assert_eq!(
            kinds(vec![
                at(Kind::Filename, 10, 20),
                at(Kind::Domain, 7, 12),
                at(Kind::Url, 0, 20)
            ]),
            [Kind::Url, Kind::Domain]
        );
        assert_eq!(
            kinds(vec![at(Kind::Filename, 0, 9), at(Kind::Domain, 0, 9)]),
            [Kind::Filename]
        );
        assert_eq!(
            kinds(vec![at(Kind::Ipv4, 0, 9), at(Kind::IpRange, 0, 12)]),
            [Kind::IpRange]
        );
        assert_eq!(
            kinds(vec![at(Kind::Domain, 0, 6), at(Kind::Domain, 5, 20)]),
            [Kind::Domain]
        );
    }

    #[test]
    fn a_mail_address_keeps_the_domain_at_its_end_alone() {
        let found = resolve(vec![
            at(Kind::Email, 0, 20),
            at(Kind::Domain, 0, 7),
            at(Kind::Domain, 8, 20),
        ]);
        assert_eq!(
            found.iter().map(|one| one.span.clone()).collect::<Vec<_>>(),
            [0..20, 8..20]
        );
    }
}
