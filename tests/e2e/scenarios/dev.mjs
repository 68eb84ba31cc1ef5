// What a dapp developer runs daily: one process, keys within half a minute, a PKP that signs.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getBytes, id as keccakOfText } from 'ethers';
import { assertEcdsa, assertEd25519, assertEvmTransaction } from '../checks/signatures.mjs';
import { signerOf } from '../lib/action.mjs';
import { accountAuthoriser } from '../lib/authoriser.mjs';
import { removeAtExit } from '../lib/children.mjs';
import { Client, developmentAccount, Signer } from '../lib/client.mjs';
import { signsWith, watchCommittee } from '../lib/committee.mjs';
import { Devnet } from '../lib/devnet.mjs';
import { hex } from '../lib/request.mjs';

const READY_WITHIN = 30;

export default async function dev(report, own) {
  const { step, figure, note } = report;
  // Caches of its own: the first start compiles the runtime, as on a fresh machine.
  const caches = mkdtempSync(join(tmpdir(), 'conclave-caches-'));
  removeAtExit(caches);
  const developer = () => own(Devnet.developer({ label: 'dev', env: { XDG_CACHE_HOME: caches } }));
  const keysReady = async (devnet, name) => {
    const { committee } = await watchCommittee(devnet, { print: note, timeout: 120_000, done: signsWith('ecdsa-secp256k1', 'ed25519') });
    const seconds = (Date.now() - devnet.startedAt) / 1000;
    figure(name, Math.round(seconds * 10) / 10);
    assert.equal(committee.members.length, 4, 'four virtual members');
    assert.equal(committee.threshold, 3);
    assert.ok(seconds <= READY_WITHIN, `it took ${seconds.toFixed(1)} s`);
  };

  const devnet = await developer();
  const [node] = devnet.nodes;
  await step('`conclave-node --dev` starts', () => devnet.start());
  await step(`keys are ready ${READY_WITHIN} s after the start`, () => keysReady(devnet, 'keysReadySeconds'));

  const alice = await developmentAccount('//Alice');
  const owner = accountAuthoriser(alice);
  const client = await Client.connect(node);
  const pkp = await step('Alice mints a PKP', () => client.mint(alice));
  const signer = new Signer(node, client.genesis);

  await step('it signs an Ethereum transaction', async () => {
    const { evm } = await client.addresses(pkp.id);
    await assertEvmTransaction(evm, async (digest) => (await signer.sign(pkp.id, 'ecdsa-secp256k1', { digest }, owner)).signature);
  });
  await step('it signs with ECDSA and Ed25519', async () => {
    const digest = keccakOfText('dev');
    assertEcdsa({ publicKey: pkp.keys.secp256k1, digest, ...(await signer.sign(pkp.id, 'ecdsa-secp256k1', { digest }, owner)) });
    const message = hex(Buffer.from('dev'));
    assertEd25519({ publicKey: pkp.keys.ed25519, message, ...(await signer.sign(pkp.id, 'ed25519', { message }, owner)) });
  });

  await step('an action runs on its committee, and is traced by line', async () => {
    const file = join(caches, 'action.js');
    const run = (code, params) => {
      writeFileSync(file, code);
      const at = `127.0.0.1:${node.ports.rpc}`;
      return spawnSync(node.binary, ['action', 'run', file, '--params', JSON.stringify(params), '--node', at], { encoding: 'utf8' });
    };
    const { evm } = await client.addresses(pkp.id);
    const digest = keccakOfText('by an action');
    const sign = `(async () => {
      const toSign = Uint8Array.from(jsParams.digest);
      await Lit.Actions.signEcdsa({ toSign, publicKey: jsParams.publicKey, sigName: 'it' });
      Lit.Actions.setResponse({ response: 'signed' });
    })();`;
    const signed = run(sign, { digest: [...getBytes(digest)], publicKey: pkp.keys.secp256k1 });
    assert.equal(signed.status, 0, signed.stdout + signed.stderr);
    note(signed.stdout.split('\n').find((line) => /signEcdsa/.test(line)));
    // Time, fuel and the line of the call.
    assert.match(signed.stdout, /^ +\d+\.\d +\d+\.\d +\d+\.\d\d +3 +signEcdsa/m);
    assert.equal(signerOf(digest, JSON.parse(signed.stdout.match(/^ {2}it: (.*)$/m)[1])), evm);
    const failed = run('throw new Error("on purpose")', {});
    assert.deepEqual([failed.status, /failed: .*on purpose/.test(failed.stdout)], [1, true], failed.stdout);
  });

  await client.disconnect();
  await step('SIGTERM stops it, exit code 0', async () => {
    const [exit] = await devnet.stopAll();
    assert.deepEqual([exit.code, exit.signal], [0, null], JSON.stringify(exit));
    figure('stopMs', exit.ms);
  });
  await step('the next start, with nothing left but the compiled runtime', async () => {
    const again = await developer();
    await again.start();
    await keysReady(again, 'keysReadyAgainSeconds');
    assert.ok(readdirSync(join(caches, 'conclave', 'compiled-runtimes')).length > 0, 'it was compiled once');
    await again.stopAll();
  });
}
