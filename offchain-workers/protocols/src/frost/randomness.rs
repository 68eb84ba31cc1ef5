//! Our generators of randomness for frost-core, which takes the traits of rand_core 0.6.

use rand_core::CryptoRng;

/// A generator with rand_core 0.10's traits, seen through those of 0.6: the same bytes in the same
/// order. That it is cryptographic carries over, so the marker does.
pub(super) struct OlderTraits<'a, R>(pub(super) &'a mut R);

impl<R: CryptoRng> rand_core_06::RngCore for OlderTraits<'_, R> {
    fn next_u32(&mut self) -> u32 {
        self.0.next_u32()
    }

    fn next_u64(&mut self) -> u64 {
        self.0.next_u64()
    }

    fn fill_bytes(&mut self, destination: &mut [u8]) {
        self.0.fill_bytes(destination);
    }

    fn try_fill_bytes(&mut self, destination: &mut [u8]) -> Result<(), rand_core_06::Error> {
        self.0.fill_bytes(destination);
        Ok(())
    }
}

impl<R: CryptoRng> rand_core_06::CryptoRng for OlderTraits<'_, R> {}
