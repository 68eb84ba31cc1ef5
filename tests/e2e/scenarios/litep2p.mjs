// The main job on the other network backend.
import assert from 'node:assert/strict';
import demo from './demo.mjs';

export default async function litep2p(report, own) {
  const devnets = [];
  const remember = async (creating) => {
    devnets.push(await own(creating));
    return devnets.at(-1);
  };
  await demo(report, remember, { label: 'litep2p', args: ['--network-backend', 'litep2p'] });
  for (const node of devnets.flatMap(({ nodes }) => nodes)) assert.match(node.log(), /Running litep2p network backend/, node.name);
}
