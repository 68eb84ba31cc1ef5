// crypto: WebCrypto's common part over native operations.

class CryptoKey {
    #bytes;
    constructor(bytes, fields) {
        this.#bytes = bytes;
        assign(this, fields);
        freeze(this);
    }
    // Only for SubtleCrypto, below: keys that cannot be extracted show nothing.
    static bytesOf(key) { return key.#bytes; }
}

// Public keys in the forms of the web, as bytes of the native operations: SEC1, 32 bytes, or modulus and exponent.
const rsaBytes = (n, e) => ({ curve: 'RSA', bytes: concat(prefixed(n), prefixed(e)) });
const publicKeyOfDer = (der) => {
    const key = parse(fromUtf8(compute('publicKey', der)));
    return key.n ? rsaBytes(TheBytes.fromHex(key.n), TheBytes.fromHex(key.e)) : { curve: key.curve, bytes: TheBytes.fromHex(key.point) };
};
const publicKeyOfJwk = ({ kty, crv, x, y, n, e }) => {
    const field = (text, length) => {
        const bytes = TheBytes.fromBase64(`${text}`, { alphabet: 'base64url' });
        if (length && bytes.length !== length) throw new TypeError('a field of the key has the wrong length');
        return bytes;
    };
    if (kty === 'RSA') return rsaBytes(field(n), field(e));
    if (kty === 'OKP' && crv === 'Ed25519') return { curve: crv, bytes: field(x, 32) };
    if (kty === 'EC' && (crv === 'P-256' || crv === 'secp256k1')) {
        return { curve: crv === 'P-256' ? crv : 'K-256', bytes: concat(new TheBytes([4]), field(x, 32), field(y, 32)) };
    }
    throw new TypeError(`keys of type ${kty} ${crv ?? ''} are not supported`);
};
const publicKeyOfPem = (text) => {
    const body = /^\s*-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\s]+)-----END PUBLIC KEY-----\s*$/.exec(text)?.[1];
    if (!body) throw new TypeError('not a public key in PEM (BEGIN PUBLIC KEY)');
    return publicKeyOfDer(fromBase64(body));
};

