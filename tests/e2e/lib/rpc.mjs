// JSON-RPC over HTTP: no connection to keep, so it is the same before and after a node is killed.

/** An error that the node answered with. */
export class RpcError extends Error {
  constructor({ code, message, data }) {
    super(`${code}: ${message}${data === undefined ? '' : ` ${JSON.stringify(data)}`}`);
    Object.assign(this, { code, data });
  }
}

let lastId = 0;

/** A function `(method, ...params)` that calls the node at `url`. */
export const rpcAt = (url, { timeout = 90_000 } = {}) => async (method, ...params) => {
  const body = JSON.stringify({ jsonrpc: '2.0', id: ++lastId, method, params });
  const { answer, status } = await post(url, body, timeout);
  if (answer?.error) throw new RpcError(answer.error);
  if (answer?.result === undefined) throw new Error(`${method} at ${url}: HTTP ${status} without a JSON-RPC answer`);
  return answer.result;
};

/** Sends `body` as it is; `answer` is undefined when the node's reply is not JSON. */
export async function post(url, body, timeout = 90_000) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
    signal: AbortSignal.timeout(timeout),
  });
  const text = await response.text();
  try {
    return { status: response.status, answer: JSON.parse(text) };
  } catch {
    return { status: response.status, answer: undefined };
  }
}
