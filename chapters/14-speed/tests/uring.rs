//! The driver on io_uring. Where the kernel or a sandbox refuses a ring, each test says so and ends.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::pin::{Pin, pin};
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use event_loop::{Driver, EventLoop};
use futures::future::{Either, join, select};
use speed::buffer::{Buffer, Watch};
use speed::uring::{Refused, RingOrEpoll, Source, Uring};

/// A driver, or a sentence on why there is none.
fn uring() -> Option<Uring> {
    Uring::new().map_err(|refused| println!("{refused}")).ok()
}

/// A source, and the stream whose bytes it reads.
fn pair(uring: &Uring) -> (Source, UnixStream) {
    let (here, there) = UnixStream::pair().expect("the system gives a pair of sockets");
    (uring.source(here.into()), there)
}

fn text((result, buffer): (io::Result<usize>, Buffer)) -> String {
    let count = result.expect("the read does not fail");
    String::from_utf8_lossy(&buffer.bytes()[..count]).into_owned()
}

#[test]
fn the_kernel_reads_into_a_buffer_that_the_read_owns() {
    let Some(uring) = uring() else { return };
    let (source, mut there) = pair(&uring);
    EventLoop::with_driver(uring).block_on(async move {
        let reading = source.read(Buffer::new(64));
        let writing = async {
            event_loop::yield_now().await;
            there.write_all(b"tea").unwrap();
        };
        assert_eq!(text(join(reading, writing).await.0), "tea");
        drop(there);
        assert_eq!(text(source.read(Buffer::new(64)).await), "");
    });
}

#[test]
fn a_task_is_told_that_a_source_is_ready_and_reads_by_itself() {
    let Some(uring) = uring() else { return };
    let (source, mut there) = pair(&uring);
    EventLoop::with_driver(uring).block_on(async move {
        for word in ["tea", "coffee"] {
            let reading = async {
                source.readable().await;
                let mut bytes = [0; 16];
                let count = rustix::io::read(&source, &mut bytes).unwrap();
                String::from_utf8_lossy(&bytes[..count]).into_owned()
            };
            let writing = async { there.write_all(word.as_bytes()).unwrap() };
            assert_eq!(join(reading, writing).await.0, word);
        }
        source.writable().await;
    });
}

#[test]
fn more_sources_are_read_at_the_same_time_than_the_queue_has_room_for() {
    let Some(uring) = uring() else { return };
    let pairs: Vec<_> = (0..400).map(|_| pair(&uring)).collect();
    EventLoop::with_driver(uring).block_on(async move {
        let (sources, mut others): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        let reads = sources.iter().map(|source| source.read(Buffer::new(16)));
        let reading = futures::future::join_all(reads);
        let writing = async {
            event_loop::yield_now().await;
            for (number, other) in others.iter_mut().enumerate().rev() {
                other.write_all(number.to_string().as_bytes()).unwrap();
            }
        };
        let (outputs, ()) = join(reading, writing).await;
        for (number, output) in outputs.into_iter().enumerate() {
            assert_eq!(text(output), number.to_string());
        }
    });
}

/// Where a read is dropped or cancelled.
const MOMENTS: usize = 6;

/// Begins a read and stops at a moment. Whether the bytes are written by then.
fn stopped_at(
    moment: usize,
    uring: &Uring,
    read: Pin<&mut impl Future>,
    there: &mut UnixStream,
) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    let park = || uring.park(Some(Duration::ZERO)).unwrap();
    if moment == 0 {
        return false; // Before the first poll.
    }
    assert!(read.poll(&mut context).is_pending());
    if moment == 1 {
        return false; // Before the kernel has heard of it.
    }
    if moment == 2 {
        there.write_all(b"tea").unwrap();
        return true; // Before the kernel has heard of it, and with bytes.
    }
    park();
    if moment == 3 {
        return false; // In flight.
    }
    there.write_all(b"tea").unwrap();
    if moment == 4 {
        return true; // The kernel may have read, and has not reported it.
    }
    park();
    true // It has reported it.
}

/// Waits until the kernel has given everything back.
fn settle(uring: &Uring, memory: &Watch) {
    for _ in 0..1_000 {
        if uring.in_flight() == 0 {
            break;
        }
        uring.park(Some(Duration::from_millis(10))).unwrap();
    }
    assert_eq!(uring.in_flight(), 0);
    assert!(!memory.is_alive(), "the kernel has given the buffer back");
}

#[test]
fn a_read_that_is_dropped_anywhere_keeps_its_buffer_until_the_kernel_gives_it_back() {
    let Some(uring) = uring() else { return };
    for moment in 0..MOMENTS {
        println!("moment {moment}");
        let (source, mut there) = pair(&uring);
        let buffer = Buffer::new(64);
        let memory = buffer.watch();
        let mut read = Box::pin(source.read(buffer));
        stopped_at(moment, &uring, read.as_mut(), &mut there);
        drop(read);
        drop(source);
        settle(&uring, &memory);
    }
}

