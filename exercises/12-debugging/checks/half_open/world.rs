//! Two simulated hosts: the server, which runs the learner's code, and a subscriber to which things happen.

use std::cell::{Cell, RefCell};
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::task::{Poll, Waker};
use std::time::Duration;

use super::super::subject::{End, PING, subscription};
use super::watched::{Seen, Watched};
use event_loop::{EventLoop, Handle, Time};
use futures::future::{Either, select};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use futures::stream;
use probe::Run;
use simnet::{Host, Kernel, SimNet};

/// What happens at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// There is an update of this many bytes.
    Update(usize),
    /// The subscriber's host loses power.
    PowerCut,
    /// The subscriber's program is killed.
    Killed,
    /// The network is cut for this many milliseconds.
    Partition(u64),
    /// The subscriber reads no more and answers no more.
    Stalls,
    /// The subscriber sends a byte of its own, or several.
    Speaks,
    /// The subscriber sends its end.
    Leaves,
    /// There are no more updates.
    NoMore,
    /// From now on the close of the stream returns an error.
    CloseFails,
    /// The task of `subscription` is polled for no reason.
    SpuriousPoll,
}

/// A script: milliseconds after the call, and what happens then.
pub(super) type Script = [(u64, Step)];

/// What came of a run.
pub(super) struct Played {
    pub(super) seen: Rc<Seen>,
    pub(super) script: Vec<(u64, Step)>,
    /// How the call ended, and when.
    pub(super) end: Option<(End, Duration)>,
    /// When the run was ended, if it had not.
    pub(super) until: Duration,
    /// When the code first asked for an update and learned that there are no more.
    pub(super) finished: Cell<Option<Duration>>,
    /// Bytes that had arrived, and were not read when time went on.
    pub(super) unread: usize,
    pub(super) received: Rc<RefCell<Vec<u8>>>,
    /// How often the call was polled.
    pub(super) polls: usize,
}

/// How long a run goes on after the last step.
const AFTER: Duration = Duration::from_secs(95);
/// More iterations at one moment than any right answer makes.
const TURNS: u32 = 2_000;
const PORT: u16 = 7777;

/// Runs the script.
pub(super) fn play(run: &Run, seed: u64, kernel: Kernel, script: &Script) -> Played {
    let net = SimNet::new(seed);
    let (server, client) = (net.host("server"), net.host("subscriber"));
    let latency = Duration::from_millis(50);
    for (from, to) in [(&server, &client), (&client, &server)] {
        net.change_link(from, to, |link| link.latency = latency..=latency);
        from.change_kernel(|it| *it = kernel.clone());
    }
    let event_loop = EventLoop::with_driver(net.clone());
    let handle = event_loop.handle();
    let stream = event_loop.block_on(connected(&server, &client, &handle));
    let stage = Stage {
        seen: Seen::new(run, &handle),
        stream: Rc::new(stream.0),
        net,
        server,
        client,
    };
    stage.play(&event_loop, script, stream.1)
}

type Commands = futures::channel::mpsc::UnboundedSender<Step>;
type Updates = futures::channel::mpsc::UnboundedSender<Vec<u8>>;

/// The server's end of a connection, and what tells the subscriber's program what to do.
async fn connected(
    server: &Host,
    client: &Host,
    handle: &Handle,
) -> (simnet::Stream, (Commands, Rc<RefCell<Vec<u8>>>)) {
    let listener = server.listen(PORT).expect("the port is free");
    let (commands, receiver) = futures::channel::mpsc::unbounded();
    let received = Rc::<RefCell<Vec<u8>>>::default();
    let connect = client.clone();
    let address = server.address(PORT);
    let program = subscriber(connect, address, receiver, Rc::clone(&received));
    client.spawn(handle, program);
    let (stream, _) = listener.accept().await.expect("the subscriber comes");
    (stream, (commands, received))
}

/// The subscriber: it answers each ping, until it is told otherwise.
async fn subscriber(
    host: Host,
    address: std::net::SocketAddr,
    mut commands: futures::channel::mpsc::UnboundedReceiver<Step>,
    received: Rc<RefCell<Vec<u8>>>,
) {
    let stream = host.connect(address).await.expect("the server listens");
    let mut buffer = [0; 256];
    let mut said = 0;
    // Every byte counts, also one that looks like a ping.
    let mut answers = [b'.', PING, 255].into_iter().cycle();
    loop {
        let next = pin!(futures::StreamExt::next(&mut commands));
        match select(next, (&mut &stream).read(&mut buffer)).await {
            Either::Left((Some(Step::Speaks), _)) => {
                let bytes: &[u8] = [b"!", &[PING][..], b"yes", &[PING; 2]][said % 4];
                said += 1;
                let _ = (&mut &stream).write_all(bytes).await;
            }
            Either::Left((Some(Step::Leaves), _)) => {
                let _ = (&mut &stream).close().await;
            }
            Either::Left(_) => std::future::pending().await,
            Either::Right((Ok(count @ 1..), _)) => {
                received.borrow_mut().extend(&buffer[..count]);
                let pings = buffer[..count].iter().filter(|byte| **byte == PING).count();
                let answer: Vec<u8> = answers.by_ref().take(pings).collect();
                let _ = (&mut &stream).write_all(&answer).await;
            }
            Either::Right(_) => return,
        }
    }
}

struct Stage {
    seen: Rc<Seen>,
    stream: Rc<simnet::Stream>,
    net: SimNet,
    server: Host,
    client: Host,
}

