// The main job on the other network backend, and on a network that has both.
import assert from 'node:assert/strict';
import demo from './demo.mjs';

const BACKEND = ['--network-backend', 'litep2p'];

export default async function litep2p(report, own) {
  const owned = [];
  await demo(report, async (creating) => { const devnet = await own(creating); owned.push(devnet); return devnet; }, { label: 'litep2p', args: BACKEND });
  for (const node of owned.flatMap(({ nodes }) => nodes)) assert.match(node.log(), /Running litep2p network backend/, `the backend of ${node.name}`);
}
