// Actions on four validators: each runs them by itself, and what t of them want is signed.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { Signature, Transaction, Wallet, getBytes, hexlify, verifyMessage } from 'ethers';
import { CODE, expectError } from '../checks/errors.mjs';
import { ActionRunner, cidOf, digestOf, endorsersOf, methodOf, signerOf } from '../lib/action.mjs';
import { walletAuthoriser } from '../lib/authoriser.mjs';
import { loadClient } from '../lib/client-wasm.mjs';
import { Client, SCOPE, developmentAccount } from '../lib/client.mjs';
import { signsWith, watchCommittee } from '../lib/committee.mjs';
import { Devnet } from '../lib/devnet.mjs';
import { percentiles } from '../lib/latency.mjs';
import { allowingActions, webServer } from '../lib/outside.mjs';

// In the published API of Lit Actions.
const SIGN = `(async () => {
  const share = await Lit.Actions.signEcdsa({ toSign: new Uint8Array(toSign), publicKey, sigName: 'sig1' });
  console.log('signed', share);
  Lit.Actions.setResponse({ response: JSON.stringify({ share, by: Lit.Auth.authSigAddress, id: Lit.Auth.actionIpfsIdStack[0] }) });
})();`;
const PERSONAL = `(async () => {
  await Lit.Actions.ethPersonalSignMessageEcdsa({ message, publicKey, sigName: 'personal' });
})();`;
const COMBINE = `(async () => {
  const signature = await Lit.Actions.signAndCombineEcdsa({ toSign: new Uint8Array(toSign), publicKey, sigName: 'tx' });
  Lit.Actions.setResponse({ response: signature });
})();`;
const ORACLE = `(async () => {
  const answer = await fetch(url);
  const { price } = await answer.json();
  if (price < limit) return Lit.Actions.setResponse({ response: 'too low: ' + price });
  await Lit.Actions.sign({ toSign: new TextEncoder().encode('price ' + price), publicKey, sigName: 'price', signingScheme: 'SchnorrEd25519Sha512' });
  Lit.Actions.setResponse({ response: 'signed' });
})();`;
const CHILD = `Lit.Actions.setResponse({ response: 'child of ' + jsParams.name + ' at depth ' + Lit.Auth.actionIpfsIdStack.length });`;
const PARENT = `(async () => {
  const response = await Lit.Actions.call({ ipfsId: jsParams.child, params: { name: 'parent' } });
  Lit.Actions.setResponse({ response });
})();`;
const WHISPERS = `(async () => {
  const text = new TextEncoder().encode(jsParams.secret + ' for ' + jsParams.name);
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', text));
  Lit.Actions.setResponse({ response: Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('') });
})();`;
const ONCE = `(async () => {
  const value = await Lit.Actions.runOnce({ waitForResponse: true, name: 'draw' }, async () => Array.from(crypto.getRandomValues(new Uint8Array(8))).join('.'));
  Lit.Actions.setResponse({ response: value });
})();`;
const COLLECT = `(async () => {
  const values = await Lit.Actions.broadcastAndCollect({ name: 'random', value: String(crypto.getRandomValues(new Uint32Array(1))[0]) });
  Lit.Actions.setResponse({ response: JSON.stringify(values) });
})();`;
const DIFFERS = `(async () => {
  await Lit.Actions.sign({ toSign: crypto.getRandomValues(new Uint8Array(32)), publicKey, sigName: 'random', signingScheme: 'SchnorrEd25519Sha512' });
})();`;
const READS = `(async () => {
  const tokenId = await Lit.Actions.pubkeyToTokenId({ publicKey });
  const permitted = await Lit.Actions.isPermittedAction({ tokenId, ipfsId: Lit.Auth.actionIpfsIdStack[0] });
  const other = await Lit.Actions.isPermittedAction({ tokenId, ipfsId: jsParams.other });
  const address = await Lit.Actions.isPermittedAddress({ tokenId, address: jsParams.address });
  const actions = await Lit.Actions.getPermittedActions({ tokenId });
  Lit.Actions.setResponse({ response: JSON.stringify({ tokenId, permitted, other, address, actions: actions.length }) });
})();`;
const AS_ACTION = `(async () => {
  const toSign = new TextEncoder().encode('by the action itself');
  const signOutput = await Lit.Actions.signAsAction({ toSign, sigName: 'own', signingScheme: 'SchnorrEd25519Sha512' });
  const actionIpfsCid = Lit.Auth.actionIpfsIdStack[0];
  const ask = { signingScheme: 'SchnorrEd25519Sha512', actionIpfsCid, toSign, signOutput };
  const verified = await Lit.Actions.verifyActionSignature(ask);
  const forged = await Lit.Actions.verifyActionSignature({ ...ask, toSign: new Uint8Array(32) });
  const key = await Lit.Actions.getActionPublicKey({ signingScheme: 'SchnorrEd25519Sha512', actionIpfsCid });
  Lit.Actions.setResponse({ response: JSON.stringify({ verified, forged, key }) });
})();`;

