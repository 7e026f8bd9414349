//! The hostile stream as a program that blocks sees it.

use std::io::{self, ErrorKind, Read, Write};

use probe::run;
use probe_io::hostile::{Ended, HostileStream, Script, hostile};

const TEXT: &[u8] = b"one two three";

#[test]
fn the_same_stream_answers_a_program_that_blocks() {
    let run = run!();
    for script in Script::of_all(2) {
        let (mut stream, witness) = hostile(&run, &script, TEXT);
        let ended = Ended::Ready(copied(&mut stream));
        assert_eq!(
            witness.verdict(&ended, &witness.input()),
            None,
            "{script:?}"
        );
    }
}

/// Reads all and writes all, with another try after `Interrupted` and after `WouldBlock`.
fn copied(stream: &mut HostileStream) -> io::Result<()> {
    let mut buffer = [0; 5];
    loop {
        let count = again(|| stream.read(&mut buffer))?;
        if count == 0 {
            return again(|| stream.flush());
        }
        let mut left = &buffer[..count];
        while !left.is_empty() {
            match again(|| stream.write(left))? {
                0 => return Err(ErrorKind::WriteZero.into()),
                taken => left = &left[taken..],
            }
        }
    }
}

fn again<T>(mut call: impl FnMut() -> io::Result<T>) -> io::Result<T> {
    loop {
        match call() {
            Err(error)
                if matches!(error.kind(), ErrorKind::Interrupted | ErrorKind::WouldBlock) => {}
            result => return result,
        }
    }
}
