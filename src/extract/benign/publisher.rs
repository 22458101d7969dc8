//! The document's own site: whose report it is. Enter at [`Publisher::of`], then [`Publisher::flag`].
//!
//! Told by whoever handed the document in, by the page itself, or inferred with care. A site that the
//! document defangs anywhere is what the report is about, and never its publisher.

use std::collections::HashSet;

use crate::document::Document;
use crate::extract::lexicon::Lexicon;
use crate::indicator::{Finding, Flag, Kind, OWN_SITE};

/// Sites on which anybody publishes: there only the pages of the same owner are the publisher's. Lower
/// case and sorted.
static SHARED: Lexicon = Lexicon::new(&[
    "amazonaws.com",
    "archive.org",
    "bitbucket.org",
    "dropbox.com",
    "facebook.com",
    "github.com",
    "githubusercontent.com",
    "gitlab.com",
    "gmail.com",
    "google.com",
    "googleusercontent.com",
    "hotmail.com",
    "icloud.com",
    "linkedin.com",
    "live.com",
    "mail.ru",
    "medium.com",
    "notion.site",
    "notion.so",
    "outlook.com",
    "pastebin.com",
    "proton.me",
    "protonmail.com",
    "qq.com",
    "reddit.com",
    "scribd.com",
    "sharepoint.com",
    "slideshare.net",
    "t.me",
    "telegra.ph",
    "twitter.com",
    "weebly.com",
    "wixsite.com",
    "wordpress.com",
    "x.com",
    "yahoo.com",
    "yandex.ru",
    "youtube.com",
    "zoho.com",
]);

/// Mailboxes of an organisation rather than of a person, lower case.
static ROLES: Lexicon = Lexicon::new(&[
    "cert",
    "contact",
    "csirt",
    "hello",
    "info",
    "intel",
    "intelligence",
    "marketing",
    "media",
    "office",
    "pr",
    "press",
    "research",
    "sales",
    "security",
    "soc",
    "threatintel",
]);

/// Mailboxes that are looked into: an author has few.
const MAILBOXES: usize = 8;

/// What a document writes beside its own address, lower case.
const CONTACTS: &[&str] = &[
    "contact",
    "feedback",
    "for more information",
    "inquir",
    "enquir",
    "questions",
    "reach out",
    "reach us",
    "write to us",
];

/// A site that is the document's own.
struct Site {
    /// What its hosts end with.
    domain: String,
    /// First part of the path, where the site is shared: `/owner/`.
    owner: Option<String>,
    /// Why it is taken for the document's own.
    reason: &'static str,
}

/// Who published a document, as far as it is known.
pub(crate) struct Publisher {
    sites: Vec<Site>,
}

impl Publisher {
    /// What `document` and the URL it came from say of its publisher. `findings` are all of the
    /// document's; `running` holds those hosts that stand in the margins of most of its pages.
    pub(crate) fn of(
        document: &Document,
        source: Option<&str>,
        findings: &[Finding],
        running: &HashSet<&str>,
    ) -> Self {
        let told = source
            .and_then(|url| site(url, "site that the document was fetched from"))
            .into_iter();
        let named = document
            .address
            .as_deref()
            .and_then(|url| site(url, "site that the page names as its own address"));
        let contacts = contacts(findings)
            .map(|domain| (domain, "site of the contact address in the document"));
        let margins = running
            .iter()
            .map(|host| (*host, "site named in the margin of most pages"));
        let inferred = contacts.chain(margins).filter_map(|(host, reason)| {
            let domain = registrable(host).filter(|domain| !SHARED.contains(domain))?;
            Some(Site {
                domain: domain.to_owned(),
                owner: None,
                reason,
            })
        });
        let mut sites: Vec<Site> = told.chain(named).chain(inferred).collect();
        if !sites.is_empty() {
            let accused = accused(findings);
            sites.retain(|site| !accused.contains(site.domain.as_str()));
        }
        Self { sites }
    }

