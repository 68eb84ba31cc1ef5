// A request to decrypt: the client's side of pallets/primitives/src/decrypt_request.rs, with keys by @noble/curves.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { bls12_381 as bls } from '@noble/curves/bls12-381';
import { bytes, hex } from './request.mjs';

/** The first line of the text. */
export const DOMAIN = 'Conclave decryption request, version 1';
/** Of the ciphersuite that signatures on identities are of (RFC 9380; draft-irtf-cfrg-bls-signature, proof of possession). */
const HASH_TO_G2 = { DST: 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_' };
const { G1, G2, fields } = bls;

/** A one-time key c·g, in both groups, with its secret. */
export function oneTimeKey() {
  const secret = fields.Fr.create(BigInt(hex(randomBytes(48))));
  const key = [G1, G2].map((group) => Buffer.from(group.ProjectivePoint.BASE.multiply(secret).toRawBytes(true)));
  return { secret, public: hex(Buffer.concat(key)) };
}

/** A request for the decryption keys of `items`: `[{ identity, condition }]`, or `litConditions` in place of `condition`. */
export const newDecryptRequest = ({ items, key, validUntil }) => ({ items, oneTimeKey: key.public, validUntil, nonce: hex(randomBytes(32)) });

/** The canonical text, one line per field: what a wallet shows and signs. */
export const decryptText = ({ items, oneTimeKey: key, validUntil, nonce }, genesis) =>
  [
    DOMAIN,
    `Chain: ${genesis.toLowerCase()}`,
    ...items.map(({ identity }) => `Decrypt: ${identity}`),
    `For the key: ${key}`,
    `Valid until block: ${validUntil}`,
    `Nonce: ${nonce}`,
  ].join('\n');

/**
 * Opens a sealed decryption key, D = ω − c·μ, and checks that it is the BLS signature of the root `publicKey` on the
 * identity's bytes. Resolves to the compressed point.
 */
export function openKey({ mu, omega }, secret, { publicKey, identityBytes }) {
  const point = (text) => G2.ProjectivePoint.fromHex(text.slice(2));
  const opened = point(omega).subtract(point(mu).multiply(secret));
  const hashed = G2.hashToCurve(bytes(identityBytes), HASH_TO_G2);
  const left = bls.pairing(G1.ProjectivePoint.BASE, opened);
  const right = bls.pairing(G1.ProjectivePoint.fromHex(publicKey.slice(2)), G2.ProjectivePoint.fromAffine(hashed.toAffine()));
  assert.ok(fields.Fp12.eql(left, right), 'the opened key is the root’s signature on the identity');
  return hex(opened.toRawBytes(true));
}
