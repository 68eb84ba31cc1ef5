// Nodes crash in the midst of a reshare, each in every phase, then all at once: the epoch that the chain names signs.
import assert from 'node:assert/strict';
import { accountAuthoriser } from '../lib/authoriser.mjs';
import { Client, developmentAccount } from '../lib/client.mjs';
import { indexOf, watchCommittee } from '../lib/committee.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { transportKey } from '../lib/node-identity.mjs';
import { hex } from '../lib/request.mjs';
import { Traffic } from '../lib/traffic.mjs';

/**
 * From a restart to the next signatures. Blocks come every 3 s and are final two or three later; a node that starts loads its
 * database, finds its peers, catches up and sets up ECDSA anew, four of them at once on two cores. A node that was frozen takes
 * up to 45 s to catch up, since its peers have to notice first; one that was killed has them notice at once.
 */
const SIGNS_WITHIN = 60_000;
/** Blocks until what a node sent before it was killed is final, if it ever will be. */
const UNTIL_FINAL = 4;
/**
 * Kills in one phase: of each node once it sees the phase in a finalized block, when most have acted; if none met a victim that
 * had not, some more, when the phase stands in the best block only, which members do not act on.
 */
const MOST_KILLS = 6;

/**
 * The phases that a reshare waits in (it has no commitments, and finalises within a block), the time when enough have confirmed
 * and the new committee makes its first signature, and the moment of its activation. With who has acted in it.
 */
const PHASES = [
  { name: 'deal', acted: 'dealt' },
  { name: 'complain', acted: 'reported' },
  { name: 'confirm', acted: 'confirmed' },
  { name: 'enough' },
  { name: 'activate' },
];

/** Whether the phase runs, as `now` says; the committee of `epoch` served when it was waited for. */
function isIn(phase, now, epoch) {
  if (phase.name === 'activate') return now.committee.epoch > epoch;
  if (phase.name === 'enough') return now.attempt?.phase === 'confirm' && now.attempt.confirmed.length >= now.attempt.threshold;
  return now.attempt?.phase === phase.name;
}

