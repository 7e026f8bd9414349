//! 5.8 water-marks: when to stop writing.

use super::subject::{Flow, Marks, WriteBuffer};
use probe::{Run, run, snapshot};

/// A buffer, and what its writer has been told.
struct Watched {
    run: Run,
    buffer: WriteBuffer,
    marks: Marks,
    paused: bool,
}

impl Watched {
    fn new(run: &Run, low: usize, high: usize) -> Watched {
        let marks = Marks { high, low };
        Watched {
            run: run.clone(),
            buffer: WriteBuffer::new(marks),
            marks,
            paused: false,
        }
    }

    #[track_caller]
    fn push(&mut self, count: usize) {
        let call = self
            .run
            .recorder()
            .enters("buffer", format!("push {count}"));
        let flow = self.buffer.push(&vec![b'.'; count]);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    #[track_caller]
    fn written(&mut self, count: usize) {
        let call = self
            .run
            .recorder()
            .enters("buffer", format!("written {count}"));
        let flow = self.buffer.written(count);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    #[track_caller]
    fn marks(&mut self, low: usize, high: usize) {
        self.marks = Marks { high, low };
        let call = (self.run.recorder()).enters("buffer", format!("marks {low} and {high}"));
        let flow = self.buffer.set_marks(self.marks);
        call.returns(self.in_words(flow));
        self.judge(flow);
    }

    fn in_words(&self, flow: Option<Flow>) -> String {
        let told = match flow {
            None => "",
            Some(Flow::Pause) => ", pause",
            Some(Flow::Resume) => ", resume",
        };
        format!("{} wait{told}", self.buffer.len())
    }

    /// What was told is what had to be told, by the marks.
    #[track_caller]
    fn judge(&mut self, flow: Option<Flow>) {
        let (run, len, Marks { high, low }) = (self.run.clone(), self.buffer.len(), self.marks);
        let right = match self.paused {
            false if len > high => Some(Flow::Pause),
            true if len <= low => Some(Flow::Resume),
            _ => None,
        };
        match (right, flow) {
            (right, flow) if right == flow => {}
            (Some(Flow::Pause), _) => run.diagnose(
                "no-backpressure",
                format!(
                    "{len} bytes wait, more than {high}, and whoever writes was not told to pause. It writes on, and the memory fills as \
                     long as the peer does not read.",
                ),
            ),
            (Some(Flow::Resume), _) if len == 0 => run.diagnose(
                "never-resumed",
                "Everything is sent, and whoever writes was not told to resume. It waits, and nobody will tell it later.",
            ),
            (Some(Flow::Resume), _) if self.buffer.written(len) != Some(Flow::Resume) => run.diagnose(
                "never-resumed",
                format!(
                    "{len} bytes wait, the low mark is {low}, and whoever writes was not told to resume; nor was it when everything had \
                     been sent. It waits for ever.",
                ),
            ),
            (Some(Flow::Resume), _) => run.diagnose(
                "resumed-too-late",
                format!(
                    "{len} bytes wait, the low mark is {low}, and whoever writes was not told to resume. With less and less to send, the \
                     connection runs dry.",
                ),
            ),
            (None, Some(Flow::Pause)) if self.paused => run.diagnose(
                "told-twice",
                "Whoever writes was told to pause, and was told again before it was told to resume.",
            ),
            (None, Some(Flow::Resume)) if !self.paused => run.diagnose(
                "told-twice",
                "Whoever writes was told to resume, and it had not been told to pause, or had been told to resume already.",
            ),
            (None, Some(Flow::Pause)) => run.diagnose(
                "paused-too-early",
                format!(
                    "{len} bytes wait, not more than the high mark, {high}, and whoever writes was told to pause. The high mark is what may \
                     wait.",
                ),
            ),
            (None, _) => run.diagnose(
                "resumed-too-early",
                format!(
                    "{len} bytes wait, more than the low mark, {low}, and whoever writes was told to resume. Between the marks nothing \
                     changes: otherwise pause and resume would take turns at every byte.",
                ),
            ),
        }
        match flow {
            Some(Flow::Pause) => self.paused = true,
            Some(Flow::Resume) => self.paused = false,
            None => {}
        }
    }
}

#[test]
fn what_goes_in_comes_out_in_order() {
    let run = run!();
    let mut buffer = WriteBuffer::new(Marks { high: 100, low: 10 });
    let (mut put, mut sent, mut next) = (Vec::<u8>::new(), Vec::<u8>::new(), 0_u8);
    for step in 1..200_usize {
        let piece: Vec<u8> = (0..step % 7)
            .map(|_| {
                next = next.wrapping_add(1);
                next
            })
            .collect();
        put.extend(&piece);
        let _flow = buffer.push(&piece);
        let front = buffer.front();
        if front.is_empty() != buffer.is_empty() {
            run.departs("`front` gives no bytes, and some wait, or the other way round.");
        }
        let count = front.len().min(step % 5);
        sent.extend(&front[..count]);
        let _flow = buffer.written(count);
        if buffer.len() != put.len() - sent.len() {
            run.diagnose(
                "short-write-ignored",
                format!(
                    "{} bytes were pushed and {} sent, and `len` says {}. `written` says how many of the oldest bytes are gone; the \
                     others wait on.",
                    put.len(),
                    sent.len(),
                    buffer.len()
                ),
            );
        }
    }
    while !buffer.is_empty() && sent.len() <= put.len() {
        let front = buffer.front().to_vec();
        if front.is_empty() {
            run.departs("`front` gives no bytes, and some wait.");
        }
        sent.extend(&front);
        let _flow = buffer.written(front.len());
    }
    if put != sent {
        run.departs("The bytes that came out are not those that went in, or not in their order.");
    }
}

#[test]
fn more_than_the_high_mark_is_a_reason_to_pause() {
    let run = run!("pause");
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(6);
    watched.push(4);
    watched.push(1);
    snapshot!(run);
}

#[test]
fn one_pause_is_enough() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(20);
    watched.push(20);
    watched.push(0);
    watched.written(5);
}

#[test]
fn down_to_the_low_mark_is_a_reason_to_resume() {
    let run = run!("resume");
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(12);
    watched.written(3);
    watched.written(6);
    watched.written(1);
    watched.written(2);
    snapshot!(run);
}

#[test]
fn who_was_not_told_to_pause_is_not_told_to_resume() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(10);
    watched.written(9);
    watched.written(1);
}

