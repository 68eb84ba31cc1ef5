//! What clients send. (The JSON around it is decoded in the node.)

use codec::{DecodeAll, Encode};
use conclave_auth::verify_wallet;
use conclave_primitives::{Authorisation, Scheme, SignRequest};

use crate::fixture::{request as honest, GENESIS};

/// A request with its authorisation.
pub(crate) fn request(input: &[u8]) {
    let Ok((request, authorisation)) = <(SignRequest, Authorisation)>::decode_all(&mut &*input) else {
        return;
    };
    assert_eq!((&request, &authorisation).encode(), input, "one request, one encoding");
    let text = request.text(&GENESIS);
    assert!(text.is_ascii() && text.lines().count() == 7, "readable in a wallet");
    let signs = request.bytes_to_sign();
    assert!(signs.is_err() || !request.scheme.is_ecdsa() || signs.is_ok_and(|digest| digest.len() == 32));
    let (signed, by_client) = honest(request.scheme, 1);
    let client = verify_wallet(&signed.text(&GENESIS), &by_client);
    if client.is_some() && verify_wallet(&text, &authorisation) == client {
        assert_eq!((&request, &authorisation), (&signed, &by_client), "the client signed no other");
    }
    assert_ne!(request.id(&GENESIS), request.id(&[8; 32]));
}

pub(crate) fn seeds() -> Vec<Vec<u8>> {
    Scheme::ALL.into_iter().map(|scheme| honest(scheme, 1).encode()).collect()
}
