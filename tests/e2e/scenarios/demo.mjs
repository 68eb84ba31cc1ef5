// The main job, end to end: keys through the chain, a PKP, an Ethereum transaction that ethers accepts, a clean stop.
import assert from 'node:assert/strict';
import * as ethers from 'ethers';
import { badRequests, assertMalformedRefused, assertOversizedRefused } from '../checks/bad-requests.mjs';
import { CODE, expectError } from '../checks/errors.mjs';
import { assertBalancesUntouched, assertRepeatedRefused, assertWorkersPayNothing } from '../checks/fees.mjs';
import { assertMetadataHashChecked } from '../checks/metadata-hash.mjs';
import {
  assertEcdsa, assertEd25519, assertEvmTransaction, assertPersonalMessage, expectedAddresses,
} from '../checks/signatures.mjs';
import { accountAuthoriser, walletAuthoriser } from '../lib/authoriser.mjs';
import { Client, developmentAccount, SCOPE, Signer } from '../lib/client.mjs';
import { watchCommittee } from '../lib/committee.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { measure } from '../lib/latency.mjs';
import { hex, requestText } from '../lib/request.mjs';

const ECDSA = 'ecdsa-secp256k1';
const ED25519 = 'ed25519';
const digestOf = (text) => ethers.id(text);

