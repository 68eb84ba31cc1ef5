// Lit's packages and conclave-client, both ways: what one encrypts the other decrypts, and a changed ciphertext neither.
//   cd tests/e2e/lit && npm ci --ignore-scripts && node interop.mjs
// CONCLAVE_LIT=<path> takes a built example `lit` of conclave-client; otherwise cargo builds it.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { crypto, decrypt, identityOf, PUBLIC, quietly, sha256, signatureShares } from './lit.mjs';

const [command, ...before] = process.env.CONCLAVE_LIT
  ? [process.env.CONCLAVE_LIT]
  : ['cargo', 'run', '--quiet', '--locked', '-p', 'conclave-client', '--example', 'lit', '--'];

function ours(...args) {
  const { status, stdout, stderr, error } = spawnSync(command, [...before, ...args], { encoding: 'utf8' });
  if (error) throw error;
  return { ok: status === 0, out: stdout.trim(), error: stderr.trim() };
}

let passed = 0;
let failed = 0;
function check(what, holds) {
  if (holds) passed += 1;
  else failed += 1;
  if (!holds) console.error(`failed: ${what}`);
}

for (const length of [0, 1, 29, 30, 31, 32, 33, 126, 127, 128, 129, 5_000]) {
  const plaintext = randomBytes(length);
  const condition = randomBytes(32).toString('hex');
  const identity = identityOf(condition, plaintext);
  const signature = await quietly(() => crypto.combineSignatureShares(signatureShares(Buffer.from(identity))));

  const theirs = await crypto.encrypt(PUBLIC, plaintext, Buffer.from(identity));
  const opened = ours('decrypt', PUBLIC, condition, sha256(plaintext), signature, theirs);
  check(`ours decrypts theirs, ${length}: ${opened.error}`, opened.ok && opened.out === plaintext.toString('hex'));

  const made = ours('encrypt', PUBLIC, condition, plaintext.toString('hex'));
  check(`ours encrypts, ${length}: ${made.error}`, made.ok);
  check(`as long as theirs, ${length}`, made.out.length === theirs.length);
  const read = await decrypt(made.out, identity);
  check(`theirs decrypts ours, ${length}`, Buffer.from(read).equals(plaintext));

  const changed = Buffer.from(theirs, 'base64');
  changed[60] ^= 1;
  const refused = ours('decrypt', PUBLIC, condition, sha256(plaintext), signature, changed.toString('base64'));
  check(`ours refuses a changed one, ${length}: ${refused.error}`, !refused.ok && refused.error.includes('was changed'));
  const theirsToo = await decrypt(changed.toString('base64'), identity).then(() => false, () => true);
  check(`theirs refuses a changed one, ${length}`, theirsToo);
}
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
