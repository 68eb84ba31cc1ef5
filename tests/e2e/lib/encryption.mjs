// Encryption to conditions and decryption through a node, by the examples of conclave-client.
import { spawnSync } from 'node:child_process';
import { Decrypter } from './client.mjs';
import { openKey } from './decryption.mjs';
import { exampleBinary } from './node.mjs';
import { bytes, hex } from './request.mjs';

/** What anyone encrypts with, once the committee of `status` has keys. */
export class Encryption {
  constructor({ committee: { keyset, rootKeys } }, genesis) {
    this.root = rootKeys.find(({ purpose }) => purpose === 'decrypt').publicKey;
    Object.assign(this, { keyset, genesis });
  }

  /** Encrypts offline: `{ container, identity, identityBytes, condition }`, the condition in its canonical bytes. */
  encrypt(condition, text) {
    return JSON.parse(tool('encryption', 'encrypt', this.root, this.genesis, String(this.keyset), JSON.stringify(condition), hex(Buffer.from(text))));
  }

  through(node) {
    return new Decrypter(node, this.genesis);
  }

  /** Decrypts through `node` as `who`: the data of each of `encrypted`, opened by @noble/curves and by conclave-client. */
  async decrypt(node, who, ...encrypted) {
    const { secret, public: key } = JSON.parse(tool('encryption', 'one-time'));
    const { keys } = await this.through(node).decrypt(encrypted.map(({ identity, condition }) => ({ identity, condition })), { public: key }, who);
    const scalar = BigInt(`0x${Buffer.from(bytes(secret)).reverse().toString('hex')}`);
    return encrypted.map(({ container, identityBytes }, i) => {
      openKey(keys[i], scalar, { publicKey: this.root, identityBytes });
      return bytes(tool('encryption', 'decrypt', this.root, container, secret, keys[i].mu, keys[i].omega)).toString();
    });
  }
}

/** Runs an example of conclave-client. */
export function tool(name, ...args) {
  const { status, stdout, stderr, error } = spawnSync(exampleBinary(name), args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (error) throw error;
  if (status !== 0) throw new Error(`${name} ${args[0]}: ${stderr.trim()}`);
  return stdout.trim();
}
