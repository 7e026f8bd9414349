//! An iterator over all questions as the plan, and a tuple for the question that counts.

use std::net::{IpAddr, SocketAddr};

/// What is asked.
#[derive(Debug, Clone)]
pub struct Question {
    /// The name. Upper and lower case of an ASCII letter are the same letter (RFC 4343).
    pub name: String,
    /// What is asked about it.
    pub kind: Kind,
}

/// The kind of address that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// IPv4.
    A,
    /// IPv6.
    Aaaa,
}

/// How a packet travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A packet of its own.
    Udp,
    /// A connection, for what is too long for a packet.
    Tcp,
}

/// A packet that has arrived, from anywhere.
#[derive(Debug, Clone)]
pub struct Packet {
    /// The sender that it names: an address and a port.
    pub from: SocketAddr,
    /// How it came.
    pub over: Transport,
    /// The number of the question that it answers.
    pub id: u16,
    /// The question that it answers.
    pub question: Question,
    /// The answer.
    pub answer: Answer,
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// The name exists, and has these addresses; perhaps none of this kind.
    Addresses(Vec<IpAddr>),
    /// The name does not exist.
    NoSuchName,
    /// The server could not find out.
    ServerFailed,
    /// The answer is too long for a packet.
    Truncated,
}

/// What the caller has to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// Nothing: wait for a packet, or for the time-out.
    Wait,
    /// Send the question to this server with this number, and start a new time-out.
    Ask {
        /// The server.
        server: SocketAddr,
        /// How to send it.
        over: Transport,
        /// The number of the question.
        id: u16,
    },
    /// The look-up has ended.
    Done(Result<Vec<IpAddr>, LookUpError>),
}

/// Why a look-up has no addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LookUpError {
    /// A server said that the name does not exist.
    NoSuchName,
    /// No server gave an answer.
    NoAnswer,
}

/// Asks one server after the other until one answers.
///
/// It has no socket and no clock. The caller tells it what happens, and does what it returns.
///
/// ```text
///   begin ──▶ Ask ──▶ packet ──▶ Done
///              ▲  │
///              │  ├──▶ packet that does not count ──▶ Wait
///              │  │
///              └──┴──▶ time_out, ServerFailed: the next server
/// ```
///
/// - **Order.** The servers are asked in their order, over UDP. After the last one the first follows again, until
///   each has been asked `rounds` times. Then the look-up ends with [`LookUpError::NoAnswer`]. Without a server, or with 0
///   rounds, `begin` returns that at once.
/// - **Numbers.** Each question over UDP has a new number, which `number` chooses. It is called once for each of them, and
///   never for anything else.
/// - **What counts.** A packet counts if it is the answer to the question that was asked *last*. It comes from the address and
///   the port of that server, over the same transport, with the same number, and holds the same question: the same kind, and
///   the same name in upper or lower case. Any sender can be forged, so a packet that does not count says nothing about the
///   server: it changes nothing, and `packet` returns [`Next::Wait`].
/// - **Answers that count.** Addresses end the look-up, also if there are none. `NoSuchName` ends it with
///   [`LookUpError::NoSuchName`]. After `ServerFailed` the next server is asked at once. After `Truncated` over UDP the same
///   server is asked over TCP with the same number; after `Truncated` over TCP the next server is asked.
/// - **Time.** After [`time_out`](LookUp::time_out) the next server is asked.
/// - **Outside of a look-up.** Before `begin`, and after `Done`, `packet` and `time_out` return [`Next::Wait`] and change
///   nothing. So does a second `begin`.
pub struct LookUp<N> {
    question: Question,
    servers: Vec<SocketAddr>,
    rounds: usize,
    number: N,
    plan: Option<Box<dyn Iterator<Item = SocketAddr>>>,
    waits_for: Option<(SocketAddr, Transport, u16)>,
    begun: bool,
}

impl<N: FnMut() -> u16> LookUp<N> {
    /// A look-up that has asked nothing yet. `number` returns a random number at each call.
    #[must_use]
    pub fn new(
        question: Question,
        servers: Vec<SocketAddr>,
        rounds: usize,
        number: N,
    ) -> LookUp<N> {
        LookUp {
            question,
            servers,
            rounds,
            number,
            plan: None,
            waits_for: None,
            begun: false,
        }
    }

    /// Begins: returns the first question.
    pub fn begin(&mut self) -> Next {
        if self.begun {
            return Next::Wait;
        }
        self.begun = true;
        let (rounds, servers) = (self.rounds, self.servers.clone());
        let all = (0..rounds).flat_map(move |_| servers.clone());
        self.plan = if self.servers.is_empty() {
            None
        } else {
            Some(Box::new(all))
        };
        self.go_on()
    }

    /// A packet has arrived.
    pub fn packet(&mut self, packet: &Packet) -> Next {
        let mut same = packet.question.clone();
        same.name.make_ascii_uppercase();
        let fits =
            same.name == self.question.name.to_ascii_uppercase() && same.kind == self.question.kind;
        match self.waits_for {
            Some(it) if it == (packet.from, packet.over, packet.id) && fits => {}
            _ => return Next::Wait,
        }
        let done = match packet.answer.clone() {
            Answer::Addresses(list) => Ok(list),
            Answer::NoSuchName => Err(LookUpError::NoSuchName),
            Answer::Truncated if packet.over == Transport::Udp => {
                let (server, id) = (packet.from, packet.id);
                self.waits_for = Some((server, Transport::Tcp, id));
                return Next::Ask {
                    server,
                    over: Transport::Tcp,
                    id,
                };
            }
            Answer::ServerFailed | Answer::Truncated => return self.go_on(),
        };
        self.waits_for = None;
        Next::Done(done)
    }

    /// The question that was asked last has not been answered in time.
    pub fn time_out(&mut self) -> Next {
        if self.waits_for.is_none() {
            Next::Wait
        } else {
            self.go_on()
        }
    }

    fn go_on(&mut self) -> Next {
        match self.plan.as_mut().and_then(Iterator::next) {
            None => {
                self.waits_for = None;
                self.plan = None;
                Next::Done(Err(LookUpError::NoAnswer))
            }
            Some(server) => {
                let id = (self.number)();
                self.waits_for = Some((server, Transport::Udp, id));
                Next::Ask {
                    server,
                    over: Transport::Udp,
                    id,
                }
            }
        }
    }
}
