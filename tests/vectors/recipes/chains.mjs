// Writes chains.json: what ethers and @solana/web3.js make of the things that the evaluator makes, too: ABI encodings of
// every type without tuples, and program-derived addresses.
//
//   npm install --ignore-scripts --prefix /tmp/chains ethers@5.7.2 @solana/web3.js@1
//   NODE_PATH=/tmp/chains/node_modules node tests/vectors/recipes/chains.mjs > tests/vectors/chains.json
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { utils } = require('ethers');
const { PublicKey } = require('@solana/web3.js');
const versions = ['ethers', '@solana/web3.js'].map((name) => `${name} ${require(`${name}/package.json`).version}`);

const address = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48', other = '0x0000000000000000000000000000000000000001';
const word = '0x' + 'ab'.repeat(32);
// type, value as our JSON writes it, value as ethers takes it
const kinds = [
    ['address', address], ['bool', true], ['bool', false], ['string', 'Zürich 😀'], ['string', ''],
    ['bytes', '0x'], ['bytes', '0x0102'.padEnd(72, '7')], ['bytes1', '0xff'], ['bytes4', '0x01020304'], ['bytes32', word],
    ['uint8', 255], ['uint64', '18446744073709551615'], ['uint256', (2n ** 256n - 1n).toString()], ['uint', 0],
    ['int8', -128], ['int128', '-1'], ['int256', (-(2n ** 255n)).toString()], ['int', (2n ** 255n - 1n).toString()],
    ['address[]', [address, other]], ['address[2]', [other, address]], ['uint256[]', []], ['uint8[3]', [1, 2, 3]],
    ['bool[]', [true, false, true]], ['bytes4[]', ['0x01020304', '0xffffffff']], ['string[]', ['a', 'Ä']],
    ['bytes[]', ['0x', '0x01']], ['int16[][]', [[-1, 2], [], [3]]], ['uint256[2][]', [[1, 2], [3, 4]]], ['string[][2]', [['x'], []]],
];
const abi = kinds.map(([type, value]) => {
    const fragment = new utils.Interface([`function f(${type} a, uint8 b) view returns (${type}, uint256)`]);
    return {
        type,
        value,
        input: fragment.encodeFunctionData('f', [value, 7]),
        output: utils.defaultAbiCoder.encode([type, 'uint256'], [value, 9]),
    };
});

const program = (seeds, id) => PublicKey.findProgramAddressSync(seeds, id)[0].toBase58();
const [token, associated, metadata] = [
    'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA', 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL',
    'metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s',
].map((key) => new PublicKey(key));
const mint = new PublicKey('EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v');
const addresses = [...Array(12).keys()].map((n) => {
    const owner = new PublicKey(Buffer.alloc(32, n + 1));
    return {
        owner: owner.toBase58(),
        mint: mint.toBase58(),
        tokenAccount: program([owner.toBuffer(), token.toBuffer(), mint.toBuffer()], associated),
        metadata: program([Buffer.from('metadata'), metadata.toBuffer(), owner.toBuffer()], metadata),
    };
});
console.log(JSON.stringify({ source: `${versions.join(', ')} (npm, MIT), by tests/vectors/recipes/chains.mjs`, abi, addresses }, null, 1));
