//! The laws of a shrunk schedule, for every program of four decisions that fails or passes.

use std::cell::Cell;

use debugging::shrink::{find, shrink};

/// Whether a program fails: one bit for each set of decisions that are taken.
fn failure(program: u16, schedule: &[usize]) -> Option<&'static str> {
    let taken = (schedule.iter().enumerate())
        .map(|(place, &decision)| usize::from(decision != 0) << place)
        .sum::<usize>();
    (program >> taken & 1 == 1).then_some("fails")
}

#[test]
fn a_shrunk_schedule_fails_and_no_single_decision_of_it_can_go() {
    // The whole schedule fails, so the last bit is set. Every seventh program, to be quick.
    for program in (1_u16 << 15..=u16::MAX).step_by(7) {
        let runs = Cell::new(0);
        let shrunk = shrink(&[3, 1, 2, 1], &"fails", |schedule| {
            runs.set(runs.get() + 1);
            failure(program, schedule)
        });
        assert_eq!(failure(program, &shrunk), Some("fails"), "{program:b}");
        assert_ne!(shrunk.last(), Some(&0), "{program:b}");
        for place in (0..shrunk.len()).filter(|&place| shrunk[place] != 0) {
            let mut fewer = shrunk.clone();
            fewer[place] = 0;
            assert_eq!(failure(program, &fewer), None, "{program:b}: {shrunk:?}");
        }
        assert!(runs.get() <= 100 + 10 * 4 * 5, "{}", runs.get());
    }
}

#[test]
fn nothing_is_run_after_the_seed_that_fails() {
    let run = Cell::new(Vec::new());
    let found = find(
        [9, 4, 7, 8],
        |seed| {
            run.set(run.take().into_iter().chain([seed]).collect());
            (seed == 7).then(|| (vec![0, 2, 1], "fails"))
        },
        |schedule| (schedule.get(1) == Some(&2)).then_some("fails"),
    )
    .unwrap();
    assert_eq!((found.seed, found.failure), (7, "fails"));
    assert_eq!(found.schedule, [0, 2]);
    assert_eq!(run.take(), [9, 4, 7]);
}
