// A network of real conclave-node processes on this machine.
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepFolder, removeAtExit } from './children.mjs';
import { NodeProcess, nodeBinary } from './node.mjs';
import { nodeKey, peerId } from './node-identity.mjs';
import { claimPorts, MAX_NODES } from './ports.mjs';
import { waitFor } from './wait.mjs';

const VALIDATORS = ['alice', 'bob', 'charlie', 'dave'];

export class Devnet {
  /** Rejects when a node ends by itself. */
  crash;
  #release;

  /**
   * `count` validators of the chain `local`, to be started; and nodes called `joiners` that will validate once they
   * have bonded (see validators.mjs). `chain(folder, binary)` writes another specification and returns its path.
   */
  static validators(options = {}) {
    const { count = 4, joiners = [], chain = () => 'local' } = options;
    if (count > VALIDATORS.length) throw new Error(`the chain \`local\` has ${VALIDATORS.length} validators, not ${count}`);
    if (count + joiners.length > MAX_NODES) throw new Error(`a devnet has at most ${MAX_NODES} nodes`);
    return Devnet.#create(options, [...VALIDATORS.slice(0, count), ...joiners], ({ ports, folder, binary }) => {
      const specification = chain(folder, binary);
      return (name, i) => ({
        peerId: peerId(i),
        args: [
          '--chain', specification, ...(i < count ? [`--${name}`] : ['--name', name]), '--validator', '--node-key', nodeKey(i),
          // All others, not only the first: a node that restarts while the first is away must find the rest.
          '--bootnodes', ...ports.flatMap(({ p2p }, j) => (j === i ? [] : [`/ip4/127.0.0.1/tcp/${p2p}/p2p/${peerId(j)}`])),
        ],
      });
    });
  }

  /** One process with `--dev`: what a dapp developer runs. */
  static developer(options = {}) {
    return Devnet.#create(options, ['dev'], () => () => ({ args: ['--dev'] }));
  }

  /** `args` (or `args(i)`) and `env` go to every node, beside what each has of its own. */
  static async #create({ label = 'devnet', binary = nodeBinary(), args = [], env = {} }, names, settingsOf) {
    const devnet = new Devnet();
    devnet.folder = mkdtempSync(join(tmpdir(), `conclave-${label}-`));
    removeAtExit(devnet.folder);
    const { ports, release } = await claimPorts(names.length);
    devnet.#release = release;
    const everywhere = process.env.CONCLAVE_NODE_ARGS?.split(' ') ?? [];
    const settings = settingsOf({ ports, folder: devnet.folder, binary });
    let onCrash;
    devnet.crash = new Promise((_, reject) => { onCrash = reject; });
    devnet.crash.catch(() => {}); // Whoever waits hears of it.
    devnet.nodes = names.map((name, i) => {
      const own = settings(name, i);
      return new NodeProcess({ name, binary, folder: devnet.folder, ports: ports[i], onCrash, env, ...own, args: [...own.args, ...(args instanceof Function ? args(i) : args), ...everywhere] });
    });
    return devnet;
  }

  /** Starts every node and waits until all answer; the first alone, so that it compiles the runtime for all. */
  async start() {
    this.startedAt = Date.now();
    const [first] = this.nodes;
    first.start();
    await first.ready();
    this.startAll();
    await this.ready();
  }

  startAll() {
    for (const node of this.nodes.filter((node) => !node.running)) node.start();
  }

  ready() {
    return Promise.all(this.nodes.map((node) => node.ready()));
  }

  assertAlive() {
    for (const node of this.nodes) node.assertAlive();
  }

  /** `waitFor` that gives up as soon as a node dies by itself. */
  waitFor(what, probe, options = {}) {
    return waitFor(what, probe, { ...options, alive: () => this.assertAlive() });
  }

  /** Until every running node has finalized block `number`. */
  finalized(number, timeout = 120_000) {
    return Promise.all(
      this.nodes
        .filter((node) => node.running)
        .map((node) => this.waitFor(`${node.name} to finalize block ${number}`, async () => (await finalizedNumber(node.rpc)) >= number, { timeout })),
    );
  }

  /** SIGKILL to every node at once. */
  killAll() {
    return Promise.all(this.nodes.map((node) => node.kill()));
  }

  /** SIGTERM to every node at once; resolves to each one's exit. */
  stopAll() {
    return Promise.all(this.nodes.map((node) => node.stop()));
  }

  /** A panic in a log is a failure, also where the scenario did not notice it. */
  assertNoPanics() {
    for (const node of this.nodes) {
      // How pallet-babe refuses the blocks of a validator that is disabled; the panic is the runtime's, within its Wasm.
      const isDisabled = (line = '') => line.includes('is disabled and should not be attempting to author blocks');
      const panic = node.log().split('\n').find((line, i, lines) => line.includes('panicked at') && !isDisabled(lines[i + 1]));
      if (panic) throw new Error(`${node.name} panicked (${node.logFile}): ${panic}`);
    }
  }

  /** Kills what still runs; the data and logs stay only if `keep`. */
  async dispose({ keep = false } = {}) {
    if (keep) keepFolder(this.folder);
    await this.killAll();
    await this.#release();
  }
}

/** The number of the node's finalized block. */
export async function finalizedNumber(rpc) {
  return Number((await rpc('chain_getHeader', await rpc('chain_getFinalizedHead'))).number);
}
