//! Lines and copies of chapter 10, against those of tokio and futures. The bytes come from memory, in
//! pieces of a set size, and everything runs on chapter 04's loop: the adapters are compared, and no
//! socket and no loop.

use std::future::Future;
use std::hint::black_box;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use event_loop::EventLoop;

use crate::table::median;

/// How many bytes are read in one measured run.
const BYTES: usize = 8 * 1024 * 1024;

#[derive(Clone, Copy)]
enum Case {
    /// Lines of this many bytes, read in pieces of at most this many.
    Lines { line: usize, piece: usize },
    /// All bytes are copied, read in pieces of at most this many.
    Copy { piece: usize },
}

const CASES: [Case; 5] = [
    Case::Lines {
        line: 40,
        piece: 8_192,
    },
    Case::Lines {
        line: 40,
        piece: 100,
    },
    Case::Lines {
        line: 4_000,
        piece: 8_192,
    },
    Case::Copy { piece: 8_192 },
    Case::Copy { piece: 100 },
];

impl Case {
    fn name(self) -> String {
        match self {
            Case::Lines { line, piece } => {
                format!("lines of {line} bytes, reads of at most {piece}")
            }
            Case::Copy { piece } => format!("copy, reads of at most {piece}"),
        }
    }
}

/// One side: a call is one measured run, in megabytes a second.
struct Family {
    name: &'static str,
    run: fn(Case) -> f64,
}

const FAMILIES: [Family; 3] = [
    Family {
        name: "chapter 10",
        run: ours,
    },
    Family {
        name: "tokio",
        run: tokio,
    },
    Family {
        name: "futures",
        run: futures,
    },
];

pub(crate) fn measure(rounds: u32) {
    let heads = FAMILIES.map(|family| format!("{:>12}", family.name));
    println!(
        "{:44}{}{:>10}",
        "MB a second, median of the rounds",
        heads.concat(),
        "÷ tokio"
    );
    for case in CASES {
        let mut results = vec![Vec::new(); FAMILIES.len()];
        for round in 0..rounds as usize {
            for turn in 0..FAMILIES.len() {
                let which = (turn + round) % FAMILIES.len();
                results[which].push((FAMILIES[which].run)(case));
            }
        }
        let medians: Vec<f64> = results.iter_mut().map(|values| median(values)).collect();
        let cells: String = medians
            .iter()
            .map(|median| format!("{median:>12.0}"))
            .collect();
        let ratio = medians[0] / medians[1];
        println!("{:44}{cells}{ratio:>10.2}", case.name());
    }
}

/// Runs a future on a loop of its own, and divides the bytes by the time.
fn timed(body: impl Future<Output = ()>) -> f64 {
    let event_loop = EventLoop::new();
    let start = Instant::now();
    event_loop.block_on(body);
    BYTES as f64 / 1e6 / start.elapsed().as_secs_f64()
}

/// A reader of `BYTES` bytes, which repeats one line, in pieces.
struct Source {
    line: Vec<u8>,
    /// How much of the line was read.
    place: usize,
    left: usize,
    piece: usize,
}

impl Source {
    fn new(line: usize, piece: usize) -> Source {
        let mut bytes = vec![b'x'; line];
        *bytes.last_mut().expect("a line has an end") = b'\n';
        Source {
            line: bytes,
            place: 0,
            left: BYTES,
            piece,
        }
    }

    fn of(case: Case) -> Source {
        match case {
            Case::Lines { line, piece } => Source::new(line, piece),
            Case::Copy { piece } => Source::new(4_000, piece),
        }
    }

    fn read(&mut self, buffer: &mut [u8]) -> usize {
        let count = buffer.len().min(self.piece).min(self.left);
        let mut filled = 0;
        while filled < count {
            let rest = &self.line[self.place..];
            let part = rest.len().min(count - filled);
            buffer[filled..filled + part].copy_from_slice(&rest[..part]);
            filled += part;
            self.place = (self.place + part) % self.line.len();
        }
        self.left -= count;
        count
    }
}

impl ::futures::AsyncRead for Source {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(Ok(self.read(buffer)))
    }
}

impl ::tokio::io::AsyncRead for Source {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ::tokio::io::ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let count = self.read(buffer.initialize_unfilled());
        buffer.advance(count);
        Poll::Ready(Ok(()))
    }
}

fn ours(case: Case) -> f64 {
    let source = Source::of(case);
    timed(async {
        match case {
            Case::Lines { .. } => {
                let mut lines = streams::lines(source, 1 << 20);
                while let Some(line) = streams::next(&mut lines).await {
                    black_box(line.expect("it is a line"));
                }
            }
            Case::Copy { .. } => {
                let mut reader = streams::BufReader::new(source);
                let copied = streams::copy(&mut reader, &mut ::futures::io::sink()).await;
                assert_eq!(copied.expect("a sink takes everything"), BYTES as u64);
            }
        }
    })
}

fn tokio(case: Case) -> f64 {
    use ::tokio::io::{AsyncBufReadExt, BufReader, copy, sink};
    let mut source = Source::of(case);
    timed(async {
        match case {
            Case::Lines { .. } => {
                let mut lines = BufReader::new(source).lines();
                while let Some(line) = lines.next_line().await.expect("it is a line") {
                    black_box(line);
                }
            }
            Case::Copy { .. } => {
                let copied = copy(&mut source, &mut sink()).await;
                assert_eq!(copied.expect("a sink takes everything"), BYTES as u64);
            }
        }
    })
}

fn futures(case: Case) -> f64 {
    use ::futures::io::{AsyncBufReadExt, BufReader, copy, sink};
    let source = Source::of(case);
    timed(async {
        match case {
            Case::Lines { .. } => {
                let mut lines = BufReader::new(source).lines();
                while let Some(line) = streams::next(&mut lines).await {
                    black_box(line.expect("it is a line"));
                }
            }
            Case::Copy { .. } => {
                let copied = copy(source, &mut sink()).await;
                assert_eq!(copied.expect("a sink takes everything"), BYTES as u64);
            }
        }
    })
}
