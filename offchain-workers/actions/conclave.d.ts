// Globals of an action, besides those of ECMAScript 2024 (tsconfig: "lib": ["es2024"], without "dom"). Names and meaning
// are Lit's and the web's; `Conclave` is the same object as `Lit.Actions`. A test compares this file with the prelude.

type Bytes = Uint8Array | ArrayBuffer | ArrayBufferView;
type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

interface SignArguments {
    /** A digest of 32 bytes for ECDSA, else the message. */
    toSign: Uint8Array | number[];
    /** The PKP's, hex. */
    publicKey: string;
    /** What the signature is called in the result. */
    sigName: string;
}
/**
 * A wallet's message of EIP-4361 that says in whose name a condition is checked (`:userAddress`). Its nonce is the hash of a
 * finalized block of this chain, its URI is of its domain, it expires within 30 days, and it has no Request ID. Whoever has it
 * can show it until then: with `lit-litaction://<CID>` among its resources, only those actions can.
 */
interface AuthSig { sig: string; derivedVia: 'web3.eth.personal.sign'; signedMessage: string; address: string }
interface AuthMethod { tokenId: string; authMethodType: string | number; userId: Uint8Array }
interface Decryption {
    accessControlConditions: Json[];
    ciphertext: string;
    dataToEncryptHash: string;
    /** null: whoever asked for the action. */
    authSig?: AuthSig | null;
    chain: string;
}

interface LitActions {
    isPermittedAction(argument: { tokenId: string; ipfsId: string }): Promise<boolean>;
    isPermittedAddress(argument: { tokenId: string; address: string }): Promise<boolean>;
    isPermittedAuthMethod(argument: AuthMethod): Promise<boolean>;
    getPermittedActions(argument: { tokenId: string }): Promise<string[]>;
    getPermittedAddresses(argument: { tokenId: string }): Promise<string[]>;
    getPermittedAuthMethods(argument: { tokenId: string }): Promise<Json[]>;
    getPermittedAuthMethodScopes(argument: AuthMethod & { maxScopeId?: number }): Promise<boolean[]>;
    pubkeyToTokenId(argument: { publicKey: string }): Promise<string>;
    /** Hex. Members may see different blocks. */
    getLatestNonce(argument: { address: string; chain: string }): Promise<string>;
    /**
     * For ethers and its like: JSON-RPC by POST, one call or up to 16, that reads (`eth_call`, `eth_getLogs` …) or sends what
     * is signed (`eth_sendRawTransaction`: within runOnce, or every member sends it). The same on every member, which answers
     * through its own endpoint: only `fetch` of an action reaches it. Each request counts as a fetch.
     */
    getRpcUrl(argument: { chain: string }): Promise<string>;

    /** The signature goes to the client under `sigName`; resolves to "success". */
    signEcdsa(argument: SignArguments): Promise<string>;
    sign(argument: SignArguments & { signingScheme: string }): Promise<string>;
    ethPersonalSignMessageEcdsa(argument: { message: string | Bytes; publicKey: string; sigName: string }): Promise<string>;
    /** Resolves to JSON: { r, s, v }, r as 33 bytes compressed. */
    signAndCombineEcdsa(argument: SignArguments): Promise<string>;
    signAndCombine(argument: SignArguments & { signingScheme: string }): Promise<string>;
    /** With the key that is derived from the content id of this action. */
    signAsAction(argument: { toSign: Uint8Array | number[]; sigName: string; signingScheme: string }): Promise<string>;
    getActionPublicKey(argument: { signingScheme: string; actionIpfsCid: string }): Promise<string>;
    verifyActionSignature(argument: {
        signingScheme: string; actionIpfsCid: string; toSign: Uint8Array | number[]; signOutput: string;
    }): Promise<boolean>;
    /**
     * Always rejected. Lit reserves a key that is minted later; here an account mints a PKP by the extrinsic `pkp.mint` and
     * permits this action by `pkp.permit`. An action's own key needs neither: `signAsAction`, `getActionPublicKey`.
     */
    claimKey(argument: { keyId: string }): Promise<never>;

