// An EIP-1559 transfer of tokens, encoded and hashed by ethers 5. It signs too slowly here: 20 s, without native help.
import { utils } from 'ethers5';

const data = new utils.Interface(['function transfer(address to, uint256 amount)']).encodeFunctionData('transfer', [jsParams.to, jsParams.amount]);
const unsigned = utils.serializeTransaction({ ...jsParams.transaction, type: 2, data });
jsParams.done({ unsigned, digest: utils.keccak256(unsigned) });
