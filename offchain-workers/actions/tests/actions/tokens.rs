//! JSON Web Tokens and the keys of the web, made by Node.js (`tests/fixtures/tokens.mjs`).

use crate::support::{run_with, Bench};
use conclave_actions::{Failure, Host, Limits};
use serde_json::{json, Value};

fn fixtures() -> Value {
    serde_json::from_str(include_str!("../fixtures/tokens.json")).unwrap()
}

fn run(code: &str, params: Value) -> String {
    let report = run_with(code, params, Limits::default());
    assert_eq!(report.result, Ok(()), "{code}");
    report.logs
}

#[test]
fn tokens_should_be_verified_with_keys_in_each_form() {
    let cases = fixtures();
    let code = "for (const key of keys) {
            const found = jwt.verify(token, key, { audience: 'app', issuer: 'https://issuer.example', algorithms: [alg] });
            console.log(found.sub, jwt.decode(token, { complete: true }).header.alg);
            const [h, p, s] = token.split('.');
            const broken = `${h}.${p}.${s[9] === 'A' ? s.slice(0, 9) + 'B' + s.slice(10) : s.slice(0, 9) + 'A' + s.slice(10)}`;
            for (const bad of [broken, `${h}.${p}.`, `${h}.${p}`, `${h}.e30.${s}`]) {
                try { jwt.verify(bad, key); console.log('accepted', bad); } catch (e) { if (e.name !== 'JsonWebTokenError') throw e; }
            }
        }";
    for case in cases["cases"].as_array().unwrap() {
        let keys = match case["secret"].as_str() {
            Some(secret) => json!([secret]),
            None => json!([case["pem"], case["jwk"]]),
        };
        let alg = case["alg"].as_str().unwrap();
        let lines = keys.as_array().unwrap().len();
        let found = run(code, json!({ "token": case["token"], "keys": keys, "alg": alg }));
        assert_eq!(found, format!("alice {alg}\n").repeat(lines), "{alg}");
    }
}

#[test]
fn tokens_should_be_refused_for_what_jsonwebtoken_refuses_them_for() {
    let fixtures = fixtures();
    let confused = &fixtures["confused"];
    let code = "try { jwt.verify(token, key, options); console.log('accepted') } catch (e) { console.log(`${e.name}: ${e.message}`) }";
    let case = &fixtures["cases"][6];
    let (token, key) = (&case["token"], &case["secret"]);
    for (token, key, options, expected) in [
        // The public key is no secret, whatever the header says.
        (&confused["token"], &confused["pem"], json!({}), "JsonWebTokenError: invalid algorithm"),
        (token, key, json!({}), "accepted"),
        (token, key, json!({ "algorithms": ["HS512"] }), "JsonWebTokenError: invalid algorithm"),
        (token, &json!("another secret"), json!({}), "JsonWebTokenError: invalid signature"),
        (
            token,
            key,
            json!({ "audience": "other" }),
            "JsonWebTokenError: jwt audience invalid. expected: other",
        ),
        (token, key, json!({ "issuer": "other" }), "JsonWebTokenError: jwt issuer invalid. expected: other"),
        (token, key, json!({ "subject": "bob" }), "JsonWebTokenError: jwt subject invalid. expected: bob"),
        (token, key, json!({ "clockTimestamp": 1_795_368_600 }), "TokenExpiredError: jwt expired"),
        (token, key, json!({ "clockTimestamp": 1_795_368_600, "ignoreExpiration": true }), "accepted"),
        (token, key, json!({ "maxAge": 10 }), "TokenExpiredError: maxAge exceeded"),
        (&json!("a.b"), key, json!({}), "JsonWebTokenError: jwt malformed"),
        (&json!(""), key, json!({}), "JsonWebTokenError: jwt must be provided"),
    ] {
        let found = run(code, json!({ "token": token, "key": key, "options": options }));
        assert_eq!(found, format!("{expected}\n"), "{options}");
    }
    assert_eq!(run("console.log(jwt.decode('nonsense'), jwt.decode('a.b.c'))", json!({})), "null null\n");
}

