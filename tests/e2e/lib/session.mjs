// Session keys: the client's side of pallets/primitives/src/session.rs, with keys by Node's OpenSSL and bytes by hand.
import { createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';
import { blake2AsU8a } from '@polkadot/util-crypto';
import { compactToU8a } from '@polkadot/util';
import { newDecryptRequest } from './decryption.mjs';
import { finalizedNumber } from './devnet.mjs';
import { bytes, hex, newRequest } from './request.mjs';

/** By codec index: pallets/primitives/src/scheme.rs. */
const SCHEMES = ['ecdsa-secp256k1', 'ed25519', 'ecdsa-secp256r1', 'schnorr-bip340', 'schnorr-bip340-taproot', 'sr25519'];
const PAYLOADS = ['digest', 'message', 'personalMessage'];
const GRANTED = { sign: 'Threshold/Signing', decrypt: 'Threshold/Decryption' };


const u32 = (number) => {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(number);
  return four;
};
const vec = (value) => Buffer.concat([compactToU8a(value.length), Buffer.from(value)]);
const text = (value) => vec(Buffer.from(value, 'utf8'));
const blake2 = (...parts) => Buffer.from(blake2AsU8a(Buffer.concat(parts)));

/** An Ed25519 session key: `{ public, sign(bytes) }`. */
export function sessionKey() {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    public: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32),
    sign: (message) => sign(null, message, privateKey),
  };
}

/** The URI of a ReCap (EIP-5573) that grants `abilities` on resources: `{ 'lit-pkp://…': ['sign'] }`. */
export function recap(grants) {
  const att = Object.fromEntries(
    Object.entries(grants).map(([resource, abilities]) => [resource, Object.fromEntries(abilities.map((ability) => [GRANTED[ability], [{}]]))]),
  );
  return `urn:recap:${Buffer.from(JSON.stringify({ att, prf: [] })).toString('base64url')}`;
}

export const pkpResource = (pkp) => `lit-pkp://${pkp.slice(2)}`;

/** Asks the committee to certify `key` through `node`; `prove({ text, challenge, requestId })` gives the authorisation. */
export async function createSession(node, { key, pkp = null, capabilities, seconds = 600, prove, change = (request) => request }) {
  const finalized = await node.rpc('chain_getFinalizedHead');
  const terms = {
    pkp,
    session: hex(key.public),
    capabilities,
    block: finalized,
    expiresAt: Math.floor(Date.now() / 1000) + seconds,
    validUntil: (await finalizedNumber(node.rpc)) + 100,
  };
  const asked = await node.rpc('conclave_sessionText', terms);
  const request = { ...terms, possession: hex(key.sign(bytes(asked.possession))), authorisation: await prove(asked) };
  return node.rpc('conclave_createSession', change(request));
}

/** Whether the committee's Result key signed the certificate: by OpenSSL, over the bytes of `SessionCertificate::bytes`. */
export function isCertified({ certificate, signature }, resultKey, genesis) {
  const signed = Buffer.concat([text('CONCLAVE-V1-SESSION-CERTIFICATE'), bytes(genesis), bytes(certificate)]);
  const key = createPublicKey({ key: Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), bytes(resultKey)]), format: 'der', type: 'spki' });
  return verify(null, signed, key, bytes(signature));
}

/** What a wallet delegated, by a message of EIP-4361 with a ReCap. */
export const walletDelegation = (message, signature) => ({
  json: { message, signature },
  scale: Buffer.concat([Buffer.from([0]), text(message), bytes(signature)]),
});

/** What a wallet delegated, as Lit's packages hand it around: an AuthSig. */
export const authSigDelegation = (authSig) => ({
  json: authSig,
  scale: Buffer.concat([Buffer.from([0]), text(authSig.signedMessage), bytes(authSig.sig)]),
});

/** What the committee certified. */
export const certifiedDelegation = ({ certificate, signature }) => ({
  json: { certificate, signature },
  scale: Buffer.concat([Buffer.from([2]), bytes(certificate), bytes(signature)]),
});

/** The id of a request for a signature: `SignRequest::id`. */
export function requestId({ pkp, scheme, payload, validUntil, nonce }, genesis) {
  const [[kind, value]] = Object.entries(payload);
  return blake2(
    Buffer.from('CONCLAVE-V1-REQUEST'), bytes(genesis), bytes(pkp), Buffer.from([SCHEMES.indexOf(scheme), PAYLOADS.indexOf(kind)]),
    kind === 'digest' ? bytes(value) : vec(bytes(value)), u32(validUntil), bytes(nonce),
  );
}

/** What is encrypted to an identity of Lit's, as a resource of ReCaps. */
export const litResource = (condition, plaintext) => `${condition}/${plaintext}`;

/** The id of a request to decrypt what is encrypted to Lit's identities: `DecryptRequest::id`. */
export function litDecryptRequestId({ items, oneTimeKey, validUntil, nonce }, genesis) {
  const item = ({ identity, litConditions }) => Buffer.concat([bytes(identity), Buffer.from([1]), text(litConditions)]);
  return blake2(
    text('Conclave decryption request, version 1'), bytes(genesis), compactToU8a(items.length), ...items.map(item), bytes(oneTimeKey),
    u32(validUntil), bytes(nonce),
  );
}

const KINDS = { pkp: 0, condition: 1 };
const ABILITIES = { sign: 0, decrypt: 1 };

/** A session key's authorisation of the request `id` about one resource: `session_signature_bytes`. */
function underSession({ key, delegation, genesis }, { id, kind, resource, ability, validUntil }) {
  const signed = Buffer.concat([
    text('CONCLAVE-V1-SESSION-SIGNATURE'), bytes(genesis), id, compactToU8a(1), Buffer.from([KINDS[kind]]), text(resource),
    Buffer.from([ABILITIES[ability]]), u32(validUntil), blake2(delegation.scale, compactToU8a(0)),
  ]);
  return { type: 'session', delegation: delegation.json, signature: hex(key.sign(signed)) };
}

/** Asks through one node, under a session key. */
export class SessionSigner {
  constructor(node, genesis, key, delegation) {
    Object.assign(this, { rpc: node.rpc, genesis, key, delegation });
  }

  /** The decryption key of one identity of Lit's, sealed to `oneTimeKey`. */
  async decryptLit(item, [condition, plaintext], oneTimeKey) {
    const request = newDecryptRequest({ items: [item], key: { public: oneTimeKey }, validUntil: (await finalizedNumber(this.rpc)) + 100 });
    const id = litDecryptRequestId(request, this.genesis);
    const authorisation = underSession(this, { id, kind: 'condition', resource: litResource(condition, plaintext), ability: 'decrypt', validUntil: request.validUntil });
    return this.rpc('conclave_decrypt', { ...request, authorisation });
  }

  async sign(pkp, scheme, payload, change = (request) => request) {
    const request = newRequest({ pkp, scheme, payload, validUntil: (await finalizedNumber(this.rpc)) + 100 });
    const id = requestId(request, this.genesis);
    const authorisation = underSession(this, { id, kind: 'pkp', resource: pkp.slice(2), ability: 'sign', validUntil: request.validUntil });
    return this.rpc('conclave_sign', change({ ...request, authorisation }));
  }
}
