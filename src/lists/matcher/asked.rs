//! What is asked for: a value, and who is named by it. Enter at [`Asked::new`].

use std::borrow::Cow;
use std::net::IpAddr;

use crate::indicator::Kind;
use crate::lists::Kinds;
use crate::lists::hit::Part;
use crate::lists::normal::{self, Host};

/// A value in its normal form with what else of it is looked up.
pub(super) struct Asked<'v> {
    pub(super) value: Cow<'v, str>,
    pub(super) whole: Side,
    pub(super) subject: Subject<'v>,
}

/// What the lists know best about a value.
pub(super) enum Subject<'v> {
    /// It is a name.
    Name,
    /// It is an address, a network or a range.
    Span(IpAddr, IpAddr),
    /// It names a host.
    Host(Host<'v>, Side),
    /// It is nothing but itself.
    Value,
}

/// The part of the value that is compared, and the kinds as which it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Side {
    pub(super) part: Part,
    pub(super) kinds: Kinds,
}

impl<'v> Asked<'v> {
    pub(super) fn new(kind: Kind, text: &'v str) -> Self {
        let text = text.trim();
        let value = normal::value(Some(kind), text);
        let subject = match kind {
            Kind::Domain | Kind::Onion if normal::name(&value).is_some() => Subject::Name,
            Kind::Ipv4 | Kind::Ipv6 | Kind::IpRange => normal::span(text)
                .map_or(Subject::Value, |(first, last)| Subject::Span(first, last)),
            Kind::Url => host(kind, normal::host_of_url(text)),
            Kind::Email => host(kind, normal::host_of_mailbox(text)),
            Kind::IpPort => {
                let address = normal::with_port(text).map(|(address, _)| address);
                host(kind, address.map(Host::Address))
            }
            _ => Subject::Value,
        };
        let mut kinds = Kinds::from_iter([kind]);
        if kind == Kind::Onion {
            // Lists call an onion service a domain.
            kinds.insert(Kind::Domain);
        }
        Self {
            value,
            whole: Side {
                part: Part::Whole,
                kinds,
            },
            subject,
        }
    }
}

/// A host is asked for as what it is, and as what it was found in.
fn host(asked: Kind, host: Option<Host<'_>>) -> Subject<'_> {
    let Some(host) = host else {
        return Subject::Value;
    };
    let kind = match &host {
        Host::Name(_) => Kind::Domain,
        Host::Address(IpAddr::V4(_)) => Kind::Ipv4,
        Host::Address(IpAddr::V6(_)) => Kind::Ipv6,
    };
    let side = Side {
        part: Part::Host,
        kinds: Kinds::from_iter([kind, asked]),
    };
    Subject::Host(host, side)
}
