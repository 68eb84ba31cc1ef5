// `make devnet`: four validators that stay up until Ctrl-C. Needs Node.js alone, no packages.
import './lib/children.mjs';
import { describe } from './lib/committee.mjs';
import { Devnet, finalizedNumber } from './lib/devnet.mjs';
import { sleep } from './lib/wait.mjs';

let stopping = false;
let devnet;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, async () => {
    if (stopping) process.exit(130); // Asked twice: at once.
    stopping = true;
    if (!devnet) process.exit(130);
    console.log('\nstopping the nodes (once more to kill them) …');
    const exits = await devnet.stopAll();
    await devnet.dispose();
    process.exit(exits.every((exit) => exit.code === 0) ? 0 : 1);
  });
}

const say = (text) => console.log(`${new Date().toTimeString().slice(0, 8)}  ${text}`);

try {
  say('starting four validators …');
  devnet = await Devnet.validators();
  await devnet.start();
  console.log(`\n${devnet.nodes.map(endpoints).join('\n')}\n\n  polkadot-js apps: https://polkadot.js.org/apps/?rpc=${encodeURIComponent(devnet.nodes[0].wsUrl)}\n  data, removed at the end: ${devnet.folder}\n\n  Ctrl-C stops all.\n`);
  await watch();
} catch (error) {
  if (!stopping) {
    console.error(`\n${error.message}`);
    process.exit(1);
  }
}

function endpoints({ name, wsUrl, ports, logFile }) {
  return `  ${name.padEnd(8)} ${wsUrl}   metrics http://127.0.0.1:${ports.prometheus}/metrics   log ${logFile}`;
}

/** Says what changes, and every minute that all is well. */
async function watch() {
  let said = {};
  while (!stopping) {
    devnet.assertAlive();
    const state = await look().catch((error) => ({ news: `no answer: ${error.message}` }));
    if (!stopping && (state.news !== said.news || Date.now() - said.at > 60_000)) {
      say([state.blocks, state.news].filter(Boolean).join('; '));
      said = { news: state.news, at: Date.now() };
    }
    await sleep(1_000);
  }
}

async function look() {
  const { rpc } = devnet.nodes[0];
  const [best, finalized, committee, health] = await Promise.all([
    rpc('chain_getHeader'),
    finalizedNumber(rpc),
    rpc('conclave_committee').then(describe, (error) => `conclave_committee: ${error.message}`),
    rpc('system_health'),
  ]);
  return { blocks: `block ${Number(best.number)}, finalized ${finalized}`, news: `${health.peers + 1} nodes connected; ${committee}` };
}
