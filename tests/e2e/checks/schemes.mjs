// Signatures of every scheme as the clients of its ecosystem judge them. `sign(scheme, payload)` resolves to the
// signature in hex; everything else is what a dapp would do.
import assert from 'node:assert/strict';
import { webcrypto } from 'node:crypto';
import * as ecc from '@bitcoinerlab/secp256k1';
import { hash_to_field as hashToField } from '@noble/curves/abstract/hash-to-curve';
import { bls12_381 as bls } from '@noble/curves/bls12-381';
import { ed25519, RistrettoPoint } from '@noble/curves/ed25519';
import { p256 } from '@noble/curves/nist';
import { schnorr, secp256k1 } from '@noble/curves/secp256k1';
import { sha256, sha512 } from '@noble/hashes/sha2';
import { sr25519Verify } from '@polkadot/util-crypto';
import { PublicKey, SystemProgram, Transaction as SolanaTransaction } from '@solana/web3.js';
import * as bitcoin from 'bitcoinjs-lib';
import * as ethers from 'ethers';
import { hashMessage, hashTypedData, verifyMessage, verifyTypedData } from 'viem';
import { bytes, hex } from '../lib/request.mjs';
import { assertEvmTransaction, ethersSignature } from './signatures.mjs';

bitcoin.initEccLib(ecc);

const ECDSA = 'ecdsa-secp256k1';
const text = (words) => Buffer.from(words, 'utf8');
const compact = (signature) => bytes(signature).subarray(0, 64);

