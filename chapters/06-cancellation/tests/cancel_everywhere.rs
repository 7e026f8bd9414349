//! Every future of the course from chapter 03 on is dropped at each of its suspension points. Then no waiter, timer, message, byte
//! or descriptor may be lost or there twice.
//!
//! No dropped future may leave a waker behind. Sockets are the one exception: a source keeps, for each direction, the waker of the
//! task that polled last, until its next event. That is one spurious wake at most. `AsyncRead` has no way to withdraw a waker.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use crate::common::World;
use cancellation::{Cleanup, Frames, Promise, Source, Task, shield};
use event_loop::yield_now;
use probe::detect::DropCounter;
use probe_futures::laws::dropping::at_every_pause;
use probe_futures::{Key, Poller, gate, poller};
use state_machines::{join, race};
use wakers::oneshot;

const SECOND: Duration = Duration::from_secs(1);

/// The law, for futures that also must keep no waker.
fn everywhere<F: Future, W>(
    make: impl Fn() -> (F, W),
    between: impl Fn(&W),
    left_behind: impl Fn(&W),
) {
    keeping(0, make, between, left_behind);
}

/// The law, for futures that keep at most `wakers` wakers.
fn keeping<F: Future, W>(
    wakers: usize,
    make: impl Fn() -> (F, W),
    between: impl Fn(&W),
    left_behind: impl Fn(&W),
) {
    at_every_pause(
        || probe::run!(),
        |run| {
            let (future, world) = make();
            let counting = poller(run.recorder(), "counting");
            let watched = Watched {
                future: Box::pin(future),
                poller: counting.clone(),
            };
            (watched, (world, counting))
        },
        |(world, _)| between(world),
        |_, (world, counting), pauses| {
            let alive = counting.counts().alive;
            assert!(
                alive <= wakers,
                "{alive} wakers are kept after {pauses} polls"
            );
            left_behind(world);
        },
    );
}

/// Polls with the waker of a poller, so that its copies can be counted.
struct Watched<F> {
    future: Pin<Box<F>>,
    poller: Poller,
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<F::Output> {
        let poller = self.poller.clone();
        poller.poll(self.future.as_mut())
    }
}

mod chapter_02 {
    use super::*;

    type Keys = [Key<()>; 2];

    /// Opens one gate at a time, the second one first.
    fn open(keys: &(Keys, Cell<usize>)) {
        let (keys, opened) = keys;
        if opened.get() < 2 {
            keys[1 - opened.replace(opened.get() + 1)].open(());
        }
    }

    fn no_task_waits((keys, _): &(Keys, Cell<usize>)) {
        assert!(keys.iter().all(Key::is_gone));
    }

    #[test]
    fn join_takes_both_children_along() {
        let make = || {
            let ((first, one), (second, other)) = (gate(), gate());
            (join(one, other), ([first, second], Cell::new(0)))
        };
        everywhere(make, open, no_task_waits);
    }

    #[test]
    fn race_takes_both_children_along() {
        let make = || {
            let ((first, one), (second, other)) = (gate(), gate());
            (race(one, other), ([first, second], Cell::new(0)))
        };
        everywhere(make, open, no_task_waits);
    }

    #[test]
    fn yield_now_leaves_nothing() {
        everywhere(|| (yield_now(), ()), |()| (), |()| ());
    }
}

mod chapter_03 {
    use super::*;
    use wakers::alarm::{Alarm, Clock};

    /// It goes a second further each time that it is told to.
    #[derive(Clone, Default)]
    struct Ticking(Rc<RefCell<(u64, Vec<Bell>)>>);

    type Bell = Option<Box<dyn FnOnce() + Send>>;

    impl Ticking {
        fn tick(&self) {
            self.0.borrow_mut().0 += 1;
            let bells = std::mem::take(&mut self.0.borrow_mut().1);
            for bell in bells {
                bell.expect("it rings once")();
            }
        }
    }

    impl Clock for Ticking {
        fn now(&self) -> Duration {
            Duration::from_secs(self.0.borrow().0)
        }

        fn call_at(&self, _: Duration, ring: Box<dyn FnOnce() + Send>) {
            self.0.borrow_mut().1.push(Some(ring));
        }
    }

    #[test]
    fn an_alarm_that_is_dropped_wakes_no_task() {
        let make = || {
            let clock = Ticking::default();
            (Alarm::new(clock.clone(), 2 * SECOND), clock)
        };
        everywhere(make, Ticking::tick, Ticking::tick);
    }