    checkConditions(argument: { conditions: Json[]; authSig?: AuthSig | null; chain: string }): Promise<boolean>;
    encrypt(argument: { accessControlConditions: Json[]; to_encrypt: Uint8Array }):
        Promise<{ ciphertext: string; dataToEncryptHash: string }>;
    decryptAndCombine(argument: Decryption): Promise<string>;
    decryptToSingleNode(argument: Decryption): Promise<string>;
    /** Legacy: AES-256-CBC; the first 16 bytes of `ciphertext` are the initialisation vector. Resolves to text. */
    aesDecrypt(argument: { symmetricKey: Bytes; ciphertext: Bytes }): Promise<string>;

    /** The last call wins. */
    setResponse(argument: { response: string }): void;
    /** Resolves to the response of the action that is called. */
    call(argument: { ipfsId: string; params?: { [name: string]: Json } }): Promise<string>;
    /**
     * What a contract answers (hex), at the latest block of this member's endpoint; a revert throws. `txn`: RLP of an unsigned
     * transaction, legacy, EIP-2930 or EIP-1559, of which recipient, value and data count: nobody sends it, nor pays a value.
     */
    callContract(argument: { chain: string; txn: string }): Promise<string>;
    /** The values of all members. */
    broadcastAndCollect(argument: { name: string; value: string }): Promise<string[]>;
    /** Runs on one member; the others get its value if they wait, else undefined. */
    runOnce(argument: { waitForResponse?: boolean; name: string }, work: () => unknown): Promise<string | undefined>;
    uint8arrayToString(bytes: Bytes, encoding?: string): string;
    uint8arrayFromString(text: string, encoding?: string): Uint8Array;

    /** Ours: computed natively, a hundred times faster than in JavaScript. */
    native: NativeFunctions;
}

/** `signature` of ECDSA is r, s (64 bytes); keys are SEC1, 32 bytes, or compressed points. */
interface NativeFunctions {
    keccak256(data: Bytes): Uint8Array;
    sha256(data: Bytes): Uint8Array;
    sha384(data: Bytes): Uint8Array;
    sha512(data: Bytes): Uint8Array;
    ripemd160(data: Bytes): Uint8Array;
    hmac(hash: 'sha256' | 'sha384' | 'sha512', key: Bytes, data: Bytes): Uint8Array;
    /** `signature` is r, s, v (65 bytes); returns the uncompressed key. */
    secp256k1Recover(digest: Bytes, signature: Bytes): Uint8Array;
    secp256k1Verify(digest: Bytes, signature: Bytes, key: Bytes): boolean;
    secp256r1Verify(digest: Bytes, signature: Bytes, key: Bytes): boolean;
    ed25519Verify(message: Bytes, signature: Bytes, key: Bytes): boolean;
    bls12381G1Verify(message: Bytes, signature: Bytes, key: Bytes): boolean;
    bls12381G2Verify(message: Bytes, signature: Bytes, key: Bytes): boolean;
}

interface LitAuth {
    /** This action's content id. */
    actionIpfsIds: string[];
    /** From the action that was asked for to this one. */
    actionIpfsIdStack: string[];
    authSigAddress: string | null;
    authMethodContexts: { userId: string; appId: string; authMethodType: number; usedForSignSessionKeyRequest: boolean }[];
    resources: string[];
    customAuthResource: string;
}

declare const LitActions: LitActions;
declare const Conclave: LitActions;
declare const LitAuth: Readonly<LitAuth>;
declare const LitHeaders: { [name: string]: Json };
declare const Lit: { readonly Actions: LitActions; readonly Auth: Readonly<LitAuth>; readonly Headers: { [name: string]: Json } };
declare const jsParams: { [name: string]: any };
declare function uint8arrayToString(bytes: Bytes, encoding?: string): string;
declare function uint8arrayFromString(text: string, encoding?: string): Uint8Array;

// ---- JSON Web Tokens, as npm's jsonwebtoken; keys are PEM (BEGIN PUBLIC KEY), JWK, or a secret as bytes or text.

