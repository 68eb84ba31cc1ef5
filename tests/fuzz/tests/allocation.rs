//! A length that somebody claims costs no memory: what is decoded takes as much as there is of it, not as much as it says.
//! A binary of its own: nothing else may allocate while it measures.

use conclave_fuzz::{flood, TARGETS};
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// 2^30 - 1 as SCALE writes it, 2^32 - 1 as SCALE writes it, and as integers of fixed size.
const CLAIMS: [&[u8]; 3] = [&[0xfe, 0xff, 0xff, 0xff], &[0x03, 0xff, 0xff, 0xff, 0xff], &[0xff; 8]];
/// What another path through a target may take beyond the dearest of its seeds. The smallest claim is a thousand times as much.
const SLACK: usize = 1024 * 1024;

fn peak(run: fn(&[u8]), input: &[u8]) -> usize {
    ALLOCATOR.reset_peak_usage();
    let before = ALLOCATOR.current_usage();
    run(input);
    ALLOCATOR.peak_usage().saturating_sub(before)
}

#[test]
fn a_claimed_length_should_not_be_allocated() {
    // It does measure.
    assert!(peak(|input| drop(input.repeat(1024)), &[0; 64 * 1024]) >= 64 * SLACK);
    for target in TARGETS {
        let seeds = (target.seeds)();
        // What is made once, such as tables and fixtures, is there afterwards.
        seeds.iter().for_each(|seed| (target.run)(seed));
        let bound = seeds.iter().map(|seed| peak(target.run, seed)).max().unwrap_or(0) * 2 + SLACK;
        let places: usize = seeds.iter().map(Vec::len).sum();
        // As many as the target is worth mutations, spread over all seeds and claims.
        let step = (places * CLAIMS.len()).div_ceil(target.mutations as usize).max(1);
        let step = if step.is_multiple_of(CLAIMS.len()) { step + 1 } else { step };
        let all = seeds.iter().flat_map(|seed| {
            (0..seed.len()).flat_map(move |at| CLAIMS.iter().map(move |claim| (seed, at, claim)))
        });
        for (seed, at, claim) in all.step_by(step) {
            let mut input = seed.clone();
            input.splice(at..input.len().min(at + claim.len()), claim.iter().copied());
            let took = peak(target.run, &input);
            assert!(
                took <= bound,
                "{}: {took} bytes for {claim:02x?} at {at} of {}",
                target.name,
                seed.len()
            );
        }
        println!("{}: at most {bound} bytes", target.name);
    }
    // What fills a worker to its bounds takes no more when it goes on.
    let full = peak(|_| _ = flood(4_000), &[]);
    let flooded = peak(|_| _ = flood(8_000), &[]);
    println!("a flood: {full} bytes, one twice as long: {flooded} bytes");
    assert!(flooded <= full + SLACK, "{flooded} bytes, {full} in a flood half as long");
}
