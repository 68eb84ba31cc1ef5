// Price oracle: the median of three sources, signed by the action's own key.
//
// jsParams: pair, sources ([{ url, path }], path leads to the number inside the JSON).
// One source may lie or be down. Each member asks by itself and signs only what it computed; two thirds have to agree, so
// prices are rounded: what moves between two requests must not show.

const price = async ({ url, path }) => {
    const answer = await fetch(url, { headers: { accept: 'application/json' } });
    if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
    const found = path.reduce((value, key) => value?.[key], await answer.json());
    const number = Number(found);
    if (!(number > 0)) throw new Error(`${url}: no price`);
    return number;
};

const settled = await Promise.allSettled(sources.map(price));
const prices = settled.filter((one) => one.status === 'fulfilled').map((one) => one.value).sort((a, b) => a - b);
if (prices.length < 2) throw new Error(`only ${prices.length} of ${sources.length} sources answered`);
const middle = prices.length >> 1;
const median = prices.length % 2 ? prices[middle] : (prices[middle - 1] + prices[middle]) / 2;

// To the cent, and to the minute: what members see differs by less.
const statement = JSON.stringify({ pair, price: median.toFixed(2), minute: Math.floor(Date.now() / 60000) });
const toSign = Conclave.native.keccak256(new TextEncoder().encode(statement));
const signature = await Lit.Actions.signAsAction({ toSign, sigName: 'price', signingScheme: 'EcdsaK256Sha256' });
Lit.Actions.setResponse({ response: JSON.stringify({ statement, signature }) });
