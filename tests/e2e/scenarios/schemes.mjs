// A PKP signs with every scheme, and the client of every ecosystem accepts it; its Substrate account pays its own way.
import assert from 'node:assert/strict';
import { blake2AsHex } from '@polkadot/util-crypto';
import {
  assertBip340, assertBls, assertEthereum, assertP256, assertP2tr, assertP2wpkh, assertRistretto255, assertSecp256k1Schnorr,
  assertSolana, assertSr25519,
} from '../checks/schemes.mjs';
import { expectedAddresses } from '../checks/signatures.mjs';
import { accountAuthoriser } from '../lib/authoriser.mjs';
import { Client, developmentAccount, Signer } from '../lib/client.mjs';
import { watchCommittee } from '../lib/committee.mjs';
import { Devnet } from '../lib/devnet.mjs';
import { bytes, hex } from '../lib/request.mjs';

export default async function schemes(report, own) {
  const { step, figure, note } = report;
  const devnet = await own(Devnet.validators({ label: 'schemes' }));
  await step('four validators start', () => devnet.start());
  const status = await step('keys are generated, pairs are set up on both curves of ECDSA', async () => {
    const active = await watchCommittee(devnet, { print: note });
    figure('everySchemeReadySeconds', Math.round((Date.now() - devnet.startedAt) / 1000));
    return active;
  });

  const alice = await developmentAccount('//Alice');
  const owner = accountAuthoriser(alice);
  const client = await Client.connect(devnet.nodes[0]);
  const pkp = await step('Alice mints a PKP: one key a curve', async () => {
    const minted = await client.mint(alice);
    assert.deepEqual(Object.keys(minted.keys), ['secp256k1', 'ed25519', 'secp256r1', 'ristretto255', 'bls12381g1', 'bls12381g2']);
    assert.deepEqual((await client.pkp(minted.id)).keys, minted.keys);
    await devnet.finalized(minted.number);
    return minted;
  });
  const { keys } = pkp;
  const addresses = await client.addresses(pkp.id);
  assert.deepEqual(addresses, expectedAddresses(keys, client.api.registry.chainSS58));

  const signer = new Signer(devnet.nodes[3], client.genesis);
  const took = {};
  const sign = async (scheme, payload) => {
    const started = performance.now();
    const { signature } = await signer.sign(pkp.id, scheme, payload, owner);
    (took[scheme] ??= []).push(Math.round(performance.now() - started));
    return signature;
  };

  await step('ECDSA secp256k1: ethers and viem take EIP-1559, EIP-191 and EIP-712', () => assertEthereum(addresses, sign));
  await step('ECDSA secp256k1: bitcoinjs-lib spends P2WPKH', () => assertP2wpkh(addresses, keys, sign));
  await step('BIP-340 with the taproot tweak: bitcoinjs-lib spends P2TR by key path', () => assertP2tr(addresses, keys, sign));
  await step('BIP-340: @noble/curves', () => assertBip340(keys, sign));
  await step('ECDSA secp256r1: WebCrypto', () => assertP256(keys, sign));
  await step('Ed25519: @solana/web3.js takes a transfer', () => assertSolana(addresses, keys, sign));
  await step('sr25519: @polkadot/util-crypto', () => assertSr25519(keys, sign));
  await step('Schnorr ristretto255: the equation of RFC 9591', () => assertRistretto255(keys, sign));
  await step('Schnorr secp256k1: the equation of RFC 9591', () => assertSecp256k1Schnorr(keys, sign));
  await step('BLS in G2 and in G1: @noble/curves', () => assertBls(keys, sign));

  await step('the PKP submits extrinsics of its own, a short one and a batch, and pays for them', async () => {
    const account = addresses.ss58Sr25519;
    const { api } = client;
    await client.submit(api.tx.balances.transferKeepAlive(account, 10n ** BigInt(api.registry.chainDecimals[0])), alice);
    const lengths = [];
    const byPkp = {
      // As wallets do: a payload above 256 bytes is signed by its hash. 1: MultiSignature's sr25519.
      signRaw: async ({ data }) => {
        lengths.push(bytes(data).length);
        const message = bytes(data).length > 256 ? blake2AsHex(data, 256) : data;
        return { id: 1, signature: `0x01${(await sign('sr25519', { message })).slice(2)}` };
      },
    };
    const long = Buffer.alloc(300, 'a batch by a PKP').toString();
    const give = api.tx.balances.transferKeepAlive(alice.address, 1n);
    for (const [words, call] of [['by a PKP', (remark) => remark], [long, (remark) => api.tx.utility.batchAll([give, remark])]]) {
      const before = await api.query.system.account(account);
      const { events, number } = await client.submit(call(api.tx.system.remarkWithEvent(words)), account, { signer: byPkp });
      const remarked = events.find(({ event }) => api.events.system.Remarked.is(event));
      assert.equal(remarked.event.data[0].toString(), account, 'the origin is the PKP');
      const after = await api.query.system.account(account);
      assert.equal(after.nonce.toNumber(), before.nonce.toNumber() + 1);
      assert.ok(after.data.free.toBigInt() < before.data.free.toBigInt(), 'it paid the fee');
      note(`block ${number}`);
    }
    assert.ok(lengths[0] <= 256 && lengths[1] > 256, `one of each: ${lengths} bytes`);
  });

  assert.deepEqual(Object.keys(took).sort(), Object.keys(status.ready).sort(), 'every scheme that the node knows was used');
  figure('signMs', Object.fromEntries(Object.entries(took).map(([scheme, ms]) => [scheme, Math.min(...ms)])));
  await client.disconnect();
  await step('SIGTERM stops the nodes', () => devnet.stopAll());
}
