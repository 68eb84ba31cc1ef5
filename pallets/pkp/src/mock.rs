//! A runtime with balances, the registry and root keys that a test sets.

use alloc::vec::Vec;
use conclave_primitives::{Curve, EncodedPoint, KeysetId, PkpId};
use conclave_vss::{Bls12381G1, Bls12381G2, Ed25519, Ristretto255, Secp256k1, Secp256r1, SharingCurve};
use frame_support::{
    derive_impl, parameter_types,
    traits::{fungible::InspectHold, ConstU16, ConstU32, ConstU64},
};
use group::{Group, GroupEncoding};
use sp_runtime::{traits::IdentityLookup, AccountId32, BuildStorage};

use crate::{HoldReason, ProvideRootKeys, SigningRoots};

pub(crate) const ALICE: AccountId32 = AccountId32::new([1; 32]);
pub(crate) const BOB: AccountId32 = AccountId32::new([2; 32]);
/// Has no funds: an account that does not exist.
pub(crate) const NOBODY: AccountId32 = AccountId32::new([3; 32]);
/// Anybody can sign for these: of sr25519 the identity, of Ed25519 the identity in two encodings, and a point of order 8.
pub(crate) const NOBODYS: [[u8; 32]; 4] = {
    let (mut one, mut large) = ([0; 32], [0xff; 32]);
    one[0] = 1;
    (large[0], large[31]) = (0xee, 0x7f);
    // The y coordinate of a generator of the torsion subgroup of edwards25519.
    let torsion = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a,
        0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ];
    [[0; 32], one, large, torsion]
};
pub(crate) const ENDOWMENT: u64 = 10_000;
pub(crate) const MINT_DEPOSIT: u64 = 100;
pub(crate) const PERMISSION_DEPOSIT: u64 = 7;
pub(crate) const MAX_PERMISSIONS: u32 = 3;
pub(crate) const SS58_PREFIX: u16 = 42;

type Block = frame_system::mocking::MockBlock<Test>;

#[frame_support::runtime]
mod runtime {
    #[runtime::runtime]
    #[runtime::derive(
        RuntimeCall,
        RuntimeEvent,
        RuntimeError,
        RuntimeOrigin,
        RuntimeFreezeReason,
        RuntimeHoldReason,
        RuntimeSlashReason,
        RuntimeLockId,
        RuntimeTask
    )]
    pub struct Test;

    #[runtime::pallet_index(0)]
    pub type System = frame_system::Pallet<Test>;
    #[runtime::pallet_index(1)]
    pub type Balances = pallet_balances::Pallet<Test>;
    #[runtime::pallet_index(2)]
    pub type Pkp = crate::Pallet<Test>;
}

#[derive_impl(frame_system::config_preludes::TestDefaultConfig)]
impl frame_system::Config for Test {
    type AccountId = AccountId32;
    type Lookup = IdentityLookup<AccountId32>;
    type Block = Block;
    type AccountData = pallet_balances::AccountData<u64>;
    type SS58Prefix = ConstU16<SS58_PREFIX>;
}

#[derive_impl(pallet_balances::config_preludes::TestDefaultConfig)]
impl pallet_balances::Config for Test {
    type AccountStore = System;
}

parameter_types! {
    pub static ServingRoots: Option<SigningRoots> = Some(roots(KeysetId(0)));
}

impl ProvideRootKeys for ServingRoots {
    fn signing_roots() -> Option<SigningRoots> {
        Self::get()
    }
}

impl crate::Config for Test {
    type Currency = Balances;
    type RuntimeHoldReason = RuntimeHoldReason;
    type RootKeys = ServingRoots;
    type MintDeposit = ConstU64<MINT_DEPOSIT>;
    type PermissionDeposit = ConstU64<PERMISSION_DEPOSIT>;
    type MaxPermissions = ConstU32<MAX_PERMISSIONS>;
    type LoginOrigin = frame_system::EnsureRoot<AccountId32>;
    type WeightInfo = ();
}

/// Root keys of a key set, with secrets that everybody knows.
pub(crate) fn roots(keyset: KeysetId) -> SigningRoots {
    let secret = |curve: Curve, root: u64| u64::from(keyset.0) * 100 + curve as u64 * 10 + root + 1;
    let root = |curve, root| match curve {
        Curve::Secp256k1 => public_key::<Secp256k1>(secret(curve, root)),
        Curve::Ed25519 => public_key::<Ed25519>(secret(curve, root)),
        Curve::Secp256r1 => public_key::<Secp256r1>(secret(curve, root)),
        Curve::Ristretto255 => public_key::<Ristretto255>(secret(curve, root)),
        Curve::Bls12381G1 => public_key::<Bls12381G1>(secret(curve, root)),
        Curve::Bls12381G2 => public_key::<Bls12381G2>(secret(curve, root)),
    };
    (keyset, Curve::SIGNING.map(|curve| (curve, vec![root(curve, 0), root(curve, 1)])).to_vec())
}

fn public_key<C: SharingCurve>(secret: u64) -> EncodedPoint {
    point((C::Group::generator() * C::Scalar::from(secret)).to_bytes().as_ref())
}

pub(crate) fn point(bytes: &[u8]) -> EncodedPoint {
    bytes.to_vec().try_into().expect("points have at most 96 bytes")
}

/// Block 1, Alice and Bob with funds.
pub(crate) fn new_test_ext() -> sp_io::TestExternalities {
    let genesis = RuntimeGenesisConfig {
        balances: pallet_balances::GenesisConfig {
            balances: vec![(ALICE, ENDOWMENT), (BOB, ENDOWMENT)],
            ..Default::default()
        },
        ..Default::default()
    };
    let mut ext = sp_io::TestExternalities::new(genesis.build_storage().expect("the genesis is well-formed"));
    ext.execute_with(|| System::set_block_number(1));
    ext
}

/// Runs a test, then checks the invariants.
pub(crate) fn run(test: impl FnOnce()) {
    ServingRoots::set(Some(roots(KeysetId(0))));
    new_test_ext().execute_with(|| {
        test();
        Pkp::do_try_state().expect("the invariants hold");
    });
}

/// Mints for `owner` and returns the id from the event.
pub(crate) fn must_mint(owner: AccountId32) -> PkpId {
    Pkp::mint(RuntimeOrigin::signed(owner)).expect("the mint succeeds");
    match System::events().pop().map(|record| record.event) {
        Some(RuntimeEvent::Pkp(crate::Event::Minted { id, .. })) => id,
        other => panic!("expected Minted, got {other:?}"),
    }
}

/// What is held from an account: for mints, for permissions.
pub(crate) fn held(who: &AccountId32) -> (u64, u64) {
    let on_hold = |reason: HoldReason| Balances::balance_on_hold(&reason.into(), who);
    (on_hold(HoldReason::Mint), on_hold(HoldReason::Permission))
}
