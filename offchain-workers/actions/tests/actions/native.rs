//! Native operations against published values.

use crate::support::logs;

#[test]
fn hashes_should_be_those_of_their_standards() {
    for (expression, expected) in [
        // Digests of "abc": Keccak team, FIPS 180-4, the RIPEMD-160 page.
        ("keccak256(abc)", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
        ("sha256(abc)", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("ripemd160(abc)", "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc"),
        // RFC 4231, test case 2.
        (
            "hmac('sha256', utf8('Jefe'), utf8('what do ya want for nothing?'))",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
    ] {
        let code = format!("const utf8 = (t) => new TextEncoder().encode(t), abc = utf8('abc'); with (Conclave.native) console.log({expression}.toHex())");
        assert_eq!(logs(&code), format!("{expected}\n"), "{expression}");
    }
}

#[test]
fn a_signer_should_be_recovered_from_an_ethereum_signature() {
    // Signed by ethers' documentation key 0x0123456789012345678901234567890123456789012345678901234567890123
    // (wallet 0x14791697260E4c9A71f18484C9f997B308e59325), made here by k256.
    use k256::ecdsa::SigningKey;
    let key = SigningKey::from_slice(
        &hex::decode("0123456789012345678901234567890123456789012345678901234567890123").unwrap(),
    )
    .unwrap();
    let digest = [7u8; 32];
    let (signature, v) = key.sign_prehash_recoverable(&digest);
    let code = format!(
        "const key = Conclave.native.secp256k1Recover(new Uint8Array(32).fill(7), Uint8Array.fromHex('{}{:02x}'));
         console.log(Conclave.native.keccak256(key.subarray(1)).toHex().slice(24));
         console.log(Conclave.native.secp256k1Verify(new Uint8Array(32).fill(7), Uint8Array.fromHex('{0}'), key));
         console.log(Conclave.native.secp256k1Verify(new Uint8Array(32).fill(8), Uint8Array.fromHex('{0}'), key))",
        hex::encode(signature.to_bytes()),
        u8::from(v) + 27
    );
    assert_eq!(logs(&code), "14791697260e4c9a71f18484c9f997b308e59325\ntrue\nfalse\n");
}

#[test]
fn webcrypto_should_encrypt_sign_and_verify() {
    let code = "
        const bytes = (hex) => Uint8Array.fromHex(hex), hex = (buffer) => new Uint8Array(buffer).toHex();
        console.log(hex(await crypto.subtle.digest('SHA-256', new Uint8Array())).slice(0, 16));
        // NIST SP 800-38D, test case 2 of the GCM specification.
        const aes = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt', 'decrypt']);
        const sealed = await crypto.subtle.encrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, aes, new Uint8Array(16));
        console.log(hex(sealed));
        console.log(hex(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, aes, sealed)));
        const broken = new Uint8Array(sealed); broken[0] ^= 1;
        console.log(await crypto.subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, aes, broken).catch((e) => e.name));
        console.log(await crypto.subtle.exportKey('raw', aes).catch((e) => e.name), JSON.stringify(Object.keys(aes)));
        const mac = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-256' }, true, ['sign', 'verify']);
        const tag = await crypto.subtle.sign('HMAC', mac, bytes('00'));
        console.log(await crypto.subtle.verify('HMAC', mac, tag, bytes('00')), await crypto.subtle.verify('HMAC', mac, tag, bytes('01')));
        // RFC 8032, test 1.
        const ed = await crypto.subtle.importKey('raw', bytes('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'), 'Ed25519', true, ['verify']);
        const signature = bytes('e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b');
        console.log(await crypto.subtle.verify('Ed25519', ed, signature, new Uint8Array()), await crypto.subtle.verify('Ed25519', ed, signature, bytes('00')));
    ";
    assert_eq!(
        logs(code),
        "e3b0c44298fc1c14\n0388dace60b6a392f328c2b971b2fe78ab6e47d42cec13bdf53a67b21257bddf\n\
         00000000000000000000000000000000\nOperationError\nInvalidAccessError [\"type\",\"extractable\",\"algorithm\",\"usages\"]\n\
         true false\ntrue false\n"
    );
}
