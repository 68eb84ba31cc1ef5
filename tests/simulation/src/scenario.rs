//! Scenarios: each draws a plan from the seed. A plan is data.

use conclave_primitives::{threshold_of, Scheme};
use rand_chacha::ChaCha20Rng;
use std::{fmt, str::FromStr, time::Duration};

use crate::{
    dice::Dice,
    disk::PowerCut,
    fault::{Accusation, BadShare, FalseComplaint, Fault, Seat},
    network::Network,
};

mod epochs;

/// The next session and what goes wrong in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reshare {
    /// Its validators, in the order of their indices.
    pub to: Vec<Seat>,
    /// Faults that begin with it.
    pub faults: Vec<Fault>,
    /// Whether an attempt has to fail of them before another succeeds.
    pub is_stuck: bool,
}

/// What is done once the committee serves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Clients ask for signatures, one after the other.
    Sign {
        /// By this scheme.
        scheme: Scheme,
        /// How many.
        requests: u32,
    },
    /// Requests until a quorum with a member that lies was called, and served by another quorum.
    SignAmongLiars {
        /// By this scheme.
        scheme: Scheme,
    },
    /// Halves of the committee hear nothing of each other: no signature, and typed errors; then they do: signatures again.
    Partition,
    /// Until everyone that did what evidence proves is convicted.
    Convict,
    /// ECDSA requests until the victim of [`Fault::WrongShareToOne`] has banned the liar.
    BanByOne,
    /// Until all others have banned the member of [`Fault::SpoilsSetUps`], and the chain excludes it.
    BanByAll,
    /// All pairs are set up but the banned one, which is not, and is still banned on disk.
    BanHolds,
    /// All restart, and one crashes in the midst of the OT set-ups that follow.
    CrashInSetUp,
    /// A call for an OT set-up comes a second time.
    ReplayStartPair,
    /// Requests until the chain has given demerits to those who never answer, and to nobody else.
    Ignored,
    /// Requests where every quorum has a member that lies: typed failures that name liars, no signature.
    SignAmongTooManyLiars {
        /// By this scheme.
        scheme: Scheme,
        /// Who lies, from now on: there would be no committee if they had from the start.
        liars: Vec<Fault>,
    },
    /// Clients ask for decryption keys, one after the other: of what is open to them, and of what is not.
    Decrypt {
        /// How many times both.
        rounds: u32,
    },
    /// Decryption keys until a quorum with a member that sends wrong shares was called, and the keys were made without.
    DecryptAmongLiars,
    /// Every quorum has a member that sends wrong shares of decryption keys: typed failures that name liars, no keys.
    DecryptAmongTooManyLiars {
        /// Who lies, from now on.
        liars: Vec<Fault>,
    },
    /// More members than can be done without are lied to, from now on: nothing is decrypted.
    DecryptWhileTooManyAreLiedTo {
        /// Who.
        members: Vec<Seat>,
    },
    /// Clients have actions run, which ask the committee everything that actions may ask.
    Execute {
        /// How many times.
        rounds: u32,
    },
    /// Actions until a quorum with a member that sends wrong signature shares was called for one.
    ExecuteAmongLiars,
    /// A member dies in the midst of an action.
    ExecuteWhileOneDies {
        /// Who.
        member: Seat,
    },
    /// Fewer than t members run what was asked for, from now on: nothing is signed.
    ExecuteWhileTooManyAlter {
        /// Who does not.
        members: Vec<Seat>,
    },
    /// A gateway that lies calls for sessions that nobody authorised.
    LyingGateway,
    /// A request that was served is made again.
    Replay,
    /// n-t+1 members go down: no signature, and a typed error; one comes back: signatures again.
    Outage,
    /// All members crash at once and start again.
    RestartAll,
    /// The next committee, while clients ask for signatures.
    Reshare(Reshare),
    /// More dealers than can be done without deal badly: attempts fail, the committee signs on. Then they deal well.
    ReshareAmongTooManyLiars(Reshare),
    /// Whoever was away comes back and has its shares.
    AllFollow,
}

