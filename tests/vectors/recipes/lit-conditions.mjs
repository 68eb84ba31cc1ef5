// Writes lit-conditions.json: documents of every kind with the canonical JSON and the hash that Lit's own packages make
// of them. Lit's packages are MIT; nothing of them is copied, they are run.
//
//   npm install --ignore-scripts --prefix /tmp/lit @lit-protocol/access-control-conditions@7.4.0
//   NODE_PATH=/tmp/lit/node_modules node tests/vectors/recipes/lit-conditions.mjs > tests/vectors/lit-conditions.json
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const acc = require('@lit-protocol/access-control-conditions');
const { version } = require('@lit-protocol/access-control-conditions/package.json');

const kinds = {
    accessControlConditions: [acc.hashAccessControlConditions, (c) => acc.canonicalAccessControlConditionFormatter(c)],
    evmContractConditions: [acc.hashEVMContractConditions, (c) => acc.canonicalEVMContractConditionFormatter(c)],
    solRpcConditions: [acc.hashSolRpcConditions, (c) => acc.canonicalSolRpcConditionFormatter(c)],
    unifiedAccessControlConditions: [
        acc.hashUnifiedAccessControlConditions, (c) => acc.canonicalUnifiedAccessControlConditionFormatter(c),
    ],
};

const contract = '0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48';
const basic = (standardContractType, method, parameters, comparator, value, more = {}) => ({
    conditionType: 'evmBasic', contractAddress: contract, standardContractType, chain: 'ethereum', method, parameters,
    returnValueTest: { comparator, value }, ...more,
});
const uint = (name) => ({ internalType: 'uint256', name, type: 'uint256' });
const functionAbi = (more = {}) => ({
    type: 'function', stateMutability: 'view',
    outputs: [{ type: 'uint256', name: '', internalType: 'uint256' }],
    name: 'balanceOf',
    inputs: [{ type: 'address', name: 'account', internalType: 'address' }, uint('id')],
    ...more,
});
const contractCall = (more = {}) => ({
    conditionType: 'evmContract', contractAddress: contract, functionName: 'balanceOf', functionParams: [':userAddress', '8'],
    functionAbi: functionAbi(), chain: 'polygon', returnValueTest: { key: '', comparator: '>', value: '0' }, ...more,
});
const solana = (more = {}) => ({
    conditionType: 'solRpc', method: 'getBalance', params: [':userAddress'], pdaParams: [],
    pdaInterface: { offset: 0, fields: {} }, pdaKey: '', chain: 'solana',
    returnValueTest: { key: '', comparator: '>=', value: '100000000' }, ...more,
});
const oldSolana = (more = {}) => {
    const { pdaParams, pdaInterface, pdaKey, ...rest } = solana(more);
    return rest;
};
const cosmos = (more = {}) => ({
    conditionType: 'cosmos', path: '/cosmos/bank/v1beta1/balances/:userAddress', chain: 'cosmos',
    returnValueTest: { key: '$.balances[0].amount', comparator: '>=', value: '1000000' }, ...more,
});
const and = { operator: 'and' }, or = { operator: 'or' };
const balance = basic('', 'eth_getBalance', [':userAddress', 'latest'], '>=', '1000000000000');
const shuffle = (object) => Object.fromEntries(Object.entries(object).reverse());

