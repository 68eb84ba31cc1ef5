// What bad input gets: one row per mistake, with the code and the field that the answer must name.
import assert from 'node:assert/strict';
import { MAX_LIFETIME, MAX_MESSAGE_BYTES, hex } from '../lib/request.mjs';
import { post } from '../lib/rpc.mjs';
import { CODE, INVALID_PARAMS, PARSE_ERROR } from './errors.mjs';

const DIGEST = `0x${'11'.repeat(32)}`;
const OTHER = `0x${'22'.repeat(32)}`;

/**
 * Rows `{ name, send, codes, field }`. `owner` may sign with `pkp`, `stranger` may not; `personal` may sign personal
 * messages only. Every authorisation is valid for what is sent unless the row says otherwise.
 */
export async function badRequests({ signer, pkp, owner, stranger, personal, finalized }) {
  const good = () => signer.request(pkp, 'ecdsa-secp256k1', { digest: DIGEST });
  /** A good request, changed before it is authorised. */
  const authorised = async (change = {}, authoriser = owner) => signer.send(await signer.authorised({ ...(await good()), ...change }, authoriser));
  /** A good authorised request, changed afterwards. */
  const tampered = async (change) => signer.send(change(await signer.authorised(await good(), owner)));
  const authorisation = (change) => tampered((r) => ({ ...r, authorisation: { ...r.authorisation, ...change } }));
  const without = (field) => tampered(({ [field]: _, ...rest }) => rest);
  const row = (name, codes, field, send) => ({ name, codes, field, send });

  return [
    row('unknown PKP', CODE.unknownPkp, 'pkp', () => authorised({ pkp: OTHER })),
    row('unknown scheme', CODE.unknownScheme, 'scheme', () => authorised({ scheme: 'rsa-2048' })),
    row('digest of 31 bytes', CODE.payload, 'payload', () => authorised({ payload: { digest: DIGEST.slice(0, -2) } })),
    row('digest of 33 bytes', CODE.payload, 'payload', () => authorised({ payload: { digest: `${DIGEST}00` } })),
    row('digest for Ed25519', CODE.payload, 'payload', () => authorised({ scheme: 'ed25519' })),
    row('message for ECDSA', CODE.payload, 'payload', () => authorised({ payload: { message: '0x00' } })),
    row('message one byte too long', [CODE.payload, CODE.invalidRequest], 'payload', () =>
      authorised({ scheme: 'ed25519', payload: { message: hex(Buffer.alloc(MAX_MESSAGE_BYTES + 1)) } })),
    row('expired', CODE.expired, 'validUntil', async () => authorised({ validUntil: (await finalized()) - 1 })),
    row('valid for too long', [CODE.expired, CODE.invalidRequest], 'validUntil', async () =>
      // Ten blocks of grace: the node may be ahead of what we saw.
      authorised({ validUntil: (await finalized()) + MAX_LIFETIME + 10 })),
    row('signature of another key in the name of the owner', CODE.wrongSigner, 'authorisation', async () => {
      const { authorisation } = await signer.authorised(await good(), owner);
      const request = await signer.authorised(await good(), stranger);
      return signer.send({ ...request, authorisation: { ...request.authorisation, signer: authorisation.signer } });
    }),
    row('authorised for another digest', CODE.wrongSigner, 'authorisation', () => tampered((r) => ({ ...r, payload: { digest: OTHER } }))),
    row('authorised for another chain', CODE.wrongSigner, 'authorisation', async () => {
      const elsewhere = Object.assign(Object.create(signer), { genesis: OTHER });
      return signer.send(await elsewhere.authorised(await good(), owner));
    }),
    row('a stranger', CODE.notPermitted, 'authorisation', () => authorised({}, stranger)),
    row('a digest by who may sign personal messages only', CODE.notPermitted, 'authorisation', () => authorised({}, personal)),
    row('PKP not hex', CODE.invalidRequest, 'pkp', () => tampered((r) => ({ ...r, pkp: `0x${'zz'.repeat(32)}` }))),
    row('PKP of 31 bytes', CODE.invalidRequest, 'pkp', () => tampered((r) => ({ ...r, pkp: r.pkp.slice(0, -2) }))),
    row('digest not hex', [CODE.invalidRequest, CODE.payload], 'payload', () => tampered((r) => ({ ...r, payload: { digest: 'hello' } }))),
    row('two payloads', [CODE.invalidRequest, CODE.payload], 'payload', () => tampered((r) => ({ ...r, payload: { ...r.payload, message: '0x00' } }))),
    row('no payload', [CODE.invalidRequest, CODE.payload], 'payload', () => tampered((r) => ({ ...r, payload: {} }))),
    row('nonce missing', CODE.invalidRequest, 'nonce', () => without('nonce')),
    row('validUntil not a block number', CODE.invalidRequest, 'validUntil', () => tampered((r) => ({ ...r, validUntil: 'soon' }))),
    row('authorisation missing', CODE.invalidRequest, 'authorisation', () => without('authorisation')),
    row('authorisation of unknown type', CODE.invalidRequest, 'authorisation', () => authorisation({ type: 'fingerprint' })),
    row('authorisation too short', [CODE.invalidRequest, CODE.wrongSigner], 'authorisation', () => authorisation({ signature: '0x00' })),
    row('a request that is no object', [CODE.invalidRequest, INVALID_PARAMS], undefined, () => signer.rpc('conclave_sign', 'sign this')),
    row('no request', [CODE.invalidRequest, INVALID_PARAMS], undefined, () => signer.rpc('conclave_sign')),
  ];
}

/** JSON that is none: the server says so. */
export async function assertMalformedRefused(node) {
  const { status, answer } = await post(node.url, '{"jsonrpc":"2.0","id":1,"method":"conclave_sign","params":[');
  assert.ok(answer?.error?.code === PARSE_ERROR || status === 400, `malformed JSON got HTTP ${status} ${JSON.stringify(answer)}`);
}

/** More than the server reads (15 MiB): refused, answered or not, and the node goes on. */
export async function assertOversizedRefused(node) {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'conclave_sign', params: ['x'.repeat(17 << 20)] });
  let refusal;
  try {
    const { status, answer } = await post(node.url, body);
    assert.ok(status === 413 || answer?.error, `oversized JSON got HTTP ${status} ${JSON.stringify(answer)}`);
    refusal = `HTTP ${status}${answer?.error ? `, code ${answer.error.code}` : ''}`;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    refusal = `connection closed (${error.cause?.code ?? error.message})`;
  }
  await node.rpc('system_health');
  return refusal;
}
