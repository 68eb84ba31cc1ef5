//! AMD's key distribution service: where the certificate of a chip's key is had. It limits how often one asks: an
//! operator fetches once for each state of the firmware, and keeps the file.

use conclave_snp::{Anchor, Report, TcbLayout};

/// Why there is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KdsError {
    /// A report of version 2.
    #[error("the report names no processor: its version is below 3")]
    NoCpuid,
    /// A processor of no root here.
    #[error("the report's processor is of no product known here")]
    UnknownProduct,
    /// The host hides the chip.
    #[error("the report's CHIP_ID is zero: the host hides the chip")]
    NoChip,
    /// Reserved bytes.
    #[error("the report's REPORTED_TCB has not the layout of its product")]
    Tcb,
}

/// The address of the certificate for this report's chip and TCB.
///
/// # Errors
/// [`KdsError`].
pub fn kds_address(report: &Report, anchors: &'static [Anchor]) -> Result<String, KdsError> {
    let cpuid = report.cpuid.ok_or(KdsError::NoCpuid)?;
    let anchor = anchors.iter().find(|anchor| anchor.contains(cpuid)).ok_or(KdsError::UnknownProduct)?;
    let product = anchor.names.first().ok_or(KdsError::UnknownProduct)?;
    if report.chip_id == [0; 64] {
        return Err(KdsError::NoChip);
    }
    let tcb = anchor.layout.read(report.reported_tcb).ok_or(KdsError::Tcb)?;
    let chip: String =
        report.chip_id.iter().take(anchor.hardware_id_bytes).map(|byte| format!("{byte:02x}")).collect();
    let fmc = match anchor.layout {
        TcbLayout::Zen5 => format!("fmcSPL={:02}&", tcb.fmc),
        TcbLayout::Zen3 => String::new(),
    };
    Ok(format!(
        "https://kdsintf.amd.com/vcek/v1/{product}/{chip}?{fmc}blSPL={:02}&teeSPL={:02}&snpSPL={:02}&ucodeSPL={:02}",
        tcb.bootloader, tcb.tee, tcb.snp, tcb.microcode
    ))
}
