// Data encrypted to conditions: whoever meets them decrypts, and nobody else; the gateway sees nothing it could open.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { compactAddLength } from '@polkadot/util';
import { Wallet } from 'ethers';
import { CODE, expectError } from '../checks/errors.mjs';
import { accountAuthoriser, walletAuthoriser } from '../lib/authoriser.mjs';
import { generatedConditions } from '../lib/client-wasm.mjs';
import { Client, developmentAccount } from '../lib/client.mjs';
import { oneTimeKey, openKey } from '../lib/decryption.mjs';
import { Encryption, tool } from '../lib/encryption.mjs';
import { watchCommittee } from '../lib/committee.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { percentiles } from '../lib/latency.mjs';
import { bytes, hex } from '../lib/request.mjs';

const TOKEN = 10n ** 12n;

export default async function conditions(report, own) {
  const { step, figure, note } = report;
  const devnet = await own(Devnet.validators({ label: 'conditions' }));
  const [first, second, third, fourth] = devnet.nodes;
  await step('four validators start', () => devnet.start());
  const ready = ({ committee, ready: schemes }) => Boolean(committee) && schemes['bls12381-g2'];
  const status = await step('keys are generated', () => watchCommittee(devnet, { print: note, done: ready }));
  const client = await Client.connect(first);
  const alice = await developmentAccount('//Alice');
  const carol = await developmentAccount('//Carol');
  const carols = accountAuthoriser(carol);

  const encryption = new Encryption(status, client.genesis);
  const { root } = encryption;
  const encrypt = (condition, text) => encryption.encrypt(condition, text);
  const decrypt = (node, who, ...encrypted) => encryption.decrypt(node, who, ...encrypted);
  const through = (node) => encryption.through(node);
  const denied = (node, who, code, ...encrypted) => expectError(decrypt(node, who, ...encrypted), code);

  const rich = encrypt({ substrateBalance: { chain: 'conclave', account: '$user', comparator: '>=', value: String(5n * TOKEN) } }, 'for the rich');
  await step('Carol has nothing: what is encrypted to owners of 5 tokens she does not decrypt', async () => {
    note((await denied(first, carols, CODE.condition, rich)).message);
  });
  await step('she receives 7 tokens and decrypts, through each node', async () => {
    const { number } = await client.submit(client.api.tx.balances.transferKeepAlive(carol.address, 7n * TOKEN), alice);
    for (const node of devnet.nodes) {
      await devnet.waitFor(`block ${number} at ${node.name}`, async () => (await finalizedNumber(node.rpc)) >= number, { timeout: 60_000 });
    }
    for (const node of devnet.nodes) assert.deepEqual(await decrypt(node, carols, rich), ['for the rich']);
  });
  await step('she sends them away and decrypts no more', async () => {
    const { number } = await client.submit(client.api.tx.balances.transferKeepAlive(alice.address, 3n * TOKEN), carol);
    await devnet.finalized(number);
    await denied(second, carols, CODE.condition, rich);
  });

  const wallet = Wallet.createRandom();
  const ofWallet = encrypt({ user: { evm: wallet.address } }, 'for one wallet');
  await step('an Ethereum wallet decrypts what is encrypted to it; another does not', async () => {
    assert.deepEqual(await decrypt(third, walletAuthoriser(wallet), ofWallet), ['for one wallet']);
    await denied(third, walletAuthoriser(Wallet.createRandom()), CODE.condition, ofWallet);
    await denied(third, carols, CODE.conditionUndecided, ofWallet);
  });

  await step('two of three conditions, with time and blocks', async () => {
    const now = Math.floor(Date.now() / 1000);
    const height = await finalizedNumber(first.rpc);
    const of = (from) => ({ atLeast: { count: 2, of: [{ time: { until: now + 3_600 } }, { time: { until: now - 3_600 } }, { blocks: { from } }] } });
    assert.deepEqual(await decrypt(first, carols, encrypt(of(height), 'a'), encrypt(of(1), 'b')), ['a', 'b'], 'a batch');
    const later = encrypt(of(height + 6), 'later');
    await denied(first, carols, CODE.condition, later);
    await devnet.finalized(height + 7, 60_000);
    assert.deepEqual(await decrypt(first, carols, later), ['later']);
  });

  await step('Lit’s conditions, identity and ciphertext', async () => {
    const list = [
      { contractAddress: '', chain: 'ethereum', standardContractType: '', method: '', parameters: [':userAddress'], returnValueTest: { comparator: '=', value: wallet.address.toLowerCase() } },
    ];
    const condition = createHash('sha256').update(JSON.stringify(list)).digest('hex');
    const plaintext = Buffer.from('as Lit encrypts');
    const digest = createHash('sha256').update(plaintext).digest('hex');
    const ciphertext = tool('lit', 'encrypt', root.slice(2), condition, plaintext.toString('hex'));
    const key = oneTimeKey();
    const item = { identity: `0x01${condition}${digest}`, litConditions: JSON.stringify({ accessControlConditions: list }) };
    const { keys } = await through(second).decrypt([item], key, walletAuthoriser(wallet));
    const uri = `lit-accesscontrolcondition://${condition}/${digest}`;
    const opened = openKey(keys[0], key.secret, { publicKey: root, identityBytes: hex(Buffer.from(uri)) });
    assert.equal(bytes(`0x${tool('lit', 'decrypt', root.slice(2), condition, digest, opened.slice(2), ciphertext)}`).toString(), 'as Lit encrypts');
    await expectError(through(second).decrypt([item], key, walletAuthoriser(Wallet.createRandom())), CODE.condition);
  });

  await step('the runtime’s Wasm reads and hashes conditions as native code does', async () => {
    const texts = [];
    for await (const condition of generatedConditions()) texts.push(condition);
    const at = await first.rpc('chain_getFinalizedHead');
    const call = (text) => first.rpc('state_call', 'AccessConditionsApi_condition', hex(compactAddLength(new TextEncoder().encode(text))), at);
    for (let i = 0; i < texts.length; i += 64) {
      const answers = await Promise.all(texts.slice(i, i + 64).map(async ([text, hash]) => [await call(text), hash, text]));
      // Ok, the canonical bytes, and their hash at the end.
      for (const [answer, hash, text] of answers) assert.ok(answer.startsWith('0x00') && answer.endsWith(hash), `${text}: ${answer}, expected ${hash}`);
    }
    assert.ok((await call('{"blocks":{"from":1},"blocks":{"from":2}}')).startsWith('0x01'), 'what does not parse is an error');
    figure('conditionsHashed', texts.length);
  });

  await step('bad requests get their code and field', async () => {
    const { decrypter, key } = { decrypter: through(fourth), key: oneTimeKey() };
    const item = { identity: ofWallet.identity, condition: ofWallet.condition };
    const owner = walletAuthoriser(wallet);
    const flip = (text, at) => `${text.slice(0, at)}${text[at] === '0' ? '1' : '0'}${text.slice(at + 1)}`;
    const refused = async (what, code, field, items, { with: oneTime = key, change = (request) => request } = {}) => {
      const request = await decrypter.authorised(await decrypter.request(items, oneTime), owner);
      const error = await expectError(decrypter.send(change(request)), code);
      if (field) assert.equal(error.data.field, field, `${what}: ${error.message}`);
      note(`${what}: ${error.message.slice(0, 150)}`);
    };
    await refused('another condition than the identity’s', CODE.invalidRequest, 'items[0]', [{ ...item, condition: rich.condition }]);
    await refused('an identity of another chain', CODE.invalidRequest, 'items[0]', [{ ...item, identity: flip(item.identity, 6) }]);
    await refused('an identity of another condition', CODE.invalidRequest, 'items[0]', [{ ...item, identity: flip(item.identity, 80) }]);
    await refused('no items', CODE.invalidRequest, 'items', []);
    await refused('nine items', CODE.invalidRequest, 'items', Array(9).fill(item));
    await refused('a condition that does not parse', CODE.invalidRequest, 'condition', [{ ...item, condition: '{"blocks":{"from":1},"blocks":{"from":2}}' }]);
    await refused('a field that means nothing', CODE.invalidRequest, 'request', [{ ...item, extra: 1 }]);
    await refused('a one-time key whose halves differ', CODE.invalidRequest, 'oneTimeKey', [item], { with: { public: `${key.public.slice(0, 98)}${oneTimeKey().public.slice(98)}` } });
    await refused('a one-time key that is no point', CODE.invalidRequest, 'oneTimeKey', [item], { with: { public: flip(key.public, 60) } });
    await refused('another one-time key than was signed', CODE.wrongSigner, 'authorisation', [item], { change: (request) => ({ ...request, oneTimeKey: oneTimeKey().public }) });
    await refused('valid for too long', CODE.invalidRequest, 'validUntil', [item], { change: (request) => ({ ...request, validUntil: request.validUntil + 1_000 }) });
    const elsewhere = encrypt({ evmBalance: { chain: 'atlantis', account: '$user', comparator: '>=', value: 1 } }, 'x');
    await refused('a chain that is not in the registry', CODE.conditionUndecided, undefined, [{ identity: elsewhere.identity, condition: elsewhere.condition }]);
    const again = await decrypter.authorised(await decrypter.request([item], key), owner);
    await decrypter.send(again);
    await expectError(decrypter.send(again), CODE.replayed);
    await expectError(through(first).send(again), CODE.replayed);
  });

  await step('one member killed: the other three decrypt', async () => {
    await fourth.kill();
    for (const node of [first, second, third]) assert.deepEqual(await decrypt(node, walletAuthoriser(wallet), ofWallet), ['for one wallet']);
  });
  await step('30 decryptions, warm', async () => {
    const times = [];
    const key = oneTimeKey();
    const item = { identity: ofWallet.identity, condition: ofWallet.condition };
    for (let i = 0; i < 30; i += 1) {
      const request = await through(first).authorised(await through(first).request([item], key), walletAuthoriser(wallet));
      const started = performance.now();
      await through(first).send(request);
      times.push(Math.round(performance.now() - started));
    }
    figure('decryptMs', percentiles(times));
  });
  await client.disconnect();
  await step('SIGTERM stops the rest', () => devnet.stopAll());
}