/** EIP-1559 by ethers and viem; EIP-191 and EIP-712 by both. */
export async function assertEthereum({ evm }, sign) {
  await assertEvmTransaction(evm, (digest) => sign(ECDSA, { digest }));

  const message = 'Conclave signs in';
  const personal = ethersSignature(await sign(ECDSA, { personalMessage: message })).serialized;
  assert.equal(ethers.verifyMessage(message, personal), evm, 'EIP-191, ethers');
  assert.ok(await verifyMessage({ address: evm, message, signature: personal }), 'EIP-191, viem');
  assert.ok(!(await verifyMessage({ address: evm, message: `${message}.`, signature: personal })), 'EIP-191, another message');
  const prehashed = ethersSignature(await sign(ECDSA, { digest: hashMessage(message) })).serialized;
  assert.equal(ethers.verifyMessage(message, prehashed), evm, 'EIP-191 hashed by the client');

  const typed = {
    domain: { name: 'Conclave', version: '1', chainId: 1, verifyingContract: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' },
    types: { Order: [{ name: 'amount', type: 'uint256' }, { name: 'to', type: 'address' }] },
    primaryType: 'Order',
    message: { amount: 7n, to: '0x70997970C51812dc3A010C7d01b50e0d17dc79C8' },
  };
  const digest = hashTypedData(typed);
  assert.equal(digest, ethers.TypedDataEncoder.hash(typed.domain, typed.types, typed.message));
  const signature = ethersSignature(await sign(ECDSA, { digest })).serialized;
  assert.equal(ethers.verifyTypedData(typed.domain, typed.types, typed.message, signature), evm, 'EIP-712, ethers');
  assert.ok(await verifyTypedData({ ...typed, address: evm, signature }), 'EIP-712, viem');
}

/** Spends an output of the PKP's address with bitcoinjs-lib's PSBT: it computes the sighash, and judges. */
async function spend(script, input, signer, validate) {
  const psbt = new bitcoin.Psbt();
  psbt.addInput({ hash: '11'.repeat(32), index: 0, witnessUtxo: { script, value: 100_000 }, ...input });
  psbt.addOutput({ address: 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', value: 90_000 });
  await psbt.signInputAsync(0, signer);
  assert.ok(psbt.validateSignaturesOfInput(0, validate), 'bitcoinjs-lib accepts the signature');
  const transaction = psbt.finalizeAllInputs().extractTransaction();
  assert.ok(transaction.ins[0].witness.length > 0);
  return transaction.getId();
}

/** P2WPKH with ECDSA over the sighash of BIP-143. */
export function assertP2wpkh({ bitcoinP2wpkh }, keys, sign) {
  const pubkey = bytes(keys.secp256k1);
  const { output, address } = bitcoin.payments.p2wpkh({ pubkey });
  assert.equal(address, bitcoinP2wpkh);
  const signer = { publicKey: pubkey, sign: async (hash) => Buffer.from(compact(await sign(ECDSA, { digest: hex(hash) }))) };
  return spend(output, {}, signer, (key, hash, signature) => ecc.verify(hash, key, signature));
}

/** P2TR by key path over the sighash of BIP-341, with the tweaked key. */
export function assertP2tr({ bitcoinP2tr }, keys, sign) {
  const internalPubkey = bytes(keys.secp256k1).subarray(1);
  const { output, address, pubkey } = bitcoin.payments.p2tr({ internalPubkey });
  assert.equal(address, bitcoinP2tr);
  const signer = {
    publicKey: Buffer.concat([Buffer.from([2]), pubkey]),
    signSchnorr: async (hash) => bytes(await sign('schnorr-bip340-taproot', { message: hex(hash) })),
  };
  const validate = (key, hash, signature) => ecc.verifySchnorr(hash, key, signature);
  return spend(output, { tapInternalKey: internalPubkey }, signer, validate);
}

/** BIP-340 under the key as it is. */
export async function assertBip340(keys, sign) {
  const [message, key] = [text('BIP-340, a message of its own length'), bytes(keys.secp256k1).subarray(1)];
  const signature = bytes(await sign('schnorr-bip340', { message: hex(message) }));
  assert.ok(schnorr.verify(signature, message, key), '@noble/curves accepts the BIP-340 signature');
  assert.ok(!schnorr.verify(signature, text('another'), key));
}

/** P-256 by WebCrypto, which hashes by itself: the digest is SHA-256 of the message. */
export async function assertP256(keys, sign) {
  const message = text('WebCrypto verifies');
  const signature = compact(await sign('ecdsa-secp256r1', { digest: hex(sha256(message)) }));
  const point = p256.Point.fromHex(bytes(keys.secp256r1)).toBytes(false);
  const key = await webcrypto.subtle.importKey('raw', point, { name: 'ECDSA', namedCurve: 'P-256' }, false, ['verify']);
  const judge = (what) => webcrypto.subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, key, signature, what);
  assert.ok(await judge(message), 'WebCrypto accepts the P-256 signature');
  assert.ok(!(await judge(text('another'))));
  assertP256Precompile(Buffer.concat([sha256(message), signature, point.subarray(1)]));
}

/** The input of the precompile of RIP-7212 and EIP-7951, read as they say: hash, r, s, x and y, 32 bytes each, big-endian. */
function assertP256Precompile(input) {
  assert.equal(input.length, 160);
  const accepts = (given) => {
    const [hash, r, s, x, y] = [0, 32, 64, 96, 128].map((at) => given.subarray(at, at + 32));
    try {
      const key = p256.Point.fromAffine({ x: BigInt(hex(x)), y: BigInt(hex(y)) });
      key.assertValidity();
      // The precompile takes a high s as well.
      return p256.verify(Buffer.concat([r, s]), hash, key.toBytes(), { prehash: false, lowS: false });
    } catch {
      return false;
    }
  };
  assert.ok(accepts(input), 'the precompile accepts the P-256 signature');
  for (const at of input.keys()) {
    const flipped = Buffer.from(input);
    flipped[at] ^= 1;
    assert.ok(!accepts(flipped), `byte ${at} flipped`);
  }
}

/** A Solana transfer by @solana/web3.js. */
export async function assertSolana({ solana }, keys, sign) {
  const from = new PublicKey(bytes(keys.ed25519));
  assert.equal(from.toBase58(), solana);
  const transaction = new SolanaTransaction({ feePayer: from, recentBlockhash: from.toBase58() });
  transaction.add(SystemProgram.transfer({ fromPubkey: from, toPubkey: new PublicKey(Buffer.alloc(32, 7)), lamports: 5 }));
  const signature = bytes(await sign('ed25519', { message: hex(transaction.serializeMessage()) }));
  transaction.addSignature(from, signature);
  assert.ok(transaction.verifySignatures(), '@solana/web3.js accepts the transaction');
}

/** sr25519 by schnorrkel in @polkadot/util-crypto. */
export async function assertSr25519(keys, sign) {
  const [message, key] = [text('sr25519'), bytes(keys.ristretto255)];
  const signature = bytes(await sign('sr25519', { message: hex(message) }));
  assert.ok(sr25519Verify(message, signature, key), '@polkadot/util-crypto accepts the sr25519 signature');
  assert.ok(!sr25519Verify(text('another'), signature, key));
}

/** RFC 9591's signatures: z·G = R + c·PK, the equation with noble's points. */
function assertSchnorr(Point, signature, key, message, challenge) {
  const [r, z] = [signature.subarray(0, -32), signature.subarray(-32)];
  const holds = (m) => {
    const c = challenge(Buffer.concat([r, key, m]));
    const [R, PK] = [r, key].map((point) => Point.fromHex(Buffer.from(point).toString('hex')));
    return R.add(PK.multiply(c.scalar)).equals(Point.BASE.multiply(c.read(z)));
  };
  assert.ok(holds(message), 'the Schnorr equation holds');
  assert.ok(!holds(text('another')), 'for no other message');
}

export async function assertRistretto255(keys, sign) {
  const message = text('FROST(ristretto255, SHA-512)');
  const read = (little) => BigInt(`0x${Buffer.from(little).reverse().toString('hex')}`);
  const challenge = (input) => {
    const hash = sha512(Buffer.concat([text('FROST-RISTRETTO255-SHA512-v1chal'), input]));
    return { scalar: read(hash) % ed25519.CURVE.n, read };
  };
  const signature = bytes(await sign('schnorr-ristretto255', { message: hex(message) }));
  assert.equal(signature.length, 64);
  assertSchnorr(RistrettoPoint, signature, bytes(keys.ristretto255), message, challenge);
}

export async function assertSecp256k1Schnorr(keys, sign) {
  const message = text('FROST(secp256k1, SHA-256)');
  const read = (big) => BigInt(hex(big));
  const options = { p: secp256k1.CURVE.n, m: 1, k: 128, expand: 'xmd', hash: sha256, DST: 'FROST-secp256k1-SHA256-v1chal' };
  const challenge = (input) => ({ scalar: hashToField(input, 1, options)[0][0], read });
  const signature = bytes(await sign('schnorr-secp256k1', { message: hex(message) }));
  assert.equal(signature.length, 65);
  assertSchnorr(secp256k1.ProjectivePoint, signature, bytes(keys.secp256k1), message, challenge);
}

/** BLS in both groups by @noble/curves, the proof-of-possession ciphersuites. */
export async function assertBls(keys, sign) {
  const message = text('BLS');
  for (const [scheme, judge, key, group] of [
    ['bls12381-g2', bls.longSignatures, keys.bls12381g1, 'G2'],
    ['bls12381-g1', bls.shortSignatures, keys.bls12381g2, 'G1'],
  ]) {
    const signature = bytes(await sign(scheme, { message: hex(message) }));
    const hashed = (m) => judge.hash(m, `BLS_SIG_BLS12381${group}_XMD:SHA-256_SSWU_RO_POP_`);
    assert.ok(judge.verify(signature, hashed(message), bytes(key)), `@noble/curves accepts the signature in ${group}`);
    assert.ok(!judge.verify(signature, hashed(text('another')), bytes(key)), `${group}, another message`);
  }
}