{
    const bytesOfKey = CryptoKey.bytesOf;
    delete CryptoKey.bytesOf;
    const nameOf = (algorithm) => `${algorithm?.name ?? algorithm}`.toUpperCase();
    const HASHES = { 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };
    const HMACS = { 'SHA-256': 'hmacSha256', 'SHA-384': 'hmacSha384', 'SHA-512': 'hmacSha512' };
    const BLOCKS = { 'SHA-256': 64, 'SHA-384': 128, 'SHA-512': 128 };
    const unsupported = (what) => { throw new DOMException(`${what} is not supported`, 'NotSupportedError'); };
    const invalid = (what) => { throw new DOMException(what, 'InvalidAccessError'); };
    const hashOf = (algorithm) => {
        const name = nameOf(algorithm);
        return HASHES[name] ? name : unsupported(name);
    };
    const random = (count) => compute('random', toUtf8(count));
    const buffer = (bytes) => bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
    const usable = (key, usage) => key.usages.includes(usage) || invalid(`the key is not for ${usage}`);
    const rsaAlgorithm = (name, hash) => `${name === 'RSA-PSS' ? 'PS' : 'RS'}${hash.slice(4)}`;
    const aes = (operation, algorithm, key, data) => {
        const iv = bytesOf(algorithm.iv, 'iv');
        if (iv.length !== 12) unsupported('an iv of other than 12 bytes');
        if ((algorithm.tagLength ?? 128) !== 128) unsupported('a tag of other than 128 bits');
        const additional = algorithm.additionalData ? bytesOf(algorithm.additionalData) : new TheBytes();
        try {
            return buffer(compute(operation, concat(prefixed(bytesOfKey(key)), iv, prefixed(additional), bytesOf(data))));
        } catch (error) {
            throw new DOMException(error.message, 'OperationError');
        }
    };
    const aesCbc = (operation, algorithm, key, data) => {
        const iv = bytesOf(algorithm.iv, 'iv');
        if (iv.length !== 16) throw new DOMException('an iv of AES-CBC has 16 bytes', 'OperationError');
        try {
            return buffer(compute(operation, concat(prefixed(bytesOfKey(key)), iv, bytesOf(data))));
        } catch (error) {
            throw new DOMException(error.message, 'OperationError');
        }
    };
    const equal = (a, b) => a.length === b.length && a.reduce((sum, byte, at) => sum | (byte ^ b[at]), 0) === 0;

    const subtle = {
        async digest(algorithm, data) {
            return buffer(compute(HASHES[hashOf(algorithm)], bytesOf(data)));
        },
        async importKey(format, data, algorithm, extractable, usages) {
            const name = nameOf(algorithm);
            const dataError = (what) => { throw new DOMException(what, 'DataError'); };
            const secret = ['HMAC', 'AES-GCM', 'AES-CBC'].includes(name);
            let found;
            if (format === 'raw') found = { bytes: TheBytes.from(bytesOf(data)) };
            else if (format === 'jwk' && secret && data.kty === 'oct') found = { bytes: TheBytes.fromBase64(data.k, { alphabet: 'base64url' }) };
            else if (format === 'jwk' && !secret) found = publicKeyOfJwk(data);
            else if (format === 'spki' && !secret) found = publicKeyOfDer(bytesOf(data));
            else unsupported(`format ${format} of ${name}`);
            const { bytes, curve } = found;
            const details = { name };
            if (name === 'HMAC') assign(details, { hash: { name: hashOf(algorithm.hash) }, length: 8 * bytes.length });
            else if (secret) {
                if (![16, 24, 32].includes(bytes.length)) dataError('a key of AES has 16, 24 or 32 bytes');
                details.length = 8 * bytes.length;
            } else if (name === 'ECDSA') {
                if (!['P-256', 'K-256'].includes(algorithm.namedCurve)) unsupported(`curve ${algorithm.namedCurve}`);
                if (curve && curve !== algorithm.namedCurve) dataError(`the key is on ${curve}`);
                details.namedCurve = algorithm.namedCurve;
            } else if (name === 'ED25519') {
                if (curve && curve !== 'Ed25519') dataError(`the key is on ${curve}`);
                details.name = 'Ed25519';
            } else if (name === 'RSASSA-PKCS1-V1_5' || name === 'RSA-PSS') {
                if (curve !== 'RSA') dataError('not a key of RSA');
                assign(details, { name: name === 'RSA-PSS' ? name : 'RSASSA-PKCS1-v1_5', hash: { name: hashOf(algorithm.hash) } });
            } else unsupported(name);
            const type = secret ? 'secret' : 'public';
            return new CryptoKey(bytes, { type, extractable: !!extractable, algorithm: freeze(details), usages: freeze([...usages]) });
        },
        async exportKey(format, key) {
            if (!key.extractable) invalid('the key is not extractable');
            if (format !== 'raw' || key.algorithm.name.startsWith('RSA')) unsupported(`format ${format}`);
            return buffer(TheBytes.from(bytesOfKey(key)));
        },
        async generateKey(algorithm, extractable, usages) {
            const name = nameOf(algorithm);
            const length = name === 'AES-GCM' || name === 'AES-CBC' ? algorithm.length / 8
                : name === 'HMAC' ? (algorithm.length ?? 8 * BLOCKS[hashOf(algorithm.hash)]) / 8 : unsupported(name);
            return subtle.importKey('raw', random(length), algorithm, extractable, usages);
        },
        async encrypt(algorithm, key, data) {
            usable(key, 'encrypt');
            const name = nameOf(algorithm);
            if (name !== nameOf(key.algorithm)) invalid(`the key is for ${key.algorithm.name}`);
            return name === 'AES-GCM' ? aes('aesGcmEncrypt', algorithm, key, data)
                : name === 'AES-CBC' ? aesCbc('aesCbcEncrypt', algorithm, key, data) : unsupported(name);
        },
        async decrypt(algorithm, key, data) {
            usable(key, 'decrypt');
            const name = nameOf(algorithm);
            if (name !== nameOf(key.algorithm)) invalid(`the key is for ${key.algorithm.name}`);
            return name === 'AES-GCM' ? aes('aesGcmDecrypt', algorithm, key, data)
                : name === 'AES-CBC' ? aesCbc('aesCbcDecrypt', algorithm, key, data) : unsupported(name);
        },
        async sign(algorithm, key, data) {
            usable(key, 'sign');
            if (nameOf(algorithm) !== nameOf(key.algorithm)) invalid(`the key is for ${key.algorithm.name}`);
            if (nameOf(algorithm) !== 'HMAC') unsupported(`signing by ${nameOf(algorithm)}`);
            return buffer(compute(HMACS[key.algorithm.hash.name], concat(prefixed(bytesOfKey(key)), bytesOf(data))));
        },
        async verify(algorithm, key, signature, data) {
            usable(key, 'verify');
            const name = nameOf(algorithm), bytes = bytesOf(signature, 'signature'), message = bytesOf(data);
            if (name !== nameOf(key.algorithm)) invalid(`the key is for ${key.algorithm.name}`);
            if (name === 'HMAC') {
                return equal(compute(HMACS[key.algorithm.hash.name], concat(prefixed(bytesOfKey(key)), message)), bytes);
            }
            if (name.startsWith('RSA')) {
                const by = rsaAlgorithm(name, key.algorithm.hash.name);
                return compute('rsaVerify', concat(prefixed(toUtf8(by)), bytesOfKey(key), prefixed(bytes), message))[0] === 1;
            }
            if (bytes.length !== 64) return false;
            if (name === 'ED25519') return compute('ed25519Verify', concat(bytesOfKey(key), bytes, message))[0] === 1;
            if (name !== 'ECDSA') unsupported(name);
            if (hashOf(algorithm.hash) !== 'SHA-256') unsupported('a hash other than SHA-256');
            const operation = key.algorithm.namedCurve === 'P-256' ? 'secp256r1Verify' : 'secp256k1Verify';
            return compute(operation, concat(compute('sha256', message), bytes, bytesOfKey(key)))[0] === 1;
        },
    };

    define('CryptoKey', CryptoKey);
    define('crypto', {
        subtle,
        getRandomValues(view) {
            const bytes = bytesOf(view, 'the array');
            if (bytes.length > 65536) throw new DOMException('more than 65536 bytes', 'QuotaExceededError');
            bytes.set(random(bytes.length));
            return view;
        },
        randomUUID() {
            const bytes = random(16);
            bytes[6] = bytes[6] & 0x0f | 0x40;
            bytes[8] = bytes[8] & 0x3f | 0x80;
            return bytes.toHex().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
        },
    });
}

