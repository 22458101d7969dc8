//! Who is at the other end: the address that rate limits count and logs name.
//!
//! `X-Forwarded-For` is a claim of whoever wrote it. It is read only behind a trusted proxy, from the
//! right, and never past the first hop that is not trusted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use axum::http::HeaderMap;

use crate::network::Network;

/// The address a connection came from; `serve` puts it on every request.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// The client's address: the peer's own, or behind trusted proxies the nearest hop that is not one.
pub(super) fn client(peer: Option<Peer>, headers: &HeaderMap, trusted: &[Network]) -> IpAddr {
    let believed = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut nearest = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| {
        peer.0.ip().to_canonical()
    });
    let claims = headers
        .get_all("x-forwarded-for")
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = claims
        .flat_map(|claim| claim.split(','))
        .map(str::trim)
        .collect();
    for hop in hops.into_iter().rev() {
        if !believed(nearest) {
            break;
        }
        match address_of(hop) {
            Some(address) => nearest = address,
            None => break,
        }
    }
    nearest
}

/// One hop: an address, or an address with a port.
fn address_of(hop: &str) -> Option<IpAddr> {
    let address = hop
        .parse()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()))?;
    Some(address.to_canonical())
}

/// What a limit counts: an IPv4 address, or the /64 that one subscriber holds.
pub(super) fn subscriber(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64).into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for claim in forwarded {
            headers.append("x-forwarded-for", claim.parse().unwrap());
        }
        let trusted: Vec<Network> = trusted
            .iter()
            .map(|network| network.parse().unwrap())
            .collect();
        client(Some(Peer(peer.parse().unwrap())), &headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_cannot_choose_its_address() {
        assert_eq!(seen("203.0.113.9:1", &["192.0.2.1"], &[]), "203.0.113.9");
        assert_eq!(
            seen("203.0.113.9:1", &["192.0.2.1"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn behind_trusted_proxies_the_nearest_untrusted_hop_counts() {
        let trusted = ["10.0.0.0/8", "2001:db8::/32"];
        assert_eq!(
            seen(
                "10.0.0.1:1",
                &["192.0.2.66, 203.0.113.9, 10.0.0.7"],
                &trusted
            ),
            "203.0.113.9"
        );
        assert_eq!(
            seen(
                "[::ffff:10.0.0.1]:1",
                &["192.0.2.66", "203.0.113.9:4711"],
                &trusted
            ),
            "203.0.113.9"
        );
        assert_eq!(
            seen("[2001:db8::1]:1", &["junk", "10.0.0.2"], &trusted),
            "10.0.0.2"
        );
        assert_eq!(seen("10.0.0.1:1", &[], &trusted), "10.0.0.1");
    }

    #[test]
    fn an_ipv6_subscriber_is_one_network() {
        let of = |address: &str| subscriber(address.parse().unwrap()).to_string();
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(of("192.0.2.1"), "192.0.2.1");
    }
}
