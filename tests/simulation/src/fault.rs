//! Faults as data. What a guilty member does is in [`crate::malice`]; the worker knows nothing of it.

use conclave_primitives::AttemptPhase;
use pallet_committee::FaultClass;
use std::{collections::BTreeSet, time::Duration};

use crate::disk::PowerCut;

/// A member, by its place among the validators, counted from 0.
pub type Seat = usize;

/// One fault of one member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Deals a share to `to` that its own commitments refute.
    BadShare {
        /// Who deals it.
        dealer: Seat,
        /// Who gets it.
        to: Seat,
        /// How it is bad.
        how: BadShare,
    },
    /// Commits to a dealing and does not open it.
    CommitsAndDoesNotOpen {
        /// Who.
        dealer: Seat,
    },
    /// Deals with another dealer's ephemeral key, so that a complaint would open the other's share.
    ReplaysEphemeralKey {
        /// Who.
        dealer: Seat,
        /// Whose key. The replayer has seen the other's dealing before anyone opened: the chain alone would
        /// not let it.
        of: Seat,
        /// The recipient whose channel it is.
        to: Seat,
    },
    /// Complains about good shares.
    FalseComplaint {
        /// Who.
        complainer: Seat,
        /// About whom.
        against: Seat,
        /// How the complaint is false.
        how: FalseComplaint,
    },
    /// Is not there.
    Absent {
        /// Who.
        member: Seat,
        /// When it comes after all.
        until: Option<Duration>,
    },
    /// Crashes.
    Crash {
        /// Who.
        member: Seat,
        /// When.
        at: Duration,
        /// For how long.
        down: Duration,
    },
    /// Crashes in the midst of a change to its disk: a write or an erasure.
    PowerCut {
        /// Who.
        member: Seat,
        /// At which change.
        cut: PowerCut,
        /// For how long.
        down: Duration,
    },
    /// Crashes at a moment of a reshare.
    CrashIn {
        /// Who.
        member: Seat,
        /// When.
        moment: Moment,
        /// How long after the block that shows the moment; without, at some time in the five blocks that follow.
        at: Option<Duration>,
        /// For how long.
        down: Duration,
    },
    /// Hears and reaches nobody, neither chain nor members, but for those that are cut off with it.
    CutOff {
        /// Who.
        member: Seat,
        /// When.
        at: Duration,
        /// For how long.
        lasts: Duration,
    },
    /// In a reshare, deals another secret than its share of one key.
    DealsAnotherShare {
        /// Who.
        dealer: Seat,
    },
    /// Sends wrong signature shares; of the signature that it alone can make it tells nobody, or another one.
    WrongSignatureShare {
        /// Who.
        member: Seat,
        /// In which flight: 2 in Ed25519, 2 or 3 in ECDSA.
        flight: u8,
    },
    /// Sends signature shares with a bit flipped, or cut short, in frames that it signs.
    CorruptsShares {
        /// Who.
        member: Seat,
        /// In which flight: 2 in FROST, 1 in BLS.
        flight: u8,
    },
    /// Sends one other member wrong multiplications in ECDSA, all others right ones.
    WrongShareToOne {
        /// Who.
        member: Seat,
        /// To whom.
        to: Seat,
    },
    /// Sends proofs that do not verify in OT set-ups.
    SpoilsSetUps {
        /// Who.
        member: Seat,
    },
    /// Takes no part in signing, but accuses another member of the quorum at once.
    AccusesFalsely {
        /// Who.
        member: Seat,
        /// Of what.
        of: Accusation,
    },
    /// Answers that it is there, and takes no part in signing.
    SilentInSigning {
        /// Who.
        member: Seat,
    },
    /// Sends one member of each quorum nothing, and all others what it should; then says that it was the other way round.
    SilentToOne {
        /// Who.
        member: Seat,
    },
    /// Sends other Ed25519 nonce commitments to some of a quorum than to the rest.
    TellsTwoTales {
        /// Who.
        member: Seat,
    },
    /// Sends wrong shares of decryption keys, or another number of them.
    WrongDecryptionShare {
        /// Who.
        member: Seat,
        /// When the attempt that they are for is over, and the next one runs.
        late: bool,
    },
    /// Follows the protocol, but what external chains it asks lies to it: who has something has nothing, and the reverse.
    IsLiedTo {
        /// Who.
        member: Seat,
    },
    /// Runs other code than it was asked to: its execution wants other bytes to be signed, and responds something else.
    AltersAction {
        /// Who.
        member: Seat,
    },
    /// Tells the gateway of another response than the one that it signs for.
    MisendorsesAction {
        /// Who.
        member: Seat,
    },
    /// Sends a second message of a flight to whom it has sent one, other bytes in the same place.
    Equivocates {
        /// Who.
        member: Seat,
    },
}

