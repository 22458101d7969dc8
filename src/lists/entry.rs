//! What lists hold, each entry with how it matches. Enter at [`Entries::add`].
//!
//! Entries stand in one text with eight bytes beside each: a list of a million takes what its text takes. Nothing
//! comes in but in its normal form, and nothing that could never match, or matches everything.

use std::borrow::Cow;

use regex::{Regex, RegexBuilder};

use super::kinds::{code, kind};
use super::{classify, normal};
use crate::indicator::Kind;
use crate::network::Network;

/// Longest entry, in bytes.
const LONGEST: usize = 4_096;
/// Shortest part of a value that says anything, in bytes.
const SHORTEST_PART: usize = 3;
/// Regular expressions in one list: each is tried on each value.
const MOST_REGEXES: usize = 1_000;
/// What one regular expression may take, in bytes.
const REGEX_BYTES: usize = 1 << 18;

/// How an entry matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Rule {
    /// The whole value.
    Exact,
    /// A host name, and every name below it.
    Name,
    /// Addresses and networks within it.
    Network,
    /// Whatever contains it.
    Substring,
    /// Whatever it matches somewhere.
    Regex,
}

/// One entry, in its normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry<'a> {
    /// How it matches.
    pub rule: Rule,
    /// The only kind it is about; none where it is about every kind of its list.
    pub kind: Option<Kind>,
    /// What is listed.
    pub value: &'a str,
}

/// The entries of one list, in their order.
#[derive(Debug, Clone, Default)]
pub struct Entries {
    text: String,
    marks: Vec<Mark>,
    regexes: usize,
}

#[derive(Debug, Clone, Copy)]
struct Mark {
    /// Where the entry ends; it begins where the one before it ends.
    end: u32,
    rule: Rule,
    /// [`ANY`], or the code of a kind.
    kind: u8,
}

const ANY: u8 = u8::MAX;

/// Why an entry is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Nothing is written there.
    #[error("it is empty")]
    Empty,
    /// Longer than 4,096 bytes.
    #[error("it is longer than {LONGEST} bytes")]
    Long,
    /// Nothing that could be compared with an indicator.
    #[error("it is no indicator")]
    Unknown,
    /// No name of a host.
    #[error("it is no host name")]
    Name,
    /// No network in CIDR notation.
    #[error("it is no network")]
    Network,
    /// It would match every address.
    #[error("it is the network of all addresses")]
    Everything,
    /// It would match nearly everything.
    #[error("it is shorter than {SHORTEST_PART} bytes")]
    Short,
    /// The expression cannot be used; look-arounds and back-references take more than linear time.
    #[error("it is no regular expression that takes linear time")]
    Regex,
    /// A kind of the settings, or none at all.
    #[error("it is of no kind that can be listed")]
    Kind,
    /// A limit of the list is reached.
    #[error("the list has too many of them")]
    Full,
}

impl Entries {
    /// Takes `text` as an entry that matches by `rule`, about `kind` alone where one is given.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn add(&mut self, rule: Rule, kind: Option<Kind>, text: &str) -> Result<(), Refusal> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Refusal::Empty);
        }
        if text.len() > LONGEST {
            return Err(Refusal::Long);
        }
        let value = match rule {
            Rule::Exact => normal::value(kind, text),
            Rule::Name => match network(text) {
                // Hosts without a name stand among the names.
                Ok(network) => return self.push(Rule::Network, kind, &network.to_string()),
                Err(_) => name(text)?,
            },
            Rule::Network => Cow::Owned(network(text)?.to_string()),
            Rule::Substring => match network(text) {
                // Within an address, the digits of another mean nothing.
                Ok(network) => return self.push(Rule::Network, kind, &network.to_string()),
                Err(_) => part(text)?,
            },
            Rule::Regex => {
                if self.regexes == MOST_REGEXES {
                    return Err(Refusal::Full);
                }
                // Those that fail cost time as well.
                self.regexes += 1;
                compile(text)?;
                Cow::Borrowed(text)
            }
        };
        self.push(rule, kind, &value)
    }

    /// Takes `text` as a value of `kind`: a network, a name and what is below it, or a whole value.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn add_of(&mut self, kind: Kind, text: &str) -> Result<(), Refusal> {
        match kind {
            Kind::Ipv4 | Kind::Ipv6 => self.add(Rule::Network, None, text),
            Kind::IpRange if !text.contains('-') => self.add(Rule::Network, None, text),
            Kind::Domain | Kind::Onion => self.add(Rule::Name, Some(Kind::Domain), text),
            _ => self.add(Rule::Exact, Some(kind), text),
        }
    }

    /// Takes `text` as what it looks like.
    ///
    /// # Errors
    /// Why it is not taken.
    pub fn add_any(&mut self, text: &str) -> Result<(), Refusal> {
        let kind = classify::kind_of(text.trim()).ok_or(Refusal::Unknown)?;
        self.add_of(kind, text)
    }

    fn push(&mut self, rule: Rule, kind: Option<Kind>, value: &str) -> Result<(), Refusal> {
        if matches!(kind, Some(Kind::Custom(_))) {
            return Err(Refusal::Kind);
        }
        let end = u32::try_from(self.text.len() + value.len()).map_err(|_| Refusal::Full)?;
        self.text += value;
        let kind = kind.map_or(ANY, code);
        self.marks.push(Mark { end, rule, kind });
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.marks.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.marks.is_empty()
    }

    /// One after the other.
    pub fn iter(&self) -> impl Iterator<Item = Entry<'_>> {
        let mut start = 0;
        self.marks.iter().map(move |mark| {
            let end = mark.end as usize;
            let value = &self.text[start..end];
            start = end;
            Entry {
                rule: mark.rule,
                kind: kind(mark.kind),
                value,
            }
        })
    }
}

