//! The processor: a chip with its key, and a guest that runs on it.

use conclave_attestation::{DeriveKey, MachineKey, ReportError, ReportProvider, SealedReport};
use conclave_dev_roots::{CPUID, FLOOR};
use conclave_snp::{
    FirmwareVersion, GuestPolicy, Identity, Mitigations, Platform, RawTcb, Report, SigningKey, Tcb,
    TcbLayout, DEVELOPMENT_CHIP_PREFIX,
};
use p384::ecdsa::SigningKey as EcdsaKey;
use sha2::{Digest, Sha256, Sha384};
use zeroize::Zeroizing;

use crate::{certificate::Template, layout, network::Network};

/// What was launched.
#[derive(Clone, Debug)]
pub struct Guest {
    /// Its launch digest.
    pub measurement: [u8; 48],
    /// Its own id, drawn at its launch.
    pub report_id: [u8; 32],
    /// What its owner allows the host.
    pub policy: u64,
    /// What is signed without being measured.
    pub identity: Identity,
}

impl Guest {
    /// A guest whose owner allows nothing.
    pub fn new(measurement: [u8; 48], report_id: [u8; 32]) -> Self {
        Self { measurement, report_id, policy: GuestPolicy::RESERVED_ONE, identity: Identity::default() }
    }
}

/// A chip in software, and the guest on it.
#[derive(Clone, Debug)]
pub struct SoftPsp {
    network: Network,
    chip_id: [u8; 64],
    tcb: Tcb,
    guest: Guest,
}

impl SoftPsp {
    /// The chip number `chip` of a network, at the floor that the network begins with.
    pub fn new(network: Network, chip: u64, guest: Guest) -> Self {
        let (_, floor) = FLOOR;
        let mut chip_id = [0; 64];
        let named = DEVELOPMENT_CHIP_PREFIX.iter().copied().chain([0]).chain(chip.to_be_bytes());
        chip_id.iter_mut().zip(named).for_each(|(to, from)| *to = from);
        Self { network, chip_id, tcb: floor.tcb, guest }
    }

    /// The same chip and guest with other firmware. As on a chip, the key is another.
    #[must_use]
    pub fn at(self, tcb: Tcb) -> Self {
        Self { tcb, ..self }
    }

    /// The same chip with another guest.
    #[must_use]
    pub fn running(self, guest: Guest) -> Self {
        Self { guest, ..self }
    }

    /// The chip.
    pub const fn chip_id(&self) -> [u8; 64] {
        self.chip_id
    }

    /// What a report with `data` says, before it is signed.
    pub fn draft(&self, data: [u8; 64]) -> Report {
        let Guest { measurement, report_id, policy, identity } = self.guest.clone();
        let tcb = TcbLayout::Zen3.write(self.tcb);
        let firmware = FirmwareVersion { major: 1, minor: 55, build: 40 };
        Report {
            version: 5,
            guest_svn: 0,
            policy,
            family_id: identity.family_id,
            image_id: identity.image_id,
            vmpl: 0,
            current_tcb: tcb,
            platform_info: Platform::ALIAS_CHECK_COMPLETE,
            author_key_enabled: false,
            chip_key_masked: false,
            signing_key: SigningKey::Vcek,
            report_data: data,
            measurement,
            host_data: identity.host_data,
            id_key_digest: identity.id_key_digest,
            author_key_digest: identity.author_key_digest,
            report_id,
            report_id_ma: [0xff; 32],
            reported_tcb: tcb,
            cpuid: Some(CPUID),
            chip_id: self.chip_id,
            committed_tcb: tcb,
            current_firmware: firmware,
            committed_firmware: firmware,
            launch_tcb: tcb,
            mitigations: Some(Mitigations { launch: 0b110, current: 0b110 }),
        }
    }

    /// The chip's key at this TCB: derived from the chip, as a chip derives it from its secret.
    ///
    /// # Errors
    /// Never, but for one seed in 2^190.
    pub fn key(&self) -> Result<EcdsaKey, &'static str> {
        let seed = Sha384::new()
            .chain_update(conclave_dev_roots::MARKER)
            .chain_update(self.network.anchor().ark_fingerprint)
            .chain_update(self.chip_id)
            .chain_update(TcbLayout::Zen3.write(self.tcb))
            .finalize();
        EcdsaKey::from_slice(&seed).map_err(|_| "the seed is no key")
    }

    /// What the certificate of the key says.
    ///
    /// # Errors
    /// As [`Self::key`].
    pub fn template(&self) -> Result<Template, &'static str> {
        let key = self.key()?;
        let point = key.verifying_key().to_sec1_point(false);
        Ok(Template::vcek(&self.network, &self.chip_id, self.tcb, point.as_bytes()))
    }

    /// Signs any report.
    ///
    /// # Errors
    /// As [`Self::key`].
    pub fn sign(&self, report: &Report) -> Result<SealedReport, &'static str> {
        let mut bytes = layout::unsigned(report);
        layout::sign(&mut bytes, &self.key()?)?;
        Ok(SealedReport { report: bytes, vcek: self.template()?.issue(&self.network)? })
    }
}

impl ReportProvider for SoftPsp {
    fn report(&self, data: [u8; 64]) -> Result<SealedReport, ReportError> {
        self.sign(&self.draft(data)).map_err(ReportError::Software)
    }
}

impl DeriveKey for SoftPsp {
    /// As secret as the chip's number: nothing is sealed by it. What is mixed in is what a chip mixes in.
    fn derive_key(&self, tcb: RawTcb, guest_svn: u32) -> Result<MachineKey, ReportError> {
        let wanted = TcbLayout::Zen3.read(tcb).ok_or(ReportError::Software("no TCB version"))?;
        let is_had =
            wanted.parts().iter().zip(self.tcb.parts()).all(|((_, wanted), (_, has))| *wanted <= has);
        if !is_had || guest_svn != 0 {
            return Err(ReportError::Software("a version that this machine does not have"));
        }
        let key = Sha256::new()
            .chain_update(conclave_dev_roots::MARKER)
            .chain_update(self.network.anchor().ark_fingerprint)
            .chain_update(self.chip_id)
            .chain_update(self.guest.policy.to_le_bytes())
            .chain_update(self.guest.measurement)
            .chain_update(guest_svn.to_le_bytes())
            .chain_update(tcb)
            .finalize();
        Ok(MachineKey::new(Zeroizing::new(key.into())))
    }
}