#[test]
fn a_read_that_is_cancelled_anywhere_loses_no_byte() {
    let Some(uring) = uring() else { return };
    for moment in 0..MOMENTS {
        println!("moment {moment}");
        let (source, mut there) = pair(&uring);
        let buffer = Buffer::new(64);
        let memory = buffer.watch();
        let mut read = Box::pin(source.read(buffer));
        let is_written = stopped_at(moment, &uring, read.as_mut(), &mut there);
        read.cancel();
        let (result, buffer) = finished(&uring, read.as_mut());
        let first = result.map_or(String::new(), |count| {
            String::from_utf8_lossy(&buffer.bytes()[..count]).into_owned()
        });
        drop(buffer);
        drop(read);
        settle(&uring, &memory);
        if !is_written {
            there.write_all(b"tea").unwrap();
        }
        let rest = match first.is_empty() {
            true => text(finished(
                &uring,
                Box::pin(source.read(Buffer::new(64))).as_mut(),
            )),
            false => String::new(),
        };
        assert_eq!(first + &rest, "tea");
    }
}

fn finished<F: Future>(uring: &Uring, mut future: Pin<&mut F>) -> F::Output {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..1_000 {
        if let Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
        uring.park(Some(Duration::from_millis(10))).unwrap();
    }
    panic!("it is not ready after a thousand iterations");
}

#[test]
fn the_driver_can_be_dropped_while_reads_are_in_flight() {
    let Some(uring) = uring() else { return };
    let (source, there) = pair(&uring);
    let buffer = Buffer::new(64);
    let memory = buffer.watch();
    let mut read = Box::pin(source.read(buffer));
    let mut ready = Box::pin(source.readable());
    let mut context = Context::from_waker(Waker::noop());
    assert!(read.as_mut().poll(&mut context).is_pending());
    assert!(ready.as_mut().poll(&mut context).is_pending());
    uring.park(Some(Duration::ZERO)).unwrap();
    drop(uring);
    drop(read);
    drop(ready);
    assert!(memory.is_alive(), "the source keeps the ring");
    drop(source);
    assert!(!memory.is_alive());
    let mut rest = Vec::new();
    assert_eq!(
        (&there).read_to_end(&mut rest).unwrap(),
        0,
        "and it is closed"
    );
}

#[test]
fn a_dropped_wait_for_readiness_leaves_nothing_in_flight() {
    let Some(uring) = uring() else { return };
    let (source, mut there) = pair(&uring);
    let mut ready = Box::pin(source.readable());
    let mut context = Context::from_waker(Waker::noop());
    assert!(ready.as_mut().poll(&mut context).is_pending());
    uring.park(Some(Duration::ZERO)).unwrap();
    drop(ready);
    let none = Buffer::new(1).watch();
    settle(&uring, &none);
    there.write_all(b"tea").unwrap();
    finished(&uring, pin!(source.readable()));
}

#[test]
fn timers_and_wakes_of_other_threads_end_its_sleep() {
    let Some(uring) = uring() else { return };
    let event_loop = EventLoop::with_driver(uring);
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let before = handle.now();
        handle.sleep(Duration::from_millis(3)).await;
        assert!(handle.now() - before >= Duration::from_millis(3));
        for _ in 0..20 {
            let (sender, receiver) = wakers::oneshot::channel();
            let thread = std::thread::spawn(move || sender.send(7));
            assert_eq!(receiver.await, Ok(7));
            thread.join().unwrap().unwrap();
        }
    });
}

#[test]
fn a_time_out_cancels_a_read_and_keeps_what_it_came_to() {
    let Some(uring) = uring() else { return };
    let (source, mut there) = pair(&uring);
    let event_loop = EventLoop::with_driver(uring);
    let handle = event_loop.handle();
    event_loop.block_on(async {
        let timer = handle.sleep(Duration::from_millis(1));
        let Either::Right(((), mut read)) = select(source.read(Buffer::new(8)), pin!(timer)).await
        else {
            panic!("there was nothing to read");
        };
        read.cancel();
        let (result, _buffer) = read.await;
        assert_eq!(result.unwrap_err().kind(), io::ErrorKind::Interrupted);
        there.write_all(b"tea").unwrap();
        assert_eq!(text(source.read(Buffer::new(8)).await), "tea");
    });
}

