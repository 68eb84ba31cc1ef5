// What a dapp does with the chain, through @polkadot/api as its users have it: types come from the metadata.
import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { cryptoWaitReady, encodeAddress } from '@polkadot/util-crypto';
import { finalizedNumber } from './devnet.mjs';
import { decryptText, newDecryptRequest } from './decryption.mjs';
import { newRequest, requestText } from './request.mjs';

const json = (description, ...params) => ({
  description,
  params: params.map((name) => ({ name, type: 'Json' })),
  type: 'Json',
  noErrorLog: true,
});

/** Makes `api.rpc.conclave.…` known to @polkadot/api. */
export const RPC_DEFINITIONS = {
  conclave: {
    committee: json('The committee, its keys and the progress of key generation.'),
    sign: json('A signature by a PKP.', 'request'),
    signText: json('The text that authorises a request.', 'request'),
    decrypt: json('Decryption keys of identities whose conditions hold for the signer.', 'request'),
    decryptText: json('The text that authorises a request to decrypt.', 'request'),
    checkConditions: json('Whether a condition holds for a requester, as this node sees it.', 'request'),
  },
};

/** Bits of `Scopes`. */
export const SCOPE = { signAnything: 1, personalSign: 2 };

/** A development account: `//Alice`, `//Bob` … of type sr25519, ed25519 or ecdsa. */
export async function developmentAccount(uri, type = 'sr25519') {
  await cryptoWaitReady();
  return new Keyring({ type }).addFromUri(uri);
}

export class Client {
  static async connect(node) {
    // No reconnecting: a scenario that kills a node connects anew, and one that does not should notice.
    const provider = new WsProvider(node.wsUrl, false);
    await provider.connect();
    const api = await ApiPromise.create({ provider, rpc: RPC_DEFINITIONS, throwOnConnect: true, noInitWarn: true });
    return Object.assign(new Client(), { api, rpc: node.rpc, genesis: api.genesisHash.toHex() });
  }

  disconnect() {
    return this.api.disconnect();
  }

  /** Submits `call` and waits until it is finalized; resolves to its events and block. `signer` is a key pair, or an
   *  address with `options.signer` that signs for it; `options` as @polkadot/api has. */
  submit(call, signer, options = {}) {
    return new Promise((resolve, reject) => {
      const name = `${call.method.section}.${call.method.method}`;
      let unsubscribe = () => {};
      const gone = () => settle(reject, new Error(`the node went away before ${name} was finalized`));
      const settle = (finish, value) => {
        this.api.off('disconnected', gone);
        unsubscribe();
        finish(value);
      };
      this.api.on('disconnected', gone);
      call
        .signAndSend(signer, options, ({ status, events, dispatchError }) => {
          if (status.isFinalized) {
            if (dispatchError) settle(reject, new Error(`${name} failed: ${this.#reason(dispatchError)}`));
            else this.#blockOf(status.asFinalized).then((number) => settle(resolve, { events, number }), (error) => settle(reject, error));
          } else if (status.isInvalid || status.isDropped || status.isUsurped || status.isFinalityTimeout) {
            settle(reject, new Error(`${name} did not get into a finalized block: ${status.type}`));
          }
        })
        .then((stop) => { unsubscribe = stop; }, (error) => settle(reject, error));
    });
  }

  /** `call` as root; `signer` holds the sudo key. */
  async sudo(call, signer) {
    const submitted = await this.submit(this.api.tx.sudo.sudo(call), signer);
    const { sudoResult } = this.#event(submitted.events, 'sudo', 'Sudid');
    if (sudoResult.isErr) throw new Error(`${call.method.section}.${call.method.method} as root failed: ${this.#reason(sudoResult.asErr)}`);
    return submitted;
  }

  /** An account as this chain writes it. */
  address(account) {
    return encodeAddress(account.addressRaw, this.api.registry.chainSS58);
  }

  /** The validators of the session that runs. */
  async validators() {
    return (await this.api.query.session.validators()).map(String);
  }

  /** The index of the session that runs. */
  async session() {
    return (await this.api.query.session.currentIndex()).toNumber();
  }

