// Worker extrinsics are free for the validators, and only once.
import assert from 'node:assert/strict';

/**
 * Reads every block up to `last`: the extrinsics of committee and machines per call, none of which may have paid a fee. Returns the
 * counts and the bytes of one of them.
 */
export async function assertWorkersPayNothing(api, rpc, last) {
  const counts = {};
  let sample;
  for (let number = 1; number <= last; number += 1) {
    const hash = await api.rpc.chain.getBlockHash(number);
    const [{ block }, events] = await Promise.all([api.rpc.chain.getBlock(hash), api.query.system.events.at(hash)]);
    for (const [index, extrinsic] of block.extrinsics.entries()) {
      const { section, method } = extrinsic.method;
      if (!['committee', 'attestation'].includes(section)) continue;
      counts[method] = (counts[method] ?? 0) + 1;
      const own = events.filter(({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.toNumber() === index);
      const paid = own.find(({ event }) => event.method === 'TransactionFeePaid' && !event.data.actualFee.isZero());
      assert.ok(!paid, `${section}.${method} in block ${number} paid ${paid?.event.data}`);
      // As the node has it: @polkadot/api reads general transactions, and writes them differently.
      sample ??= { name: `${section}.${method}`, bytes: (await rpc('chain_getBlock', hash)).block.extrinsics[index] };
    }
  }
  assert.ok(counts.register && counts.deal, `no extrinsic of the pallets Attestation and Committee in blocks 1 to ${last}`);
  return { counts, sample };
}

/** The validators have at block `last` what they had at genesis, but for what is held for their machines' attestations. */
export async function assertBalancesUntouched(api, last) {
  const validators = (await api.query.session.validators()).map(String);
  const at = async (number) => {
    const state = await api.at(await api.rpc.chain.getBlockHash(number));
    const accounts = await Promise.all(validators.map((who) => state.query.system.account(who)));
    return accounts.map(({ data }) => data.free.toBigInt());
  };
  const state = await api.at(await api.rpc.chain.getBlockHash(last));
  const attested = await Promise.all(validators.map((who) => state.query.attestation.attestations(who)));
  const held = attested.map((attestation) => attestation.unwrap().deposit.toBigInt());
  const left = (await at(0)).map((free, i) => free - held[i]);
  assert.deepEqual(await at(last), left, 'the balances of the validators after key generation');
}

/** A worker extrinsic that is in the chain already dies in validation: asked of the runtime, and of the pool. */
export async function assertRepeatedRefused(rpc, { name, bytes }) {
  const EXTERNAL = '02';
  const INVALID = '0x0100'; // Err(TransactionValidityError::Invalid(…))
  const [extrinsic, block] = [bytes, await rpc('chain_getFinalizedHead')].map((hex) => hex.slice(2));
  const validity = await rpc('state_call', 'TaggedTransactionQueue_validate_transaction', `0x${EXTERNAL}${extrinsic}${block}`);
  assert.ok(validity.startsWith(INVALID), `${name} again is ${validity} to the runtime`);
  const INVALID_TRANSACTION = 1010;
  const BANNED = 1012; // It was in the pool before: refused without another look.
  await assert.rejects(rpc('author_submitExtrinsic', bytes), ({ code, message }) => {
    assert.ok([INVALID_TRANSACTION, BANNED].includes(code), `${name} again: ${message}`);
    return true;
  });
}
