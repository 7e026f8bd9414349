//! 3.6 oneshot: a channel for one value.

use std::borrow::Cow;
use std::pin::Pin;
use std::task::{Context, Poll};

use super::subject::{Closed, Receiver, channel};
use probe::detect::{DropCounter, Token};
use probe::runs::{Known, Machine, Operation, Search, Step as Seen};
use probe::{Event, Run, What, run, snapshot};
use probe_futures::heap;
use probe_futures::laws::waiting::{self, Wait};
use probe_futures::runs::Tasks;
use probe_futures::{poller, spy};
use probe_model::sync::thread::{self, ThreadId};
use probe_model::sync::{Arc, Condvar, Mutex};
use probe_model::{Blame, alone, compare, explore, no_moment_is_missed, once};

/// Counts the memory that a channel leaves behind.
#[global_allocator]
static HEAP: heap::Counting = heap::Counting;

/// A receiver, and a value that is sent.
fn sent() -> Wait<Receiver<u32>> {
    let (sender, receiver) = channel();
    Wait::new(receiver, move || {
        assert_eq!(
            sender.send(7),
            Ok(()),
            "`send` gave the value back although the receiver was there"
        );
    })
}

/// A receiver, and a sender that goes away.
fn dropped() -> Wait<Receiver<u32>> {
    let (sender, receiver) = channel();
    Wait::new(receiver, move || drop(sender))
}

const BLOCKED: Blame<'static> = Blame {
    mistake: Some("blocked-in-poll"),
    sentence: "The poll did not come back: it waits, inside, for something to happen. A poll says what is so now, and returns; the waiting \
               is done by whoever polls, for all that it polls.",
};

#[test]
fn a_value_sent_before_the_first_poll_is_received_at_once() {
    let run = alone(
        || run!("sent_before"),
        |run| {
            let (sender, receiver) = channel();
            let call = run.recorder().enters("sender", "send(7)");
            match probe_model::expected(|| sender.send(7)) {
                Ok(Ok(())) => call.returns("Ok"),
                Ok(Err(_)) => {
                    call.returns("Err");
                    run.departs("`send` gave the value back although the receiver was there.");
                }
                Err(panic) => run.departs(format!("`send` panicked: {}.", panic.message)),
            }
            let mut receiver = spy(run, "receiver", receiver);
            match poller(run.recorder(), "A").poll(Pin::new(&mut receiver)) {
                Poll::Ready(Ok(7)) => {}
                Poll::Ready(Ok(_)) => run.departs("Another value came out than was put in."),
                Poll::Ready(Err(Closed)) => run.diagnose(
                    "closed-over-the-value",
                    format!(
                        "The value had been sent, and the receiver is told that the sender went away without one. `send` takes the \
                         sender, which is dropped when `send` returns, after every send. {}",
                        where_the_value_is()
                    ),
                ),
                Poll::Pending => run.departs("The value had been sent, and the receiver does not see it."),
            }
        },
    );
    snapshot!(run);
}

/// Why a receiver is told `Closed` although a value was sent: the same once more, with a value that is counted.
fn where_the_value_is() -> &'static str {
    let values = DropCounter::new();
    let (sender, receiver) = channel();
    let _given_back = sender.send(values.token());
    let replaced = values.alive() == 0;
    drop(receiver);
    if replaced {
        "What its destructor noted has replaced the value."
    } else {
        "The value is still there: the poll asks whether the sender is gone before it asks whether there is a value."
    }
}

#[test]
fn before_anything_is_sent_the_receiver_is_pending() {
    once(
        || run!(),
        BLOCKED,
        BLOCKED,
        |run| {
            let Wait { future, event } = sent();
            let mut receiver = spy(run, "receiver", future);
            if poller(run.recorder(), "A")
                .poll(Pin::new(&mut receiver))
                .is_ready()
            {
                run.diagnose(
                    "ready-too-early",
                    "It was ready although nothing had been sent yet.",
                );
            }
            // What a destructor does is another promise's business: here only a poll is to be blamed.
            std::mem::forget((receiver, event));
        },
    );
}

#[test]
fn while_it_waits_it_does_not_wake_itself() {
    alone(
        || run!(),
        |run| waiting::wakes_only_for_a_reason(run, sent()),
    );
}

