//! Benchmarks: each call at its worst.

use alloc::vec;
use conclave_primitives::{
    actions::{Limits, Prices, MAX_PUBLISHED_BYTES},
    Cid,
};
use frame_benchmarking::v2::*;
use frame_support::traits::{fungible::Mutate, EnsureOrigin, Get};
use frame_system::RawOrigin;
use sp_runtime::Saturating;

use crate::{
    types::BalanceOf, Call, Config, ExecutionLimits, ExecutionPrices, Pallet, Program, Publications,
};

/// A program of so many bytes.
fn program(bytes: u32) -> Program {
    Program::truncate_from(vec![b';'; bytes as usize])
}

/// An account that can pay for the longest program.
fn funded<T: Config>() -> T::AccountId
where
    T::Currency: Mutate<T::AccountId>,
{
    let who = account("publisher", 0, 0);
    let minimum: BalanceOf<T> =
        <T::Currency as frame_support::traits::fungible::Inspect<_>>::minimum_balance();
    let bytes = T::ByteDeposit::get().saturating_mul(MAX_PUBLISHED_BYTES.into());
    let funds =
        T::ProgramDeposit::get().saturating_add(bytes).saturating_add(minimum.saturating_mul(2u32.into()));
    T::Currency::set_balance(&who, funds);
    who
}

#[benchmarks(where T::Currency: Mutate<T::AccountId>)]
mod benchmarks {
    use super::*;

    #[benchmark]
    fn publish(b: Linear<1, MAX_PUBLISHED_BYTES>) {
        let who = funded::<T>();
        let code = program(b);
        let cid = Cid::of(&code);
        #[extrinsic_call]
        _(RawOrigin::Signed(who), code);
        assert!(Publications::<T>::contains_key(cid));
    }

    #[benchmark]
    fn unpublish() -> Result<(), BenchmarkError> {
        let who = funded::<T>();
        let code = program(MAX_PUBLISHED_BYTES);
        let cid = Cid::of(&code);
        Pallet::<T>::do_publish(who.clone(), code)?;
        #[extrinsic_call]
        _(RawOrigin::Signed(who), cid);
        assert!(!Publications::<T>::contains_key(cid));
        Ok(())
    }

    #[benchmark]
    fn set_limits() -> Result<(), BenchmarkError> {
        let origin = T::SettingsOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, Limits::CEILING);
        assert_eq!(ExecutionLimits::<T>::get(), Limits::CEILING);
        Ok(())
    }

    #[benchmark]
    fn set_prices() -> Result<(), BenchmarkError> {
        let origin = T::SettingsOrigin::try_successful_origin().map_err(|()| BenchmarkError::Weightless)?;
        let prices = Prices { action: u128::MAX, ..Prices::default() };
        #[extrinsic_call]
        _(origin as T::RuntimeOrigin, prices);
        assert_eq!(ExecutionPrices::<T>::get(), prices);
        Ok(())
    }

    impl_benchmark_test_suite!(Pallet, crate::mock::externalities(), crate::mock::Test);
}
