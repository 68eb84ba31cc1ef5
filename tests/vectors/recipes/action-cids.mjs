// Content ids of actions by the npm importer: npm i ipfs-unixfs-importer@17.1.1 blockstore-core && node action-cids.mjs
import { importBytes } from 'ipfs-unixfs-importer';
import { fixedSize } from 'ipfs-unixfs-importer/chunker';
import { balanced } from 'ipfs-unixfs-importer/layout';
import { MemoryBlockstore } from 'blockstore-core';
const lengths = [0, 1, 5, 1000, 262143, 262144, 262145, 524288, 1000000, 174 * 262144, 174 * 262144 + 1];
const out = [];
for (const length of lengths) {
  // byte i is the low byte of i * i + i / 251
  const bytes = new Uint8Array(length);
  for (let i = 0; i < length; i++) bytes[i] = (i * i + Math.floor(i / 251)) & 0xff;
  const { cid } = await importBytes(bytes, new MemoryBlockstore(), {
    cidVersion: 0, rawLeaves: false, reduceSingleLeafToSelf: true, chunker: fixedSize({ chunkSize: 262144 }), layout: balanced({ maxChildrenPerNode: 174 }) });
  out.push({ length, cid: cid.toString() });
}
for (const text of ['hello', "(async () => { Lit.Actions.setResponse({ response: 'x' }) })();\n"]) {
  const { cid } = await importBytes(new TextEncoder().encode(text), new MemoryBlockstore(), { cidVersion: 0, rawLeaves: false });
  out.push({ text, cid: cid.toString() });
}
console.log(JSON.stringify(out, null, 1));
