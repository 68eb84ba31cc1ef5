// Ports that no other devnet on this machine uses.
import { createServer } from 'node:net';

const P2P = 30433;
const RPC = 9944;
const PROMETHEUS = 9615;
const SLOT = 10;
const SLOTS = 30; // The next slot's Prometheus ports would reach the RPC ports.

/** The most nodes of one devnet: a slot's last port is its lock. */
export const MAX_NODES = SLOT - 1;

/**
 * Claims a slot of ports for `count` nodes. The claim is a listening socket, so it ends with this process however
 * that ends, and two devnets started at once cannot get the same slot.
 */
export async function claimPorts(count) {
  for (let offset = 0; offset < SLOT * SLOTS; offset += SLOT) {
    const claim = await listen(P2P + offset + MAX_NODES);
    if (!claim) continue;
    const ports = Array.from({ length: count }, (_, i) => ({
      p2p: P2P + offset + i,
      rpc: RPC + offset + i,
      prometheus: PROMETHEUS + offset + i,
    }));
    if (await allFree(ports.flatMap(Object.values))) {
      claim.unref();
      return { ports, release: () => close(claim) };
    }
    await close(claim);
  }
  throw new Error(`no free ports among ${SLOTS} slots from ${RPC} on: stop devnets that still run (ps aux | grep conclave-node)`);
}

async function allFree(ports) {
  for (const port of ports) {
    const server = await listen(port);
    if (!server) return false;
    await close(server);
  }
  return true;
}

const listen = (port) =>
  new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => resolve(server));
  });

const close = (server) => new Promise((resolve) => server.close(resolve));