// Native functions over bytes, also for hooks of libraries: ethers.keccak256.register(Conclave.native.keccak256).
const native = freeze({
    ...Object.fromEntries(['keccak256', 'sha256', 'sha384', 'sha512', 'ripemd160'].map((name) =>
        [name, (data) => compute(name, bytesOf(data))])),
    hmac: (hash, key, data) => compute({ sha256: 'hmacSha256', sha384: 'hmacSha384', sha512: 'hmacSha512' }[hash],
        concat(prefixed(bytesOf(key)), bytesOf(data))),
    secp256k1Recover: (digest, signature) => compute('secp256k1Recover', concat(bytesOf(digest), bytesOf(signature))),
    secp256k1Verify: (digest, signature, key) => compute('secp256k1Verify', concat(bytesOf(digest), bytesOf(signature), bytesOf(key)))[0] === 1,
    secp256r1Verify: (digest, signature, key) => compute('secp256r1Verify', concat(bytesOf(digest), bytesOf(signature), bytesOf(key)))[0] === 1,
    ed25519Verify: (message, signature, key) => compute('ed25519Verify', concat(bytesOf(key), bytesOf(signature), bytesOf(message)))[0] === 1,
    bls12381G1Verify: (message, signature, key) => compute('bls12381G1Verify', concat(prefixed(bytesOf(key)), prefixed(bytesOf(signature)), bytesOf(message)))[0] === 1,
    bls12381G2Verify: (message, signature, key) => compute('bls12381G2Verify', concat(prefixed(bytesOf(key)), prefixed(bytesOf(signature)), bytesOf(message)))[0] === 1,
});
