//! What a look-up answers.

use super::List;
use crate::indicator::Kind;
use crate::network::Network;

/// A list that knows a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit<'m> {
    /// The list.
    pub list: &'m List,
    /// How it matched: at least once, each way once, in one order.
    pub matches: Vec<Match<'m>>,
}

/// One way in which a list matched.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Match<'m> {
    /// What of the value.
    pub part: Part,
    /// How.
    pub how: How<'m>,
    /// The only kind that the entry is about.
    pub kind: Option<Kind>,
}

/// What of a value matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Part {
    /// All of it.
    Whole,
    /// The host of a URL, of a mailbox, or of an address with a port.
    Host,
}

/// How an entry matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum How<'m> {
    /// The entry is the value.
    Exact,
    /// The entry is this domain above it.
    Parent(&'m str),
    /// The entry is this network of more than one address around it.
    Network(Network),
    /// The entry is this part of it.
    Substring(&'m str),
    /// The entry is this regular expression.
    Regex(&'m str),
    /// The value is a host, and a URL or a port on it is listed.
    Listed,
}

impl Hit<'_> {
    /// The networks of the list that hold the value; none for an entry of a single address.
    pub fn networks(&self) -> impl Iterator<Item = Network> {
        self.matches.iter().filter_map(|matched| match matched.how {
            How::Network(network) => Some(network),
            _ => None,
        })
    }
}
