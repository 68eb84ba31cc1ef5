// Worker extrinsics are free for the validators, and only once.
import assert from 'node:assert/strict';

/**
 * Reads every block up to `last`: the committee's extrinsics per call, none of which may have paid a fee. Returns the
 * counts and the bytes of one of them.
 */
export async function assertWorkersPayNothing(api, last) {
  const counts = {};
  let sample;
  for (let number = 1; number <= last; number += 1) {
    const hash = await api.rpc.chain.getBlockHash(number);
    const [{ block }, events] = await Promise.all([api.rpc.chain.getBlock(hash), api.query.system.events.at(hash)]);
    block.extrinsics.forEach((extrinsic, index) => {
      const { section, method } = extrinsic.method;
      if (section !== 'committee') return;
      counts[method] = (counts[method] ?? 0) + 1;
      const own = events.filter(({ phase }) => phase.isApplyExtrinsic && phase.asApplyExtrinsic.toNumber() === index);
      const paid = own.find(({ event }) => event.method === 'TransactionFeePaid' && !event.data.actualFee.isZero());
      assert.ok(!paid, `committee.${method} in block ${number} paid ${paid?.event.data}`);
      sample ??= { name: `committee.${method}`, bytes: extrinsic.toHex() };
    });
  }
  assert.ok(sample, `no extrinsic of the pallet Committee in blocks 1 to ${last}`);
  return { counts, sample };
}

/** The validators have at block `last` what they had at genesis. */
export async function assertBalancesUntouched(api, last) {
  const validators = (await api.query.session.validators()).map(String);
  const at = async (number) => {
    const state = await api.at(await api.rpc.chain.getBlockHash(number));
    const accounts = await Promise.all(validators.map((who) => state.query.system.account(who)));
    return accounts.map(({ data }) => data.free.toBigInt());
  };
  assert.deepEqual(await at(last), await at(0), 'the balances of the validators after key generation');
}

/** A worker extrinsic that is in the chain already dies in validation. */
export async function assertRepeatedRefused(rpc, { name, bytes }) {
  await assert.rejects(rpc('author_submitExtrinsic', bytes), ({ code, message }) => {
    const INVALID_TRANSACTION = 1010;
    assert.equal(code, INVALID_TRANSACTION, `${name} again: ${message}`);
    return true;
  });
}
