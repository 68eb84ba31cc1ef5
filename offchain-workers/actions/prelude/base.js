// The bridge to the host, and copies of what an action might replace: it may break its own globals, not what is
// behind these functions.
const host = globalThis.__host;
delete globalThis.__host;
// Actions of one member do not share memory, so nothing else needs these either.
delete globalThis.SharedArrayBuffer;
delete globalThis.Atomics;
globalThis.self = globalThis.window = globalThis.global = globalThis;

const { stringify, parse } = JSON;
const { freeze, defineProperty, assign, entries, hasOwn, keys } = Object;
const ThePromise = Promise, TheBytes = Uint8Array, TheError = Error;

const define = (name, value) =>
    defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });

// Text as UTF-8; lone surrogates become U+FFFD.
const toUtf8 = (text) => host.utf8Encode(`${text}`.toWellFormed());
const fromUtf8 = (bytes) => host.utf8Decode(bytes).toWellFormed();

// The bytes of a view or a buffer, without a copy.
const bytesOf = (value, what = 'data') => {
    if (value instanceof TheBytes) return value;
    if (value instanceof ArrayBuffer) return new TheBytes(value);
    if (ArrayBuffer.isView(value)) return new TheBytes(value.buffer, value.byteOffset, value.byteLength);
    throw new TypeError(`${what} must be an ArrayBuffer or a view of one`);
};

const concat = (...parts) => {
    const all = new TheBytes(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) { all.set(part, at); at += part.length; }
    return all;
};

// A length of four bytes, little endian, and the bytes.
const prefixed = (bytes) => {
    const { length } = bytes;
    return concat(new TheBytes([length, length >> 8, length >> 16, length >> 24]), bytes);
};

// Bytes cross to the host as base64 inside JSON.
const toBase64 = (value, what) => {
    const bytes = value instanceof Array ? TheBytes.from(value) : bytesOf(value, what);
    return bytes.toBase64();
};
const fromBase64 = (text) => TheBytes.fromBase64(text);

// Asks the host for something in JSON, and waits.
const ask = async (operation, argument) => {
    const answer = await host.call(operation, toUtf8(stringify(argument ?? {})));
    return answer.length ? parse(fromUtf8(answer)) : undefined;
};

// What computes only: bytes to bytes, at once.
const compute = (operation, bytes) => host.callSync(operation, bytes);
