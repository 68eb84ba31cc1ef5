// `make e2e`: runs scenarios on real nodes. `run.mjs [name…]`; without names, all of them.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { exitOnSignals } from './lib/children.mjs';
import { installPackages } from './lib/install.mjs';
import { newReport } from './lib/report.mjs';

const FOLDER = join(import.meta.dirname, 'scenarios');

const known = readdirSync(FOLDER).filter((file) => file.endsWith('.mjs')).map((file) => file.slice(0, -'.mjs'.length)).sort();
const names = process.argv.slice(2).length ? process.argv.slice(2) : known;
const unknown = names.filter((name) => !known.includes(name));
if (unknown.length) {
  console.error(`no scenario ${unknown.join(', ')}; there are: ${known.join(', ')}`);
  process.exit(2);
}

exitOnSignals();
installPackages();

let failed = 0;
for (const name of names) if (!(await run(name))) failed += 1;
console.log(`${names.length - failed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);

async function run(name) {
  const report = newReport();
  const started = Date.now();
  /** Devnets of this scenario, so that a failure leaves none behind. */
  const devnets = [];
  console.log(`\n${name}`);
  let passed = false;
  try {
    const { default: scenario } = await import(join(FOLDER, `${name}.mjs`));
    await new Promise((resolve, reject) => {
      const own = async (creating) => {
        const devnet = await creating;
        devnets.push(devnet);
        devnet.crash.catch(reject); // Whatever the scenario waits for, it would wait in vain.
        return devnet;
      };
      scenario(report, own).then(resolve, reject);
    });
    for (const devnet of devnets) devnet.assertNoPanics();
    passed = true;
  } catch (error) {
    console.log(`\n  ${name} failed after ${report.steps} steps: ${error.stack ?? error}`);
    for (const { nodes, folder } of devnets) {
      for (const node of nodes) console.log(`\n  ${node.name}, the end of its log:\n${node.logTail()}`);
      console.log(`\n  kept: ${folder}`);
    }
  }
  for (const devnet of devnets) await devnet.dispose({ keep: !passed });
  const total = Math.round((Date.now() - started) / 1000);
  console.log(`  ${passed ? 'passed' : 'FAILED'}: ${report.steps} steps in ${total} s`);
  for (const [key, value] of Object.entries(report.figures)) console.log(`    ${key}: ${JSON.stringify(value)}`);
  console.log(JSON.stringify({ scenario: name, figures: { ...report.figures, seconds: total }, passed }));
  return passed;
}
