// What members reach outside: a web server on this machine, endpoints of other chains, and the file that allows them.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeAtExit } from './children.mjs';

/** Serves `pages`: by path, what `page(request)` returns or resolves to. */
export async function webServer(pages) {
  const requests = [];
  const server = createServer(async (request, response) => {
    requests.push(request.url);
    const page = pages[request.url];
    const body = page ? await page(request) : 'nothing here';
    response.writeHead(page ? 200 : 404, { 'content-type': 'application/octet-stream' });
    response.end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  server.unref();
  const address = `127.0.0.1:${server.address().port}`;
  return {
    address,
    url: `http://${address}`,
    asked: (path) => requests.filter((url) => url === path).length,
    close: () => new Promise((resolve) => { server.close(resolve); server.closeAllConnections(); }),
  };
}

/** The file for `--external-chains` of an operator who allows actions this server, also as IPFS gateway. */
export const allowingActions = ({ address, url }) => outsideFile(`[actions]\nallowed-addresses = ["${address}"]\nipfs-gateway = "${url}"\n`);

/** The file of an operator with these endpoints, `{ chain, url }`, of this machine. */
export function externalChains(endpoints) {
  const addresses = endpoints.map(({ url }) => `"${new URL(url).host}"`);
  const entries = endpoints.map(({ chain, url }) => `[[endpoint]]\nchain = "${chain}"\nurl = "${url}"\n`);
  return outsideFile([`allowed-addresses = [${addresses.join(', ')}]\n`, ...entries].join('\n'));
}

/** The operator's file with this text. */
export function outsideFile(text) {
  const folder = mkdtempSync(join(tmpdir(), 'conclave-outside-'));
  removeAtExit(folder);
  const file = join(folder, 'outside.toml');
  writeFileSync(file, text);
  return file;
}
