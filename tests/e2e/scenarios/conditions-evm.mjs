// Data encrypted to what is true on another chain: a real EVM chain, which each member asks at endpoints of its own.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { verifyMessage } from 'ethers';
import { CODE, expectError } from '../checks/errors.mjs';
import { walletAuthoriser } from '../lib/authoriser.mjs';
import { Client, SCOPE, Signer, developmentAccount } from '../lib/client.mjs';
import { watchCommittee } from '../lib/committee.mjs';
import { oneTimeKey } from '../lib/decryption.mjs';
import { Devnet } from '../lib/devnet.mjs';
import { Encryption } from '../lib/encryption.mjs';
import { installPackages } from '../lib/install.mjs';
import { percentiles } from '../lib/latency.mjs';
import { externalChains } from '../lib/outside.mjs';

const EVM = join(import.meta.dirname, '..', 'evm');
const ETHER = 10n ** 18n;
const ONE = `0x${'1'.padStart(64, '0')}`;
const NONE = `0x${'0'.repeat(64)}`;
/** One member asks three endpoints, the others one each. */
const ENDPOINTS = [3, 1, 1, 1];

export default async function conditionsOnEvm(report, own) {
  installPackages(EVM);
  const { CHAIN_ID, EvmChain, contracts, typesAndValues, echoes } = await import('../evm/chain.mjs');
  const { Endpoint, everyCallReturns } = await import('../evm/endpoint.mjs');
  const { step, figure, note } = report;

  const evm = await step('an EVM chain starts', () => EvmChain.start());
  const types = typesAndValues();
  const { Coin, Badge, Items, Echo, Vault } = await step('ERC-20, ERC-721, ERC-1155 and a contract of every type are deployed', async () => {
    const deployed = {};
    for (const [name, compiled] of Object.entries(contracts(types.map(({ type }) => type)))) deployed[name] = await evm.deploy(compiled);
    for (const token of [1, 2]) await evm.mined(deployed.Badge.mint(token));
    return deployed;
  });
  const [coin, badge, items, echo] = await Promise.all([Coin, Badge, Items, Echo].map((contract) => contract.getAddress()));
  const rich = await evm.rich.getAddress();

  const endpoints = [];
  for (const count of ENDPOINTS) endpoints.push(await Promise.all(Array.from({ length: count }, () => Endpoint.start(evm.url))));
  const files = endpoints.map((own) => externalChains(own.map(({ url }) => ({ chain: 'hardhat', url }))));
  const devnet = await own(Devnet.validators({ label: 'conditions-evm', args: (i) => ['--external-chains', files[i]] }));
  const [first, second, third, fourth] = devnet.nodes;
  await step('four validators start, each with its endpoints', () => devnet.start());
  const ready = ({ committee, ready: schemes }) => Boolean(committee) && schemes['bls12381-g2'];
  const status = await step('keys are generated', () => watchCommittee(devnet, { print: note, done: ready }));
  const client = await Client.connect(first);
  const encryption = new Encryption(status, client.genesis);
  const encrypt = (condition, text) => encryption.encrypt(condition, text);
  const decrypts = async (node, who, encrypted, text) => assert.deepEqual(await encryption.decrypt(node, walletAuthoriser(who), encrypted), [text]);
  const denied = (node, who, encrypted, code = CODE.condition) => expectError(encryption.decrypt(node, walletAuthoriser(who), encrypted), code);
  const check = (node, condition, requester) => node.rpc('conclave_checkConditions', { condition: JSON.stringify(condition), requester });

  const owner = await evm.account();
  const other = await evm.account();
  const chain = 'hardhat';
  const account = '$user';
  const holdings = [
    ['an ERC-20 token', { erc20: { chain, contract: coin, account, comparator: '>=', value: String(5n * ETHER) } },
      () => Coin.transfer(owner.address, 5n * ETHER), () => Coin.connect(owner).transfer(rich, 1n)],
    ['an ERC-721 token, any', { erc721: { chain, contract: badge, account, comparator: '>', value: 0 } },
      () => Badge.transferFrom(rich, owner.address, 1), () => Badge.connect(owner).transferFrom(owner.address, other.address, 1)],
    ['an ERC-721 token, a certain one', { erc721Owner: { chain, contract: badge, token: 2, owner: account } },
      () => Badge.transferFrom(rich, owner.address, 2), () => Badge.connect(owner).transferFrom(owner.address, other.address, 2)],
    ['an ERC-1155 token', { erc1155: { chain, contract: items, account, token: 7, comparator: '=', value: 3 } },
      () => Items.safeTransferFrom(rich, owner.address, 7, 3, '0x'), () => Items.connect(owner).safeTransferFrom(owner.address, rich, 7, 1, '0x')],
    ['the chain’s own coin', { evmBalance: { chain, account, comparator: '>=', value: String(2n * ETHER) } },
      () => evm.rich.sendTransaction({ to: owner.address, value: 2n * ETHER }), () => owner.connect(evm.provider).sendTransaction({ to: rich, value: 2n * ETHER })],
  ];
  for (const [i, [what, condition, give, takeAway]] of holdings.entries()) {
    await step(`${what}: refused, received and decrypted, sent away and refused`, async () => {
      const encrypted = encrypt(condition, what);
      const node = devnet.nodes[i % devnet.nodes.length];
      await denied(node, owner, encrypted);
      assert.equal(await check(node, condition, { evm: owner.address.toLowerCase() }), false);
      await evm.mined(give());
      await decrypts(node, owner, encrypted, what);
      assert.equal(await check(node, condition, { evm: owner.address.toLowerCase() }), true);
      await denied(node, other, encrypted);
      await evm.mined(takeAway());
      await denied(node, owner, encrypted);
      assert.equal(await check(node, condition, { evm: owner.address.toLowerCase() }), false);
    });
  }

  await step(`contract calls with each of ${types.length} types of the ABI`, async () => {
    const holds = types.map((type, i) => echoes(echo, i, type, type.value));
    const fails = types.flatMap((type, i) => (type.other === undefined ? [] : [echoes(echo, i, type, type.other)]));
    const groups = (list) => Array.from({ length: Math.ceil(list.length / 30) }, (_, i) => list.slice(i * 30, i * 30 + 30));
    for (const group of groups(holds)) await decrypts(first, other, encrypt(group.length > 1 ? { all: group } : group[0], 'all'), 'all');
    for (const group of groups(fails)) await denied(second, other, encrypt(group.length > 1 ? { any: group } : group[0], 'none'));
    const both = { evmCall: { chain, contract: echo, function: 'both', inputs: ['uint256', 'string'], arguments: [41, 'as it is'], outputs: ['bool', 'string', 'uint256'], output: 2, comparator: '=', value: 42 } };
    await decrypts(third, other, encrypt({ all: [both, { evmCall: { ...both.evmCall, output: 1, comparator: 'contains', value: 'it' } }] }, 'both'), 'both');
    const nowhere = { evmCall: { ...both.evmCall, contract: other.address } };
    note((await denied(third, other, encrypt(nowhere, 'x'), CODE.conditionUndecided)).message);
    figure('abiTypes', types.length);
  });

  await step('a time window, by our chain’s clock and by the other’s', async () => {
    const from = Math.floor(Date.now() / 1000) + 15;
    const window = { all: [{ time: { from, until: from + 25 } }, { evmTime: { chain, comparator: '>', value: 1_600_000_000 } }] };
    const encrypted = encrypt(window, 'now');
    await denied(first, other, encrypted);
    await devnet.waitFor('the window to open', () => check(first, window, {}), { timeout: 60_000 });
    await devnet.waitFor('every member to see it', async () => {
      await decrypts(first, other, encrypted, 'now');
      return true;
    }, { timeout: 20_000 });
    await devnet.waitFor('the window to close', async () => !(await check(first, window, {})), { timeout: 60_000 });
    await devnet.waitFor('every member to see that', async () => Boolean(await denied(first, other, encrypted)), { timeout: 20_000 });
  });

  await step('a policy is made, updated and revoked, and nothing is encrypted anew', async () => {
    const alice = await developmentAccount('//Alice');
    const { accessConditions } = client.api.tx;
    const bytesOf = (condition) => encrypt(condition, 'x').condition;
    const ofOwner = { erc20: { chain, contract: coin, account, comparator: '>', value: 0 } };
    const ofOther = { erc721: { chain, contract: badge, account, comparator: '=', value: 2 } };
    const { events, number } = await client.submit(accessConditions.createPolicy(bytesOf(ofOwner)), alice);
    const created = events.find(({ event }) => event.method === 'PolicyCreated');
    const policy = created.event.data[0].toHex();
    await devnet.finalized(number);
    const encrypted = encrypt({ policy }, 'by policy');
    await decrypts(second, owner, encrypted, 'by policy');
    await denied(second, other, encrypted);
    const updated = await client.submit(accessConditions.updatePolicy(policy, bytesOf(ofOther)), alice);
    await devnet.finalized(updated.number);
    await denied(second, owner, encrypted);
    await decrypts(second, other, encrypted, 'by policy');
    const revoked = await client.submit(accessConditions.revokePolicy(policy), alice);
    await devnet.finalized(revoked.number);
    for (const who of [owner, other]) {
      const { data } = await denied(second, who, encrypted, CODE.conditionUndecided);
      assert.match(data.reasons.join(), /policy 0x[0-9a-f]{64} does not exist, or is revoked/);
    }
  });

  const encrypted = encrypt({ erc20: { chain, contract: coin, account, comparator: '>', value: 0 } }, 'for holders');
  const told = (members) => members.map((list) => list.reduce((sum, { lied }) => sum + lied, 0));
  const lying = async (members, word, work) => {
    const liars = members.flat();
    for (const endpoint of liars) endpoint.lie(everyCallReturns(word));
    try {
      await work();
    } finally {
      for (const endpoint of liars) endpoint.tellTheTruth();
    }
  };
  await step('one of a member’s three endpoints lies: the member believes the other two', async () => {
    const [[liar]] = endpoints;
    await lying([[liar]], NONE, async () => {
      assert.equal(await check(first, { erc20: { chain, contract: coin, account, comparator: '>', value: 0 } }, { evm: owner.address.toLowerCase() }), true);
      await decrypts(first, owner, encrypted, 'for holders');
      assert.ok(liar.lied >= 2, `the lie was told ${liar.lied} times`);
    });
  });
  await step('one member’s endpoints lie that a holder holds nothing: the others serve', async () => {
    // The gateway is the member itself, so that it is in every first quorum.
    await lying([endpoints[1]], NONE, async () => {
      await decrypts(second, owner, encrypted, 'for holders');
      const { identity, condition } = encrypted;
      const { failures } = await encryption.through(second).decrypt([{ identity, condition }], oneTimeKey(), walletAuthoriser(owner));
      assert.deepEqual(failures.map(({ reason }) => reason), ['refused: items[0]: the condition does not hold'], 'one member was done without');
      assert.ok(told([endpoints[1]])[0] >= 2, 'the lie was told');
    });
  });
  await step('one member’s endpoints lie that everybody holds: the others do not', async () => {
    await lying([endpoints[1]], ONE, async () => {
      await denied(second, await evm.account(), encrypted);
      assert.ok(told([endpoints[1]])[0] >= 1, 'the lie was told');
    });
  });
  await step('the endpoints of n − t + 1 members lie that a holder holds nothing: denied', async () => {
    await lying([endpoints[2], endpoints[3]], NONE, async () => {
      await denied(first, owner, encrypted);
      assert.ok(told([endpoints[2], endpoints[3]]).every((times) => times >= 1), 'both lies were told');
    });
    await decrypts(first, owner, encrypted, 'for holders');
  });

  await step('what cannot be asked is denied, and the error says what to do', async () => {
    const unasked = encrypt({ evmBalance: { chain: 'base', account, comparator: '>=', value: 0 } }, 'x');
    const { data } = await denied(third, owner, unasked, CODE.conditionUndecided);
    assert.match(data.reasons.join(), /no endpoint for chain `base`: its operator adds one to the file of --external-chains/);
    const condition = JSON.stringify({ evmBalance: { chain: 'base', account, comparator: '>=', value: 0 } });
    const { data: checked } = await expectError(third.rpc('conclave_checkConditions', { condition, requester: { evm: owner.address } }), CODE.conditionUndecided);
    assert.deepEqual(checked.reasons, data.reasons);
    const ours = { condition: JSON.stringify({ evmBalance: { chain, account, comparator: '>=', value: 0 } }) };
    const { data: nobody } = await expectError(third.rpc('conclave_checkConditions', { ...ours, requester: {} }), CODE.conditionUndecided);
    assert.match(nobody.reasons.join(), /asks for an Ethereum address: sign in with one/);
    for (const [requester, field] of [[{ evm: '0x12' }, 'evm'], [{ name: 'x' }, 'request'], ['x', 'requester']]) {
      await expectError(third.rpc('conclave_checkConditions', { ...ours, requester }), CODE.invalidRequest, field);
    }
  });
  await step('a contract wallet (EIP-1271) signs with a PKP as long as its contract accepts', async () => {
    const alice = await developmentAccount('//Alice');
    const address = (await Vault.getAddress()).toLowerCase();
    const pkp = await client.mint(alice);
    const { evm: pkpAddress } = await client.addresses(pkp.id);
    await client.permitAll(alice, pkp.id, [{ method: { ContractWallet: { chainId: CHAIN_ID, address } }, scopes: SCOPE.personalSign }]);
    await evm.mined(Vault.give(owner.address));
    const signedBy = (wallet) => ({ authorise: async (text) => ({ type: 'contractWallet', chainId: CHAIN_ID, address, signature: await wallet.signMessage(text) }) });
    const sign = (wallet) => new Signer(second, client.genesis).sign(pkp.id, 'ecdsa-secp256k1', { personalMessage: 'by a contract' }, signedBy(wallet));
    assert.equal(verifyMessage('by a contract', (await sign(owner)).signature), pkpAddress);
    note((await expectError(sign(other), CODE.authorisation)).message);
    await evm.mined(Vault.connect(owner).give(other.address));
    await expectError(sign(owner), CODE.authorisation);
    assert.equal(verifyMessage('by a contract', (await sign(other)).signature), pkpAddress);
  });
  await step('20 decryptions on the other chain’s word, warm', async () => {
    const times = [];
    for (let i = 0; i < 20; i += 1) {
      const started = performance.now();
      await decrypts(first, owner, encrypted, 'for holders');
      times.push(Math.round(performance.now() - started));
    }
    figure('decryptMs', percentiles(times));
    const metrics = await (await fetch(`http://127.0.0.1:${first.ports.prometheus}/metrics`)).text();
    const [, answered] = metrics.match(/conclave_external_chain_asks_total\{[^}]*outcome="answered"[^}]*\} (\d+)/) ?? [];
    assert.ok(Number(answered) > 100, `the metrics count what was asked: ${answered}`);
    figure('asked', Number(answered));
  });
  await step('one member’s endpoint is gone: the others serve; two: denied, and the error says why', async () => {
    await endpoints[3][0].stop();
    await decrypts(fourth, owner, encrypted, 'for holders');
    await endpoints[2][0].stop();
    const { data } = await denied(fourth, owner, encrypted, CODE.conditionUndecided);
    note(data.reasons.join('; '));
    assert.match(data.reasons.join(), /chain `hardhat`: 0 of 1 endpoints needed answered; the others: failed: connection/);
  });
  await client.disconnect();
  await step('SIGTERM stops the nodes', () => devnet.stopAll());
  evm.stop();
}
