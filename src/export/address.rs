//! Addresses with a port and ranges of addresses, taken apart.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `192.0.2.1:80` or `[2001:db8::1]:80`.
pub(super) fn with_port(value: &str) -> Option<(IpAddr, u16)> {
    let (address, port) = value.rsplit_once(':')?;
    let address = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(address);
    Some((address.parse().ok()?, port.parse().ok()?))
}

/// A network: its first address and the length of its prefix in bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    pub(super) base: IpAddr,
    prefix: u8,
}

impl Network {
    /// Whether it holds one address only.
    pub(super) fn is_single(self) -> bool {
        u32::from(self.prefix) == width(self.base)
    }
}

impl fmt::Display for Network {
    /// CIDR notation; a single address without its `/32`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_single() {
            write!(f, "{}", self.base)
        } else {
            write!(f, "{}/{}", self.base, self.prefix)
        }
    }
}

/// The networks of a CIDR or of a dashed range, host bits cleared; empty where `value` is neither.
/// A range needs at most two networks for each bit of an address.
pub(super) fn networks(value: &str) -> Vec<Network> {
    cidr(value)
        .map(|network| vec![network])
        .or_else(|| range(value))
        .unwrap_or_default()
}

fn cidr(value: &str) -> Option<Network> {
    let (base, prefix) = value.split_once('/')?;
    let (base, prefix) = (base.parse::<IpAddr>().ok()?, prefix.parse::<u8>().ok()?);
    let host = width(base).checked_sub(u32::from(prefix))?;
    let kept = u128::MAX.checked_shl(host).unwrap_or(0);
    Some(Network {
        base: address(bits(base) & kept, base),
        prefix,
    })
}

fn range(value: &str) -> Option<Vec<Network>> {
    let (first, last) = value.split_once('-')?;
    let (first, last) = (
        first.trim().parse::<IpAddr>().ok()?,
        last.trim().parse::<IpAddr>().ok()?,
    );
    if first.is_ipv4() != last.is_ipv4() {
        return None;
    }
    let width = width(first);
    let (mut next, end) = (bits(first), bits(last));
    let mut networks = Vec::new();
    while next <= end {
        // The largest block that begins here and ends no later than the range.
        let fits = (end - next).checked_add(1).map_or(u128::BITS, u128::ilog2);
        let host = next.trailing_zeros().min(fits).min(width);
        networks.push(Network {
            base: address(next, first),
            prefix: u8::try_from(width - host).ok()?,
        });
        let Some(after) = 1u128
            .checked_shl(host)
            .and_then(|size| next.checked_add(size))
        else {
            break;
        };
        next = after;
    }
    Some(networks)
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() {
        Ipv4Addr::BITS
    } else {
        Ipv6Addr::BITS
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_bits().into(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

/// `bits` as an address of the family of `like`.
fn address(bits: u128, like: IpAddr) -> IpAddr {
    match like {
        // The upper bits of a v4 address are zero by construction.
        IpAddr::V4(_) => Ipv4Addr::from_bits(bits as u32).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(bits).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(value: &str) -> Vec<String> {
        networks(value).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_cidr_is_one_network_with_its_host_bits_cleared() {
        assert_eq!(written("192.0.2.77/24"), ["192.0.2.0/24"]);
        assert_eq!(written("2001:db8::1/32"), ["2001:db8::/32"]);
        assert_eq!(written("0.0.0.0/0"), ["0.0.0.0/0"]);
        assert_eq!(written("192.0.2.1/32"), ["192.0.2.1"]);
    }

    #[test]
    fn a_dashed_range_becomes_the_fewest_networks() {
        assert_eq!(written("192.0.2.0-192.0.2.255"), ["192.0.2.0/24"]);
        assert_eq!(
            written("192.0.2.1 - 192.0.2.4"),
            ["192.0.2.1", "192.0.2.2/31", "192.0.2.4"]
        );
        assert_eq!(written("0.0.0.0-255.255.255.255"), ["0.0.0.0/0"]);
        assert_eq!(
            written("::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
            ["::/0"]
        );
        assert_eq!(written("0.0.0.1-255.255.255.254").len(), 62);
    }

    #[test]
    fn what_is_no_range_gives_no_network() {
        for bad in [
            "",
            "192.0.2.0/33",
            "192.0.2.9-192.0.2.1",
            "192.0.2.1-2001:db8::1",
            "a-b",
            "192.0.2.1",
        ] {
            assert!(networks(bad).is_empty(), "{bad}");
        }
    }

    #[test]
    fn a_port_is_split_from_either_family() {
        assert_eq!(
            with_port("192.0.2.1:80"),
            Some(("192.0.2.1".parse().unwrap(), 80))
        );
        assert_eq!(
            with_port("[2001:db8::1]:65535"),
            Some(("2001:db8::1".parse().unwrap(), 65535))
        );
        assert_eq!(with_port("192.0.2.1:65536"), None);
    }
}
