//! push_parser: a function that reads, and is pushed to.

#[path = "push_parser/lists.rs"]
mod lists;
#[path = "push_parser/runs.rs"]
mod runs;

// The tests below come first, and then those of these modules, in this order.
#[path = "push_parser/unread.rs"]
mod unread;

#[path = "push_parser/ends.rs"]
mod ends;

use std::cell::{Cell, RefCell};
use std::io::Read;
use std::rc::Rc;

use super::subject::{Input, Progress, PushParser};
use lists::list;
use probe::{Run, panics, run, snapshot};

/// A parser of this run.
fn parser<T: 'static>(function: impl FnOnce(Input) -> T + 'static) -> PushParser<T> {
    PushParser::new(function).expect("the system gives a stack")
}

/// Pushes, and shows what came of it.
#[track_caller]
fn pushes<T: std::fmt::Debug + 'static>(
    run: &Run,
    parser: &mut PushParser<T>,
    bytes: &str,
) -> Progress<T> {
    let call = run.recorder().enters("parser", format!("push({bytes:?})"));
    let pushed = run.risk(
        Some("never-suspends"),
        "The function asked for a byte that had not been pushed, and `push` did not return: `read` waits without a `suspend`.",
        || panics::expected(|| parser.push(bytes.as_bytes())),
    );
    let progress = match pushed {
        Ok(progress) => progress,
        Err(panic) if panic.message.contains("already") && panic.message.contains("borrowed") => run.diagnose(
            "borrow-across-switch",
            "The function was suspended in `read`, and what `read` had borrowed stayed borrowed. The next `push` borrowed it, too, and panicked.",
        ),
        Err(panic) => run.departs(format!("`push` panicked: {}", panic.message)),
    };
    call.returns(match &progress {
        Progress::NeedsMore => "NeedsMore".to_owned(),
        Progress::Done { value, .. } => format!("Done, {value:?}"),
    });
    progress
}

#[test]
fn the_function_begins_in_the_first_push_and_not_before() {
    let run = run!();
    let begun = Rc::new(Cell::new(false));
    let flag = Rc::clone(&begun);
    let mut parser = parser(move |_| flag.set(true));
    if begun.get() {
        run.diagnose(
            "eager-start",
            "The function ran in `new`. It begins in the first `push`.",
        );
    }
    let progress = pushes(&run, &mut parser, "ab");
    if progress == Progress::NeedsMore {
        run.departs("The function returns without a read. Expected: Done.");
    }
    if PushParser::new(|_| 7)
        .expect("the system gives a stack")
        .finish()
        != 7
    {
        run.departs("`finish` was called before any `push`. Expected: what the function returns.");
    }
}

#[test]
fn a_small_read_leaves_the_rest_of_the_chunk_for_the_next_one() {
    let run = run!("small_reads");
    let (recorder, read) = (run.recorder().clone(), Rc::<RefCell<String>>::default());
    let lengths = Rc::<RefCell<Vec<usize>>>::default();
    let (all, sizes) = (Rc::clone(&read), Rc::clone(&lengths));
    let mut parser = parser(move |mut input| {
        while all.borrow().len() < 8 {
            let mut two = [0; 2];
            let read = input.read(&mut two).expect("it has no errors");
            sizes.borrow_mut().push(read);
            let text = String::from_utf8_lossy(&two[..read.min(2)]).into_owned();
            recorder.says("function", format!("reads {text:?}"));
            all.borrow_mut().push_str(&text);
            if read == 0 {
                break;
            }
        }
    });
    let first = pushes(&run, &mut parser, "abcde");
    if first == Progress::NeedsMore && read.borrow().len() < 5 {
        for bytes in ["fgh", "ij", "kl"] {
            if !read.borrow().contains("ab") || read.borrow().len() < 4 {
                pushes(&run, &mut parser, bytes);
            }
        }
        if read.borrow().starts_with("abc") {
            run.diagnose(
                "asks-with-bytes-unread",
                "The function reads two bytes at a time, and a chunk of five was pushed. `push` returned `NeedsMore` while some of the five were unread.",
            );
        }
        if read.borrow().starts_with("abf") {
            run.diagnose(
                "rest-of-chunk-lost",
                "The function read two bytes of a chunk of five. Its next read got bytes of the next chunk, and three bytes were never read.",
            );
        }
    }
    if lengths.borrow().starts_with(&[1, 1]) && read.borrow().starts_with("ab") {
        run.diagnose(
            "reads-one-byte",
            "The function read into a buffer of two bytes while five were there, and `read` returned one byte. Expected: as many as there are and fit.",
        );
    }
    if first != Progress::NeedsMore || *read.borrow() != "abcde" {
        run.departs("A chunk of five bytes was pushed, and the function reads two at a time. Expected: it reads all five, and then NeedsMore.");
    }
    let second = pushes(&run, &mut parser, "fgh");
    if second == Progress::NeedsMore || *read.borrow() != "abcdefgh" {
        run.departs("The function ends when it has read eight bytes. Expected: Done.");
    }
    snapshot!(run);
}