    /// Flags `finding` where it is the publisher's: the site, a page or a mailbox on it.
    pub(crate) fn flag(&self, finding: &mut Finding) {
        if self.sites.is_empty() || finding.is_called_malicious() {
            return;
        }
        let Some((host, path)) = host_and_path(finding) else {
            return;
        };
        let own = self.sites.iter().find(|site| {
            is_within(host, &site.domain)
                && site
                    .owner
                    .as_deref()
                    .is_none_or(|owner| path.starts_with(owner))
        });
        if let Some(site) = own {
            finding.flags.push(Flag {
                reason: site.reason.to_owned(),
                list: OWN_SITE.to_owned(),
            });
        }
    }
}

/// The site of `url`; of a shared one the part of its owner.
fn site(url: &str, reason: &'static str) -> Option<Site> {
    let (host, path) = split(url)?;
    let host = host.to_ascii_lowercase();
    // An address has no name above it: it is its own site.
    let domain = match host.parse::<std::net::IpAddr>() {
        Ok(_) => host.as_str(),
        Err(_) => registrable(&host)?,
    };
    let owner = if SHARED.contains(domain) {
        let first = path.strip_prefix('/')?.split(['/', '?', '#']).next()?;
        Some(format!("/{first}/")).filter(|owner| owner.len() > 2)
    } else {
        None
    };
    (owner.is_some() || !SHARED.contains(domain)).then(|| Site {
        domain: domain.to_owned(),
        owner,
        reason,
    })
}

/// The name that somebody registered: `example.co.uk` of `www.example.co.uk`.
fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// Host and path of a URL, without user, port and brackets.
fn split(url: &str) -> Option<(&str, &str)> {
    let (_, rest) = url.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest[..end].rsplit('@').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(inside) => inside.split(']').next().unwrap_or(inside),
        None => authority.split(':').next().unwrap_or(authority),
    };
    Some((host, &rest[end..]))
}

fn host_and_path(finding: &Finding) -> Option<(&str, &str)> {
    match finding.kind {
        Kind::Domain | Kind::Ipv4 | Kind::Ipv6 => Some((&finding.value, "")),
        Kind::Email => Some((finding.value.rsplit_once('@')?.1, "")),
        Kind::Url => split(&finding.value),
        _ => None,
    }
}

fn is_within(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|below| below.is_empty() || below.ends_with('.'))
}

/// The sites that the document defangs anywhere.
fn accused(findings: &[Finding]) -> HashSet<&str> {
    findings
        .iter()
        .filter(|finding| finding.defanged)
        .filter_map(|finding| {
            let (host, _) = host_and_path(finding)?;
            Some(registrable(host).unwrap_or(host))
        })
        .collect()
}

/// The hosts of role mailboxes that the document says to write to, where it links to their site as
/// well: a ransom note names a mailbox and no site.
fn contacts(findings: &[Finding]) -> impl Iterator<Item = &str> {
    let role = |finding: &&Finding| {
        let Some((local, _)) = finding.value.rsplit_once('@') else {
            return false;
        };
        let named = || {
            let context = finding.context.to_lowercase();
            CONTACTS.iter().any(|phrase| context.contains(phrase))
        };
        finding.kind == Kind::Email
            && !finding.defanged
            && local
                .split(['-', '.', '_'])
                .any(|part| ROLES.contains(part))
            && named()
    };
    let linked = |domain: &str| {
        findings.iter().any(|finding| {
            finding.kind == Kind::Url
                && split(&finding.value).is_some_and(|(host, _)| is_within(host, domain))
        })
    };
    findings
        .iter()
        .filter(role)
        .take(MAILBOXES)
        .filter_map(|finding| finding.value.rsplit_once('@'))
        .map(|(_, host)| host)
        .filter(move |host| registrable(host).is_some_and(linked))
}

#[cfg(test)]
mod tests {
    use crate::document::{Block, BlockKind, Document, Limits, Place, read};
    use crate::extract::scan_from;

    /// The values with the flag, each with its reason.
    fn own(document: &Document, source: Option<&str>) -> Vec<(String, String)> {
        scan_from(document, source)
            .findings
            .into_iter()
            .filter_map(|finding| {
                let flag = finding
                    .flags
                    .into_iter()
                    .find(|flag| flag.list == super::OWN_SITE)?;
                Some((finding.value, flag.reason))
            })
            .collect()
    }

