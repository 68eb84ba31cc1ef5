// Lists of auth methods that a PKP permits by their Merkle root: pallets/primitives/src/permission_list.rs, by ethers.
import { concat, keccak256 } from 'ethers';

/** By codec index, with the bytes that follow it: pallets/primitives/src/authorisation.rs. */
const METHODS = ['Account', 'EthereumWallet', 'ContractWallet', 'SolanaWallet', 'CosmosWallet'];

const leaf = (method) => {
  const [[kind, value]] = Object.entries(method);
  return keccak256(keccak256(concat([`0x0${METHODS.indexOf(kind)}`, value])));
};
const parent = (a, b) => keccak256(concat([a, b].sort()));

/** `{ root, proofs }` of auth methods as `pkp.permit` takes them; the proofs in their order, from the leaf's sibling up. */
export function listTree(methods) {
  const proofs = methods.map(() => []);
  let places = methods.map((_, i) => i);
  let row = methods.map(leaf);
  while (row.length > 1) {
    places.forEach((place, i) => { if (row[place ^ 1]) proofs[i].push(row[place ^ 1]); });
    places = places.map((place) => place >> 1);
    row = Array.from({ length: Math.ceil(row.length / 2) }, (_, i) => (row[2 * i + 1] ? parent(row[2 * i], row[2 * i + 1]) : row[2 * i]));
  }
  return { root: row[0], proofs };
}