    #[test]
    fn a_receiver_that_is_dropped_gives_the_value_back_to_the_sender() {
        struct Sending {
            sender: Cell<Option<oneshot::Sender<probe::detect::Token>>>,
            values: DropCounter,
            polls: Cell<usize>,
        }
        let make = || {
            let (sender, receiver) = oneshot::channel();
            let sending = Sending {
                sender: Cell::new(Some(sender)),
                values: DropCounter::new(),
                polls: Cell::new(0),
            };
            (receiver, sending)
        };
        let sends_after_the_second_poll = |sending: &Sending| {
            sending.polls.set(sending.polls.get() + 1);
            if sending.polls.get() == 2
                && let Some(sender) = sending.sender.take()
            {
                assert!(sender.send(sending.values.token()).is_ok());
            }
        };
        let left_behind = |sending: &Sending| {
            let Some(sender) = sending.sender.take() else {
                // It was sent, and either received or dropped with the receiver.
                return assert_eq!(sending.values.alive(), 0);
            };
            assert!(sender.is_closed());
            assert!(sender.send(sending.values.token()).is_err());
            assert_eq!((sending.values.made(), sending.values.dropped()), (1, 1));
        };
        everywhere(make, sends_after_the_second_poll, left_behind);
    }
}

mod chapter_04 {
    use super::*;

    /// Runs the loop for a second.
    fn a_second(world: &World) {
        let handle = world.handle.clone();
        world.drive(async move { handle.sleep(SECOND).await });
    }

    #[test]
    fn a_sleep_takes_its_timer_back() {
        let make = || {
            let world = World::new();
            let handle = world.handle.clone();
            let sleeps = async move {
                handle.sleep(SECOND).await;
                handle.sleep_until(handle.now() + 2 * SECOND).await;
            };
            (sleeps, world)
        };
        everywhere(make, a_second, |world| {
            assert_eq!(world.sim.event_loop().timers(), 0);
            world.is_empty();
        });
    }

    #[test]
    fn a_wait_for_a_join_handle_may_be_given_up_and_begun_again() {
        let make = || {
            let world = World::new();
            let (handle, log) = (world.handle.clone(), world.log.clone());
            let joined = world.handle.spawn(async move {
                handle.sleep(SECOND + SECOND / 2).await;
                log.write("the task ends");
                7
            });
            let joined = Rc::new(RefCell::new(Some(joined)));
            let waited = Rc::clone(&joined);
            let wait = poll_fn(move |context| {
                let mut waited = waited.borrow_mut();
                let poll = Pin::new(waited.as_mut().expect("it is there")).poll(context);
                if poll.is_ready() {
                    *waited = None;
                }
                poll
            });
            (wait, (world, joined))
        };
        at_every_pause(
            || probe::run!(),
            |_| make(),
            |(world, _)| a_second(world),
            |_, (world, joined), _| {
                if let Some(joined) = joined.take() {
                    assert_eq!(world.drive(joined).unwrap(), 7);
                }
                world.wrote(&["the task ends"]);
                world.is_empty();
            },
        );
    }

    #[test]
    fn a_join_handle_that_is_dropped_keeps_no_waker_and_lets_the_task_run_on() {
        let make = || {
            let world = World::new();
            let (handle, log) = (world.handle.clone(), world.log.clone());
            let joined = world.handle.spawn(async move {
                handle.sleep(SECOND + SECOND / 2).await;
                log.write("the task ends");
            });
            (joined, world)
        };
        everywhere(make, a_second, |world| {
            a_second(world);
            a_second(world);
            world.wrote(&["the task ends"]);
            world.is_empty();
        });
    }
}

#[cfg(unix)]
mod chapter_05 {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{Ipv4Addr, SocketAddr};

    use event_loop::EventLoop;
    use futures::{AsyncReadExt, AsyncWriteExt};
    use reactor::{Reactor, ReactorHandle, TcpListener, TcpStream, UnixStream, write_all};

    struct Sockets {
        event_loop: EventLoop<Reactor>,
        reactor: ReactorHandle,
    }

    impl Sockets {
        fn new() -> Sockets {
            let reactor = Reactor::new().unwrap();
            Sockets {
                reactor: reactor.handle(),
                event_loop: EventLoop::with_driver(reactor),
            }
        }

        /// Hears of everything that has happened.
        fn look(&self) {
            self.event_loop.block_on(async {
                for _ in 0..3 {
                    yield_now().await;
                }
            });
        }

        fn sources(&self) -> usize {
            self.reactor.sources()
        }

        fn listener(&self) -> (Rc<TcpListener>, SocketAddr) {
            let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
            let listener = TcpListener::bind(&self.reactor, any).unwrap();
            let address = listener.local_addr().unwrap();
            (Rc::new(listener), address)
        }
    }

