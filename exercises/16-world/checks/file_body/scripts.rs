//! Every length, every short script of reads, and hyper with this body.

use std::io::ErrorKind;
use std::pin::pin;
use std::rc::Rc;
use std::task::Poll;

use super::super::subject::{CHUNK, FileBody};
use super::bodies;
use super::bodies::{collected, served};
use probe::{run, snapshot};
use probe_futures::poller;
use probe_io::hostile::{Broken, Ended, Script, hostile};

#[test]
fn every_length_arrives_whole() {
    let run = run!();
    for length in [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_000] {
        let file: Vec<u8> = (0..length).map(|number| (number / 3) as u8).collect();
        let mut body = FileBody::new(&file[..], length as u64);
        let task = poller(run.recorder(), "task");
        let mut all = Vec::new();
        while let Poll::Ready(Some(Ok(data))) = bodies::polled(&run, &task, &mut body) {
            all.extend(data);
            run.recorder().clear();
        }
        if all != file {
            run.departs(format!(
                "A file of {length} bytes was sent, and what arrived are {} bytes or others.",
                all.len()
            ));
        }
    }
}

#[test]
fn every_short_script_of_reads_has_the_right_outcome() {
    const FILE: &[u8] = b"twelve bytes";
    let run = run!();
    for length in [12, 7, 15] {
        for script in Script::of_reads(4) {
            let (file, witness) = hostile(&run, &script, FILE);
            let all = Rc::default();
            let ended = witness.drive(pin!(collected(FileBody::new(file, length), &all)), || {});
            if let Some(broken @ Broken::CalledAfterFailure(_)) = witness.verdict(&ended, b"") {
                witness.report(broken, FILE, Some("called-after-failure"));
            }
            let result = match ended {
                Ended::Ready(result) => result,
                Ended::Not(broken) => witness.report(broken, FILE, bodies::name(broken)),
            };
            let arrived = all.take();
            if !FILE.starts_with(&arrived) {
                run.diagnose(
                    "lost-on-pending",
                    format!(
                        "Of the file {FILE:?} arrived {:?}.",
                        String::from_utf8_lossy(&arrived)
                    ),
                );
            }
            let expected = match witness.failure() {
                Some((_, kind)) => Err(kind),
                None if (arrived.len() as u64) < length => Err(ErrorKind::UnexpectedEof),
                None => Ok(()),
            };
            let result = result.map_err(|error| error.kind());
            if result != expected {
                run.departs(format!(
                    "{length} bytes were announced, and {} arrived. The body ended with {result:?}. Expected: {expected:?}.",
                    arrived.len()
                ));
            }
        }
    }
}

#[test]
fn hyper_announces_the_length_and_cuts_a_body_off_that_is_too_short() {
    let run = run!("served");
    served(&run, b"Welcome home!\n");
    served(&run, b"Welcome ");
    snapshot!(run);
}
