//! Ids that a re-export repeats.

use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid, uuid};

/// Ours alone, so that no other program's ids can meet these.
const NAMESPACE: Uuid = uuid!("0d4cf6ba-2f7e-4b0f-9f0b-6a1f6f6d8c52");

/// The UUID that belongs to `parts`: 122 bits of their SHA-256 in the form of a UUIDv4, because STIX
/// keeps v5 for observables and MISP knows no version above 5.
pub(super) fn id(parts: &[&str]) -> Uuid {
    let mut hash = Sha256::new_with_prefix(NAMESPACE.as_bytes());
    for part in parts {
        // The length keeps ["ab", "c"] and ["a", "bc"] apart.
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}

/// The id of a row in the form of a random one, for the same reason. [`row_form`] undoes it.
pub(super) fn random_form(row: Uuid) -> Uuid {
    Builder::from_random_bytes(row.into_bytes()).into_uuid()
}

/// The id of the row (a UUIDv7) that has `id` as its random form.
pub(super) fn row_form(id: Uuid) -> Uuid {
    let mut bytes = id.into_bytes();
    bytes[6] = bytes[6] & 0x0f | 0x70;
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_parts_give_the_same_v4_shaped_id_and_others_another() {
        assert_eq!(id(&["a", "bc"]), id(&["a", "bc"]));
        assert_ne!(id(&["a", "bc"]), id(&["ab", "c"]));
        assert_eq!(id(&["a"]).get_version_num(), 4);
        assert_eq!(id(&["a"]).get_variant(), uuid::Variant::RFC4122);
    }

    #[test]
    fn the_random_form_of_a_row_leads_back_to_it() {
        for _ in 0..100 {
            let row = Uuid::now_v7();
            let id = random_form(row);
            assert_eq!(id.get_version_num(), 4);
            assert_eq!(row_form(id), row);
        }
    }
}
