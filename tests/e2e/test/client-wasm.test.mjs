import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generatedConditions, loadClient } from '../lib/client-wasm.mjs';

const client = loadClient();
const hex = (bytes) => Buffer.from(bytes).toString('hex');

test('the client in Wasm reads and hashes conditions as native code does', async () => {
  let count = 0;
  for await (const [text, hash] of generatedConditions()) {
    assert.equal(hex(client.conditionHash(client.conditionBytes(text))), hash, text);
    count += 1;
  }
  assert.ok(count >= 120, `${count} conditions`);
  console.log(`${count} conditions hashed`);
});

test('what is no condition is refused', () => {
  for (const text of ['{"blocks":{"from":1},"blocks":{"from":2}}', '{"blocks":{"from":1.0}}', '{"all":[]}', '{', '']) {
    assert.throws(() => client.conditionBytes(text), Error, text);
  }
  assert.throws(() => client.conditionHash(Uint8Array.of(0xff)), Error);
});

test('what it encrypts is for the condition, and a one-time key is of 144 bytes', () => {
  // The generator of G1, compressed: any point that is no identity is a key.
  const generator = Buffer.from('97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb', 'hex');
  const root = new client.Root(generator, Buffer.alloc(32, 1), 0);
  const condition = client.conditionHash(client.conditionBytes('{"blocks":{"from":7}}'));
  const container = root.encrypt(condition, Buffer.from('for all to read'), Buffer.from('the data'));
  assert.equal(Buffer.from(client.metadata(container)).toString(), 'for all to read');
  assert.ok(hex(client.identity(container)).includes(hex(condition)));
  const changed = Uint8Array.from(container);
  changed[0] ^= 1;
  assert.throws(() => client.identity(changed), Error);
  assert.equal(client.oneTimeKey(client.oneTimeSecret()).length, 144);
});