interface JwtOptions {
    algorithms?: string[];
    audience?: string | RegExp | (string | RegExp)[];
    issuer?: string | string[];
    subject?: string;
    jwtid?: string;
    nonce?: string;
    clockTimestamp?: number;
    clockTolerance?: number;
    ignoreExpiration?: boolean;
    ignoreNotBefore?: boolean;
    /** Seconds. */
    maxAge?: number;
    complete?: boolean;
}
interface Jwt {
    decode(token: string, options?: { complete?: boolean }): any;
    verify(token: string, key: string | Bytes | JsonWebKey, options?: JwtOptions): any;
    JsonWebTokenError: typeof Error;
    TokenExpiredError: typeof Error;
    NotBeforeError: typeof Error;
}
declare const jwt: Readonly<Jwt>;

// ---- the web's

declare const self: typeof globalThis;
declare const window: typeof globalThis;
declare const global: typeof globalThis;

interface Console {
    log(...values: unknown[]): void;
    info(...values: unknown[]): void;
    warn(...values: unknown[]): void;
    error(...values: unknown[]): void;
    debug(...values: unknown[]): void;
    trace(...values: unknown[]): void;
    dir(...values: unknown[]): void;
    table(...values: unknown[]): void;
    assert(holds: unknown, ...values: unknown[]): void;
    group(...values: unknown[]): void;
    groupEnd(): void;
    time(): void;
    timeEnd(): void;
    count(): void;
}
declare const console: Console;

declare function atob(text: string): string;
declare function btoa(text: string): string;
declare function queueMicrotask(callback: () => void): void;
declare function setTimeout(callback: (...values: any[]) => void, milliseconds?: number, ...values: any[]): number;
declare function setInterval(callback: (...values: any[]) => void, milliseconds?: number, ...values: any[]): number;
declare function clearTimeout(handle?: number): void;
declare function clearInterval(handle?: number): void;
declare function structuredClone<T>(value: T): T;
declare function fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;

/** Stands still: actions see the time of their request. */
declare const performance: { now(): number; readonly timeOrigin: number };

declare class DOMException extends Error {
    constructor(message?: string, name?: string);
    readonly code: number;
}

/** UTF-8 only. */
declare class TextEncoder {
    readonly encoding: 'utf-8';
    encode(text?: string): Uint8Array;
    encodeInto(text: string, target: Uint8Array): { read: number; written: number };
}
declare class TextDecoder {
    constructor(label?: string, options?: { fatal?: boolean; ignoreBOM?: boolean });
    readonly encoding: 'utf-8';
    readonly fatal: boolean;
    readonly ignoreBOM: boolean;
    decode(input?: Bytes, options?: { stream?: boolean }): string;
}

declare class Event {
    constructor(type: string, init?: { cancelable?: boolean });
    type: string;
    cancelable: boolean;
    defaultPrevented: boolean;
    target: EventTarget | null;
    currentTarget: EventTarget | null;
    preventDefault(): void;
    stopPropagation(): void;
    stopImmediatePropagation(): void;
}
type EventListener = ((event: Event) => void) | { handleEvent(event: Event): void };
declare class EventTarget {
    addEventListener(type: string, listener: EventListener, options?: { once?: boolean }): void;
    removeEventListener(type: string, listener: EventListener): void;
    dispatchEvent(event: Event): boolean;
}
declare class AbortSignal extends EventTarget {
    static abort(reason?: unknown): AbortSignal;
    static timeout(milliseconds: number): AbortSignal;
    static any(signals: AbortSignal[]): AbortSignal;
    aborted: boolean;
    reason: unknown;
    onabort: ((event: Event) => void) | null;
    throwIfAborted(): void;
}
declare class AbortController {
    signal: AbortSignal;
    abort(reason?: unknown): void;
}

declare class URL {
    constructor(url: string | URL, base?: string | URL);
    static canParse(url: string, base?: string): boolean;
    static parse(url: string, base?: string): URL | null;
    readonly origin: string;
    readonly searchParams: URLSearchParams;
    href: string;
    protocol: string;
    username: string;
    password: string;
    host: string;
    hostname: string;
    port: string;
    pathname: string;
    search: string;
    hash: string;
    toString(): string;
    toJSON(): string;
}
declare class URLSearchParams {
    constructor(init?: string | Iterable<[string, string]> | { [name: string]: string });
    readonly size: number;
    append(name: string, value: string): void;
    delete(name: string, value?: string): void;
    get(name: string): string | null;
    getAll(name: string): string[];
    has(name: string, value?: string): boolean;
    set(name: string, value: string): void;
    sort(): void;
    forEach(callback: (value: string, name: string, all: URLSearchParams) => void, self?: unknown): void;
    entries(): IterableIterator<[string, string]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string>;
    toString(): string;
}