#[test]
fn a_value_sent_later_wakes_the_receiver() {
    let run = alone(
        || run!("sent_later"),
        |run| {
            expect(run, waiting::wakes_when_it_happens(run, sent()), Ok(7));
            let events = run.recorder().recording().events;
            let woken = |event: &&Event| event.track == "A" && event.what == What::Woken;
            if events.iter().filter(woken).count() > 1 {
                run.diagnose(
                    "waker-kept",
                    "One value was sent, and A was woken twice: `send` called the waker and left it where it was, and the sender's \
                     destructor found it there.",
                );
            }
        },
    );
    snapshot!(run);
}

#[test]
fn polling_again_before_anything_happened_changes_nothing() {
    alone(
        || run!(),
        |run| expect(run, waiting::a_poll_proves_nothing(run, sent()), Ok(7)),
    );
}

#[test]
fn a_receiver_that_has_moved_to_another_task_is_still_woken() {
    alone(
        || run!(),
        |run| expect(run, waiting::wakes_whoever_polled_last(run, sent()), Ok(7)),
    );
}

#[test]
fn a_sender_that_is_gone_before_the_first_poll_is_noticed() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel::<u32>();
            drop(sender);
            run.recorder().says("sender", "is dropped");
            let mut receiver = spy(run, "receiver", receiver);
            match poller(run.recorder(), "A").poll(Pin::new(&mut receiver)) {
                Poll::Ready(Err(Closed)) => {}
                Poll::Ready(Ok(_)) => run.departs("A value came out, and nobody had sent one."),
                Poll::Pending => run.diagnose(
                    "sender-gone-unnoticed",
                    "The sender was dropped without sending. The receiver goes on waiting for a value that cannot come any more.",
                ),
            }
        },
    );
}

#[test]
fn a_sender_that_is_dropped_wakes_the_receiver_with_closed() {
    let run = alone(
        || run!("sender_dropped"),
        |run| {
            let Wait { future, event } = dropped();
            let mut receiver = spy(run, "receiver", future);
            let a = poller(run.recorder(), "A");
            if a.poll(Pin::new(&mut receiver)).is_ready() {
                run.departs("It was ready although nothing had happened yet.");
            }
            run.recorder().says("sender", "is dropped");
            event();
            if a.wakes() == 0 {
                run.diagnose(
                    "closed-without-a-wake",
                    "The sender was dropped while the receiver waited, and nobody was woken: the receiver will never ask again, and \
                     never hear of it.",
                );
            }
            match a.poll(Pin::new(&mut receiver)) {
                Poll::Ready(Err(Closed)) => {}
                other => run.departs(format!(
                    "The sender is gone: the receiver should be ready with Closed, and it is {other:?}."
                )),
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_value_for_a_receiver_that_is_gone_comes_back() {
    let run = alone(
        || run!("receiver_gone"),
        |run| {
            let (sender, receiver) = channel();
            let is_closed = || {
                let call = run.recorder().enters("sender", "is_closed()");
                let closed = sender.is_closed();
                call.returns(closed.to_string());
                closed
            };
            if is_closed() {
                run.departs("`is_closed` says that the receiver is gone, and it is there.");
            }
            drop(receiver);
            run.recorder().says("receiver", "is dropped");
            if !is_closed() {
                run.diagnose(
                    "receiver-gone-unnoticed",
                    "The receiver was dropped, and `is_closed` does not say so: what both halves share has not been told.",
                );
            }
            let call = run.recorder().enters("sender", "send(7)");
            match sender.send(7) {
                Err(7) => call.returns("Err(7)"),
                Err(_) => {
                    call.returns("Err");
                    run.departs("Another value came back than was sent.");
                }
                Ok(()) => {
                    call.returns("Ok");
                    run.diagnose(
                        "value-lost",
                        "The receiver was gone, and `send` said Ok: nobody will ever see the value, and its sender was not told.",
                    );
                }
            }
        },
    );
    snapshot!(run);
}

#[test]
fn a_receiver_that_is_dropped_while_it_waits_leaves_no_waker() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel::<u32>();
            waiting::keeps_no_waker_when_dropped(
                run,
                Wait::new(receiver, move || {
                    let _given_back = sender.send(7);
                }),
            );
        },
    );
}

#[test]
fn whoever_is_woken_may_poll_at_once() {
    for wait in [sent, dropped] {
        once(
            || run!(),
            Blame {
                mistake: Some("wake-under-lock"),
                sentence: "The task that was woken polled at once, from inside `wake`, and everything stood still: `wake` is called \
                           while the lock is held that the poll needs.",
            },
            Blame::BUSY,
            move |run| waiting::wakes_without_its_lock(run, wait()),
        );
    }
}

#[test]
fn a_value_that_arrives_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), sent);
}