#[test]
fn a_waker_that_panics_costs_the_others_nothing() {
    let Some(uring) = uring() else { return };
    struct Panics;
    impl std::task::Wake for Panics {
        fn wake(self: std::sync::Arc<Self>) {
            panic!("the waker panics");
        }
    }
    let (one, mut first) = pair(&uring);
    let (other, mut second) = pair(&uring);
    let panics = Waker::from(std::sync::Arc::new(Panics));
    let mut one = Box::pin(one.read(Buffer::new(8)));
    let mut other = Box::pin(other.read(Buffer::new(8)));
    assert!(
        one.as_mut()
            .poll(&mut Context::from_waker(&panics))
            .is_pending()
    );
    assert!(
        other
            .as_mut()
            .poll(&mut Context::from_waker(&panics))
            .is_pending()
    );
    first.write_all(b"tea").unwrap();
    second.write_all(b"tea").unwrap();
    let seen = Rc::new(Cell::new(0));
    for _ in 0..2 {
        let parked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            uring.park(Some(Duration::from_millis(10)))
        }));
        seen.set(seen.get() + usize::from(parked.is_err()));
    }
    assert!(seen.get() > 0);
    assert_eq!(text(finished(&uring, one.as_mut())), "tea");
    assert_eq!(text(finished(&uring, other.as_mut())), "tea");
}

#[test]
fn a_refusal_is_a_sentence_for_the_log() {
    let of = |errno: rustix::io::Errno| Refused::from(io::Error::from(errno)).to_string();
    let sentences = [
        of(rustix::io::Errno::NOSYS),
        of(rustix::io::Errno::PERM),
        of(rustix::io::Errno::NOMEM),
        Refused::TooOld.to_string(),
    ];
    for sentence in sentences {
        println!("{sentence}");
        assert!(sentence.ends_with(", so the loop sleeps in epoll"));
    }
}

#[test]
fn an_iteration_is_one_system_call_for_all_reads() {
    let Some(uring) = uring() else { return };
    let mut reads = Vec::new();
    let mut others = Vec::new();
    for _ in 0..50 {
        let (source, mut there) = pair(&uring);
        there.write_all(b"tea").unwrap();
        reads.push(Box::pin(source.read(Buffer::new(8))));
        others.push(there);
    }
    let mut context = Context::from_waker(Waker::noop());
    for read in &mut reads {
        assert!(read.as_mut().poll(&mut context).is_pending());
    }
    // The kernel carries out a read of bytes that are there while it takes the request.
    uring.park(Some(Duration::ZERO)).unwrap();
    let done = pin!(poll_fn(|context| {
        let ready = reads
            .iter_mut()
            .filter_map(|read| match read.as_mut().poll(context) {
                Poll::Ready(output) => Some(text(output)),
                Poll::Pending => None,
            });
        Poll::Ready(ready.filter(|text| text == "tea").count())
    }));
    assert_eq!(done.poll(&mut context), Poll::Ready(50));
}

#[test]
fn the_same_reads_run_on_epoll_where_there_is_no_ring() {
    let (_, refused) = RingOrEpoll::new(Err(Refused::Forbidden)).unwrap();
    assert!(refused.unwrap().to_string().contains("seccomp"));
    for ring in [Uring::new(), Err(Refused::Forbidden)] {
        let (driver, _) = RingOrEpoll::new(ring).unwrap();
        let (here, mut there) = UnixStream::pair().unwrap();
        let source = driver.source(here.into()).unwrap();
        let event_loop = EventLoop::with_driver(driver);
        let handle = event_loop.handle();
        event_loop.block_on(async move {
            for word in ["tea", "coffee"] {
                let reading = source.read(Buffer::new(64));
                let writing = async {
                    event_loop::yield_now().await;
                    there.write_all(word.as_bytes()).unwrap();
                };
                assert_eq!(text(join(reading, writing).await.0), word);
            }
            let timer = handle.sleep(Duration::from_millis(1));
            let timer = pin!(timer);
            let race = select(source.read(Buffer::new(8)), timer).await;
            let Either::Right(((), mut read)) = race else {
                panic!("there was nothing to read");
            };
            read.cancel();
            assert_eq!(read.await.0.unwrap_err().kind(), io::ErrorKind::Interrupted);
            there.write_all(b"tea").unwrap();
            assert_eq!(text(source.read(Buffer::new(8)).await), "tea");
            drop(there);
            assert_eq!(text(source.read(Buffer::new(8)).await), "");
        });
    }
}

#[test]
fn a_program_without_a_ring_says_why_and_goes_on() {
    // Few descriptors are left for it. A sandbox that forbids the system call looks the same.
    let program = env!("CARGO_BIN_EXE_ch14-4-fifty");
    let output = std::process::Command::new("sh")
        .args(["-c", "ulimit -n 4; exec \"$0\"", program])
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{output:?}");
    assert!(
        printed.ends_with(", so the loop sleeps in epoll\n"),
        "{printed}"
    );
}
