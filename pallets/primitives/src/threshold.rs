//! Two thirds means two thirds.

/// The most members a committee has: with more, a member's complaints of all dealers that may lie exceed what a block gives
/// one call.
pub const MAX_MEMBERS: u32 = 20;
/// The fewest members a committee has: with fewer, one absence stops it or t is 1.
pub const MIN_MEMBERS: u32 = 3;

/// t = ceil(2n/3): fewer than t of n members can neither sign nor learn a key.
pub const fn threshold_of(members: u32) -> u32 {
    // n ≤ MAX_MEMBERS everywhere; saturation only keeps the function total.
    members.saturating_mul(2).div_ceil(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threshold_should_be_the_smallest_two_thirds() {
        for n in 1..=MAX_MEMBERS {
            let t = threshold_of(n);
            assert!(3 * t >= 2 * n && 3 * (t - 1) < 2 * n, "n = {n}, t = {t}");
        }
        assert_eq!([3, 4, 7, 10, 20].map(threshold_of), [2, 3, 5, 7, 14]);
    }
}