    struct Accepting {
        sockets: Sockets,
        listener: Rc<TcpListener>,
        address: SocketAddr,
        client: Cell<Option<std::net::TcpStream>>,
        polls: Cell<usize>,
    }

    impl Accepting {
        fn new() -> Accepting {
            let sockets = Sockets::new();
            let (listener, address) = sockets.listener();
            Accepting {
                sockets,
                listener,
                address,
                client: Cell::new(None),
                polls: Cell::new(0),
            }
        }

        fn between(&self) {
            self.polls.set(self.polls.get() + 1);
            if self.polls.get() == 2 {
                let client = std::net::TcpStream::connect(self.address).unwrap();
                self.client.set(Some(client));
            }
            self.sockets.look();
        }

        /// If a client has connected, the next call accepts it.
        fn the_client_is_still_there(&self) {
            if let Some(client) = self.client.take() {
                let accept = self.listener.accept();
                let (stream, peer) = self.sockets.event_loop.block_on(accept).unwrap();
                assert_eq!(peer, client.local_addr().unwrap());
                drop(stream);
            }
            assert_eq!(self.sockets.sources(), 1, "the listener");
        }
    }

    #[test]
    fn accept_loses_no_connection_and_no_descriptor() {
        let make = || {
            let accepting = Accepting::new();
            let (listener, taken) = (Rc::clone(&accepting.listener), Rc::new(Cell::new(false)));
            let taking = Rc::clone(&taken);
            let accept = async move {
                drop(listener.accept().await.unwrap());
                taking.set(true);
            };
            (accept, (accepting, taken))
        };
        keeping(
            1,
            make,
            |(accepting, _)| accepting.between(),
            |(accepting, taken)| {
                if taken.get() {
                    drop(accepting.client.take());
                }
                accepting.the_client_is_still_there();
            },
        );
    }

    #[test]
    fn readable_takes_no_connection() {
        let make = || {
            let accepting = Accepting::new();
            let listener = Rc::clone(&accepting.listener);
            (async move { listener.readable().await }, accepting)
        };
        keeping(
            1,
            make,
            Accepting::between,
            Accepting::the_client_is_still_there,
        );
    }

    #[test]
    fn connect_closes_its_socket() {
        let make = || {
            let sockets = Sockets::new();
            let (listener, address) = sockets.listener();
            let reactor = sockets.reactor.clone();
            let connect = async move {
                // So that there is a pause before, even where connecting is immediate.
                yield_now().await;
                drop(TcpStream::connect(&reactor, address).await.unwrap());
            };
            (connect, (sockets, listener))
        };
        keeping(
            1,
            make,
            |(sockets, _)| sockets.look(),
            |(sockets, _)| assert_eq!(sockets.sources(), 1, "the listener"),
        );
    }

    const TEXT: &[u8] = b"abcdef";

    #[test]
    fn read_takes_its_bytes_in_the_poll_that_is_ready_or_not_at_all() {
        struct Reading {
            sockets: Sockets,
            near: Rc<UnixStream>,
            far: RefCell<UnixStream>,
            sent: Cell<usize>,
            read: Rc<RefCell<Vec<u8>>>,
        }
        let make = || {
            let sockets = Sockets::new();
            let (near, far) = UnixStream::pair(&sockets.reactor).unwrap();
            let (near, read) = (Rc::new(near), Rc::default());
            let reading = Reading {
                sockets,
                near: Rc::clone(&near),
                far: RefCell::new(far),
                sent: Cell::new(0),
                read: Rc::clone(&read),
            };
            let reads = async move {
                let mut near = &*near;
                while read.borrow().len() < TEXT.len() {
                    let mut bytes = [0; 4];
                    let count = near.read(&mut bytes).await.unwrap();
                    read.borrow_mut().extend_from_slice(&bytes[..count]);
                }
            };
            (reads, reading)
        };
        let send = |reading: &Reading| {
            let sent = reading.sent.get();
            let some = &TEXT[sent..TEXT.len().min(sent + 2)];
            let mut far = reading.far.borrow_mut();
            reading
                .sockets
                .event_loop
                .block_on(far.write_all(some))
                .unwrap();
            reading.sent.set(sent + some.len());
            reading.sockets.look();
        };
        let left_behind = |reading: &Reading| {
            let left = reading.sent.get() - reading.read.borrow().len();
            let mut bytes = vec![0; left];
            let read_the_rest = async { (&*reading.near).read_exact(&mut bytes).await };
            reading.sockets.event_loop.block_on(read_the_rest).unwrap();
            reading.read.borrow_mut().extend_from_slice(&bytes);
            assert_eq!(*reading.read.borrow(), TEXT[..reading.sent.get()]);
            assert_eq!(reading.sockets.sources(), 2);
        };
        keeping(1, make, send, left_behind);
    }

