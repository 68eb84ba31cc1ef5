//! Writes reports: the reverse of `conclave_snp::Report::parse`, which reads its own copy of the layout.

use conclave_snp::{FirmwareVersion, Report, SigningKey, REPORT_BYTES, SIGNED_BYTES};
use p384::ecdsa::{signature::hazmat::PrehashSigner, Signature, SigningKey as EcdsaKey};
use sha2::{Digest, Sha384};

/// The report without its signature.
pub fn unsigned(report: &Report) -> [u8; REPORT_BYTES] {
    let keys = u32::from(report.author_key_enabled)
        | u32::from(report.chip_key_masked) << 1
        | u32::from(match report.signing_key {
            SigningKey::Vcek => 0,
            SigningKey::Vlek => 1,
            SigningKey::None => 7,
            SigningKey::Unknown(value) => value,
        }) << 2;
    let cpuid = report.cpuid.map_or([0; 3], |cpuid| [cpuid.family, cpuid.model, cpuid.stepping]);
    let (launch, current) = report.mitigations.map_or((0, 0), |bits| (bits.launch, bits.current));
    let fields: [(usize, &[u8]); 28] = [
        (0x000, &report.version.to_le_bytes()),
        (0x004, &report.guest_svn.to_le_bytes()),
        (0x008, &report.policy.to_le_bytes()),
        (0x010, &report.family_id),
        (0x020, &report.image_id),
        (0x030, &report.vmpl.to_le_bytes()),
        (0x034, &1u32.to_le_bytes()),
        (0x038, &report.current_tcb),
        (0x040, &report.platform_info.to_le_bytes()),
        (0x048, &keys.to_le_bytes()),
        (0x050, &report.report_data),
        (0x090, &report.measurement),
        (0x0c0, &report.host_data),
        (0x0e0, &report.id_key_digest),
        (0x110, &report.author_key_digest),
        (0x140, &report.report_id),
        (0x160, &report.report_id_ma),
        (0x180, &report.reported_tcb),
        (0x188, &cpuid),
        (0x1a0, &report.chip_id),
        (0x1e0, &report.committed_tcb),
        (0x1e8, &firmware(report.current_firmware)),
        (0x1ec, &firmware(report.committed_firmware)),
        (0x1f0, &report.launch_tcb),
        (0x1f8, &launch.to_le_bytes()),
        (0x200, &current.to_le_bytes()),
        (0x208, &[0; SIGNED_BYTES - 0x208]),
        (SIGNED_BYTES, &[0; REPORT_BYTES - SIGNED_BYTES]),
    ];
    let mut bytes = [0; REPORT_BYTES];
    for (at, field) in fields {
        bytes.iter_mut().skip(at).zip(field).for_each(|(to, from)| *to = *from);
    }
    bytes
}

/// Signs a report, whatever it says.
pub fn sign(bytes: &mut [u8; REPORT_BYTES], key: &EcdsaKey) -> Result<(), &'static str> {
    let (signed, signature) = bytes.split_at_mut(SIGNED_BYTES);
    let digest = Sha384::digest(signed);
    let made: Signature = key.sign_prehash(&digest).map_err(|_| "the chip's key does not sign")?;
    let (r, s) = made.split_bytes();
    // Little endian, 72 bytes each.
    for (scalar, field) in [r, s].iter().zip(signature.chunks_mut(72)) {
        scalar.iter().rev().zip(field).for_each(|(from, to)| *to = *from);
    }
    Ok(())
}

const fn firmware(version: FirmwareVersion) -> [u8; 4] {
    [version.build, version.minor, version.major, 0]
}
