// Web APIs that libraries expect: console, encodings, timers, events, URLs, structuredClone.

{
    const describe = (value, depth = 0) => {
        if (typeof value === 'string') return depth ? stringify(value) : value;
        if (typeof value === 'bigint') return `${value}n`;
        if (typeof value === 'function') return `[Function ${value.name || 'anonymous'}]`;
        if (typeof value !== 'object' || value === null) return String(value);
        if (value instanceof TheError) return `${value}`;
        if (depth > 2) return Array.isArray(value) ? '[Array]' : '[Object]';
        if (ArrayBuffer.isView(value) && !(value instanceof DataView)) return `${value.constructor.name} [${value}]`;
        if (Array.isArray(value)) return `[ ${value.slice(0, 100).map((item) => describe(item, depth + 1)).join(', ')} ]`;
        const body = entries(value).slice(0, 100).map(([key, item]) => `${key}: ${describe(item, depth + 1)}`);
        return body.length ? `{ ${body.join(', ')} }` : '{}';
    };
    const log = (...values) => host.log(`${values.map((value) => describe(value)).join(' ')}\n`.toWellFormed());
    const nothing = () => {};
    define('console', {
        log, info: log, warn: log, error: log, debug: log, trace: log, dir: log, table: log,
        assert: (holds, ...values) => { if (!holds) log('Assertion failed', ...values); },
        group: log, groupEnd: nothing, time: nothing, timeEnd: nothing, count: nothing,
    });
}

class TextEncoder {
    get encoding() { return 'utf-8'; }
    encode(text = '') { return toUtf8(text); }
    encodeInto(text, target) {
        let read = 0, written = 0;
        for (const character of `${text}`) {
            const bytes = toUtf8(character);
            if (written + bytes.length > target.length) break;
            target.set(bytes, written);
            written += bytes.length;
            read += character.length;
        }
        return { read, written };
    }
}

