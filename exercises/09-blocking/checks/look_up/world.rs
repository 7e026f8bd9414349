//! One look-up, the questions that it has asked, and packets of every kind.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::super::subject::{Answer, Kind, LookUp, Next, Packet, Question, Transport};
use probe::Run;

pub(super) const NAME: &str = "example.org";

/// The first server: its address, and the port for DNS.
pub(super) const FIRST: SocketAddr = server(1);
pub(super) const SECOND: SocketAddr = server(2);

const fn server(number: u8) -> SocketAddr {
    SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, number)), 53)
}

/// The address that the right answer holds.
pub(super) fn right() -> Vec<IpAddr> {
    vec![IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7))]
}

/// Numbers that differ from call to call: 4001, 4002 and so on.
type Numbers = Box<dyn FnMut() -> u16>;

pub(super) struct World {
    pub(super) run: Run,
    look_up: LookUp<Numbers>,
    /// What was asked, in order.
    pub(super) asked: Vec<(SocketAddr, Transport, u16)>,
    pub(super) last: Next,
}

impl World {
    /// A look-up with two servers and two rounds that has begun.
    pub(super) fn begun(run: Run) -> World {
        let mut world = World::new(run, vec![FIRST, SECOND], 2);
        world.tell("begin", LookUp::begin);
        if world.asked.len() != 1 {
            world
                .run
                .departs("`begin` has to return the first question, and did not.");
        }
        world
    }

    pub(super) fn new(run: Run, servers: Vec<SocketAddr>, rounds: usize) -> World {
        let question = Question {
            name: NAME.into(),
            kind: Kind::A,
        };
        let mut last = 4_000;
        let number: Numbers = Box::new(move || {
            last = u16::wrapping_add(last, 1);
            last
        });
        World {
            run,
            look_up: LookUp::new(question, servers, rounds, number),
            asked: Vec::new(),
            last: Next::Wait,
        }
    }

    /// Tells the look-up what happened, and notes what it returns.
    pub(super) fn tell(
        &mut self,
        what: &str,
        call: impl FnOnce(&mut LookUp<Numbers>) -> Next,
    ) -> Next {
        let entered = self.run.recorder().enters("look-up", what);
        let next = call(&mut self.look_up);
        entered.returns(words(&next));
        if let Next::Ask { server, over, id } = next {
            self.asked.push((server, over, id));
        }
        self.last = next.clone();
        next
    }

    /// Many time-outs, without a line for each.
    pub(super) fn time_outs(&mut self, count: usize) {
        for _ in 0..count {
            self.last = self.look_up.time_out();
        }
    }

    pub(super) fn time_out(&mut self) -> Next {
        self.tell("time_out", LookUp::time_out)
    }

    pub(super) fn arrives(&mut self, what: &str, packet: &Packet) -> Next {
        self.tell(&format!("packet: {what}"), |look_up| look_up.packet(packet))
    }

    /// The packet that answers the question which was asked last.
    pub(super) fn answer(&self, answer: Answer) -> Packet {
        self.answer_to(self.asked.len() - 1, answer)
    }

    /// The packet that answers one of the questions.
    pub(super) fn answer_to(&self, asked: usize, answer: Answer) -> Packet {
        let (from, over, id) = self.asked[asked];
        Packet {
            from,
            over,
            id,
            question: Question {
                name: NAME.into(),
                kind: Kind::A,
            },
            answer,
        }
    }

    /// Ends the test if the look-up did not return this.
    pub(super) fn expect(&self, expected: &Next, why: &str) {
        if self.last != *expected {
            self.run.departs(format!(
                "{why}. Expected: {}. Returned: {}.",
                words(expected),
                words(&self.last)
            ));
        }
    }
}

/// A step of the look-up in words.
pub(super) fn words(next: &Next) -> String {
    match next {
        Next::Wait => "Wait".into(),
        Next::Ask { server, over, id } => format!("Ask {server} over {over:?}, number {id}"),
        Next::Done(Ok(addresses)) if addresses.is_empty() => "Done: no address".into(),
        Next::Done(Ok(addresses)) => {
            let list: Vec<String> = addresses.iter().map(IpAddr::to_string).collect();
            format!("Done: {}", list.join(", "))
        }
        Next::Done(Err(error)) => format!("Done: {error:?}"),
    }
}
