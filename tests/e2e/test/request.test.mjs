import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRequest, requestText } from '../lib/request.mjs';

const GENESIS = `0x${'0a'.repeat(32)}`;
const REQUEST = {
  pkp: `0x${'01'.repeat(32)}`,
  scheme: 'ecdsa-secp256k1',
  payload: { digest: `0x${'02'.repeat(32)}` },
  validUntil: 9,
  nonce: `0x${'03'.repeat(32)}`,
};

test('the text has one line per field, as the runtime writes it', () => {
  assert.equal(
    requestText(REQUEST, GENESIS),
    'Conclave signature request, version 1\n' +
      'Chain: 0x0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a\n' +
      'PKP: 0x0101010101010101010101010101010101010101010101010101010101010101\n' +
      'Scheme: ecdsa-secp256k1\n' +
      'Payload: digest 0x0202020202020202020202020202020202020202020202020202020202020202\n' +
      'Valid until block: 9\n' +
      'Nonce: 0x0303030303030303030303030303030303030303030303030303030303030303',
  );
});

test('every kind of payload has its name', () => {
  const line = (payload) => requestText({ ...REQUEST, payload }, GENESIS).split('\n')[4];
  assert.equal(line({ message: '0x6869' }), 'Payload: message 0x6869');
  assert.equal(line({ personalMessage: '0x6869' }), 'Payload: personal message 0x6869');
  assert.equal(line({ message: '0x' }), 'Payload: message 0x');
});

test('hex is lower case, whatever the client wrote', () => {
  const upper = { ...REQUEST, pkp: `0x${'AB'.repeat(32)}`, payload: { digest: `0x${'CD'.repeat(32)}` } };
  assert.equal(requestText(upper, GENESIS), requestText({ ...upper, pkp: upper.pkp.toLowerCase(), payload: { digest: `0x${'cd'.repeat(32)}` } }, GENESIS));
});

test('a request without or with two payloads has no text', () => {
  assert.throws(() => requestText({ ...REQUEST, payload: {} }, GENESIS), /exactly one of/);
  assert.throws(() => requestText({ ...REQUEST, payload: { digest: '0x', message: '0x' } }, GENESIS), /exactly one of/);
});

test('a new request takes bytes, text and hex, and has a nonce of its own', () => {
  const of = (payload) => newRequest({ pkp: REQUEST.pkp, scheme: 'ed25519', payload, validUntil: 1 });
  assert.deepEqual(of({ message: 'hi' }).payload, { message: '0x6869' });
  assert.deepEqual(of({ message: new Uint8Array([0x68, 0x69]) }).payload, { message: '0x6869' });
  assert.deepEqual(of({ message: '0x6869' }).payload, { message: '0x6869' });
  assert.match(of({ message: 'hi' }).nonce, /^0x[0-9a-f]{64}$/);
  assert.notEqual(of({ message: 'hi' }).nonce, of({ message: 'hi' }).nonce);
});