impl Stage {
    fn play(
        self,
        event_loop: &EventLoop<SimNet>,
        script: &Script,
        (commands, received): (Commands, Rc<RefCell<Vec<u8>>>),
    ) -> Played {
        let handle = event_loop.handle();
        let started = self.seen.started;
        let (updates, source) = futures::channel::mpsc::unbounded();
        let asked = Rc::new(Cell::new(None));
        let in_vain = Rc::clone(&asked);
        let seen = Rc::clone(&self.seen);
        let ends = stream::poll_fn(move |_| {
            in_vain.set(in_vain.get().or(Some(seen.now())));
            Poll::Ready(None)
        });
        let source = futures::StreamExt::chain(source, ends);
        let watched = Watched {
            stream: Rc::clone(&self.stream),
            seen: Rc::clone(&self.seen),
        };
        let waker: Rc<RefCell<Option<Waker>>> = Rc::default();
        let end: Rc<Cell<Option<(End, Duration)>>> = Rc::default();
        let call = subscription(watched, handle.clone(), Box::pin(source));
        let (ended, seen) = (Rc::clone(&end), Rc::clone(&self.seen));
        let polls = Rc::new(Cell::new(0));
        let task = noting_the_waker((Rc::clone(&waker), Rc::clone(&polls)), async move {
            let how = call.await;
            ended.set(Some((how, seen.now())));
            seen.says("server", format!("returns {how:?}"));
        });
        drop(handle.spawn(task));
        let last = script.last().map_or(0, |(at, _)| *at);
        let until = started + Duration::from_millis(last) + AFTER;
        let follower = follow(
            (self.net.clone(), self.server.clone(), self.client.clone()),
            Rc::clone(&self.seen),
            script.to_vec(),
            (updates, commands, waker),
            until,
        );
        drop(handle.spawn(follower));
        let unread = self.turns(event_loop, &end, until);
        Played {
            seen: self.seen,
            script: script.to_vec(),
            end: end.get(),
            until,
            finished: Cell::new(asked.get()),
            unread,
            received,
            polls: polls.get(),
        }
    }

    /// Runs the loop until the call has ended, or the run's time has passed. Returns how many bytes lay unread when time
    /// went on.
    fn turns(
        &self,
        event_loop: &EventLoop<SimNet>,
        end: &Cell<Option<(End, Duration)>>,
        until: Duration,
    ) -> usize {
        let mut turns = 0;
        let mut unread = 0;
        while end.get().is_none() && self.seen.now() < until {
            let before = (self.seen.now(), self.stream.unread());
            (event_loop.run_once()).expect("the script has a last step");
            turns += 1;
            if self.seen.now() > before.0 {
                turns = 0;
                unread = unread.max(before.1);
            }
            if turns > TURNS {
                self.seen.run.diagnose(
                    "busy-poll",
                    format!("The loop ran {TURNS} iterations at one moment: the task wakes itself, and does not sleep."),
                );
            }
        }
        unread
    }
}

/// The waker of the latest poll.
type KeptWaker = Rc<RefCell<Option<Waker>>>;

async fn follow(
    (net, server, client): (SimNet, Host, Host),
    seen: Rc<Seen>,
    script: Vec<(u64, Step)>,
    (updates, commands, waker): (Updates, Commands, KeptWaker),
    until: Duration,
) {
    let started = seen.started;
    for (number, (at, step)) in (0..).zip(script) {
        let at = Time::after_start(started + Duration::from_millis(at));
        seen.handle.sleep_until(at).await;
        let who = "subscriber";
        match step {
            Step::Update(size) => {
                seen.announces(size);
                let _ = updates.unbounded_send(update(number, size));
            }
            Step::NoMore => updates.close_channel(),
            Step::PowerCut => {
                client.power_off();
                seen.says(who, "loses power");
            }
            Step::Killed => {
                client.kill();
                seen.says(who, "is killed");
            }
            Step::Partition(millis) => {
                net.partition(&server, &client);
                seen.says("network", "is cut");
                let healed = (net.clone(), server.clone(), client.clone());
                let (seen, handle) = (Rc::clone(&seen), seen.handle.clone());
                drop(seen.handle.clone().spawn(async move {
                    handle.sleep(Duration::from_millis(millis)).await;
                    healed.0.heal(&healed.1, &healed.2);
                    seen.says("network", "is whole again");
                }));
            }
            Step::CloseFails => seen.close_fails.set(true),
            Step::SpuriousPoll => waker.borrow().iter().for_each(Waker::wake_by_ref),
            Step::Stalls | Step::Speaks | Step::Leaves => {
                seen.says(
                    who,
                    match step {
                        Step::Stalls => "reads no more",
                        Step::Speaks => "speaks",
                        _ => "sends its end",
                    },
                );
                let _ = commands.unbounded_send(step);
            }
        }
    }
    // The senders live on: there may be more updates, as long as the script has not ended them.
    let later = Time::after_start(until + AFTER);
    seen.handle.sleep_until(later).await;
    drop((updates, commands));
}

/// The bytes of the update in this place of a script.
pub(super) fn update(number: usize, size: usize) -> Vec<u8> {
    (0..size)
        .map(|place| 1 + ((number * 37 + place * 11) % 255) as u8)
        .collect()
}

/// Polls `future`, keeps the waker of the task that it is polled in, and counts the polls.
async fn noting_the_waker<F: Future>(
    (waker, polls): (KeptWaker, Rc<Cell<usize>>),
    future: F,
) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        polls.set(polls.get() + 1);
        let _older = waker.replace(Some(context.waker().clone()));
        future.as_mut().poll(context)
    })
    .await
}