/// A moment of a reshare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The chain has entered this phase.
    Phase(AttemptPhase),
    /// The next committee serves.
    Active,
}

/// Of what a liar accuses an honest member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accusation {
    /// To have sent a wrong share.
    WrongShare,
    /// To have sent nothing.
    Silence,
}

/// How a share is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadShare {
    /// The ciphertext does not open.
    Undecryptable,
    /// A share of another polynomial.
    OffPolynomial,
    /// Fewer shares than keys.
    TooFew,
}

/// How a complaint is false.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FalseComplaint {
    /// It proves the true shared point, which opens good shares.
    SharesAreGood,
    /// Its proof is wrong.
    BadProof,
    /// Its shared point is none.
    BadPoint,
}

impl Fault {
    /// Who commits it, or suffers it.
    pub fn member(&self) -> Seat {
        match self {
            Self::BadShare { dealer, .. }
            | Self::CommitsAndDoesNotOpen { dealer }
            | Self::DealsAnotherShare { dealer }
            | Self::ReplaysEphemeralKey { dealer, .. } => *dealer,
            Self::FalseComplaint { complainer, .. } => *complainer,
            Self::Absent { member, .. }
            | Self::Crash { member, .. }
            | Self::PowerCut { member, .. }
            | Self::CrashIn { member, .. }
            | Self::CutOff { member, .. }
            | Self::WrongSignatureShare { member, .. }
            | Self::CorruptsShares { member, .. }
            | Self::WrongShareToOne { member, .. }
            | Self::SpoilsSetUps { member }
            | Self::AccusesFalsely { member, .. }
            | Self::SilentInSigning { member }
            | Self::SilentToOne { member }
            | Self::TellsTwoTales { member }
            | Self::WrongDecryptionShare { member, .. }
            | Self::IsLiedTo { member }
            | Self::AltersAction { member }
            | Self::MisendorsesAction { member }
            | Self::Equivocates { member } => *member,
        }
    }

    /// Whether the chain can prove it, so that the runtime has to name the member.
    pub fn is_provable(&self) -> bool {
        match self {
            Self::BadShare { .. }
            | Self::ReplaysEphemeralKey { .. }
            | Self::FalseComplaint { .. }
            | Self::DealsAnotherShare { .. } => true,
            // To the chain a member that keeps silent is one that cannot speak.
            Self::CommitsAndDoesNotOpen { .. }
            | Self::Absent { .. }
            | Self::Crash { .. }
            | Self::PowerCut { .. }
            | Self::CrashIn { .. }
            | Self::CutOff { .. } => false,
            // Off chain: named in what members report to the gateway.
            Self::WrongSignatureShare { .. }
            | Self::CorruptsShares { .. }
            | Self::WrongShareToOne { .. }
            | Self::SpoilsSetUps { .. }
            | Self::AccusesFalsely { .. }
            | Self::SilentInSigning { .. }
            | Self::SilentToOne { .. }
            | Self::TellsTwoTales { .. }
            | Self::WrongDecryptionShare { .. }
            | Self::IsLiedTo { .. }
            | Self::AltersAction { .. }
            | Self::MisendorsesAction { .. }
            | Self::Equivocates { .. } => false,
        }
    }

    /// What the runtime convicts it of on a member's evidence.
    pub fn convicts(&self) -> Option<FaultClass> {
        match self {
            // In the first flight of ECDSA, and in all that are masked, there is nothing to prove.
            Self::WrongSignatureShare { .. } | Self::CorruptsShares { .. } => {
                Some(FaultClass::SignatureShare)
            }
            Self::Equivocates { .. } => Some(FaultClass::Equivocation),
            _ => None,
        }
    }

