//! How the function ends; a reader of the standard library, and every short run.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Read};
use std::rc::Rc;

use super::super::subject::Progress;
use super::runs::{ALPHABET, KNOWN, Model, Yours};
use super::{parser, pushes};
use probe::runs::Search;
use probe::{leaks, panics, run};

#[test]
fn a_panic_of_the_function_comes_out_of_the_push() {
    let run = run!();
    let mut parser = parser(|mut input| {
        let _ = input.read(&mut [0]);
        panic!("no list");
    });
    let pushes = ["", "x", "y"].map(|bytes| {
        panics::expected(|| parser.push(bytes.as_bytes()).map_never())
            .map_err(|panic| panic.message)
    });
    match &pushes {
        [Ok(()), Err(message), Err(_)] if message == "no list" => {}
        [Ok(()), Ok(()), _] => run.diagnose(
            "panic-swallowed",
            "The function read a byte and panicked. `push` returned NeedsMore, and its caller never learns of the panic.",
        ),
        [Ok(()), Err(message), Ok(())] if message == "no list" => run.diagnose(
            "asks-after-the-end",
            "The function has panicked, so it has ended. The next `push` returned NeedsMore. Expected: a panic.",
        ),
        _ => run.departs(format!("The function panics when it has read a byte. Expected: NeedsMore, its panic, and a panic for the push after that. Seen: {pushes:?}.")),
    }
}

#[test]
fn a_push_after_the_function_has_returned_panics() {
    let run = run!();
    let mut parser = parser(|_| ());
    pushes(&run, &mut parser, "a");
    match panics::expected(|| parser.push(b"b")) {
        Err(_) => {}
        Ok(Progress::NeedsMore) => run.diagnose(
            "asks-after-the-end",
            "The function had returned. The next `push` returned NeedsMore, as if the function would read these bytes. Expected: a panic.",
        ),
        Ok(Progress::Done { .. }) => run.departs("The function had returned, and the next `push` said Done once more. Expected: a panic."),
    }
}

trait MapNever {
    fn map_never(self);
}

impl MapNever for Progress<()> {
    fn map_never(self) {
        assert!(matches!(self, Progress::NeedsMore), "it returned");
    }
}

#[test]
fn wherever_it_is_dropped_the_function_is_unwound() {
    leaks::nothing_is_left(&run!(), 4, |values, case| {
        let (local, captured, fails) = (
            values.token(),
            values.token(),
            case.end == leaks::End::Panics,
        );
        let mut parser = parser(move |mut input| {
            let _local = local;
            let mut byte = [0];
            while input.read(&mut byte).is_ok_and(|read| read > 0) {
                assert!(byte[0] != b'!', "in the function");
            }
            drop(captured);
        });
        for _ in 0..case.steps {
            parser.push(b"a");
        }
        if fails {
            parser.push(b"!");
        }
    });
}

#[test]
fn lines_are_read_by_the_standard_library() {
    let run = run!();
    let lines = Rc::<RefCell<Vec<String>>>::default();
    let list = Rc::clone(&lines);
    let mut parser = parser(move |input| {
        for line in BufReader::new(input).lines() {
            list.borrow_mut().push(line.expect("it is UTF-8"));
        }
    });
    let text = "one\nзима\n\nlast".repeat(5_000);
    for chunk in text.as_bytes().chunks(701) {
        parser.push(chunk);
    }
    parser.finish();
    if !lines.borrow().iter().eq(text.lines()) {
        run.departs("A `BufReader` read the lines of a text of 90,000 bytes, which came in chunks of 701. Its lines are others.");
    }
}

#[test]
fn every_short_run_is_as_expected() {
    let search = Search::of(&ALPHABET)
        .up_to(4)
        .and_random(30, 30, 13)
        .naming(&KNOWN);
    search.compare(&run!(), Yours::new, Model::new);
}
