// What a node keeps on disk.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/** The folder of a node's records. */
export const recordsOf = (node) => {
  const chains = join(node.basePath, 'chains');
  const [chain] = readdirSync(chains);
  return join(chains, chain, 'conclave');
};

/** The attempts that a node's records of keys, dealings, shares and pairs are of. */
export const attemptsOnDisk = (node) =>
  new Set(list(recordsOf(node)).filter((record) => /^(key|dealing|dealing-key|shares|pair)\./.test(record)).map((record) => record.split('.')[1]));

/**
 * Copies of the sealing keys, shares and dealing keys that nodes wrote, taken while these are on disk. An attempt's key seals its shares and
 * is erased first: where the key's record is nowhere, a copy of the shares, or of what opens the dealings, opens no more.
 */
export class RecordCopies {
  #copies = new Map();

  /** Copies whatever is new. */
  take(node) {
    const copies = this.#copies.get(node.name) ?? new Map();
    this.#copies.set(node.name, copies);
    let folder;
    try {
      folder = recordsOf(node);
    } catch {
      return;
    }
    for (const record of list(folder)) {
      if (!/^(key|shares|dealing-key)\.[0-9-]+$/.test(record) || copies.has(record)) continue;
      const bytes = read(join(folder, record));
      // Records start with their version; zeros are one that is just being erased.
      if (bytes?.[0]) copies.set(record, bytes);
    }
  }

  /**
   * Which copied records a scan of every file under the node's base path finds (`kept`), and which not (`erased`). Those that
   * are still listed as records must be found, all others must not.
   */
  scan(node) {
    const before = new Set(list(recordsOf(node)));
    const copies = [...(this.#copies.get(node.name) ?? [])];
    const found = new Set();
    for (const file of filesUnder(node.basePath)) {
      const bytes = read(file);
      for (const [record, copy] of copies) if (bytes?.includes(copy)) found.add(record);
    }
    const after = new Set(list(recordsOf(node)));
    for (const [record] of copies) {
      // The node works on: what it erased during the scan may be found or not.
      if (before.has(record) === after.has(record)) assert.equal(found.has(record), after.has(record), `${node.name}: ${record} on disk`);
    }
    const names = copies.map(([record]) => record);
    return { kept: names.filter((record) => found.has(record)), erased: names.filter((record) => !found.has(record)) };
  }
}

const list = (folder) => {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
};

/** Undefined if the node erased it meanwhile. */
const read = (file) => {
  try {
    return readFileSync(file);
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
};

function* filesUnder(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) yield* filesUnder(path);
    // Sockets and the like hold no bytes; a file of gigabytes would be a database of another scenario.
    else if (entry.isFile() && statSync(path).size < 2 ** 31) yield path;
  }
}
