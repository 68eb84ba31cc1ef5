// The same by viem, signed by a key of the test.
import { encodeFunctionData, keccak256, parseAbi, recoverAddress, serializeTransaction } from 'viem';
import { privateKeyToAccount, sign } from 'viem/accounts';

const { gasLimit: gas, chainId, nonce, maxFeePerGas, maxPriorityFeePerGas, to } = jsParams.transaction;
const data = encodeFunctionData({ abi: parseAbi(['function transfer(address to, uint256 amount)']), functionName: 'transfer', args: [jsParams.to, BigInt(jsParams.amount)] });
const fields = { type: 'eip1559', chainId, nonce, gas: BigInt(gas), maxFeePerGas: BigInt(maxFeePerGas), maxPriorityFeePerGas: BigInt(maxPriorityFeePerGas), to, data };
const unsigned = serializeTransaction(fields), digest = keccak256(unsigned);
jsParams.done((async () => {
    const signature = await sign({ hash: digest, privateKey: jsParams.key });
    const signed = serializeTransaction(fields, signature);
    return {
        unsigned, digest, signed, from: await recoverAddress({ hash: digest, signature }), hash: keccak256(signed),
        wallet: privateKeyToAccount(jsParams.key).address,
    };
})());