/// A name without the `.` or `*.` that says what is meant anyway.
fn name(text: &str) -> Result<Cow<'_, str>, Refusal> {
    let bare = text.strip_prefix('*').unwrap_or(text);
    let bare = bare.strip_prefix('.').unwrap_or(bare);
    normal::name(bare).ok_or(Refusal::Name)
}

fn network(text: &str) -> Result<Network, Refusal> {
    let network: Network = text.parse().map_err(|_| Refusal::Network)?;
    match network.prefix() {
        0 => Err(Refusal::Everything),
        _ => Ok(network.canonical()),
    }
}

fn part(text: &str) -> Result<Cow<'_, str>, Refusal> {
    let part = normal::value(None, text);
    if part.len() < SHORTEST_PART {
        return Err(Refusal::Short);
    }
    Ok(part)
}

/// `/expression/flags` as PCRE writes it, or a bare expression.
pub(super) fn compile(text: &str) -> Result<Regex, Refusal> {
    let delimited = text
        .strip_prefix('/')
        .and_then(|text| text.rsplit_once('/'));
    let (expression, flags) = delimited.unwrap_or((text, ""));
    let mut builder = RegexBuilder::new(expression);
    builder.size_limit(REGEX_BYTES).dfa_size_limit(REGEX_BYTES);
    for flag in flags.chars() {
        match flag {
            'i' => drop(builder.case_insensitive(true)),
            'm' => drop(builder.multi_line(true)),
            's' => drop(builder.dot_matches_new_line(true)),
            'x' => drop(builder.ignore_whitespace(true)),
            'U' => drop(builder.swap_greed(true)),
            // All matches, and Unicode: no difference to whether there is one.
            'g' | 'u' => {}
            _ => return Err(Refusal::Regex),
        }
    }
    builder.build().map_err(|_| Refusal::Regex)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(rule: Rule, text: &str) -> Result<String, Refusal> {
        let mut entries = Entries::default();
        entries.add(rule, None, text)?;
        let entry = entries.iter().next().unwrap();
        Ok(format!("{:?} {}", entry.rule, entry.value))
    }

    #[test]
    fn entries_are_kept_in_their_normal_form() {
        for (rule, text, kept) in [
            (Rule::Exact, " AAA ", "Exact aaa"),
            (Rule::Name, ".Google.AD", "Name google.ad"),
            (
                Rule::Name,
                "*.bücher.example.",
                "Name xn--bcher-kva.example",
            ),
            (Rule::Name, "192.0.2.1", "Network 192.0.2.1/32"),
            (Rule::Network, "192.0.2.1", "Network 192.0.2.1/32"),
            (Rule::Network, "192.0.2.77/24", "Network 192.0.2.0/24"),
            (Rule::Network, "2001:DB8::/32", "Network 2001:db8::/32"),
            (Rule::Substring, "192.0.2.1", "Network 192.0.2.1/32"),
            (Rule::Substring, "Mail.Example", "Substring mail.example"),
            (Rule::Regex, "/^a/i", "Regex /^a/i"),
        ] {
            assert_eq!(taken(rule, text).as_deref(), Ok(kept));
        }
    }

    #[test]
    fn what_matches_nothing_or_everything_is_refused() {
        for (rule, text, refusal) in [
            (Rule::Exact, " ", Refusal::Empty),
            (Rule::Name, "a b", Refusal::Name),
            (Rule::Name, ".", Refusal::Name),
            (Rule::Network, "192.0.2.0/33", Refusal::Network),
            (Rule::Network, "::/0", Refusal::Everything),
            (Rule::Substring, "ab", Refusal::Short),
            (Rule::Regex, "(", Refusal::Regex),
            (Rule::Regex, r"(a)\1", Refusal::Regex),
            (Rule::Regex, "(?=a)", Refusal::Regex),
            (Rule::Regex, "((a{900}){900}){900}", Refusal::Regex),
        ] {
            assert_eq!(taken(rule, text), Err(refusal), "{text}");
        }
        let long = "a".repeat(LONGEST + 1);
        assert_eq!(taken(Rule::Exact, &long), Err(Refusal::Long));
    }

    #[test]
    fn expressions_have_the_delimiters_and_flags_of_pcre() {
        let contact = compile(r"/^(security|noc)\@.*\..*$/i").unwrap();
        assert!(contact.is_match("NOC@example.org") && !contact.is_match("a-noc@example.org"));
        assert!(compile("/a/g").unwrap().is_match("bab"));
        assert!(!compile("/a/").unwrap().is_match("A"));
        assert!(compile("^/a").unwrap().is_match("/a"));
        assert_eq!(compile("/a/e").unwrap_err(), Refusal::Regex);
    }

    #[test]
    fn a_list_has_its_fill_of_expressions() {
        let mut entries = Entries::default();
        for _ in 0..MOST_REGEXES {
            entries.add(Rule::Regex, None, "a").unwrap();
        }
        assert_eq!(entries.add(Rule::Regex, None, "a"), Err(Refusal::Full));
    }
}
