// fetch and its classes; bodies are whole, never streams.

class Headers {
    #map = new Map();
    constructor(init = undefined) {
        const list = init instanceof Headers || (typeof init === 'object' && init !== null && Symbol.iterator in init)
            ? [...init] : entries(init ?? {});
        for (const [name, value] of list) this.append(name, value);
    }
    static #name(name) {
        const text = `${name}`.toLowerCase();
        if (!/^[!#$%&'*+\-.^_`|~0-9a-z]+$/.test(text)) throw new TypeError(`invalid header name ${stringify(text)}`);
        return text;
    }
    append(name, value) {
        const key = Headers.#name(name), text = `${value}`.trim();
        if (/[\0\r\n]/.test(text)) throw new TypeError(`invalid value of header ${key}`);
        this.#map.set(key, this.#map.has(key) ? `${this.#map.get(key)}, ${text}` : text);
    }
    set(name, value) { this.delete(name); this.append(name, value); }
    get(name) { return this.#map.get(Headers.#name(name)) ?? null; }
    has(name) { return this.#map.has(Headers.#name(name)); }
    delete(name) { this.#map.delete(Headers.#name(name)); }
    forEach(callback, self) { for (const [name, value] of this) callback.call(self, value, name, this); }
    * entries() { yield* [...this.#map].sort((a, b) => (a[0] < b[0] ? -1 : 1)); }
    * keys() { for (const [name] of this.entries()) yield name; }
    * values() { for (const [, value] of this.entries()) yield value; }
    [Symbol.iterator]() { return this.entries(); }
}

// Any body that fetch takes, as bytes, with the content type that it implies.
const bodyOf = (body) => {
    if (body === undefined || body === null) return [null, null];
    if (body instanceof URLSearchParams) return [toUtf8(body), 'application/x-www-form-urlencoded;charset=UTF-8'];
    if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return [TheBytes.from(bytesOf(body)), null];
    return [toUtf8(body), 'text/plain;charset=UTF-8'];
};

class Body {
    #bytes; #used = false;
    constructor(bytes) { this.#bytes = bytes; }
    get bodyUsed() { return this.#used; }
    get body() { return null; }
    #take() {
        if (this.#used) throw new TypeError('body used already');
        this.#used = this.#bytes !== null;
        return this.#bytes ?? new TheBytes();
    }
    async bytes() { return this.#take(); }
    async arrayBuffer() { const bytes = this.#take(); return bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength); }
    async text() { return fromUtf8(this.#take()); }
    async json() { return parse(fromUtf8(this.#take())); }
    copyBody() {
        if (this.#used) throw new TypeError('body used already');
        return this.#bytes;
    }
}

class Request extends Body {
    constructor(input, init = {}) {
        const from = input instanceof Request ? input : null;
        const [bytes, type] = init.body !== undefined ? bodyOf(init.body) : [from?.copyBody() ?? null, null];
        super(bytes);
        this.url = from ? from.url : new URL(input).href;
        this.method = `${init.method ?? from?.method ?? 'GET'}`;
        if (/^(get|head|post|put|delete|options)$/i.test(this.method)) this.method = this.method.toUpperCase();
        this.headers = new Headers(init.headers ?? from?.headers);
        if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
        this.signal = init.signal ?? from?.signal ?? null;
        this.redirect = init.redirect ?? from?.redirect ?? 'follow';
        if (bytes !== null && /^(GET|HEAD)$/.test(this.method)) throw new TypeError('GET and HEAD have no body');
    }
    clone() { return new Request(this); }
}

class Response extends Body {
    constructor(body = null, init = {}) {
        const [bytes, type] = bodyOf(body);
        super(bytes);
        this.status = init.status ?? 200;
        this.statusText = init.statusText ?? '';
        this.headers = new Headers(init.headers);
        if (type && !this.headers.has('content-type')) this.headers.set('content-type', type);
        this.url = init.url ?? '';
        this.redirected = init.redirected ?? false;
        this.type = 'default';
    }
    get ok() { return this.status >= 200 && this.status < 300; }
    clone() { return new Response(this.copyBody(), this); }
    static json(value, init = {}) {
        const headers = new Headers(init.headers);
        if (!headers.has('content-type')) headers.set('content-type', 'application/json');
        return new Response(stringify(value), { ...init, headers });
    }
    static error() { return new Response(null, { status: 0 }); }
}

define('fetch', async (input, init) => {
    const request = new Request(input, init ?? {});
    const { signal } = request;
    signal?.throwIfAborted();
    const body = request.copyBody();
    const answer = ask('fetch', {
        url: request.url, method: request.method, headers: [...request.headers], redirect: request.redirect,
        body: body === null ? null : toBase64(body),
    });
    const aborted = signal && new ThePromise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    });
    let found;
    try {
        found = await (aborted ? ThePromise.race([answer, aborted]) : answer);
    } catch (error) {
        if (signal?.aborted) throw signal.reason;
        throw new TypeError(error.message);
    }
    return new Response(fromBase64(found.body), { ...found, headers: found.headers });
});
for (const [name, value] of entries({ Headers, Request, Response })) define(name, value);
