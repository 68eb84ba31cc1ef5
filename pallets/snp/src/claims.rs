//! What is left of a report and its certificate when both are read: the facts that policy judges, at once and again
//! whenever policy changes.

use codec::{Decode, DecodeWithMemTracking, Encode, MaxEncodedLen};
use scale_info::TypeInfo;

use crate::{
    processor::{Product, TcbLayout},
    report::Report,
    x509::Validity,
};

/// The facts. They are worth what the signatures over them are: see [`crate::Evidence`].
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo)]
pub struct Claims {
    /// The family of products.
    pub product: Product,
    /// How the report writes TCB versions.
    pub layout: TcbLayout,
    /// What the report says.
    pub report: Report,
    /// When the certificate of the chip's key is valid. None where there is no certificate to judge.
    pub validity: Option<Validity>,
    /// The serial number of the ASK's certificate that vouches for it.
    pub ask_serial: u64,
}
