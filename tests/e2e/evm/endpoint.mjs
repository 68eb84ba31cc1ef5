// A member's RPC endpoint of an EVM chain, in front of the chain itself: it tells the truth, until it is told to lie.
import { createServer } from 'node:http';

export class Endpoint {
  /** How often it was asked, and how often what it answered was a lie: a test must see that its lie was told. */
  asked = 0;
  lied = 0;
  #server;
  #lie;

  static async start(target) {
    const endpoint = new Endpoint();
    endpoint.#server = createServer((request, response) => endpoint.#answer(target, request, response));
    await new Promise((resolve, reject) => {
      endpoint.#server.once('error', reject);
      endpoint.#server.listen({ port: 0, host: '127.0.0.1' }, resolve);
    });
    endpoint.address = `127.0.0.1:${endpoint.#server.address().port}`;
    endpoint.url = `http://${endpoint.address}`;
    // The test must end although nobody stopped it.
    endpoint.#server.unref();
    return endpoint;
  }

  /** From now on answers `lie(result, { method, params })` in place of each result. */
  lie(lie) {
    this.#lie = lie;
    this.lied = 0;
  }

  tellTheTruth() {
    this.#lie = undefined;
  }

  async #answer(target, request, response) {
    this.asked += 1;
    try {
      const body = await text(request);
      const answer = await (await fetch(target, { method: 'POST', headers: { 'content-type': 'application/json' }, body })).json();
      if (this.#lie && answer.result !== undefined) {
        const result = this.#lie(answer.result, JSON.parse(body));
        if (JSON.stringify(result) !== JSON.stringify(answer.result)) this.lied += 1;
        answer.result = result;
      }
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.statusCode = 502;
      response.end(error.message);
    }
  }

  /** Nobody listens there any more. */
  stop() {
    this.#server.closeAllConnections();
    return new Promise((resolve) => { this.#server.close(resolve); });
  }
}

async function text(stream) {
  let whole = '';
  for await (const part of stream) whole += part;
  return whole;
}

/** Lies about every contract: `word` (32 bytes in hex) is what it returns. */
export const everyCallReturns = (word) => (result, { method }) => (method === 'eth_call' ? word : result);