    #[test]
    fn write_all_has_written_the_beginning_and_nothing_twice() {
        struct Writing {
            sockets: Sockets,
            text: Rc<Vec<u8>>,
            far: RefCell<std::net::TcpStream>,
            received: RefCell<Vec<u8>>,
            near: Rc<TcpStream>,
        }
        let make = || {
            let sockets = Sockets::new();
            let (listener, address) = sockets.listener();
            let far = std::net::TcpStream::connect(address).unwrap();
            let (near, _) = sockets.event_loop.block_on(listener.accept()).unwrap();
            // More than the system takes at once.
            let text: Vec<u8> = (0..8_000_000_u32).map(|n| (n % 251) as u8).collect();
            let (text, near) = (Rc::new(text), Rc::new(near));
            let writing = Writing {
                sockets,
                text: Rc::clone(&text),
                far: RefCell::new(far),
                received: RefCell::default(),
                near: Rc::clone(&near),
            };
            let writes = async move {
                yield_now().await;
                write_all(&mut &*near, &text).await.unwrap();
            };
            (writes, writing)
        };
        // Takes as much as is there.
        let receive = |writing: &Writing| {
            let mut far = writing.far.borrow_mut();
            far.set_nonblocking(true).unwrap();
            let mut received = writing.received.borrow_mut();
            let _until_it_would_block = far.read_to_end(&mut received);
            writing.sockets.look();
        };
        let left_behind = |writing: &Writing| {
            writing.near.close().unwrap();
            let mut far = writing.far.borrow_mut();
            far.set_nonblocking(false).unwrap();
            far.read_to_end(&mut writing.received.borrow_mut()).unwrap();
            let received = writing.received.borrow();
            assert!(writing.text.starts_with(&received));
        };
        keeping(1, make, receive, left_behind);
    }

    #[test]
    fn a_stream_whose_task_is_dropped_is_closed() {
        let make = || {
            let sockets = Sockets::new();
            let (listener, address) = sockets.listener();
            let far = std::net::TcpStream::connect(address).unwrap();
            let echo = async move {
                let (mut near, _) = listener.accept().await.unwrap();
                let mut byte = [0];
                near.read_exact(&mut byte).await.unwrap();
                near.write_all(&byte).await.unwrap();
            };
            (echo, (sockets, RefCell::new(far)))
        };
        keeping(
            1,
            make,
            |(sockets, far)| {
                let _gone_already = far.borrow_mut().write(b"x");
                sockets.look();
            },
            |(sockets, _)| assert_eq!(sockets.sources(), 0),
        );
    }
}

mod chapter_06 {
    use super::*;
    use std::io;

    use futures::AsyncRead;
    use futures::io::AsyncReadExt;

    fn a_second(world: &World) {
        let handle = world.handle.clone();
        world.drive(async move { handle.sleep(SECOND).await });
    }

    fn seconds(world: &World, seconds: u32) {
        (0..seconds).for_each(|_| a_second(world));
    }

    #[test]
    fn a_wait_for_a_promise_leaves_the_promise_as_it_is() {
        let make = || {
            let world = World::new();
            let promise: Promise<u32> = Promise::new(Rc::clone(&world.spawn));
            (promise.wait(), (world, promise, Cell::new(0)))
        };
        let between = |(_, promise, polls): &(World, Promise<u32>, Cell<usize>)| {
            polls.set(polls.get() + 1);
            if polls.get() == 2 {
                promise.resolve(7).unwrap();
            }
        };
        everywhere(make, between, |(world, promise, _)| {
            if promise.state() == "pending" {
                promise.resolve(7).unwrap();
            }
            assert_eq!(world.drive(promise.wait()).unwrap(), 7);
        });
    }

    #[test]
    fn a_task_is_cancelled_and_its_timer_is_removed() {
        let make = || {
            let world = World::new();
            let (handle, log) = (world.handle.clone(), world.log.clone());
            let task = Task::spawn(&world.spawn, async move {
                let _guard = log.at_the_end("gone");
                handle.sleep(2 * SECOND + SECOND / 2).await;
            });
            (task, (world, Cell::new(false)))
        };
        everywhere(
            make,
            |(world, begun)| {
                begun.set(true);
                a_second(world);
            },
            |(world, begun)| {
                // One that has not begun has no guard yet.
                world.wrote(if begun.get() { &["gone"] } else { &[] });
                assert_eq!(world.sim.event_loop().timers(), 0);
                world.is_empty();
            },
        );
    }

