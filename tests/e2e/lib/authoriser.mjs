// Those who may authorise a request: `{ method, authorise(text) -> authorisation }`, `method` as `pkp.permit` takes it.
import { hex } from './request.mjs';

/** An account of this chain, as a pair of `@polkadot/keyring`; `wrapped` signs as `signRaw` of a browser wallet does. */
export function accountAuthoriser(pair, { wrapped = false } = {}) {
  // The public key, or for ECDSA its BLAKE2b hash.
  const signer = hex(pair.addressRaw);
  return {
    method: { Account: signer },
    authorise: async (text) => ({
      type: pair.type,
      signer,
      signature: hex(pair.sign(Buffer.from(wrapped ? `<Bytes>${text}</Bytes>` : text, 'utf8'))),
    }),
  };
}

/** An Ethereum wallet, as of ethers: `personal_sign`. */
export function walletAuthoriser(wallet) {
  const signer = wallet.address.toLowerCase();
  return {
    method: { EthereumWallet: signer },
    authorise: async (text) => ({ type: 'eip191', signer, signature: await wallet.signMessage(text) }),
  };
}
