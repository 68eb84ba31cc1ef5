// conclave-client as dapps have it: compiled to Wasm, with the JavaScript that wasm-bindgen writes around it.
import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SCRIPT = join(import.meta.dirname, '..', '..', '..', 'scripts', 'client-wasm');
/** 60 generated pairs; `CONCLAVE_PAIRS_FILE` names others (`make pairs`). */
const PAIRS = process.env.CONCLAVE_PAIRS_FILE ?? join(import.meta.dirname, '..', '..', 'vectors', 'condition-pairs.jsonl');

/** Builds it, if it is not built, and loads it. */
export function loadClient() {
  const { status, stdout } = spawnSync(SCRIPT, ['nodejs'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error('scripts/client-wasm failed, see above');
  return createRequire(import.meta.url)(join(stdout.trim(), 'conclave_client.js'));
}

/** `[condition, hash]` of both sides of the generated pairs, with the hashes of native code. */
export async function* generatedConditions(file = PAIRS) {
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { conditions, hashes } = JSON.parse(line);
    yield* conditions.map((text, i) => [text, hashes[i]]);
  }
}
