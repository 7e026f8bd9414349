//! Every short run of signals: what comes, where it interrupts, and when the loop goes on.

use std::rc::Rc;

use probe::random::Random;
use probe::{Recorder, Run};
use service::Signal;

use super::world::{Fault, Moment, World};

/// What can happen.
#[derive(Clone, Copy, Debug)]
enum Event {
    Comes(Signal),
    ComesElsewhere(Signal),
    Interrupts(Moment, Signal),
    Loop,
    Answers,
}

const ALPHABET: [Event; 14] = [
    Event::Comes(Signal::Hangup),
    Event::Comes(Signal::Terminate),
    Event::Loop,
    Event::Interrupts(Moment::AfterTheRead, Signal::Hangup),
    Event::Interrupts(Moment::AfterTheRead, Signal::Terminate),
    Event::Interrupts(Moment::BeforeTheRead, Signal::Hangup),
    Event::Interrupts(Moment::BeforeTheRead, Signal::Interrupt),
    Event::Interrupts(Moment::InReload, Signal::Hangup),
    Event::Interrupts(Moment::InReload, Signal::Terminate),
    Event::Interrupts(Moment::InFinish, Signal::Interrupt),
    Event::ComesElsewhere(Signal::Hangup),
    Event::ComesElsewhere(Signal::Terminate),
    Event::Comes(Signal::Interrupt),
    Event::Answers,
];

/// Carries out the events. What is wrong after them, when the loop sleeps?
fn carry_out(events: &[Event], recorder: &Recorder) -> Option<Fault> {
    let (world, _service) = World::new(recorder, true);
    for &event in events {
        match event {
            Event::Comes(signal) => world.signal(signal),
            Event::ComesElsewhere(signal) => world.signal_elsewhere(signal),
            Event::Interrupts(moment, signal) => world.interrupts(moment, signal),
            Event::Loop => world.polls(),
            Event::Answers => world.answers(),
        }
    }
    let fault = world.fault();
    world.ends(); // The world and the service own each other.
    fault
}

/// Tries all runs of up to three events, shortest first, and then longer ones from a seed.
#[track_caller]
pub(crate) fn every_short_run(run: &Run) {
    let mut tried = 0;
    let mut tries = |events: &[Event]| {
        tried += 1;
        if carry_out(events, &Recorder::new()).is_none() {
            return;
        }
        let fault = carry_out(events, run.recorder()).expect("it is at fault again");
        let sentence = format!(
            "{} Found by trying {tried} runs, the shortest first.",
            fault.sentence
        );
        match fault.code {
            Some(code) => run.diagnose(code, sentence),
            None => run.departs(sentence),
        }
    };
    let mut runs: Vec<Rc<[Event]>> = vec![Rc::new([])];
    for _ in 0..3 {
        let longer = |events: &Rc<[Event]>| {
            let events = Rc::clone(events);
            ALPHABET.map(move |next| {
                events
                    .iter()
                    .copied()
                    .chain([next])
                    .collect::<Rc<[Event]>>()
            })
        };
        runs = runs.iter().flat_map(longer).collect();
        runs.iter().for_each(|events| tries(events));
    }
    let mut random = Random::seeded(3);
    for _ in 0..2_000 {
        let events: Vec<Event> = (0..7).map(|_| *random.pick(&ALPHABET)).collect();
        tries(&events);
    }
}
