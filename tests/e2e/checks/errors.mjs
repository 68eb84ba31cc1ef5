// Typed errors: the code, and the field they are about.
import assert from 'node:assert/strict';
import { RpcError } from '../lib/rpc.mjs';

/** The codes of `conclave_…`. */
export const CODE = {
  committeeNotReady: 21000,
  unknownPkp: 21001,
  unknownScheme: 21002,
  payload: 21003,
  expired: 21004,
  replayed: 21005,
  wrongSigner: 21006,
  notPermitted: 21007,
  membersUnreachable: 21008,
  timedOut: 21009,
  invalidRequest: 21010,
  stale: 21013,
  condition: 21014,
  conditionUndecided: 21015,
  authorisation: 21016,
  actionDiverged: 21020,
  actionsUnavailable: 21021,
  noJob: 21022,
};
/** Parts of a field that an answer may name instead of the whole. */
const PARTS = {
  payload: ['digest', 'message', 'personalMessage'],
  authorisation: ['type', 'signer', 'signature'],
};

/** JSON-RPC's own: the server refused before the method ran. */
export const INVALID_PARAMS = -32602;
export const PARSE_ERROR = -32700;

/** Expects `promise` to fail with one of `codes` about `field` (or a part of it); returns the error. */
export async function expectError(promise, codes, field) {
  const expected = [codes].flat();
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    if (!(error instanceof RpcError)) throw error;
    assert.ok(expected.includes(error.code), `expected code ${expected.join(' or ')}, got ${error.message}`);
    // A message that a developer can act on, and no leak of the node's insides.
    assert.doesNotMatch(error.message, /panicked|RUST_BACKTRACE|\.rs:\d+/, 'the message is for users');
    if (field && error.code >= 21000) {
      const named = error.data?.field;
      const parts = PARTS[field] ?? [];
      assert.ok([field, ...parts, ...parts.map((part) => `${field}.${part}`)].includes(named), `expected data.field ${field}, got ${error.message}`);
    }
    return error;
  }
  assert.fail(`expected code ${expected.join(' or ')}, got an answer: ${JSON.stringify(answer)}`);
}
