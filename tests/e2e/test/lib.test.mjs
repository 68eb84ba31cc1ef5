import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CODE, expectError } from '../checks/errors.mjs';
import { u32, u64 } from '../lib/chain-spec.mjs';
import { describe, signsEverything, survivesLosses } from '../lib/committee.mjs';
import { percentiles } from '../lib/latency.mjs';
import { nodeKey, peerId } from '../lib/node-identity.mjs';
import { RpcError } from '../lib/rpc.mjs';
import { waitFor } from '../lib/wait.mjs';

test('the first node has the peer id that every Substrate developer knows', () => {
  assert.equal(nodeKey(0), '0000000000000000000000000000000000000000000000000000000000000001');
  assert.equal(peerId(0), '12D3KooWEyoppNCUx8Yx66oV9fJnriXwCcXwDDUA2kj6vnc6iDEp');
  assert.equal(peerId(1), '12D3KooWHdiAxVd8uMQR1hGWXccidmfCwLqcMpGwR6QcTP6QRMuD');
});

test('percentiles are values that were measured', () => {
  const times = Array.from({ length: 30 }, (_, i) => 30 - i);
  assert.deepEqual(percentiles(times), { p50: 15, p95: 29, max: 30 });
  assert.deepEqual(percentiles([5]), { p50: 5, p95: 5, max: 5 });
});

test('a committee is described as people read it', () => {
  const attempt = { epoch: 1, attempt: 0, kind: 'keygen', dealers: 4, phase: 'deal', deadline: 20, members: 4, threshold: 3, committed: [1, 2, 3, 4], dealt: [1, 2], reported: [], confirmed: [] };
  assert.equal(describe({ committee: null, attempt: null, ready: {}, missingPairs: [] }), 'no committee yet');
  assert.equal(describe({ committee: null, attempt, ready: {}, missingPairs: [] }), 'key generation for epoch 1, attempt 0 (3 of 4): deal, 2 of 4 dealt, until block 20');
  const members = [1, 2, 3, 4].map((index) => ({ index, connected: index !== 4 }));
  const active = { committee: { epoch: 1, attempt: 0, threshold: 3, members }, attempt: null, ready: { ed25519: true, 'ecdsa-secp256k1': false }, missingPairs: [{ curve: 'secp256k1', members: [1, 2] }] };
  assert.equal(
    describe(active),
    'committee of epoch 1, attempt 0 (3 of 4) active, 3 of 4 connected, not ready to sign with ecdsa-secp256k1, 1 pairs to set up',
  );
  assert.ok(!signsEverything(active));
  assert.ok(signsEverything({ ...active, ready: { ed25519: true, 'ecdsa-secp256k1': true } }));
  assert.ok(!survivesLosses({ ...active, ready: { ed25519: true } }));
  assert.ok(survivesLosses({ ...active, ready: { ed25519: true }, missingPairs: [] }));
  assert.ok(!signsEverything({ committee: null, ready: { ed25519: true } }));
});

test('an expected error is told by code and field', async () => {
  const refuse = (code, field) => Promise.reject(new RpcError({ code, message: 'no', data: { field } }));
  await expectError(refuse(21003, 'payload.digest'), CODE.payload, 'payload');
  await assert.rejects(expectError(refuse(21003, 'payloads'), CODE.payload, 'payload'), /expected data.field/);
  await assert.rejects(expectError(refuse(21004, 'payload'), CODE.payload, 'payload'), /expected code 21003/);
  await assert.rejects(expectError(Promise.resolve({}), CODE.payload), /got an answer/);
  await assert.rejects(expectError(Promise.reject(new Error('socket')), CODE.payload), /socket/);
});

test('waiting ends with what was waited for and the last error', async () => {
  const options = { timeout: 20, every: 5 };
  await assert.rejects(waitFor('rain', () => false, options), /for rain$/);
  await assert.rejects(waitFor('rain', () => { throw new Error('dry'); }, options), /for rain; last error: dry/);
  await assert.rejects(waitFor('rain', () => false, { ...options, alive: () => { throw new Error('dead'); } }), /^Error: dead/);
  assert.equal(await waitFor('rain', () => 'rain', options), 'rain');
});

test('parameters of a chain are encoded as SCALE has integers', () => {
  assert.equal(u32(6), '0x06000000');
  assert.equal(u64(200), '0xc800000000000000');
});
