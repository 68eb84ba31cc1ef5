// An OpenID provider: real RS256 keys (jose), a key set over HTTP, rotation; and tokens no honest one would make.
import { createServer } from 'node:http';
import { SignJWT, UnsecuredJWT, exportJWK, generateKeyPair } from 'jose';

export class Issuer {
  /** `issuer` and `audience` are names only: keys are fetched from where the chain's settings say. */
  static async start({ issuer, audience }) {
    const self = Object.assign(new Issuer(), { issuer, audience, asked: 0, serial: 0 });
    await self.rotate();
    self.server = createServer((request, response) => {
      self.asked += 1;
      response.setHeader('content-type', 'application/json');
      response.statusCode = request.url === '/keys' ? 200 : 404;
      response.end(JSON.stringify({ keys: [self.jwk] }));
    });
    await new Promise((resolve) => self.server.listen(0, '127.0.0.1', resolve));
    self.address = `127.0.0.1:${self.server.address().port}`;
    self.keySetUrl = `http://${self.address}/keys`;
    return self;
  }

  /** A new key in place of the old. */
  async rotate() {
    const { privateKey, publicKey } = await generateKeyPair('RS256', { modulusLength: 2048 });
    this.serial += 1;
    this.kid = `key-${this.serial}`;
    this.key = privateKey;
    this.jwk = { ...(await exportJWK(publicKey)), kid: this.kid, alg: 'RS256', use: 'sig' };
  }

  /** An id token for `subject`; `unsigned`, `altered` and `foreign` make one that must be refused. */
  async token({ subject, nonce, audience = this.audience, issuer = this.issuer, issuedAt = 0, expires = 600, unsigned, altered, foreign }) {
    const now = Math.floor(Date.now() / 1000);
    const claims = { nonce, email: 'user@example.com' };
    const fill = (token) => token.setIssuer(issuer).setAudience(audience).setSubject(subject).setIssuedAt(now + issuedAt).setExpirationTime(now + expires);
    if (unsigned) return fill(new UnsecuredJWT(claims)).encode();
    const key = foreign ? (await generateKeyPair('RS256', { modulusLength: 2048 })).privateKey : this.key;
    const token = await fill(new SignJWT(claims)).setProtectedHeader({ alg: 'RS256', kid: this.kid, typ: 'JWT' }).sign(key);
    if (!altered) return token;
    const [header, body, signature] = token.split('.');
    const other = { ...JSON.parse(Buffer.from(body, 'base64url')), email: 'other@example.com' };
    return [header, Buffer.from(JSON.stringify(other)).toString('base64url'), signature].join('.');
  }

  stop() {
    return new Promise((resolve) => this.server.close(resolve));
  }
}
