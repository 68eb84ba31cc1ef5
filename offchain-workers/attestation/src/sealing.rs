//! Keys that only one image on one chip can have: what seals shares on its disk.
//!
//! The chip derives a key from its secret and mixes in the guest's policy and measurement, a guest SVN and a TCB
//! version (MSG_KEY_REQ). Another image, or another chip, derives another one; firmware derives those of versions up to
//! its own, so that an update can open what it sealed before, and older firmware cannot open what newer sealed.
//! HKDF then separates chains, validators and epochs.

use core::fmt;

use conclave_snp::RawTcb;
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::provider::ReportError;

const DOMAIN: &[u8] = b"CONCLAVE-V1-SEALING";

/// What a chip derives for the image that runs. Erased when dropped, never printed.
pub struct MachineKey(Zeroizing<[u8; 32]>);

impl MachineKey {
    /// From the chip's answer.
    pub fn new(key: Zeroizing<[u8; 32]>) -> Self {
        Self(key)
    }
}

impl fmt::Debug for MachineKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MachineKey(…)")
    }
}

/// Asks the machine for its key.
pub trait DeriveKey {
    /// The key with policy, measurement, `guest_svn` and `tcb` mixed in. Versions may be the machine's own or older.
    ///
    /// # Errors
    /// [`ReportError`], also for versions that the machine does not have.
    fn derive_key(&self, tcb: RawTcb, guest_svn: u32) -> Result<MachineKey, ReportError>;
}

/// What a sealing key is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealingContext {
    /// The chain.
    pub genesis: [u8; 32],
    /// The validator, by its worker's transport key.
    pub validator: [u8; 32],
    /// The epoch of the shares.
    pub epoch: u32,
}

/// The key that seals what this context names: HKDF-SHA-256 (RFC 5869) of the machine's key. Every field has one length,
/// so that no two contexts are the same bytes.
pub fn sealing_key(machine: &MachineKey, context: &SealingContext) -> Zeroizing<[u8; 32]> {
    let SealingContext { genesis, validator, epoch } = context;
    let mut key = Zeroizing::new([0; 32]);
    // Fails only above 255 · 32 bytes.
    let _ = Hkdf::<Sha256>::new(None, machine.0.as_ref())
        .expand_multi_info(&[DOMAIN, genesis, validator, &epoch.to_le_bytes()], key.as_mut());
    key
}
