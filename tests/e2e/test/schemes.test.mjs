// The checks of checks/schemes.mjs against a signer that has the whole secret: they accept what is right and refuse the rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hash_to_field as hashToField } from '@noble/curves/abstract/hash-to-curve';
import { bls12_381 as bls } from '@noble/curves/bls12-381';
import { ed25519, RistrettoPoint } from '@noble/curves/ed25519';
import { p256 } from '@noble/curves/nist';
import { schnorr, secp256k1 } from '@noble/curves/secp256k1';
import { sha256, sha512 } from '@noble/hashes/sha2';
import { cryptoWaitReady, sr25519PairFromSeed, sr25519Sign } from '@polkadot/util-crypto';
import * as ethers from 'ethers';
import * as checks from '../checks/schemes.mjs';
import { expectedAddresses } from '../checks/signatures.mjs';
import { bytes, hex } from '../lib/request.mjs';

await cryptoWaitReady();
const SECRET = Buffer.alloc(32, 9);
const number = BigInt(hex(SECRET));
const sr25519 = sr25519PairFromSeed(SECRET);
const scalar = number % ed25519.CURVE.n;
const keys = {
  secp256k1: hex(secp256k1.getPublicKey(SECRET)),
  ed25519: hex(ed25519.getPublicKey(SECRET)),
  secp256r1: hex(p256.getPublicKey(SECRET)),
  ristretto255: hex(sr25519.publicKey),
  bls12381g1: hex(bls.longSignatures.getPublicKey(SECRET).toBytes()),
  bls12381g2: hex(bls.shortSignatures.getPublicKey(SECRET).toBytes()),
};
const schnorrKeys = { ...keys, ristretto255: hex(RistrettoPoint.BASE.multiply(scalar).toBytes()) };
const addresses = expectedAddresses(keys, 42);

const ecdsa = (curve, digest) => {
  const signature = curve.sign(bytes(digest), SECRET, { lowS: true });
  return hex(Buffer.concat([signature.toCompactRawBytes(), Buffer.from([signature.recovery])]));
};
const modulo = (value, n) => ((value % n) + n) % n;
const littleEndian = (value) => Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();

const signers = {
  'ecdsa-secp256k1': ({ digest, personalMessage }) => ecdsa(secp256k1, digest ?? ethers.hashMessage(personalMessage)),
  'ecdsa-secp256r1': ({ digest }) => ecdsa(p256, digest),
  'schnorr-bip340': ({ message }) => hex(schnorr.sign(bytes(message), SECRET)),
  'schnorr-bip340-taproot': ({ message }) => {
    const n = secp256k1.CURVE.n;
    const even = keys.secp256k1.startsWith('0x02') ? number : n - number;
    const tag = sha256(Buffer.from('TapTweak'));
    const tweak = BigInt(hex(sha256(Buffer.concat([tag, tag, bytes(keys.secp256k1).subarray(1)]))));
    const tweaked = modulo(even + tweak, n).toString(16).padStart(64, '0');
    return hex(schnorr.sign(bytes(message), tweaked));
  },
  ed25519: ({ message }) => hex(ed25519.sign(bytes(message), SECRET)),
  sr25519: ({ message }) => hex(sr25519Sign(bytes(message), sr25519)),
  'schnorr-ristretto255': ({ message }) => {
    const [k, n] = [77n, ed25519.CURVE.n];
    const r = RistrettoPoint.BASE.multiply(k).toBytes();
    const input = Buffer.concat([Buffer.from('FROST-RISTRETTO255-SHA512-v1chal'), r, bytes(schnorrKeys.ristretto255), bytes(message)]);
    const c = modulo(BigInt(hex(Buffer.from(sha512(input)).reverse())), n);
    return hex(Buffer.concat([r, littleEndian(modulo(k + c * scalar, n))]));
  },
  'schnorr-secp256k1': ({ message }) => {
    const [k, n] = [77n, secp256k1.CURVE.n];
    const r = secp256k1.ProjectivePoint.BASE.multiply(k).toBytes(true);
    const options = { p: n, m: 1, k: 128, expand: 'xmd', hash: sha256, DST: 'FROST-secp256k1-SHA256-v1chal' };
    const [[c]] = hashToField(Buffer.concat([r, bytes(keys.secp256k1), bytes(message)]), 1, options);
    return hex(Buffer.concat([r, littleEndian(modulo(k + c * number, n)).reverse()]));
  },
  'bls12381-g2': ({ message }) => {
    const hashed = bls.longSignatures.hash(bytes(message), 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_');
    return hex(bls.longSignatures.sign(hashed, SECRET).toBytes());
  },
  'bls12381-g1': ({ message }) => {
    const hashed = bls.shortSignatures.hash(bytes(message), 'BLS_SIG_BLS12381G1_XMD:SHA-256_SSWU_RO_POP_');
    return hex(bls.shortSignatures.sign(hashed, SECRET).toBytes());
  },
};
const sign = async (scheme, payload) => signers[scheme](payload);
/** Signs something else than it was asked to. */
const lie = async (scheme, payload) => {
  const [[kind]] = Object.entries(payload);
  return signers[scheme]({ [kind]: kind === 'personalMessage' ? 'else' : hex(Buffer.alloc(32, 1)) });
};

for (const [name, check] of Object.entries({
  Ethereum: (by) => checks.assertEthereum(addresses, by),
  P2WPKH: (by) => checks.assertP2wpkh(addresses, keys, by),
  P2TR: (by) => checks.assertP2tr(addresses, keys, by),
  'BIP-340': (by) => checks.assertBip340(keys, by),
  'P-256': (by) => checks.assertP256(keys, by),
  Solana: (by) => checks.assertSolana(addresses, keys, by),
  sr25519: (by) => checks.assertSr25519(keys, by),
  ristretto255: (by) => checks.assertRistretto255(schnorrKeys, by),
  'secp256k1 Schnorr': (by) => checks.assertSecp256k1Schnorr(keys, by),
  BLS: (by) => checks.assertBls(keys, by),
})) {
  test(`${name}: a right signature passes, one of something else does not`, async () => {
    await check(sign);
    await assert.rejects(async () => check(lie));
  });
}
