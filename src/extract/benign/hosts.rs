//! Hosts that reports name without accusing them. Enter at [`reason`].

use crate::extract::lexicon::Lexicon;
use crate::lists::builtin;

/// What a host is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// The host itself, or a URL of it without a path.
    Host,
    /// A page on it.
    Page,
    /// A mailbox on it: free-mail providers are used by anybody.
    Mailbox,
}

static EXAMPLES: Lexicon = Lexicon::new(builtin::EXAMPLES);
static PLUMBING: Lexicon = Lexicon::new(builtin::PLUMBING);
static REFERENCES: Lexicon = Lexicon::new(builtin::REFERENCES);
static BIG_NAMES: Lexicon = Lexicon::new(builtin::BIG_NAMES);

/// Why `host` may be benign, and the list that says so. A defanged host is an example at most.
pub(super) fn reason(
    host: &str,
    defanged: bool,
    scope: Scope,
) -> Option<(&'static str, &'static str)> {
    let lists = [&EXAMPLES, &PLUMBING, &REFERENCES, &BIG_NAMES];
    let names = std::iter::successors(Some(host), |name| above(name));
    let first = names
        .filter_map(|name| lists.iter().position(|list| list.contains(name)))
        .min()?;
    match first {
        0 => Some(("example domain (RFC 2606, RFC 6761)", "example-domains")),
        _ if defanged => None,
        1 => Some(("document name space, schema or font", "document-plumbing")),
        2 => Some(("reference or research site", "references")),
        _ => (scope == Scope::Host).then_some(("well-known site", "big-names")),
    }
}

/// The domain above `name`.
fn above(name: &str) -> Option<&str> {
    // Labels are short: a look at each byte costs less than the start of a search.
    let dot = name.bytes().position(|byte| byte == b'.')?;
    Some(&name[dot + 1..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_covers_the_names_below_its_own_and_no_others() {
        let listed = |host| reason(host, false, Scope::Host).map(|(_, list)| list);
        assert_eq!(listed("a.b.google.com"), Some("big-names"));
        assert_eq!(listed("google.com.evil.net"), None);
        assert_eq!(listed("agoogle.com"), None);
    }
}