export default async function demo(report, own, options = {}) {
  const { step, figure, note } = report;

  const devnet = await own(Devnet.validators({ label: 'demo', ...options }));
  await step('four validators start', () => devnet.start());
  const [first, , , fourth] = devnet.nodes;
  const alice = await developmentAccount('//Alice');
  const owner = accountAuthoriser(alice);

  await step('a request before there are keys is told so, with phase and progress', async () => {
    const status = await watchCommittee(devnet, { print: () => {}, done: ({ attempt, committee }) => attempt || committee });
    if (status.committee) return note('the keys were faster than the question');
    const early = new Signer(first, status.genesisHash).sign(`0x${'11'.repeat(32)}`, ED25519, { message: 'early' }, owner);
    const { data, message } = await expectError(early, CODE.committeeNotReady);
    assert.equal(typeof data?.phase, 'string', `phase in ${message}`);
    assert.ok('progress' in data, `progress in ${message}`);
    return note(message);
  });

  const status = await step('keys are generated through the chain', async () => {
    const active = await watchCommittee(devnet, { print: note });
    figure('keysReadySeconds', Math.round((Date.now() - devnet.startedAt) / 1000));
    const { committee } = active;
    assert.equal(committee.members.length, 4);
    assert.equal(committee.threshold, 3, 't = ceil(2n/3)');
    figure('keygenAttempts', committee.attempt + 1);
    return active;
  });
  await step('every node agrees on the keys and can sign', async () => {
    for (const node of devnet.nodes) {
      const { committee } = await watchCommittee(devnet, { rpc: node.rpc, print: () => {} });
      assert.deepEqual(committee.rootKeys, status.committee.rootKeys, `root keys at ${node.name}`);
    }
  });

  const client = await step('@polkadot/api connects to node 1', () => Client.connect(first));
  await step('worker extrinsics were free', async () => {
    const last = await finalizedNumber(first.rpc);
    const { counts, sample } = await assertWorkersPayNothing(client.api, first.rpc, last);
    note(Object.entries(counts).map(([call, n]) => `${call}: ${n}`).join(', '));
    figure('freeWorkerExtrinsics', counts);
    await assertBalancesUntouched(client.api, last);
    await assertRepeatedRefused(first.rpc, sample);
  });

  await step('offline signers: a signature over the hash of the metadata counts, over another hash it does not', async () => {
    note(`metadata hash ${await assertMetadataHashChecked(client, alice)}`);
  });

  const reserved = await client.reserved(alice.address);
  const pkp = await step('Alice mints a PKP', async () => {
    const minted = await client.mint(alice);
    assert.ok((await client.reserved(alice.address)) > reserved, 'a deposit is held');
    assert.ok(minted.fee > 0n, 'users pay');
    assert.equal(minted.owner, hex(alice.addressRaw));
    await devnet.finalized(minted.number);
    return minted;
  });
  const signer = new Signer(fourth, client.genesis);
  const addresses = await step('the chain shows its keys and addresses as other libraries derive them', async () => {
    assert.deepEqual((await client.pkp(pkp.id)).keys, pkp.keys);
    const onChain = await client.addresses(pkp.id);
    assert.deepEqual(onChain, expectedAddresses(pkp.keys, client.api.registry.chainSS58));
    for (const [kind, address] of Object.entries(onChain)) note(`${kind}: ${address}`);
    return onChain;
  });

  await step('an EIP-1559 transaction signed through node 4 has the PKP as sender, say ethers and viem', async () => {
    const { hash } = await assertEvmTransaction(addresses.evm, async (digest) => {
      const answer = await signer.sign(pkp.id, ECDSA, { digest }, owner);
      assert.equal(answer.publicKey, pkp.keys.secp256k1);
      assert.ok(answer.quorum.length >= status.committee.threshold, `quorum ${answer.quorum}`);
      assertEcdsa({ publicKey: pkp.keys.secp256k1, digest, signature: answer.signature });
      return answer.signature;
    });
    note(`transaction ${hash}`);
  });
  await step('a personal message (EIP-191) has the PKP as signer, says ethers', async () => {
    const message = 'I own this wallet without a seed phrase.';
    const { signature } = await signer.sign(pkp.id, ECDSA, { personalMessage: message }, owner);
    assertPersonalMessage({ address: addresses.evm, message, signature });
  });
  await step('an Ed25519 message verifies with noble, util-crypto and OpenSSL', async () => {
    const message = hex(Buffer.from('a message for Solana'));
    const answer = await signer.sign(pkp.id, ED25519, { message }, owner);
    assert.equal(answer.publicKey, pkp.keys.ed25519);
    assertEd25519({ publicKey: pkp.keys.ed25519, message, signature: answer.signature });
  });
  await step('any node answers, and shows the same text to sign', async () => {
    for (const node of devnet.nodes) {
      const through = new Signer(node, client.genesis);
      const request = await through.request(pkp.id, ED25519, { message: `through ${node.name}` });
      assert.equal(await node.rpc('conclave_signText', request), requestText(request, client.genesis));
      const { signature } = await through.send(await through.authorised(request, owner));
      assertEd25519({ publicKey: pkp.keys.ed25519, message: request.payload.message, signature });
    }
  });
  await step('api.rpc.conclave of @polkadot/api signs as well', async () => {
    const here = new Signer(first, client.genesis);
    const request = await here.authorised(await here.request(pkp.id, ECDSA, { digest: digestOf('over a WebSocket') }), owner);
    const { signature } = (await client.api.rpc.conclave.sign(request)).toJSON();
    assertEcdsa({ publicKey: pkp.keys.secp256k1, digest: request.payload.digest, signature });
  });

  const wallet = new ethers.Wallet(digestOf('an Ethereum wallet of the demo'));
  const permitted = {
    wallet: walletAuthoriser(wallet),
    ed25519: accountAuthoriser(await developmentAccount('//Eve', 'ed25519')),
    ecdsa: accountAuthoriser(await developmentAccount('//Ferdie', 'ecdsa')),
  };
  const personal = walletAuthoriser(new ethers.Wallet(digestOf('a wallet that may greet')));
  await step('Alice permits three accounts and wallets to sign anything, one to sign personal messages', async () => {
    const { number } = await client.permitAll(alice, pkp.id, [
      ...Object.values(permitted).map(({ method }) => ({ method, scopes: SCOPE.signAnything })),
      { method: personal.method, scopes: SCOPE.personalSign },
    ]);
    await devnet.finalized(number);
    assert.equal(await client.scopes(pkp.id, personal.method), SCOPE.personalSign);
  });
  await step('each signs: EIP-191 wallet, ed25519 account, ecdsa account, and the owner as browser wallets wrap it', async () => {
    const all = { ...permitted, wrapped: accountAuthoriser(alice, { wrapped: true }) };
    for (const [who, authoriser] of Object.entries(all)) {
      const digest = digestOf(`asked by ${who}`);
      const { signature } = await signer.sign(pkp.id, ECDSA, { digest }, authoriser);
      assertEcdsa({ publicKey: pkp.keys.secp256k1, digest, signature });
    }
    const message = 'gm';
    const { signature } = await signer.sign(pkp.id, ECDSA, { personalMessage: message }, personal);
    assertPersonalMessage({ address: addresses.evm, message, signature });
  });

  await step('bad requests get their code and field', async () => {
    const stranger = accountAuthoriser(await developmentAccount('//Bob'));
    const rows = await badRequests({ signer, pkp: pkp.id, owner, stranger, personal, finalized: () => finalizedNumber(fourth.rpc) });
    const wrong = [];
    for (const { name, send, codes, field } of rows) {
      await expectError(send(), codes, field).then(
        (error) => note(`${name}: ${error.message.slice(0, 150)}`),
        (error) => wrong.push(`${name}: ${error.message}`),
      );
    }
    figure('badRequests', rows.length);
    assert.equal(wrong.length, 0, `\n    ${wrong.join('\n    ')}`);
  });
  await step('the same request twice is refused, at the same node and at another', async () => {
    const request = await signer.authorised(await signer.request(pkp.id, ED25519, { message: 'once' }), owner);
    await signer.send(request);
    await expectError(signer.send(request), CODE.replayed, 'nonce');
    await expectError(new Signer(first, client.genesis).send(request), CODE.replayed, 'nonce');
  });
  await step('malformed and oversized JSON never reach a worker', async () => {
    await assertMalformedRefused(fourth);
    note(`17 MiB: ${await assertOversizedRefused(fourth)}`);
  });

  const latencyMs = {};
  figure('latencyMs', latencyMs);
  for (const [scheme, payload] of [[ECDSA, (i) => ({ digest: digestOf(`warm ${i}`) })], [ED25519, (i) => ({ message: `warm ${i}` })]]) {
    await step(`30 warm signatures with ${scheme}`, async () => {
      // Authorised beforehand: what is measured is conclave_sign alone.
      const requests = [];
      for (let i = 0; i < 32; i += 1) requests.push(await signer.authorised(await signer.request(pkp.id, scheme, payload(i)), owner));
      for (const warmUp of requests.splice(0, 2)) await signer.send(warmUp);
      const latency = await measure(requests.length, (i) => signer.send(requests[i]));
      note(`p50 ${latency.p50} ms, p95 ${latency.p95} ms, slowest ${latency.max} ms`);
      latencyMs[scheme] = latency;
    });
  }
  await step('eight requests at once through all four nodes', async () => {
    await Promise.all(
      Array.from({ length: 8 }, async (_, i) => {
        const message = hex(Buffer.from(`at once ${i}`));
        const digest = digestOf(message);
        const through = new Signer(devnet.nodes[i % 4], client.genesis);
        if (i < 4) assertEcdsa({ publicKey: pkp.keys.secp256k1, digest, ...(await through.sign(pkp.id, ECDSA, { digest }, owner)) });
        else assertEd25519({ publicKey: pkp.keys.ed25519, message, ...(await through.sign(pkp.id, ED25519, { message }, owner)) });
      }),
    );
  });

  await step('revoked: the wallet is not permitted any more', async () => {
    await devnet.finalized((await client.revoke(alice, pkp.id, permitted.wallet.method)).number);
    await expectError(signer.sign(pkp.id, ECDSA, { digest: digestOf('revoked') }, permitted.wallet), CODE.notPermitted, 'authorisation');
  });
  const bob = await developmentAccount('//Bob');
  await step('transferred to Bob: Bob signs, Alice does not', async () => {
    await devnet.finalized((await client.transfer(alice, pkp.id, bob.address)).number);
    await expectError(signer.sign(pkp.id, ED25519, { message: 'mine?' }, owner), CODE.notPermitted, 'authorisation');
    const { signature } = await signer.sign(pkp.id, ED25519, { message: 'mine' }, accountAuthoriser(bob));
    assertEd25519({ publicKey: pkp.keys.ed25519, message: hex(Buffer.from('mine')), signature });
  });
  await step('burned by Bob: unknown, and Alice has her deposits back', async () => {
    await devnet.finalized((await client.burn(bob, pkp.id)).number);
    assert.equal(await client.reserved(alice.address), reserved);
    await expectError(signer.sign(pkp.id, ED25519, { message: 'gone' }, accountAuthoriser(bob)), CODE.unknownPkp, 'pkp');
  });

  await client.disconnect();
  await step('SIGTERM stops all four, exit code 0', async () => {
    const exits = await devnet.stopAll();
    exits.forEach((exit, i) => assert.deepEqual([exit.code, exit.signal], [0, null], `${devnet.nodes[i].name}: ${JSON.stringify(exit)}`));
    figure('stopMs', Math.max(...exits.map(({ ms }) => ms)));
  });
}
