//! Issues the certificates of chips: what AMD's key distribution service does.

use crate::{
    der::{bits, element, identifier, integer, sequence},
    network::Network,
};
use conclave_dev_roots::{ARC, PRODUCT_NAME};
use conclave_snp::{Modulus, Tcb};

/// 1.2.840.113549.1.1.10, .8, and 2.16.840.1.101.3.4.2.2
const RSASSA_PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a];
const MGF1: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x08];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02];
/// 1.2.840.10045.2.1 and 1.3.132.0.34
const EC_PUBLIC_KEY: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01];
const SECP384R1: &[u8] = &[0x2b, 0x81, 0x04, 0x00, 0x22];
/// 2.5.4.3
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];

/// An extension: object identifier, whether it is critical, contents.
pub type Extension = (Vec<u8>, bool, Vec<u8>);

/// What a certificate will say. Public so that tests can say what no PSP would.
#[derive(Clone, Debug)]
pub struct Template {
    /// X.509's version less one.
    pub version: u64,
    /// AMD gives all the same.
    pub serial: u64,
    /// The signature's algorithm inside and outside, DER.
    pub algorithms: [Vec<u8>; 2],
    /// The common name of who signs.
    pub issuer: String,
    /// `YYMMDDHHMMSSZ`.
    pub not_before: String,
    /// `YYMMDDHHMMSSZ`.
    pub not_after: String,
    /// The common name.
    pub subject: String,
    /// Algorithm of the key, DER.
    pub key_algorithm: Vec<u8>,
    /// The point, uncompressed.
    pub key: Vec<u8>,
    /// The extensions.
    pub extensions: Vec<Extension>,
}

impl Template {
    /// The certificate of the chip with this key, at this TCB.
    pub fn vcek(network: &Network, chip_id: &[u8; 64], tcb: Tcb, key: &[u8]) -> Self {
        let local = |suffix: &[u8]| [ARC, suffix].concat();
        let spl = |number, version| (local(&[3, number]), false, integer(u64::from(version)));
        Self {
            version: 2,
            serial: 0,
            algorithms: [pss_sha384(), pss_sha384()],
            issuer: network.anchor().ask_name.into(),
            not_before: "260101000000Z".into(),
            not_after: "460101000000Z".into(),
            subject: "SEV-VCEK".into(),
            key_algorithm: sequence(&[identifier(EC_PUBLIC_KEY), identifier(SECP384R1)]),
            key: key.into(),
            extensions: vec![
                (local(&[1]), false, integer(0)),
                (local(&[2]), false, element(0x16, PRODUCT_NAME)),
                spl(1, tcb.bootloader),
                spl(2, tcb.tee),
                spl(4, 0),
                spl(5, 0),
                spl(6, 0),
                spl(7, 0),
                spl(3, tcb.snp),
                spl(8, tcb.microcode),
                (local(&[4]), false, chip_id.to_vec()),
            ],
        }
    }

    /// The certificate, signed by the network's ASK.
    ///
    /// # Errors
    /// What of the network's key is wrong.
    pub fn issue(&self, network: &Network) -> Result<Vec<u8>, &'static str> {
        let [inside, outside] = &self.algorithms;
        let tbs = sequence(&[
            element(0xa0, integer(self.version)),
            integer(self.serial),
            inside.clone(),
            name(&self.issuer),
            sequence(&[element(0x17, &self.not_before), element(0x17, &self.not_after)]),
            name(&self.subject),
            sequence(&[self.key_algorithm.clone(), bits(&self.key)]),
            element(0xa3, sequence(&self.extensions.iter().map(extension).collect::<Vec<_>>())),
        ]);
        let signature = network.sign_as_ask(&tbs)?;
        Ok(sequence(&[tbs, outside.clone(), bits(&signature)]))
    }
}

/// A revocation list of the network's ARK with these serial numbers. `this_update` is `YYMMDDHHMMSSZ`.
///
/// # Errors
/// What of the network's key is wrong.
pub fn revocation_list(
    network: &Network,
    this_update: &str,
    revoked: &[u64],
) -> Result<Vec<u8>, &'static str> {
    let date = element(0x17, this_update);
    let entries: Vec<_> = revoked.iter().map(|serial| sequence(&[integer(*serial), date.clone()])).collect();
    let mut parts = vec![integer(1), pss_sha384(), name(network.anchor().ark_name), date.clone(), date];
    if !entries.is_empty() {
        parts.push(sequence(&entries));
    }
    let list = sequence(&parts);
    let signature = network.sign_as_ark(&list)?;
    Ok(sequence(&[list, pss_sha384(), bits(&signature)]))
}

/// The certificate of another ASK with this modulus, signed by the network's ARK.
///
/// # Errors
/// What of the network's key is wrong.
pub fn ask(network: &Network, serial: u64, modulus: &Modulus) -> Result<Vec<u8>, &'static str> {
    /// 1.2.840.113549.1.1.1, and 2.5.29.19 and .15
    const RSA_ENCRYPTION: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
    const BASIC_CONSTRAINTS: &[u8] = &[0x55, 0x1d, 0x13];
    const KEY_USAGE: &[u8] = &[0x55, 0x1d, 0x0f];
    let anchor = network.anchor();
    let key = sequence(&[element(0x02, [&[0], &modulus[..]].concat()), integer(65537)]);
    let extensions = [
        (BASIC_CONSTRAINTS.to_vec(), true, sequence(&[element(0x01, [0xff]), integer(0)])),
        // keyCertSign, of bits numbered from the left: two are unused.
        (KEY_USAGE.to_vec(), true, element(0x03, [2, 0x04])),
    ];
    let tbs = sequence(&[
        element(0xa0, integer(2)),
        integer(serial),
        pss_sha384(),
        name(anchor.ark_name),
        sequence(&[element(0x17, "260101000000Z"), element(0x17, "460101000000Z")]),
        name(anchor.ask_name),
        sequence(&[sequence(&[identifier(RSA_ENCRYPTION), element(0x05, [])]), bits(&key)]),
        element(0xa3, sequence(&extensions.iter().map(extension).collect::<Vec<_>>())),
    ]);
    let signature = network.sign_as_ark(&tbs)?;
    Ok(sequence(&[tbs, pss_sha384(), bits(&signature)]))
}

/// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of 48 bytes.
pub fn pss_sha384() -> Vec<u8> {
    let sha384 = sequence(&[identifier(SHA384), element(0x05, [])]);
    let parameters = sequence(&[
        element(0xa0, &sha384),
        element(0xa1, sequence(&[identifier(MGF1), sha384])),
        element(0xa2, integer(48)),
    ]);
    sequence(&[identifier(RSASSA_PSS), parameters])
}

fn name(common_name: &str) -> Vec<u8> {
    let attribute = sequence(&[identifier(COMMON_NAME), element(0x0c, common_name)]);
    sequence(&[element(0x31, attribute)])
}

fn extension((oid, critical, contents): &Extension) -> Vec<u8> {
    let mut parts = vec![identifier(oid)];
    if *critical {
        parts.push(element(0x01, [0xff]));
    }
    parts.push(element(0x04, contents));
    sequence(&parts)
}