#[test]
fn a_sender_that_goes_away_in_the_middle_of_a_poll_is_not_missed() {
    no_moment_is_missed(|| run!(), dropped);
}

#[test]
fn a_value_that_nobody_receives_is_dropped_with_the_channel() {
    alone(
        || run!(),
        |run| {
            let values = DropCounter::new();
            let (sender, receiver) = channel();
            if sender.send(values.token()).is_err() {
                run.departs("`send` gave the value back although the receiver was there.");
            }
            run.recorder().says("sender", "sends a value");
            drop(receiver);
            run.recorder().says("receiver", "is dropped");
            if values.alive() > 0 {
                run.diagnose(
                    "value-kept",
                    "Both halves of the channel are gone, and the value that was sent is still in memory.",
                );
            }
        },
    );
}

#[test]
fn a_value_is_either_sent_or_given_back_whatever_the_moment() {
    explore(
        || run!(),
        Blame::ASLEEP,
        Blame::BUSY,
        |run| {
            let values = DropCounter::new();
            let (sender, receiver) = channel::<Token>();
            let other = thread::spawn(move || drop(receiver));
            let result = sender.send(values.token());
            run.recorder().says(
                "sender",
                match result {
                    Ok(()) => "the value was sent",
                    Err(_) => "the value came back",
                },
            );
            if result.is_err() && values.alive() == 0 {
                run.departs("What came back is not the value that was sent.");
            }
            drop(result);
            other.join().expect("dropping a receiver does not panic");
            if values.alive() > 0 {
                run.diagnose(
                    "value-kept",
                    "The receiver was dropped at the moment when the value was sent. Both halves are gone, and the value is still in \
                     memory.",
                );
            }
        },
    );
}

#[test]
fn polled_again_after_it_was_ready_it_panics() {
    alone(
        || run!(),
        |run| {
            let (sender, receiver) = channel();
            let _sent = sender.send(7);
            let mut receiver = Box::pin(receiver);
            let a = poller(run.recorder(), "A");
            let first = a.poll(receiver.as_mut());
            if first.is_pending() {
                run.departs("The value had been sent, and the receiver does not see it.");
            }
            run.recorder()
                .says("receiver", "is ready, and is polled again");
            match probe_model::expected(|| a.poll(receiver.as_mut())) {
                Err(_) => {
                    let dropped = probe_model::expected(|| drop(receiver));
                    if let Err(panic) = dropped {
                        run.diagnose(
                            "panicked-with-the-lock",
                            format!(
                                "The second poll panicked, as it should, but while it held the lock. That poisons the lock, and then \
                                 dropping the receiver panicked as well: {}. Where the first panic unwinds and drops the receiver, the \
                                 second one ends the whole process.",
                                panic.message
                            ),
                        );
                    }
                }
                Ok(Poll::Pending) => run.diagnose(
                    "pending-after-ready",
                    "The value has been taken out, and the receiver waits for another one, which cannot come. Whoever polls it by \
                     mistake would wait for ever and never learn why: a panic says so at once.",
                ),
                Ok(Poll::Ready(again)) => run.diagnose(
                    "resumed-after-complete",
                    format!(
                        "The value has been taken out, and a second poll was ready with {again:?}. A receiver is ready once; after that \
                         the contract asks for a panic, as only a mistake can have polled it.",
                    ),
                ),
            }
        },
    );
}

#[test]
fn a_channel_that_is_over_leaves_no_memory_behind() {
    // The model keeps books on every lock until it is over, so the memory is looked at before it begins and after it has ended.
    let use_them = || {
        let before = heap::in_use();
        drop(alone(
            || run!(),
            |run| (0..CHANNELS).for_each(|_| use_one(run)),
        ));
        (heap::in_use() - before) / CHANNELS
    };
    let _what_is_made_once = use_them();
    let left = use_them();
    if left >= NOTHING {
        let run = run!();
        run.recorder().says(
            "channel",
            format!("{CHANNELS} were used and dropped: {left} bytes of each are left"),
        );
        run.diagnose(
            "never-dropped",
            "Both halves of each channel are gone, and memory that they shared is still in use. Something that belongs to it was \
             forgotten, and its destructor never ran.",
        );
    }
}

