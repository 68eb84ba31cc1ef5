// Nodes crash in the midst of a reshare, each in every phase, then all at once: the epoch that the chain names signs.
import assert from 'node:assert/strict';
import { accountAuthoriser } from '../lib/authoriser.mjs';
import { Client, developmentAccount } from '../lib/client.mjs';
import { watchCommittee } from '../lib/committee.mjs';
import { Devnet } from '../lib/devnet.mjs';
import { Traffic } from '../lib/traffic.mjs';

const SIGNS_WITHIN = 60_000;
/** The phases that a reshare waits in (it has no commitments, and finalises within a block), and the moment of its activation. */
const PHASES = ['deal', 'complain', 'confirm', 'activate'];

export default async function reshareCrash(report, own) {
  const { step, figure, note } = report;
  const devnet = await own(Devnet.validators({ label: 'reshare-crash' }));
  await step('four validators start', () => devnet.start());
  const first = await step('keys are generated', () => watchCommittee(devnet, { print: note }));
  const alice = await developmentAccount('//Alice');
  const owner = accountAuthoriser(alice);
  const rootKeys = JSON.stringify(first.committee.rootKeys);
  const withClient = async (act) => {
    const client = await Client.connect(devnet.nodes.find((node) => node.running));
    try {
      return await act(client);
    } finally {
      await client.disconnect();
    }
  };
  const pkp = await step('Alice mints a PKP', async () => {
    const minted = await withClient((client) => client.mint(alice));
    await devnet.finalized(minted.number);
    return minted;
  });
  const times = {};

  const statusOf = (node) => node.rpc('conclave_committee');
  const startReshare = () => withClient((client) => client.sudo(client.api.tx.committee.startAttempt(), alice));
  /** Starts a refresh and waits until `witness` sees its phase. */
  const inPhase = async (phase, witness) => {
    const { committee } = await statusOf(witness);
    return devnet.waitFor(
      `the phase ${phase}`,
      async () => {
        const now = await statusOf(witness);
        const isNow = phase === 'activate' ? now.committee.epoch > committee.epoch : now.attempt?.phase === phase;
        if (isNow) return { epoch: committee.epoch };
        // A phase that all have acted in is over before anybody looks: the next attempt has it again.
        if (!now.attempt) await startReshare().catch((error) => note(error.message));
        return undefined;
      },
      { timeout: 300_000, every: 150 },
    );
  };
  /** Until the node signs with both schemes; resolves to the ms it took. */
  const untilSigning = async (nodes) => {
    const started = Date.now();
    const traffic = new Traffic({ nodes: () => nodes, genesis: first.genesisHash, pkp, owner, every: 500 });
    try {
      await devnet.waitFor(
        'signatures by both schemes',
        () => new Set(traffic.served.map(({ scheme }) => scheme)).size === 2,
        { timeout: 2 * SIGNS_WITHIN },
      );
    } finally {
      await traffic.stop();
    }
    assert.deepEqual(traffic.wrong, []);
    return Date.now() - started;
  };
  const sameKeys = async () => {
    const { committee } = await statusOf(devnet.nodes[0]);
    assert.equal(JSON.stringify(committee.rootKeys), rootKeys, 'the public keys');
    return committee.epoch;
  };
  /** Until no attempt runs and all nodes name the same epoch. */
  const settled = () =>
    devnet.waitFor(
      'the next epoch',
      async () => {
        const all = await Promise.all(devnet.nodes.map(statusOf));
        const epochs = new Set(all.map(({ committee }) => committee?.epoch));
        return all.every(({ attempt }) => !attempt) && epochs.size === 1;
      },
      { timeout: 600_000, every: 1_000 },
    );

  for (const phase of PHASES) {
    for (const victim of devnet.nodes) {
      await step(`${victim.name} is killed in the phase ${phase}, and the reshare goes on`, async () => {
        const others = devnet.nodes.filter((node) => node !== victim);
        const { epoch } = await inPhase(phase, others[0]);
        await victim.kill();
        note(`signs after ${await untilSigning(others)} ms without ${victim.name}`);
        victim.start();
        await victim.ready();
        await settled();
        times[`${victim.name}:${phase}`] = await untilSigning([victim]);
        assert.ok(times[`${victim.name}:${phase}`] <= SIGNS_WITHIN, `it took ${times[`${victim.name}:${phase}`]} ms`);
        assert.ok((await sameKeys()) > epoch, 'a new epoch');
      });
    }
  }
  for (const phase of PHASES) {
    await step(`all are killed at once in the phase ${phase}`, async () => {
      await inPhase(phase, devnet.nodes[0]);
      await devnet.killAll();
      devnet.startAll();
      await devnet.ready();
      const ms = await untilSigning(devnet.nodes);
      times[`all:${phase}`] = ms;
      assert.ok(ms <= SIGNS_WITHIN, `it took ${ms} ms`);
      await settled();
      await sameKeys();
    });
  }
  figure('signsAfterMs', times);
  figure('epoch', await sameKeys());
  await step('SIGTERM stops all, exit code 0', async () => {
    const exits = await devnet.stopAll();
    exits.forEach((exit, i) => assert.equal(exit.code, 0, `${devnet.nodes[i].name}: ${JSON.stringify(exit)}`));
  });
}
