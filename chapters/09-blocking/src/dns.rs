//! Names become addresses without a thread: DNS, spoken over the reactor.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use event_loop::{Time, Timer};
use futures::future::join;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use hickory_proto::op::{Message, MessageType, Query, ResponseCode};
use hickory_proto::rr::{Name, RData, RecordType};
use reactor::{ReactorHandle, TcpStream, UdpSocket};
use state_machines::{Winner, race};

use crate::single_flight::SingleFlight;

/// The longest UDP answer that is read. A server that has more says so, and is asked over TCP. A query without the
/// EDNS extension allows 512 bytes (RFC 1035).
const LONGEST: usize = 4_096;

/// How many aliases are followed for one name.
const ALIASES: usize = 8;

/// Whom to ask, and for how long.
#[derive(Debug, Clone)]
pub struct Options {
    /// The servers, in the order in which they are asked.
    pub servers: Vec<SocketAddr>,
    /// How long one server may take for one answer.
    pub timeout: Duration,
    /// How often the list of servers is gone through.
    pub rounds: usize,
    /// For how long a name without addresses is remembered, if its server does not say. RFC 2308, section 5, advises
    /// against remembering it at all: that is [`Duration::ZERO`].
    pub negative: Duration,
    /// How many names are remembered.
    pub cache: usize,
}

impl Options {
    /// These servers, two rounds of 2 seconds each, and a cache of 1,000 names.
    #[must_use]
    pub fn new(servers: Vec<SocketAddr>) -> Options {
        Options {
            servers,
            timeout: Duration::from_secs(2),
            rounds: 2,
            negative: Duration::from_secs(60),
            cache: 1_000,
        }
    }
}

/// A resolver that asks servers itself. It needs no thread, and any wait in it can be dropped.
///
/// It asks for both kinds of addresses at the same time, follows aliases, asks the next server after a time-out or a
/// failure, and takes an answer over TCP that is too long for a packet. Each question has a socket and a number of
/// its own, both chosen at random by the kernel and by `hickory-proto`, and a packet counts as the answer only if it
/// comes from the server and repeats number and question.
///
/// Answers are kept for as long as they say they are valid, on the loop's clock. Callers of one name share the
/// questions that are on their way.
///
/// It does not read the system's configuration: no `hosts` file, no search list.
pub struct DnsResolver<T> {
    inner: Rc<Inner<T>>,
}

struct Inner<T> {
    reactor: ReactorHandle,
    timer: T,
    options: Options,
    cache: RefCell<HashMap<Name, Kept>>,
    flights: SingleFlight<Name, Answer>,
}

type Answer = Result<Vec<IpAddr>, DnsError>;

struct Kept {
    until: Time,
    answer: Answer,
}

/// Why a name has no address. Each variant has the name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DnsError {
    /// It is no name: too long, or with a part that is empty or too long.
    NotAName(String),
    /// A server says that there is no such name.
    NoSuchName(String),
    /// The name exists, and has no address.
    NoAddress(String),
    /// No server answered, with what went wrong last.
    NoAnswer(String, String),
}

/// What one question led to.
enum Told {
    Addresses(Vec<IpAddr>, Duration),
    NoSuchName(Duration),
    NoAddress(Duration),
}

impl<T: Timer + Clone + 'static> DnsResolver<T> {
    /// A resolver on the loop of `reactor` and `timer`.
    pub fn new(reactor: &ReactorHandle, timer: T, options: Options) -> DnsResolver<T> {
        let inner = Inner {
            reactor: reactor.clone(),
            timer,
            options,
            cache: RefCell::default(),
            flights: SingleFlight::new(),
        };
        DnsResolver {
            inner: Rc::new(inner),
        }
    }

    /// The addresses of a name: IPv6 first, each kind in the order of its answer. An address is its own answer.
    ///
    /// # Errors
    ///
    /// See [`DnsError`].
    pub async fn resolve(&self, name: &str) -> Answer {
        if let Ok(address) = name.parse() {
            return Ok(vec![address]);
        }
        let mut known = Name::from_utf8(name).map_err(|_| DnsError::NotAName(name.to_owned()))?;
        known.set_fqdn(true);
        let known = known.to_lowercase();
        if let Some(answer) = self.inner.kept(&known) {
            return answer;
        }
        let inner = Rc::clone(&self.inner);
        let asked = known.clone();
        let call = self
            .inner
            .flights
            .run(known, move || async move { inner.look_up(asked).await });
        call.await
    }
}

