import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ed25519 } from '@noble/curves/ed25519';
import { secp256k1 } from '@noble/curves/secp256k1';
import { computeAddress, hashMessage, id } from 'ethers';
import {
  assertEcdsa, assertEd25519, assertEvmTransaction, assertPersonalMessage, ecdsaParts, expectedAddresses,
} from '../checks/signatures.mjs';
import { bytes, hex } from '../lib/request.mjs';

const SECRET = Buffer.alloc(32, 9);
const secp256k1Key = hex(secp256k1.getPublicKey(SECRET));
const ed25519Key = hex(ed25519.getPublicKey(SECRET));
// Alice of every Substrate development chain.
const ristrettoKey = '0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d';

/** r ‖ s ‖ v as the node answers. */
function ecdsa(digest) {
  const signature = secp256k1.sign(bytes(digest), SECRET);
  return hex(Buffer.concat([signature.toCompactRawBytes(), Buffer.from([signature.recovery])]));
}

test('a right ECDSA signature passes, one of another key or digest does not', () => {
  const digest = id('x');
  assertEcdsa({ publicKey: secp256k1Key, digest, signature: ecdsa(digest) });
  assert.throws(() => assertEcdsa({ publicKey: secp256k1Key, digest: id('y'), signature: ecdsa(digest) }));
  const other = hex(secp256k1.getPublicKey(Buffer.alloc(32, 8)));
  assert.throws(() => assertEcdsa({ publicKey: other, digest, signature: ecdsa(digest) }));
});

test('high s, v of 27 and a wrong recovery id are refused', () => {
  const digest = id('x');
  const raw = bytes(ecdsa(digest));
  const withV = (v) => hex(Buffer.concat([raw.subarray(0, 64), Buffer.from([v])]));
  assert.throws(() => ecdsaParts(withV(27)), /v is 0 or 1/);
  assert.throws(() => assertEcdsa({ publicKey: secp256k1Key, digest, signature: withV(raw[64] ^ 1) }), /ethers recovers/);
  const s = secp256k1.CURVE.n - BigInt(hex(raw.subarray(32, 64)));
  const high = hex(Buffer.concat([raw.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex'), Buffer.from([raw[64] ^ 1])]));
  assert.throws(() => ecdsaParts(high), /s is low/);
});

test('an EIP-1559 transaction gets its sender from the signature', async () => {
  await assertEvmTransaction(computeAddress(secp256k1Key), async (digest) => ecdsa(digest));
  await assert.rejects(assertEvmTransaction(`0x${'00'.repeat(20)}`, async (digest) => ecdsa(digest)), /sender/);
});

test('a personal message gets its signer from the signature', () => {
  const message = 'héllo';
  assertPersonalMessage({ address: computeAddress(secp256k1Key), message, signature: ecdsa(hashMessage(message)) });
});

test('a right Ed25519 signature passes, a wrong one does not', () => {
  const message = '0x0102';
  assertEd25519({ publicKey: ed25519Key, message, signature: hex(ed25519.sign(bytes(message), SECRET)) });
  assert.throws(() => assertEd25519({ publicKey: ed25519Key, message: '0x', signature: hex(ed25519.sign(bytes(message), SECRET)) }));
});

test('addresses are those of BIP-84, BIP-86 and the Ethereum of the same key', () => {
  // BIP-84 and BIP-86: the first receiving address of each.
  const bip84 = expectedAddresses({ secp256k1: '0x0330d54fd0dd420a6e5f8d3624f5f3482cae350f79d5f0753bf5beef9c2d91af3c', ed25519: ed25519Key, ristretto255: ristrettoKey }, 42);
  assert.equal(bip84.bitcoinP2wpkh, 'bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu');
  const bip86 = expectedAddresses({ secp256k1: '0x02cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115', ed25519: ed25519Key, ristretto255: ristrettoKey }, 42);
  assert.equal(bip86.bitcoinP2tr, 'bc1p5cyxnuxmeuwuvkwfem96lqzszd02n6xdcjrs20cac6yqjjwudpxqkedrcr');
  // The secret 1, whose address everybody knows.
  const one = expectedAddresses({ secp256k1: `0x0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798`, ed25519: `0x${'00'.repeat(32)}`, ristretto255: ristrettoKey }, 42);
  assert.equal(one.evm, '0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf');
  assert.equal(one.solana, '1'.repeat(32));
  assert.equal(one.ss58Sr25519, '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY');
});