type BodyInit = string | Bytes | URLSearchParams | null;
type HeadersInit = Headers | Iterable<[string, string]> | { [name: string]: string };
declare class Headers {
    constructor(init?: HeadersInit);
    append(name: string, value: string): void;
    set(name: string, value: string): void;
    get(name: string): string | null;
    has(name: string): boolean;
    delete(name: string): void;
    forEach(callback: (value: string, name: string, all: Headers) => void, self?: unknown): void;
    entries(): IterableIterator<[string, string]>;
    keys(): IterableIterator<string>;
    values(): IterableIterator<string>;
}
interface RequestInit {
    method?: string;
    headers?: HeadersInit;
    body?: BodyInit;
    redirect?: 'follow' | 'error' | 'manual';
    signal?: AbortSignal | null;
}
declare class Request {
    constructor(input: string | URL | Request, init?: RequestInit);
    url: string;
    method: string;
    headers: Headers;
    signal: AbortSignal | null;
    redirect: string;
    readonly body: null;
    readonly bodyUsed: boolean;
    bytes(): Promise<Uint8Array>;
    arrayBuffer(): Promise<ArrayBuffer>;
    text(): Promise<string>;
    json(): Promise<any>;
    clone(): Request;
}
/** Bodies are whole, never streams. */
declare class Response {
    constructor(body?: BodyInit, init?: { status?: number; statusText?: string; headers?: HeadersInit });
    static json(value: unknown, init?: { status?: number; headers?: HeadersInit }): Response;
    static error(): Response;
    status: number;
    statusText: string;
    headers: Headers;
    url: string;
    redirected: boolean;
    type: string;
    readonly ok: boolean;
    readonly body: null;
    readonly bodyUsed: boolean;
    bytes(): Promise<Uint8Array>;
    arrayBuffer(): Promise<ArrayBuffer>;
    text(): Promise<string>;
    json(): Promise<any>;
    clone(): Response;
}

type JsonWebKey = { kty: string; [field: string]: Json };
declare class CryptoKey {
    readonly type: 'secret' | 'public';
    readonly extractable: boolean;
    readonly algorithm: { name: string; [field: string]: any };
    readonly usages: string[];
}
/**
 * SHA-256, -384, -512; HMAC; AES-GCM (iv of 12 bytes) and AES-CBC; verify by ECDSA (P-256 and K-256, SHA-256), Ed25519,
 * RSASSA-PKCS1-v1_5 and RSA-PSS (2,048 bits at least). Keys come raw, as JWK, or as SPKI; signing is what PKPs are for.
 */
interface SubtleCrypto {
    digest(algorithm: string | { name: string }, data: Bytes): Promise<ArrayBuffer>;
    importKey(format: 'raw' | 'jwk' | 'spki', data: Bytes | JsonWebKey, algorithm: any, extractable: boolean, usages: string[]): Promise<CryptoKey>;
    exportKey(format: 'raw', key: CryptoKey): Promise<ArrayBuffer>;
    generateKey(algorithm: any, extractable: boolean, usages: string[]): Promise<CryptoKey>;
    encrypt(algorithm: any, key: CryptoKey, data: Bytes): Promise<ArrayBuffer>;
    decrypt(algorithm: any, key: CryptoKey, data: Bytes): Promise<ArrayBuffer>;
    sign(algorithm: any, key: CryptoKey, data: Bytes): Promise<ArrayBuffer>;
    verify(algorithm: any, key: CryptoKey, signature: Bytes, data: Bytes): Promise<boolean>;
}
interface Crypto {
    subtle: SubtleCrypto;
    /** Secret, and other on each member: what is to be signed must not depend on it. */
    getRandomValues<T extends ArrayBufferView>(view: T): T;
    randomUUID(): string;
}
declare const crypto: Crypto;
