// jwt: JSON Web Tokens (RFC 7519), read and verified as npm's jsonwebtoken does. Signing is what PKPs are for.

class JsonWebTokenError extends TheError {
    constructor(message) { super(message); this.name = 'JsonWebTokenError'; }
}
class TokenExpiredError extends JsonWebTokenError {
    constructor(message, expiredAt) { super(message); this.name = 'TokenExpiredError'; this.expiredAt = expiredAt; }
}
class NotBeforeError extends JsonWebTokenError {
    constructor(message, date) { super(message); this.name = 'NotBeforeError'; this.date = date; }
}

{
    const refuse = (message) => { throw new JsonWebTokenError(message); };
    const base64url = (text) => TheBytes.fromBase64(text, { alphabet: 'base64url' });
    const objectOf = (part) => {
        const value = parse(fromUtf8(TheBytes.fromBase64(part, { alphabet: 'base64url' })));
        if (typeof value !== 'object' || value === null || Array.isArray(value)) refuse('invalid token');
        return value;
    };
    const HMACS = { HS256: 'hmacSha256', HS384: 'hmacSha384', HS512: 'hmacSha512' };
    // Which algorithms a key is for: a public key is never taken for a secret, whatever the token's header says.
    const ALGORITHMS = {
        RSA: ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
        'P-256': ['ES256'], 'K-256': ['ES256K'], Ed25519: ['EdDSA'], secret: keys(HMACS),
    };
    const keyOf = (key) => {
        if (typeof key === 'string') {
            return key.includes('-----BEGIN') ? publicKeyOfPem(key) : { curve: 'secret', bytes: toUtf8(key) };
        }
        if (key instanceof ArrayBuffer || ArrayBuffer.isView(key)) return { curve: 'secret', bytes: bytesOf(key) };
        if (key?.kty === 'oct') return { curve: 'secret', bytes: base64url(key.k) };
        if (key?.kty) return publicKeyOfJwk(key);
        return refuse('secret or public key must be provided');
    };
    const holds = ({ curve, bytes }, algorithm, signature, message) => {
        if (curve === 'secret') {
            const tag = compute(HMACS[algorithm], concat(prefixed(bytes), message));
            return tag.length === signature.length && tag.reduce((sum, byte, at) => sum | (byte ^ signature[at]), 0) === 0;
        }
        const yes = (operation, argument) => compute(operation, argument)[0] === 1;
        if (curve === 'RSA') return yes('rsaVerify', concat(prefixed(toUtf8(algorithm)), bytes, prefixed(signature), message));
        if (signature.length !== 64) return false;
        if (curve === 'Ed25519') return yes('ed25519Verify', concat(bytes, signature, message));
        return yes(curve === 'P-256' ? 'secp256r1Verify' : 'secp256k1Verify', concat(compute('sha256', message), signature, bytes));
    };
    const split = (token) => {
        if (typeof token !== 'string') refuse('jwt must be a string');
        const parts = token.split('.');
        if (parts.length !== 3) refuse('jwt malformed');
        try {
            return { header: objectOf(parts[0]), payload: objectOf(parts[1]), signature: parts[2], signed: `${parts[0]}.${parts[1]}` };
        } catch {
            return refuse('invalid token');
        }
    };
    const seconds = (value, name) => {
        if (typeof value !== 'number' || !Number.isFinite(value)) refuse(`invalid ${name} value`);
        return value;
    };
    const list = (value) => (Array.isArray(value) ? value : [value]);
    const fits = (expected, found) => (expected instanceof RegExp ? expected.test(found) : expected === found);

    const decode = (token, { complete = false } = {}) => {
        let found;
        try { found = split(token); } catch { return null; }
        return complete ? { header: found.header, payload: found.payload, signature: found.signature } : found.payload;
    };

    const verify = (token, secretOrPublicKey, options = {}) => {
        if (!token) refuse('jwt must be provided');
        const { header, payload, signature, signed } = split(token);
        if (!signature) refuse('jwt signature is required');
        const key = keyOf(secretOrPublicKey);
        const known = ALGORITHMS[key.curve];
        if (!known.includes(header.alg) || (options.algorithms && !options.algorithms.includes(header.alg))) refuse('invalid algorithm');
        let bytes;
        try { bytes = base64url(signature); } catch { refuse('invalid signature'); }
        if (!holds(key, header.alg, bytes, toUtf8(signed))) refuse('invalid signature');

        const now = options.clockTimestamp ?? Math.floor(Date.now() / 1000), tolerance = options.clockTolerance ?? 0;
        if (payload.nbf !== undefined && !options.ignoreNotBefore && seconds(payload.nbf, 'nbf') > now + tolerance) {
            throw new NotBeforeError('jwt not active', new Date(payload.nbf * 1000));
        }
        if (payload.exp !== undefined && !options.ignoreExpiration && now >= seconds(payload.exp, 'exp') + tolerance) {
            throw new TokenExpiredError('jwt expired', new Date(payload.exp * 1000));
        }
        if (options.maxAge !== undefined) {
            if (typeof options.maxAge !== 'number') refuse('"maxAge" should be a number of seconds');
            if (typeof payload.iat !== 'number') refuse('iat required when maxAge is specified');
            const ends = payload.iat + options.maxAge;
            if (now >= ends + tolerance) throw new TokenExpiredError('maxAge exceeded', new Date(ends * 1000));
        }
        if (options.audience !== undefined) {
            const wanted = list(options.audience), found = list(payload.aud);
            if (!found.some((one) => wanted.some((expected) => fits(expected, one)))) refuse(`jwt audience invalid. expected: ${wanted.join(' or ')}`);
        }
        if (options.issuer !== undefined && !list(options.issuer).includes(payload.iss)) refuse(`jwt issuer invalid. expected: ${options.issuer}`);
        for (const [option, claim, name] of [['subject', 'sub', 'subject'], ['jwtid', 'jti', 'jwtid'], ['nonce', 'nonce', 'nonce']]) {
            if (options[option] !== undefined && payload[claim] !== options[option]) refuse(`jwt ${name} invalid. expected: ${options[option]}`);
        }
        return options.complete ? { header, payload, signature } : payload;
    };

    define('jwt', freeze({ decode, verify, JsonWebTokenError, TokenExpiredError, NotBeforeError }));
}
