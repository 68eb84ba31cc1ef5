//! What can be said of a report and its certificates without a chain: every check, and what it found.

use core::fmt;

use conclave_snp::{
    verify_ark, verify_ask, Anchor, CertificateStanding, Check, Circumstances, Claims, Cpuid, Evidence,
    Floor, Identity, Outcome, Policy, Product, Refusal, Release, ReleaseLookup, ReleaseStatus, Report,
    TcbLayout, Vcek, REPORT_BYTES,
};

use crate::bundle::Bundle;

/// What whoever asks knows beside the files.
#[derive(Clone, Copy, Debug, Default)]
pub struct Expectations {
    /// The time, in seconds since 1970.
    pub now: Option<u64>,
    /// The measurement of the release that should run.
    pub measurement: Option<[u8; 48]>,
    /// What the report should be bound to.
    pub report_data: Option<[u8; 64]>,
}

/// What one check found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Good; with what there is to say.
    Good(String),
    /// Refused, and why.
    Refused(String),
    /// Not judged, and why.
    NotJudged(String),
}

/// All checks in their order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inspection {
    /// The name of each check, and what it found.
    pub lines: Vec<(String, Finding)>,
}

impl Inspection {
    /// The reasons to refuse, in their order.
    pub fn refusals(&self) -> Vec<&str> {
        self.lines
            .iter()
            .filter_map(|(_, finding)| match finding {
                Finding::Refused(reason) => Some(reason.as_str()),
                _ => None,
            })
            .collect()
    }

    /// Whether nothing that could be judged was refused, and both signatures were among it.
    pub fn is_good(&self) -> bool {
        self.refusals().is_empty() && self.is_genuine()
    }

    /// Whether the report is signed by the chip that it names, under a root that is known.
    pub fn is_genuine(&self) -> bool {
        GENUINE.iter().all(|wanted| {
            self.lines.iter().any(|(name, finding)| name == wanted && matches!(finding, Finding::Good(_)))
        })
    }

    fn add(&mut self, name: impl Into<String>, finding: Finding) {
        self.lines.push((name.into(), finding));
    }
}

const REPORT: &str = "report";
const ARK: &str = "ARK certificate";
const ASK: &str = "ASK certificate";
const VCEK: &str = "VCEK certificate";
const CERTIFIED: &str = "ASK's signature of the VCEK";
const BINDING: &str = "VCEK is of the report's chip and TCB";
const SIGNED: &str = "VCEK's signature of the report";
const GENUINE: [&str; 5] = [REPORT, VCEK, CERTIFIED, BINDING, SIGNED];

impl fmt::Display for Inspection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, finding) in &self.lines {
            let (word, text) = match finding {
                Finding::Good(text) => ("good      ", text),
                Finding::Refused(text) => ("REFUSED   ", text),
                Finding::NotJudged(text) => ("not judged", text),
            };
            writeln!(f, "{word}  {name}{}{text}", if text.is_empty() { "" } else { ": " })?;
        }
        let genuine = if self.is_genuine() { "valid signatures" } else { "NO valid signatures" };
        match self.refusals().as_slice() {
            [] if self.is_genuine() => write!(f, "accepted as far as it was judged: {genuine}"),
            [] => write!(f, "refused: {genuine}"),
            refusals => write!(f, "refused: {genuine}; {}", refusals.join("; ")),
        }
    }
}

/// Makes every check that can be made of `bundle`.
pub fn inspect(
    bundle: &Bundle,
    anchors: &'static [Anchor],
    policy: &Policy,
    floors: &[(Cpuid, Floor)],
    expectations: &Expectations,
) -> Inspection {
    let mut inspection = Inspection { lines: Vec::new() };
    let report = read_report(bundle, &mut inspection);
    let vcek = read_vcek(bundle, anchors, &mut inspection);
    authorities(bundle, anchors, vcek.as_ref(), &mut inspection);
    evidence(bundle, anchors, report.as_ref(), vcek.as_ref(), &mut inspection);
    if let Some(report) = report {
        checks(report, vcek.as_ref(), anchors, policy, floors, expectations, &mut inspection);
    }
    inspection
}

fn not_given() -> Finding {
    Finding::NotJudged("not given".into())
}

