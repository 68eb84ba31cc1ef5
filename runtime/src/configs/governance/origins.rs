//! Origins that referenda dispatch with, beside root.

#[frame_support::pallet]
pub mod pallet {
    use frame_support::{pallet_prelude::*, traits::OriginTrait};

    #[pallet::pallet]
    pub struct Pallet<T>(_);

    #[pallet::config]
    pub trait Config: frame_system::Config {}

    /// What a track other than root's may do.
    #[pallet::origin]
    #[derive(
        Clone, Copy, Debug, PartialEq, Eq, Encode, Decode, DecodeWithMemTracking, MaxEncodedLen, TypeInfo,
    )]
    pub enum Origin {
        /// May refuse more machines than before.
        #[codec(index = 0)]
        Tighten,
    }

    /// Tells whether an origin is [`Origin::Tighten`].
    pub struct EnsureTighten;

    impl<O> EnsureOrigin<O> for EnsureTighten
    where
        O: OriginTrait + From<Origin>,
        for<'a> &'a O::PalletsOrigin: TryInto<&'a Origin>,
    {
        type Success = ();

        fn try_origin(origin: O) -> Result<(), O> {
            let is_tighten = matches!(origin.caller().try_into(), Ok(Origin::Tighten));
            is_tighten.then_some(()).ok_or(origin)
        }

        #[cfg(feature = "runtime-benchmarks")]
        fn try_successful_origin() -> Result<O, ()> {
            Ok(O::from(Origin::Tighten))
        }
    }
}
