// One real conclave-node process: start, kill, stop and start again on the same base path.
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, openSync, closeSync, readFileSync, writeSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { adopt, tied } from './children.mjs';
import { rpcAt } from './rpc.mjs';
import { waitFor } from './wait.mjs';

/** Where the node's binary is: `CONCLAVE_NODE`, or where cargo puts it (scripts/environment). */
export function nodeBinary() {
  const binary = process.env.CONCLAVE_NODE ?? join(targetFolder(), 'debug', 'conclave-node-dev');
  if (!existsSync(binary)) {
    throw new Error(`no node at ${binary}: build it with \`cargo build -p conclave-node-dev\`, or say where it is with CONCLAVE_NODE=<path>`);
  }
  return binary;
}

const targetFolder = () => process.env.CARGO_TARGET_DIR ?? join(homedir(), '.cache', 'conclave', 'target');

/** An example of one of our crates, where cargo puts it. */
export const exampleBinary = (name) => join(targetFolder(), 'debug', 'examples', name);

export class NodeProcess {
  #child;
  #exit;
  #crash;

  /** `peerId`, where given, is who must answer on the RPC port; `onCrash` hears of an end that nobody asked for. */
  constructor({ name, binary, args, env = {}, folder, ports, peerId, onCrash = () => {} }) {
    Object.assign(this, { name, binary, args, env, ports, peerId, onCrash });
    this.basePath = join(folder, name);
    this.logFile = join(folder, `${name}.log`);
    this.url = `http://127.0.0.1:${ports.rpc}`;
    this.wsUrl = `ws://127.0.0.1:${ports.rpc}`;
    this.rpc = rpcAt(this.url);
  }

  get running() {
    return this.#child !== undefined;
  }

  get pid() {
    return this.#child?.pid;
  }

  start() {
    if (this.running) throw new Error(`${this.name} runs already`);
    mkdirSync(this.basePath, { recursive: true });
    const log = openSync(this.logFile, 'a');
    const args = [
      ...this.args,
      '--base-path', this.basePath,
      '--listen-addr', `/ip4/127.0.0.1/tcp/${this.ports.p2p}`,
      '--rpc-port', String(this.ports.rpc),
      '--prometheus-port', String(this.ports.prometheus),
      // Loopback only, which is where the RPC server listens unless told otherwise.
      '--rpc-cors', 'all',
      '--rpc-methods', 'unsafe',
      '--no-telemetry',
      '--no-mdns',
    ];
    writeSync(log, `\n$ ${this.binary} ${args.join(' ')}\n`);
    const child = spawn(...tied(this.binary, args), { stdio: ['ignore', log, log], env: { ...process.env, ...this.env } });
    closeSync(log);
    adopt(child);
    this.#child = child;
    this.#crash = undefined;
    this.#exit = new Promise((resolve) => {
      child.once('error', (error) => this.#ended(resolve, { error: error.message }));
      child.once('exit', (code, signal) => this.#ended(resolve, { code, signal }));
    });
  }

  #ended(resolve, exit) {
    const expected = this.#child?.expected;
    this.#child = undefined;
    resolve(exit);
    if (expected) return;
    this.#crash = new Error(`${this.name} ended by itself with ${JSON.stringify(exit)}; its log (${this.logFile}) ends:\n${this.logTail()}`);
    this.onCrash(this.#crash);
  }

  /** Throws if the process ended without being asked to. */
  assertAlive() {
    if (this.#crash) throw this.#crash;
  }

  /** Until the RPC answers, and it is ours: another process may have taken the port. */
  async ready(timeout = 300_000) {
    await waitFor(`the RPC of ${this.name} at ${this.url} (log: ${this.logFile})`, () => this.rpc('system_health'), {
      timeout,
      alive: () => this.assertAlive(),
    });
    if (!this.peerId) return;
    const answered = await this.rpc('system_localPeerId');
    if (answered !== this.peerId) {
      throw new Error(`${this.url} is answered by ${answered}, not by ${this.name} (${this.peerId}): stop what else uses that port`);
    }
  }

  /** SIGKILL: the process gets no chance to save anything. */
  kill() {
    return this.#end('SIGKILL');
  }

  /** Stops the process where it is, as a machine that hangs does; `thaw` lets it go on. */
  freeze() {
    this.#child.kill('SIGSTOP');
  }

  thaw() {
    this.#child.kill('SIGCONT');
  }

  /** SIGTERM, and SIGKILL after `patience` ms; resolves to `{ code, signal, ms }`. */
  async stop(patience = 30_000) {
    const started = Date.now();
    const child = this.#child;
    const force = setTimeout(() => child?.kill('SIGKILL'), patience);
    const exit = await this.#end('SIGTERM');
    clearTimeout(force);
    return { ...exit, ms: Date.now() - started };
  }

  async #end(signal) {
    if (!this.#child) return this.#exit;
    this.#child.expected = true;
    this.#child.kill(signal);
    return this.#exit;
  }

  log() {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** The end of the log. */
  logTail(lines = 20) {
    return this.log().trimEnd().split('\n').slice(-lines).map((line) => `  | ${line}`).join('\n');
  }
}
