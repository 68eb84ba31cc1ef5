// A real EVM chain: Foundry's anvil, in a process of its own, with contracts of ours. On another platform than Linux on
// x86-64, add its package of anvil to package.json.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { ContractFactory, JsonRpcProvider, NonceManager, Wallet } from 'ethers';
import { adopt, tied } from '../lib/children.mjs';
import { waitFor } from '../lib/wait.mjs';

const require = createRequire(import.meta.url);
/** The chain id of Hardhat and of anvil: what the presets register as `hardhat`. */
export const CHAIN_ID = 31_337;
/** Of anvil's first account, as anvil prints it: for development only. */
const RICH = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';

export class EvmChain {
  #child;

  /** Starts one that makes a block of each transaction. */
  static async start() {
    const arch = { x64: 'amd64', arm64: 'arm64' }[process.arch];
    const binary = require.resolve(`@foundry-rs/anvil-${process.platform}-${arch}/bin/anvil`);
    const child = spawn(...tied(binary, ['--host', '127.0.0.1', '--port', '0', '--chain-id', String(CHAIN_ID)]), { stdio: ['ignore', 'pipe', 'inherit'] });
    adopt(child);
    const chain = new EvmChain();
    chain.#child = child;
    let said = '';
    child.stdout.on('data', (text) => { if (!chain.url) said += text; });
    chain.url = await waitFor('anvil to listen', () => {
      const [, address] = said.match(/Listening on (127\.0\.0\.1:[1-9]\d*)/) ?? [];
      return address && `http://${address}`;
    }, { timeout: 30_000, every: 50, alive: () => { if (child.exitCode !== null) throw new Error(`anvil ended with ${child.exitCode}: ${said}`); } });
    // Without a cache and batches: every answer is the chain's, now.
    chain.provider = new JsonRpcProvider(chain.url, CHAIN_ID, { staticNetwork: true, cacheTimeout: -1, batchMaxCount: 1 });
    chain.rich = new NonceManager(new Wallet(RICH, chain.provider));
    return chain;
  }

  /** A new account with `ether`. */
  async account(ether = 1n) {
    const wallet = Wallet.createRandom(this.provider);
    await this.mined(this.rich.sendTransaction({ to: wallet.address, value: ether * 10n ** 18n }));
    return wallet;
  }

  async deploy({ abi, bytecode }) {
    const contract = await new ContractFactory(abi, bytecode, this.rich).deploy();
    return contract.waitForDeployment();
  }

  /** Waits until a transaction is in a block. */
  async mined(sending) {
    const receipt = await (await sending).wait();
    if (receipt.status !== 1) throw new Error(`transaction ${receipt.hash} failed`);
    return receipt;
  }

  stop() {
    this.provider.destroy();
    this.#child.kill('SIGKILL');
  }
}

/** Compiles Solidity: `{ <contract>: { abi, bytecode } }`. */
export function compile(sources) {
  const solc = require('solc');
  const settings = { outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } }, optimizer: { enabled: true } };
  const input = { language: 'Solidity', sources: Object.fromEntries(Object.entries(sources).map(([name, content]) => [name, { content }])), settings };
  const { errors = [], contracts } = JSON.parse(solc.compile(JSON.stringify(input)));
  const fatal = errors.filter(({ severity }) => severity === 'error');
  if (fatal.length) throw new Error(fatal.map(({ formattedMessage }) => formattedMessage).join('\n'));
  const all = Object.values(contracts).flatMap((file) => Object.entries(file));
  return Object.fromEntries(all.map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }]));
}

/** Our contracts, and one that gives back what it is given, in each of `types`: `echo<position>`. */
export function contracts(types) {
  const value = (type) => (/\]$|^bytes$|^string$/.test(type) ? `${type} memory` : type);
  const echo = types.map((type, i) => `function echo${i}(${value(type)} it) external pure returns (${value(type)}) { return it; }`);
  return compile({
    'contracts.sol': readFileSync(join(import.meta.dirname, 'contracts.sol'), 'utf8'),
    'echo.sol': `pragma solidity ^0.8.20;\ncontract Echo {\n${echo.join('\n')}\n` +
      'function both(uint256 a, string memory b) external pure returns (bool, string memory, uint256) { return (a > 0, b, a + 1); }\n}',
  });
}

/** Every type of the ABI but tuples, with a value of it, another, and how conditions ask for it. */
export function typesAndValues() {
  const fill = (size, byte) => `0x${byte.repeat(size)}`;
  const sizes = (from, to, by) => Array.from({ length: (to - from) / by + 1 }, (_, i) => from + i * by);
  const plain = [
    ['address', fill(20, 'a1'), fill(20, 'a2')],
    ['bool', true, false],
    ['bytes', '0x00ff80', '0x00ff81'],
    ['string', 'naïve “quotes” 漢字', 'else'],
    ...sizes(8, 256, 8).map((bits) => [`uint${bits}`, String(2n ** BigInt(bits) - 1n), '0']),
    ...sizes(8, 256, 8).map((bits) => [`int${bits}`, String(-(2n ** BigInt(bits - 1))), String(2n ** BigInt(bits - 1) - 1n)]),
    ...sizes(1, 32, 1).map((size) => [`bytes${size}`, fill(size, 'f1'), fill(size, 'f2')]),
  ];
  const arrays = [
    ['uint256[]', ['1', '2', '3'], '2', '4'],
    ['address[2]', [fill(20, '01'), fill(20, '02')], fill(20, '02'), fill(20, '03')],
    ['string[]', ['a', 'b'], 'b', 'c'],
    ['bytes[1]', ['0xabcd'], '0xabcd', '0xab'],
    ['int16[]', ['-1'], '-1', '1'],
    ['bool[3]', [false, false, true], true, undefined],
    ['bytes4[]', ['0x01020304', '0x05060708'], '0x05060708', '0x05060709'],
  ];
  return [
    ...plain.map(([type, value, other]) => ({ type, argument: value, value, other })),
    ...arrays.map(([type, argument, value, other]) => ({ type, argument, value, other, anyElement: true })),
  ];
}

/** A condition on `echo`: that it gives back `value`. */
export const echoes = (contract, position, { type, argument, anyElement }, value) => ({
  evmCall: {
    chain: 'hardhat', contract, function: `echo${position}`, inputs: [type], arguments: [argument], outputs: [type], output: 0,
    ...(anyElement ? { anyElement } : {}), comparator: '=', value,
  },
});
