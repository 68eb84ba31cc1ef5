// A stand-in of Discord's OAuth2 API (https://discord.com/developers/docs/topics/oauth2): real codes and tokens over HTTP, of
// users that consent to everything.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';

const secret = () => randomBytes(15).toString('base64url');

export class Discord {
  /** `applications`: `{ id: { secret, redirect } }`. */
  static async start(applications) {
    const self = Object.assign(new Discord(), { applications, codes: new Map(), tokens: new Map(), asked: 0 });
    self.server = createServer((request, response) => self.#serve(request, response));
    await new Promise((resolve) => self.server.listen(0, '127.0.0.1', resolve));
    self.address = `127.0.0.1:${self.server.address().port}`;
    self.url = `http://${self.address}`;
    return self;
  }

  /** An access token, got as a dapp gets it: the user is sent to Discord, comes back with a code, and the dapp's server
   *  exchanges that for the token. `user` stands for the cookie by which Discord knows who is there. */
  async login({ application, user, scope = 'identify', seconds }) {
    const { secret: clientSecret, redirect } = this.applications[application];
    const query = new URLSearchParams({ client_id: application, response_type: 'code', redirect_uri: redirect, scope, state: secret() });
    const consent = await fetch(`${this.url}/oauth2/authorize?${query}`, { headers: { cookie: `user=${user}` }, redirect: 'manual' });
    const back = new URL(consent.headers.get('location'));
    if (back.searchParams.get('state') !== query.get('state')) throw new Error('somebody else’s answer');
    const form = { grant_type: 'authorization_code', code: back.searchParams.get('code'), redirect_uri: redirect, client_id: application, client_secret: clientSecret };
    const exchanged = await fetch(`${this.url}/api/v10/oauth2/token`, { method: 'POST', body: new URLSearchParams(form) });
    if (exchanged.status !== 200) throw new Error(`Discord gave no token: ${exchanged.status}`);
    const { access_token: token } = await exchanged.json();
    if (seconds !== undefined) this.tokens.get(token).expires = Date.now() + seconds * 1000;
    return token;
  }

  revoke(token) {
    this.tokens.delete(token);
  }

  async #serve(request, response) {
    const url = new URL(request.url, this.url);
    const answer = (status, body, headers = {}) => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers });
      response.end(JSON.stringify(body));
    };
    switch (`${request.method} ${url.pathname}`) {
      case 'GET /oauth2/authorize': {
        const { client_id: application, redirect_uri: redirect, scope, state } = Object.fromEntries(url.searchParams);
        if (this.applications[application]?.redirect !== redirect) return answer(400, { error: 'invalid_request' });
        const code = secret();
        this.codes.set(code, { application, redirect, scopes: scope.split(' '), user: request.headers.cookie.replace('user=', '') });
        return answer(302, {}, { location: `${redirect}?${new URLSearchParams({ code, state })}` });
      }
      case 'POST /api/v10/oauth2/token': {
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        const form = new URLSearchParams(Buffer.concat(chunks).toString());
        const grant = this.codes.get(form.get('code'));
        this.codes.delete(form.get('code'));
        const application = this.applications[form.get('client_id')];
        const sound = grant?.application === form.get('client_id') && application?.secret === form.get('client_secret') && grant.redirect === form.get('redirect_uri');
        if (!sound) return answer(400, { error: 'invalid_grant' });
        const token = secret();
        this.tokens.set(token, { ...grant, expires: Date.now() + 604_800_000 });
        return answer(200, { access_token: token, token_type: 'Bearer', expires_in: 604_800, refresh_token: secret(), scope: grant.scopes.join(' ') });
      }
      case 'GET /api/v10/oauth2/@me': {
        this.asked += 1;
        const found = this.tokens.get(request.headers.authorization?.replace('Bearer ', ''));
        if (!found || found.expires <= Date.now()) return answer(401, { message: '401: Unauthorized', code: 0 });
        return answer(200, {
          application: { id: found.application, name: 'Example', icon: null, description: '', bot_public: true, bot_require_code_grant: false, verify_key: '00' },
          scopes: found.scopes,
          expires: new Date(found.expires).toISOString().replace('Z', '000+00:00'),
          ...(found.scopes.includes('identify') && { user: { id: found.user, username: 'somebody', avatar: null, discriminator: '0', public_flags: 0 } }),
        });
      }
      default:
        return answer(404, { message: '404: Not Found', code: 0 });
    }
  }

  stop() {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
