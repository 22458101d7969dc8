//! Networks, and those that hold an address or a range. Enter at [`Blocks::holding`].
//!
//! Two networks are apart or one lies in the other. Sorted by their first address, the wider one first, the last
//! network that begins at or before an address lies within all that hold it: one search, and a walk outwards.

use std::net::IpAddr;

use super::chains::{Chain, Growing, Tag};
use crate::network::Network;

/// Networks of one width while they come in.
#[derive(Debug, Default)]
pub(super) struct Heap(Vec<(u128, u8, Tag)>);

/// Sorted networks of one width.
#[derive(Debug, Default)]
pub(super) struct Blocks(Vec<Block>);

#[derive(Debug, Clone, Copy)]
pub(super) struct Block {
    first: u128,
    last: u128,
    /// The index of the narrowest network around it, plus one.
    around: u32,
    pub(super) chain: Chain,
    prefix: u8,
}

/// An address as a number; both widths have tables of their own.
pub(super) fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl Heap {
    pub(super) fn add(&mut self, network: Network, tag: Tag) {
        // At most 128.
        let prefix = network.prefix() as u8;
        self.0.push((bits(network.base()), prefix, tag));
    }

    /// Sorts the networks of addresses with `width` bits.
    pub(super) fn finish(mut self, width: u32, chains: &mut Growing) -> Blocks {
        // Stable: the lists of one network stay in their order.
        self.0.sort_by_key(|(first, prefix, _)| (*first, *prefix));
        let mut blocks: Vec<Block> = Vec::new();
        let mut around: Vec<usize> = Vec::new();
        for (first, prefix, tag) in self.0 {
            if let Some(same) = blocks.last_mut()
                && (same.first, same.prefix) == (first, prefix)
            {
                same.chain = chains.add(same.chain, tag);
                continue;
            }
            let below = u128::MAX.checked_shr(128 - (width - u32::from(prefix)));
            let last = first | below.unwrap_or(0);
            while around
                .last()
                .is_some_and(|index| blocks[*index].last < first)
            {
                around.pop();
            }
            let outer = around.last().map_or(0, |index| *index as u32 + 1);
            around.push(blocks.len());
            blocks.push(Block {
                first,
                last,
                around: outer,
                chain: chains.add(0, tag),
                prefix,
            });
        }
        blocks.shrink_to_fit();
        Blocks(blocks)
    }
}

impl Blocks {
    /// The networks that hold every address from `first` to `last`, the narrowest first.
    pub(super) fn holding(&self, first: u128, last: u128) -> impl Iterator<Item = &Block> {
        let near = self.0.partition_point(|block| block.first <= first);
        let block = |number: usize| self.0.get(number.wrapping_sub(1));
        std::iter::successors(block(near), move |inner| block(inner.around as usize))
            .filter(move |block| last <= block.last)
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.capacity() * size_of::<Block>()
    }
}

impl Block {
    /// The network, whose addresses are as `like`.
    pub(super) fn network(&self, like: IpAddr) -> Network {
        let prefix = u32::from(self.prefix);
        match like {
            // The numbers of IPv4 have 32 bits.
            IpAddr::V4(_) => Network::v4((self.first as u32).into(), prefix),
            IpAddr::V6(_) => Network::v6(self.first.into(), prefix),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::chains::Reach;
    use super::*;

    fn blocks(networks: &[&str]) -> (Blocks, Growing) {
        let mut heap = Heap::default();
        let mut chains = Growing::default();
        let mut width = 32;
        for (list, network) in networks.iter().enumerate() {
            let network: Network = network.parse().unwrap();
            width = if network.base().is_ipv4() { 32 } else { 128 };
            heap.add(network, Tag::new(list as u16, Reach::Below, None));
        }
        (heap.finish(width, &mut chains), chains)
    }

    fn holding(blocks: &Blocks, first: &str, last: &str) -> Vec<String> {
        let like: IpAddr = first.parse().unwrap();
        blocks
            .holding(bits(like), bits(last.parse().unwrap()))
            .map(|block| block.network(like).to_string())
            .collect()
    }

    #[test]
    fn every_network_around_an_address_or_range_is_found() {
        let (blocks, _) = blocks(&[
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.1.2.0/24",
            "10.1.2.3/32",
            "10.3.0.0/16",
            "0.0.0.0/1",
            "192.0.2.0/24",
        ]);
        let one = |address| holding(&blocks, address, address);
        assert_eq!(
            one("10.1.2.3"),
            [
                "10.1.2.3/32",
                "10.1.2.0/24",
                "10.1.0.0/16",
                "10.0.0.0/8",
                "0.0.0.0/1"
            ]
        );
        assert_eq!(one("10.2.255.255"), ["10.0.0.0/8", "0.0.0.0/1"]);
        assert_eq!(one("10.3.0.0"), ["10.3.0.0/16", "10.0.0.0/8", "0.0.0.0/1"]);
        assert_eq!(one("11.0.0.0"), ["0.0.0.0/1"]);
        assert_eq!(one("191.255.255.255"), [""; 0]);
        assert_eq!(one("192.0.3.0"), [""; 0]);
        assert_eq!(
            holding(&blocks, "10.1.2.0", "10.1.2.255"),
            ["10.1.2.0/24", "10.1.0.0/16", "10.0.0.0/8", "0.0.0.0/1"]
        );
        assert_eq!(
            holding(&blocks, "10.1.0.0", "10.2.0.0"),
            ["10.0.0.0/8", "0.0.0.0/1"]
        );
        assert_eq!(holding(&blocks, "0.0.0.0", "255.255.255.255"), [""; 0]);
    }

    #[test]
    fn addresses_of_ipv6_have_all_their_bits() {
        let (blocks, _) = blocks(&["fe80::/10", "2001:db8::/32", "2001:db8::1/128", "::1/128"]);
        let one = |address| holding(&blocks, address, address);
        assert_eq!(one("2001:db8::1"), ["2001:db8::1/128", "2001:db8::/32"]);
        assert_eq!(one("febf:ffff::"), ["fe80::/10"]);
        assert_eq!(one("fec0::"), [""; 0]);
        assert_eq!(one("::"), [""; 0]);
    }

    #[test]
    fn a_network_on_two_lists_stands_once() {
        let (blocks, chains) = blocks(&["10.0.0.0/8", "10.0.0.0/8"]);
        let chains = chains.finish();
        let found: Vec<_> = blocks
            .holding(
                bits("10.0.0.1".parse().unwrap()),
                bits("10.0.0.1".parse().unwrap()),
            )
            .collect();
        assert_eq!(found.len(), 1);
        assert_eq!(chains.tags(found[0].chain).count(), 2);
    }
}
