//! One question, several servers, and packets from anywhere: a look-up without a socket and without a clock.

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
    // YOURS
    state: State,
    // STUB: // Yours: what was asked last, and how many questions are left.
    // YOURS_END
}

// YOURS
enum State {
    New,
    Asking(Asked),
    Ended,
}

#[derive(Clone, Copy)]
struct Asked {
    /// How many questions were asked before this one.
    before: usize,
    server: SocketAddr,
    over: Transport,
    id: u16,
}

// YOURS_END
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
            // YOURS
            state: State::New,
            // YOURS_END
        }
    }

    /// Begins: returns the first question.
    pub fn begin(&mut self) -> Next {
        // YOURS
        match self.state {
            State::New => self.ask(0),
            State::Asking(_) | State::Ended => Next::Wait,
        }
        // STUB: todo!("ask the first server")
        // YOURS_END
    }

    /// A packet has arrived.
    pub fn packet(&mut self, packet: &Packet) -> Next {
        // YOURS
        let State::Asking(asked) = self.state else {
            return Next::Wait;
        };
        if !self.counts(&asked, packet) {
            return Next::Wait;
        }
        match (&packet.answer, asked.over) {
            (Answer::Addresses(addresses), _) => self.end(Ok(addresses.clone())),
            (Answer::NoSuchName, _) => self.end(Err(LookUpError::NoSuchName)),
            (Answer::Truncated, Transport::Udp) => self.asks(Asked {
                over: Transport::Tcp,
                ..asked
            }),
            (Answer::ServerFailed | Answer::Truncated, _) => self.ask(asked.before + 1),
        }
        // STUB: todo!("does {packet:?} count, and what does it say?")
        // YOURS_END
    }

    /// The question that was asked last has not been answered in time.
    pub fn time_out(&mut self) -> Next {
        // YOURS
        match self.state {
            State::Asking(asked) => self.ask(asked.before + 1),
            State::New | State::Ended => Next::Wait,
        }
        // STUB: todo!("ask the next server")
        // YOURS_END
    }
    // YOURS

    /// Asks, after so many questions.
    fn ask(&mut self, before: usize) -> Next {
        if before / self.servers.len().max(1) >= self.rounds || self.servers.is_empty() {
            return self.end(Err(LookUpError::NoAnswer));
        }
        let asked = Asked {
            before,
            server: self.servers[before % self.servers.len()],
            over: Transport::Udp,
            id: (self.number)(),
        };
        self.asks(asked)
    }

    fn asks(&mut self, asked: Asked) -> Next {
        self.state = State::Asking(asked);
        let Asked {
            server, over, id, ..
        } = asked;
        Next::Ask { server, over, id }
    }

    fn end(&mut self, outcome: Result<Vec<IpAddr>, LookUpError>) -> Next {
        self.state = State::Ended;
        Next::Done(outcome)
    }

    fn counts(&self, asked: &Asked, packet: &Packet) -> bool {
        packet.from == asked.server
            && packet.over == asked.over
            && packet.id == asked.id
            && packet.question.kind == self.question.kind
            && (packet.question.name).eq_ignore_ascii_case(&self.question.name)
    }
    // YOURS_END
}
