// Specifications of chains that begin like `local`, but with other values of the runtime's parameters.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { u8aToHex } from '@polkadot/util';
import { xxhashAsHex } from '@polkadot/util-crypto';

/** Little-endian, as SCALE has integers. */
const integer = (bits) => (value) => {
  const bytes = Buffer.alloc(bits / 8);
  bytes.writeUIntLE(value, 0, Math.min(bits / 8, 6));
  return u8aToHex(bytes);
};
export const u32 = integer(32);
export const u64 = integer(64);

/**
 * The option `chain` of `Devnet.validators`: `local` with `parameters`, by their names in the runtime (those that it
 * declares as `pub storage`) and encoded.
 */
export const localWith = (parameters) => (folder, binary) => {
  const { status, stdout, stderr } = spawnSync(binary, ['build-spec', '--chain', 'local', '--raw', '--disable-default-bootnode', '--log', 'error'], {
    encoding: 'utf8',
    maxBuffer: 64 << 20,
  });
  if (status !== 0) throw new Error(`build-spec failed: ${stderr}`);
  const specification = JSON.parse(stdout);
  for (const [name, value] of Object.entries(parameters)) specification.genesis.raw.top[xxhashAsHex(`:${name}:`, 128)] = value;
  const path = join(folder, 'chain.json');
  writeFileSync(path, JSON.stringify(specification));
  return path;
};

/** Sessions of `slots` slots (of 3 s), eras of `sessionsPerEra` sessions. */
export const shortSessions = ({ slots = 20, sessionsPerEra = 1 } = {}) =>
  localWith({ EpochDuration: u64(slots), SessionsPerEra: u32(sessionsPerEra) });
