//! 9.7 file: a file that reads ahead, and its one position.

#[path = "file/machine.rs"]
mod machine;
#[path = "file/seeking.rs"]
mod seeking;
#[path = "file/target.rs"]
mod target;

use std::io::{self, Cursor, SeekFrom};
use std::rc::Rc;

use super::subject::File;
use futures::io::{AsyncReadExt, AsyncSeekExt, AsyncWriteExt};
use machine::{ALPHABET, KNOWN, Reference, Yours};
use probe::runs::Search;
use probe::{run, snapshot};
use target::{POOL, TEXT, file, shown};
use wakers::block_on;

#[test]
fn bytes_are_read_in_their_order() {
    let run = run!();
    let mut file = file();
    let mut text = Vec::new();
    let end = block_on(file.read_to_end(&mut text));
    if end.is_err() || text != TEXT {
        run.departs(format!(
            "The file holds {}, and this was read: {}.",
            shown(TEXT),
            shown(&text)
        ));
    }
}

#[test]
fn a_relative_seek_counts_from_where_the_caller_has_read_up_to() {
    let run = run!("relative");
    let mut file = file();
    let mut word = [0; 3];
    let _ = block_on(file.read_exact(&mut word));
    run.recorder()
        .says("caller", format!("reads {}", shown(&word)));
    let position = block_on(file.seek(SeekFrom::Current(2)));
    run.recorder()
        .says("caller", format!("seeks 2 bytes forward: {position:?}"));
    if !matches!(position, Ok(5..)) {
        run.departs(format!(
            "Three bytes were read, and the file was moved forward by two. Its position is 5; `seek` returned {position:?}."
        ));
    }
    if !matches!(position, Ok(5)) {
        run.diagnose(
            "seek-counts-read-ahead",
            format!(
                "Three bytes were read, and the file was moved forward by two. Its position is 5; `seek` returned {position:?}. The thread had read \
                 more than the caller asked for, and the seek counted from there."
            ),
        );
    }
    let _ = block_on(file.read_exact(&mut word));
    run.recorder()
        .says("caller", format!("reads {}", shown(&word)));
    if &word == b"345" {
        run.diagnose(
            "read-ahead-kept",
            "The file was moved to position 5, and the caller read the bytes from position 3: they had been read ahead before the seek.",
        );
    }
    if &word != b"567" {
        run.departs(format!(
            "At position 5 the file holds 567, and {} was read.",
            shown(&word)
        ));
    }
    snapshot!(run);
}

#[test]
fn a_write_begins_where_the_caller_has_read_up_to() {
    let run = run!("write");
    let mut file = file();
    let mut word = [0; 3];
    let _ = block_on(file.read_exact(&mut word));
    run.recorder()
        .says("caller", format!("reads {}", shown(&word)));
    let written = block_on(async {
        file.write_all(b"XY").await?;
        file.flush().await?;
        file.seek(SeekFrom::Start(0)).await
    });
    run.recorder().says("caller", "writes XY");
    let mut text = Vec::new();
    let _ = block_on(file.read_to_end(&mut text));
    run.recorder()
        .says("file", format!("holds {}", shown(&text)));
    if written.is_err() || text != b"012XY56789abcdef" {
        run.diagnose(
            "write-after-read-ahead",
            format!(
                "Three bytes were read, and XY was written: the file is to hold 012XY56789abcdef. It holds {}. The thread had read more than the \
                 caller asked for, and the write began behind that.",
                shown(&text)
            ),
        );
    }
    snapshot!(run);
}

#[test]
fn every_short_run_is_that_of_a_file_that_does_not_read_ahead() {
    Search::of(&ALPHABET)
        .up_to(3)
        .and_random(60, 10, 0xf11e)
        .naming(&KNOWN)
        .compare(&run!(), Yours::new, Reference::new);
}

#[test]
fn a_flush_waits_until_the_bytes_are_written() {
    seeking::flushed(&run!());
}

#[test]
fn a_large_file_is_copied_whole() {
    let run = run!();
    let bytes: Vec<u8> = (0..1_000_000_u32)
        .map(|number| number.to_le_bytes()[1])
        .collect();
    let pool = POOL.with(Rc::clone);
    let mut source = File::new(&pool, Cursor::new(bytes.clone()));
    let mut target = File::new(&pool, Cursor::new(Vec::new()));
    let copied = block_on(async {
        futures::io::copy(&mut source, &mut target).await?;
        target.seek(SeekFrom::Start(0)).await?;
        let mut copy = Vec::new();
        target.read_to_end(&mut copy).await?;
        io::Result::Ok(copy)
    });
    if copied.ok().as_ref() != Some(&bytes) {
        run.departs("A million bytes were copied from one file to another, and the copy differs.");
    }
}

#[test]
fn a_write_or_a_seek_that_is_dropped_moves_nothing() {
    seeking::given_up();
}

#[test]
fn a_write_reports_a_target_that_cannot_go_back() {
    seeking::a_target_that_cannot(&run!());
}

#[test]
fn a_write_without_bytes_to_go_back_over_does_not_seek() {
    seeking::nothing_to_go_back_over(&run!());
}

#[test]
fn a_seek_by_as_much_as_was_read_ahead_moves_the_file() {
    seeking::by_what_was_read_ahead(&run!());
}

#[test]
fn a_seek_below_the_start_fails_and_moves_nothing() {
    seeking::below_the_start(&run!());
}

#[test]
fn the_thread_that_uses_the_file_makes_no_call_itself() {
    seeking::on_another_thread(&run!());
}

#[test]
fn an_empty_write_moves_nothing() {
    let run = run!();
    let mut file = file();
    let mut word = [0; 3];
    let _ = block_on(file.read_exact(&mut word));
    let _ = block_on(async {
        let _ = file.write(b"").await?;
        file.flush().await
    });
    let _ = block_on(file.read_exact(&mut word));
    if &word != b"345" {
        run.diagnose(
            "empty-write-moves",
            format!("Three bytes were read, and then no byte was written. At position 3 the file holds 345, and the next read returned {}.", shown(&word)),
        );
    }
}

#[test]
fn a_seek_counts_back_over_a_whole_chunk() {
    seeking::over_a_chunk(&run!());
}
