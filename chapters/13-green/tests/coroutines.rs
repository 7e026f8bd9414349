//! Coroutines: values there and back, panics, drops, and where they may be suspended.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;

use generators::{Generator, Step};
use green::{Coroutine, Yielder};

/// Says in a list that it was dropped.
struct Noted(&'static str, Rc<RefCell<Vec<&'static str>>>);

impl Drop for Noted {
    fn drop(&mut self) {
        self.1.borrow_mut().push(self.0);
    }
}

fn message(run: impl FnOnce()) -> String {
    let panic = catch_unwind(AssertUnwindSafe(run)).expect_err("it panics");
    match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => (*panic.downcast::<&str>().expect("it is text")).to_owned(),
    }
}

#[test]
fn values_go_in_and_out() {
    let mut adds = Coroutine::new(|out: &Yielder<i32, i32>, first| {
        let mut sum = first;
        for _ in 0..1_000 {
            sum += out.suspend(sum);
        }
        sum.to_string()
    })
    .unwrap();
    for step in 1..=1_000 {
        assert_eq!(adds.resume(1), Step::Yielded(step));
    }
    assert_eq!(adds.resume(1), Step::Complete("1001".to_owned()));
    assert!(adds.has_ended());
}

#[test]
fn nothing_runs_before_the_first_resume() {
    let runs = Rc::new(Cell::new(0));
    let counts = Rc::clone(&runs);
    let mut one =
        Coroutine::new(move |_: &Yielder<(), ()>, ()| counts.set(counts.get() + 1)).unwrap();
    assert_eq!(runs.get(), 0);
    assert_eq!(one.resume(()), Step::Complete(()));
    assert_eq!(runs.get(), 1);
}

#[test]
fn one_coroutine_may_resume_another() {
    let mut outer = Coroutine::new(|out: &Yielder<(), u32>, ()| {
        let mut inner = Coroutine::new(|out: &Yielder<u32, u32>, first| {
            let second = out.suspend(first * 10);
            second * 100
        })
        .unwrap();
        for value in [1, 2] {
            let (Step::Yielded(answer) | Step::Complete(answer)) = inner.resume(value);
            out.suspend(answer);
        }
    })
    .unwrap();
    assert_eq!(outer.resume(()), Step::Yielded(10));
    assert_eq!(outer.resume(()), Step::Yielded(200));
    assert_eq!(outer.resume(()), Step::Complete(()));
}

#[test]
fn the_registers_of_both_sides_are_kept() {
    // Optimized code keeps several of these in registers, also floating-point ones, across the switches.
    let body = |out: &Yielder<f64, f64>, first: f64| {
        let (mut a, mut b, mut c) = (first, first * 2.0, 7_u64);
        for round in 0..10_000_u64 {
            let sent = out.suspend(a + b);
            (a, b, c) = (b + sent, a - sent, c.wrapping_mul(31).wrapping_add(round));
        }
        a + b + c as f64
    };
    let mut coroutines = [1.0, 2.0, 3.0].map(|first| (first, Coroutine::new(body).unwrap()));
    let mut expected = [1.0, 2.0, 3.0].map(|first| (first, first * 2.0));
    for round in 0..10_000 {
        for ((_, coroutine), (a, b)) in coroutines.iter_mut().zip(&mut expected) {
            let sent = f64::from(round) / 4.0;
            let first = if round == 0 { *a } else { sent };
            if round > 0 {
                (*a, *b) = (*b + sent, *a - sent);
            }
            assert_eq!(
                coroutine.resume(first),
                Step::Yielded(*a + *b),
                "round {round}"
            );
        }
    }
}

#[test]
fn a_panic_goes_to_the_resumer_and_the_coroutine_has_ended() {
    let dropped = Rc::default();
    let held = Noted("a local", Rc::clone(&dropped));
    let mut fails = Coroutine::new(move |out: &Yielder<(), ()>, ()| {
        let _held = held;
        out.suspend(());
        panic!("in the body");
    })
    .unwrap();
    assert_eq!(fails.resume(()), Step::Yielded(()));
    assert_eq!(message(|| _ = fails.resume(())), "in the body");
    assert_eq!(*dropped.borrow(), ["a local"]);
    assert!(fails.has_ended());
    let said = message(|| _ = fails.resume(()));
    assert_eq!(said, "a green thread that has ended was resumed");
}

#[test]
fn dropping_a_suspended_coroutine_runs_the_destructors_on_its_stack() {
    fn deep(depth: u32, out: &Yielder<(), ()>, dropped: &Rc<RefCell<Vec<&'static str>>>) {
        let _held = Noted(["c", "b", "a"][depth as usize], Rc::clone(dropped));
        match depth {
            0 => out.suspend(()),
            _ => deep(depth - 1, out, dropped),
        }
        dropped.borrow_mut().push("not reached");
    }
    let dropped = Rc::default();
    let list = Rc::clone(&dropped);
    let mut coroutine =
        Coroutine::new(move |out: &Yielder<(), ()>, ()| deep(2, out, &list)).unwrap();
    assert_eq!(coroutine.resume(()), Step::Yielded(()));
    drop(coroutine);
    assert_eq!(*dropped.borrow(), ["c", "b", "a"]);
}

