//! Every short run of packets and time-outs, beside the reference.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use probe::Run;
use probe::runs::{Machine, Operation, Search, Step};

/// In what a packet differs from the answer to the question that was asked last.
#[derive(Clone, Copy, PartialEq)]
enum Differs {
    Not,
    InCase,
    InPort,
    InHost,
    InNumber,
    InName,
    InKind,
    InTransport,
    /// It answers the question before.
    Older,
}

#[derive(Clone, Copy)]
enum Says {
    Addresses,
    NoAddress,
    NoSuchName,
    Failed,
    Truncated,
}

#[derive(Clone, Copy)]
enum Event {
    Begin,
    TimeOut,
    Packet(Says, Differs),
}

use Differs::{InCase, InHost, InKind, InName, InNumber, InPort, InTransport, Not, Older};
use Says::{Addresses, Failed, NoAddress, NoSuchName, Truncated};

const ALPHABET: [Event; 17] = [
    Event::TimeOut,
    Event::Packet(Addresses, Not),
    Event::Packet(NoAddress, Not),
    Event::Packet(NoSuchName, Not),
    Event::Packet(Failed, Not),
    Event::Packet(Truncated, Not),
    Event::Packet(Addresses, InCase),
    Event::Packet(Addresses, InPort),
    Event::Packet(Addresses, InHost),
    Event::Packet(Addresses, InNumber),
    Event::Packet(Addresses, InName),
    Event::Packet(Addresses, InKind),
    Event::Packet(Addresses, InTransport),
    Event::Packet(Addresses, Older),
    Event::Packet(NoSuchName, InHost),
    Event::Packet(Failed, InNumber),
    Event::Packet(Truncated, InPort),
];

/// The few that lead to the end and beyond.
const FEW: [Event; 5] = [
    Event::Begin,
    Event::TimeOut,
    Event::Packet(Addresses, Not),
    Event::Packet(Failed, Not),
    Event::Packet(Truncated, Not),
];

impl Operation for Event {
    fn actor(&self) -> Cow<'static, str> {
        match self {
            Event::Begin => "caller".into(),
            Event::TimeOut => "clock".into(),
            Event::Packet(..) => "network".into(),
        }
    }

    fn call(&self) -> Cow<'static, str> {
        match self {
            Event::Begin => "begin".into(),
            Event::TimeOut => "time_out".into(),
            Event::Packet(says, differs) => {
                format!("packet: {}{}", said(*says), how(*differs)).into()
            }
        }
    }

    fn happened(&self) -> Cow<'static, str> {
        match self {
            Event::Begin => "`begin` was called".into(),
            Event::TimeOut => "the time-out came".into(),
            Event::Packet(says, differs) => {
                format!("a packet came with {}{}", said(*says), how(*differs)).into()
            }
        }
    }
}

fn said(says: Says) -> &'static str {
    match says {
        Addresses => "addresses",
        NoAddress => "no address",
        NoSuchName => "NoSuchName",
        Failed => "ServerFailed",
        Truncated => "Truncated",
    }
}

fn how(differs: Differs) -> &'static str {
    match differs {
        Not => "",
        InCase => ", the name in capitals",
        InPort => ", from another port",
        InHost => ", from another host",
        InNumber => ", with another number",
        InName => ", about another name",
        InKind => ", about another kind",
        InTransport => ", over the other transport",
        Older => ", as an answer to the question before",
    }
}

