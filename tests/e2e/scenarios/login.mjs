// Users without a chain account: wallets of several ecosystems, a passkey, an OpenID and a Discord login each get a session
// that signs with a PKP, until it ends or its permission is revoked; and whoever is on a long list signs, too.
import assert from 'node:assert/strict';
import { Secp256k1HdWallet } from '@cosmjs/amino';
import { Keypair } from '@solana/web3.js';
import { Wallet, hashMessage, keccak256, recoverAddress, toUtf8Bytes, verifyMessage } from 'ethers';
import WebAuthnEmulatorModule from 'nid-webauthn-emulator';
import { SiweMessage } from 'siwe';
import { CODE, expectError } from '../checks/errors.mjs';
import { accountAuthoriser, cosmosAuthoriser, listed, solanaAuthoriser, walletAuthoriser } from '../lib/authoriser.mjs';
import { Client, SCOPE, Signer, developmentAccount } from '../lib/client.mjs';
import { watchCommittee } from '../lib/committee.mjs';
import { Devnet, finalizedNumber } from '../lib/devnet.mjs';
import { Discord } from '../lib/discord.mjs';
import { Issuer } from '../lib/issuer.mjs';
import { listTree } from '../lib/list.mjs';
import { outsideFile } from '../lib/outside.mjs';
import { bytes, hex } from '../lib/request.mjs';
import { SessionSigner, certifiedDelegation, createSession, isCertified, pkpResource, recap, requestId, sessionKey, walletDelegation } from '../lib/session.mjs';

const WebAuthnEmulator = WebAuthnEmulatorModule.default ?? WebAuthnEmulatorModule;
const DOMAIN = 'app.example';
/** Clocks may differ by as much: an authorisation is taken until then (limits.rs). */
const CLOCK_GRACE = 60;

