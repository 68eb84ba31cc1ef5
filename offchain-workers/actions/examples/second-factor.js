// Second factor: signs only for whoever holds the PKP's own login and a fresh token of a second provider.
//
// jsParams: publicKey, tokenId, toSign (hex), idToken (of the second provider, with the digest as its nonce), keys (the
// provider's key set, as JWKs), subject (whom the second provider has to name).
// The first factor is who asked for the action: their auth method has to be permitted on the PKP. In earnest, `issuer`,
// `subject` and `keys` are constants of the code, so that they are part of the action's name.

const [first] = Lit.Auth.authMethodContexts;
if (!first) throw new Error('log in first');
const permitted = await Lit.Actions.isPermittedAuthMethod({
    tokenId, authMethodType: first.authMethodType, userId: Uint8Array.fromHex(first.userId.replace(/^0x/, '')),
});
if (!permitted) throw new Error('the first factor is not permitted');

const { header } = jwt.decode(idToken, { complete: true }) ?? {};
const key = keys.find((one) => one.kid === header?.kid);
if (!key) throw new Error('the second provider has no such key');
// The token is for these bytes only: a stolen one signs nothing else. Older than five minutes, it signs nothing.
jwt.verify(idToken, key, { algorithms: ['ES256', 'RS256'], audience: 'second-factor', subject, nonce: toSign, maxAge: 300 });

await Lit.Actions.signEcdsa({ toSign: Uint8Array.fromHex(toSign), publicKey, sigName: 'approved' });
Lit.Actions.setResponse({ response: 'approved' });
