// Signatures and addresses as other people's libraries judge them.
import assert from 'node:assert/strict';
import { createPublicKey, verify as opensslVerify } from 'node:crypto';
import { ed25519 } from '@noble/curves/ed25519';
import { secp256k1 } from '@noble/curves/secp256k1';
import { base58Encode, ed25519Verify, encodeAddress } from '@polkadot/util-crypto';
import * as bitcoin from '@scure/btc-signer';
import * as ethers from 'ethers';
import { recoverTransactionAddress } from 'viem';
import { bytes, hex } from '../lib/request.mjs';

/** Splits r ‖ s ‖ v and checks the form: v is 0 or 1, s is low. */
export function ecdsaParts(signature) {
  const raw = bytes(signature);
  assert.equal(raw.length, 65, `an ECDSA signature has 65 bytes: ${signature}`);
  const v = raw[64];
  assert.ok(v === 0 || v === 1, `v is 0 or 1, not ${v}`);
  assert.ok(!secp256k1.Signature.fromCompact(raw.subarray(0, 64)).hasHighS(), 's is low');
  return { r: hex(raw.subarray(0, 32)), s: hex(raw.subarray(32, 64)), v };
}

/** The same for ethers. */
export const ethersSignature = (signature) => {
  const { r, s, v } = ecdsaParts(signature);
  return ethers.Signature.from({ r, s, v: 27 + v });
};

/** ECDSA over a digest: verified by noble and recovered by ethers to the same key. */
export function assertEcdsa({ publicKey, digest, signature }) {
  const compact = bytes(signature).subarray(0, 64);
  assert.ok(secp256k1.verify(compact, bytes(digest), bytes(publicKey)), 'noble accepts the ECDSA signature');
  const recovered = ethers.SigningKey.recoverPublicKey(digest, ethersSignature(signature));
  assert.equal(ethers.SigningKey.computePublicKey(recovered, true), publicKey.toLowerCase(), 'ethers recovers the PKP from r, s, v');
}

/** Ed25519 over a message: three implementations accept it, and none accepts it for another message. */
export function assertEd25519({ publicKey, message, signature }) {
  const [key, text, sig] = [publicKey, message, signature].map(bytes);
  assert.equal(sig.length, 64, `an Ed25519 signature has 64 bytes: ${signature}`);
  const SPKI_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');
  const openssl = createPublicKey({ key: Buffer.concat([SPKI_ED25519, key]), format: 'der', type: 'spki' });
  const judges = {
    '@noble/curves': (m) => ed25519.verify(sig, m, key, { zip215: false }),
    '@polkadot/util-crypto': (m) => ed25519Verify(m, sig, key),
    OpenSSL: (m) => opensslVerify(null, m, openssl, sig),
  };
  for (const [name, accepts] of Object.entries(judges)) {
    assert.ok(accepts(text), `${name} accepts the Ed25519 signature`);
    assert.ok(!accepts(Buffer.concat([text, Buffer.from([0])])), `${name} refuses it for another message`);
  }
}

/** An EIP-1559 transaction, signed by `signDigest`: ethers and viem both find `address` as its sender. */
export async function assertEvmTransaction(address, signDigest) {
  const transaction = ethers.Transaction.from({
    type: 2,
    chainId: 11155111n,
    nonce: 7,
    to: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8',
    value: ethers.parseEther('0.01'),
    gasLimit: 21_000n,
    maxFeePerGas: ethers.parseUnits('30', 'gwei'),
    maxPriorityFeePerGas: ethers.parseUnits('1', 'gwei'),
  });
  transaction.signature = ethersSignature(await signDigest(transaction.unsignedHash));
  const { serialized } = transaction;
  assert.equal(ethers.Transaction.from(serialized).from, address, 'the sender that ethers recovers');
  assert.equal(await recoverTransactionAddress({ serializedTransaction: serialized }), address, 'the sender that viem recovers');
  return { hash: transaction.hash, serialized };
}

/** A personal message (EIP-191): ethers finds `address` as its signer. */
export function assertPersonalMessage({ address, message, signature }) {
  assert.equal(ethers.verifyMessage(message, ethersSignature(signature)), address, 'the signer that ethers.verifyMessage recovers');
}

/** The addresses that other libraries derive from the keys. */
export function expectedAddresses(keys, ss58Prefix) {
  const compressed = bytes(keys.secp256k1);
  return {
    evm: ethers.computeAddress(keys.secp256k1),
    bitcoinP2wpkh: bitcoin.p2wpkh(compressed).address,
    bitcoinP2tr: bitcoin.p2tr(compressed.subarray(1)).address,
    solana: base58Encode(bytes(keys.ed25519)),
    ss58Sr25519: encodeAddress(bytes(keys.ristretto255), ss58Prefix),
    ss58Ed25519: encodeAddress(bytes(keys.ed25519), ss58Prefix),
  };
}
