// Actions through a node's RPC, and their content ids.
import { createHash, randomBytes } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519.js';
import { base58Encode } from '@polkadot/util-crypto';
import { recoverAddress } from 'ethers';
import { finalizedNumber } from './devnet.mjs';
import { hex } from './request.mjs';

/** What `ipfs add` cuts a file into: longer programs would need a tree. */
const CHUNK = 256 << 10;

const varint = (number) => (number < 128 ? [number] : [(number & 127) | 128, ...varint(number >>> 7)]);
const field = (tag, bytes) => Buffer.concat([Buffer.from([tag, ...varint(bytes.length)]), bytes]);

/** The SHA-256 digest in the CIDv0 of a program of one chunk: UnixFS in DAG-PB. */
export function digestOf(code) {
  const data = Buffer.from(code, 'utf8');
  if (!data.length || data.length > CHUNK) throw new Error(`a program of ${data.length} bytes is no single chunk`);
  const unixfs = Buffer.concat([Buffer.from([0x08, 0x02]), field(0x12, data), Buffer.from([0x18, ...varint(data.length)])]);
  return createHash('sha256').update(field(0x0a, unixfs)).digest();
}

/** The CIDv0, `Qm…`. */
export const cidOf = (code) => base58Encode(Buffer.concat([Buffer.from([0x12, 0x20]), digestOf(code)]));

/** How the registry of PKPs names the action. */
export const methodOf = (code) => ({ Action: hex(digestOf(code)) });

/** The text that members sign when an action has ended; see ExecutionOutcome in conclave-primitives. */
const outcomeText = (genesis, { epoch, attempt, requestId, ipfsId, success, response }) =>
  [
    'Conclave action outcome, version 1',
    `Chain: ${genesis}`,
    `Epoch: ${epoch}`,
    `Attempt: ${attempt}`,
    `Request: ${requestId}`,
    `Action: ${ipfsId}`,
    `Success: ${success ? 'yes' : 'no'}`,
    `Response: ${response === null ? 'none' : hex(createHash('sha256').update(response).digest())}`,
  ].join('\n');

/** The members whose signatures under an answer verify, by what `conclave_committee` says of them. */
export function endorsersOf(answer, { genesisHash, committee }) {
  const text = Buffer.from(outcomeText(genesisHash, answer), 'utf8');
  const keys = new Map(committee.members.map(({ index, signing }) => [index, signing]));
  const verifies = ({ member, signature }) => ed25519.verify(signature.slice(2), text, keys.get(member).slice(2));
  return new Set(answer.endorsements.filter(verifies).map(({ member }) => member));
}

/** The Ethereum address that signed `digest`, by one of an answer's ECDSA `signatures`. */
export const signerOf = (digest, { r, s, recid }) => recoverAddress(digest, { r: `0x${r}`, s: `0x${s}`, v: 27 + recid });

/** Runs actions through one node as `who`. */
export class ActionRunner {
  constructor(node, who) {
    Object.assign(this, { rpc: node.rpc, who });
  }

  /** A request, authorised. `program` is `{ code }` or `{ ipfsId }`. */
  async request(program, params = {}, lifetime = 100) {
    const request = {
      ...program,
      jsParams: JSON.stringify(params),
      validUntil: (await finalizedNumber(this.rpc)) + lifetime,
      nonce: hex(randomBytes(32)),
    };
    return { ...request, authorisation: await this.who.authorise(await this.rpc('conclave_executeText', request)) };
  }

  /** Runs JavaScript: `{ success, response, logs, signatures, … }`. */
  async run(code, params) {
    return this.rpc('conclave_execute', await this.request({ code }, params));
  }
}
