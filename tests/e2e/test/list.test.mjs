import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concat, keccak256 } from 'ethers';
import { listTree } from '../lib/list.mjs';

const wallet = (number) => ({ EthereumWallet: `0x${number.toString(16).padStart(2, '0').repeat(20)}` });

test('the root is the chain’s (pallets/primitives/src/permission_list.rs)', () => {
  assert.equal(listTree([wallet(1), wallet(2)]).root, '0x1a4e73d084e6a3b30791bd038bdd03820c69382b481c66da3121b6516ca6c02e');
});

test('every proof leads from its leaf to the root', () => {
  for (let length = 1; length <= 9; length += 1) {
    const methods = Array.from({ length }, (_, i) => wallet(i));
    const { root, proofs } = listTree(methods);
    methods.forEach((method, i) => {
      const leaf = keccak256(keccak256(concat(['0x01', method.EthereumWallet])));
      assert.equal(proofs[i].reduce((node, sibling) => keccak256(concat([node, sibling].sort())), leaf), root, `${i} of ${length}`);
    });
  }
});
