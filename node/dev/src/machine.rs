//! A machine in software: a file says which. It lies beside the worker's records, so that who takes the records alone
//! has taken them to another machine.

use conclave_dev_roots::{FLOOR, MEASUREMENT};
use conclave_node::Machine;
use conclave_snp::Tcb;
use conclave_soft_psp::{Guest, Network, SoftPsp};
use serde::{Deserialize, Serialize};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What a soldering iron and a reboot could change of a real one.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct SoftMachine {
    /// The number of the chip.
    chip: u64,
    /// What was launched, in hex.
    measurement: String,
    /// The versions of SNP firmware and microcode.
    snp: u8,
    microcode: u8,
}

/// The machine of the worker whose records lie in `directory`: made at the first start, with a chip of its own.
pub(crate) fn open(directory: &Path) -> Result<Arc<dyn Machine>, String> {
    let file = beside(directory);
    let machine = match fs::read_to_string(&file) {
        Ok(text) => serde_json::from_str(&text)
            .map_err(|error| format!("software PSP in {}: {error}", file.display()))?,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => SoftMachine::make(&file)?,
        Err(error) => return Err(format!("{}: {error}", file.display())),
    };
    Ok(Arc::new(machine.start()?))
}

fn beside(directory: &Path) -> PathBuf {
    directory.with_extension("machine.json")
}

impl SoftMachine {
    fn make(file: &Path) -> Result<Self, String> {
        let mut number = [0; 8];
        getrandom::fill(&mut number).map_err(|error| error.to_string())?;
        let Tcb { snp, microcode, .. } = FLOOR.1.tcb;
        // JavaScript's integers have 53 bits.
        let chip = u64::from_be_bytes(number) >> 11;
        let machine = Self { chip, measurement: hex::encode(MEASUREMENT), snp, microcode };
        let text = serde_json::to_string_pretty(&machine).map_err(|error| error.to_string())?;
        let folder = file.parent().ok_or("the software PSP's file has no folder")?;
        fs::create_dir_all(folder)
            .and_then(|()| fs::write(file, text))
            .map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(machine)
    }

    /// Each start is a launch, and draws the guest's id.
    fn start(self) -> Result<SoftPsp, String> {
        let measurement = hex::decode(self.measurement.trim_start_matches("0x"))
            .ok()
            .and_then(|bytes| bytes.try_into().ok())
            .ok_or("software PSP: a measurement is 48 bytes in hex")?;
        let mut report_id = [0; 32];
        getrandom::fill(&mut report_id).map_err(|error| error.to_string())?;
        let tcb = Tcb { snp: self.snp, microcode: self.microcode, ..FLOOR.1.tcb };
        Ok(SoftPsp::new(Network::DEV, self.chip, Guest::new(measurement, report_id)).at(tcb))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("conclave-machine-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        folder
    }

    fn chip_and_guest(machine: &Arc<dyn Machine>) -> ([u8; 64], [u8; 32]) {
        let sealed = machine.report([0; 64]).expect("it signs");
        let (report, _) = conclave_snp::Report::parse(&sealed.report).expect("a report");
        (report.chip_id, report.report_id)
    }

    #[test]
    fn a_machine_should_stay_the_same_chip_and_be_launched_anew() {
        let (one, other) = (folder("one"), folder("other"));
        let first = chip_and_guest(&open(&one.join("conclave")).expect("made"));
        let again = chip_and_guest(&open(&one.join("conclave")).expect("found"));
        let elsewhere = chip_and_guest(&open(&other.join("conclave")).expect("made"));
        assert_eq!(first.0, again.0);
        assert!(first.1 != again.1 && first.0 != elsewhere.0);
        assert!(one.join("conclave.machine.json").exists() && !one.join("conclave").exists());
    }

    #[test]
    fn a_file_that_says_something_else_should_be_refused() {
        let folder = folder("wrong");
        fs::create_dir_all(&folder).expect("made");
        for text in [
            "",
            r#"{"chip":1}"#,
            r#"{"chip":1,"measurement":"00","snp":1,"microcode":1}"#,
            r#"{"chip":1,"measurement":"00","snp":1,"microcode":1,"trust":"me"}"#,
        ] {
            fs::write(folder.join("conclave.machine.json"), text).expect("written");
            assert!(open(&folder.join("conclave")).is_err(), "{text}");
        }
    }
}