  #reason(dispatchError) {
    if (!dispatchError.isModule) return dispatchError.toString();
    const { section, name, docs } = this.api.registry.findMetaError(dispatchError.asModule);
    return `${section}.${name}: ${docs.join(' ')}`;
  }

  async #blockOf(hash) {
    return (await this.api.rpc.chain.getHeader(hash)).number.toNumber();
  }

  /** Mints a PKP; `keys` maps a curve (`secp256k1`, `ed25519`, `bls12381g1` …) to the public key in hex. */
  async mint(signer) {
    const { events, number } = await this.submit(this.api.tx.pkp.mint(), signer);
    const minted = this.#event(events, 'pkp', 'Minted');
    return {
      id: minted.id.toHex(),
      owner: minted.owner.toHex(),
      keys: byCurve(minted.publicKeys.toJSON()),
      fee: this.#event(events, 'transactionPayment', 'TransactionFeePaid').actualFee.toBigInt(),
      number,
    };
  }

  #event(events, section, method) {
    const found = events.find(({ event }) => event.section === section && event.method === method);
    if (!found) throw new Error(`no event ${section}.${method} among ${events.map(({ event }) => `${event.section}.${event.method}`).join(', ')}`);
    const { data } = found.event;
    return Object.fromEntries(data.names.map((name, i) => [name, data[i]]));
  }

  /** Several calls of the pallet `pkp` by their owner, in one transaction. */
  permitAll(signer, id, permissions) {
    const calls = permissions.map(({ method, scopes }) => this.api.tx.pkp.permit(id, method, scopes));
    return this.submit(this.api.tx.utility.batchAll(calls), signer);
  }

  revoke(signer, id, method) {
    return this.submit(this.api.tx.pkp.revoke(id, method), signer);
  }

  transfer(signer, id, newOwner) {
    return this.submit(this.api.tx.pkp.transfer(id, newOwner), signer);
  }

  burn(signer, id) {
    return this.submit(this.api.tx.pkp.burn(id), signer);
  }

  /** The PKP as the runtime API shows it. */
  async pkp(id) {
    const found = await this.api.call.pkpApi.pkp(id);
    if (found.isNone) return undefined;
    const { owner, publicKeys, permissions } = found.unwrap().toJSON();
    return { owner, keys: byCurve(publicKeys), permissions };
  }

  /** `{ evm, bitcoinP2wpkh, bitcoinP2tr, solana, ss58Sr25519, ss58Ed25519 }`. */
  async addresses(id) {
    const found = await this.api.call.pkpApi.addresses(id);
    if (found.isNone) throw new Error(`the runtime knows no addresses of PKP ${id}`);
    return found.unwrap().toPrimitive();
  }

  /** The bits of the scopes that `method` has. */
  async scopes(id, method) {
    const found = await this.api.call.pkpApi.scopes(id, method);
    return found.isNone ? undefined : Number(found.unwrap().toString());
  }

  /** What an account has held back as deposit. */
  async reserved(address) {
    return (await this.api.query.system.account(address)).data.reserved.toBigInt();
  }
}

/** Asks for signatures through one node, over its RPC alone. */
export class Signer {
  constructor(node, genesis) {
    Object.assign(this, { rpc: node.rpc, genesis });
  }

  /** A request that is valid for `lifetime` blocks from now. */
  async request(pkp, scheme, payload, lifetime = 100) {
    return newRequest({ pkp, scheme, payload, validUntil: (await finalizedNumber(this.rpc)) + lifetime });
  }

  /** The request with the authoriser's signature over its text. */
  async authorised(request, authoriser) {
    return { ...request, authorisation: await authoriser.authorise(requestText(request, this.genesis)) };
  }

  /** A signature by `pkp`: `{ requestId, scheme, publicKey, signature, quorum, attempts }`. */
  async sign(pkp, scheme, payload, authoriser) {
    return this.send(await this.authorised(await this.request(pkp, scheme, payload), authoriser));
  }

  send(authorisedRequest) {
    return this.rpc('conclave_sign', authorisedRequest);
  }
}

/** Asks for decryption keys through one node, over its RPC alone. */
export class Decrypter {
  constructor(node, genesis) {
    Object.assign(this, { rpc: node.rpc, genesis });
  }

  /** A request that is valid for `lifetime` blocks from now; `key` is a one-time key, see decryption.mjs. */
  async request(items, key, lifetime = 100) {
    return newDecryptRequest({ items, key, validUntil: (await finalizedNumber(this.rpc)) + lifetime });
  }

  /** The request with the authoriser's signature over its text. */
  async authorised(request, authoriser) {
    return { ...request, authorisation: await authoriser.authorise(decryptText(request, this.genesis)) };
  }

  /** The decryption key of each item, sealed to `key`: `{ requestId, publicKey, keys, quorum, attempts }`. */
  async decrypt(items, key, authoriser) {
    return this.send(await this.authorised(await this.request(items, key), authoriser));
  }

  send(authorisedRequest) {
    return this.rpc('conclave_decrypt', authorisedRequest);
  }
}

/** By curve, in lower case. */
const byCurve = (keys) => Object.fromEntries(keys.map(({ curve, point }) => [curve.toLowerCase(), point]));
