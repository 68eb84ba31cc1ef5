// Actions and another chain: they read its contracts through each member's own endpoints, and move coins on it with a PKP.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { Signature, Transaction, Wallet, getBytes, parseEther } from 'ethers';
import { ActionRunner, endorsersOf, methodOf } from '../lib/action.mjs';
import { walletAuthoriser } from '../lib/authoriser.mjs';
import { Client, SCOPE, developmentAccount } from '../lib/client.mjs';
import { signsWith, watchCommittee } from '../lib/committee.mjs';
import { Devnet } from '../lib/devnet.mjs';
import { installPackages } from '../lib/install.mjs';
import { percentiles } from '../lib/latency.mjs';
import { externalChains } from '../lib/outside.mjs';

const EVM = join(import.meta.dirname, '..', 'evm');

// In the published API of Lit Actions.
const READ = `(async () => {
  const held = await Lit.Actions.callContract({ chain: 'hardhat', txn });
  const nonce = await Lit.Actions.getLatestNonce({ address: holder, chain: 'hardhat' });
  const url = await Lit.Actions.getRpcUrl({ chain: 'hardhat' });
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'eth_getBalance', params: [holder, 'latest'] });
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body });
  Lit.Actions.setResponse({ response: JSON.stringify({ held, nonce, balance: (await answer.json()).result }) });
})();`;
// Pays only while the other chain says that there is something to pay for: decided by every member itself.
const PAY = `(async () => {
  const held = await Lit.Actions.callContract({ chain: 'hardhat', txn: question });
  if (BigInt(held) < BigInt(least)) return Lit.Actions.setResponse({ response: 'holds too little' });
  const signature = await Lit.Actions.signAndCombineEcdsa({ toSign: new Uint8Array(toSign), publicKey, sigName: 'payment' });
  Lit.Actions.setResponse({ response: signature });
})();`;

export default async function actionsOnEvm(report, own) {
  installPackages(EVM);
  const { CHAIN_ID, EvmChain, contracts } = await import('../evm/chain.mjs');
  const { step, figure, note } = report;
  const evm = await step('an EVM chain starts', () => EvmChain.start());
  const Coin = await step('an ERC-20 is deployed', () => evm.deploy(contracts([]).Coin));
  const outside = externalChains([{ chain: 'hardhat', url: evm.url }]);
  const devnet = await own(Devnet.validators({ label: 'actions-evm', args: ['--external-chains', outside] }));
  const [first, second, third, fourth] = devnet.nodes;
  await step('four validators start, with endpoints of that chain', () => devnet.start());
  const committee = await step('keys are generated', () => watchCommittee(devnet, { print: note, done: signsWith('ecdsa-secp256k1') }));
  const client = await Client.connect(first);
  const alice = await developmentAccount('//Alice');
  const pkp = await step('Alice mints a PKP that one action may use', async () => {
    const minted = await client.mint(alice);
    await client.permitAll(alice, minted.id, [{ method: methodOf(PAY), scopes: SCOPE.signAnything }]);
    return minted;
  });
  const { evm: payer } = await client.addresses(pkp.id);
  const who = walletAuthoriser(Wallet.createRandom());
  const run = async (node, code, params) => {
    const answer = await new ActionRunner(node, who).run(code, params);
    assert.equal(answer.success, true, `failed: ${answer.error}, logs: ${answer.logs}`);
    assert.ok(endorsersOf(answer, committee).size >= 3);
    return answer.response;
  };
  const holder = (await evm.account(3n)).address;
  const balanceOf = async (address) =>
    Transaction.from({ type: 2, chainId: CHAIN_ID, to: await Coin.getAddress(), data: Coin.interface.encodeFunctionData('balanceOf', [address]) }).unsignedSerialized;

  await step('callContract, getLatestNonce and getRpcUrl, as t members see the chain', async () => {
    await evm.mined(Coin.transfer(holder, 41n));
    const read = JSON.parse(await run(second, READ, { txn: await balanceOf(holder), holder }));
    assert.equal(BigInt(read.held), 41n);
    assert.equal(Number(read.nonce), 0);
    assert.equal(BigInt(read.balance), parseEther('3'));
  });

  await step('coins move by a PKP, if the other chain says so: a transaction that is mined', async () => {
    await evm.mined(evm.rich.sendTransaction({ to: payer, value: parseEther('2') }));
    const times = [];
    for (const [nonce, node] of [first, second, third, fourth].entries()) {
      const transaction = Transaction.from({
        type: 2, chainId: CHAIN_ID, nonce, to: holder, value: parseEther('0.1'), gasLimit: 21_000, maxFeePerGas: 10n ** 10n, maxPriorityFeePerGas: 10n ** 9n,
      });
      const params = { question: await balanceOf(holder), toSign: [...getBytes(transaction.unsignedHash)], publicKey: pkp.keys.secp256k1 };
      assert.equal(await run(node, PAY, { ...params, least: '42' }), 'holds too little');
      const started = performance.now();
      const { r, s, v } = JSON.parse(await run(node, PAY, { ...params, least: '41' }));
      times.push(performance.now() - started);
      transaction.signature = Signature.from({ r: `0x${r.slice(2)}`, s: `0x${s}`, v: 27 + v });
      const { from } = await evm.mined(evm.provider.broadcastTransaction(transaction.serialized));
      assert.equal(from, payer);
    }
    figure('pay_ms', percentiles(times));
    assert.equal(await evm.provider.getBalance(holder), parseEther('3.4'));
  });

  await client.disconnect();
  evm.stop();
}