    fn own_of(text: &str, source: Option<&str>) -> Vec<String> {
        let (_, document) = read(text.as_bytes(), Some("a.md"), &Limits::default()).unwrap();
        own(&document, source)
            .into_iter()
            .map(|(value, _)| value)
            .collect()
    }

    const SOURCE: Option<&str> = Some("https://www.vendor-labs.com/blog/post");

    #[test]
    fn the_site_a_document_came_from_is_flagged_with_its_pages_and_mailboxes() {
        assert_eq!(
            own_of(
                "See https://blog.vendor-labs.com/a or write to jane@vendor-labs.com. It asks evil.net and notvendor-labs.com.",
                SOURCE
            ),
            [
                "https://blog.vendor-labs.com/a",
                "blog.vendor-labs.com",
                "jane@vendor-labs.com",
                "vendor-labs.com"
            ]
        );
    }

    #[test]
    fn a_site_that_the_report_is_about_is_never_its_own() {
        assert_eq!(
            own_of(
                "Visitors of vendor-labs[.]com were sent on. See www.vendor-labs.com.",
                SOURCE
            ),
            [""; 0]
        );
        assert_eq!(
            own_of(
                "The C2 server cdn.vendor-labs.com fell, says www.vendor-labs.com here",
                SOURCE
            ),
            ["www.vendor-labs.com"]
        );
    }

    #[test]
    fn on_a_shared_site_only_the_owner_s_pages_are_own() {
        assert_eq!(
            own_of(
                "See https://github.com/vendor/iocs and https://github.com/evil/payload/a.exe now",
                Some("https://github.com/vendor/reports/blob/main/a.md")
            ),
            ["https://github.com/vendor/iocs"]
        );
    }

    #[test]
    fn a_site_in_the_margin_of_most_pages_is_own() {
        let pages = [
            "First of all came a loader.",
            "Then it spread.",
            "It ended.",
        ];
        let with = |margin: &str| {
            let mut document = Document::default();
            for (page, said) in pages.iter().enumerate() {
                document.places.push(Place::Page(page as u32 + 1));
                for line in [margin, *said, "It went on.", "And on.", "page"] {
                    let start = document.text.len();
                    document.text.push_str(line);
                    document.blocks.push(Block {
                        span: start..document.text.len(),
                        kind: BlockKind::Paragraph,
                        place: page,
                    });
                    document.text.push('\n');
                }
            }
            document
        };
        assert_eq!(
            own(&with("www.vendor-labs.com | TLP:CLEAR"), None),
            [(
                "www.vendor-labs.com".to_owned(),
                "site named in the margin of most pages".to_owned()
            )]
        );
        assert_eq!(own(&with("www[.]vendor-labs[.]com"), None), []);
    }

    #[test]
    fn a_page_names_its_own_address() {
        let page = r#"<html><head><link rel="canonical" href="https://vendor-labs.com/post"><title>T</title></head>
            <body><p>Read <a href="https://vendor-labs.com/more">more</a> of evil.net</p></body></html>"#;
        let (_, document) = read(page.as_bytes(), Some("a.html"), &Limits::default()).unwrap();
        assert_eq!(
            document.address.as_deref(),
            Some("https://vendor-labs.com/post")
        );
        let own = own(&document, None);
        assert_eq!(own.len(), 2, "{own:?}");
        assert!(own[0].1.contains("names as its own"));
    }

    #[test]
    fn a_contact_address_names_the_publisher_where_the_document_links_there_too() {
        let report = "For questions contact press@vendor-labs.com.\n\nMore at https://vendor-labs.com/research\n";
        assert_eq!(
            own_of(report, None),
            [
                "press@vendor-labs.com",
                "vendor-labs.com",
                "https://vendor-labs.com/research"
            ]
        );
        for ransom in [
            "To decrypt your files contact info@pay-us-now.com at once.",
            "Contact press@gmail.com, see https://mail.gmail.com/x",
            "Contact boss@pay-us-now.com at https://pay-us-now.com/x",
        ] {
            assert_eq!(own_of(ransom, None), [""; 0], "{ransom}");
        }
    }
}