    #[test]
    fn a_shielded_task_runs_on_and_ends_once() {
        let make = || {
            let world = World::new();
            let (handle, log) = (world.handle.clone(), world.log.clone());
            let shielded = shield(&world.spawn, async move {
                handle.sleep(2 * SECOND + SECOND / 2).await;
                log.write("ends");
            });
            (shielded, world)
        };
        everywhere(make, a_second, |world| {
            seconds(world, 4);
            world.wrote(&["ends"]);
            world.is_empty();
        });
    }

    #[test]
    fn waiting_for_a_token_leaves_nothing() {
        let make = || {
            let source = Source::new();
            let child = source.token().child();
            (child.token().cancelled(), (source, child, Cell::new(0)))
        };
        let between = |(source, _, polls): &(Source, Source, Cell<usize>)| {
            polls.set(polls.get() + 1);
            if polls.get() == 2 {
                source.cancel();
            }
        };
        everywhere(make, between, |(source, child, _)| {
            source.cancel();
            assert!(child.token().is_cancelled());
        });
    }

    #[test]
    fn a_cleanup_is_done_whole_and_once() {
        let make = || {
            let world = World::new();
            let (handle, log) = (world.handle.clone(), world.log.clone());
            let cleanup = Cleanup::new(&world.spawn, async move {
                log.write("1");
                handle.sleep(SECOND).await;
                log.write("2");
                handle.sleep(SECOND).await;
                log.write("3");
            });
            (cleanup, world)
        };
        // What is left is a task of the loop's. It has the waker of the last poll until it is polled itself.
        at_every_pause(
            || probe::run!(),
            |_| make(),
            a_second,
            |_, world, _| {
                seconds(world, 4);
                world.wrote(&["1", "2", "3"]);
                world.is_empty();
            },
        );
    }

    /// Gives these pieces, one a read, and is pending before each.
    struct Pieces {
        pieces: Vec<&'static [u8]>,
        pause: bool,
    }

    impl AsyncRead for Pieces {
        fn poll_read(
            mut self: Pin<&mut Self>,
            context: &mut Context<'_>,
            buffer: &mut [u8],
        ) -> Poll<io::Result<usize>> {
            self.pause = !self.pause;
            if self.pause {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let Some(piece) = self.pieces.first_mut() else {
                return Poll::Ready(Ok(0));
            };
            let count = piece.len().min(buffer.len());
            buffer[..count].copy_from_slice(&piece[..count]);
            *piece = &piece[count..];
            if piece.is_empty() {
                self.pieces.remove(0);
            }
            Poll::Ready(Ok(count))
        }
    }

    const MESSAGES: [&[u8]; 4] = [b"one", b"", b"three", b"four"];

    fn pieces() -> Pieces {
        Pieces {
            // The middle of a length, the middle of a message, and the end of one with the beginning of the next.
            pieces: vec![b"\0", b"\x03on", b"e\0\0\0\x05th", b"ree\0\x04four"],
            pause: false,
        }
    }

    #[test]
    #[allow(clippy::await_holding_refcell_ref)] // One future at a time.
    fn a_reader_of_messages_delivers_each_of_them_once() {
        type Delivered = Rc<RefCell<Vec<Vec<u8>>>>;
        let make = || {
            let frames = Rc::new(RefCell::new(Frames::new(pieces())));
            let delivered = Delivered::default();
            let world = (Rc::clone(&frames), Rc::clone(&delivered));
            let reads = async move {
                while let Some(message) = frames.borrow_mut().next().await.unwrap() {
                    delivered.borrow_mut().push(message);
                }
            };
            (reads, world)
        };
        everywhere(
            make,
            |_| (),
            |(frames, delivered)| {
                wakers::block_on(async {
                    while let Some(message) = frames.borrow_mut().next().await.unwrap() {
                        delivered.borrow_mut().push(message);
                    }
                });
                assert_eq!(*delivered.borrow(), MESSAGES);
            },
        );
    }

    #[test]
    fn what_an_adapter_has_read_is_lost_with_it() {
        // The law has something to find: this is what the reader of messages is made against.
        let mut stream = pieces();
        let run = probe::run!();
        let a = poller(run.recorder(), "A");
        let mut length = [0; 2];
        let mut reads = Box::pin(stream.read_exact(&mut length));
        while !a.poll(reads.as_mut()).is_pending() {}
        assert!(a.poll(reads.as_mut()).is_pending(), "one byte of two");
        drop(reads);
        wakers::block_on(stream.read_exact(&mut length)).unwrap();
        assert_ne!(length, [0, 3]);
    }
}