export default async function login(report, own) {
  const { step, figure, note } = report;
  const issuer = await Issuer.start({ issuer: 'https://id.example', audience: 'conclave-e2e' });
  const discord = await Discord.start({
    1081: { secret: 'of the application', redirect: 'https://app.example/discord' },
    2099: { secret: 'of another', redirect: 'https://elsewhere.example/discord' },
  });
  // Members go to the public internet only, and where their operator allows.
  const allowed = outsideFile(`allowed-addresses = ["${issuer.address}", "${discord.address}"]\n[stand-ins]\n"https://discord.com" = "${discord.url}"\n`);
  const devnet = await own(Devnet.validators({ label: 'login', args: ['--external-chains', allowed] }));
  const [first, second, third, fourth] = devnet.nodes;
  await step('four validators start', () => devnet.start());
  const status = await step('keys are generated', () => watchCommittee(devnet, { print: note }));
  const resultKey = status.committee.rootKeys.find(({ purpose }) => purpose === 'result').publicKey;
  const client = await Client.connect(first);
  const { genesis } = client;
  const alice = await developmentAccount('//Alice');
  const pkp = await step('Alice mints a PKP', () => client.mint(alice));
  const { evm } = await client.addresses(pkp.id);
  const mayUsePkp = recap({ [pkpResource(pkp.id)]: ['sign'] });
  const message = (words) => ({ personalMessage: `Conclave: ${words}` });
  const signs = async (signer, words) => {
    const { signature } = await signer.sign(pkp.id, 'ecdsa-secp256k1', message(words));
    assert.equal(verifyMessage(`Conclave: ${words}`, signature), evm, 'ethers recovers the address of the PKP');
  };
  const refused = (signer, words, code) => expectError(signer.sign(pkp.id, 'ecdsa-secp256k1', message(words)), code);

  // A wallet.
  const wallet = Wallet.createRandom();
  const wallets = { EthereumWallet: wallet.address.toLowerCase() };
  const personal = SCOPE.personalSign;
  await step('she permits a wallet to sign personal messages', () => client.permitAll(alice, pkp.id, [{ method: wallets, scopes: personal }]));

  const delegation = async ({ key, seconds, statement, resources }) => {
    const siwe = new SiweMessage({
      domain: DOMAIN, address: wallet.address, uri: `lit:session:${key.public.toString('hex')}`, version: '1', chainId: 1,
      // A recent block: nobody can have had the message signed before.
      nonce: (await first.rpc('chain_getFinalizedHead')).slice(2), issuedAt: new Date().toISOString(),
      expirationTime: new Date(Date.now() + seconds * 1000).toISOString(), statement, resources,
    }).prepareMessage();
    return walletDelegation(siwe, await wallet.signMessage(siwe));
  };
  const grants = `I further authorize the stated URI to perform the following actions on my behalf: (1) 'Threshold': 'Signing' for '${pkpResource(pkp.id)}'.`;
  const shortKey = sessionKey();
  const short = new SessionSigner(fourth, genesis, shortKey, await delegation({ key: shortKey, seconds: 5, statement: grants, resources: [mayUsePkp] }));
  const shortEnds = Date.now() + (5 + CLOCK_GRACE) * 1000;
  await step('a session key that the wallet delegated to by SIWE and ReCap signs', () => signs(short, 'by a wallet’s session'));
  await step('the session signs nothing but personal messages, and with no other key’s signature', async () => {
    await expectError(short.sign(pkp.id, 'ed25519', { message: '0x01' }), CODE.notPermitted);
    const stolen = new SessionSigner(fourth, genesis, sessionKey(), short.delegation);
    note((await refused(stolen, 'stolen', CODE.wrongSigner)).message);
  });
  await step('a message that does not say what it grants is refused', async () => {
    const key = sessionKey();
    const silent = await delegation({ key, seconds: 60, statement: 'Sign in.', resources: [mayUsePkp] });
    note((await refused(new SessionSigner(first, genesis, key, silent), 'silent', CODE.authorisation)).message);
  });
  const wallet191 = async ({ text }) => ({ type: 'eip191', signer: wallet.address.toLowerCase(), signature: await wallet.signMessage(text) });
  const walletKey = sessionKey();
  const certified = await step('the committee certifies a session of the wallet', () => createSession(second, { key: walletKey, capabilities: mayUsePkp, prove: wallet191 }));
  await step('its Result key signed the certificate, and no changed one', () => {
    assert.ok(isCertified(certified, resultKey, genesis));
    const other = bytes(certified.certificate);
    other[other.length - 1] ^= 1;
    assert.ok(!isCertified({ ...certified, certificate: hex(other) }, resultKey, genesis));
  });
  const walletSession = new SessionSigner(third, genesis, walletKey, certifiedDelegation(certified));
  await step('the certified session signs, through another node', () => signs(walletSession, 'certified'));
  await step('a certificate that somebody changed is refused', async () => {
    const other = bytes(certified.certificate);
    other[40] ^= 1;
    const changed = certifiedDelegation({ ...certified, certificate: hex(other) });
    await refused(new SessionSigner(third, genesis, walletKey, changed), 'changed', [CODE.authorisation, CODE.invalidRequest]);
  });
  await step('SIWE for one request: signed by ethers, refused for another request', async () => {
    const signer = new Signer(first, genesis);
    const request = await signer.request(pkp.id, 'ecdsa-secp256k1', message('once'));
    const other = await signer.request(pkp.id, 'ecdsa-secp256k1', message('twice'));
    const id = hex(requestId(request, genesis));
    const siwe = new SiweMessage({
      domain: DOMAIN, address: wallet.address, uri: `https://${DOMAIN}/sign`, version: '1', chainId: 1, requestId: id,
      nonce: (await first.rpc('chain_getFinalizedHead')).slice(2), issuedAt: new Date().toISOString(),
      expirationTime: new Date(Date.now() + 300_000).toISOString(),
    }).prepareMessage();
    const authorisation = { type: 'siwe', message: siwe, signature: await wallet.signMessage(siwe) };
    const { signature } = await signer.send({ ...request, authorisation });
    assert.equal(recoverAddress(hashMessage('Conclave: once'), signature), evm);
    note((await expectError(signer.send({ ...other, authorisation }), CODE.authorisation)).message);
  });

  // Wallets of other ecosystems.
  const others = { Solana: solanaAuthoriser(Keypair.generate()), Cosmos: await cosmosAuthoriser(await Secp256k1HdWallet.generate(12)) };
  for (const [name, other] of Object.entries(others)) {
    const prove = ({ text }) => other.authorise(text);
    const key = sessionKey();
    await step(`a ${name} wallet is nobody to the PKP`, () => expectError(createSession(first, { key, pkp: pkp.id, capabilities: mayUsePkp, prove }), CODE.notPermitted));
    await step(`Alice permits the ${name} wallet: it signs, and so does its session`, async () => {
      await client.permitAll(alice, pkp.id, [{ method: other.method, scopes: personal }]);
      const { signature } = await new Signer(second, genesis).sign(pkp.id, 'ecdsa-secp256k1', message(`by ${name}`), other);
      assert.equal(recoverAddress(hashMessage(`Conclave: by ${name}`), signature), evm);
      const session = await createSession(third, { key, pkp: pkp.id, capabilities: mayUsePkp, prove });
      await signs(new SessionSigner(fourth, genesis, key, certifiedDelegation(session)), `by ${name}’s session`);
    });
    await step(`what the ${name} wallet signed is for that request alone`, async () => {
      const signer = new Signer(first, genesis);
      const [request, changed] = await Promise.all(['one', 'other'].map((words) => signer.request(pkp.id, 'ecdsa-secp256k1', message(words))));
      const { authorisation } = await signer.authorised(request, other);
      note((await expectError(signer.send({ ...changed, authorisation }), CODE.wrongSigner)).message);
      await expectError(signer.sign(pkp.id, 'ed25519', { message: '0x01' }, other), CODE.notPermitted);
    });
    await step(`Alice revokes it: it signs no more`, async () => {
      const { number } = await client.revoke(alice, pkp.id, other.method);
      await Promise.all(devnet.nodes.map((node) => devnet.waitFor(`block ${number} at ${node.name}`, async () => (await finalizedNumber(node.rpc)) >= number, { timeout: 60_000 })));
      await expectError(new Signer(second, genesis).sign(pkp.id, 'ecdsa-secp256k1', message('revoked'), other), CODE.notPermitted);
    });
  }

  // A list.
  const people = Array.from({ length: 100 }, () => walletAuthoriser(Wallet.createRandom()));
  const stranger = walletAuthoriser(Wallet.createRandom());
  const { root, proofs } = listTree(people.map(({ method }) => method));
  const LIST = 7;
  const signsAs = (authoriser, node = second) => new Signer(node, genesis).sign(pkp.id, 'ecdsa-secp256k1', message('one of many'), authoriser);
  await step('Alice permits a hundred wallets by one hash', () => client.submit(client.api.tx.pkp.permitList(pkp.id, LIST, root, personal), alice));
  await step('one of them signs by the way up to it, and a session of theirs', async () => {
    const { signature } = await signsAs(listed(people[42], LIST, proofs[42]));
    assert.equal(recoverAddress(hashMessage('Conclave: one of many'), signature), evm);
    const key = sessionKey();
    const prove = ({ text }) => listed(people[99], LIST, proofs[99]).authorise(text);
    const session = await createSession(first, { key, pkp: pkp.id, capabilities: mayUsePkp, prove });
    const signer = new SessionSigner(third, genesis, key, certifiedDelegation(session));
    await refused(signer, 'a session without the way', CODE.notPermitted);
    const shows = (request) => ({ ...request, authorisation: { ...request.authorisation, list: { number: LIST, proof: proofs[99] } } });
    await signer.sign(pkp.id, 'ecdsa-secp256k1', message('with it'), shows);
  });
  await step('no way, another’s, half of it, of another list, or more than the list may: refused', async () => {
    for (const [authoriser, number, proof] of [
      [people[42], LIST, proofs[41]], [people[42], LIST, proofs[42].slice(1)], [people[42], LIST, []], [people[42], LIST + 1, proofs[42]], [stranger, LIST, proofs[42]],
    ]) await expectError(signsAs(listed(authoriser, number, proof)), CODE.notPermitted);
    await expectError(signsAs(people[42]), CODE.notPermitted);
    await expectError(new Signer(second, genesis).sign(pkp.id, 'ed25519', { message: '0x01' }, listed(people[42], LIST, proofs[42])), CODE.notPermitted);
    note((await expectError(signsAs(listed(people[42], LIST, ['0x12'])), CODE.invalidRequest)).message);
  });
  await step('Alice revokes the list: none of them signs', async () => {
    const { number } = await client.submit(client.api.tx.pkp.revokeList(pkp.id, LIST), alice);
    await Promise.all(devnet.nodes.map((node) => devnet.waitFor(`block ${number} at ${node.name}`, async () => (await finalizedNumber(node.rpc)) >= number, { timeout: 60_000 })));
    await expectError(signsAs(listed(people[42], LIST, proofs[42])), CODE.notPermitted);
  });

  // A passkey.
  const authenticator = new WebAuthnEmulator();
  const origin = `https://${DOMAIN}`;
  const created = authenticator.createJSON(origin, {
    rp: { id: DOMAIN, name: 'Example' }, user: { id: 'dXNlcg', name: 'user', displayName: 'User' }, challenge: 'AAAA',
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }], excludeCredentials: [], attestation: 'none',
  });
  const passkey = keccak256(toUtf8Bytes(`${created.id}:${DOMAIN}`));
  await step('Alice permits a passkey', () => client.submit(client.api.tx.pkp.permitPasskey(pkp.id, passkey, { Es256: compressed(created) }, personal), alice));
  const byPasskey = (at = authenticator) => ({ challenge }) => {
    const { response } = at.getJSON(origin, {
      challenge: Buffer.from(bytes(challenge)).toString('base64url'), rpId: DOMAIN, userVerification: 'required',
      allowCredentials: [{ type: 'public-key', id: created.id }],
    });
    const { clientDataJSON, authenticatorData, signature } = response;
    return { type: 'passkey', relyingParty: DOMAIN, credentialId: created.id, clientDataJSON, authenticatorData, signature };
  };
  const passkeySession = await step('the passkey (a CTAP2 authenticator) gets a session, and it signs', async () => {
    const key = sessionKey();
    const session = await createSession(first, { key, pkp: pkp.id, capabilities: mayUsePkp, prove: byPasskey() });
    const signer = new SessionSigner(second, genesis, key, certifiedDelegation(session));
    await signs(signer, 'by a passkey');
    return signer;
  });
  await step('its assertion serves no other session key, and no assertion of another challenge this one', async () => {
    let kept;
    const keep = async (asked) => (kept = byPasskey()(asked));
    await createSession(first, { key: sessionKey(), pkp: pkp.id, capabilities: mayUsePkp, prove: keep });
    const again = createSession(first, { key: sessionKey(), pkp: pkp.id, capabilities: mayUsePkp, prove: () => kept });
    note((await expectError(again, CODE.authorisation)).message);
  });

  // OpenID.
  const subject = '10769150350006150715';
  const openId = { OpenId: keccak256(openIdBytes(issuer.issuer, issuer.audience, subject)) };
  await step('Alice permits a login at an issuer that the chain does not know yet', () => client.permitAll(alice, pkp.id, [{ method: openId, scopes: personal }]));
  const byToken = (options = {}) => ({ challenge }) => issuer.token({ subject, nonce: Buffer.from(bytes(challenge)).toString('base64url'), ...options }).then((token) => ({ type: 'openId', token }));
  const openIdSession = (prove, key = sessionKey(), node = first) => createSession(node, { key, pkp: pkp.id, capabilities: mayUsePkp, prove });
  await step('its token is refused', async () => note((await expectError(openIdSession(byToken()), CODE.authorisation)).message));
  const provider = { kind: 'OpenId', issuers: [issuer.issuer], keySet: issuer.keySetUrl, audiences: [issuer.audience] };
  await step('governance lets users in by the issuer', () => {
    return client.sudo(client.api.tx.pkp.setLogins({ domains: null, providers: [provider], discord: 'Off' }), alice);
  });
  const tokenSession = await step('the login gets a session, and it signs', async () => {
    const key = sessionKey();
    const session = await openIdSession(byToken(), key);
    const signer = new SessionSigner(fourth, genesis, key, certifiedDelegation(session));
    await signs(signer, 'by OpenID');
    return signer;
  });
  assert.ok(issuer.asked >= 3, 'each member of a quorum asked for the keys itself');
  await step('tokens for others, of others, expired, unsigned or altered are refused', async () => {
    for (const [what, options] of Object.entries({
      'another audience': { audience: 'somebody-else' }, 'another issuer': { issuer: 'https://evil.example' },
      'another nonce': { nonce: Buffer.alloc(32).toString('base64url') }, expired: { issuedAt: -7200, expires: -3600 },
      'no signature': { unsigned: true }, 'an altered claim': { altered: true }, 'another key': { foreign: true },
    })) {
      const error = await expectError(openIdSession(byToken(options)), CODE.authorisation);
      note(`${what}: ${error.message}`);
    }
    await expectError(openIdSession(byToken({ subject: 'somebody else' })), CODE.notPermitted);
  });
  await step('the issuer rotates its keys: tokens of the new one are taken once members ask again', async () => {
    await issuer.rotate();
    const started = Date.now();
    for (;;) {
      try {
        await openIdSession(byToken());
        break;
      } catch (error) {
        assert.equal(error.code, CODE.authorisation, error.message);
        assert.ok(Date.now() - started < 120_000, `the new key is still unknown: ${error.message}`);
        await new Promise((resolve) => setTimeout(resolve, 5_000));
      }
    }
    figure('secondsToRotatedKey', Math.round((Date.now() - started) / 1000));
  });

  // Discord.
  const [application, another, user] = ['1081', '2099', '80351110224678912'];
  const byDiscord = { Discord: keccak256(toUtf8Bytes(`${user}:${application}`)) };
  const withToken = (token) => () => ({ type: 'discord', token });
  await step('Alice permits a Discord user, whose token is refused while Discord is off', async () => {
    await client.permitAll(alice, pkp.id, [{ method: byDiscord, scopes: personal }]);
    note((await expectError(openIdSession(withToken(await discord.login({ application, user }))), CODE.authorisation)).message);
    assert.equal(discord.asked, 0, 'nobody asked Discord');
  });
  await step('governance lets users in by Discord, through one application', () =>
    client.sudo(client.api.tx.pkp.setLogins({ domains: null, providers: [provider], discord: { Applications: [application] } }), alice));
  const token = await discord.login({ application, user });
  const discordSession = await step('the user logs in, and the session signs', async () => {
    const key = sessionKey();
    const session = await openIdSession(withToken(token), key);
    const signer = new SessionSigner(second, genesis, key, certifiedDelegation(session));
    await signs(signer, 'by Discord');
    return signer;
  });
  assert.ok(discord.asked >= 3, 'each member of a quorum asked Discord itself');
  await step('the token serves no other session key, and signs nothing itself', async () => {
    note((await expectError(openIdSession(withToken(token)), CODE.authorisation)).message);
    const discordAuthoriser = { authorise: withToken(token) };
    note((await expectError(new Signer(first, genesis).sign(pkp.id, 'ecdsa-secp256k1', message('no session'), discordAuthoriser), CODE.authorisation)).message);
  });
  await step('tokens of another application, without a user, expired, revoked, made up or of another user are refused', async () => {
    const revoked = await discord.login({ application, user });
    discord.revoke(revoked);
    for (const [what, bad] of Object.entries({
      'another application': await discord.login({ application: another, user }), 'no user': await discord.login({ application, user, scope: 'guilds' }),
      expired: await discord.login({ application, user, seconds: -1 }), revoked, 'made up': 'Zm9yZ2Vk',
    })) note(`${what}: ${(await expectError(openIdSession(withToken(bad)), CODE.authorisation)).message}`);
    await expectError(openIdSession(withToken(await discord.login({ application, user: '175928847299117063' }))), CODE.notPermitted);
  });

  // The end.
  await step('the wallet’s short session has ended', async () => {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, shortEnds + 5_000 - Date.now())));
    note((await refused(short, 'too late', CODE.authorisation)).message);
  });
  await step('Alice revokes the passkey, the logins and the wallet: their sessions sign no more', async () => {
    for (const method of [{ Passkey: passkey }, openId, byDiscord, wallets]) {
      const { number } = await client.revoke(alice, pkp.id, method);
      await Promise.all(devnet.nodes.map((node) => devnet.waitFor(`block ${number} at ${node.name}`, async () => (await finalizedNumber(node.rpc)) >= number, { timeout: 60_000 })));
    }
    await refused(passkeySession, 'revoked', CODE.notPermitted);
    await refused(tokenSession, 'revoked', CODE.notPermitted);
    await refused(discordSession, 'revoked', CODE.notPermitted);
    await refused(walletSession, 'revoked', CODE.notPermitted);
  });
  await step('nothing of it stops Alice herself', async () => {
    await new Signer(first, genesis).sign(pkp.id, 'ecdsa-secp256k1', message('by its owner'), accountAuthoriser(alice));
  });
  await Promise.all([issuer.stop(), discord.stop()]);
  await client.disconnect();
}

/** SEC1 compressed, of the SubjectPublicKeyInfo that WebAuthn's `toJSON` has. */
function compressed({ response: { publicKey } }) {
  const point = Buffer.from(publicKey, 'base64url').subarray(-65);
  return hex(Buffer.concat([Buffer.from([2 + (point[64] & 1)]), point.subarray(1, 33)]));
}

/** The SCALE encoding of four texts: pallets/primitives/src/authorisation.rs, `AuthMethod::open_id`. */
const openIdBytes = (...rest) =>
  Buffer.concat(['CONCLAVE-V1-OPENID', ...rest].flatMap((text) => [Buffer.from([text.length << 2]), Buffer.from(text)]));