#[test]
fn a_coroutine_that_never_began_drops_its_body() {
    let dropped = Rc::default();
    let held = Noted("captured", Rc::clone(&dropped));
    let coroutine = Coroutine::new(move |_: &Yielder<(), ()>, ()| drop(held)).unwrap();
    drop(coroutine);
    assert_eq!(*dropped.borrow(), ["captured"]);
}

#[test]
fn a_body_that_catches_its_unwinding_goes_on_and_may_not_suspend() {
    let said = Rc::new(RefCell::new(String::new()));
    let hears = Rc::clone(&said);
    let mut stubborn = Coroutine::new(move |out: &Yielder<(), ()>, ()| {
        let first = catch_unwind(AssertUnwindSafe(|| out.suspend(())));
        assert!(first.is_err());
        *hears.borrow_mut() = message(|| out.suspend(()));
    })
    .unwrap();
    assert_eq!(stubborn.resume(()), Step::Yielded(()));
    drop(stubborn);
    let said = said.borrow();
    assert_eq!(
        *said,
        "a green thread was suspended by a destructor while it unwinds"
    );
}

#[test]
fn a_yielder_suspends_only_on_its_own_stack() {
    let mut outer = Coroutine::new(|out: &Yielder<(), u32>, ()| {
        let inner_says = |out: &Rc<Yielder<(), u32>>| {
            let out = Rc::clone(out);
            let mut inner =
                Coroutine::new(move |_: &Yielder<(), ()>, ()| message(|| out.suspend(1))).unwrap();
            match inner.resume(()) {
                Step::Complete(said) => said,
                Step::Yielded(()) => "yielded".to_owned(),
            }
        };
        inner_says(&Rc::new(out.clone()))
    })
    .unwrap();
    let said = "a green thread was suspended by code that does not run on its stack";
    assert_eq!(outer.resume(()), Step::Complete(said.to_owned()));
}

#[test]
fn a_drop_during_a_panic_unwinds_the_coroutine_as_well() {
    let dropped = Rc::default();
    let held = Noted("a local", Rc::clone(&dropped));
    let said = message(|| {
        let mut coroutine = Coroutine::new(move |out: &Yielder<(), ()>, ()| {
            let _held = held;
            out.suspend(());
        })
        .unwrap();
        let _ = coroutine.resume(());
        panic!("outside");
    });
    assert_eq!(said, "outside");
    assert_eq!(*dropped.borrow(), ["a local"]);
}

#[test]
fn ten_thousand_coroutines_are_suspended_at_the_same_time() {
    let mut all: Vec<_> = (0..10_000_u32)
        .map(|number| {
            Coroutine::new(move |out: &Yielder<(), u32>, ()| {
                out.suspend(number);
                number + 1
            })
            .expect("the system gives ten thousand stacks")
        })
        .collect();
    for (number, coroutine) in (0..).zip(&mut all) {
        assert_eq!(coroutine.resume(()), Step::Yielded(number));
    }
    for (number, coroutine) in (1..).zip(&mut all) {
        assert_eq!(coroutine.resume(()), Step::Complete(number));
    }
}

#[test]
#[cfg(all(unix, not(feature = "elsewhere")))]
fn a_stack_knows_how_much_of_it_was_used() {
    fn fill(out: &Yielder<(), ()>) {
        let array = std::hint::black_box([1_u8; 100_000]);
        out.suspend(());
        std::hint::black_box(array);
    }
    let mut coroutine =
        Coroutine::with_stack(1 << 20, |out: &Yielder<(), ()>, ()| fill(out)).unwrap();
    assert!(
        coroutine.stack_used() <= 8_192,
        "{}",
        coroutine.stack_used()
    );
    let _ = coroutine.resume(());
    let used = coroutine.stack_used();
    assert!((100_000..800_000).contains(&used), "{used}");
    assert_eq!(coroutine.stack_size(), 1 << 20);
}

#[test]
#[cfg(all(unix, not(feature = "elsewhere")))]
fn a_backtrace_ends_where_the_stack_begins() {
    let mut traced = Coroutine::with_stack(256 * 1024, |_: &Yielder<(), ()>, ()| {
        std::backtrace::Backtrace::force_capture().to_string()
    })
    .unwrap();
    let Step::Complete(trace) = traced.resume(()) else {
        panic!("it does not suspend");
    };
    assert!(trace.contains("by_hand::begin"), "{trace}");
    assert!(!trace.contains("test::run_test"), "{trace}");
}
