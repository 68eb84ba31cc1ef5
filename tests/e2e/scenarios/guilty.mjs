// One member in four does wrong, is slow, or dies in the middle: what is signed is right all the same, and who did wrong is
// named. Dave is then a node of another kind (`tests/guilty-node`): a wrapper around an honest worker.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { ed25519 } from '@noble/curves/ed25519.js';
import { Wallet } from 'ethers';
import { CODE } from '../checks/errors.mjs';
import { ActionRunner, cidOf, endorsersOf, methodOf, signerOf } from '../lib/action.mjs';
import { accountAuthoriser, walletAuthoriser } from '../lib/authoriser.mjs';
import { localWith, u32 } from '../lib/chain-spec.mjs';
import { Client, SCOPE, Signer, developmentAccount } from '../lib/client.mjs';
import { indexOf, isWhole, publicKeysOf, watchCommittee } from '../lib/committee.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { transportKey } from '../lib/node-identity.mjs';
import { hex } from '../lib/request.mjs';
import { allowingActions, webServer } from '../lib/outside.mjs';
import { STAKE } from '../lib/validators.mjs';

// The node of altered code runs `guilty` where these say `honest`.
const WORD = `(async () => {
  await Lit.Actions.sign({ toSign: new TextEncoder().encode('the word is honest'), publicKey, sigName: 'word', signingScheme: 'SchnorrEd25519Sha512' });
  Lit.Actions.setResponse({ response: 'honest' });
})();`;
const SIGN = `(async () => {
  await Lit.Actions.sign({ toSign: new Uint8Array(toSign), publicKey, sigName: 'it', signingScheme: 'SchnorrEd25519Sha512' });
  Lit.Actions.setResponse({ response: 'signed' });
})();`;
const FETCH = `(async () => {
  const answer = await (await fetch(url)).text();
  await Lit.Actions.signEcdsa({ toSign: new Uint8Array(toSign), publicKey, sigName: 'it' });
  Lit.Actions.setResponse({ response: answer });
})();`;
const OPEN = `(async () => {
  const accessControlConditions = jsParams.conditions;
  const sealed = await Lit.Actions.runOnce({ waitForResponse: true, name: 'encrypt' }, async () =>
    JSON.stringify(await Lit.Actions.encrypt({ accessControlConditions, to_encrypt: new TextEncoder().encode('a secret') })));
  const plaintext = await Lit.Actions.decryptAndCombine({ accessControlConditions, ...JSON.parse(sealed), authSig: null, chain: 'ethereum' });
  Lit.Actions.setResponse({ response: plaintext });
})();`;

/** Requests until a wrong share met each quorum that has the guilty one. */
const REQUESTS_AMONG_LIARS = 6;

