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
    const equal = (a, b) => a.length === b.length && a.reduce((sum, byte, at) => sum | (byte ^ b[at]), 0) === 0;

    const subtle = {
        async digest(algorithm, data) {
            return buffer(compute(HASHES[hashOf(algorithm)], bytesOf(data)));
        },
        async importKey(format, data, algorithm, extractable, usages) {
            const name = nameOf(algorithm);
            let bytes;
            if (format === 'raw') bytes = TheBytes.from(bytesOf(data));
            else if (format === 'jwk' && data.kty === 'oct') bytes = TheBytes.fromBase64(data.k, { alphabet: 'base64url' });
            else unsupported(`format ${format} of ${name}`);
            const type = ['HMAC', 'AES-GCM'].includes(name) ? 'secret' : 'public';
            const details = { name };
            if (name === 'HMAC') assign(details, { hash: { name: hashOf(algorithm.hash) }, length: 8 * bytes.length });
            else if (name === 'AES-GCM') {
                if (![16, 24, 32].includes(bytes.length)) throw new DOMException('a key of AES has 16, 24 or 32 bytes', 'DataError');
                details.length = 8 * bytes.length;
            } else if (name === 'ECDSA') {
                if (!['P-256', 'K-256'].includes(algorithm.namedCurve)) unsupported(`curve ${algorithm.namedCurve}`);
                details.namedCurve = algorithm.namedCurve;
            } else if (name === 'ED25519') details.name = 'Ed25519';
            else unsupported(name);
            return new CryptoKey(bytes, { type, extractable: !!extractable, algorithm: freeze(details), usages: freeze([...usages]) });
        },
        async exportKey(format, key) {
            if (!key.extractable) invalid('the key is not extractable');
            if (format !== 'raw') unsupported(`format ${format}`);
            return buffer(TheBytes.from(bytesOfKey(key)));
        },
        async generateKey(algorithm, extractable, usages) {
            const name = nameOf(algorithm);
            const length = name === 'AES-GCM' ? algorithm.length / 8
                : name === 'HMAC' ? (algorithm.length ?? 8 * BLOCKS[hashOf(algorithm.hash)]) / 8 : unsupported(name);
            return subtle.importKey('raw', random(length), algorithm, extractable, usages);
        },
        async encrypt(algorithm, key, data) {
            usable(key, 'encrypt');
            return nameOf(algorithm) === 'AES-GCM' ? aes('aesGcmEncrypt', algorithm, key, data) : unsupported(nameOf(algorithm));
        },
        async decrypt(algorithm, key, data) {
            usable(key, 'decrypt');
            return nameOf(algorithm) === 'AES-GCM' ? aes('aesGcmDecrypt', algorithm, key, data) : unsupported(nameOf(algorithm));
        },
        async sign(algorithm, key, data) {
            usable(key, 'sign');
            if (nameOf(algorithm) !== 'HMAC') unsupported(`signing by ${nameOf(algorithm)}`);
            return buffer(compute(HMACS[key.algorithm.hash.name], concat(prefixed(bytesOfKey(key)), bytesOf(data))));
        },
        async verify(algorithm, key, signature, data) {
            usable(key, 'verify');
            const name = nameOf(algorithm), bytes = bytesOf(signature, 'signature'), message = bytesOf(data);
            if (name === 'HMAC') {
                return equal(compute(HMACS[key.algorithm.hash.name], concat(prefixed(bytesOfKey(key)), message)), bytes);
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
