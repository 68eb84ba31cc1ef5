// An upgrade of the release that keeps the disk: the old image hands its records to the one that governance approved.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { accountAuthoriser } from '../lib/authoriser.mjs';
import { localWith, u32 } from '../lib/chain-spec.mjs';
import { Client, developmentAccount, Signer } from '../lib/client.mjs';
import { signsWith, watchCommittee } from '../lib/committee.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { install, machineOf, release } from '../lib/machine.mjs';
import { hex } from '../lib/request.mjs';

const NEXT_RELEASE = 'ab'.repeat(48);
/** In blocks: a machine may be proven anew after a twenty-fourth. */
const VALIDITY = 400;
const UNAPPROVED = 'cd'.repeat(48);

export default async function rewrap(report, own) {
  const { step, note } = report;
  const devnet = await own(Devnet.validators({ label: 'rewrap', chain: localWith({ AttestationPeriod: u32(VALIDITY) }) }));
  const [alice, , charlie, dave] = devnet.nodes;
  devnet.nodes.forEach((node, i) => install(node, { chip: i + 1 }));
  const old = machineOf(dave);
  const next = { ...old, measurement: NEXT_RELEASE };

  await step('four validators start and prove their machines', () => devnet.start());
  const client = await Client.connect(alice);
  const owner = await developmentAccount('//Alice');
  const { committee } = await step('keys are generated', () => watchCommittee(devnet, { print: note, done: signsWith('ed25519') }));
  const pkp = await step('Alice mints a PKP', () => client.mint(owner));
  const sign = () => new Signer(alice, client.genesis).sign(pkp.id, 'ed25519', { message: hex(randomBytes(8)) }, accountAuthoriser(owner));
  const daves = await developmentAccount('//Dave');
  const { index } = committee.members.find(({ account }) => account === client.address(daves));

  const file = (name) => join(devnet.folder, name);
  /** `conclave-node attestation …` on dave's disk, launched as `machine`. */
  const attestation = (machine, ...args) => {
    install(dave, machine);
    const place = dave.args.filter((arg, i, all) => ['--chain', '--node-key'].includes(arg) || ['--chain', '--node-key'].includes(all[i - 1]));
    const { status, stdout, stderr } = spawnSync(dave.binary, ['attestation', ...args, ...place, '--base-path', dave.basePath], { encoding: 'utf8' });
    return { ok: status === 0, said: `${stdout}${stderr}` };
  };
  const succeeds = ({ ok, said }) => assert.ok(ok, said);
  const refuses = ({ ok, said }, reason) => assert.ok(!ok && reason.test(said), said);

  await step('before governance approves the next release, nothing is handed over', async () => {
    await dave.stop();
    succeeds(attestation(next, 'rewrap-request', '--output', file('early')));
    refuses(attestation(old, 'rewrap', '--request', file('early'), '--to-measurement', NEXT_RELEASE, '--output', file('none')), /other image's report is refused/);
    dave.start();
    await dave.ready();
  });
  await step('governance approves it, and the node has seen that', async () => {
    await client.sudo(client.api.tx.attestation.setRelease(release(2, NEXT_RELEASE)), owner);
    await devnet.finalized(await finalizedNumber(alice.rpc));
    await dave.stop();
  });
  await step('the old image hands its records to the next one on its chip, and to no other', async () => {
    succeeds(attestation(next, 'rewrap-request', '--output', file('request')));
    const handOver = (request, output, to = NEXT_RELEASE) => attestation(old, 'rewrap', '--request', file(request), '--to-measurement', to, '--output', file(output));
    refuses(handOver('request', 'none', UNAPPROVED), /not of --to-measurement/);
    succeeds(attestation({ ...next, chip: 9 }, 'rewrap-request', '--output', file('elsewhere')));
    refuses(handOver('elsewhere', 'none'), /another chip/);
    succeeds(attestation({ ...next, measurement: UNAPPROVED }, 'rewrap-request', '--output', file('unapproved')));
    refuses(handOver('unapproved', 'none', UNAPPROVED), /other image's report is refused/);
    // The request that counts is the last that this machine made.
    succeeds(attestation(next, 'rewrap-request', '--output', file('request')));
    succeeds(handOver('request', 'handover'));
    refuses(attestation({ ...next, chip: 9 }, 'rewrap-accept', '--rewrapped', file('handover')), /./);
    succeeds(attestation(next, 'rewrap-accept', '--rewrapped', file('handover')));
  });
  await step('as the next release it has its shares of the same epoch, and is needed to sign', async () => {
    dave.start();
    await dave.ready();
    const there = async () => {
      const { committee: now } = await alice.rpc('conclave_committee');
      assert.equal(now.epoch, committee.epoch, 'no reshare gave it others');
      return now.members.find((member) => member.index === index).connected;
    };
    await devnet.waitFor('dave with its shares', there, { timeout: 120_000 });
    await charlie.stop();
    const { quorum } = await devnet.waitFor('a signature', () => sign().catch((error) => void note(error.message)), { timeout: 120_000, every: 1_000 });
    assert.ok(quorum.includes(index), `signed by ${quorum}`);
  });
  await step('governance disables the old release: dave proves the next one to the chain, by itself', async () => {
    await client.sudo(client.api.tx.attestation.disableRelease(1), owner);
    const measurement = async () => {
      const record = (await client.api.query.attestation.attestations(daves.address)).unwrapOr(undefined);
      return record?.claims.report.measurement.toHex() === `0x${NEXT_RELEASE}`;
    };
    await devnet.waitFor('its attestation', measurement, { timeout: 120_000, every: 1_000 });
  });
  await client.disconnect();
}
