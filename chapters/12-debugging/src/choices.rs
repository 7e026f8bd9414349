//! Decisions: from a seed, or from a list.

use std::cell::RefCell;
use std::fmt;
use std::rc::Rc;

use crate::steps::Steps;

/// Decides which of several possibilities comes next, and keeps a record of its decisions.
///
/// The possibilities are numbered from 0. For the entries of a ready queue 0 is the oldest, so a list of
/// zeros is the order of a loop in a program. A clone is the same source.
///
/// ```
/// use debugging::Choices;
///
/// let choices = Choices::seeded(7);
/// let some: Vec<usize> = (0..5).map(|_| choices.choose(3)).collect();
/// assert_eq!(choices.taken(), some);
///
/// // The record replays the run.
/// let again = Choices::listed(&choices.taken());
/// assert_eq!((0..5).map(|_| again.choose(3)).collect::<Vec<_>>(), some);
/// ```
#[derive(Clone)]
pub struct Choices {
    inside: Rc<RefCell<Inside>>,
}

struct Inside {
    source: Source,
    taken: Vec<usize>,
    steps: Option<Steps>,
}

enum Source {
    /// A seed. One decision in `odds` is another one than 0.
    Seeded {
        random: Random,
        odds: u64,
    },
    Listed(Vec<usize>),
}

impl Choices {
    /// Decisions from a seed: the same seed gives the same decisions on every machine.
    ///
    /// Of eight seeds in a row two decide evenly. The others take the oldest more and more often: in the
    /// last two, one decision in eight is another one. Some faults need many deviations from the usual
    /// order, and some need few.
    #[must_use]
    pub fn seeded(seed: u64) -> Choices {
        Choices::from(Source::Seeded {
            random: Random(seed),
            odds: 1 << (seed / 2 % 4),
        })
    }

    /// These decisions, and 0 from their end on. One that is not possible is taken for the last that is.
    #[must_use]
    pub fn listed(decisions: &[usize]) -> Choices {
        Choices::from(Source::Listed(decisions.to_vec()))
    }

    fn from(source: Source) -> Choices {
        Choices {
            inside: Rc::new(RefCell::new(Inside {
                source,
                taken: Vec::new(),
                steps: None,
            })),
        }
    }

    /// The same, which tells each decision that is not 0.
    pub(crate) fn telling(self, steps: Steps) -> Choices {
        self.inside.borrow_mut().steps = Some(steps);
        self
    }

    /// One of `0..among`. With fewer than two possibilities there is nothing to decide: 0, and no record.
    pub fn choose(&self, among: usize) -> usize {
        if among < 2 {
            return 0;
        }
        let mut inside = self.inside.borrow_mut();
        let place = inside.taken.len();
        let chosen = match &mut inside.source {
            Source::Listed(decisions) => {
                (decisions.get(place).copied().unwrap_or(0)).min(among - 1)
            }
            Source::Seeded { random, odds } => match random.below(*odds) {
                0 => random.below(among as u64) as usize,
                _ => 0,
            },
        };
        inside.taken.push(chosen);
        if let Some(steps) = inside.steps.as_ref().filter(|_| chosen > 0) {
            steps.push(format!(
                "decision {}: takes {chosen} of 0 to {}",
                place + 1,
                among - 1
            ));
        }
        chosen
    }

    /// The decisions so far.
    #[must_use]
    pub fn taken(&self) -> Vec<usize> {
        self.inside.borrow().taken.clone()
    }
}

impl fmt::Debug for Choices {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Choices")
            .field("taken", &self.inside.borrow().taken)
            .finish_non_exhaustive()
    }
}

/// SplitMix64 (Steele, Lea and Flood, 2014): every seed is a good one.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// One of `0..bound`. The bounds here are so small that the bias of a remainder does not matter.
    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}
