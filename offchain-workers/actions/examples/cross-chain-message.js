// Cross-chain message: attests on one chain what a contract on another one says.
//
// jsParams: publicKey (of the bridge's PKP, which permits this action only), chain, outbox (contract), call (RLP of the
// unsigned call that reads the message), destination (chain id), nonce.
// callContract reads at each member's own endpoint, and t of them have to read the same; the digest binds message, source,
// destination and nonce, so that the signature means nothing elsewhere and not twice.

const message = await Lit.Actions.callContract({ chain, txn: call });
if (!/^0x([0-9a-f]{2})+$/.test(message) || /^0x0*$/.test(message)) throw new Error('the outbox holds no such message');

const word = (number) => Uint8Array.fromHex(BigInt(number).toString(16).padStart(64, '0'));
const { keccak256 } = Conclave.native;
const text = (value) => keccak256(new TextEncoder().encode(value));
const fields = [text('CrossChainMessage(1)'), text(chain), text(outbox.toLowerCase()), word(destination), word(nonce), keccak256(Uint8Array.fromHex(message.slice(2)))];
const bytes = new Uint8Array(fields.length * 32);
fields.forEach((field, at) => bytes.set(field, at * 32));

await Lit.Actions.signEcdsa({ toSign: keccak256(bytes), publicKey, sigName: 'attestation' });
Lit.Actions.setResponse({ response: JSON.stringify({ message, destination, nonce, digest: keccak256(bytes).toHex() }) });