class TextDecoder {
    #fatal; #ignoreBom; #rest = new TheBytes();
    constructor(label = 'utf-8', { fatal = false, ignoreBOM = false } = {}) {
        if (!/^\s*(utf-?8|unicode-1-1-utf-8)\s*$/i.test(label)) throw new RangeError(`unknown encoding ${label}: only utf-8`);
        this.#fatal = !!fatal;
        this.#ignoreBom = !!ignoreBOM;
    }
    get encoding() { return 'utf-8'; }
    get fatal() { return this.#fatal; }
    get ignoreBOM() { return this.#ignoreBom; }
    decode(input, { stream = false } = {}) {
        let bytes = input === undefined ? new TheBytes() : bytesOf(input, 'input');
        if (this.#rest.length) bytes = concat(this.#rest, bytes);
        this.#rest = new TheBytes();
        if (stream) {
            // Keep a character whose end has not come.
            let start = bytes.length - 1;
            while (start >= 0 && start > bytes.length - 4 && (bytes[start] & 0xc0) === 0x80) start--;
            const first = start >= 0 ? bytes[start] : 0;
            const needs = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
            if (start >= 0 && bytes.length - start < needs) {
                this.#rest = bytes.slice(start);
                bytes = bytes.subarray(0, start);
            }
        }
        const text = fromUtf8(bytes);
        if (this.#fatal) {
            const again = toUtf8(text);
            if (again.length !== bytes.length || again.some((byte, at) => byte !== bytes[at])) {
                throw new TypeError('The encoded data was not valid utf-8');
            }
        }
        return !this.#ignoreBom && text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
    }
}
define('TextEncoder', TextEncoder);
define('TextDecoder', TextDecoder);

{
    // The host keeps the time. A cleared timer is answered at once, so that nothing waits for it.
    let next = 1;
    const live = new Set();
    const sleep = (handle, milliseconds) => {
        const delay = Math.min(Math.max(Math.trunc(Number(milliseconds)) || 0, 0), 2 ** 31 - 1);
        return host.call('sleep', toUtf8(`${handle}:${delay}`));
    };
    define('setTimeout', (callback, milliseconds, ...values) => {
        if (typeof callback !== 'function') throw new TypeError('the callback is not a function');
        const handle = next++;
        live.add(handle);
        sleep(handle, milliseconds).then(() => { if (live.delete(handle)) callback(...values); });
        return handle;
    });
    define('setInterval', (callback, milliseconds, ...values) => {
        if (typeof callback !== 'function') throw new TypeError('the callback is not a function');
        const handle = next++;
        live.add(handle);
        const again = () => sleep(handle, milliseconds).then(() => {
            if (!live.has(handle)) return undefined;
            callback(...values);
            return live.has(handle) ? again() : undefined;
        });
        again();
        return handle;
    });
    const clear = (handle) => {
        if (live.delete(handle)) compute('wake', toUtf8(handle));
    };
    define('clearTimeout', clear);
    define('clearInterval', clear);
}

class Event {
    constructor(type, { cancelable = false, ...rest } = {}) {
        assign(this, rest, { type: `${type}`, cancelable, defaultPrevented: false, target: null, currentTarget: null });
    }
    preventDefault() { if (this.cancelable) this.defaultPrevented = true; }
    stopPropagation() {}
    stopImmediatePropagation() { this.stopped = true; }
}

class EventTarget {
    #listeners = new Map();
    addEventListener(type, listener, options) {
        if (!listener) return;
        const list = this.#listeners.get(type) ?? [];
        if (!list.some((entry) => entry.listener === listener)) list.push({ listener, once: !!options?.once });
        this.#listeners.set(type, list);
    }
    removeEventListener(type, listener) {
        const list = this.#listeners.get(type) ?? [];
        this.#listeners.set(type, list.filter((entry) => entry.listener !== listener));
    }
    dispatchEvent(event) {
        event.target = event.currentTarget = this;
        const handler = this[`on${event.type}`];
        if (typeof handler === 'function') handler.call(this, event);
        for (const { listener, once } of [...this.#listeners.get(event.type) ?? []]) {
            if (event.stopped) break;
            if (once) this.removeEventListener(event.type, listener);
            if (typeof listener === 'function') listener.call(this, event);
            else listener.handleEvent?.(event);
        }
        return !event.defaultPrevented;
    }
}

const abortError = () => new DOMException('This operation was aborted', 'AbortError');

class AbortSignal extends EventTarget {
    aborted = false;
    reason = undefined;
    onabort = null;
    throwIfAborted() { if (this.aborted) throw this.reason; }
    static abort(reason = abortError()) {
        const signal = new AbortSignal();
        assign(signal, { aborted: true, reason });
        return signal;
    }
    static timeout(milliseconds) {
        const signal = new AbortSignal();
        setTimeout(() => abort(signal, new DOMException('The operation timed out', 'TimeoutError')), milliseconds);
        return signal;
    }
    static any(signals) {
        const all = new AbortSignal();
        for (const signal of signals) {
            if (signal.aborted) return AbortSignal.abort(signal.reason);
            signal.addEventListener('abort', () => abort(all, signal.reason));
        }
        return all;
    }
}

const abort = (signal, reason) => {
    if (signal.aborted) return;
    signal.aborted = true;
    signal.reason = reason;
    signal.dispatchEvent(new Event('abort'));
};

class AbortController {
    signal = new AbortSignal();
    abort(reason = abortError()) { abort(this.signal, reason); }
}
for (const [name, value] of entries({ Event, EventTarget, AbortSignal, AbortController })) define(name, value);

class URLSearchParams {
    #pairs = []; #changed;
    constructor(init = '', changed = undefined) {
        if (typeof init === 'object' && init !== null) {
            const list = Symbol.iterator in init ? [...init] : entries(init);
            this.#pairs = list.map(([name, value]) => [`${name}`, `${value}`]);
        } else {
            this.#parse(`${init}`);
        }
        this.#changed = typeof changed === 'function' ? changed : undefined;
    }
    #parse(text) {
        const decode = (part) => {
            const bytes = [];
            const raw = toUtf8(part.replaceAll('+', ' '));
            for (let at = 0; at < raw.length; at++) {
                const hex = raw[at] === 0x25 && String.fromCharCode(raw[at + 1], raw[at + 2]);
                if (hex && /^[0-9a-f]{2}$/i.test(hex)) { bytes.push(parseInt(hex, 16)); at += 2; } else bytes.push(raw[at]);
            }
            return fromUtf8(TheBytes.from(bytes));
        };
        this.#pairs = text.replace(/^\?/, '').split('&').filter(Boolean).map((pair) => {
            const at = pair.indexOf('=');
            return at < 0 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))];
        });
    }
    #touch() { this.#changed?.(this.toString()); }
    get size() { return this.#pairs.length; }
    append(name, value) { this.#pairs.push([`${name}`, `${value}`]); this.#touch(); }
    delete(name, value) {
        this.#pairs = this.#pairs.filter((pair) => pair[0] !== `${name}` || (value !== undefined && pair[1] !== `${value}`));
        this.#touch();
    }
    get(name) { return this.#pairs.find((pair) => pair[0] === `${name}`)?.[1] ?? null; }
    getAll(name) { return this.#pairs.filter((pair) => pair[0] === `${name}`).map((pair) => pair[1]); }
    has(name, value) {
        return this.#pairs.some((pair) => pair[0] === `${name}` && (value === undefined || pair[1] === `${value}`));
    }
    set(name, value) {
        const first = this.#pairs.find((pair) => pair[0] === `${name}`);
        if (!first) return this.append(name, value);
        first[1] = `${value}`;
        this.#pairs = this.#pairs.filter((pair) => pair === first || pair[0] !== `${name}`);
        return this.#touch();
    }
    sort() { this.#pairs.sort((a, b) => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0)); this.#touch(); }
    forEach(callback, self) { for (const [name, value] of this.#pairs) callback.call(self, value, name, this); }
    * entries() { yield* this.#pairs.map((pair) => [...pair]); }
    * keys() { yield* this.#pairs.map((pair) => pair[0]); }
    * values() { yield* this.#pairs.map((pair) => pair[1]); }
    [Symbol.iterator]() { return this.entries(); }
    toString() {
        const encode = (text) => Array.from(toUtf8(text), (byte) =>
            (/[A-Za-z0-9*\-._]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte)
                : byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)).join('');
        return this.#pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&');
    }
}

class URL {
    #parts; #search;
    constructor(url, base) {
        const start = base === undefined ? new TheBytes() : toUtf8(base);
        try {
            this.#parts = parse(fromUtf8(compute('urlParse', concat(prefixed(start), toUtf8(url)))));
        } catch (error) {
            throw new TypeError(error.message);
        }
    }
    static canParse(url, base) { try { return !!new URL(url, base); } catch { return false; } }
    static parse(url, base) { try { return new URL(url, base); } catch { return null; } }
    get origin() { return this.#parts.origin; }
    get searchParams() {
        this.#search ??= new URLSearchParams(this.#parts.search, (text) => this.#set('search', text, true));
        return this.#search;
    }
    #set(part, value, keep = false) {
        const argument = concat(prefixed(toUtf8(this.#parts.href)), prefixed(toUtf8(part)), toUtf8(value));
        try {
            this.#parts = parse(fromUtf8(compute('urlSet', argument)));
        } catch (error) {
            throw new TypeError(error.message);
        }
        if (!keep) this.#search = undefined;
    }
    toString() { return this.#parts.href; }
    toJSON() { return this.#parts.href; }
    static {
        for (const part of ['href', 'protocol', 'username', 'password', 'host', 'hostname', 'port', 'pathname', 'search', 'hash']) {
            defineProperty(URL.prototype, part, {
                get() { return this.#parts[part]; },
                set(value) { this.#set(part, value); },
                configurable: true, enumerable: true,
            });
        }
    }
}
define('URL', URL);
define('URLSearchParams', URLSearchParams);

{
    const refuse = (what) => { throw new DOMException(`${what} could not be cloned`, 'DataCloneError'); };
    const clone = (value, seen) => {
        if (typeof value === 'function' || typeof value === 'symbol') refuse(String(value));
        if (typeof value !== 'object' || value === null) return value;
        if (seen.has(value)) return seen.get(value);
        const note = (copy) => { seen.set(value, copy); return copy; };
        if (value instanceof Date) return note(new Date(value.getTime()));
        if (value instanceof RegExp) return note(new RegExp(value.source, value.flags));
        if (value instanceof ArrayBuffer) return note(value.slice(0));
        if (ArrayBuffer.isView(value)) {
            const length = value instanceof DataView ? value.byteLength : value.length;
            return note(new value.constructor(clone(value.buffer, seen), value.byteOffset, length));
        }
        if (value instanceof Map) {
            const copy = note(new Map());
            for (const [key, item] of value) copy.set(clone(key, seen), clone(item, seen));
            return copy;
        }
        if (value instanceof Set) {
            const copy = note(new Set());
            for (const item of value) copy.add(clone(item, seen));
            return copy;
        }
        if (value instanceof TheError) {
            const Kind = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError }[value.name] ?? TheError;
            return note(assign(new Kind(value.message), { stack: value.stack }));
        }
        if (value instanceof ThePromise || value instanceof WeakMap || value instanceof WeakSet) refuse('it');
        const copy = note(Array.isArray(value) ? new Array(value.length) : {});
        for (const key of keys(value)) {
            defineProperty(copy, key, { value: clone(value[key], seen), writable: true, enumerable: true, configurable: true });
        }
        return copy;
    };
    define('structuredClone', (value) => clone(value, new Map()));
}
