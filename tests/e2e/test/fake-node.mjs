#!/usr/bin/env node
// Stands in for conclave-node where only the harness is under test: answers a few RPCs, remembers its starts in its
// base path, stops cleanly on SIGTERM, and crashes when asked to.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { peerId } from '../lib/node-identity.mjs';

const option = (name) => process.argv[process.argv.indexOf(name) + 1];
const folder = option('--base-path');
const startsFile = join(folder, 'starts');
const starts = (existsSync(startsFile) ? Number(readFileSync(startsFile, 'utf8')) : 0) + 1;
writeFileSync(startsFile, String(starts));

function crash() {
  console.log("thread 'main' panicked at fake-node.mjs");
  process.exit(3);
}

const answers = {
  system_health: () => ({ peers: 3, isSyncing: false, shouldHavePeers: true }),
  system_localPeerId: () => peerId(Number(option('--node-key')) - 1),
  chain_getHeader: () => ({ number: '0x2a' }),
  chain_getFinalizedHead: () => '0x00',
  conclave_committee: () => ({ genesisHash: '0x00', finalized: 42, committee: null, attempt: null, ready: {}, missingPairs: [] }),
  fake_crash: () => setTimeout(crash, 50) && true,
  fake_state: () => ({ starts, args: process.argv.slice(2), pid: process.pid }),
};

createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => { body += chunk; });
  request.on('end', () => {
    const { id, method } = JSON.parse(body);
    const answer = answers[method] ? { result: answers[method]() } : { error: { code: -32601, message: 'Method not found' } };
    response.end(JSON.stringify({ jsonrpc: '2.0', id, ...answer }));
  });
}).listen(Number(option('--rpc-port')), '127.0.0.1');

process.on('SIGTERM', () => process.exit(0));
