//! The tracks, as polkadot-js shows them.

use super::{origins::pallet::Origin, RuntimeOrigin};
use crate::{Balance, BlockNumber, OriginCaller, DAYS, HOURS, MINUTES, UNIT};
use alloc::borrow::Cow;
use frame_support::traits::OriginTrait;
use frame_system::RawOrigin;
use pallet_referenda::{Curve, Track, TrackInfo, TracksInfo};
use sp_runtime::{str_array, FixedI64, Perbill};

const ROOT: u16 = 0;
const TIGHTEN: u16 = 1;

const fn percent(value: i128) -> FixedI64 {
    FixedI64::from_rational(value as u128, 100)
}

/// Weeks, and half of all tokens unless it is nearly unanimous for long.
const ROOT_TRACK: Track<u16, Balance, BlockNumber> = Track {
    id: ROOT,
    info: TrackInfo {
        name: str_array("root"),
        max_deciding: 1,
        decision_deposit: 10_000 * UNIT,
        prepare_period: 2 * HOURS,
        decision_period: 14 * DAYS,
        confirm_period: DAYS,
        min_enactment_period: DAYS,
        min_approval: Curve::make_reciprocal(4, 14, percent(80), percent(50), percent(100)),
        min_support: Curve::make_linear(14, 14, percent(0), percent(50)),
    },
};

/// Half an hour where a quarter of all tokens votes for it, two thirds of the votes at least: as many as a committee needs.
const TIGHTEN_TRACK: Track<u16, Balance, BlockNumber> = Track {
    id: TIGHTEN,
    info: TrackInfo {
        name: str_array("tighten"),
        max_deciding: 10,
        decision_deposit: 1_000 * UNIT,
        prepare_period: 10 * MINUTES,
        decision_period: 7 * DAYS,
        confirm_period: 10 * MINUTES,
        min_enactment_period: 10 * MINUTES,
        min_approval: Curve::LinearDecreasing {
            length: Perbill::from_percent(100),
            floor: Perbill::from_percent(67),
            ceil: Perbill::from_percent(90),
        },
        min_support: Curve::LinearDecreasing {
            length: Perbill::from_percent(100),
            floor: Perbill::from_percent(5),
            ceil: Perbill::from_percent(25),
        },
    },
};

pub struct Tracks;

impl TracksInfo<Balance, BlockNumber> for Tracks {
    type Id = u16;
    type RuntimeOrigin = <RuntimeOrigin as OriginTrait>::PalletsOrigin;

    fn tracks() -> impl Iterator<Item = Cow<'static, Track<u16, Balance, BlockNumber>>> {
        [ROOT_TRACK, TIGHTEN_TRACK].into_iter().map(Cow::Owned)
    }

    fn track_for(origin: &Self::RuntimeOrigin) -> Result<u16, ()> {
        match origin {
            OriginCaller::system(RawOrigin::Root) => Ok(ROOT),
            OriginCaller::Origins(Origin::Tighten) => Ok(TIGHTEN),
            _ => Err(()),
        }
    }
}