/// The same machine on the learner's file and on the reference.
macro_rules! machine {
    ($name:ident) => {
        struct $name {
            look_up: from::$name::LookUp<Box<dyn FnMut() -> u16>>,
            asked: Vec<(SocketAddr, from::$name::Transport, u16)>,
        }

        impl $name {
            fn new(servers: u8, rounds: usize, begun: bool) -> $name {
                use from::$name::{Kind, LookUp, Question};
                let mut number = 4_000_u16;
                let number: Box<dyn FnMut() -> u16> = Box::new(move || {
                    number += 1;
                    number
                });
                let host = |last| IpAddr::V4(Ipv4Addr::new(192, 0, 2, last));
                let servers = (1..=servers).map(|last| (host(last), 53).into()).collect();
                let question = Question {
                    name: super::world::NAME.into(),
                    kind: Kind::A,
                };
                let look_up = LookUp::new(question, servers, rounds, number);
                let mut machine = $name {
                    look_up,
                    asked: Vec::new(),
                };
                if begun {
                    machine.apply(&Event::Begin);
                }
                machine
            }

            fn packet(&self, says: Says, differs: Differs) -> Option<from::$name::Packet> {
                use from::$name::{Answer, Kind, Packet, Question, Transport};
                let older = usize::from(differs == Older);
                let &(from, over, id) = self.asked.iter().rev().nth(older)?;
                let mut packet = Packet {
                    from,
                    over,
                    id,
                    question: Question {
                        name: super::world::NAME.into(),
                        kind: Kind::A,
                    },
                    answer: match says {
                        Addresses => Answer::Addresses(vec![
                            Ipv6Addr::LOCALHOST.into(),
                            Ipv4Addr::LOCALHOST.into(),
                        ]),
                        NoAddress => Answer::Addresses(Vec::new()),
                        NoSuchName => Answer::NoSuchName,
                        Failed => Answer::ServerFailed,
                        Truncated => Answer::Truncated,
                    },
                };
                match differs {
                    Not | Older => {}
                    InCase => packet.question.name = "EXAMPLE.Org".into(),
                    InPort => packet.from.set_port(5_353),
                    InHost => packet.from.set_ip(Ipv4Addr::new(203, 0, 113, 9).into()),
                    InNumber => packet.id ^= 0x0100,
                    InName => packet.question.name = "example.com".into(),
                    InKind => packet.question.kind = Kind::Aaaa,
                    InTransport => {
                        packet.over = match packet.over {
                            Transport::Udp => Transport::Tcp,
                            Transport::Tcp => Transport::Udp,
                        }
                    }
                }
                Some(packet)
            }
        }

        impl Machine for $name {
            type Operation = Event;

            fn apply(&mut self, event: &Event) -> Option<Step> {
                use from::$name::Next;
                let next = match *event {
                    Event::Begin => self.look_up.begin(),
                    Event::TimeOut => self.look_up.time_out(),
                    Event::Packet(says, differs) => {
                        let packet = self.packet(says, differs)?;
                        self.look_up.packet(&packet)
                    }
                };
                if let Next::Ask { server, over, id } = next {
                    self.asked.push((server, over, id));
                }
                Some(Step::of(match next {
                    Next::Wait => "Wait".to_owned(),
                    Next::Ask { server, over, id } => {
                        format!("Ask {server} over {over:?}, number {id}")
                    }
                    Next::Done(Ok(addresses)) => format!("Done: {addresses:?}"),
                    Next::Done(Err(error)) => format!("Done: {error:?}"),
                }))
            }

            fn end(self) -> Step {
                Step::of("dropped")
            }
        }
    };
}

/// The two sides under the names of their machines.
mod from {
    pub(super) use super::super::super::subject as Yours;
    pub(super) use super::super::reference as Reference;
}

machine!(Yours);
machine!(Reference);

pub(super) fn compare(run: &Run) {
    Search::of(&ALPHABET)
        .up_to(3)
        .and_random(150, 24, 9)
        .compare(
            run,
            || Yours::new(3, 2, true),
            || Reference::new(3, 2, true),
        );
    for (servers, rounds) in [(0, 3), (1, 0), (1, 1), (2, 2)] {
        Search::of(&FEW).up_to(4).and_random(20, 16, 5).compare(
            run,
            || Yours::new(servers, rounds, false),
            || Reference::new(servers, rounds, false),
        );
    }
}
