//! The memory that a packed block asks for before anything comes out of it.

use sevenz_rust2::{Block, EncoderMethod};

/// Bytes of the models of one block. The highest setting of 7-Zip asks for 192 MiB.
const MAX_MODELS: u64 = 256 << 20;

/// Whether what the coders of `block` ask for is bearable.
pub(super) fn is_bearable(block: &Block) -> bool {
    let coders = block.coders.iter();
    bearable(coders.map(|coder| size(coder.encoder_method_id(), coder.properties())))
}

/// Whether models of these sizes are bearable together.
pub(super) fn bearable(sizes: impl Iterator<Item = u64>) -> bool {
    sizes.fold(0, u64::saturating_add) <= MAX_MODELS
}

/// The bytes of the model that a coder makes at once. Windows grow with what comes out.
pub(super) fn size(method: &[u8], properties: &[u8]) -> u64 {
    match properties {
        [_, size @ ..] if method == EncoderMethod::ID_PPMD => {
            let size = size.first_chunk().copied().unwrap_or_default();
            u64::from(u32::from_le_bytes(size))
        }
        _ => 0,
    }
}
