// Lit.Actions and Lit.Auth, names and meaning as Lit has them; Conclave is the same object.

const need = (value, name) => {
    if (value === undefined || value === null) throw new TypeError(`${name} is missing`);
    return value;
};
const textOf = (value, name) => {
    if (typeof need(value, name) !== 'string') throw new TypeError(`${name} must be a string`);
    return value;
};
const digestOf = (toSign) => toBase64(need(toSign, 'toSign'), 'toSign');

const uint8arrayToString = (bytes, encoding = 'utf8') => {
    const view = bytesOf(bytes, 'array');
    switch (encoding) {
        case 'utf8': case 'utf-8': return fromUtf8(view);
        case 'hex': case 'base16': return view.toHex();
        case 'base64': return view.toBase64({ omitPadding: true });
        case 'base64pad': return view.toBase64();
        case 'base64url': case 'base64urlpad':
            return view.toBase64({ alphabet: 'base64url', omitPadding: encoding === 'base64url' });
        case 'ascii': case 'latin1': return Array.from(view, (byte) => String.fromCharCode(byte)).join('');
        default: throw new TypeError(`Unsupported encoding "${encoding}"`);
    }
};
const uint8arrayFromString = (text, encoding = 'utf8') => {
    switch (encoding) {
        case 'utf8': case 'utf-8': return toUtf8(text);
        case 'hex': case 'base16': return TheBytes.fromHex(text);
        case 'base64': case 'base64pad': return TheBytes.fromBase64(text);
        case 'base64url': case 'base64urlpad': return TheBytes.fromBase64(text, { alphabet: 'base64url' });
        case 'ascii': case 'latin1': return TheBytes.from(text, (character) => character.charCodeAt(0));
        default: throw new TypeError(`Unsupported encoding "${encoding}"`);
    }
};

const sign = (operation, scheme) => async ({ toSign, publicKey, sigName, signingScheme = scheme, keySetIdentifier } = {}) =>
    ask(operation, {
        toSign: digestOf(toSign), publicKey: textOf(publicKey, 'publicKey'), sigName: textOf(sigName, 'sigName'),
        signingScheme: textOf(signingScheme, 'signingScheme'), keySetIdentifier,
    });
const read = (operation, ...names) => async (argument = {}) => {
    const known = {};
    for (const name of names) known[name] = textOf(argument[name], name);
    return ask(operation, known);
};
const decryption = (operation) => async ({ accessControlConditions, ciphertext, dataToEncryptHash, authSig = null, chain } = {}) =>
    ask(operation, {
        accessControlConditions: need(accessControlConditions, 'accessControlConditions'),
        ciphertext: textOf(ciphertext, 'ciphertext'), dataToEncryptHash: textOf(dataToEncryptHash, 'dataToEncryptHash'),
        authSig, chain: textOf(chain, 'chain'),
    });
const authMethod = ({ tokenId, authMethodType, userId } = {}) => ({
    tokenId: textOf(tokenId, 'tokenId'), authMethodType: `${need(authMethodType, 'authMethodType')}`,
    userId: toBase64(need(userId, 'userId'), 'userId'),
});