fn read_report(bundle: &Bundle, inspection: &mut Inspection) -> Option<Report> {
    let Some(bytes) = &bundle.report else {
        inspection.add(REPORT, Finding::Refused(format!("no file has the {REPORT_BYTES} bytes of a report")));
        return None;
    };
    match Report::parse(bytes) {
        Ok((report, _)) => {
            let cpuid = report.cpuid.map_or("no CPUID".into(), |cpuid| format!("CPUID {cpuid}"));
            let text = format!(
                "version {}, {cpuid}, firmware {}, VMPL {}, policy {:#x}, TCB {}, chip {}",
                report.version,
                report.current_firmware,
                report.vmpl,
                report.policy,
                hex(&report.reported_tcb),
                hex(&report.chip_id),
            );
            inspection.add(REPORT, Finding::Good(text));
            inspection.add("measurement", Finding::Good(hex(&report.measurement)));
            inspection.add("report data", Finding::Good(hex(&report.report_data)));
            Some(report)
        }
        Err(error) => {
            inspection.add(REPORT, Finding::Refused(error.to_string()));
            None
        }
    }
}

fn read_vcek<'a>(
    bundle: &'a Bundle,
    anchors: &'static [Anchor],
    inspection: &mut Inspection,
) -> Option<Vcek<'a>> {
    let der = bundle.vcek.as_deref();
    match der.map(|der| Vcek::parse(der, anchors)) {
        None => inspection.add(VCEK, not_given()),
        Some(Err(error)) => inspection.add(VCEK, Finding::Refused(error.to_string())),
        Some(Ok(vcek)) => {
            let text = format!("{:?}, {:?}", vcek.anchor().product, vcek.tcb());
            inspection.add(VCEK, Finding::Good(text));
            return Some(vcek);
        }
    }
    None
}

/// The certificates above are compiled in: files of them can only agree.
fn authorities(
    bundle: &Bundle,
    anchors: &'static [Anchor],
    vcek: Option<&Vcek<'_>>,
    inspection: &mut Inspection,
) {
    let ark = bundle.ark.as_deref().map(|der| verify_ark(der, anchors));
    let of_ark = ark.as_ref().and_then(|anchor| anchor.as_ref().ok().copied());
    inspection.add(
        ARK,
        match ark {
            None => Finding::Good("compiled in".into()),
            Some(Ok(anchor)) => {
                Finding::Good(format!("{}, signed by itself, as compiled in", anchor.ark_name))
            }
            Some(Err(error)) => Finding::Refused(format!("ARK: {error}")),
        },
    );
    let anchor = vcek.map(Vcek::anchor).or(of_ark);
    let finding = match (&bundle.ask, anchor) {
        (None, _) => Finding::Good("compiled in".into()),
        (Some(_), None) => Finding::NotJudged("no root to judge it by".into()),
        (Some(der), Some(anchor)) => match verify_ask(der, anchor) {
            Ok(ask) if ask.modulus == *anchor.ask => {
                Finding::Good(format!("{}, signed by the ARK, as compiled in", anchor.ask_name))
            }
            Ok(_) => Finding::Good("signed by the ARK; not the one compiled in".into()),
            Err(error) => Finding::Refused(format!("ASK: {error}")),
        },
    };
    inspection.add(ASK, finding);
}

fn evidence(
    bundle: &Bundle,
    anchors: &'static [Anchor],
    report: Option<&Report>,
    vcek: Option<&Vcek<'_>>,
    inspection: &mut Inspection,
) {
    let Some(vcek) = vcek else {
        for name in [CERTIFIED, BINDING, SIGNED] {
            inspection.add(name, Finding::NotJudged("no certificate that can be read".into()));
        }
        return;
    };
    let anchor = vcek.anchor();
    // The ASK compiled in, or one that the ARK compiled in vouches for.
    let given = bundle.ask.as_deref().and_then(|der| verify_ask(der, anchor).ok());
    let is_certified =
        vcek.is_signed_by(anchor.ask) || given.is_some_and(|ask| vcek.is_signed_by(&ask.modulus));
    inspection.add(
        CERTIFIED,
        match is_certified {
            true => Finding::Good(anchor.ask_name.into()),
            false => Finding::Refused("the ASK's signature of the certificate is wrong".into()),
        },
    );
    let both = bundle.report.as_deref().zip(bundle.vcek.as_deref()).filter(|_| report.is_some());
    let Some(evidence) = both.and_then(|(report, vcek)| Evidence::parse(report, vcek, anchors).ok()) else {
        for name in [BINDING, SIGNED] {
            inspection.add(name, Finding::NotJudged("no report that can be read".into()));
        }
        return;
    };
    let binding = match evidence.bind() {
        Ok(()) => Finding::Good(String::new()),
        Err(error) => Finding::Refused(error.to_string()),
    };
    inspection.add(BINDING, binding);
    let signed = match evidence.is_signed() {
        true => Finding::Good(String::new()),
        false => Finding::Refused("the chip's signature of the report is wrong".into()),
    };
    inspection.add(SIGNED, signed);
}

