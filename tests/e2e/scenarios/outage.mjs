// Members go away and come back: two thirds sign, fewer say so, and nobody makes new keys.
import assert from 'node:assert/strict';
import { id as keccakOfText } from 'ethers';
import { CODE, expectError } from '../checks/errors.mjs';
import { assertEcdsa, assertEd25519 } from '../checks/signatures.mjs';
import { accountAuthoriser } from '../lib/authoriser.mjs';
import { Client, developmentAccount, Signer } from '../lib/client.mjs';
import { indexOf, keysOf, survivesLosses, watchCommittee } from '../lib/committee.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { transportKey } from '../lib/node-identity.mjs';
import { hex } from '../lib/request.mjs';

/** The longest a client waits for the news that too few members are there. */
const ERROR_WITHIN = 60_000;
/** The longest from a restart to the next signature: sync, connections, OT set-up. */
const RECOVERY_WITHIN = 300_000;
/** What a request may get while members come back. */
const TRANSIENT = [CODE.committeeNotReady, CODE.membersUnreachable, CODE.timedOut, CODE.stale];

export default async function outage(report, own) {
  const { step, figure, note } = report;
  const devnet = await own(Devnet.validators({ label: 'outage' }));
  const [first, second, third, fourth] = devnet.nodes;

  await step('four validators start', () => devnet.start());
  const status = await step('keys are generated, every two members set up ECDSA', () => watchCommittee(devnet, { print: note, done: survivesLosses }));
  const keys = keysOf(status);
  const indices = devnet.nodes.map((_, i) => indexOf(status, hex(transportKey(i))));

  const alice = await developmentAccount('//Alice');
  const owner = accountAuthoriser(alice);
  const mint = async () => {
    const client = await Client.connect(first);
    const minted = await client.mint(alice);
    await client.disconnect();
    await devnet.finalized(minted.number);
    return minted;
  };
  const pkp = await step('Alice mints a PKP', mint);

  /** One verified signature of each scheme by `minted` through `node`. */
  const signBoth = async (node, text, minted = pkp) => {
    const signer = new Signer(node, status.genesisHash);
    const digest = keccakOfText(text);
    const ecdsa = await signer.sign(minted.id, 'ecdsa-secp256k1', { digest }, owner);
    assertEcdsa({ publicKey: minted.keys.secp256k1, digest, signature: ecdsa.signature });
    const message = hex(Buffer.from(text));
    const ed25519 = await signer.sign(minted.id, 'ed25519', { message }, owner);
    assertEd25519({ publicKey: minted.keys.ed25519, message, signature: ed25519.signature });
    return { ecdsa, ed25519 };
  };
  /** Asks again while the answer is one of the errors of members on their way back. */
  const untilSigned = async (node, text) => {
    let said;
    const asked = await devnet.waitFor(
      'a signature',
      () =>
        signBoth(node, text).then(
          () => ({}),
          (error) => {
            if (!TRANSIENT.includes(error.code)) return { error };
            if (error.code !== said) note(error.message);
            said = error.code;
            return undefined;
          },
        ),
      { timeout: RECOVERY_WITHIN, every: 1_000 },
    );
    if (asked.error) throw asked.error;
  };
  const secondsSince = (started) => Math.round((Date.now() - started) / 1000);
  const sameKeys = async (node) => {
    const now = await node.rpc('conclave_committee');
    assert.deepEqual(keysOf(now), keys, `the keys at ${node.name}`);
    assert.equal(now.attempt, null, 'no attempt runs');
  };

  await step('all four there: both schemes sign', () => signBoth(first, 'four of four'));

  await step('one killed: signing goes on, at once and through any node', async () => {
    await fourth.kill();
    const started = Date.now();
    await signBoth(first, 'three of four');
    figure('firstSignaturesAfterOneKilledMs', Date.now() - started);
    for (const node of [second, third]) {
      const { ecdsa, ed25519 } = await signBoth(node, `three of four, through ${node.name}`);
      for (const { quorum } of [ecdsa, ed25519]) assert.ok(!quorum.includes(indices[3]), `the dead member is in no quorum: ${quorum}`);
    }
  });

  await step('two killed: a typed error that names them, and no signature', async () => {
    await third.kill();
    const signer = new Signer(first, status.genesisHash);
    const waits = [];
    for (const [scheme, payload] of [['ecdsa-secp256k1', { digest: keccakOfText('two') }], ['ed25519', { message: 'two' }]]) {
      const started = Date.now();
      const { data, message } = await expectError(signer.sign(pkp.id, scheme, payload, owner), CODE.membersUnreachable);
      waits.push(Date.now() - started);
      note(message);
      assert.deepEqual(sorted(data.unreachable), sorted(indices.slice(2)), `unreachable: ${message}`);
      assert.deepEqual(sorted(data.reachable), sorted(indices.slice(0, 2)), `reachable: ${message}`);
      assert.equal(data.needed, 3, `needed: ${message}`);
    }
    assert.ok(Math.max(...waits) < ERROR_WITHIN, `the error took ${waits} ms`);
    figure('unreachableErrorMs', Math.max(...waits));
  });

  await step('one revived: signing goes on with the same keys', async () => {
    const started = Date.now();
    third.start();
    await third.ready();
    await untilSigned(first, 'three again');
    figure('recoveryAfterReviveSeconds', secondsSince(started));
    await signBoth(third, 'through the revived');
    await sameKeys(first);
    await sameKeys(third);
  });

  await step('the fourth revived: all members connected', async () => {
    fourth.start();
    await fourth.ready();
    const complete = ({ committee }) => committee?.members.every((member) => member.connected);
    await watchCommittee(devnet, { print: note, done: complete, timeout: RECOVERY_WITHIN });
    await untilSigned(fourth, 'four again');
  });

  await step('all four killed at once and restarted: signing goes on with the same keys', async () => {
    const before = await finalizedNumber(first.rpc);
    await devnet.killAll();
    const started = Date.now();
    devnet.startAll();
    await devnet.ready();
    await untilSigned(second, 'after the dark');
    figure('recoveryAfterAllKilledSeconds', secondsSince(started));
    for (const node of devnet.nodes) {
      await untilSigned(node, `after the dark, through ${node.name}`);
      await sameKeys(node);
    }
    await devnet.finalized(before + 2, RECOVERY_WITHIN);
  });

  await step('a new PKP is minted and signs', async () => {
    const minted = await mint();
    assert.notEqual(minted.id, pkp.id);
    await signBoth(fourth, 'a new day', minted);
  });
}

const sorted = (numbers) => [...numbers].sort((a, b) => a - b);