impl<T: Timer> Inner<T> {
    fn kept(&self, name: &Name) -> Option<Answer> {
        let cache = self.cache.borrow();
        let kept = cache.get(name)?;
        (kept.until > self.timer.now()).then(|| kept.answer.clone())
    }

    fn keep(&self, name: Name, answer: Answer, valid: Duration) {
        let now = self.timer.now();
        let mut cache = self.cache.borrow_mut();
        if cache.len() >= self.options.cache {
            cache.retain(|_, kept| kept.until > now);
        }
        if cache.len() < self.options.cache {
            let until = now + valid;
            cache.insert(name, Kept { until, answer });
        }
    }

    // ANCHOR: look_up
    /// Asks for both kinds of addresses, and keeps what the answers allow to keep.
    async fn look_up(&self, name: Name) -> Answer {
        let six = self.addresses(name.clone(), RecordType::AAAA);
        let four = self.addresses(name.clone(), RecordType::A);
        let text = name.to_string();
        let (answer, valid) = match join(six, four).await {
            (Ok(Told::Addresses(mut six, a)), Ok(Told::Addresses(four, b))) => {
                six.extend(four);
                (Ok(six), a.min(b))
            }
            (Ok(Told::Addresses(found, valid)), _) | (_, Ok(Told::Addresses(found, valid))) => {
                (Ok(found), valid)
            }
            (Ok(Told::NoSuchName(valid)), _) | (_, Ok(Told::NoSuchName(valid))) => {
                (Err(DnsError::NoSuchName(text)), valid)
            }
            (Ok(Told::NoAddress(a)), Ok(Told::NoAddress(b))) => {
                (Err(DnsError::NoAddress(text)), a.min(b))
            }
            // A failure says nothing about the name, so it is not kept.
            (Err(error), _) | (_, Err(error)) => {
                return Err(DnsError::NoAnswer(text, error.to_string()));
            }
        };
        self.keep(name, answer.clone(), valid);
        answer
    }
    // ANCHOR_END: look_up

    /// The addresses of one kind, through aliases.
    async fn addresses(&self, name: Name, kind: RecordType) -> io::Result<Told> {
        let mut name = name;
        let mut valid = Duration::MAX;
        for _ in 0..=ALIASES {
            let message = self.ask_all(&name, kind).await?;
            if message.metadata.response_code == ResponseCode::NXDomain {
                return Ok(Told::NoSuchName(self.negative(&message)));
            }
            let asked = name.clone();
            for _ in 0..ALIASES {
                let Some((target, ttl)) = alias(&message, &name) else {
                    break;
                };
                (name, valid) = (target, valid.min(ttl));
            }
            let found: Vec<(IpAddr, Duration)> = addresses(&message, &name);
            if !found.is_empty() {
                let shortest = found.iter().map(|(_, ttl)| *ttl).min();
                let valid = valid.min(shortest.unwrap_or_default());
                let addresses = found.into_iter().map(|(address, _)| address);
                return Ok(Told::Addresses(addresses.collect(), valid));
            }
            if name == asked {
                return Ok(Told::NoAddress(self.negative(&message)));
            }
            // The answer ends with an alias: the next question is for its target.
        }
        Err(io::Error::other("its aliases do not end"))
    }

    /// For how long the absence of an address is valid (RFC 2308).
    fn negative(&self, message: &Message) -> Duration {
        let mut zones = message
            .authorities
            .iter()
            .filter_map(|record| match &record.data {
                RData::SOA(zone) => Some(seconds(record.ttl.min(zone.minimum))),
                _ => None,
            });
        zones.next().unwrap_or(self.options.negative)
    }

    // ANCHOR: ask_all
    /// Asks one server after the other, in several rounds, until one answers.
    async fn ask_all(&self, name: &Name, kind: RecordType) -> io::Result<Message> {
        let mut last = io::Error::other("there is no server to ask");
        for _ in 0..self.options.rounds {
            for &server in &self.options.servers {
                let limit = self.timer.sleep(self.options.timeout);
                let question = Box::pin(self.ask(server, name, kind));
                last = match race(question, limit).await {
                    Winner::First(Ok(message)) => match message.metadata.response_code {
                        ResponseCode::NoError | ResponseCode::NXDomain => return Ok(message),
                        code => io::Error::other(format!("{server} answered: {code}")),
                    },
                    Winner::First(Err(error)) => error,
                    Winner::Second(()) => io::Error::other(format!("{server} did not answer")),
                };
            }
        }
        Err(last)
    }
    // ANCHOR_END: ask_all

