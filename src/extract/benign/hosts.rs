//! Hosts that reports name without accusing them. Enter at [`reason`].

use crate::extract::lexicon::Lexicon;

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

/// Names kept for examples and tests (RFC 2606, RFC 6761).
static EXAMPLES: Lexicon = Lexicon::new(&[
    "example",
    "example.com",
    "example.net",
    "example.org",
    "home.arpa",
    "invalid",
    "localhost",
    "test",
]);

/// Name spaces, schemas, fonts and counters that documents are made with.
static PLUMBING: Lexicon = Lexicon::new(&[
    "creativecommons.org",
    "fonts.googleapis.com",
    "fonts.gstatic.com",
    "gmpg.org",
    "iptc.org",
    "ns.adobe.com",
    "ogp.me",
    "openxmlformats.org",
    "purl.org",
    "rssboard.org",
    "schema.org",
    "schemas.android.com",
    "schemas.microsoft.com",
    "sitemaps.org",
    "w3.org",
    "www.google-analytics.com",
    "www.googletagmanager.com",
    "xml.org",
    "xmlns.com",
    "xmlsoap.org",
]);

/// Places where researchers look things up and publish: a page there is a citation.
static REFERENCES: Lexicon = Lexicon::new(&[
    "any.run",
    "attack.mitre.org",
    "blog.talosintelligence.com",
    "blogs.microsoft.com",
    "capec.mitre.org",
    "cert.gov.ua",
    "cisa.gov",
    "cve.mitre.org",
    "cve.org",
    "cwe.mitre.org",
    "d3fend.mitre.org",
    "docs.microsoft.com",
    "exploit-db.com",
    "first.org",
    "hybrid-analysis.com",
    "joesandbox.com",
    "learn.microsoft.com",
    "lolbas-project.github.io",
    "malpedia.caad.fkie.fraunhofer.de",
    "mitre.org",
    "msrc.microsoft.com",
    "ncsc.gov.uk",
    "news.sophos.com",
    "nist.gov",
    "otx.alienvault.com",
    "securelist.com",
    "shodan.io",
    "support.microsoft.com",
    "talosintelligence.com",
    "tria.ge",
    "unit42.paloaltonetworks.com",
    "urlscan.io",
    "virustotal.com",
    "welivesecurity.com",
    "wikipedia.org",
]);

/// Names that stand for a whole industry. A page on them may be anybody's.
static BIG_NAMES: Lexicon = Lexicon::new(&[
    "adobe.com",
    "akamai.com",
    "amazon.com",
    "android.com",
    "apple.com",
    "bing.com",
    "cloudflare.com",
    "crowdstrike.com",
    "eset.com",
    "facebook.com",
    "fireeye.com",
    "github.com",
    "github.io",
    "gitlab.com",
    "google.com",
    "googleapis.com",
    "icloud.com",
    "instagram.com",
    "kaspersky.com",
    "linkedin.com",
    "linux.org",
    "mandiant.com",
    "microsoft.com",
    "microsoftonline.com",
    "mozilla.org",
    "msn.com",
    "office.com",
    "office365.com",
    "oracle.com",
    "paloaltonetworks.com",
    "paypal.com",
    "python.org",
    "reddit.com",
    "sophos.com",
    "symantec.com",
    "t.co",
    "trendmicro.com",
    "twitter.com",
    "ubuntu.com",
    "windows.com",
    "windowsupdate.com",
    "x.com",
    "yahoo.com",
    "youtube.com",
]);

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
