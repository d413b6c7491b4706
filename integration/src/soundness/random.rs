//! [`Random`]: draws subsets from a seed, the same ones on every machine and in every release.
//!
//! The generator is `SplitMix64` (Steele, Lea and Flood, "Fast splittable pseudorandom number
//! generators", 2014): a counter that grows by the golden ratio, and a mixing of its bits.

use std::ops::RangeInclusive;

use crate::soundness::sets::{SETS, Set};

/// Numbers that follow from a seed.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Random {
        Random(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below the limit. The bias of the remainder is negligible for limits as small as ours.
    fn below(&mut self, limit: usize) -> usize {
        let limit = u64::try_from(limit).expect("a count fits");
        usize::try_from(self.next() % limit).expect("less than a count")
    }

    /// Draws a subset of all sets, in the order of the table: first its size, then one of the remaining sets
    /// after another.
    pub(crate) fn draw_subset(&mut self, sizes: &RangeInclusive<usize>) -> Vec<&'static Set> {
        let span = sizes.end().saturating_sub(*sizes.start()) + 1;
        let size = (sizes.start() + self.below(span)).min(SETS.len());
        let mut left: Vec<usize> = (0..SETS.len()).collect();
        let mut drawn: Vec<usize> = Vec::new();
        while drawn.len() < size {
            let place = self.below(left.len());
            drawn.push(left.swap_remove(place));
        }
        drawn.sort_unstable();
        drawn.into_iter().map(|index| &SETS[index]).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_generator_is_the_published_one() {
        // The first values for the seed 1234567, as its authors' reference program prints them.
        let mut random = Random::new(1_234_567);
        assert_eq!(random.next(), 6_457_827_717_110_365_317);
        assert_eq!(random.next(), 3_203_168_211_198_807_973);
    }

    #[test]
    fn subsets_are_sets_of_the_wanted_sizes() {
        let mut random = Random::new(7);
        let mut sizes = BTreeSet::new();
        let mut names = BTreeSet::new();
        for _ in 0..200 {
            let subset = random.draw_subset(&(2..=4));
            let distinct: BTreeSet<&str> = subset.iter().map(|set| set.name).collect();
            assert_eq!(distinct.len(), subset.len());
            sizes.insert(subset.len());
            names.extend(distinct);
        }
        assert_eq!(sizes.into_iter().collect::<Vec<_>>(), [2, 3, 4]);
        assert_eq!(names.len(), SETS.len());
    }

    #[test]
    fn a_seed_gives_the_same_subsets_again() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            let subsets = (0..5).map(|_| random.draw_subset(&(5..=10)));
            let named = subsets.map(|all| all.iter().map(|set| set.name).collect::<Vec<_>>());
            named.collect::<Vec<_>>()
        };
        assert_eq!(draw(3), draw(3));
        assert_ne!(draw(3), draw(4));
    }
}