fn checks(
    report: Report,
    vcek: Option<&Vcek<'_>>,
    anchors: &'static [Anchor],
    policy: &Policy,
    floors: &[(Cpuid, Floor)],
    expectations: &Expectations,
    inspection: &mut Inspection,
) {
    let of_cpuid = report.cpuid.and_then(|cpuid| anchors.iter().find(|anchor| anchor.contains(cpuid)));
    let anchor = vcek.map(Vcek::anchor).or(of_cpuid);
    // A release as whoever asks expects it: what is beside the measurement only governance knows.
    let release = expectations.measurement.map(|measurement| Release {
        id: 0,
        measurement,
        vcpus: 0,
        valid_from: 0,
        valid_until: None,
        status: ReleaseStatus::Active,
        source_digest: [0; 32],
        identity: Identity::default(),
    });
    let is_expected = release.filter(|release| release.measurement == report.measurement);
    let circumstances = Circumstances {
        anchors,
        floors,
        release: release.map(|_| ReleaseLookup { found: is_expected.as_ref(), now: 0 }),
        report_data: expectations.report_data,
        is_report_id_taken: None,
        chip: None,
        freshness: None,
        certificate: expectations.now.map(|now| CertificateStanding { now, is_ask_revoked: false }),
    };
    let is_bound_to_nobody = report.report_data == [0; 64];
    let claims = Claims {
        product: anchor.map_or(Product::Genoa, |anchor| anchor.product),
        layout: anchor.map_or(TcbLayout::Zen3, |anchor| anchor.layout),
        report,
        validity: vcek.map(Vcek::validity),
        ask_serial: anchor.map_or(0, |anchor| anchor.ask_serial),
    };
    for (check, outcome) in claims.judge(policy, &circumstances) {
        let needs_product = matches!(check, Check::Product | Check::Tcb | Check::Firmware);
        let finding = match outcome {
            // Without a certificate, a report of version 2 is of no product.
            _ if needs_product && anchor.is_none() => match claims.report.cpuid {
                Some(cpuid) if check == Check::Product => {
                    Finding::Refused(Refusal::NoFloor { cpuid }.to_string())
                }
                _ => Finding::NotJudged("the product is not known".into()),
            },
            // Whoever expects a measurement does not know what else governance pinned.
            _ if check == Check::Identity => Finding::NotJudged(reason(check).into()),
            Outcome::Passed => Finding::Good(String::new()),
            Outcome::Refused(refusal) => Finding::Refused(refusal.to_string()),
            Outcome::NotJudged if check == Check::ReportData && is_bound_to_nobody => {
                Finding::NotJudged("only a chain or a client knows; it is zeros, bound to nothing".into())
            }
            Outcome::NotJudged => Finding::NotJudged(reason(check).into()),
        };
        inspection.add(format!("{:>2} {check:?}", check.number()), finding);
    }
}

const fn reason(check: Check) -> &'static str {
    match check {
        Check::Measurement => "releases are on the chain; give --measurement",
        Check::Identity => "what a release is pinned to is on the chain",
        Check::Platform => "this version does not say whether memory was checked for aliases",
        Check::ReportData => "only a chain or a client knows what it has to be; give --report-data",
        Check::ReportId | Check::Chip | Check::Freshness => "only a chain knows",
        Check::Certificate => "no certificate that can be read, or no time",
        Check::Tcb | Check::Firmware => "no floor for this processor",
        _ => "not known here",
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
