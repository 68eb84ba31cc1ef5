// Writes logins.json into the current folder, which tests/vectors/ keeps: what published packages make of fixed inputs.
// npm i siwe@2.3.2 siwe-recap@0.0.2-alpha.0 ethers@5.8.0 @lit-protocol/auth-helpers@7.4.0 @cosmjs/amino@0.32
const NOW = Date.parse('2026-11-22T12:00:00.000Z');
const RealDate = Date;
global.Date = class extends RealDate { constructor(...a) { super(...(a.length ? a : [NOW])); } static now() { return NOW; } };
const { SiweMessage } = require('siwe');
const { Recap } = require('siwe-recap');
const { ethers } = require('ethers');
const lit = require('@lit-protocol/auth-helpers');
const { LIT_ABILITY } = require('@lit-protocol/constants');
const cosm = require('@cosmjs/amino');
const crypto = require('crypto');
(async () => {
  const wallet = new ethers.Wallet('0x' + '01'.repeat(32));
  const session = 'ab'.repeat(32), block = '0x' + '0b'.repeat(32), pkp = 'cd'.repeat(32);
  const R = lit, condition = '11'.repeat(32) + '/' + '22'.repeat(32), cid = 'QmVkoRy3ZuPpUHJrrTH3FLdpUYZoMhvbsVPfGAJBqRqDYB';
  const resources = {
    all: [ { resource: new R.LitPKPResource(pkp), ability: LIT_ABILITY.PKPSigning },
      { resource: new R.LitAccessControlConditionResource(condition), ability: LIT_ABILITY.AccessControlConditionDecryption },
      { resource: new R.LitActionResource(cid), ability: LIT_ABILITY.LitActionExecution } ],
    wildcard: [ { resource: new R.LitPKPResource('*'), ability: LIT_ABILITY.PKPSigning },
      { resource: new R.LitAccessControlConditionResource('*'), ability: LIT_ABILITY.AccessControlConditionDecryption },
      { resource: new R.LitAccessControlConditionResource('*'), ability: LIT_ABILITY.AccessControlConditionSigning },
      { resource: new R.LitRLIResource('*'), ability: LIT_ABILITY.RateLimitIncreaseAuth } ],
  };
  const delegations = [];
  for (const [name, list] of Object.entries(resources)) {
    const message = await lit.createSiweMessage({ walletAddress: wallet.address, domain: 'example.com', uri: 'lit:session:' + session,
      statement: 'Sign in to Example.', nonce: block, expiration: '2026-11-23T12:00:00.000Z', resources: list, litNodeClient: { generateSessionCapabilityObjectWithWildcards: async () => new lit.RecapSessionCapabilityObject() } });
    const authSig = await lit.generateAuthSig({ signer: wallet, toSign: message });
    delegations.push({ name, session, block: block.slice(2), authSig });
  }
  const messages = [
    { domain: 'example.com', address: wallet.address, uri: 'https://example.com/login', version: '1', chainId: 1, nonce: '12345678', issuedAt: '2026-11-22T12:00:00.000Z' },
    { scheme: 'https', domain: 'example.com:8080', address: wallet.address, statement: 'I accept the terms: https://example.com/tos', uri: 'https://example.com:8080/login?x=1#a', version: '1', chainId: 137, nonce: 'abcdefgh12', issuedAt: '2026-11-22T12:00:00.000Z', expirationTime: '2026-11-23T12:00:00Z', notBefore: '2026-11-22T14:00:00+02:00', requestId: 'some-id', resources: ['ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/', 'https://example.com/my-web2-claim.json'] },
    { domain: '[::1]:3000', address: ethers.utils.getAddress('0x' + '5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'), uri: 'did:key:example', version: '1', chainId: 8453, nonce: 'mynonce1', issuedAt: '2026-11-22T12:00:00.5Z', resources: [] },
  ].map((fields) => ({ fields, message: new SiweMessage(fields).prepareMessage() }));
  const recaps = [];
  for (const entries of [[['https://example.com', 'example', 'append'], ['my:resource:uri.2', 'example', 'append'], ['https://example.com', 'other', 'action'], ['https://example.com', 'example', 'read']],
    [['lit-pkp://*', '*', '*'], ['urn:z', 'a-b', 'c'], ['urn:z', 'a', 'c'], ['urn:z', 'a', 'c-d']]]) {
    const recap = new Recap();
    for (const [resource, namespace, name] of entries) recap.addAttenuation(resource, namespace, name, {});
    recaps.push({ entries, uri: recap.encode(), statement: recap.statement });
  }
  const key = crypto.createHash('sha256').update('cosmos').digest();
  const cw = await cosm.Secp256k1Wallet.fromKey(key, 'osmo');
  const [{ address, pubkey }] = await cw.getAccounts();
  const text = 'Conclave <b>text</b> & more\nsecond line';
  const doc = cosm.makeSignDoc([{ type: 'sign/MsgSignData', value: { signer: address, data: Buffer.from(text).toString('base64') } }], { gas: '0', amount: [] }, '', '', 0, 0);
  const { signature } = await cw.signAmino(address, doc);
  const cosmos = { text, address, document: Buffer.from(cosm.serializeSignDoc(doc)).toString(), public: Buffer.from(pubkey).toString('hex'), signature: Buffer.from(signature.signature, 'base64').toString('hex') };
  const ed = crypto.createPrivateKey({ key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 7)]), format: 'der', type: 'pkcs8' });
  const solana = { text, public: crypto.createPublicKey(ed).export({ format: 'jwk' }).x, signature: crypto.sign(null, Buffer.from(text), ed).toString('hex') };
  solana.public = Buffer.from(solana.public, 'base64url').toString('hex');
  // Tokens: RS256, ES256 and EdDSA by OpenSSL.
  const b64 = (o) => Buffer.from(typeof o === 'string' ? o : JSON.stringify(o)).toString('base64url');
  const pairs = { rsa: crypto.generateKeyPairSync('rsa', { modulusLength: 2048 }), short: crypto.generateKeyPairSync('rsa', { modulusLength: 1024 }), ec: crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' }), ed: { privateKey: ed, publicKey: crypto.createPublicKey(ed) } };
  const claims = { iss: 'https://accounts.google.com', azp: 'client', aud: 'client', sub: '10769150350006150715113082367', email: 'a@example.com', email_verified: true, nonce: Buffer.alloc(32, 9).toString('base64url'), iat: NOW / 1000, exp: NOW / 1000 + 3600 };
  const token = (alg, kid, key) => { const s = b64({ alg, kid, typ: 'JWT' }) + '.' + b64(claims); const sig = alg === 'RS256' ? crypto.sign('sha256', Buffer.from(s), key) : alg === 'ES256' ? crypto.sign('sha256', Buffer.from(s), { key, dsaEncoding: 'ieee-p1363' }) : crypto.sign(null, Buffer.from(s), key); return s + '.' + sig.toString('base64url'); };
  const jwk = (pair, extra) => ({ ...pair.publicKey.export({ format: 'jwk' }), ...extra });
  const jwks = { keys: [jwk(pairs.rsa, { kid: 'rsa', alg: 'RS256', use: 'sig' }), jwk(pairs.short, { kid: 'short', alg: 'RS256', use: 'sig' }), jwk(pairs.ec, { kid: 'ec', use: 'sig' }), jwk(pairs.ed, { kid: 'ed' })] };
  const tokens = { jwks, claims, rs256: token('RS256', 'rsa', pairs.rsa.privateKey), short: token('RS256', 'short', pairs.short.privateKey), es256: token('ES256', 'ec', pairs.ec.privateKey), eddsa: token('EdDSA', 'ed', pairs.ed.privateKey) };
  // RFC 7515, appendix A.1: how a public key becomes an HMAC secret.
  const h = b64({ alg: 'HS256', kid: 'rsa', typ: 'JWT' }) + '.' + b64(claims);
  const der = pairs.rsa.publicKey.export({ format: 'der', type: 'spki' }), pem = pairs.rsa.publicKey.export({ format: 'pem', type: 'spki' }), p1 = pairs.rsa.publicKey.export({ format: 'pem', type: 'pkcs1' });
  tokens.hs256 = [der, pem, p1].map((k) => h + '.' + crypto.createHmac('sha256', k).update(h).digest('base64url'));
  // A passkey's assertion as Chromium makes it, with a COSE key.
  const passkey = (() => {
    const x = pairs.ec.publicKey.export({ format: 'jwk' });
    const cose = Buffer.concat([Buffer.from('a5010203262001215820', 'hex'), Buffer.from(x.x, 'base64url'), Buffer.from('225820', 'hex'), Buffer.from(x.y, 'base64url')]);
    const clientData = JSON.stringify({ type: 'webauthn.get', challenge: Buffer.alloc(32, 9).toString('base64url'), origin: 'https://login.example.com', crossOrigin: false, other_keys_can_be_added_here: 'do not compare clientDataJSON against a template. See https://goo.gl/yabPex' });
    const data = Buffer.concat([crypto.createHash('sha256').update('example.com').digest(), Buffer.from([0x1d, 0, 0, 0, 0])]);
    const signature = crypto.sign('sha256', Buffer.concat([data, crypto.createHash('sha256').update(clientData).digest()]), pairs.ec.privateKey);
    return { relyingParty: 'example.com', credentialId: Buffer.alloc(16, 5).toString('hex'), cose: cose.toString('hex'), clientData, authenticatorData: data.toString('hex'), signature: signature.toString('hex') };
  })();
  require('fs').writeFileSync('logins.json', JSON.stringify({ now: NOW / 1000, delegations, messages, recaps, cosmos, solana, tokens, passkey }, null, 1) + '\n');
})();
