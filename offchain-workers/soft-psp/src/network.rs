//! A development network's root with its private keys, which are no secret.

use conclave_dev_roots::{DevRoot, DEV, LOCAL};
use conclave_snp::{Anchor, MODULUS_BYTES};
use ring::{
    rand::SystemRandom,
    signature::{RsaKeyPair, RSA_PSS_SHA384},
};

/// A network whose root signs for software PSPs.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    root: &'static DevRoot,
    ark: &'static [u8],
    ask: &'static [u8],
}

impl Network {
    /// `--dev`.
    pub const DEV: Self = Self {
        root: &DEV,
        ark: include_bytes!("../roots/dev/ark.pk8"),
        ask: include_bytes!("../roots/dev/ask.pk8"),
    };
    /// The local network of four.
    pub const LOCAL: Self = Self {
        root: &LOCAL,
        ark: include_bytes!("../roots/local/ark.pk8"),
        ask: include_bytes!("../roots/local/ask.pk8"),
    };

    /// What trusts this root.
    pub const fn anchors(&self) -> &'static [Anchor] {
        &self.root.anchors
    }

    /// The one anchor.
    pub const fn anchor(&self) -> &'static Anchor {
        let [anchor] = &self.root.anchors;
        anchor
    }

    /// The certificates of ARK and ASK in DER.
    pub const fn authorities(&self) -> (&'static [u8], &'static [u8]) {
        (self.root.ark, self.root.ask)
    }

    pub(crate) fn sign_as_ask(&self, message: &[u8]) -> Result<Vec<u8>, &'static str> {
        sign(self.ask, message)
    }

    pub(crate) fn sign_as_ark(&self, message: &[u8]) -> Result<Vec<u8>, &'static str> {
        sign(self.ark, message)
    }
}

fn sign(key: &[u8], message: &[u8]) -> Result<Vec<u8>, &'static str> {
    let key = RsaKeyPair::from_pkcs8(key).map_err(|_| "the network's RSA key is none")?;
    let mut signature = vec![0; MODULUS_BYTES];
    key.sign(&RSA_PSS_SHA384, &SystemRandom::new(), message, &mut signature)
        .map_err(|_| "the network's RSA key does not sign")?;
    Ok(signature)
}
