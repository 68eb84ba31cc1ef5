// Spending limit: signs a transfer while the day's total stays within a limit.
//
// jsParams: publicKey, to, amount (wei, decimal), nonce, ledgerUrl, limit (wei, decimal), chainId.
// What was spent is read from a ledger that the wallet's owner keeps and signs (a contract would do as well: callContract).
// The action computes the digest of the transaction by itself: what is signed is what was counted.

const spent = await fetch(`${ledgerUrl}?day=${new Date().toISOString().slice(0, 10)}`).then((answer) => answer.json());
const total = BigInt(spent.total) + BigInt(amount);
if (BigInt(amount) <= 0n || BigInt(spent.total) < 0n) throw new Error('amounts are positive');
if (total > BigInt(limit)) {
    Lit.Actions.setResponse({ response: JSON.stringify({ signed: false, left: String(BigInt(limit) - BigInt(spent.total)) }) });
} else {
    // EIP-1559: 0x02 ‖ rlp([chainId, nonce, priority fee, fee, gas, to, value, data, access list]).
    const hex = (bytes) => bytes.toHex();
    const bytes = (text) => Uint8Array.fromHex(text.length % 2 ? `0${text}` : text);
    const number = (value) => (BigInt(value) === 0n ? new Uint8Array() : bytes(BigInt(value).toString(16)));
    const head = (length, offset) => {
        if (length < 56) return bytes((offset + length).toString(16));
        const size = number(length);
        return bytes(((offset + 55 + size.length).toString(16)) + hex(size));
    };
    const rlp = (item) => {
        if (item instanceof Uint8Array) return item.length === 1 && item[0] < 0x80 ? hex(item) : hex(head(item.length, 0x80)) + hex(item);
        const body = item.map(rlp).join('');
        return hex(head(body.length / 2, 0xc0)) + body;
    };
    const fields = [chainId, nonce, 1_000_000_000, 50_000_000_000, 21_000].map(number);
    const unsigned = `02${rlp([...fields, bytes(to.slice(2)), number(amount), new Uint8Array(), []])}`;
    const toSign = Conclave.native.keccak256(bytes(unsigned));
    await Lit.Actions.signEcdsa({ toSign, publicKey, sigName: 'transfer' });
    Lit.Actions.setResponse({ response: JSON.stringify({ signed: true, unsigned: `0x${unsigned}`, total: String(total) }) });
}