export default async function guilty(report, own) {
  const { step, figure, note } = report;
  const gate = newGate();
  const server = await webServer({ '/slow': () => gate.pass(), '/quick': () => 'at once' });
  // Slashes wait two days for somebody to cancel them, but not here.
  const chain = localWith({ SlashDeferDuration: u32(0) });
  const devnet = await own(Devnet.validators({ label: 'guilty', chain, args: () => ['--external-chains', allowingActions(server)] }));
  const [first, second, third, dave] = devnet.nodes;
  const guiltyBinary = join(dirname(dave.binary), 'conclave-guilty-node');
  await step('four validators start', () => devnet.start());
  const status = await step('keys are generated', () => watchCommittee(devnet, { print: note, done: isWhole }));
  const [firstIndex, , thirdIndex, daveIndex] = devnet.nodes.map((_, i) => indexOf(status, hex(transportKey(i))));
  const client = await Client.connect(first);
  const alice = await developmentAccount('//Alice');
  const wallet = Wallet.createRandom();
  const runner = (node) => new ActionRunner(node, walletAuthoriser(wallet));
  const pkp = await step('Alice mints a PKP for these actions', async () => {
    const minted = await client.mint(alice);
    // Also what Dave makes of it: that it is not signed is not for want of permission.
    const used = [WORD, WORD.replaceAll('honest', 'guilty'), SIGN, FETCH].map((code) => ({ method: methodOf(code), scopes: SCOPE.signAnything }));
    await client.permitAll(alice, minted.id, used);
    return minted;
  });
  const { evm } = await client.addresses(pkp.id);
  const publicKey = pkp.keys.secp256k1;
  const succeeded = (answer) => {
    assert.equal(answer.success, true, `failed: ${answer.error}, logs: ${answer.logs}`);
    const endorsers = endorsersOf(answer, status);
    assert.ok(endorsers.size >= 3, `${[...endorsers]} have signed the outcome`);
    return { ...answer, endorsers };
  };
  /** All four take part again: a node that was frozen is some time behind its chain, and runs nothing until it is not. */
  const recovered = async () => {
    await devnet.finalized(await finalizedNumber(first.rpc));
    await watchCommittee(devnet, { print: note, done: isWhole });
  };
  const become = async (guilt) => {
    await dave.stop();
    Object.assign(dave, { binary: guiltyBinary, env: { CONCLAVE_GUILT: guilt } });
    dave.start();
    await dave.ready();
    await recovered();
  };
  const fired = (guilt) => dave.log().split(`guilty: ${guilt}, `).length - 1;

  await step('a member that is slow holds nobody up', async () => {
    third.freeze();
    try {
      const digest = randomBytes(32);
      const started = performance.now();
      const answer = succeeded(await runner(first).run(FETCH, { url: `${server.url}/quick`, toSign: [...digest], publicKey }));
      figure('with_a_frozen_member_ms', Math.round(performance.now() - started));
      assert.equal(signerOf(digest, answer.signatures.it), evm);
      assert.ok(!answer.endorsers.has(thirdIndex));
    } finally {
      third.thaw();
    }
    await recovered();
  });

  await step('a member dies in the middle of an action: the others bring it to its end', async () => {
    const digest = randomBytes(32);
    gate.close();
    const running = runner(first).run(FETCH, { url: `${server.url}/slow`, toSign: [...digest], publicKey });
    await devnet.waitFor('all four to ask', () => server.asked('/slow') >= 4);
    await second.kill();
    gate.open();
    const answer = succeeded(await running);
    assert.equal(answer.response, 'late');
    assert.equal(signerOf(digest, answer.signatures.it), evm);
    assert.ok(answer.endorsers.has(firstIndex) && answer.endorsers.size === 3);
    second.start();
    await second.ready();
    await recovered();
  });

  await step('Dave runs altered code: nobody signs what it wants, and it is named', async () => {
    await become('altered-code');
    for (const node of [first, second, third]) {
      const answer = succeeded(await runner(node).run(WORD, { publicKey }));
      assert.equal(answer.response, 'honest');
      const { dataSigned, signature } = answer.signatures.word;
      assert.equal(Buffer.from(dataSigned.slice(2), 'hex').toString(), 'the word is honest');
      assert.ok(ed25519.verify(signature.slice(2), Buffer.from('the word is honest'), pkp.keys.ed25519.slice(2)));
      assert.ok(!answer.endorsers.has(daveIndex));
    }
    assert.ok(fired('AlteredCode') >= 3, 'the fault fired');
  });

  await step('with another member away, there is no signature rather than one that two want', async () => {
    third.freeze();
    try {
      const before = fired('AlteredCode');
      const error = await runner(first).run(WORD, { publicKey }).then((answer) => assert.fail(JSON.stringify(answer)), (error) => error);
      note(`${error.code}: ${error.message}`);
      assert.equal(error.code, CODE.actionDiverged, error.message);
      const differs = error.data.members.find(({ member }) => member === daveIndex);
      assert.ok(differs, `Dave is named: ${JSON.stringify(error.data)}`);
      assert.ok(fired('AlteredCode') > before, 'the fault fired');
    } finally {
      third.thaw();
    }
    await recovered();
  });

  await step('Dave signs outcomes that are not what it reports: its endorsement counts for nothing', async () => {
    await become('misendorsed-outcomes');
    await devnet.waitFor('a report of Dave', async () => {
      const answer = succeeded(await runner(second).run(WORD, { publicKey }));
      assert.ok(!answer.endorsers.has(daveIndex) && answer.endorsements.length === answer.endorsers.size);
      return fired('MisendorsedOutcomes') > 0;
      // A node that was frozen may wait a minute for blocks that it asked of one that was restarted.
    }, { timeout: 180_000 });
  });

  await step('Dave sends wrong shares of decryption keys and signatures: all are served, and all are right', async () => {
    await become('wrong-shares');
    const conditions = [{ contractAddress: '', chain: 'ethereum', standardContractType: '', method: '', parameters: [':currentActionIpfsId'], returnValueTest: { comparator: '=', value: cidOf(OPEN) } }];
    for (const node of devnet.nodes) assert.equal(succeeded(await runner(node).run(OPEN, { conditions })).response, 'a secret');
    const opened = fired('WrongShares');
    assert.ok(opened > 0, 'no wrong share of a decryption key was sent');
    for (let i = 0; i < REQUESTS_AMONG_LIARS; i += 1) {
      const message = randomBytes(32);
      const answer = succeeded(await runner(devnet.nodes[i % 4]).run(SIGN, { toSign: [...message], publicKey }));
      assert.ok(ed25519.verify(answer.signatures.it.signature.slice(2), message, pkp.keys.ed25519.slice(2)));
    }
    assert.ok(fired('WrongShares') > opened, 'no wrong share of a signature was sent');
    figure('wrong_shares', fired('WrongShares'));
  });

  await step('Dave costs a request one attempt: its own message shows who it was', async () => {
    const attempts = [];
    const before = fired('WrongShares');
    for (const node of devnet.nodes) {
      for (const scheme of ['ed25519', 'schnorr-bip340', 'bls12381-g2']) {
        const signer = new Signer(node, client.genesis);
        // The shares of the others are right: Dave alone can make the signature, and may hand it over.
        attempts.push((await signer.sign(pkp.id, scheme, { message: hex(randomBytes(32)) }, accountAuthoriser(alice))).attempts);
      }
    }
    assert.ok(fired('WrongShares') > before, 'Dave sent no wrong share');
    assert.ok(attempts.every((count) => count <= 2), `attempts: ${attempts}`);
    figure('attempts', attempts.join(' '));
  });

  await step('the chain has convicted Dave by the share that it signed, and nobody else', async () => {
    const { committee, offences, session } = client.api.query;
    const convicted = await devnet.waitFor('a conviction', async () => {
      const found = (await committee.convictions.entries()).flatMap(([, convictions]) => convictions.toJSON());
      return found.length > 0 && found;
    });
    assert.deepEqual(convicted, [[daveIndex, 'SignatureShare']]);
    const reported = (await offences.reports.entries()).map(([, details]) => details.unwrap().offender.toJSON()[0]);
    const account = status.committee.members.find(({ index }) => index === daveIndex).account;
    assert.deepEqual(reported, [account], 'one offence, of Dave');
    const disabled = await devnet.waitFor('Dave to be disabled', async () => {
      const [validators, found] = await Promise.all([session.validators(), session.disabledValidators()]);
      return found.length > 0 && found.map((entry) => validators[(entry[0] ?? entry).toNumber()].toString());
    });
    assert.deepEqual(disabled, [account]);
  });

  await step('Dave has lost a tenth of its stake, and the others nothing', async () => {
    const { ledger } = client.api.query.staking;
    for (const { account, index } of status.committee.members) {
      const { active } = (await ledger(account)).unwrap();
      assert.equal(active.toBigInt(), index === daveIndex ? (STAKE * 9n) / 10n : STAKE, account);
    }
  });

  const { query, tx } = client.api;
  const reshared = await step('Dave deals badly to the next committee, which is one without it', async () => {
    await become('bad-reshare');
    // As the next session that changes the validators, or ends the epoch, would: conviction itself excludes.
    for (;;) {
      await client.sudo(tx.committee.startAttempt(), alice);
      const [attempt, dealers] = await devnet.waitFor('three dealings', async () => {
        const [running, dealings] = await Promise.all([query.committee.running(), query.committee.dealings.keys()]);
        const { id, phase, round, guiltyDealers } = running.unwrap().toJSON();
        return (phase !== 'Deal' || round > 0) && [id.attempt, [...dealings.map(({ args: [dealer] }) => dealer.toNumber()), ...guiltyDealers]];
      }, { every: 1_000 });
      if (dealers.includes(daveIndex)) return attempt;
      note(`attempt ${attempt} has taken those of ${dealers}`);
      await client.sudo(tx.committee.cancelAttempt(), alice);
    }
  });

  await step('a member complains, the one that was not needed deals in its stead, and keys are the same', async () => {
    const members = status.committee.members.filter(({ index }) => index !== daveIndex).map(({ account }) => account).sort();
    const next = await watchCommittee(devnet, {
      print: note,
      done: (now) => isWhole(now) && !now.attempt && now.committee.epoch > status.committee.epoch,
      timeout: 300_000,
    });
    assert.equal(next.committee.attempt, reshared, 'the same attempt, not one that it failed for');
    assert.deepEqual(next.committee.members.map(({ account }) => account).sort(), members);
    assert.deepEqual(publicKeysOf(next), publicKeysOf(status));
    assert.ok(fired('BadReshare') > 0, 'Dave dealt well');
    const convicted = (await query.committee.convictions.entries()).flatMap(([, convictions]) => convictions.toJSON());
    assert.deepEqual(convicted.sort(), [[daveIndex, 'Dealing'], [daveIndex, 'SignatureShare']]);
    const message = randomBytes(32);
    const { signature } = await new Signer(second, client.genesis).sign(pkp.id, 'ed25519', { message: hex(message) }, accountAuthoriser(alice));
    assert.ok(ed25519.verify(signature.slice(2), message, pkp.keys.ed25519.slice(2)));
  });

  await client.disconnect();
  await server.close();
}

/** Holds who passes while it is closed. */
function newGate() {
  let opened = Promise.resolve();
  let open = () => {};
  return {
    pass: () => opened.then(() => 'late'),
    close() { opened = new Promise((resolve) => { open = resolve; }); },
    open: () => open(),
  };
}
