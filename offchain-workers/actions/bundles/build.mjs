// node build.mjs <folder>: writes ethers5.js (the global `ethers` of Lit), and for tests the transactions of each library,
// as scripts. `npm ci` first; scripts/action-bundles does both.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const target = process.argv[2];
const bundles = [
    ['ethers5', { stdin: { contents: "export * from 'ethers5';", resolveDir: here }, globalName: 'ethers' }],
    ['ethers6-library', { stdin: { contents: "export * from 'ethers';", resolveDir: here }, globalName: 'ethers' }],
    ...['ethers5', 'ethers6', 'viem'].map((name) => [`${name}-transaction`, { entryPoints: [join(here, `${name}-transaction.js`)] }]),
];
for (const [name, options] of bundles) {
    const outfile = join(target, `${name}.js`);
    await build({ ...options, outfile, bundle: true, format: 'iife', platform: 'browser', minify: true, target: 'es2022', logLevel: 'error' });
    const bytes = await readFile(outfile);
    console.log(`${createHash('sha256').update(bytes).digest('hex')}  ${outfile}`);
}