    /// In which flight of a signature it sends shares that are wrong for everybody.
    pub(crate) fn spoils_flight(&self) -> Option<u8> {
        match self {
            Self::WrongSignatureShare { flight, .. } | Self::CorruptsShares { flight, .. } => Some(*flight),
            _ => None,
        }
    }

    /// Whether the member deviates from the protocol, as against being down or misled.
    pub fn is_malice(&self) -> bool {
        !matches!(
            self,
            Self::IsLiedTo { .. }
                | Self::AltersAction { .. }
                | Self::Absent { .. }
                | Self::Crash { .. }
                | Self::PowerCut { .. }
                | Self::CrashIn { .. }
                | Self::CutOff { .. }
        )
    }

    /// Whether the member is down for a while in the midst of a run.
    pub fn is_crash(&self) -> bool {
        matches!(
            self,
            Self::Crash { .. } | Self::PowerCut { .. } | Self::CrashIn { .. } | Self::CutOff { .. }
        )
    }

    /// Its name in reports.
    pub fn name(&self) -> &'static str {
        match self {
            Self::BadShare { how: BadShare::Undecryptable, .. } => "bad share: undecryptable",
            Self::BadShare { how: BadShare::OffPolynomial, .. } => "bad share: off the polynomial",
            Self::BadShare { how: BadShare::TooFew, .. } => "bad share: too few",
            Self::CommitsAndDoesNotOpen { .. } => "commits and does not open",
            Self::ReplaysEphemeralKey { .. } => "replays an ephemeral key",
            Self::FalseComplaint { how: FalseComplaint::SharesAreGood, .. } => {
                "false complaint: shares are good"
            }
            Self::FalseComplaint { how: FalseComplaint::BadProof, .. } => "false complaint: bad proof",
            Self::FalseComplaint { how: FalseComplaint::BadPoint, .. } => "false complaint: bad point",
            Self::Absent { .. } => "absent",
            Self::Crash { .. } => "crash",
            Self::PowerCut { .. } => "power cut",
            Self::CrashIn { .. } => "crash in a reshare",
            Self::CutOff { .. } => "cut off",
            Self::DealsAnotherShare { .. } => "deals another share",
            Self::WrongSignatureShare { .. } => "wrong signature share",
            Self::CorruptsShares { .. } => "corrupts signature shares",
            Self::WrongShareToOne { .. } => "wrong share to one",
            Self::SpoilsSetUps { .. } => "spoils OT set-ups",
            Self::AccusesFalsely { of: Accusation::WrongShare, .. } => "accuses falsely of a wrong share",
            Self::AccusesFalsely { of: Accusation::Silence, .. } => "accuses falsely of silence",
            Self::SilentInSigning { .. } => "silent in signing",
            Self::TellsTwoTales { .. } => "tells two tales",
            Self::SilentToOne { .. } => "silent to one",
            Self::WrongDecryptionShare { late: false, .. } => "wrong decryption share",
            Self::WrongDecryptionShare { late: true, .. } => "late wrong decryption share",
            Self::IsLiedTo { .. } => "is lied to",
            Self::AltersAction { .. } => "alters an action",
            Self::MisendorsesAction { .. } => "misendorses an action",
            Self::Equivocates { .. } => "equivocates",
        }
    }
}

/// The members that the runtime has to name.
pub(crate) fn guilty<'a>(faults: impl IntoIterator<Item = &'a Fault>) -> BTreeSet<Seat> {
    faults.into_iter().filter(|fault| fault.is_provable()).map(Fault::member).collect()
}

/// The members that follow the protocol whenever they are up.
pub(crate) fn honest<'a>(members: usize, faults: impl IntoIterator<Item = &'a Fault>) -> BTreeSet<Seat> {
    let malicious: BTreeSet<Seat> =
        faults.into_iter().filter(|fault| fault.is_malice()).map(Fault::member).collect();
    (0..members).filter(|seat| !malicious.contains(seat)).collect()
}
