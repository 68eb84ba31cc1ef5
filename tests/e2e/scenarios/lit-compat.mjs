// What Lit's packages (version 7) encrypt, a committee of ours decrypts; what we encrypt, they decrypt; and a session that they
// delegate signs and decrypts here.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Wallet, verifyMessage } from 'ethers';
import { CODE, expectError } from '../checks/errors.mjs';
import { walletAuthoriser } from '../lib/authoriser.mjs';
import { Client, SCOPE, developmentAccount } from '../lib/client.mjs';
import { watchCommittee } from '../lib/committee.mjs';
import { oneTimeKey, openKey } from '../lib/decryption.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { Encryption, tool } from '../lib/encryption.mjs';
import { installPackages } from '../lib/install.mjs';
import { bytes, hex } from '../lib/request.mjs';
import { SessionSigner, authSigDelegation, sessionKey } from '../lib/session.mjs';

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

export default async function litCompat(report, own) {
  const { step, figure, note } = report;
  installPackages(join(import.meta.dirname, '..', 'lit'));
  const { acc, auth, crypto, encryption, quietly } = await import('../lit/lit.mjs');
  const devnet = await own(Devnet.validators({ label: 'lit-compat' }));
  const [first, second, third, fourth] = devnet.nodes;
  await step('four validators start', () => devnet.start());
  const status = await step('keys are generated', () => watchCommittee(devnet, { print: note }));
  const client = await Client.connect(first);
  const { genesis } = client;
  const ours = new Encryption(status, genesis);
  const root = ours.root.slice(2);
  const wallet = Wallet.createRandom();
  const stranger = Wallet.createRandom();

  const only = (address) => [{
    contractAddress: '', chain: 'ethereum', standardContractType: '', method: '', parameters: [':userAddress'],
    returnValueTest: { comparator: '=', value: address.toLowerCase() },
  }];
  const either = (a, b) => [only(a)[0], { operator: 'or' }, only(b)[0]];
  const formatted = (list) => list.map((one) => acc.canonicalAccessControlConditionFormatter(one));
  const hashOf = async (list) => Buffer.from(await acc.hashAccessControlConditions(formatted(list))).toString('hex');
  /** A client of theirs as far as @lit-protocol/encryption needs one, on this network's key. */
  const theirs = {
    encrypt: async ({ dataToEncrypt, accessControlConditions }) => {
      const identity = `lit-accesscontrolcondition://${await hashOf(accessControlConditions)}/${sha256(dataToEncrypt)}`;
      return { ciphertext: await crypto.encrypt(root, dataToEncrypt, Buffer.from(identity)), dataToEncryptHash: sha256(dataToEncrypt) };
    },
  };
  /** The committee's signature on the identity, opened: checked by @noble/curves and by their own wasm. */
  const signatureOf = async (answer, key, uri) => {
    const opened = openKey(answer.keys[0], key.secret, { publicKey: ours.root, identityBytes: hex(Buffer.from(uri)) });
    await crypto.verifySignature(root, Buffer.from(uri), bytes(opened));
    return opened;
  };
  /** Theirs decrypts from signature shares: of a constant polynomial, every share is the signature. */
  const theirsDecrypts = (ciphertext, uri, signature) => {
    const shares = [1, 3, 5].map((x) => ({ ProofOfPossession: Buffer.concat([Buffer.from([x]), bytes(signature)]).toString('hex') }));
    return quietly(() => crypto.verifyAndDecryptWithSignatureShares(root, Buffer.from(uri), ciphertext, shares));
  };
  const item = (condition, digest, list) => ({ identity: `0x01${condition}${digest}`, litConditions: JSON.stringify({ accessControlConditions: formatted(list) }) });
  const uriOf = (condition, digest) => `lit-accesscontrolcondition://${condition}/${digest}`;

  let decrypted = 0;
  await step('what @lit-protocol/encryption encrypts to this committee, the committee decrypts', async () => {
    for (const list of [only(wallet.address), either(stranger.address, wallet.address)]) {
      for (const length of [1, 32, 5_000]) {
        const plaintext = randomBytes(length);
        const { ciphertext, dataToEncryptHash } = await encryption.encryptUint8Array({ dataToEncrypt: plaintext, accessControlConditions: list }, theirs);
        const condition = await hashOf(list);
        const key = oneTimeKey();
        const answer = await ours.through(second).decrypt([item(condition, dataToEncryptHash, list)], key, walletAuthoriser(wallet));
        const uri = uriOf(condition, dataToEncryptHash);
        const signature = await signatureOf(answer, key, uri);
        assert.deepEqual(Buffer.from(await theirsDecrypts(ciphertext, uri, signature)), plaintext, 'theirs, with our committee’s key');
        const opened = tool('lit', 'decrypt', root, condition, dataToEncryptHash, signature.slice(2), ciphertext);
        assert.equal(opened, plaintext.toString('hex'), 'conclave-client');
        decrypted += 1;
      }
    }
  });
  await step('what conclave-client encrypts in Lit’s format, theirs decrypts', async () => {
    const list = only(wallet.address);
    const condition = await hashOf(list);
    for (const length of [0, 33, 300]) {
      const plaintext = randomBytes(length);
      const ciphertext = tool('lit', 'encrypt', root, condition, plaintext.toString('hex'));
      const key = oneTimeKey();
      const answer = await ours.through(third).decrypt([item(condition, sha256(plaintext), list)], key, walletAuthoriser(wallet));
      const uri = uriOf(condition, sha256(plaintext));
      assert.deepEqual(Buffer.from(await theirsDecrypts(ciphertext, uri, await signatureOf(answer, key, uri))), plaintext);
      decrypted += 1;
    }
  });
  figure('decrypted', decrypted);
  await step('who does not meet the condition gets nothing, nor does another condition’s JSON', async () => {
    const list = only(wallet.address);
    const one = item(await hashOf(list), sha256('x'), list);
    await expectError(ours.through(first).decrypt([one], oneTimeKey(), walletAuthoriser(stranger)), CODE.condition);
    const swapped = { ...one, litConditions: item('', '', only(stranger.address)).litConditions };
    note((await expectError(ours.through(first).decrypt([swapped], oneTimeKey(), walletAuthoriser(stranger)), CODE.invalidRequest)).message);
  });

  await step('a condition token: signed by the committee, verified by their crypto and by conclave-client', async () => {
    const conditions = JSON.stringify({ accessControlConditions: formatted(only(wallet.address)) });
    const ask = async (who, node = second) => {
      const request = { litConditions: conditions, validUntil: (await finalizedNumber(node.rpc)) + 100, nonce: hex(randomBytes(32)) };
      return node.rpc('conclave_signToken', { ...request, authorisation: await walletAuthoriser(who).authorise(await node.rpc('conclave_tokenText', request)) });
    };
    const { token, publicKey } = await ask(wallet);
    const [header, payload, signature] = token.split('.');
    await crypto.verifySignature(publicKey.slice(2), Buffer.from(`${header}.${payload}`), Buffer.from(signature, 'base64url'));
    const claims = JSON.parse(Buffer.from(payload, 'base64url'));
    assert.deepEqual([claims.iss, claims.sub, claims.chain, claims.exp - claims.iat], [`conclave:${genesis}`, wallet.address, 'ethereum', 43_200]);
    assert.deepEqual(claims.accessControlConditions, formatted(only(wallet.address)));
    assert.equal(tool('encryption', 'token', publicKey, claims.iss, String(claims.iat), token), wallet.address);
    const other = await ask(wallet, third);
    assert.equal(other.publicKey, publicKey, 'one key signs all tokens');
    await expectError(ask(stranger), CODE.condition);
  });

  // Sessions: auth-helpers makes the message and signs it; the wallet is of ethers.
  const alice = await developmentAccount('//Alice');
  const pkp = await step('Alice mints a PKP that the wallet may use', async () => {
    const minted = await client.mint(alice);
    await client.permitAll(alice, minted.id, [{ method: { EthereumWallet: wallet.address.toLowerCase() }, scopes: SCOPE.personalSign }]);
    return minted;
  });
  const { evm } = await client.addresses(pkp.id);
  const list = only(wallet.address);
  const secret = Buffer.from('opened by a session');
  const names = [await hashOf(list), sha256(secret)];
  const delegate = async (key, resources) => {
    const message = await auth.createSiweMessage({
      walletAddress: wallet.address, domain: 'app.example', uri: `lit:session:${key.public.toString('hex')}`, statement: 'Sign in to Example.',
      nonce: (await first.rpc('chain_getFinalizedHead')).slice(2), expiration: new Date(Date.now() + 600_000).toISOString(), resources,
      litNodeClient: { generateSessionCapabilityObjectWithWildcards: async () => new auth.RecapSessionCapabilityObject() },
    });
    return auth.generateAuthSig({ signer: wallet, toSign: message });
  };
  const all = [
    { resource: new auth.LitPKPResource(pkp.id.slice(2)), ability: 'pkp-signing' },
    { resource: new auth.LitAccessControlConditionResource(names.join('/')), ability: 'access-control-condition-decryption' },
  ];
  await step('a session that @lit-protocol/auth-helpers delegated signs and decrypts', async () => {
    const key = sessionKey();
    const session = new SessionSigner(fourth, genesis, key, authSigDelegation(await delegate(key, all)));
    const { signature } = await session.sign(pkp.id, 'ecdsa-secp256k1', { personalMessage: 'by Lit’s session' });
    assert.equal(verifyMessage('by Lit’s session', signature), evm);
    const ciphertext = await crypto.encrypt(root, secret, Buffer.from(uriOf(...names)));
    const oneTime = oneTimeKey();
    const answer = await session.decryptLit(item(...names, list), names, oneTime.public);
    assert.deepEqual(Buffer.from(await theirsDecrypts(ciphertext, uriOf(...names), await signatureOf(answer, oneTime, uriOf(...names)))), secret);
  });
  await step('one that it delegated for signing decrypts nothing', async () => {
    const key = sessionKey();
    const session = new SessionSigner(fourth, genesis, key, authSigDelegation(await delegate(key, all.slice(0, 1))));
    note((await expectError(session.decryptLit(item(...names, list), names, oneTimeKey().public), CODE.authorisation)).message);
  });
  await client.disconnect();
}