/// What happens in a run.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The network.
    pub network: Network,
    /// Nodes that are validators later only.
    pub spares: usize,
    /// The faults.
    pub faults: Vec<Fault>,
    /// Whether OT set-ups run.
    pub ot: bool,
    /// Whether everything sent is kept and searched for secrets.
    pub eavesdrop: bool,
    /// What comes after key generation.
    pub steps: Vec<Step>,
}

macro_rules! scenarios {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// What a run is about.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Scenario {
            $($(#[$doc])* $name,)*
        }

        impl Scenario {
            /// Every scenario.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Its name on the command line.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

scenarios! {
    /// Nobody at fault.
    Calm = "calm",
    /// A dealer of one bad share.
    BadShare = "bad-share",
    /// A dealer that commits and does not open.
    WithheldOpening = "withheld-opening",
    /// A dealer that replays another's ephemeral key.
    ReplayedKey = "replayed-key",
    /// A member that complains falsely.
    FalseComplaint = "false-complaint",
    /// Members absent from the start.
    Absent = "absent",
    /// A member that was off for the whole key generation and comes back.
    LateComer = "late-comer",
    /// Too many absent for keys, until they come.
    TooManyAbsent = "too-many-absent",
    /// n-t members at fault, each in another way.
    Mixed = "mixed",
    /// Messages lost, doubled and reordered.
    RoughNetwork = "rough-network",
    /// n-t members at fault in a rough network.
    MixedInRoughNetwork = "mixed-rough",
    /// Members crash at any time.
    Crashes = "crashes",
    /// The power fails in the midst of writes to disk, or of erasures.
    PowerCuts = "power-cuts",
    /// All members restart at once.
    RestartAll = "restart-all",
    /// One dealer of bad shares more than there may be, until they deal well.
    TooManyBadDealers = "too-many-bad-dealers",
    /// The committee in halves that hear nothing of each other.
    Partition = "partition",
    /// Fewer than t members left.
    Outage = "outage",
    /// Members that send wrong Ed25519, sr25519 or ristretto255 signature shares.
    WrongShare = "wrong-share",
    /// Members that accuse others instead of signing.
    FalseAccusation = "false-accusation",
    /// Members that are there, but send nothing in signing.
    Silence = "silence",
    /// A member that is there, and answers no call for minutes.
    NeverAnswers = "never-answers",
    /// Members that sign frames with corrupted signature shares in them.
    CorruptShares = "corrupt-shares",
    /// A member that sends different nonce commitments to different members.
    TwoTales = "two-tales",
    /// Every scheme that needs no set-up.
    Schemes = "schemes",
    /// Members that send wrong BLS signature shares.
    BlsWrongShare = "bls-wrong-share",
    /// A member says two things in one place.
    Equivocation = "equivocation",
    /// One liar more than the committee can do without.
    TooManyLiars = "too-many-liars",
    /// Decryption on an external chain's word.
    Decryption = "decryption",
    /// A member that is silent to one other of each quorum.
    SilenceToOne = "silence-to-one",
    /// Members that lie in signing or decryption, or are silent, in a rough network.
    LiarsInRoughNetwork = "liars-rough",
    /// One member more sends wrong shares of decryption keys than the committee can do without.
    TooManyWrongDecryptionShares = "too-many-wrong-decryption-shares",
    /// Members that send wrong shares of decryption keys when it is too late.
    LateDecryptionShare = "late-decryption-share",
    /// Members that send wrong shares of decryption keys.
    WrongDecryptionShare = "wrong-decryption-share",
    /// Members to whom the external chain's endpoints lie.
    LiedTo = "lied-to",
    /// One member more is lied to than the committee can do without.
    TooManyLiedTo = "too-many-lied-to",
    /// Actions that nobody tampers with.
    Action = "action",
    /// Members that run altered code.
    ActionAltered = "action-altered",
    /// Members that send wrong signature shares while actions sign.
    ActionWrongShare = "action-wrong-share",
    /// Members that send wrong shares of decryption keys while actions open something.
    ActionWrongDecryptionShare = "action-wrong-decryption-share",
    /// Members that tell the gateway of a response that they have not signed for.
    ActionMisendorsed = "action-misendorsed",
    /// A member that dies in the midst of an action.
    ActionCrash = "action-crash",
    /// One member more runs altered code than the committee can do without.
    ActionTooManyAltered = "action-too-many-altered",
    /// ECDSA, with OT set-up.
    Ecdsa = "ecdsa",
    /// ECDSA with members that crash in the midst of OT set-up, in a rough network.
    EcdsaCrashes = "ecdsa-crashes",
    /// A member that sends wrong ECDSA messages.
    EcdsaWrongShare = "ecdsa-wrong-share",
    /// One member more sends wrong ECDSA messages than the committee can do without.
    EcdsaTooManyLiars = "ecdsa-too-many-liars",
    /// A member that one other has banned, over a restart and an epoch.
    EcdsaBan = "ecdsa-ban",
    /// A member that cheats in OT set-ups, which the others go on without.
    EcdsaBadSetUps = "ecdsa-bad-set-ups",
    /// The same members, again and again.
    Refresh = "refresh",
    /// More members, then fewer.
    Resize = "resize",
    /// One member after the other replaced.
    ReplaceOne = "replace-one",
    /// All members replaced at once.
    Disjoint = "disjoint",
    /// Any changes, one after the other.
    Epochs = "epochs",
    /// Reshares in a rough network.
    ReshareInRoughNetwork = "reshare-rough",
    /// All nodes crash in a phase of a reshare, each for itself or at once.
    ReshareCrashes = "reshare-crashes",
    /// The power fails at writes of a reshare.
    ResharePowerCuts = "reshare-power-cuts",
    /// Members are cut off from all others for a part of a reshare.
    ReshareCutOff = "reshare-cut-off",
    /// Dealers and new members that are away for a whole reshare.
    ReshareAbsent = "reshare-absent",
    /// Too few of the next members come.
    ReshareStuck = "reshare-stuck",
    /// Dealers of bad shares in a reshare.
    ReshareBadShare = "reshare-bad-share",
    /// Dealers of other shares than their own.
    ReshareOtherShare = "reshare-other-share",
    /// New members that complain falsely.
    ReshareFalseComplaint = "reshare-false-complaint",
    /// Members at fault in a reshare, each in another way.
    ReshareMixed = "reshare-mixed",
    /// Members at fault in a reshare, each in another way, in a rough network.
    ReshareMixedInRoughNetwork = "reshare-mixed-rough",
    /// One dealer more deals badly in a reshare than there may be, until they deal well.
    ReshareTooManyBadDealers = "reshare-too-many-bad-dealers",
    /// ECDSA by one committee and the next.
    ReshareEcdsa = "reshare-ecdsa",
}

impl fmt::Display for Scenario {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Scenario {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL.iter().copied().find(|scenario| scenario.name() == name).ok_or_else(|| {
            let known: Vec<_> = Self::ALL.iter().map(|scenario| scenario.name()).collect();
            format!("one of {}", known.join(", "))
        })
    }
}

const ED25519: Step = Step::Sign { scheme: Scheme::Ed25519, requests: 2 };

impl Scenario {
    /// Whether it signs with ECDSA: its OT set-up takes seconds of CPU time, and its randomness is not ours.
    pub fn is_ecdsa(self) -> bool {
        matches!(
            self,
            Self::Ecdsa
                | Self::EcdsaCrashes
                | Self::EcdsaWrongShare
                | Self::EcdsaTooManyLiars
                | Self::EcdsaBan
                | Self::EcdsaBadSetUps
                | Self::ReshareEcdsa
        )
    }

    /// What happens, for a committee of `members`.
    pub(crate) fn plan(self, members: usize, rng: &mut ChaCha20Rng) -> Plan {
        let spare = members - threshold_of(members as u32) as usize;
        let mut seats: Vec<Seat> = (0..members).collect();
        rng.shuffle(&mut seats);
        // Faulty ones from the front; whoever they need as a victim is honest.
        let (faulty, honest) = seats.split_at(spare);
        let some = |rng: &mut ChaCha20Rng| rng.within([1, spare as u64]) as usize;
        let calm = Plan {
            network: Network::CALM,
            spares: 0,
            faults: Vec::new(),
            ot: false,
            eavesdrop: false,
            steps: vec![ED25519],
        };
        let with = |faults: Vec<Fault>| Plan { faults, ..calm.clone() };
        match self {
            Self::Calm => {
                Plan { steps: vec![ED25519, Step::LyingGateway, Step::Replay], eavesdrop: true, ..calm }
            }
            Self::BadShare => {
                let count = some(rng);
                with(faulty[..count].iter().map(|dealer| bad_share(*dealer, honest, rng)).collect())
            }
            Self::TooManyBadDealers => {
                let (bad, honest) = seats.split_at(spare + 1);
                let deal = |dealer: &Seat| match rng.percent(50) {
                    true => bad_share(*dealer, honest, rng),
                    false => replay(*dealer, honest, rng),
                };
                with(bad.iter().map(deal).collect())
            }
            Self::Partition => Plan { steps: vec![ED25519, Step::Partition, ED25519], ..calm },
            Self::WithheldOpening => {
                let count = some(rng);
                with(
                    faulty[..count]
                        .iter()
                        .map(|dealer| Fault::CommitsAndDoesNotOpen { dealer: *dealer })
                        .collect(),
                )
            }
            Self::ReplayedKey => {
                let count = some(rng);
                with(faulty[..count].iter().map(|dealer| replay(*dealer, honest, rng)).collect())
            }
            Self::FalseComplaint => {
                let count = some(rng);
                let mut faults: Vec<Fault> =
                    faulty[..count].iter().map(|member| false_complaint(*member, honest, rng)).collect();
                if rng.percent(30) {
                    // One that accuses two.
                    faults.push(false_complaint(faulty[0], honest, rng));
                }
                with(faults)
            }
            Self::Absent => {
                let count = some(rng);
                with(
                    faulty[..count]
                        .iter()
                        .map(|member| Fault::Absent { member: *member, until: None })
                        .collect(),
                )
            }
            Self::LateComer => {
                let until = Some(
                    Duration::from_secs(240) + rng.time_within([Duration::ZERO, Duration::from_secs(20)]),
                );
                with(faulty.iter().map(|member| Fault::Absent { member: *member, until }).collect())
            }
            Self::TooManyAbsent => {
                let absent = &seats[..=spare];
                let until = Some(rng.time_within([Duration::from_secs(90), Duration::from_secs(200)]));
                with(absent.iter().map(|member| Fault::Absent { member: *member, until }).collect())
            }
            Self::Mixed => with(mixed(faulty, honest, rng)),
            Self::RoughNetwork => Plan { network: Network::rough(rng), ..calm },
            Self::MixedInRoughNetwork => {
                Plan { network: Network::rough(rng), ..with(mixed(faulty, honest, rng)) }
            }
            Self::Crashes => {
                let crash = |member: &Seat, rng: &mut ChaCha20Rng| Fault::Crash {
                    member: *member,
                    at: rng.time_within([Duration::from_secs(3), Duration::from_secs(60)]),
                    down: rng.time_within([Duration::from_millis(500), Duration::from_secs(15)]),
                };
                with(seats.iter().map(|member| crash(member, rng)).collect())
            }
            Self::PowerCuts => {
                let cut = |member: &Seat, rng: &mut ChaCha20Rng| Fault::PowerCut {
                    member: *member,
                    // Among the key of the records, the dealing key, the erasure of the one provided, the next one, the
                    // dealing and the shares.
                    cut: PowerCut { write: rng.within([1, 6]), written: rng.percent(50) },
                    down: rng.time_within([Duration::from_millis(500), Duration::from_secs(6)]),
                };
                with(seats.iter().map(|member| cut(member, rng)).collect())
            }
            Self::RestartAll => Plan { steps: vec![ED25519, Step::RestartAll, ED25519], ..calm },
            Self::Outage => Plan { steps: vec![ED25519, Step::Outage, ED25519], ..calm },
            Self::WrongShare => {
                let count = some(rng);
                let lie = |member: &Seat| Fault::WrongSignatureShare { member: *member, flight: 2 };
                let scheme = *rng
                    .pick(&[Scheme::Ed25519, Scheme::Sr25519, Scheme::SchnorrRistretto255])
                    .expect("three");
                let steps = vec![Step::SignAmongLiars { scheme }];
                Plan { steps, ..with(faulty[..count].iter().map(lie).collect()) }
            }
            Self::FalseAccusation => {
                let count = some(rng);
                let of = if rng.percent(50) { Accusation::WrongShare } else { Accusation::Silence };
                let accuse = |member: &Seat| Fault::AccusesFalsely { member: *member, of };
                let steps = vec![Step::SignAmongLiars { scheme: Scheme::Ed25519 }];
                Plan { steps, ..with(faulty[..count].iter().map(accuse).collect()) }
            }
            Self::Silence => {
                let count = some(rng);
                let silent = |member: &Seat| Fault::SilentInSigning { member: *member };
                let steps = vec![Step::SignAmongLiars { scheme: Scheme::Ed25519 }];
                Plan { steps, ..with(faulty[..count].iter().map(silent).collect()) }
            }
            Self::NeverAnswers => {
                let steps = vec![Step::Ignored];
                Plan { steps, ..with(vec![Fault::SilentInSigning { member: faulty[0] }]) }
            }
            Self::CorruptShares => {
                let count = some(rng);
                let (scheme, flight) = *rng
                    .pick(&[(Scheme::Ed25519, 2), (Scheme::BlsG2, 1), (Scheme::BlsG1, 1)])
                    .expect("three");
                let corrupt = |member: &Seat| Fault::CorruptsShares { member: *member, flight };
                let steps = vec![Step::SignAmongLiars { scheme }];
                Plan { steps, ..with(faulty[..count].iter().map(corrupt).collect()) }
            }
            Self::Equivocation => {
                let faults = vec![Fault::Equivocates { member: faulty[0] }];
                let steps = vec![Step::Sign { scheme: Scheme::Ed25519, requests: 6 }, Step::Convict];
                Plan { steps, ..with(faults) }
            }
            Self::TwoTales => {
                let faults = vec![Fault::TellsTwoTales { member: faulty[0] }];
                let steps = vec![Step::SignAmongLiars { scheme: Scheme::Ed25519 }];
                Plan { steps, ..with(faults) }
            }
            Self::Schemes => {
                let without_set_up = Scheme::ALL.into_iter().filter(|scheme| !scheme.is_ecdsa());
                let steps = without_set_up.map(|scheme| Step::Sign { scheme, requests: 1 }).collect();
                Plan { steps, ..calm }
            }
            Self::BlsWrongShare => {
                let count = some(rng);
                let lie = |member: &Seat| Fault::WrongSignatureShare { member: *member, flight: 1 };
                let scheme = if rng.percent(50) { Scheme::BlsG2 } else { Scheme::BlsG1 };
                let steps = vec![Step::SignAmongLiars { scheme }];
                Plan { steps, ..with(faulty[..count].iter().map(lie).collect()) }
            }
            Self::TooManyLiars => {
                let (scheme, flight) = *rng
                    .pick(&[(Scheme::Ed25519, 2), (Scheme::BlsG2, 1), (Scheme::BlsG1, 1)])
                    .expect("three");
                let lie = |member: &Seat| Fault::WrongSignatureShare { member: *member, flight };
                let liars = seats[..=spare].iter().map(lie).collect();
                Plan { steps: vec![Step::SignAmongTooManyLiars { scheme, liars }], ..calm }
            }
            Self::Decryption => Plan { steps: vec![Step::Decrypt { rounds: 3 }], eavesdrop: true, ..calm },
            Self::SilenceToOne => {
                // More of them could set so many against so many that time is up before all is sorted out.
                let faults = vec![Fault::SilentToOne { member: faulty[0] }];
                let steps = vec![Step::SignAmongLiars { scheme: Scheme::Ed25519 }];
                Plan { steps, ..with(faults) }
            }
            Self::WrongDecryptionShare | Self::LateDecryptionShare => {
                let late = self == Self::LateDecryptionShare;
                let count = some(rng);
                let lie = |member: &Seat| Fault::WrongDecryptionShare { member: *member, late };
                let steps = vec![Step::DecryptAmongLiars];
                Plan { steps, ..with(faulty[..count].iter().map(lie).collect()) }
            }
            Self::LiarsInRoughNetwork => {
                let liars =
                    [Self::WrongShare, Self::BlsWrongShare, Self::Silence, Self::WrongDecryptionShare];
                let of = *rng.pick(&liars).expect("four");
                Plan { network: Network::rough(rng), ..of.plan(members, rng) }
            }
            Self::TooManyWrongDecryptionShares => {
                let lie = |member: &Seat| Fault::WrongDecryptionShare { member: *member, late: false };
                let liars = seats[..=spare].iter().map(lie).collect();
                Plan {
                    steps: vec![Step::Decrypt { rounds: 1 }, Step::DecryptAmongTooManyLiars { liars }],
                    ..calm
                }
            }
            Self::LiedTo => {
                let count = some(rng);
                let lied_to = |member: &Seat| Fault::IsLiedTo { member: *member };
                let steps = vec![Step::Decrypt { rounds: 4 }];
                Plan { steps, ..with(faulty[..count].iter().map(lied_to).collect()) }
            }
            Self::TooManyLiedTo => {
                let members = seats[..=spare].to_vec();
                let steps = vec![Step::Decrypt { rounds: 1 }, Step::DecryptWhileTooManyAreLiedTo { members }];
                Plan { steps, ..calm }
            }
            Self::Action => Plan { steps: vec![Step::Execute { rounds: 2 }], eavesdrop: true, ..calm },
            Self::ActionAltered => {
                let count = some(rng);
                let alters = |member: &Seat| Fault::AltersAction { member: *member };
                let steps = vec![Step::Execute { rounds: 2 }];
                Plan { steps, ..with(faulty[..count].iter().map(alters).collect()) }
            }
            Self::ActionMisendorsed => {
                let count = some(rng);
                let lie = |member: &Seat| Fault::MisendorsesAction { member: *member };
                let steps = vec![Step::Execute { rounds: 1 }];
                Plan { steps, ..with(faulty[..count].iter().map(lie).collect()) }
            }
            Self::ActionWrongShare => {
                let count = some(rng);
                let lie = |member: &Seat| Fault::WrongSignatureShare { member: *member, flight: 2 };
                let steps = vec![Step::ExecuteAmongLiars];
                Plan { steps, ..with(faulty[..count].iter().map(lie).collect()) }
            }
            Self::ActionWrongDecryptionShare => {
                let count = some(rng);
                let lie = |member: &Seat| Fault::WrongDecryptionShare { member: *member, late: false };
                let steps = vec![Step::Execute { rounds: 1 }];
                Plan { steps, ..with(faulty[..count].iter().map(lie).collect()) }
            }
            Self::ActionCrash => {
                let steps =
                    vec![Step::ExecuteWhileOneDies { member: faulty[0] }, Step::Execute { rounds: 1 }];
                Plan { steps, ..calm }
            }
            Self::ActionTooManyAltered => {
                let members = seats[..=spare].to_vec();
                let steps = vec![Step::Execute { rounds: 1 }, Step::ExecuteWhileTooManyAlter { members }];
                Plan { steps, ..calm }
            }
            Self::Ecdsa => {
                let steps = vec![
                    Step::Sign { scheme: Scheme::EcdsaSecp256k1, requests: 3 },
                    ED25519,
                    Step::ReplayStartPair,
                    Step::RestartAll,
                    Step::ReplayStartPair,
                    Step::Sign { scheme: Scheme::EcdsaSecp256r1, requests: 1 },
                    Step::Sign { scheme: Scheme::EcdsaSecp256k1, requests: 1 },
                ];
                Plan { ot: true, steps, ..calm }
            }
            Self::EcdsaCrashes => {
                let cut = |member: &Seat, rng: &mut ChaCha20Rng| Fault::PowerCut {
                    member: *member,
                    // After the key of the records: the dealing key, the erasure of the one provided, the next one, the
                    // dealing, then the shares.
                    cut: PowerCut { write: rng.within([2, 6]), written: rng.percent(50) },
                    down: rng.time_within([Duration::from_millis(500), Duration::from_secs(6)]),
                };
                let faults = seats.iter().map(|member| cut(member, rng)).collect();
                let sign = Step::Sign { scheme: Scheme::EcdsaSecp256k1, requests: 2 };
                let steps = vec![sign.clone(), Step::CrashInSetUp, sign];
                Plan { network: Network::rough(rng), ot: true, faults, steps, ..calm }
            }
            Self::EcdsaWrongShare => {
                let flight = rng.within([2, 3]) as u8;
                let faults = vec![Fault::WrongSignatureShare { member: faulty[0], flight }];
                let steps = vec![Step::SignAmongLiars { scheme: Scheme::EcdsaSecp256k1 }];
                Plan { ot: true, faults, steps, ..calm }
            }
            Self::EcdsaTooManyLiars => {
                let scheme = Scheme::EcdsaSecp256k1;
                let lie = |member: &Seat| Fault::WrongSignatureShare {
                    member: *member,
                    flight: rng.within([2, 3]) as u8,
                };
                let liars = seats[..=spare].iter().map(lie).collect();
                Plan { ot: true, steps: vec![Step::SignAmongTooManyLiars { scheme, liars }], ..calm }
            }
            Self::EcdsaBan => {
                let faults = vec![Fault::WrongShareToOne { member: faulty[0], to: honest[0] }];
                let refresh = Reshare { to: (0..members).collect(), faults: Vec::new(), is_stuck: false };
                let steps = vec![
                    Step::BanByOne,
                    Step::RestartAll,
                    Step::BanHolds,
                    Step::Reshare(refresh),
                    Step::BanHolds,
                    Step::Sign { scheme: Scheme::EcdsaSecp256k1, requests: 1 },
                ];
                Plan { ot: true, faults, steps, ..calm }
            }
            Self::EcdsaBadSetUps => {
                let faults = vec![Fault::SpoilsSetUps { member: faulty[0] }];
                let refresh = Reshare { to: (0..members).collect(), faults: Vec::new(), is_stuck: false };
                let sign = Step::Sign { scheme: Scheme::EcdsaSecp256k1, requests: 1 };
                let steps = vec![sign.clone(), Step::BanByAll, Step::Reshare(refresh), sign];
                Plan { ot: true, faults, steps, ..calm }
            }
            reshares => epochs::plan(reshares, members, rng, calm),
        }
    }
}

/// Every faulty member in another way, as far as there are ways; which ones differs by seed.
fn mixed(faulty: &[Seat], honest: &[Seat], rng: &mut ChaCha20Rng) -> Vec<Fault> {
    let mut ways = [0, 1, 2, 3, 4];
    rng.shuffle(&mut ways);
    faulty
        .iter()
        .zip(ways.iter().cycle())
        .map(|(member, way)| match way {
            0 => bad_share(*member, honest, rng),
            1 => Fault::CommitsAndDoesNotOpen { dealer: *member },
            2 => replay(*member, honest, rng),
            3 => false_complaint(*member, honest, rng),
            _ => Fault::Absent { member: *member, until: None },
        })
        .collect()
}

fn bad_share(dealer: Seat, honest: &[Seat], rng: &mut ChaCha20Rng) -> Fault {
    let to = *rng.pick(honest).expect("someone is honest");
    let how = [BadShare::Undecryptable, BadShare::OffPolynomial, BadShare::TooFew];
    Fault::BadShare { dealer, to, how: *rng.pick(&how).expect("three") }
}

fn replay(dealer: Seat, honest: &[Seat], rng: &mut ChaCha20Rng) -> Fault {
    let mut victims = honest.to_vec();
    rng.shuffle(&mut victims);
    Fault::ReplaysEphemeralKey { dealer, of: victims[0], to: victims[1] }
}

fn false_complaint(complainer: Seat, honest: &[Seat], rng: &mut ChaCha20Rng) -> Fault {
    let against = *rng.pick(honest).expect("someone is honest");
    let how = [FalseComplaint::SharesAreGood, FalseComplaint::BadProof, FalseComplaint::BadPoint];
    Fault::FalseComplaint { complainer, against, how: *rng.pick(&how).expect("three") }
}
