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
