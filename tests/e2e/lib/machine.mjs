// The software PSP of a node: a file in its data folder says which chip, image and firmware it is.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { nodeBinary } from './node.mjs';
import { u8aToHex, u8aToU8a, u8aConcat, compactToU8a, stringToU8a, bnToU8a } from '@polkadot/util';

/** What pallets/dev-roots has: the first release's measurement, the floor's versions, the processor. */
export const MEASUREMENT = Buffer.from('DEV-NOT-AMD: nothing was measured, release 1    ').toString('hex');
export const FLOOR = { tcb: { fmc: 0, bootloader: 1, tee: 0, snp: 1, microcode: 1 }, firmware: { major: 1, minor: 55, build: 0 } };
export const CPUID = { family: 0xde, model: 0, stepping: 0 };

const fileOf = (node) => join(node.basePath, 'chains', 'conclave_local', 'conclave.machine.json');

/** Puts `node`, which does not run, on this machine. */
export function install(node, { chip, measurement = MEASUREMENT, snp = 1, microcode = 1 }) {
  mkdirSync(dirname(fileOf(node)), { recursive: true });
  writeFileSync(fileOf(node), JSON.stringify({ chip, measurement, snp, microcode }));
}

export const machineOf = (node) => JSON.parse(readFileSync(fileOf(node), 'utf8'));

/** CHIP_ID of a chip by its number. */
export function chipId(number) {
  const id = Buffer.alloc(64);
  id.write('DEV-NOT-AMD');
  id.writeBigUInt64BE(BigInt(number), 12);
  return u8aToHex(id);
}

/** A release as `attestation.setRelease` takes it. */
export const release = (id, measurement, status = 'Active') => ({
  id,
  measurement: `0x${measurement}`,
  vcpus: 1,
  validFrom: 0,
  validUntil: null,
  status,
  sourceDigest: `0x${'00'.repeat(32)}`,
  identity: {
    familyId: `0x${'00'.repeat(16)}`,
    imageId: `0x${'00'.repeat(16)}`,
    hostData: `0x${'00'.repeat(32)}`,
    idKeyDigest: `0x${'00'.repeat(48)}`,
    authorKeyDigest: `0x${'00'.repeat(48)}`,
  },
});

/** What a client believes by itself, from the finalized state that `node` shows it. */
export async function machineTrust(client, node) {
  const { attestation } = client.api.query;
  const { committee, finalized } = await node.rpc('conclave_committee');
  const floors = (await attestation.floors.entries()).map(([key, record]) => [key.args[0].toHex(), record.unwrap().floor.toHex()]);
  const releases = (await attestation.releases.entries()).map(([, release]) => release.unwrap().toHex());
  return {
    genesisHash: client.genesis,
    finalized,
    members: committee.members.map(({ account, transport }) => ({ validator: account, transport })),
    policy: (await attestation.currentPolicy()).toHex(),
    floors,
    releases,
  };
}

/** `conclave-node attestation verify-members`: what it prints; throws, with that, where it refuses. */
export function verifyMembers({ answer, nonce, trust, folder }) {
  const file = (name, value) => {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(value));
    return path;
  };
  const args = ['attestation', 'verify-members', file('answer.json', answer), '--nonce', nonce, '--trust', file('trust.json', trust)];
  const { status, stdout, stderr } = spawnSync(nodeBinary(), args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${stdout}${stderr}`);
  return stdout;
}

/** What `conclave_attestation` should have put into REPORT_DATA: SHA-512 of the SCALE of everything that it names. */
export function reportData(genesisHash, answer, account, nonce) {
  const bytes = (value) => u8aToU8a(value);
  const long = (value) => u8aConcat(compactToU8a(value.length), value);
  const { encryption, signing, transport } = answer.workerKeys;
  return createHash('sha512')
    .update(
      u8aConcat(
        long(stringToU8a('CONCLAVE-V1-SNP-REPORT')),
        bytes(genesisHash),
        new Uint8Array([2]),
        bytes(nonce),
        account.addressRaw,
        long(bytes(answer.sessionKeys)),
        bytes(encryption),
        bytes(signing),
        bytes(transport),
        bnToU8a(answer.blockNumber, { bitLength: 32 }),
        bytes(answer.blockHash),
      ),
    )
    .digest('hex');
}

/** Fields of a report, in hex. */
export function readReport(report) {
  const bytes = Buffer.from(report.slice(2), 'hex');
  const at = (from, length) => bytes.subarray(from, from + length).toString('hex');
  return { data: at(0x50, 64), measurement: at(0x90, 48), chip: `0x${at(0x1a0, 64)}` };
}