const CHANNELS: isize = 200;
/// No more than the two counts of an `Arc`. A run of the model leaves a little, however many channels there are.
const NOTHING: isize = 16;

fn use_one(run: &Run) {
    let a = poller(run.recorder(), "A").waker();
    let (sender, receiver) = channel();
    let _sent = sender.send(7);
    let mut receiver = Box::pin(receiver);
    let _ready = receiver.as_mut().poll(&mut Context::from_waker(&a));
}

/// Not asked for: that nobody clones a waker under the lock. It is as much a call of other people's code, but makes a count go up, and
/// libraries that are careful about drops do it.
#[test]
fn a_waker_is_dropped_with_no_lock_held() {
    // The receiver's waker is thrown out: by a newer one, and because the receiver is dropped.
    for replaced in [true, false] {
        once(
            || run!(),
            Blame {
                mistake: Some("dropped-under-lock"),
                sentence: "A waker was dropped that was a task's last owner, and with the task the sender went. The sender's destructor \
                           came to the lock that was still held around the drop, and would wait for it for ever.",
            },
            Blame::BUSY,
            move |run| {
                let (sender, receiver) = channel::<u32>();
                let mut receiver = spy(run, "receiver", receiver);
                let [a, b] = ["A", "B"].map(|name| poller(run.recorder(), name));
                let _pending = a.poll(Pin::new(&mut receiver));
                let recorder = run.recorder().clone();
                a.on_drop(move || {
                    let call =
                        recorder.enters("A", "its last waker is gone, and it drops the sender");
                    drop(sender);
                    call.returns("done");
                });
                let pending = replaced && b.poll(Pin::new(&mut receiver)).is_pending();
                if pending && b.wakes() == 0 {
                    run.departs(
                        "The sender went away in the middle of B's poll. B was told to wait, and was not woken.",
                    );
                }
                run.recorder().says("receiver", "is dropped");
                drop(receiver);
            },
        );
    }
}

#[test]
fn a_value_is_dropped_with_no_lock_held() {
    explore(
        || run!(),
        Blame {
            mistake: Some("dropped-under-lock"),
            sentence: "The receiver was dropped, and with it the value that had been sent. The value's destructor waits until the sender's \
                       thread is done, and that one cannot get at the lock, which is still held around the drop: each would wait for the other for ever.",
        },
        Blame::BUSY,
        |run| {
            let (sender, receiver) = channel();
            let done: Done = Arc::default();
            let (theirs, recorder) = (Arc::clone(&done), run.recorder().clone());
            let other = thread::spawn(move || {
                let value = WaitsForItsSender {
                    sender: thread::current().id(),
                    done: Arc::clone(&theirs),
                };
                let call = recorder.enters("sender", "send(value)");
                let result = sender.send(value);
                call.returns(if result.is_ok() { "Ok" } else { "Err" });
                drop(result);
                *theirs.0.lock().expect("nobody panics with it") = true;
                theirs.1.notify_all();
            });
            thread::yield_now();
            let call = run.recorder().enters("receiver", "is dropped");
            drop(receiver);
            call.returns("done");
            other.join().expect("sending does not panic");
        },
    );
}

type Done = Arc<(Mutex<bool>, Condvar)>;

/// A value whose destructor waits until the one who sent it has come back from `send`.
struct WaitsForItsSender {
    sender: ThreadId,
    done: Done,
}

impl Drop for WaitsForItsSender {
    fn drop(&mut self) {
        if std::thread::panicking() || thread::current().id() == self.sender {
            return;
        }
        let mut done = self.done.0.lock().expect("nobody panics with it");
        while !*done {
            done = self.done.1.wait(done).expect("nobody panics with it");
        }
    }
}

#[test]
fn every_short_run_is_as_expected() {
    use Step::{DropReceiver, DropSender, IsClosed, Send};
    let alphabet = [
        Step::Poll(0),
        Step::Poll(1),
        Send,
        DropSender,
        DropReceiver,
        IsClosed,
    ];
    let search = Search::of(&alphabet).up_to(5).naming(&KNOWN);
    compare(search, || run!(), Yours::new, Reference::new);
}

