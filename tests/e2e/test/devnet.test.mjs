// The harness itself, with processes that only pretend to be nodes.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Devnet } from '../lib/devnet.mjs';
import { peerId } from '../lib/node-identity.mjs';
import { waitFor } from '../lib/wait.mjs';

const binary = join(import.meta.dirname, 'fake-node.mjs');
const state = (node) => node.rpc('fake_state');

async function withDevnet(use) {
  const devnet = await Devnet.validators({ label: 'test', binary });
  try {
    await devnet.start();
    await use(devnet);
  } finally {
    await devnet.dispose();
  }
}

test('four validators start with their identities and know all others', () =>
  withDevnet(async ({ nodes }) => {
    const { args } = await state(nodes[2]);
    for (const flag of ['--charlie', '--validator', '--no-mdns', '--no-telemetry']) assert.ok(args.includes(flag), flag);
    assert.equal(args[args.indexOf('--node-key') + 1], `${'0'.repeat(63)}3`);
    const bootnodes = args.filter((arg) => arg.includes('/p2p/')).map((arg) => arg.split('/p2p/')[1]);
    assert.deepEqual(bootnodes, [0, 1, 3].map(peerId));
    assert.ok(args.filter((arg) => arg.startsWith('/ip4/')).every((arg) => arg.startsWith('/ip4/127.0.0.1/')), 'loopback only');
  }));

test('a killed node starts again on the same base path and port', () =>
  withDevnet(async (devnet) => {
    const [first] = devnet.nodes;
    const { pid } = await state(first);
    assert.deepEqual(await first.kill(), { code: null, signal: 'SIGKILL' });
    assert.ok(!first.running);
    devnet.assertAlive();
    await assert.rejects(first.rpc('system_health'));
    first.start();
    await first.ready();
    const again = await state(first);
    assert.equal(again.starts, 2);
    assert.notEqual(again.pid, pid);
  }));

test('all are killed at once, start again, and stop with exit code 0', () =>
  withDevnet(async (devnet) => {
    await devnet.killAll();
    devnet.startAll();
    await devnet.ready();
    for (const node of devnet.nodes) assert.equal((await state(node)).starts, 2);
    const exits = await devnet.stopAll();
    assert.deepEqual(exits.map(({ code, signal }) => [code, signal]), Array(4).fill([0, null]));
  }));

test('a node that ends by itself ends the waiting, with its log', () =>
  withDevnet(async (devnet) => {
    const [, second] = devnet.nodes;
    await second.rpc('fake_crash');
    await assert.rejects(devnet.waitFor('nothing', () => false, { every: 20 }), /bob ended by itself with \{"code":3[^]*panicked at fake-node/);
    await assert.rejects(devnet.crash, /bob ended by itself/);
    assert.throws(() => devnet.assertNoPanics(), /bob panicked/);
  }));

test('two devnets do not share a port', () =>
  withDevnet((one) =>
    withDevnet(async (other) => {
      const ports = [...one.nodes, ...other.nodes].flatMap((node) => Object.values(node.ports));
      assert.equal(new Set(ports).size, ports.length);
    })));

test('a missing binary says how to get one', async () => {
  process.env.CONCLAVE_NODE = '/nowhere/conclave-node';
  await assert.rejects(Devnet.validators(), /cargo build -p conclave-node-dev/);
  delete process.env.CONCLAVE_NODE;
});

/** Starts `make devnet` over the fake node, and resolves once it watches. */
async function devnetScript() {
  const child = spawn(process.execPath, [join(import.meta.dirname, '..', 'devnet.mjs')], { env: { ...process.env, CONCLAVE_NODE: binary } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => { output += chunk; });
  const exited = new Promise((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })));
  await waitFor('the devnet', () => output.includes('no committee yet'), { timeout: 20_000, every: 50 });
  const ports = [...output.matchAll(/ws:\/\/127\.0\.0\.1:(\d+)/g)].slice(0, 4).map(([, port]) => Number(port));
  const folder = output.match(/data, removed at the end: (\S+)/)[1];
  return { child, exited, ports, folder, output: () => output };
}

const answers = (port) => fetch(`http://127.0.0.1:${port}`, { method: 'POST', body: '{"id":1,"method":"system_health"}' }).then(() => true, () => false);

for (const [signal, expected, folderStays] of [
  ['SIGINT', { code: 0, signal: null }, false],
  ['SIGTERM', { code: 0, signal: null }, false],
  // Nobody can tidy up after this one; but no node may live on.
  ['SIGKILL', { code: null, signal: 'SIGKILL' }, true],
]) {
  test(`\`make devnet\` leaves no node behind after ${signal}`, { skip: signal === 'SIGKILL' && !existsSync('/usr/bin/setpriv') }, async () => {
    const { child, exited, ports, folder, output } = await devnetScript();
    assert.equal(ports.length, 4);
    assert.match(output(), /block 42, finalized 42; 4 nodes connected; no committee yet/);
    child.kill(signal);
    assert.deepEqual(await exited, expected);
    await waitFor('the ports to be free', async () => !(await Promise.all(ports.map(answers))).includes(true), { timeout: 5_000, every: 50 });
    assert.equal(existsSync(folder), folderStays);
    rmSync(folder, { recursive: true, force: true });
  });
}