#[test]
fn it_begins_again_from_the_start() {
    let run = run!("again");
    let mut watched = Watched::new(&run, 2, 10);
    for _ in 0..2 {
        watched.push(11);
        watched.written(11);
    }
    snapshot!(run);
}

#[test]
fn a_low_mark_of_zero_means_everything() {
    let run = run!();
    let mut watched = Watched::new(&run, 0, 4);
    watched.push(5);
    watched.written(4);
    watched.written(1);
}

#[test]
fn both_marks_at_zero_pause_at_every_byte_that_waits() {
    let run = run!();
    let mut watched = Watched::new(&run, 0, 0);
    watched.push(0);
    watched.push(1);
    watched.written(1);
}

#[test]
fn a_piece_that_is_larger_than_the_mark_is_taken_whole() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(1_000);
    if watched.buffer.len() != 1_000 {
        run.departs(format!(
            "1,000 bytes were pushed, and {} wait. Nothing is refused: the marks are for whoever writes, not for the buffer.",
            watched.buffer.len()
        ));
    }
    watched.written(998);
}

#[test]
fn other_marks_hold_at_once() {
    let run = run!();
    let mut watched = Watched::new(&run, 2, 10);
    watched.push(8);
    watched.marks(1, 5);
    watched.marks(20, 30);
    watched.marks(0, 7);
}

#[test]
fn in_any_order_of_calls_the_marks_hold() {
    let run = run!();
    let mut watched = Watched::new(&Run::unnamed(), 5, 40);
    watched.run = run;
    let mut random = 12_345_u64;
    for _ in 0..400 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let dice = (random >> 40) as usize;
        if dice.is_multiple_of(2) {
            watched.push(dice / 2 % 20);
        } else {
            let waits = watched.buffer.front().len();
            watched.written(waits.min(dice / 2 % 25));
        }
    }
}
