// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

// Tokens of every layout that `attest find-slot` tells apart, as short as they can be: nothing is
// ever transferred. A test writes code and storage into a node.

contract Plain {
    uint256[5] private filler;
    mapping(address => uint256) public balanceOf;
}

// 96 bits in a word.
contract Narrow {
    mapping(address => uint96) private balances;

    function balanceOf(address holder) external view returns (uint256) {
        return balances[holder];
    }
}

// The top bit of a holder's word is a flag, as in USDC.
contract Flagged {
    uint256[9] private filler;
    mapping(address => uint256) private words;

    function balanceOf(address holder) external view returns (uint256) {
        return words[holder] & ((1 << 255) - 1);
    }
}

// The balance lies in the high bits.
contract High {
    mapping(address => uint256) private words;

    function balanceOf(address holder) external view returns (uint256) {
        return words[holder] >> 128;
    }
}

// The order of Vyper: keccak256(slot ++ holder).
contract VyperOrder {
    function balanceOf(address holder) external view returns (uint256 units) {
        assembly {
            mstore(0x00, 3)
            mstore(0x20, holder)
            units := sload(keccak256(0x00, 0x40))
        }
    }
}

// ERC-7201, namespace openzeppelin.storage.ERC20.
contract Namespaced {
    struct Storage {
        mapping(address => uint256) balances;
    }

    function balanceOf(address holder) external view returns (uint256) {
        Storage storage store;
        assembly {
            store.slot := 0x52c63247e1f47db19d5ce0460030c497f067ca4cebf71ba98eeadabe20bace00
        }
        return store.balances[holder];
    }
}

// keccak256(holder, 20 bytes ++ seed, 12 bytes), as Solady lays it out.
contract Solady {
    function balanceOf(address holder) external view returns (uint256 units) {
        assembly {
            mstore(0x0c, 0x87a211a2)
            mstore(0x00, holder)
            units := sload(keccak256(0x0c, 0x20))
        }
    }
}

// No layout that is known: a salt is hashed along.
contract Salted {
    function balanceOf(address holder) external view returns (uint256 units) {
        bytes32 place = keccak256(abi.encode(holder, uint256(7), uint256(11)));
        assembly {
            units := sload(place)
        }
    }
}

// Shares times an index.
contract Scaled {
    uint256 private index;
    mapping(address => uint256) private shares;

    function balanceOf(address holder) external view returns (uint256) {
        return (shares[holder] * index) / 1e27;
    }
}

// Shares times a factor that may be one.
contract Multiplied {
    uint256 private factor;
    mapping(address => uint256) private shares;

    function balanceOf(address holder) external view returns (uint256) {
        return shares[holder] * factor;
    }
}

// The same, but the factor is read only for a holder that has shares.
contract Shy {
    uint256 private factor;
    mapping(address => uint256) private shares;

    function balanceOf(address holder) external view returns (uint256) {
        uint256 held = shares[holder];
        return held == 0 ? 0 : held * factor;
    }
}

// Two balances of a holder, added.
contract Summed {
    mapping(address => uint256) private first;
    mapping(address => uint256) private second;

    function balanceOf(address holder) external view returns (uint256) {
        return first[holder] + second[holder];
    }
}

// A holder's balance can be hidden by a word of its own.
contract Frozen {
    mapping(address => uint256) private balances;
    mapping(address => bool) private frozen;

    function balanceOf(address holder) external view returns (uint256) {
        return frozen[holder] ? 0 : balances[holder];
    }
}

interface Legacy {
    function balanceOf(address holder) external view returns (uint256);
}

// A switch sends the question to another contract, as in USDT.
contract Switched {
    uint256[2] private filler;
    mapping(address => uint256) private balances;
    address private upgraded;
    bool private deprecated;
    bool private unrelated;

    function balanceOf(address holder) external view returns (uint256) {
        return deprecated ? Legacy(upgraded).balanceOf(holder) : balances[holder];
    }
}

// A word is read and decides nothing.
contract Harmless {
    uint256 private counter;
    mapping(address => uint256) private balances;

    function balanceOf(address holder) external view returns (uint256) {
        uint256 read = counter;
        assembly {
            mstore(0x80, read)
        }
        return balances[holder];
    }
}

// Balances are kept by another contract.
contract Fronted {
    Legacy private ledger;

    function balanceOf(address holder) external view returns (uint256) {
        return ledger.balanceOf(holder);
    }
}

// A proxy of EIP-1967, and one of zeppelinos, whose implementation is the word at a fixed place.
contract Proxy1967 {
    fallback() external {
        assembly {
            let to := sload(0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc)
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

contract ProxyZeppelinos {
    fallback() external {
        assembly {
            let to := sload(0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3)
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}

contract Beacon {
    address public implementation;
}

// The implementation is named by another contract's storage.
contract BeaconProxy {
    fallback() external {
        assembly {
            let beacon := sload(0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50)
            mstore(0, shl(224, 0x5c60da1b))
            pop(staticcall(gas(), beacon, 0, 4, 0, 32))
            let to := mload(0)
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), to, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }
}
