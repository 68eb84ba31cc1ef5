// The same by ethers 6, signed by a key of the test; inside the sandbox with native hashes.
import { Interface, SigningKey, Transaction, Wallet, keccak256, recoverAddress, sha256 } from 'ethers';

if (globalThis.Conclave) {
    keccak256.register(Conclave.native.keccak256);
    sha256.register(Conclave.native.sha256);
}
const data = new Interface(['function transfer(address to, uint256 amount)']).encodeFunctionData('transfer', [jsParams.to, jsParams.amount]);
const transaction = Transaction.from({ ...jsParams.transaction, type: 2, data });
const digest = transaction.unsignedHash, unsigned = transaction.unsignedSerialized;
transaction.signature = new SigningKey(jsParams.key).sign(digest);
jsParams.done({
    unsigned, digest, signed: transaction.serialized, from: recoverAddress(digest, transaction.signature), hash: transaction.hash,
    wallet: new Wallet(jsParams.key).address,
});