export default async function reshareCrash(report, own) {
  const { step, figure, note } = report;
  const devnet = await own(Devnet.validators({ label: 'reshare-crash' }));
  await step('four validators start', () => devnet.start());
  const first = await step('keys are generated', () => watchCommittee(devnet, { print: note }));
  const alice = await developmentAccount('//Alice');
  const owner = accountAuthoriser(alice);
  const rootKeys = JSON.stringify(first.committee.rootKeys);
  const withClient = async (act, node = devnet.nodes.find(({ running }) => running)) => {
    const client = await Client.connect(node);
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
  const startReshare = (node) => withClient((client) => client.sudo(client.api.tx.committee.startAttempt(), alice), node);
  /** The attempt as of the best block of `client`'s node. */
  const attemptOfBest = async (client) => {
    const found = await client.api.call.committeeApi.attempt();
    if (found.isNone) return undefined;
    const { id, phase } = found.unwrap();
    return { epoch: id.epoch.toNumber(), attempt: id.attempt.toNumber(), phase: phase.type.toLowerCase() };
  };
  /**
   * Starts a refresh and waits until `witness` sees its phase; resolves to the epoch that served, and the attempt. With
   * `client`, of the witness too, until its best block has the phase and no finalized one.
   */
  const inPhase = async (phase, witness, client) => {
    const { committee } = await statusOf(witness);
    let starting;
    return devnet.waitFor(
      `the phase ${phase.name}`,
      async () => {
        const best = client && (await attemptOfBest(client));
        const now = await statusOf(witness);
        if (client) {
          if (best?.phase === phase.name && now.attempt?.phase !== phase.name) return { epoch: committee.epoch, attempt: best };
        } else if (isIn(phase, now, committee.epoch)) return { epoch: committee.epoch, attempt: now.attempt };
        // A phase that all have acted in is over before anybody looks: the next attempt has it again. To be in the first phase
        // early, nobody waits until the call is final.
        if (!now.attempt) starting ??= startReshare(witness).catch(({ message }) => note(message)).finally(() => (starting = undefined));
        return undefined;
      },
      { timeout: 300_000, every: 150 },
    );
  };
  /** Whether the member had acted in the phase of the attempt before it was killed: what it sent is final by now. */
  const hadActed = async ({ acted }, { epoch, attempt }, index, witness) => {
    const now = await statusOf(witness);
    // Three of four dealings end the first phase; the second waits for all, which is until the victim is back.
    if (now.attempt?.epoch === epoch && now.attempt.attempt === attempt) return now.attempt[acted].includes(index);
    // Three of four confirmations are enough, too. Of any other attempt that is over, nothing is known.
    return acted === 'confirmed' && now.committee.epoch === epoch ? now.committee.confirmed.includes(index) : true;
  };
  /**
   * Until the nodes sign with both schemes, `member` in a quorum of `together` of them; resolves to the ms since `since`. A
   * gateway that is a member calls itself first.
   */
  const untilSigning = async (nodes, { since = Date.now(), member, together = [] } = {}) => {
    const traffic = new Traffic({ nodes: () => nodes, genesis: first.genesisHash, pkp, owner, every: 500 });
    const schemesOf = (served) => new Set(served.map(({ scheme }) => scheme));
    try {
      await devnet.waitFor(
        member ? `signatures by both schemes, with member ${member}` : 'signatures by both schemes',
        () => {
          const withMember = schemesOf(traffic.served.filter(({ quorum }) => quorum.includes(member)));
          return schemesOf(traffic.served).size === 2 && together.every((scheme) => withMember.has(scheme));
        },
        { timeout: 2 * SIGNS_WITHIN, every: 250 },
      );
      return Date.now() - since;
    } catch (error) {
      note(JSON.stringify(traffic.failed.slice(-3)));
      throw error;
    } finally {
      await traffic.stop();
      assert.deepEqual(traffic.wrong, []);
    }
  };
  const inTime = (ms, what) => assert.ok(ms <= SIGNS_WITHIN, `${what}: ${ms} ms`);
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

  /** How many kills met a victim that had not acted in the phase. */
  const undone = {};
  for (const phase of PHASES) {
    if (phase.acted) undone[phase.name] = 0;
    for (let kill = 0; kill < MOST_KILLS && (kill < devnet.nodes.length || (phase.acted && undone[phase.name] === 0)); kill += 1) {
      const victim = devnet.nodes[kill % devnet.nodes.length];
      const transport = hex(transportKey(kill % devnet.nodes.length));
      const others = devnet.nodes.filter((node) => node !== victim);
      const early = kill >= devnet.nodes.length;
      await step(`${victim.name} is killed in the phase ${phase.name}${early ? ' before that is final' : ''}, and the reshare goes on`, async () => {
        const { epoch, attempt } = await (early ? withClient((client) => inPhase(phase, others[0], client), others[0]) : inPhase(phase, others[0]));
        const killed = Date.now();
        await victim.kill();
        // It stays a member: three of four are enough to end each phase, and only attempts that fail leave out the absent.
        const member = indexOf(await statusOf(others[0]), transport);
        const without = await untilSigning(others, { since: killed });
        inTime(without, `signatures without ${victim.name}`);
        await devnet.finalized((await finalizedNumber(others[0].rpc)) + UNTIL_FINAL);
        if (phase.acted) {
          const acted = await hadActed(phase, attempt, member, others[0]);
          if (!acted) undone[phase.name] += 1;
          note(`signs after ${without} ms without ${victim.name}, which had ${acted ? '' : 'not '}${phase.acted}`);
        }
        const restarted = Date.now();
        victim.start();
        await victim.ready();
        // Of whatever epoch the chain names by then. Its part in ECDSA waits for set-ups with all others, hence one scheme.
        const ms = await untilSigning([victim], { since: restarted, member, together: ['ed25519'] });
        times[`${victim.name}:${phase.name}`] = ms;
        inTime(ms, `signatures with ${victim.name}`);
        await settled();
        await untilSigning([victim], { member, together: ['ecdsa-secp256k1'] });
        assert.ok((await sameKeys()) > epoch, 'a new epoch');
      });
    }
  }
  figure('killedBeforeActing', undone);
  await step('in each phase one was killed that had not acted in it', () => {
    assert.ok(Object.values(undone).every((kills) => kills > 0), JSON.stringify(undone));
  });
  for (const phase of PHASES) {
    await step(`all are killed at once in the phase ${phase.name}`, async () => {
      await inPhase(phase, devnet.nodes[0]);
      await devnet.killAll();
      const restarted = Date.now();
      devnet.startAll();
      await devnet.ready();
      const ms = await untilSigning(devnet.nodes, { since: restarted });
      times[`all:${phase.name}`] = ms;
      inTime(ms, 'signatures after all were killed');
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
