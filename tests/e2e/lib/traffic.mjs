// A client that asks for signatures all the time, and counts.
import { id as keccakOfText } from 'ethers';
import { assertEcdsa, assertEd25519 } from '../checks/signatures.mjs';
import { Signer } from './client.mjs';
import { percentiles } from './latency.mjs';
import { hex } from './request.mjs';

/** Each asks for one signature, checks it with other people's libraries, and throws if it is wrong. */
const SCHEMES = {
  ed25519: async (signer, pkp, text, owner) => {
    const message = hex(Buffer.from(text));
    const { signature, attempts, quorum } = await signer.sign(pkp.id, 'ed25519', { message }, owner);
    return { attempts, quorum, check: () => assertEd25519({ publicKey: pkp.keys.ed25519, message, signature }) };
  },
  'ecdsa-secp256k1': async (signer, pkp, text, owner) => {
    const digest = keccakOfText(text);
    const { signature, attempts, quorum } = await signer.sign(pkp.id, 'ecdsa-secp256k1', { digest }, owner);
    return { attempts, quorum, check: () => assertEcdsa({ publicKey: pkp.keys.secp256k1, digest, signature }) };
  },
};

/** Asks for a signature every `every` ms, by each scheme in turn and through each of `nodes()` in turn, until stopped. */
export class Traffic {
  #timer;
  #asked = new Set();
  count = 0;
  /** What goes on, as whoever watches says: requests are counted by it. */
  during = 'idle';
  /** How many members serve, as whoever watches says. */
  members;
  wrong = [];
  /** { at, during, members, scheme, node, error } of every request that brought no signature. */
  failed = [];
  /** { at, during, members, scheme, ms, attempts, quorum } of every one that did. */
  served = [];

  constructor({ nodes, genesis, pkp, owner, every = 1_000, schemes = Object.keys(SCHEMES) }) {
    Object.assign(this, { nodes, genesis, pkp, owner, schemes });
    this.#timer = setInterval(() => {
      const asked = this.#ask().finally(() => this.#asked.delete(asked));
      this.#asked.add(asked);
    }, every);
  }

  async #ask() {
    const number = this.count;
    this.count += 1;
    const nodes = this.nodes();
    const node = nodes[number % nodes.length];
    const scheme = this.schemes[number % this.schemes.length];
    const { during, members } = this;
    const at = Date.now();
    try {
      const { attempts, quorum, check } = await SCHEMES[scheme](new Signer(node, this.genesis), this.pkp, `request ${number}`, this.owner);
      this.served.push({ at, during, members, scheme, ms: Date.now() - at, attempts, quorum });
      try {
        check();
      } catch (error) {
        this.wrong.push({ number, scheme, error: error.message });
      }
    } catch (error) {
      this.failed.push({ at, during, members, scheme, node: node.name, error: `${error.code ?? ''} ${error.message}`.trim() });
    }
  }

  async stop() {
    clearInterval(this.#timer);
    await Promise.all(this.#asked);
  }

  /**
   * `{ asked, served, wrong, servedPercent, latencyMs }`; with `since` of what was asked from then on, with `during`, `members`
   * and `scheme` of what was asked while that went on, while so many served, and of that scheme.
   */
  figures({ since = 0, ...like } = {}) {
    const meant = (one) => one.at >= since && Object.entries(like).every(([name, value]) => one[name] === value);
    const served = this.served.filter(meant);
    const failed = this.failed.filter(meant);
    const of = (scheme) => served.filter((one) => one.scheme === scheme).map(({ ms }) => ms);
    return {
      asked: served.length + failed.length,
      served: served.length,
      wrong: this.wrong.length,
      servedPercent: Math.round((10_000 * served.length) / Math.max(1, served.length + failed.length)) / 100,
      latencyMs: Object.fromEntries(this.schemes.filter((scheme) => of(scheme).length).map((scheme) => [scheme, percentiles(of(scheme))])),
    };
  }
}
