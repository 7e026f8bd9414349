//! The first of several.

use std::cell::Cell;
use std::future::{pending, ready};
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::Poll;

use composition::{Winner, select, select_all, select_with_rest};
use probe::detect::DropCounter;
use probe::{Run, run};
use probe_futures::laws::dropping;
use probe_futures::{Poller, anchored, gate, pending_times, poller, spy};

fn task(name: &str) -> Poller {
    poller(&probe::Recorder::default(), name)
}

const ROUNDS: usize = 1_000;

/// How often each of the futures wins, of a thousand selects in which all are ready.
fn wins(of: usize, mut select: impl FnMut() -> usize) -> Vec<usize> {
    let mut wins = vec![0; of];
    (0..ROUNDS).for_each(|_| wins[select()] += 1);
    wins
}

fn of_two(biased: bool) -> usize {
    let both = select(ready(()), ready(()));
    let both = if biased { both.biased() } else { both };
    match task("A").poll(pin!(both)) {
        Poll::Ready(Winner::First(())) => 0,
        Poll::Ready(Winner::Second(())) => 1,
        Poll::Pending => panic!("both are ready"),
    }
}

#[test]
fn of_two_that_are_ready_at_the_same_moment_each_wins_about_half_the_time() {
    let wins = wins(2, || of_two(false));
    assert!(
        wins.iter().all(|wins| (400..=600).contains(wins)),
        "{wins:?}"
    );
}

#[test]
fn selects_that_take_turns_are_each_fair() {
    let mut first_selects = Vec::new();
    for _ in 0..ROUNDS {
        first_selects.push(of_two(false));
        of_two(false);
    }
    let seconds: usize = first_selects.iter().sum();
    assert!((400..=600).contains(&seconds), "{seconds}");
}

#[test]
fn the_choices_are_the_same_in_every_run() {
    let choices = || {
        std::thread::spawn(|| (0..64).map(|_| of_two(false)).collect::<Vec<_>>())
            .join()
            .unwrap()
    };
    assert_eq!(choices(), choices());
}

#[test]
fn a_biased_select_takes_the_first() {
    assert_eq!(wins(2, || of_two(true)), [ROUNDS, 0]);
}

#[test]
fn each_of_a_list_wins_about_as_often() {
    let select = || match task("A").poll(pin!(select_all([0, 1, 2, 3].map(ready)))) {
        Poll::Ready((place, output)) if place == output => place,
        other => panic!("{other:?}"),
    };
    let wins = wins(4, select);
    assert!(
        wins.iter().all(|wins| (180..=320).contains(wins)),
        "{wins:?}"
    );
    let all = select_all([0, 1, 2].map(ready)).biased();
    assert_eq!(task("A").poll(pin!(all)), Poll::Ready((0, 0)));
}

#[test]
#[should_panic(expected = "none of no futures")]
fn no_futures_are_refused() {
    drop(select_all::<std::future::Ready<()>>([]));
}

#[test]
fn the_loser_is_dropped_before_the_winner_is_returned() {
    for winner in [0, 1] {
        let live = DropCounter::new();
        let (keys, gates): (Vec<_>, Vec<_>) = (0..2).map(|_| gate::<()>()).unzip();
        let [first, second] = <[_; 2]>::try_from(gates).unwrap().map(|gate| {
            let token = live.token();
            async move {
                let _token = token;
                gate.await;
            }
        });
        let mut both = Box::pin(select(first, second));
        let a = task("A");
        assert!(a.poll(both.as_mut()).is_pending());
        keys[winner].open(());
        assert!(a.poll(both.as_mut()).is_ready());
        assert_eq!(live.alive(), 0);
    }
    let live = DropCounter::new();
    let tokens = [1, 0, 2].map(|times| {
        let token = live.token();
        async move {
            let _token = token;
            pending_times(times, ()).await;
        }
    });
    let mut all = Box::pin(select_all(tokens));
    assert_eq!(task("A").poll(all.as_mut()), Poll::Ready((1, ())));
    assert_eq!(live.alive(), 0);
}

#[test]
fn the_rest_is_handed_back_with_its_state() {
    let (key, mut slow) = gate();
    let a = task("A");
    for round in 0..3 {
        let mut both = Box::pin(select_with_rest(pending_times(1, round), slow));
        assert!(a.poll(both.as_mut()).is_pending());
        match a.poll(both.as_mut()) {
            Poll::Ready(Winner::First((output, rest))) if output == round => slow = rest,
            _ => panic!("the first is ready at its second poll"),
        }
    }
    key.open('x');
    let both = select_with_rest(pending::<()>(), slow);
    assert!(matches!(
        a.poll(pin!(both)),
        Poll::Ready(Winner::Second((_, 'x')))
    ));
    let biased = select_with_rest(ready(1), ready(2)).biased();
    assert!(matches!(
        a.poll(pin!(biased)),
        Poll::Ready(Winner::First((1, _)))
    ));
}

#[test]
fn either_future_wakes_the_task_that_polled_last() {
    for opened in [0, 1] {
        let (keys, gates): (Vec<_>, Vec<_>) = (0..2).map(|_| gate::<()>()).unzip();
        let [first, second] = <[_; 2]>::try_from(gates).unwrap();
        let mut both = Box::pin(select(first, second));
        let [a, b] = ["A", "B"].map(task);
        assert!(a.poll(both.as_mut()).is_pending());
        assert!(b.poll(both.as_mut()).is_pending());
        keys[opened].open(());
        assert_eq!((a.wakes(), b.wakes()), (0, 1));
    }
}

#[test]
fn a_pending_select_polls_each_future_once_and_does_not_wake_itself() {
    let polls = Rc::new(Cell::new(0));
    let counts = || {
        let polls = Rc::clone(&polls);
        std::future::poll_fn(move |_| {
            polls.set(polls.get() + 1);
            Poll::<()>::Pending
        })
    };
    let mut all = Box::pin(select_all((0..5).map(|_| counts())));
    let a = task("A");
    for round in 1..=4 {
        assert!(a.poll(all.as_mut()).is_pending());
        assert_eq!((polls.get(), a.wakes()), (5 * round, 0));
    }
}

#[test]
fn dropped_at_any_suspension_point_it_leaves_neither_future() {
    dropping::at_every_pause(
        || run!(),
        |_| {
            let live = DropCounter::new();
            let [first, second] = [4, 3].map(|times| {
                let token = live.token();
                async move {
                    pending_times(times, ()).await;
                    drop(token);
                }
            });
            (select(first, second), live)
        },
        |_| (),
        |_, live, polls| assert_eq!(live.alive(), 0, "dropped after {polls} polls"),
    );
}

#[test]
fn a_future_is_not_moved_between_its_polls() {
    let run = Run::unnamed();
    let child = |times| anchored(&run, spy(&run, "child", pending_times(times, ())));
    let mut both = Box::pin(select(child(3), child(4)));
    let a = task("A");
    while a.poll(both.as_mut()).is_pending() {}
}

#[test]
#[should_panic(expected = "polled after it was ready")]
fn a_poll_after_ready_panics() {
    let a = task("A");
    let mut both = Box::pin(select(ready(()), ready(())));
    assert!(a.poll(both.as_mut()).is_ready());
    let _panics = a.poll(Pin::new(&mut both));
}
