// What offline signers rely on: a signature over the hash of the metadata (RFC 78) counts only if the runtime has it.
import assert from 'node:assert/strict';
import { merkleizeMetadata } from '@polkadot-api/merkleize-metadata';
import { hex } from '../lib/request.mjs';

/** `CheckMetadataHash` is on. */
const ENABLED = 1;

/** The hash, as wallets compute it from the metadata that the node shows. */
export async function metadataHash({ api }) {
  const metadata = (await api.call.metadata.metadataAtVersion(15)).unwrap();
  const { chainDecimals: [decimals], chainTokens: [tokenSymbol] } = api.registry;
  return hex(merkleizeMetadata(metadata.toHex(), { decimals, tokenSymbol }).digest());
}

/** A wallet with a device behind it: it signs over `metadataHash`, and gives the whole transaction back. */
const offlineSigner = ({ api }, pair, metadataHash) => ({
  signPayload: async (payload) => {
    const own = { ...payload, mode: ENABLED, metadataHash };
    const { signature } = api.registry.createType('ExtrinsicPayload', own, { version: payload.version }).sign(pair);
    const extrinsic = api.registry.createType('Extrinsic', { method: payload.method }, { version: payload.version });
    extrinsic.addSignature(pair.address, signature, own);
    assert.equal(extrinsic.mode.toNumber(), ENABLED, 'the transaction says that the hash is in its signature');
    return { id: 1, signature, signedTransaction: extrinsic.toHex() };
  },
});

/** What `pair` signs over the right hash is finalized, and over another is refused. Returns the hash. */
export async function assertMetadataHashChecked(client, pair) {
  const submit = (metadataHash) =>
    client.submit(client.api.tx.system.remark('0x01'), pair.address, {
      signer: offlineSigner(client, pair, metadataHash),
      withSignedTransaction: true,
    });
  await assert.rejects(submit(`0x${'11'.repeat(32)}`), /1010: Invalid Transaction: Transaction has a bad signature/);
  const hash = await metadataHash(client);
  await submit(hash);
  return hash;
}