    // ANCHOR: ask
    /// Asks one server, and waits for its answer.
    async fn ask(&self, server: SocketAddr, name: &Name, kind: RecordType) -> io::Result<Message> {
        // Port 0: the kernel chooses one. Who wants to forge an answer has to guess it.
        let own = match server {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let socket = UdpSocket::bind(&self.reactor, (own, 0).into())?;
        let mut question = Message::query();
        question.metadata.recursion_desired = true;
        question.add_query(Query::query(name.clone(), kind));
        let bytes = question.to_vec().map_err(io::Error::other)?;
        socket.send_to(&bytes, server).await?;
        let mut packet = [0; LONGEST];
        loop {
            let (length, sender) = socket.recv_from(&mut packet).await?;
            if sender != server {
                continue;
            }
            match Message::from_vec(&packet[..length]) {
                Ok(answer) if !answers(&answer, &question) => {}
                Ok(answer) if answer.metadata.truncation => {
                    return self.ask_over_tcp(server, &question, &bytes).await;
                }
                Ok(answer) => return Ok(answer),
                Err(_) => {}
            }
        }
    }
    // ANCHOR_END: ask

    async fn ask_over_tcp(
        &self,
        server: SocketAddr,
        question: &Message,
        bytes: &[u8],
    ) -> io::Result<Message> {
        let mut stream = TcpStream::connect(&self.reactor, server).await?;
        let length = u16::try_from(bytes.len()).map_err(io::Error::other)?;
        stream.write_all(&length.to_be_bytes()).await?;
        stream.write_all(bytes).await?;
        let mut length = [0; 2];
        stream.read_exact(&mut length).await?;
        let mut answer = vec![0; usize::from(u16::from_be_bytes(length))];
        stream.read_exact(&mut answer).await?;
        let answer = Message::from_vec(&answer).map_err(io::Error::other)?;
        match answers(&answer, question) {
            true => Ok(answer),
            false => Err(io::Error::other(format!(
                "{server} answered another question"
            ))),
        }
    }
}

/// Whether this is the answer to that question.
fn answers(answer: &Message, question: &Message) -> bool {
    answer.metadata.message_type == MessageType::Response
        && answer.metadata.id == question.metadata.id
        && answer.queries == question.queries
}

/// What a name is an alias of.
fn alias(message: &Message, name: &Name) -> Option<(Name, Duration)> {
    message
        .answers
        .iter()
        .find_map(|record| match &record.data {
            RData::CNAME(target) if record.name == *name => {
                Some((target.0.to_lowercase(), seconds(record.ttl)))
            }
            _ => None,
        })
}

fn addresses(message: &Message, name: &Name) -> Vec<(IpAddr, Duration)> {
    let records = message.answers.iter().filter(|record| record.name == *name);
    records
        .filter_map(|record| {
            let address = match &record.data {
                RData::A(four) => IpAddr::V4(four.0),
                RData::AAAA(six) => IpAddr::V6(six.0),
                _ => return None,
            };
            Some((address, seconds(record.ttl)))
        })
        .collect()
}

/// A time to live. RFC 2181 says that its highest bit counts as zero; a week is long enough for the rest.
fn seconds(ttl: u32) -> Duration {
    const WEEK: u32 = 7 * 24 * 3_600;
    match ttl >> 31 {
        0 => Duration::from_secs(u64::from(ttl.min(WEEK))),
        _ => Duration::ZERO,
    }
}

impl<T> fmt::Debug for DnsResolver<T> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("DnsResolver")
            .field("options", &self.inner.options)
            .field("kept", &self.inner.cache.borrow().len())
            .finish_non_exhaustive()
    }
}

impl fmt::Display for DnsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DnsError::NotAName(name) => write!(out, "`{name}` is no name"),
            DnsError::NoSuchName(name) => write!(out, "{name} does not exist"),
            DnsError::NoAddress(name) => write!(out, "{name} has no address"),
            DnsError::NoAnswer(name, last) => write!(out, "no answer about {name}: {last}"),
        }
    }
}

impl std::error::Error for DnsError {}
