//! What is known of one value, as JSON. Enter at [`found`].

use serde::Serialize;

use super::super::feed::feed_name;
use super::asked::Asked;
use crate::lists::{Hit, ListKind, Matcher};
use crate::store::Report;
use crate::submission::SourceType;

/// The answer for one value.
#[derive(Serialize)]
pub(super) struct Found {
    value: String,
    ioc_type: &'static str,
    ioc_type_display: &'static str,
    found: bool,
    is_in_cidr: bool,
    /// All of them: those of the next two, in this order.
    sources: Vec<Source>,
    threat_intel_sources: Vec<Source>,
    contextual_sources: Vec<Source>,
    matching_cidrs: Vec<String>,
}

/// Who knows the value.
#[derive(Clone, Serialize)]
struct Source {
    name: String,
    description: String,
    /// Its page.
    url: Option<String>,
    /// Its networks of more than one address that hold the value.
    matched_cidrs: Vec<String>,
}

/// What the lists and `reports` say of what is asked. What the operator trusts, and what an address is by its range, is
/// nobody's knowledge of it.
pub(super) fn found(matcher: &Matcher, asked: &Asked, reports: &[Report]) -> Found {
    let hits = matcher.look_up(asked.kind, &asked.value);
    let (hostile, contextual): (Vec<_>, Vec<_>) = hits
        .iter()
        .filter(|hit| hit.list.is_source())
        .partition(|hit| hit.list.kind == ListKind::ThreatIntel);
    let mut threat_intel_sources: Vec<_> = hostile.into_iter().map(Source::of_list).collect();
    threat_intel_sources.extend(feeds(reports));
    let contextual_sources: Vec<_> = contextual.into_iter().map(Source::of_list).collect();
    let sources = [threat_intel_sources.as_slice(), &contextual_sources].concat();
    let mut matching_cidrs: Vec<String> = Vec::new();
    for network in sources.iter().flat_map(|source| &source.matched_cidrs) {
        if !matching_cidrs.contains(network) {
            matching_cidrs.push(network.clone());
        }
    }
    let (ioc_type, ioc_type_display) = asked.named;
    Found {
        value: asked.value.clone(),
        ioc_type,
        ioc_type_display,
        found: !sources.is_empty(),
        is_in_cidr: !matching_cidrs.is_empty(),
        sources,
        threat_intel_sources,
        contextual_sources,
        matching_cidrs,
    }
}

impl Source {
    fn of_list(hit: &Hit<'_>) -> Self {
        let mut matched_cidrs: Vec<_> = hit.networks().map(|network| network.to_string()).collect();
        matched_cidrs.dedup();
        Self {
            name: hit.list.name.clone(),
            description: hit.list.description.clone(),
            url: hit.list.url.clone(),
            matched_cidrs,
        }
    }
}

/// The reports, which are the newest first, as one source for each feed.
fn feeds(reports: &[Report]) -> Vec<Source> {
    let mut feeds: Vec<(String, &Report, bool)> = Vec::new();
    for report in reports {
        let name = feed_name(report.source_type, &report.source_identifier);
        match feeds.iter_mut().find(|(known, ..)| *known == name) {
            Some((.., several)) => *several = true,
            None => feeds.push((name.into_owned(), report, false)),
        }
    }
    let source = |(name, latest, several): (String, &Report, bool)| {
        let title = latest.title.as_deref().unwrap_or("untitled");
        Source {
            name,
            description: match several {
                false => format!("A report on this server: {title}"),
                true => format!("Reports on this server, the latest: {title}"),
            },
            url: Some(match latest.source_type {
                SourceType::Url => latest.source_identifier.clone(),
                // Its page here.
                SourceType::FileUpload | SourceType::Text => format!("/#/s/{}", latest.id),
            }),
            matched_cidrs: Vec::new(),
        }
    };
    feeds.into_iter().map(source).collect()
}
