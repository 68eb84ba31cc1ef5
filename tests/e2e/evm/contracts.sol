// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

// As much of each standard as conditions ask and the scenarios move. Not for use: nobody is told of a transfer.

contract Coin {
    mapping(address => uint256) public balanceOf;

    constructor() {
        balanceOf[msg.sender] = 1_000_000 ether;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

contract Badge {
    mapping(address => uint256) public balanceOf;
    mapping(uint256 => address) private owners;

    function mint(uint256 token) external {
        require(owners[token] == address(0), "minted");
        owners[token] = msg.sender;
        balanceOf[msg.sender] += 1;
    }

    function ownerOf(uint256 token) external view returns (address) {
        require(owners[token] != address(0), "no such token");
        return owners[token];
    }

    function transferFrom(address from, address to, uint256 token) external {
        require(owners[token] == from && msg.sender == from, "not the owner");
        balanceOf[from] -= 1;
        balanceOf[to] += 1;
        owners[token] = to;
    }
}

contract Items {
    mapping(address => mapping(uint256 => uint256)) private balances;

    constructor() {
        balances[msg.sender][7] = 100;
        balances[msg.sender][8] = 100;
    }

    function balanceOf(address account, uint256 id) external view returns (uint256) {
        return balances[account][id];
    }

    function safeTransferFrom(address from, address to, uint256 id, uint256 amount, bytes calldata) external {
        require(msg.sender == from, "not the owner");
        balances[from][id] -= amount;
        balances[to][id] += amount;
    }
}

// A wallet that is a contract (EIP-1271): whoever owns it signs for it.
contract Vault {
    address public owner = msg.sender;

    function give(address to) external {
        require(msg.sender == owner, "not the owner");
        owner = to;
    }

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        require(signature.length == 65, "r, s, v");
        bytes32 r = bytes32(signature[0:32]);
        bytes32 s = bytes32(signature[32:64]);
        address signer = ecrecover(hash, uint8(signature[64]), r, s);
        return signer != address(0) && signer == owner ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
