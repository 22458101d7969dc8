//! The noun of address blocks, as settings and lists write them.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

/// A network in CIDR notation: `10.0.0.0/8`, `2001:db8::/32`; a bare address is a network of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    base: IpAddr,
    prefix: u32,
}

impl Network {
    /// A block of IPv4; `prefix` is 0 to 32.
    #[must_use]
    pub const fn v4(base: Ipv4Addr, prefix: u32) -> Self {
        Self {
            base: IpAddr::V4(base),
            prefix,
        }
    }

    /// A block of IPv6; `prefix` is 0 to 128.
    #[must_use]
    pub const fn v6(base: Ipv6Addr, prefix: u32) -> Self {
        Self {
            base: IpAddr::V6(base),
            prefix,
        }
    }

    /// The network of `address` alone.
    #[must_use]
    pub const fn of(address: IpAddr) -> Self {
        Self {
            base: address,
            prefix: if address.is_ipv4() { 32 } else { 128 },
        }
    }

    /// Its first address, or one within it where it was written so.
    #[must_use]
    pub const fn base(&self) -> IpAddr {
        self.base
    }

    /// How many bits its addresses have in common.
    #[must_use]
    pub const fn prefix(&self) -> u32 {
        self.prefix
    }

    /// Whether it is a network of one address.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        self.prefix == if self.base.is_ipv4() { 32 } else { 128 }
    }

    /// Its first and its last address.
    #[must_use]
    pub fn ends(&self) -> (IpAddr, IpAddr) {
        match self.base {
            IpAddr::V4(base) => {
                let below = u32::MAX.checked_shr(self.prefix).unwrap_or(0);
                let first = base.to_bits() & !below;
                let last = first | below;
                (IpAddr::V4(first.into()), IpAddr::V4(last.into()))
            }
            IpAddr::V6(base) => {
                let below = u128::MAX.checked_shr(self.prefix).unwrap_or(0);
                let first = base.to_bits() & !below;
                let last = first | below;
                (IpAddr::V6(first.into()), IpAddr::V6(last.into()))
            }
        }
    }

    /// The same network, written by its first address.
    #[must_use]
    pub fn canonical(self) -> Self {
        Self {
            base: self.ends().0,
            prefix: self.prefix,
        }
    }

    /// Whether `address` lies in the network.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let (base, address, width) = match (self.base, address) {
            (IpAddr::V4(base), IpAddr::V4(address)) => (
                u128::from(base.to_bits()),
                u128::from(address.to_bits()),
                32,
            ),
            (IpAddr::V6(base), IpAddr::V6(address)) => (base.to_bits(), address.to_bits(), 128),
            _ => return false,
        };
        (base ^ address)
            .checked_shr(width - self.prefix)
            .unwrap_or(0)
            == 0
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.base, self.prefix)
    }
}

/// A text that is no network in CIDR notation.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a network such as 192.0.2.0/24 or 2001:db8::/32")]
pub struct ParseNetworkError(String);

impl FromStr for Network {
    type Err = ParseNetworkError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (base, prefix) = text
                .split_once('/')
                .map_or((text, None), |(base, prefix)| (base, Some(prefix)));
            let base: IpAddr = base.parse().ok()?;
            let most = if base.is_ipv4() { 32 } else { 128 };
            let prefix = prefix.map_or(Some(most), |prefix| prefix.parse().ok())?;
            (prefix <= most).then_some(Self { base, prefix })
        };
        parse().ok_or_else(|| ParseNetworkError(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_goes_from_its_first_address_to_its_last() {
        for (network, canonical, last) in [
            ("192.0.2.9/24", "192.0.2.0/24", "192.0.2.255"),
            ("0.0.0.1/0", "0.0.0.0/0", "255.255.255.255"),
            ("2001:DB8::1/127", "2001:db8::/127", "2001:db8::1"),
            ("192.0.2.9", "192.0.2.9/32", "192.0.2.9"),
        ] {
            let network: Network = network.parse().unwrap();
            assert_eq!(network.canonical().to_string(), canonical);
            assert_eq!(network.ends().1.to_string(), last);
        }
    }

    #[test]
    fn networks_parse_and_contain() {
        let all: Network = "0.0.0.0/0".parse().unwrap();
        assert!(all.contains("255.1.2.3".parse().unwrap()));
        let every: Network = "::/0".parse().unwrap();
        assert!(
            every.contains("ffff::1".parse().unwrap())
                && !every.contains("1.2.3.4".parse().unwrap())
        );
        let one: Network = "2001:db8::1".parse().unwrap();
        assert!(
            one.contains("2001:db8::1".parse().unwrap())
                && !one.contains("2001:db8::2".parse().unwrap())
        );
        for bad in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "a/8", "10.0.0.0/"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
