// Those who may authorise a request: `{ method, authorise(text) -> authorisation }`, `method` as `pkp.permit` takes it.
import { makeSignDoc, rawSecp256k1PubkeyToRawAddress } from '@cosmjs/amino';
import { ed25519 } from '@noble/curves/ed25519.js';
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

/** A Solana wallet, as a key pair of @solana/web3.js: `signMessage`, which is Ed25519 over the bytes themselves. */
export function solanaAuthoriser(pair) {
  return {
    method: { SolanaWallet: hex(pair.publicKey.toBytes()) },
    authorise: async (text) => ({
      type: 'solana',
      signer: pair.publicKey.toBase58(),
      signature: hex(ed25519.sign(Buffer.from(text, 'utf8'), pair.secretKey.subarray(0, 32))),
    }),
  };
}

/** A Cosmos wallet of @cosmjs/amino: `signArbitrary`, a document that no chain takes (ADR-36). */
export async function cosmosAuthoriser(wallet) {
  const [{ address, pubkey }] = await wallet.getAccounts();
  return {
    method: { CosmosWallet: hex(rawSecp256k1PubkeyToRawAddress(pubkey)) },
    authorise: async (text) => {
      const data = Buffer.from(text, 'utf8').toString('base64');
      const message = { type: 'sign/MsgSignData', value: { signer: address, data } };
      const document = makeSignDoc([message], { gas: '0', amount: [] }, '', '', '0', '0');
      const { signature } = await wallet.signAmino(address, document);
      return {
        type: 'cosmos', prefix: address.slice(0, address.lastIndexOf('1')), publicKey: hex(pubkey),
        signature: hex(Buffer.from(signature.signature, 'base64')),
      };
    },
  };
}

/** The same authoriser, who shows to be on the list `number` of a PKP. */
export function listed(authoriser, number, proof) {
  return { ...authoriser, authorise: async (text) => ({ ...(await authoriser.authorise(text)), list: { number, proof } }) };
}
