// A signature request and the text that authorises it: the client's side of pallets/primitives/src/request.rs.
import { randomBytes } from 'node:crypto';

/** The first line of the text. */
export const DOMAIN = 'Conclave signature request, version 1';
/** The most blocks a request may be valid beyond the finalized one. */
export const MAX_LIFETIME = 200;
/** The longest message that is signed. */
export const MAX_MESSAGE_BYTES = 16 * 1024;

const PAYLOADS = { digest: 'digest', message: 'message', personalMessage: 'personal message' };

export const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
export const bytes = (text) => Buffer.from(text.replace(/^0x/, ''), 'hex');

/** A request with a nonce of its own; `payload` values are bytes, a text or hex with 0x. */
export function newRequest({ pkp, scheme, payload, validUntil }) {
  const [[kind, value]] = Object.entries(payload);
  return { pkp, scheme, payload: { [kind]: toHex(value) }, validUntil, nonce: hex(randomBytes(32)) };
}

/** The canonical text, one line per field: what a wallet shows and signs. */
export function requestText({ pkp, scheme, payload, validUntil, nonce }, genesis) {
  const kinds = Object.keys(payload);
  if (kinds.length !== 1 || !(kinds[0] in PAYLOADS)) {
    throw new Error(`a payload has exactly one of ${Object.keys(PAYLOADS).join(', ')}, not ${kinds.join(', ') || 'none'}`);
  }
  return [
    DOMAIN,
    `Chain: ${genesis.toLowerCase()}`,
    `PKP: ${pkp.toLowerCase()}`,
    `Scheme: ${scheme}`,
    `Payload: ${PAYLOADS[kinds[0]]} ${payload[kinds[0]].toLowerCase()}`,
    `Valid until block: ${validUntil}`,
    `Nonce: ${nonce.toLowerCase()}`,
  ].join('\n');
}

function toHex(value) {
  if (typeof value !== 'string') return hex(value);
  return /^0x([0-9a-f]{2})*$/i.test(value) ? value.toLowerCase() : hex(Buffer.from(value, 'utf8'));
}