#[test]
fn a_recursive_function_is_suspended_between_the_chunks() {
    let run = run!("nested");
    let mut parser = parser(|mut input| list(&mut input));
    for bytes in ["[1,[2", "0,[", "3]],4"] {
        if pushes(&run, &mut parser, bytes) != Progress::NeedsMore {
            run.departs("The list has not ended in this chunk. Expected: NeedsMore.");
        }
    }
    let last = pushes(&run, &mut parser, "]");
    let Progress::Done { value, .. } = last else {
        run.departs("The list has ended with this chunk. Expected: Done.");
    };
    if value != "[1,[20,[3]],4]" {
        run.departs("Expected: the list that was pushed, [1,[20,[3]],4].");
    }
    snapshot!(run);
}

#[test]
fn a_push_without_bytes_is_not_the_end() {
    let run = run!("empty_push");
    let mut parser = parser(|mut input| {
        let mut all = String::new();
        input.read_to_string(&mut all).expect("it has no errors");
        all
    });
    for bytes in ["", "ab", "", "c"] {
        match pushes(&run, &mut parser, bytes) {
            Progress::NeedsMore => {}
            Progress::Done { .. } if bytes.is_empty() => run.diagnose(
                "empty-chunk-is-the-end",
                "A chunk without bytes was pushed, and the function's `read` returned 0. For a `Read` that is the end of the input.",
            ),
            Progress::Done { .. } => run.departs("The function reads to the end of its input, which has not come. Expected: NeedsMore."),
        }
    }
    let call = run.recorder().enters("parser", "finish()");
    let value = run.risk(
        None,
        "`finish` was called, and the function, which reads to the end of its input, did not return.",
        || parser.finish(),
    );
    call.returns(format!("{value:?}"));
    if value != "abc" {
        run.departs("Expected: the function has read \"abc\" when its input ends.");
    }
    snapshot!(run);
}

#[test]
fn the_end_stays_the_end() {
    let run = run!();
    let reads = Rc::new(Cell::new(0));
    let counts = Rc::clone(&reads);
    let mut parser = parser(move |mut input| {
        let mut byte = [0];
        while input.read(&mut byte).expect("it has no errors") > 0 {}
        counts.set(1);
        let again = input.read(&mut byte).expect("it has no errors");
        counts.set(2);
        again
    });
    pushes(&run, &mut parser, "a");
    let finished = run.risk(
        Some("end-said-once"),
        "`finish` was called. The function read the end of its input, and read once more, as a `BufReader` may do. `finish` did not return.",
        || panics::expected(|| parser.finish()),
    );
    match (finished.map_err(|panic| panic.message), reads.get()) {
        (Ok(0), 2) => {}
        (Err(message), 1) => run.diagnose(
            "end-said-once",
            format!("The function read the end of its input, and read once more, as a `BufReader` may do. The second read suspended it, and `finish` panicked: {message}"),
        ),
        (other, reads) => run.departs(format!("Expected: both reads after `finish` return 0. Seen: {other:?}, after {reads} reads of the end.")),
    }
}

#[test]
fn two_parsers_have_nothing_in_common() {
    let run = run!();
    let counts = || {
        parser(|mut input: Input| {
            let mut bytes = Vec::new();
            input.read_to_end(&mut bytes).expect("it has no errors")
        })
    };
    let (mut first, mut second) = (counts(), counts());
    pushes(&run, &mut first, "abc");
    pushes(&run, &mut second, "d");
    run.recorder().says("first parser", "finish()");
    let ended = panics::expected(|| first.finish()).map_err(|panic| panic.message);
    if ended != Ok(3) {
        run.departs(format!(
            "Three bytes were pushed to the first parser, and one to a second one. The first one's function counts its bytes. Expected: 3. Seen: {ended:?}."
        ));
    }
    let more = pushes(&run, &mut second, "ef");
    if more != Progress::NeedsMore {
        run.departs(format!(
            "The first of two parsers was finished. Then bytes were pushed to the second one, whose function reads to the end of its input. \
             Expected: NeedsMore. Seen: {more:?}."
        ));
    }
    let ended = panics::expected(|| second.finish()).map_err(|panic| panic.message);
    if ended != Ok(3) {
        run.departs(format!("Three bytes were pushed to the second parser. Its function counts them. Expected: 3. Seen: {ended:?}."));
    }
}