/// One step of a short run.
#[derive(Clone, Copy, PartialEq)]
enum Step {
    /// By task A or B.
    Poll(usize),
    Send,
    DropSender,
    DropReceiver,
    IsClosed,
}

impl Operation for Step {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(_) | Step::DropReceiver => "receiver".into(),
            Step::Send | Step::DropSender | Step::IsClosed => "sender".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(0) => "poll by A".into(),
            Step::Poll(_) => "poll by B".into(),
            Step::Send => "send(value)".into(),
            Step::DropSender | Step::DropReceiver => "is dropped".into(),
            Step::IsClosed => "is_closed()".into(),
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Step::Poll(0) => "A polled the receiver".into(),
            Step::Poll(_) => "B polled the receiver".into(),
            Step::Send => "a value was sent".into(),
            Step::DropSender => "the sender was dropped".into(),
            Step::DropReceiver => "the receiver was dropped".into(),
            Step::IsClosed => "the sender asked `is_closed`".into(),
        }
    }
}

const KNOWN: [Known<Step>; 2] = [
    Known {
        mistake: "value-lost",
        sentence: "`send` said Ok although the receiver was gone, and the value was dropped.",
        shows: |difference| {
            difference.operation() == Some(&Step::Send)
                && difference.your_step().outcome() == "Ok"
                && difference.expected_step().outcome() == "Err(value)"
        },
    },
    Known {
        mistake: "resumed-after-complete",
        sentence: "The receiver had been ready, and was polled once more: that has to panic.",
        shows: |difference| {
            matches!(difference.operation(), Some(Step::Poll(_)))
                && difference.expected_step().outcome() == "panics"
        },
    },
];

/// Carries out the steps on a channel of `$module`.
macro_rules! machine {
    ($name:ident, $($module:ident)::+) => {
        struct $name {
            sender: Option<$($module)::+::Sender<Token>>,
            receiver: Option<Pin<Box<$($module)::+::Receiver<Token>>>>,
            tasks: Tasks,
            values: DropCounter,
        }

        impl $name {
            fn new() -> $name {
                let (sender, receiver) = $($module)::+::channel();
                $name {
                    sender: Some(sender),
                    receiver: Some(Box::pin(receiver)),
                    tasks: Tasks::new(),
                    values: DropCounter::new(),
                }
            }

            fn outcome(&mut self, step: Step) -> Option<&'static str> {
                Some(match step {
                    Step::Poll(task) => match self.tasks.poll(task, self.receiver.as_mut()?.as_mut()) {
                        Poll::Pending => "Pending",
                        Poll::Ready(Ok(_)) => "Ready(Ok(value))",
                        Poll::Ready(Err(_)) => "Ready(Err(Closed))",
                    },
                    Step::Send => match self.sender.take()?.send(self.values.token()) {
                        Ok(()) => "Ok",
                        Err(_) => "Err(value)",
                    },
                    Step::DropSender => {
                        drop(self.sender.take()?);
                        "done"
                    }
                    Step::DropReceiver => {
                        self.tasks.stop_waiting();
                        drop(self.receiver.take()?);
                        "done"
                    }
                    Step::IsClosed if self.sender.as_ref()?.is_closed() => "true",
                    Step::IsClosed => "false",
                })
            }
        }

        impl Machine for $name {
            type Operation = Step;

            fn apply(&mut self, step: &Step) -> Option<Seen> {
                let outcome = self.outcome(*step)?;
                let seen = self.tasks.tell(Seen::of(outcome));
                Some(seen.fact("values", format!("{} alive", self.values.alive())))
            }

            fn end(self) -> Seen {
                let $name { sender, receiver, tasks, values } = self;
                drop((sender, receiver));
                Seen::of("everything is dropped")
                    .fact("values", format!("{} alive", values.alive()))
                    .fact("wakers", format!("{} kept", tasks.wakers_kept()))
            }
        }
    };
}

machine!(Yours, super::subject);
machine!(Reference, wakers::oneshot);

#[track_caller]
fn expect(run: &Run, received: Result<u32, Closed>, right: Result<u32, Closed>) {
    if received != right {
        run.departs(format!(
            "The receiver should get {right:?}, and it got {received:?}."
        ));
    }
}