const documents = {
    accessControlConditions: {
        'native balance': [balance],
        'native balance, fields in another order': [shuffle(balance)],
        wallet: [basic('', '', [':userAddress'], '=', '0x50e2dac5e78B5905CB09495547452cEE64426db2')],
        'action id': [basic('', '', [':currentActionIpfsId'], '=', 'QmSQDKRWEXZ9CGoucSTR11Mv6fhGqaytZ1MqrfHdkuS1Vg')],
        'session parameter': [basic('', '', [':litParam:secret'], '=', 'abc')],
        ERC20: [basic('ERC20', 'balanceOf', [':userAddress'], '>', '0')],
        'ERC721 owner': [basic('ERC721', 'ownerOf', ['3112'], '=', ':userAddress')],
        'ERC721 balance': [basic('ERC721', 'balanceOf', [':userAddress'], '>', '0')],
        ERC721MetadataName: [basic('ERC721MetadataName', 'name', [], '=', 'x')],
        ERC1155: [basic('ERC1155', 'balanceOf', [':userAddress', '9541'], '>', '0')],
        'ERC1155 batch': [
            basic('ERC1155', 'balanceOfBatch', [':userAddress,:userAddress', '1,2'], '>', '0'),
        ],
        'POAP name': [basic('POAP', 'tokenURI', [], 'contains', 'Burning Man 2021')],
        'POAP event': [basic('POAP', 'eventId', [], '=', '37582')],
        timestamp: [basic('timestamp', 'eth_getBlockByNumber', ['latest'], '>=', '1651276942')],
        'SIWE domain': [basic('SIWE', '', [':domain'], '=', 'spark.litprotocol.com')],
        'SIWE resources': [basic('SIWE', '', [':resources'], 'contains', 'litparam:x')],
        LitAction: [
            basic('LitAction', 'go', ['40'], '=', 'true', {
                contractAddress: 'ipfs://QmcgbVu2sJSPpTeFhBd174FnmYmoVYvUFJeDkS7eYtwoFY',
            }),
        ],
        'MolochDAOv2.1': [basic('MolochDAOv2.1', 'members', [':userAddress'], '=', 'true')],
        Creaton: [basic('Creaton', 'subscribers', [':userAddress'], '=', 'true')],
        ProofOfHumanity: [basic('ProofOfHumanity', 'isRegistered', [':userAddress'], '=', 'true')],
        CASK: [
            basic('CASK', 'getActiveSubscriptionCount',
                [':userAddress', '0xdf7b43b9e1b3d4b4b5e0e0d6b2d4c0c0a6b1a6c0', '951769'], '>', '0'),
        ],
        PKPPermissions: [basic('PKPPermissions', 'isPermittedAddress', ['0x1234', ':userAddress'], '=', 'true')],
        'unknown type': [basic('Sushi', 'balanceOf', [':userAddress'], '>', '0')],
        'unknown comparator': [basic('ERC20', 'balanceOf', [':userAddress'], '==', '0')],
        'or, then and: left to right': [balance, or, basic('ERC20', 'balanceOf', [':userAddress'], '>', '0'), and,
            basic('ERC721', 'balanceOf', [':userAddress'], '>', '0')],
        'nested': [balance, or, [basic('ERC20', 'balanceOf', [':userAddress'], '>', '0'), and,
            [basic('timestamp', '', [], '>', '5'), or, balance]]],
        'no operators': [balance, basic('ERC20', 'balanceOf', [':userAddress'], '>', '0')],
        'letters beyond ASCII, quotes and control characters': [
            basic('POAP', 'tokenURI', [], 'contains', 'Zürich "näkki" \\ \u0001\u001f\u007f\n\t\u2028 😀 /'),
        ],
    },
    evmContractConditions: {
        'ERC1155 by ABI': [contractCall()],
        'constant, named outputs': [contractCall({
            functionAbi: functionAbi({ constant: true, outputs: [uint('a'), { name: 'ok', type: 'bool' }] }),
            returnValueTest: { key: 'ok', comparator: '=', value: 'true' },
        })],
        'array of bytes32': [contractCall({
            functionName: 'memberOf',
            functionParams: ['[0002000000000000000000000000000000000000000000000000000000000000,0003000000000000000000000000000000000000000000000000000000000000]'],
            functionAbi: functionAbi({
                name: 'memberOf', inputs: [{ name: 'roles', type: 'bytes32[]' }], outputs: [{ name: '', type: 'bool' }],
            }),
            returnValueTest: { key: '', comparator: '=', value: 'true' },
        })],
        'address output': [contractCall({
            functionName: 'ownerOf', functionParams: ['1'],
            functionAbi: functionAbi({ name: 'ownerOf', inputs: [uint('id')], outputs: [{ name: 'owner', type: 'address' }] }),
            returnValueTest: { key: 'owner', comparator: '=', value: ':userAddress' },
        })],
        'nested': [[contractCall(), or, contractCall({ chain: 'base' })], and, contractCall({ chain: 'xdai' })],
    },
    solRpcConditions: {
        'balance, old form': [oldSolana()],
        'balance, new form': [solana()],
        wallet: [oldSolana({ method: '', params: [':userAddress'], returnValueTest: { key: '', comparator: '=', value: '2Ceg9bPTcUFC7p6v9dVsrfkEGaV7uxLr8M5H4qF5MN44' } })],
        token: [solana({ method: 'balanceOfToken', params: ['FrYwrqLcGfmXrgJKcZfrzoWsZ3pqQB9pjjUC9PxSq3xT'], returnValueTest: { key: '$.amount', comparator: '>', value: '0' } })],
        collection: [solana({ method: 'balanceOfMetaplexCollection', params: ['FfyafED6kiJUFwEhogyTRQHiL6NguqNg9xcdeoyyJs33'], returnValueTest: { key: '', comparator: '>', value: '0' } })],
        'derived address': [solana({
            method: 'getBalance(getPDA)', params: [],
            pdaParams: ['metaqbxxUerdq28cj1RbAWkYQm3ybzjb6a8bt518x1s', 'metadata', 'pubkey:FfyafED6kiJUFwEhogyTRQHiL6NguqNg9xcdeoyyJs33'],
            pdaInterface: { offset: 1, fields: { updateAuthority: 32, mint: 32 } }, pdaKey: 'mint',
        })],
        'fields named as array indices': [solana({ pdaInterface: { offset: 8, fields: { b: 32, 10: 1, 2: 1, '01': 1, a: 32 } }, pdaParams: ['11111111111111111111111111111111'] })],
        'forms mixed': [oldSolana(), and, solana(), or, [oldSolana({ chain: 'solanaDevnet' })]],
        'arguments that are no strings': [oldSolana({ method: 'getAccountInfo', params: ['11111111111111111111111111111111', { commitment: 'finalized', n: 5, f: false, z: null }], returnValueTest: { key: '$.lamports', comparator: '>', value: '1' } })],
    },
    unifiedAccessControlConditions: {
        'all four': [balance, and, contractCall(), or, solana(), and, cosmos()],
        'cosmos wallet': [cosmos({ path: ':userAddress', returnValueTest: { key: '', comparator: '=', value: 'cosmos1vn6zl0924yj86jrp330wcwjclzdharljq03a8h' } })],
        'cosmos, method and parameters': [cosmos({ method: 'timelock', parameters: ['latest'], returnValueTest: { key: '$.txs[0].timestamp', comparator: '<', value: '86400' } })],
        kyve: [cosmos({ chain: 'kyve', path: '/kyve/registry/v1beta1/funders_list/0', returnValueTest: { key: '$.funders', comparator: 'contains', value: ':userAddress' } })],
        nested: [[balance, or, cosmos()], and, [solana(), or, [contractCall()]]],
    },
};

const vectors = [];
for (const [kind, cases] of Object.entries(documents)) {
    const [hash, canonical] = kinds[kind];
    for (const [name, conditions] of Object.entries(cases)) {
        const digest = Buffer.from(await hash(conditions)).toString('hex');
        const json = JSON.stringify(conditions.map(canonical));
        vectors.push({ kind, name, conditions: JSON.stringify(conditions), canonical: json, hash: digest });
    }
}
const source = `@lit-protocol/access-control-conditions ${version} (npm, MIT), by tests/vectors/recipes/lit-conditions.mjs`;
console.log(JSON.stringify({ source, vectors }, null, 1));
