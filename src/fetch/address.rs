//! Which IP addresses are public, by the IANA special-purpose address registries
//! ([IPv4](https://www.iana.org/assignments/iana-ipv4-special-registry),
//! [IPv6](https://www.iana.org/assignments/iana-ipv6-special-registry)).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::network::Network;

/// Blocks of IPv4 that are not the public Internet, and one address that clouds answer on themselves.
const SPECIAL_V4: [Network; 19] = [
    Network::v4(Ipv4Addr::new(0, 0, 0, 0), 8),
    Network::v4(Ipv4Addr::new(10, 0, 0, 0), 8),
    Network::v4(Ipv4Addr::new(100, 64, 0, 0), 10),
    Network::v4(Ipv4Addr::new(127, 0, 0, 0), 8),
    Network::v4(Ipv4Addr::new(169, 254, 0, 0), 16),
    Network::v4(Ipv4Addr::new(172, 16, 0, 0), 12),
    Network::v4(Ipv4Addr::new(192, 0, 0, 0), 24),
    Network::v4(Ipv4Addr::new(192, 0, 2, 0), 24),
    Network::v4(Ipv4Addr::new(192, 31, 196, 0), 24),
    Network::v4(Ipv4Addr::new(192, 52, 193, 0), 24),
    Network::v4(Ipv4Addr::new(192, 88, 99, 0), 24),
    Network::v4(Ipv4Addr::new(192, 168, 0, 0), 16),
    Network::v4(Ipv4Addr::new(192, 175, 48, 0), 24),
    Network::v4(Ipv4Addr::new(198, 18, 0, 0), 15),
    Network::v4(Ipv4Addr::new(198, 51, 100, 0), 24),
    Network::v4(Ipv4Addr::new(203, 0, 113, 0), 24),
    Network::v4(Ipv4Addr::new(224, 0, 0, 0), 4),
    Network::v4(Ipv4Addr::new(240, 0, 0, 0), 4),
    Network::v4(Ipv4Addr::new(168, 63, 129, 16), 32),
];

/// The one block of IPv6 that is handed out, and what inside it is not the public Internet. Refusing
/// all else covers mapped, translated, tunnelled, local and future addresses.
const GLOBAL_V6: Network = Network::v6(Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);
const SPECIAL_V6: [Network; 5] = [
    Network::v6(Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    Network::v6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    Network::v6(Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    Network::v6(Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48),
    Network::v6(Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether `address` is on the public Internet.
pub(super) fn is_public(address: IpAddr) -> bool {
    let within = |blocks: &[Network]| blocks.iter().any(|block| block.contains(address));
    match address {
        IpAddr::V4(_) => !within(&SPECIAL_V4),
        IpAddr::V6(_) => GLOBAL_V6.contains(address) && !within(&SPECIAL_V6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_edges_of_each_block_are_where_the_registry_puts_them() {
        for (text, public) in [
            ("9.255.255.255", true),
            ("10.0.0.0", false),
            ("10.255.255.255", false),
            ("11.0.0.0", true),
            ("100.63.255.255", true),
            ("100.127.255.255", false),
            ("172.31.255.255", false),
            ("172.32.0.0", true),
            ("198.17.255.255", true),
            ("198.19.255.255", false),
            ("223.255.255.255", true),
            ("255.255.255.255", false),
            ("::1", false),
            ("::ffff:8.8.8.8", false),
            ("1fff::1", false),
            ("2001:200::1", true),
            ("2001:1ff::1", false),
            ("2003::1", true),
            ("3ffe::1", true),
            ("4000::1", false),
            ("fd00::1", false),
        ] {
            assert_eq!(is_public(text.parse().unwrap()), public, "{text}");
        }
    }
}