const CONDITIONS = `(async () => {
  const conditions = [{ conditionType: 'evmBasic', contractAddress: '', chain: 'ethereum', standardContractType: '', method: '', parameters: [':currentActionIpfsId'], returnValueTest: { comparator: '=', value: jsParams.cid ?? Lit.Auth.actionIpfsIdStack[0] } }];
  Lit.Actions.setResponse({ response: String(await Lit.Actions.checkConditions({ conditions, authSig: null, chain: 'ethereum' })) });
})();`;
const ENCRYPT = `(async () => {
  const accessControlConditions = jsParams.conditions;
  const sealed = await Lit.Actions.runOnce({ waitForResponse: true, name: 'encrypt' }, async () =>
    JSON.stringify(await Lit.Actions.encrypt({ accessControlConditions, to_encrypt: new TextEncoder().encode('made by an action') })));
  Lit.Actions.setResponse({ response: sealed });
})();`;

const DECRYPT = `(async () => {
  const plaintext = await Lit.Actions.decryptAndCombine({ accessControlConditions: jsParams.conditions, ciphertext, dataToEncryptHash, authSig: null, chain: 'ethereum' });
  const answer = await fetch(url, { headers: { 'x-api-key': plaintext } });
  Lit.Actions.setResponse({ response: await answer.text() });
})();`;

/** More than executors would be, were there one for each core of a small machine; a pair signs up to 16 ECDSA sessions. */
const AT_ONCE = 12;

