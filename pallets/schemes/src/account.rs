//! Accounts that are nobody's.

use curve25519_dalek::edwards::CompressedEdwardsY;

/// Whether anybody can sign for this account: as an Ed25519 key it is of small order, in whatever encoding a verifier
/// takes (ZIP-215), or as an sr25519 key the identity, the account of zeros, which is of small order too.
pub fn anybody_can_sign_for(account: &[u8; 32]) -> bool {
    CompressedEdwardsY(*account).decompress().is_some_and(|key| key.is_small_order())
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::{ED25519_BASEPOINT_COMPRESSED, EIGHT_TORSION};

    #[test]
    fn keys_of_small_order_should_be_known_in_every_encoding() {
        for point in EIGHT_TORSION {
            assert!(anybody_can_sign_for(&point.compress().0));
        }
        assert!(anybody_can_sign_for(&[0; 32]), "the identity of ristretto255");
        // y = p and y = p + 1, with either sign of an x that is 0 or not.
        for (low, high) in [(0xed, 0x7f), (0xed, 0xff), (0xee, 0x7f), (0xee, 0xff)] {
            let mut bytes = [0xff; 32];
            (bytes[0], bytes[31]) = (low, high);
            assert!(anybody_can_sign_for(&bytes), "{low:x} … {high:x}");
        }
    }

    #[test]
    fn other_accounts_should_be_somebodys() {
        assert!(!anybody_can_sign_for(&ED25519_BASEPOINT_COMPRESSED.0));
        let mixed = EIGHT_TORSION
            .iter()
            .skip(1)
            .map(|torsion| (curve25519_dalek::constants::ED25519_BASEPOINT_POINT + torsion).compress().0);
        for key in mixed {
            assert!(!anybody_can_sign_for(&key), "whoever knows its logarithm can");
        }
        for fill in 1..=255 {
            assert!(!anybody_can_sign_for(&[fill; 32]), "{fill}");
        }
    }
}