#[test]
fn webcrypto_should_import_public_keys_and_verify_by_them() {
    let names = [
        ("RS256", json!({ "name": "RSASSA-PKCS1-v1_5", "hash": "SHA-256" })),
        ("RS512", json!({ "name": "RSASSA-PKCS1-v1_5", "hash": { "name": "SHA-512" } })),
        ("PS256", json!({ "name": "RSA-PSS", "hash": "SHA-256", "saltLength": 32 })),
        ("ES256", json!({ "name": "ECDSA", "namedCurve": "P-256", "hash": "SHA-256" })),
        ("EdDSA", json!({ "name": "Ed25519" })),
    ];
    let code = "const der = Uint8Array.fromBase64(pem.replace(/-----[A-Z ]+-----/g, ''));
        const [h, p, s] = token.split('.'), signature = Uint8Array.fromBase64(s, { alphabet: 'base64url' });
        for (const key of [await crypto.subtle.importKey('spki', der, algorithm, true, ['verify']), await crypto.subtle.importKey('jwk', jwk, algorithm, true, ['verify'])]) {
            console.log(await crypto.subtle.verify(algorithm, key, signature, new TextEncoder().encode(`${h}.${p}`)),
                await crypto.subtle.verify(algorithm, key, signature, new TextEncoder().encode(`${h}.${p}x`)));
        }
        console.log(await crypto.subtle.importKey('spki', der.slice(1), algorithm, true, ['verify']).catch((e) => e.message.slice(0, 23)));
        console.log(await crypto.subtle.importKey('spki', der, { name: 'ECDSA', namedCurve: 'K-256' }, true, ['verify']).catch((e) => e.name))";
    let fixtures = fixtures();
    for (alg, algorithm) in names {
        let case = fixtures["cases"].as_array().unwrap().iter().find(|case| case["alg"] == alg).unwrap();
        let params =
            json!({ "token": case["token"], "pem": case["pem"], "jwk": case["jwk"], "algorithm": algorithm });
        assert_eq!(
            run(code, params),
            "true false\ntrue false\nnot a public key in DER\nDataError\n",
            "{alg}"
        );
    }
}

#[test]
fn aes_cbc_should_be_what_lits_aes_decrypt_undoes() {
    // NIST SP 800-38A, F.2.5: CBC-AES256; the first block, then padding of our own.
    let code = "const hex = (text) => Uint8Array.fromHex(text);
        const raw = hex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4'), iv = hex('000102030405060708090a0b0c0d0e0f');
        const key = await crypto.subtle.importKey('raw', raw, 'AES-CBC', false, ['encrypt', 'decrypt']);
        const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, hex('6bc1bee22e409f96e93d7e117393172a')));
        console.log(sealed.toHex().slice(0, 32), sealed.length);
        console.log(new Uint8Array(await crypto.subtle.decrypt({ name: 'AES-CBC', iv }, key, sealed)).toHex());
        const text = new Uint8Array(await crypto.subtle.encrypt({ name: 'AES-CBC', iv }, key, new TextEncoder().encode('grüße')));
        const ciphertext = new Uint8Array([...iv, ...text]);
        console.log(await Lit.Actions.aesDecrypt({ symmetricKey: raw, ciphertext }));
        ciphertext[ciphertext.length - 1] ^= 1;
        console.log(await Lit.Actions.aesDecrypt({ symmetricKey: raw, ciphertext }).catch((e) => e.message));
        for (const bad of [new Uint8Array(16), new Uint8Array(20), new Uint8Array(3)]) console.log(await Lit.Actions.aesDecrypt({ symmetricKey: raw, ciphertext: bad }).catch((e) => e.name));
        console.log(await Lit.Actions.aesDecrypt({ symmetricKey: new Uint8Array(16), ciphertext }).catch((e) => e.message))";
    let found = run(code, json!({}));
    assert_eq!(
        found,
        "f58c4c04d6e5f1ba779eabfb5f7bfbd6 32\n6bc1bee22e409f96e93d7e117393172a\ngrüße\n\
         AES-CBC: wrong key, iv or data\nError\nError\nError\nsymmetricKey must have 32 bytes\n"
    );
}

#[test]
fn a_key_should_serve_only_what_it_is_for() {
    let code =
        "const key = await crypto.subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt']);
        await crypto.subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, key, new Uint8Array(1))";
    let bench = Bench::with_host(Host::default());
    let report = bench.run(code);
    assert!(matches!(report.result, Err(Failure::Thrown { error }) if error.contains("InvalidAccessError")));
}