export default async function actions(report, own) {
  const { step, figure, note } = report;
  const server = await webServer({
    [`/ipfs/${cidOf(CHILD)}`]: () => CHILD,
    '/price': () => JSON.stringify({ price: 42 }),
    '/private': (request) => (request.headers['x-api-key'] === 'made by an action' ? 'welcome' : 'who are you?'),
  });
  const devnet = await own(Devnet.validators({ label: 'actions', args: () => ['--external-chains', allowingActions(server)] }));
  const [first, second, third, fourth] = devnet.nodes;
  await step('four validators start', () => devnet.start());
  await step('keys are generated', () => watchCommittee(devnet, { print: note, done: signsAfterLosses }));
  const client = await Client.connect(first);
  const wallet = Wallet.createRandom();
  const runner = (node) => new ActionRunner(node, walletAuthoriser(wallet));
  const alice = await developmentAccount('//Alice');
  const used = [SIGN, COMBINE, ORACLE, DIFFERS, READS];
  const pkp = await step('Alice mints a PKP that these actions may use, and nobody else', async () => {
    const minted = await client.mint(alice);
    const anything = used.map((code) => ({ method: methodOf(code), scopes: SCOPE.signAnything }));
    await client.permitAll(alice, minted.id, [...anything, { method: methodOf(PERSONAL), scopes: SCOPE.personalSign }]);
    return minted;
  });
  const committee = await first.rpc('conclave_committee');
  const { evm } = await client.addresses(pkp.id);
  const publicKey = pkp.keys.secp256k1;
  const succeeded = (answer) => {
    assert.equal(answer.success, true, `failed: ${answer.error}, logs: ${answer.logs}`);
    const endorsers = endorsersOf(answer, committee);
    assert.ok(endorsers.size >= 3 && endorsers.size === answer.endorsements.length, `${[...endorsers]} have signed the outcome`);
    return answer;
  };

  await step('members run actions with one engine', async () => {
    const engines = await Promise.all(devnet.nodes.map((node) => node.rpc('conclave_actionEngine')));
    for (const engine of engines) assert.deepEqual(engine, engines[0]);
    const { engine, guest, prelude } = engines[0];
    assert.equal(engine, hexlify(createHash('sha256').update(getBytes(guest)).update(getBytes(prelude)).digest()));
    note(`guest ${guest}`);
  });

  const times = [];
  await step('an action signs with the PKP, through every node', async () => {
    for (const node of devnet.nodes) {
      const digest = randomBytes(32);
      const started = Date.now();
      const answer = succeeded(await runner(node).run(SIGN, { toSign: [...digest], publicKey }));
      times.push(Date.now() - started);
      const { dataSigned, scheme } = answer.signatures.sig1;
      assert.deepEqual([dataSigned, scheme], [hexlify(digest), 'ecdsa-secp256k1']);
      assert.equal(signerOf(digest, answer.signatures.sig1), evm);
      assert.deepEqual(JSON.parse(answer.response), { share: 'success', by: wallet.address, id: cidOf(SIGN) });
      assert.equal(answer.ipfsId, cidOf(SIGN));
      assert.match(answer.logs, /signed success/);
      assert.ok(answer.usage.fuel > 0 && answer.usage.signatures === 1, JSON.stringify(answer.usage));
    }
  });
  figure('sign_ms', percentiles(times));

  await step(`${AT_ONCE} at once, through all nodes: none waits for another`, async () => {
    const started = performance.now();
    const one = async (_, i) => {
      const digest = randomBytes(32);
      const answer = succeeded(await runner(devnet.nodes[i % 4]).run(SIGN, { toSign: [...digest], publicKey }));
      assert.equal(signerOf(digest, answer.signatures.sig1), evm);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, one));
    figure('at_once_per_second', Math.round((10_000 * AT_ONCE) / (performance.now() - started)) / 10);
  });

  await step('the PKP is permitted through this code only', async () => {
    const digest = [...randomBytes(32)];
    const other = await runner(second).run(`${SIGN} `, { toSign: digest, publicKey });
    assert.equal(other.success, false);
    assert.match(other.error, /not permitted/);
    assert.deepEqual(other.signatures, {});
    const byId = await runner(second).run(`${SIGN} `, { toSign: digest, publicKey: pkp.id });
    assert.equal(byId.success, false);
    assert.match(byId.error, /no permission/);
    // Permitted to sign personal messages is not permitted to sign anything.
    const personal = succeeded(await runner(third).run(PERSONAL, { message: 'hello', publicKey }));
    assert.equal(verifyMessage('hello', `0x${personal.signatures.personal.r}${personal.signatures.personal.s}${(27 + personal.signatures.personal.recid).toString(16)}`), evm);
  });

  await step('who did not sign the request cannot have it run', async () => {
    const request = await runner(first).request({ code: SIGN }, { toSign: [...randomBytes(32)], publicKey });
    const changed = { ...request, jsParams: JSON.stringify({ toSign: [...randomBytes(32)], publicKey }) };
    await expectError(first.rpc('conclave_execute', changed), CODE.wrongSigner, 'authorisation');
    succeeded(await first.rpc('conclave_execute', request));
    await expectError(first.rpc('conclave_execute', request), CODE.replayed, 'nonce');
    await expectError(second.rpc('conclave_execute', request), CODE.replayed, 'nonce');
    await expectError(first.rpc('conclave_execute', { ...request, jsParams: '[]' }), CODE.invalidRequest, 'jsParams');
  });

  await step('sign-and-combine a real EIP-1559 transaction', async () => {
    const transaction = Transaction.from({
      type: 2, chainId: 11155111, nonce: 7, to: wallet.address, value: 10n ** 15n, gasLimit: 21_000, maxFeePerGas: 30n * 10n ** 9n, maxPriorityFeePerGas: 10n ** 9n,
    });
    const answer = succeeded(await runner(second).run(COMBINE, { toSign: [...getBytes(transaction.unsignedHash)], publicKey }));
    assert.deepEqual(answer.signatures, {}, 'what the action gets, it may keep');
    const { r, s, v } = JSON.parse(answer.response);
    transaction.signature = Signature.from({ r: `0x${r.slice(2)}`, s: `0x${s}`, v: 27 + v });
    assert.equal(Transaction.from(transaction.serialized).from, evm);
  });

  await step('fetch from a local HTTP server, and a threshold on the answer', async () => {
    const url = `${server.url}/price`;
    const before = server.asked('/price');
    const answer = succeeded(await runner(third).run(ORACLE, { url, limit: 40, publicKey }));
    assert.equal(answer.response, 'signed');
    assert.equal(Buffer.from(answer.signatures.price.dataSigned.slice(2), 'hex').toString(), 'price 42');
    assert.ok(server.asked('/price') - before >= 3, 'each member asks by itself');
    const low = succeeded(await runner(third).run(ORACLE, { url, limit: 43, publicKey }));
    assert.deepEqual([low.response, low.signatures], ['too low: 42', {}]);
    const inside = await runner(third).run(ORACLE, { url: `http://127.0.0.1:${first.ports.rpc}/`, limit: 40, publicKey });
    assert.equal(inside.success, false);
    assert.match(inside.error, /not on the public internet/);
  });

  await step('an action calls another, which members find by its CID', async () => {
    const answer = succeeded(await runner(fourth).run(PARENT, { child: cidOf(CHILD) }));
    assert.equal(answer.response, 'child of parent at depth 2');
    const missing = await runner(fourth).run(PARENT, { child: cidOf('nowhere') });
    assert.deepEqual([missing.success, /status 404/.test(missing.error)], [false, true], missing.error);
    const alone = succeeded(await first.rpc('conclave_execute', await runner(first).request({ ipfsId: cidOf(CHILD) }, { name: 'nobody' })));
    assert.equal(alone.response, 'child of nobody at depth 1');
  });

  await step('an answer that the gateway changed is nobody\'s', async () => {
    const answer = succeeded(await runner(first).run(CHILD, { name: 'truth' }));
    assert.equal(endorsersOf({ ...answer, response: 'child of lies at depth 1' }, committee).size, 0);
    assert.equal(endorsersOf({ ...answer, success: false }, committee).size, 0);
    assert.equal(endorsersOf({ ...answer, ipfsId: cidOf(SIGN) }, committee).size, 0);
    assert.equal(endorsersOf({ ...answer, requestId: hexlify(randomBytes(32)) }, committee).size, 0);
  });

  await step('a published program is found by every member, until it is unpublished', async () => {
    const code = `/* longer than a request may bring through any node: ${'.'.repeat(200_000)} */ ${CHILD}`;
    const byId = async (name) => first.rpc('conclave_execute', await runner(first).request({ ipfsId: cidOf(code) }, { name }));
    const before = await byId('nobody');
    assert.match(before.error, /status 404/);
    const { actions } = client.api.tx;
    await client.submit(actions.publish(code), alice);
    const answer = succeeded(await devnet.waitFor('the program', async () => {
      const found = await byId('the chain');
      return found.success && found;
    }));
    assert.equal(answer.response, 'child of the chain at depth 1');
    await client.submit(actions.unpublish(hexlify(digestOf(code))), alice);
    // Members keep what they ran last: unpublishing takes nothing from anybody who has the code.
    assert.equal((await client.api.query.actions.code(digestOf(code))).isNone, true);
  });

  await step('governance sets limits and prices, and answers say what a request costs', async () => {
    const { limits, prices } = await settings(client);
    const cheap = succeeded(await runner(second).run(CHILD, { name: 'costs' }));
    const { fuel, bytes, hostCalls, actions } = cheap.usage;
    const units = (count, unit) => BigInt(Math.ceil(count / unit));
    const each = prices.action * BigInt(actions) + prices.computeUnit * units(fuel, 1_000_000) + prices.trafficUnit * units(bytes, 1024) + prices.hostCall * BigInt(hostCalls);
    assert.equal(BigInt(cheap.cost), 3n * each, 'of three members');
    await client.sudo(client.api.tx.actions.setLimits({ ...limits, fetches: 0 }), alice);
    const url = `${server.url}/price`;
    await devnet.waitFor('the new limit', async () => {
      const answer = await runner(third).run(ORACLE, { url, limit: 43, publicKey });
      return !answer.success && /fetches/.test(answer.error);
    });
    await client.sudo(client.api.tx.actions.setLimits(limits), alice);
    await devnet.waitFor('the old limit', async () => (await runner(third).run(ORACLE, { url, limit: 43, publicKey })).success);
    const above = client.api.tx.actions.setLimits({ ...limits, timeMs: 60_000 });
    await assert.rejects(client.sudo(above, alice), /AboveCeiling/);
  });

  await step('private parameters: for one program and one requester, and no gateway reads them', async () => {
    const { sealParams } = loadClient();
    const [, ...serving] = getBytes(await first.rpc('state_call', 'CommitteeApi_committee', '0x'));
    const who = client.api.createType('ConclavePrimitivesAuthorisationAuthMethod', { EthereumWallet: wallet.address });
    const seal = (code) => hexlify(sealParams('{"secret":"hush"}', getBytes(committee.genesisHash), Uint8Array.from(serving), cidOf(code), who.toU8a()));
    const privateParams = seal(WHISPERS);
    const run = async (node, program, params, by = runner(node)) => node.rpc('conclave_execute', await by.request(program, params));
    for (const node of devnet.nodes) {
      const answer = succeeded(await run(node, { code: WHISPERS, privateParams }, { name: 'Ann' }));
      assert.equal(answer.response, createHash('sha256').update('hush for Ann').digest('hex'));
    }
    const stranger = new ActionRunner(first, walletAuthoriser(Wallet.createRandom()));
    for (const [code, by] of [[`${WHISPERS} `, runner(first)], [WHISPERS, stranger]]) {
      const refused = await expectError(run(first, { code, privateParams }, {}, by), CODE.invalidRequest, 'privateParams');
      assert.match(refused.message, /they do not open/);
    }
    const twice = await run(first, { code: WHISPERS, privateParams }, { secret: 'mine' });
    assert.match(twice.error, /a name in common/);
  });

  await step('runOnce: all members have the value of one', async () => {
    const seen = new Set();
    for (const node of devnet.nodes) {
      const answer = succeeded(await runner(node).run(ONCE));
      assert.match(answer.response, /^(\d+\.){7}\d+$/);
      seen.add(answer.response);
    }
    assert.equal(seen.size, 4, 'each run draws anew');
  });

  await step('broadcastAndCollect: each member has the values of all', async () => {
    const answer = succeeded(await runner(first).run(COLLECT));
    const values = JSON.parse(answer.response);
    assert.equal(new Set(values).size, 4, answer.response);
  });

  await step('members that want different bytes sign none of them, and are named', async () => {
    const error = await expectError(runner(second).run(DIFFERS, { publicKey }), CODE.actionDiverged);
    assert.equal(error.data.members.length, 4);
    // The answer is certain before the last member has come to its end.
    const named = error.data.members.map(({ result }) => result).filter((result) => /fewer than 3 members want the same/.test(result));
    assert.ok(named.length >= 2, JSON.stringify(error.data.members));
    note(named[0]);
  });

  await step('a job, for who does not wait', async () => {
    const { jobId } = await third.rpc('conclave_executeJob', await runner(third).request({ code: CHILD }, { name: 'a job' }));
    const ended = await devnet.waitFor('the job', async () => {
      const job = await third.rpc('conclave_jobStatus', jobId);
      return job.status !== 'running' && job;
    });
    assert.equal(ended.status, 'done', JSON.stringify(ended));
    assert.equal(succeeded(ended.result).response, 'child of a job at depth 1');
    await expectError(second.rpc('conclave_jobStatus', jobId), CODE.noJob, 'jobId');
  });

  await step('permissions are read, and an action signs as itself', async () => {
    const read = succeeded(await runner(third).run(READS, { publicKey, other: cidOf('other'), address: wallet.address }));
    assert.deepEqual(JSON.parse(read.response), { tokenId: pkp.id, permitted: true, other: false, address: false, actions: used.length + 1 });
    const own = succeeded(await runner(fourth).run(AS_ACTION));
    const { verified, forged, key } = JSON.parse(own.response);
    assert.deepEqual([verified, forged, key.length], [true, false, 66]);
    const again = JSON.parse(succeeded(await runner(first).run(AS_ACTION)).response);
    assert.equal(again.key, key, 'one key for one action');
    const other = JSON.parse(succeeded(await runner(first).run(`${AS_ACTION} `)).response);
    assert.notEqual(other.key, key, 'and another for another');
  });

  await step('conditions are checked for the caller and the action itself; data is encrypted', async () => {
    assert.equal(succeeded(await runner(second).run(CONDITIONS)).response, 'true');
    assert.equal(succeeded(await runner(second).run(CONDITIONS, { cid: cidOf('other') })).response, 'false');
    const conditions = [{ contractAddress: '', chain: 'ethereum', standardContractType: '', method: '', parameters: [':userAddress'], returnValueTest: { comparator: '=', value: wallet.address.toLowerCase() } }];
    const { ciphertext, dataToEncryptHash } = JSON.parse(succeeded(await runner(third).run(ENCRYPT, { conditions })).response);
    assert.equal(dataToEncryptHash, createHash('sha256').update('made by an action').digest('hex'));
    assert.ok(Buffer.from(ciphertext, 'base64').length > 100);
  });

  await step('an API key is decrypted by one action only, and used', async () => {
    const conditions = [{ contractAddress: '', chain: 'ethereum', standardContractType: '', method: '', parameters: [':currentActionIpfsId'], returnValueTest: { comparator: '=', value: cidOf(DECRYPT) } }];
    const sealed = JSON.parse(succeeded(await runner(first).run(ENCRYPT, { conditions })).response);
    const params = { conditions, ...sealed, url: `${server.url}/private` };
    for (const node of devnet.nodes) assert.equal(succeeded(await runner(node).run(DECRYPT, params)).response, 'welcome');
    const other = await runner(second).run(`${DECRYPT} `, params);
    assert.deepEqual([other.success, /not permitted/.test(other.error)], [false, true], other.error);
    const tampered = await runner(second).run(DECRYPT, { ...params, dataToEncryptHash: '00'.repeat(32) });
    assert.equal(tampered.success, false);
  });

  await step('a member dies: the others run actions on', async () => {
    await fourth.kill();
    const digest = randomBytes(32);
    const answer = succeeded(await devnet.waitFor('an action by three members', () => runner(first).run(SIGN, { toSign: [...digest], publicKey })));
    assert.equal(signerOf(digest, answer.signatures.sig1), evm);
  });

  await client.disconnect();
  await server.close();
}

/** Ready, also when a member falls away: no pair is missing on the curve that actions here sign on. */
function signsAfterLosses(status) {
  return signsWith('ecdsa-secp256k1', 'ed25519')(status) && !status.missingPairs.some(({ curve }) => curve === 'secp256k1');
}

/** What the chain says of executions. */
async function settings({ api }) {
  const [limits, prices] = await Promise.all([api.query.actions.executionLimits(), api.query.actions.executionPrices()]);
  const priced = Object.fromEntries([...prices.entries()].map(([name, price]) => [name, price.toBigInt()]));
  return { limits: limits.toJSON(), prices: priced };
}
