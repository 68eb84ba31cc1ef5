// Writes tests/vectors/lit-encryption.json: what Lit's packages encrypt and sign. Ciphertexts are random, so each run writes others.
//   cd tests/e2e/lit && npm ci --ignore-scripts && node vectors.mjs
import { writeFileSync } from 'node:fs';
import { acc, client, crypto, decrypt, encryption, identityOf, PUBLIC, quietly, SECRET, sha256, signatureShares, token } from './lit.mjs';

const wallet = {
  contractAddress: '', standardContractType: '', chain: 'ethereum', method: 'eth_getBalance',
  parameters: [':userAddress', 'latest'], returnValueTest: { comparator: '>=', value: '1000000000000' },
};
const condition = Buffer.from(await acc.hashAccessControlConditions([acc.canonicalAccessControlConditionFormatter(wallet)])).toString('hex');

const ciphertexts = [];
for (const length of [0, 1, 18, 30, 31, 32, 127, 128, 300, 20_000]) {
  const plaintext = Buffer.from(Array.from({ length }, (_, i) => (i * 7 + length) % 256));
  const identity = identityOf(condition, plaintext);
  // Through the package that dapps call; it calls their crypto.
  const { ciphertext, dataToEncryptHash } = await encryption.encryptUint8Array(
    { dataToEncrypt: plaintext, accessControlConditions: [wallet] }, client);
  if (dataToEncryptHash !== sha256(plaintext)) throw new Error('another hash');
  if (!Buffer.from(await decrypt(ciphertext, identity)).equals(plaintext)) throw new Error('does not decrypt');
  const signature = await quietly(() => crypto.combineSignatureShares(signatureShares(Buffer.from(identity))));
  ciphertexts.push({ plaintext: plaintext.toString('hex'), condition, identity, ciphertext, signature });
}

const base64url = (text) => Buffer.from(text).toString('base64url');
const conditions = JSON.stringify([acc.canonicalAccessControlConditionFormatter(wallet)]);
const issuedAt = 1_795_000_000;
const payload = `{"iss":"LIT","sub":"0x${'11'.repeat(20)}","chain":"ethereum","iat":${issuedAt},"exp":${issuedAt + 43_200},"unifiedAccessControlConditions":${conditions}}`;
const jwt = await token(`${base64url('{"alg":"BLS12-381","typ":"JWT"}')}.${base64url(payload)}`);

const vectors = {
  source: '@lit-protocol/encryption, /crypto and /access-control-conditions 7.4.0 from npm, by tests/e2e/lit/vectors.mjs',
  secretKey: SECRET.toString(16).padStart(64, '0'),
  publicKey: PUBLIC,
  ciphertexts,
  token: { jwt, issuedAt, conditions },
};
writeFileSync(new URL('../../vectors/lit-encryption.json', import.meta.url), `${JSON.stringify(vectors, null, 1)}\n`);
console.log(`${ciphertexts.length} ciphertexts, 1 token`);
