// Lit's own packages, and a network of theirs in memory: a BLS key in shares, which sign whatever identity they are asked for.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { bls12_381 as bls } from '@noble/curves/bls12-381';

const require = createRequire(import.meta.url);
export const acc = require('@lit-protocol/access-control-conditions');
export const auth = require('@lit-protocol/auth-helpers');
export const crypto = require('@lit-protocol/crypto');
export const encryption = require('@lit-protocol/encryption');
const { uint8arrayFromString, uint8arrayToString } = require('@lit-protocol/uint8arrays');

const DST = 'BLS_SIG_BLS12381G2_XMD:SHA-256_SSWU_RO_POP_';
const ORDER = bls.fields.Fr.ORDER;
/** Of reference/ecosystem.md. */
export const SECRET = BigInt(`0x${'22'.repeat(32)}`) % ORDER;
export const PUBLIC = bls.G1.ProjectivePoint.BASE.multiply(SECRET).toHex();

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
export const identityOf = (condition, plaintext) => `lit-accesscontrolcondition://${condition}/${sha256(plaintext)}`;

/** Shares of the signature in the form in which nodes of version 7 send them: index, then the point; three of five. */
export function signatureShares(message) {
  const point = bls.G2.hashToCurve(message, { DST });
  const at = (x) => (SECRET + 1234567n * x + 987654321n * x * x) % ORDER;
  return [1n, 3n, 5n].map((x) => {
    const share = point.multiply(at(x)).toRawBytes(true);
    return { ProofOfPossession: Buffer.concat([Buffer.from([Number(x)]), share]).toString('hex') };
  });
}

/** Their `crypto` prints what it decrypts with. */
export async function quietly(work) {
  const log = console.log;
  console.log = () => {};
  try {
    return await work();
  } finally {
    console.log = log;
  }
}

export const decrypt = (ciphertext, identity) => {
  const bytes = Buffer.from(identity);
  return quietly(() => crypto.verifyAndDecryptWithSignatureShares(PUBLIC, bytes, ciphertext, signatureShares(bytes)));
};

/** A client of theirs as far as @lit-protocol/encryption needs one, over their own crypto and hashes. */
export const client = {
  encrypt: async ({ dataToEncrypt, accessControlConditions }) => {
    const condition = Buffer.from(await acc.hashAccessControlConditions(
      accessControlConditions.map((one) => acc.canonicalAccessControlConditionFormatter(one)))).toString('hex');
    const ciphertext = await crypto.encrypt(PUBLIC, dataToEncrypt, Buffer.from(identityOf(condition, dataToEncrypt)));
    return { ciphertext, dataToEncryptHash: sha256(dataToEncrypt), condition };
  },
};

/** As `combineSharesAndGetJWT` of lit-node-client-nodejs 7.4 does it. */
export async function token(unsigned) {
  const signature = await quietly(() => crypto.combineSignatureShares(signatureShares(Buffer.from(unsigned))));
  await crypto.verifySignature(PUBLIC, Buffer.from(unsigned), Buffer.from(signature, 'hex'));
  return `${unsigned}.${uint8arrayToString(uint8arrayFromString(signature, 'base16'), 'base64urlpad')}`;
}
