// The transport identity of a devnet node: the same every time, since the genesis preset names it.
import { createPrivateKey, createPublicKey } from 'node:crypto';

/** The secret of `--node-key` of node `index` (from 0): the number of the node, 32 bytes big-endian. */
export const nodeKey = (index) => (index + 1).toString(16).padStart(64, '0');

/** Its Ed25519 public key, which is the member's `transport` key on chain. */
export function transportKey(index) {
  const PKCS8_ED25519 = Buffer.from('302e020100300506032b657004220420', 'hex');
  const secret = createPrivateKey({
    key: Buffer.concat([PKCS8_ED25519, Buffer.from(nodeKey(index), 'hex')]),
    format: 'der',
    type: 'pkcs8',
  });
  return createPublicKey(secret).export({ format: 'der', type: 'spki' }).subarray(-32);
}

/** Its libp2p peer id: the identity multihash of the protobuf-encoded public key, in base58. */
export const peerId = (index) => base58(Buffer.concat([Buffer.from('002408011220', 'hex'), transportKey(index)]));

function base58(bytes) {
  const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
  let text = '';
  for (let rest = BigInt(`0x${bytes.toString('hex')}`); rest > 0n; rest /= 58n) text = ALPHABET[Number(rest % 58n)] + text;
  for (const byte of bytes) {
    if (byte !== 0) break;
    text = `1${text}`;
  }
  return text;
}
