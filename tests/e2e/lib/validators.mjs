// Validators that come and go, by the extrinsics that their operators send.
import { hex } from './request.mjs';

/** What a validator of the preset `local` stakes: 100,000 testLPX. */
export const STAKE = 100_000n * 10n ** 12n;

/**
 * Makes `node` a validator whose stash is `account`, in one transaction: bonds, offers to validate, sets the session
 * keys that the node makes and registers its worker keys, both with their proofs. It validates once it is elected.
 */
export async function join(client, node, account, { stake = STAKE } = {}) {
  const { keys, proof } = await node.rpc('author_rotateKeysWithOwner', hex(account.addressRaw));
  const worker = await node.rpc('conclave_proveWorkerKeys', account.address);
  const { staking, session, committee, utility } = client.api.tx;
  return client.submit(
    utility.batchAll([
      staking.bond(stake, 'Staked'),
      staking.validate({ commission: 0, blocked: false }),
      session.setKeys(keys, proof),
      committee.registerWorkerKeys(worker.keys, worker.proofs),
    ]),
    account,
  );
}

/** Offers to validate no longer. It goes on validating until the next election takes effect. */
export const leave = (client, account) => client.submit(client.api.tx.staking.chill(), account);

/** After `leave`, while it is still bonded: offers to validate again. */
export const comeBack = (client, account) => client.submit(client.api.tx.staking.validate({ commission: 0, blocked: false }), account);

/**
 * After it left: takes its attestation and its keys off the chain, and its deposits back; the stake is free after the bonding
 * duration.
 */
export function retire(client, account, { stake = STAKE } = {}) {
  const { attestation, staking, session, committee, utility } = client.api.tx;
  const calls = [attestation.withdraw(), session.purgeKeys(), committee.removeWorkerKeys(), staking.unbond(stake)];
  return client.submit(utility.batchAll(calls), account);
}

/** With `sudo`: every session a new era, so that an election waits for none of the sessions of an era. */
export const electEverySession = (client, sudo) => client.sudo(client.api.tx.staking.forceNewEraAlways(), sudo);

/** Until the validators of the session (do or do not) include `account`; resolves to the session's index. */
export function validating(devnet, client, account, expected = true, { timeout = 600_000 } = {}) {
  const who = client.address(account);
  return devnet.waitFor(
    `${who} ${expected ? 'to validate' : 'to validate no more'}`,
    async () => (await client.validators()).includes(who) === expected && { session: await client.session() },
    { timeout, every: 1_000 },
  ).then(({ session }) => session);
}

/** How many blocks `account` has authored in the era that runs, in the points that staking gives for them. */
export async function pointsOf(client, account) {
  const { staking } = client.api.query;
  const era = (await staking.activeEra()).unwrap().index;
  const { individual } = await staking.erasRewardPoints(era);
  const found = [...individual.entries()].find(([who]) => who.toString() === client.address(account));
  return found ? found[1].toNumber() : 0;
}
