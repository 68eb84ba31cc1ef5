// The other network backend: the main job on it, and a committee that has both.
import assert from 'node:assert/strict';
import { assertEcdsa, assertEd25519 } from '../checks/signatures.mjs';
import { id as keccakOfText } from 'ethers';
import { accountAuthoriser } from '../lib/authoriser.mjs';
import { Client, developmentAccount, Signer } from '../lib/client.mjs';
import { watchCommittee } from '../lib/committee.mjs';
import { Devnet } from '../lib/devnet.mjs';
import { hex } from '../lib/request.mjs';
import demo from './demo.mjs';

const LITEP2P = ['--network-backend', 'litep2p'];

/** The backend that a node says it runs. */
const backendOf = (node) => node.log().match(/Running (\w+) network backend/)?.[1];

export default async function litep2p(report, own) {
  const devnets = [];
  const remember = async (creating) => {
    devnets.push(await own(creating));
    return devnets.at(-1);
  };
  await demo(report, remember, { label: 'litep2p', args: LITEP2P });
  assert.deepEqual(devnets.flatMap(({ nodes }) => nodes).map(backendOf), Array(4).fill('litep2p'));

  const { step, note } = report;
  const mixed = await own(Devnet.validators({ label: 'mixed', args: (i) => (i % 2 ? LITEP2P : []) }));
  await step('libp2p and litep2p in turn: four validators start and generate keys', async () => {
    await mixed.start();
    assert.deepEqual(mixed.nodes.map(backendOf), ['libp2p', 'litep2p', 'libp2p', 'litep2p']);
    for (const node of mixed.nodes) await watchCommittee(mixed, { rpc: node.rpc, print: note });
  });
  await step('each signs for any node', async () => {
    const alice = await developmentAccount('//Alice');
    const owner = accountAuthoriser(alice);
    const client = await Client.connect(mixed.nodes[0]);
    const pkp = await client.mint(alice);
    await mixed.finalized(pkp.number);
    for (const node of mixed.nodes) {
      const signer = new Signer(node, client.genesis);
      const digest = keccakOfText(`mixed, through ${node.name}`);
      assertEcdsa({ publicKey: pkp.keys.secp256k1, digest, ...(await signer.sign(pkp.id, 'ecdsa-secp256k1', { digest }, owner)) });
      const message = hex(Buffer.from(digest));
      assertEd25519({ publicKey: pkp.keys.ed25519, message, ...(await signer.sign(pkp.id, 'ed25519', { message }, owner)) });
    }
    await client.disconnect();
  });
}
