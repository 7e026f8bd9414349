//! What the function has read of a chunk, and what it has not.

use std::cell::Cell;
use std::io::Read;
use std::rc::Rc;

use super::super::subject::Progress;
use super::lists::list;
use super::{parser, pushes};
use probe::{run, snapshot};
use probe_io::heap;

#[test]
fn what_the_function_has_not_read_is_counted() {
    let run = run!("unread");
    let mut parser = parser(|mut input| list(&mut input));
    pushes(&run, &mut parser, "[1,");
    let last = pushes(&run, &mut parser, "2][3]");
    let Progress::Done { unread, .. } = last else {
        run.departs("The list has ended. Expected: Done.");
    };
    run.recorder()
        .says("caller", format!("{unread} bytes are unread"));
    match unread {
        3 => {}
        0 => run.diagnose(
            "unread-not-counted",
            "Five bytes were pushed, and the function returned when it had read two of them. The other three begin the next list, and `unread` says 0.",
        ),
        5 => run.diagnose(
            "unread-not-counted",
            "Five bytes were pushed, and the function returned when it had read two of them. `unread` counts the whole push.",
        ),
        _ => run.departs(format!("Five bytes were pushed, and the function read two of them. Expected: 3 unread. Seen: {unread}.")),
    }
    snapshot!(run);
}

#[test]
fn a_large_chunk_is_counted_exactly() {
    let run = run!();
    for (length, read) in [(5, 0), (300, 3), (70_000, 1), (70_000, 69_000)] {
        let mut parser = parser(move |mut input| {
            input
                .read_exact(&mut vec![0; read])
                .expect("it has no errors");
        });
        let progress = parser.push(&vec![b'x'; length]);
        let expected = length - read;
        match progress {
            Progress::Done { unread, .. } if unread == expected => {}
            Progress::Done { unread, .. } => run.diagnose(
                "unread-not-counted",
                format!("{length} bytes were pushed, and the function returned when it had read {read} of them. Expected: {expected} unread. Seen: {unread}."),
            ),
            Progress::NeedsMore => run.departs(format!("{length} bytes were pushed. The function needs {read} of them, and asks for more.")),
        }
    }
}

#[test]
fn a_large_read_returns_what_is_there() {
    let run = run!();
    let mut parser =
        parser(|mut input| input.read(&mut vec![0; 60_000]).expect("it has no errors"));
    match parser.push(&vec![b'x'; 50_000]) {
        Progress::Done { value: 50_000, unread: 0 } => {}
        Progress::Done { value, .. } => run.diagnose(
            "reads-less-than-fits",
            format!("The function read into a buffer of 60,000 bytes while 50,000 were there, and `read` returned {value}. Expected: as many as there are and fit."),
        ),
        Progress::NeedsMore => run.departs("The function read into a buffer of 60,000 bytes while 50,000 were there, and was suspended. Expected: it gets the 50,000."),
    }
}

#[test]
fn bytes_that_were_read_are_not_kept() {
    let run = run!();
    let mut parser = parser(|mut input| {
        let mut block = [0; 4_096];
        while input.read(&mut block).is_ok_and(|read| read > 0) {}
    });
    let chunk = [b'x'; 4_096];
    let before = heap::in_use();
    for _ in 0..500 {
        parser.push(&chunk);
    }
    let kept = heap::in_use() - before;
    if kept > 1_000_000 {
        run.diagnose(
            "read-bytes-kept",
            format!("500 chunks of 4 KiB were pushed, and the function has read each of them. The parser holds {} KiB more than before.", kept / 1_024),
        );
    }
    if parser.push(b"") != Progress::NeedsMore {
        run.departs(
            "The function reads to the end of its input, which has not come. Expected: NeedsMore.",
        );
    }
}

#[test]
fn a_read_into_an_empty_buffer_returns_at_once() {
    let run = run!();
    let called = Rc::new(Cell::new(false));
    let flag = Rc::clone(&called);
    let mut parser = parser(move |mut input| {
        flag.set(true);
        input.read(&mut []).expect("it has no errors")
    });
    match pushes(&run, &mut parser, "") {
        Progress::Done { value: 0, .. } => {}
        Progress::NeedsMore if !called.get() => run.diagnose(
            "empty-chunk-skipped",
            "The first chunk had no bytes, and `push` did not call the function. This function needs no bytes: it returns at once.",
        ),
        Progress::NeedsMore => run.diagnose(
            "empty-buffer-suspends",
            "The function read into an empty buffer, and was suspended. No byte is missing: such a read returns 0 at once.",
        ),
        Progress::Done { value, .. } => run.departs(format!("A read into an empty buffer returned {value}. Expected: 0.")),
    }
}
