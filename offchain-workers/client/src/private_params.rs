//! Parameters of an action for its members' eyes only.

use chacha20poly1305::{
    aead::{Aead, KeyInit, Payload},
    ChaCha20Poly1305, Key, Nonce,
};
use codec::{Decode, Encode};
use conclave_primitives::{
    AuthMethod, Cid, Committee, GenesisHash, ParticipantIndex, PrivateParams, PrivateParamsBinding,
};
use conclave_vss::{open_key, seal_key, EncryptionSecret};
use rand_core::CryptoRng;
use zeroize::Zeroizing;

/// Why parameters are not sealed, or not opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, thiserror::Error)]
pub enum PrivateParamsError {
    /// The committee's keys are not what a chain lets in.
    #[codec(index = 0)]
    #[error("committee: the encryption key of member {0} is no point")]
    InvalidKey(ParticipantIndex),
    /// There are too many.
    #[codec(index = 1)]
    #[error("privateParams: longer than {} bytes", conclave_primitives::MAX_PARAMS_BYTES)]
    TooLong,
    /// They are for another committee: ask the chain for the one that serves, and seal them anew.
    #[codec(index = 2)]
    #[error("privateParams: sealed to the members of another committee; seal them to the one that serves")]
    OtherCommittee,
    /// They are for another member, program, requester or chain, or damaged.
    #[codec(index = 3)]
    #[error(
        "privateParams: they do not open; they are bound to the chain, the program and who asks for it to be run"
    )]
    DoNotOpen,
}

/// Seals `params`, a JSON object, to the members of `committee`, which the client has from the chain. The program `cid`
/// alone gets them, and only when `who` asks for it to be run: that is whom an authorisation shows, or the PKP's
/// auth method behind a session.
pub fn seal(
    params: &[u8],
    genesis: &GenesisHash,
    committee: &Committee,
    cid: Cid,
    who: &AuthMethod,
    rng: &mut impl CryptoRng,
) -> Result<PrivateParams, PrivateParamsError> {
    let id = committee.attempt_id();
    let binding = PrivateParamsBinding::new(genesis, id, cid, who).encode();
    let mut key = Zeroizing::new([0; 32]);
    rng.fill_bytes(key.as_mut());
    let sealed = ChaCha20Poly1305::new(&Key::from(*key))
        .encrypt(&Nonce::default(), Payload { msg: params, aad: &binding })
        .map_err(|_| PrivateParamsError::TooLong)?;
    let mut keys = Vec::new();
    for (member, index) in committee.members.iter().zip(committee.indices()) {
        let sealed = seal_key(&member.keys.encryption, &binding, &key, rng);
        keys.push(sealed.ok_or(PrivateParamsError::InvalidKey(index))?);
    }
    Ok(PrivateParams {
        committee: id,
        keys: keys.try_into().map_err(|_| PrivateParamsError::OtherCommittee)?,
        ciphertext: sealed.try_into().map_err(|_| PrivateParamsError::TooLong)?,
    })
}

/// Opens them as a member.
pub fn open(
    sealed: &PrivateParams,
    genesis: &GenesisHash,
    committee: &Committee,
    (member, secret): (ParticipantIndex, &EncryptionSecret),
    cid: Cid,
    who: &AuthMethod,
) -> Result<Zeroizing<Vec<u8>>, PrivateParamsError> {
    let key = sealed.key_of(committee, member).ok_or(PrivateParamsError::OtherCommittee)?;
    let binding = PrivateParamsBinding::new(genesis, sealed.committee, cid, who).encode();
    let key = open_key(secret, &binding, key).ok_or(PrivateParamsError::DoNotOpen)?;
    ChaCha20Poly1305::new(&Key::from(*key))
        .decrypt(&Nonce::default(), Payload { msg: &sealed.ciphertext, aad: &binding })
        .map(Zeroizing::new)
        .map_err(|_| PrivateParamsError::DoNotOpen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use conclave_primitives::{Attempt, AttemptKind, Epoch, KeysetId, Member, WorkerKeys, MAX_PARAMS_BYTES};
    use rand_chacha::{rand_core::SeedableRng, ChaCha20Rng};

    const GENESIS: GenesisHash = [7; 32];
    const WHO: AuthMethod = AuthMethod::EthereumWallet([1; 20]);

    fn committee(secrets: &[EncryptionSecret], epoch: u32) -> Committee {
        let member = |secret: &EncryptionSecret| Member {
            account: secret.public(),
            keys: WorkerKeys { encryption: secret.public(), signing: [0; 32], transport: [0; 32] },
            dealing_key: [0; 32],
        };
        Committee {
            epoch: Epoch(epoch),
            attempt: Attempt(0),
            kind: AttemptKind::Keygen,
            keyset: KeysetId(0),
            members: secrets.iter().map(member).collect(),
            threshold: 3,
            roots: Vec::new(),
            confirmed: Vec::new(),
        }
    }

    #[test]
    fn each_member_should_open_them_for_their_program_and_requester_only() {
        let mut rng = ChaCha20Rng::seed_from_u64(1);
        let secrets: Vec<_> = (0..4).map(|_| EncryptionSecret::random(&mut rng)).collect();
        let (serving, next) = (committee(&secrets, 1), committee(&secrets, 2));
        let cid = Cid::of(b"1");
        let sealed = seal(b"{}", &GENESIS, &serving, cid, &WHO, &mut rng).expect("short enough");
        for (index, secret) in serving.indices().zip(&secrets) {
            let open = |genesis, committee, cid, who| {
                open(&sealed, genesis, committee, (index, secret), cid, who).map(|params| params.to_vec())
            };
            assert_eq!(open(&GENESIS, &serving, cid, &WHO), Ok(b"{}".to_vec()));
            let shut = Err(PrivateParamsError::DoNotOpen);
            assert_eq!(open(&[8; 32], &serving, cid, &WHO), shut);
            assert_eq!(open(&GENESIS, &serving, Cid::of(b"2"), &WHO), shut);
            assert_eq!(open(&GENESIS, &serving, cid, &AuthMethod::EthereumWallet([2; 20])), shut);
            assert_eq!(open(&GENESIS, &next, cid, &WHO), Err(PrivateParamsError::OtherCommittee));
        }
        let mut changed = sealed.clone();
        changed.ciphertext[0] ^= 1;
        let index = ParticipantIndex::new(1).expect("not 0");
        let opened = open(&changed, &GENESIS, &serving, (index, &secrets[0]), cid, &WHO);
        assert_eq!(opened, Err(PrivateParamsError::DoNotOpen));
        let long = seal(&[b' '; MAX_PARAMS_BYTES as usize], &GENESIS, &serving, cid, &WHO, &mut rng);
        assert_eq!(long, Err(PrivateParamsError::TooLong));
    }
}
