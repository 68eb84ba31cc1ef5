// Limit order: signs an order once the market is at or below a price, and never otherwise.
//
// jsParams: publicKey (of the PKP), marketUrl, limitPrice, order (the digest of what to sign, 32 bytes in hex).
// The PKP permits this action only, so the price is a rule that nobody can talk around: not its owner, not a member.

const answer = await fetch(marketUrl);
if (!answer.ok) throw new Error(`the market answered ${answer.status}`);
const { price } = await answer.json();
if (typeof price !== 'number') throw new Error('the market said no price');

if (price > limitPrice) {
    Lit.Actions.setResponse({ response: JSON.stringify({ filled: false, price }) });
} else {
    await Lit.Actions.signEcdsa({ toSign: Uint8Array.fromHex(order), publicKey, sigName: 'order' });
    Lit.Actions.setResponse({ response: JSON.stringify({ filled: true, price }) });
}
