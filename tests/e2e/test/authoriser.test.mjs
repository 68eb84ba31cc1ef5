import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blake2AsHex, signatureVerify } from '@polkadot/util-crypto';
import { Wallet, verifyMessage } from 'ethers';
import { accountAuthoriser, walletAuthoriser } from '../lib/authoriser.mjs';
import { developmentAccount } from '../lib/client.mjs';
import { hex } from '../lib/request.mjs';

const TEXT = 'Conclave signature request, version 1\nChain: 0x00';

for (const type of ['sr25519', 'ed25519', 'ecdsa']) {
  test(`an ${type} account signs the text as it is`, async () => {
    const pair = await developmentAccount('//Alice', type);
    const { method, authorise } = accountAuthoriser(pair);
    const authorisation = await authorise(TEXT);
    assert.equal(authorisation.type, type);
    assert.equal(authorisation.signer, method.Account);
    assert.match(authorisation.signer, /^0x[0-9a-f]{64}$/);
    assert.equal(authorisation.signature.length, 2 + 2 * (type === 'ecdsa' ? 65 : 64));
    assert.ok(signatureVerify(TEXT, authorisation.signature, pair.publicKey).isValid);
  });
}

test('an ecdsa account is the BLAKE2b hash of its key', async () => {
  const pair = await developmentAccount('//Alice', 'ecdsa');
  assert.equal(accountAuthoriser(pair).method.Account, blake2AsHex(pair.publicKey));
});

test('a browser wallet wraps the text', async () => {
  const pair = await developmentAccount('//Alice', 'ed25519');
  const plain = await accountAuthoriser(pair).authorise(`<Bytes>${TEXT}</Bytes>`);
  assert.deepEqual(await accountAuthoriser(pair, { wrapped: true }).authorise(TEXT), plain);
});

test('an Ethereum wallet signs the text as a personal message', async () => {
  const wallet = new Wallet(hex(Buffer.alloc(32, 7)));
  const { method, authorise } = walletAuthoriser(wallet);
  const { type, signer, signature } = await authorise(TEXT);
  assert.equal(type, 'eip191');
  assert.equal(signer, method.EthereumWallet);
  assert.equal(verifyMessage(TEXT, signature), wallet.address);
});
