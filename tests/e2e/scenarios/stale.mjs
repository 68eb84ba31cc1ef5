// Nobody signs on old state: not a node that was away, and nobody while finality stalls.
import assert from 'node:assert/strict';
import { CODE, expectError } from '../checks/errors.mjs';
import { assertEd25519 } from '../checks/signatures.mjs';
import { accountAuthoriser } from '../lib/authoriser.mjs';
import { Client, developmentAccount, Signer } from '../lib/client.mjs';
import { signsEverything, watchCommittee } from '../lib/committee.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { hex } from '../lib/request.mjs';
import { sleep } from '../lib/wait.mjs';

/** What the node allows, and some more. */
const FRESH_FOR = 60_000;
const LONGER = FRESH_FOR + 15_000;
const RECOVERY_WITHIN = 300_000;

export default async function stale(report, own) {
  const { step, figure, note } = report;
  const devnet = await own(Devnet.validators({ label: 'stale' }));
  const [first, second, third, fourth] = devnet.nodes;
  await step('four validators start, and generate keys', async () => {
    await devnet.start();
    await watchCommittee(devnet, { print: note });
    await watchCommittee(devnet, { rpc: fourth.rpc, print: () => {} });
  });
  const owner = accountAuthoriser(await developmentAccount('//Alice'));
  const client = await Client.connect(first);
  const pkp = await step('Alice mints a PKP', async () => {
    const minted = await client.mint(await developmentAccount('//Alice'));
    await devnet.finalized(minted.number);
    return minted;
  });
  const request = async (node, text) => {
    const signer = new Signer(node, client.genesis);
    return signer.authorised(await signer.request(pkp.id, 'ed25519', { message: text }), owner);
  };
  const signs = async (node, text) => {
    const authorised = await request(node, text);
    const { signature } = await node.rpc('conclave_sign', authorised);
    assertEd25519({ publicKey: pkp.keys.ed25519, message: authorised.payload.message, signature });
  };
  const signsAgain = (node) => {
    const started = Date.now();
    return watchCommittee(devnet, { rpc: node.rpc, print: note, done: signsEverything, timeout: RECOVERY_WITHIN })
      .then(() => signs(node, `again, through ${node.name}`))
      .then(() => Math.round((Date.now() - started) / 1000));
  };
  await step('all four there: any node signs', () => signs(fourth, 'four of four'));

  await step('node 4 hangs for more than a minute; the others sign', async () => {
    fourth.freeze();
    const frozen = Date.now();
    await signs(first, 'three of four');
    await sleep(LONGER - (Date.now() - frozen));
  });
  await step('what it is asked when it wakes up, it refuses', async () => {
    // Made by a node that knows the time; it waits at the door of the one that does not.
    const authorised = await request(first, 'what have I missed?');
    const asked = expectError(fourth.rpc('conclave_sign', authorised), CODE.stale);
    await sleep(500);
    fourth.thaw();
    const { data, message } = await asked;
    note(message);
    assert.ok(data.finalizedSecondsAgo > FRESH_FOR / 1000, message);
    figure('staleSeconds', data.finalizedSecondsAgo);
  });
  await step('it signs once it has caught up', async () => figure('freshAgainSeconds', await signsAgain(fourth)));

  await step('two killed: blocks go on, finality does not, and soon nobody signs', async () => {
    await Promise.all([third.kill(), fourth.kill()]);
    const killed = Date.now();
    const before = { finalized: await finalizedNumber(first.rpc), best: await best(first) };
    const authorised = await request(first, 'nobody');
    await sleep(LONGER - (Date.now() - killed));
    // One block may have been on its way.
    assert.ok((await finalizedNumber(first.rpc)) <= before.finalized + 2, 'finality stalls');
    assert.ok((await best(first)) > before.best + 2, 'blocks go on');
    const { message } = await expectError(first.rpc('conclave_sign', authorised), CODE.stale);
    note(message);
    const { fresh, ready } = await second.rpc('conclave_committee');
    assert.equal(fresh, false);
    assert.ok(!Object.values(ready).some(Boolean), `nothing is ready: ${JSON.stringify(ready)}`);
  });
  await step('both revived: finality and signatures go on', async () => {
    for (const node of [third, fourth]) node.start();
    await Promise.all([third.ready(), fourth.ready()]);
    figure('finalAgainSeconds', await signsAgain(first));
    await signsAgain(fourth);
  });
  await client.disconnect();
}

const best = async (node) => Number((await node.rpc('chain_getHeader')).number);