const Actions = {
    isPermittedAction: read('isPermittedAction', 'tokenId', 'ipfsId'),
    isPermittedAddress: read('isPermittedAddress', 'tokenId', 'address'),
    isPermittedAuthMethod: async (argument) => ask('isPermittedAuthMethod', authMethod(argument)),
    getPermittedActions: read('getPermittedActions', 'tokenId'),
    getPermittedAddresses: read('getPermittedAddresses', 'tokenId'),
    getPermittedAuthMethods: read('getPermittedAuthMethods', 'tokenId'),
    getPermittedAuthMethodScopes: async (argument = {}) =>
        ask('getPermittedAuthMethodScopes', { ...authMethod(argument), maxScopeId: Number(argument.maxScopeId ?? 100) }),
    pubkeyToTokenId: read('pubkeyToTokenId', 'publicKey'),
    getLatestNonce: read('getLatestNonce', 'address', 'chain'),
    getRpcUrl: read('getRpcUrl', 'chain'),

    signEcdsa: sign('signEcdsa', 'EcdsaK256Sha256'),
    sign: sign('sign'),
    signAndCombineEcdsa: sign('signAndCombineEcdsa', 'EcdsaK256Sha256'),
    signAndCombine: sign('signAndCombine'),
    ethPersonalSignMessageEcdsa: async ({ message, publicKey, sigName } = {}) => {
        const bytes = typeof message === 'string' ? toUtf8(message) : bytesOf(need(message, 'message'), 'message');
        return ask('ethPersonalSignMessageEcdsa', {
            message: toBase64(bytes), publicKey: textOf(publicKey, 'publicKey'), sigName: textOf(sigName, 'sigName'),
        });
    },
    signAsAction: async ({ toSign, sigName, signingScheme } = {}) => ask('signAsAction', {
        toSign: digestOf(toSign), sigName: textOf(sigName, 'sigName'), signingScheme: textOf(signingScheme, 'signingScheme'),
    }),
    getActionPublicKey: read('getActionPublicKey', 'signingScheme', 'actionIpfsCid'),
    verifyActionSignature: async ({ signingScheme, actionIpfsCid, toSign, signOutput } = {}) => ask('verifyActionSignature', {
        signingScheme: textOf(signingScheme, 'signingScheme'), actionIpfsCid: textOf(actionIpfsCid, 'actionIpfsCid'),
        toSign: digestOf(toSign), signOutput: textOf(signOutput, 'signOutput'),
    }),
    claimKey: read('claimKey', 'keyId'),

    checkConditions: async ({ conditions, authSig = null, chain } = {}) =>
        ask('checkConditions', { conditions: need(conditions, 'conditions'), authSig, chain: textOf(chain, 'chain') }),
    encrypt: async ({ accessControlConditions, to_encrypt: plaintext } = {}) => ask('encrypt', {
        accessControlConditions: need(accessControlConditions, 'accessControlConditions'),
        toEncrypt: toBase64(need(plaintext, 'to_encrypt'), 'to_encrypt'),
    }),
    decryptAndCombine: decryption('decryptAndCombine'),
    decryptToSingleNode: decryption('decryptToSingleNode'),

    // Legacy: AES-256-CBC, with the initialisation vector before the ciphertext.
    aesDecrypt: async ({ symmetricKey, ciphertext } = {}) => {
        const key = bytesOf(need(symmetricKey, 'symmetricKey'), 'symmetricKey'), sealed = bytesOf(need(ciphertext, 'ciphertext'), 'ciphertext');
        if (key.length !== 32) throw new TypeError('symmetricKey must have 32 bytes');
        return fromUtf8(compute('aesCbcDecrypt', concat(prefixed(key), sealed)));
    },

    setResponse: ({ response } = {}) => { compute('setResponse', toUtf8(textOf(response, 'response'))); },
    call: async ({ ipfsId, params = {} } = {}) => ask('call', { ipfsId: textOf(ipfsId, 'ipfsId'), params }),
    callContract: read('callContract', 'chain', 'txn'),
    broadcastAndCollect: async ({ name, value } = {}) =>
        ask('broadcastAndCollect', { name: textOf(name, 'name'), value: textOf(value, 'value') }),
    runOnce: async ({ waitForResponse = false, name } = {}, work) => {
        if (typeof work !== 'function') throw new TypeError('the second argument must be a function');
        const begun = await ask('runOnce', { name: textOf(name, 'name'), waitForResponse: !!waitForResponse });
        if (!begun.leader) return begun.value ?? undefined;
        let value;
        try {
            const result = await work();
            try { value = typeof result === 'string' ? result : result.toString(); } catch { value = ''; }
            if (typeof value !== 'string') value = '';
        } catch (error) {
            console.log(`runOnce ${name}: ${error}`);
            value = '[ERROR]';
        }
        if (waitForResponse) await ask('runOnceResult', { name, value });
        return value;
    },
    uint8arrayToString, uint8arrayFromString,
    native,
};

const Auth = {};
const Lit = { Actions, Auth };
for (const [name, value] of entries({ Lit, LitActions: Actions, Conclave: Actions, LitAuth: Auth,
    uint8arrayToString, uint8arrayFromString })) define(name, value);

// What a run is given; called by the host, once, before the action.
return (text) => {
    const { jsParams = {}, auth = {}, headers = {}, spread = true } = parse(text);
    assign(Auth, auth);
    freeze(Auth);
    Lit.Headers = headers;
    define('LitHeaders', headers);
    freeze(Lit);
    define('jsParams', jsParams);
    // Whoever calls chooses the names: they become own properties, and none replaces what the action may rely on.
    if (spread) for (const name of keys(jsParams)) {
        if (hasOwn(globalThis, name)) throw new TypeError(`jsParams.${name} would replace a global`);
        define(name, jsParams[name]);
    }
};
