//! The resolver that needs no thread, against servers of this test.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use blocking::dns::{DnsError, DnsResolver, Options};
use event_loop::{EventLoop, Handle};
use futures::FutureExt;
use futures::future::join_all;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use hickory_proto::op::{Message, MessageType, ResponseCode};
use hickory_proto::rr::rdata::{A, AAAA, CNAME, SOA};
use hickory_proto::rr::{Name, RData, Record, RecordType};
use reactor::{Reactor, ReactorHandle, TcpListener, UdpSocket};

/// What a server does with a question.
type Script = Rc<dyn Fn(&Message) -> Vec<Message>>;

/// A loop, and what a test needs of it.
struct World {
    event_loop: EventLoop<Reactor>,
    reactor: ReactorHandle,
    handle: Handle,
    /// The questions that servers received: name and kind.
    asked: Rc<RefCell<Vec<String>>>,
}

impl World {
    fn new() -> World {
        let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
        let reactor = event_loop.driver().handle();
        let handle = event_loop.handle();
        World {
            event_loop,
            reactor,
            handle,
            asked: Rc::default(),
        }
    }

    /// A server that sends the answers of `script`.
    fn server(&self, script: impl Fn(&Message) -> Vec<Message> + 'static) -> SocketAddr {
        let socket = UdpSocket::bind(&self.reactor, local()).unwrap();
        let address = socket.local_addr().unwrap();
        let (script, asked): (Script, _) = (Rc::new(script), Rc::clone(&self.asked));
        drop(self.handle.spawn(async move {
            let mut packet = [0; 4_096];
            loop {
                let (length, client) = socket.recv_from(&mut packet).await.unwrap();
                let question = Message::from_vec(&packet[..length]).unwrap();
                asked.borrow_mut().push(said(&question));
                for answer in script(&question) {
                    let bytes = answer.to_vec().unwrap();
                    socket.send_to(&bytes, client).await.unwrap();
                }
            }
        }));
        address
    }

    fn resolver(&self, servers: &[SocketAddr]) -> DnsResolver<Handle> {
        let mut options = Options::new(servers.to_vec());
        options.timeout = Duration::from_millis(100);
        DnsResolver::new(&self.reactor, self.handle.clone(), options)
    }

    fn resolve(&self, resolver: &DnsResolver<Handle>, name: &str) -> Result<Vec<IpAddr>, DnsError> {
        self.event_loop.block_on(resolver.resolve(name))
    }
}

fn local() -> SocketAddr {
    "127.0.0.1:0".parse().unwrap()
}

fn said(question: &Message) -> String {
    let query = &question.queries[0];
    format!("{} {}", query.name, query.query_type)
}

/// An answer to this question with these records.
fn answer(question: &Message, records: Vec<Record>) -> Message {
    let mut answer = question.clone();
    answer.metadata.message_type = MessageType::Response;
    answer.add_answers(records);
    answer
}

fn name(text: &str) -> Name {
    Name::from_utf8(text).unwrap()
}

fn kind(question: &Message) -> RecordType {
    question.queries[0].query_type
}

fn four(of: &str, last: u8, ttl: u32) -> Record {
    Record::from_rdata(name(of), ttl, RData::A(A::new(10, 0, 0, last)))
}

fn six(of: &str, ttl: u32) -> Record {
    let address = AAAA("fd00::1".parse().unwrap());
    Record::from_rdata(name(of), ttl, RData::AAAA(address))
}

fn alias(of: &str, target: &str) -> Record {
    Record::from_rdata(name(of), 60, RData::CNAME(CNAME(name(target))))
}

/// A server that knows `host.test.` with both kinds of addresses.
fn plain(question: &Message) -> Vec<Message> {
    let records = match kind(question) {
        RecordType::A => vec![four("host.test.", 1, 60), four("host.test.", 2, 60)],
        _ => vec![six("host.test.", 60)],
    };
    vec![answer(question, records)]
}

fn addresses(texts: &[&str]) -> Vec<IpAddr> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

#[test]
fn both_kinds_of_addresses_are_asked_for_and_kept() {
    let world = World::new();
    let resolver = world.resolver(&[world.server(plain)]);
    for _ in 0..3 {
        let found = world.resolve(&resolver, "Host.test").unwrap();
        assert_eq!(found, addresses(&["fd00::1", "10.0.0.1", "10.0.0.2"]));
    }
    let mut asked = world.asked.take();
    asked.sort();
    assert_eq!(asked, ["host.test. A", "host.test. AAAA"]);
}

#[test]
fn callers_of_one_name_share_the_questions() {
    let world = World::new();
    let resolver = world.resolver(&[world.server(plain)]);
    let found = world
        .event_loop
        .block_on(join_all((0..100).map(|_| resolver.resolve("host.test"))));
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(world.asked.borrow().len(), 2);
}

#[test]
fn an_answer_without_time_to_live_is_asked_for_again() {
    let world = World::new();
    let server = world.server(|question| match kind(question) {
        RecordType::A => vec![answer(question, vec![four("host.test.", 1, 0)])],
        _ => vec![answer(question, Vec::new())],
    });
    let resolver = world.resolver(&[server]);
    for _ in 0..2 {
        world.resolve(&resolver, "host.test").unwrap();
    }
    assert_eq!(world.asked.borrow().len(), 4);
}

#[test]
fn aliases_are_followed_within_an_answer_and_beyond_it() {
    let world = World::new();
    let server = world.server(|question| {
        let records = match (said(question).as_str(), kind(question)) {
            ("a.test. A", _) => vec![alias("a.test.", "b.test."), alias("b.test.", "c.test.")],
            ("c.test. A", _) => vec![four("c.test.", 3, 60)],
            _ => Vec::new(),
        };
        vec![answer(question, records)]
    });
    let resolver = world.resolver(&[server]);
    assert_eq!(
        world.resolve(&resolver, "a.test").unwrap(),
        addresses(&["10.0.0.3"])
    );
}

#[test]
fn aliases_that_lead_round_in_circles_end() {
    let world = World::new();
    let server = world.server(|question| {
        vec![answer(
            question,
            vec![alias("a.test.", "b.test."), alias("b.test.", "a.test.")],
        )]
    });
    let resolver = world.resolver(&[server]);
    let ended = world.resolve(&resolver, "a.test");
    assert!(ended.is_err(), "{ended:?}");
}

#[test]
fn a_name_that_does_not_exist_is_remembered_as_long_as_its_zone_says() {
    let world = World::new();
    let server = world.server(|question| {
        let mut told = answer(question, Vec::new());
        told.metadata.response_code = ResponseCode::NXDomain;
        let zone = SOA::new(name("test."), name("test."), 1, 1, 1, 1, 300);
        told.add_authority(Record::from_rdata(name("test."), 300, RData::SOA(zone)));
        vec![told]
    });
    let resolver = world.resolver(&[server]);
    for _ in 0..2 {
        let error = world.resolve(&resolver, "no.test").unwrap_err();
        assert_eq!(error, DnsError::NoSuchName("no.test.".into()));
    }
    assert_eq!(world.asked.borrow().len(), 2);
}

#[test]
fn the_next_server_is_asked_after_a_time_out_and_after_a_failure() {
    let world = World::new();
    let silent = world.server(|_| Vec::new());
    let failing = world.server(|question| {
        let mut told = answer(question, Vec::new());
        told.metadata.response_code = ResponseCode::ServFail;
        vec![told]
    });
    let resolver = world.resolver(&[silent, failing, world.server(plain)]);
    assert_eq!(world.resolve(&resolver, "host.test").unwrap().len(), 3);
    assert_eq!(world.asked.borrow().len(), 6);
}

#[test]
fn a_failure_is_not_kept_and_names_the_server() {
    let world = World::new();
    let answers = Rc::new(Cell::new(false));
    let now = Rc::clone(&answers);
    let server = world.server(move |question| match now.get() {
        true => plain(question),
        false => Vec::new(),
    });
    let resolver = world.resolver(&[server]);
    let error = world.resolve(&resolver, "host.test").unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no answer about host.test.: {server} did not answer")
    );
    answers.set(true);
    assert!(world.resolve(&resolver, "host.test").is_ok());
}

#[test]
fn packets_that_do_not_answer_the_question_are_passed_over() {
    let world = World::new();
    let server = world.server(|question| {
        let mut other_number = answer(question, vec![four("host.test.", 66, 60)]);
        other_number.metadata.id ^= 1;
        let mut other_question = answer(question, vec![four("host.test.", 66, 60)]);
        other_question.queries[0].set_name(name("other.test."));
        let mut no_answer = answer(question, vec![four("host.test.", 66, 60)]);
        no_answer.metadata.message_type = MessageType::Query;
        let mut told = vec![other_number, other_question, no_answer];
        told.extend(plain(question));
        told
    });
    let resolver = world.resolver(&[server]);
    let found = world.resolve(&resolver, "host.test").unwrap();
    assert!(!found.contains(&"10.0.0.66".parse().unwrap()), "{found:?}");
}

#[test]
fn an_answer_that_is_too_long_for_a_packet_comes_over_tcp() {
    let world = World::new();
    let listener = TcpListener::bind(&world.reactor, local()).unwrap();
    let address = listener.local_addr().unwrap();
    let socket = UdpSocket::bind(&world.reactor, address).unwrap();
    drop(world.handle.spawn(async move {
        let mut packet = [0; 4_096];
        loop {
            let (length, client) = socket.recv_from(&mut packet).await.unwrap();
            let question = Message::from_vec(&packet[..length]).unwrap();
            let mut told = answer(&question, Vec::new());
            told.metadata.truncation = true;
            socket
                .send_to(&told.to_vec().unwrap(), client)
                .await
                .unwrap();
        }
    }));
    drop(world.handle.spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut length = [0; 2];
            stream.read_exact(&mut length).await.unwrap();
            let mut bytes = vec![0; usize::from(u16::from_be_bytes(length))];
            stream.read_exact(&mut bytes).await.unwrap();
            let question = Message::from_vec(&bytes).unwrap();
            let records = match kind(&question) {
                RecordType::A => (0..200).map(|last| four("host.test.", last, 60)).collect(),
                _ => Vec::new(),
            };
            let bytes = answer(&question, records).to_vec().unwrap();
            let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
            stream.write_all(&length).await.unwrap();
            stream.write_all(&bytes).await.unwrap();
        }
    }));
    let resolver = world.resolver(&[address]);
    assert_eq!(world.resolve(&resolver, "host.test").unwrap().len(), 200);
}

#[test]
fn a_dropped_question_leaves_no_socket() {
    let world = World::new();
    let resolver = world.resolver(&[world.server(|_| Vec::new())]);
    let before = world.reactor.sources();
    world.event_loop.block_on(async {
        let mut question = Box::pin(resolver.resolve("host.test"));
        assert!((&mut question).now_or_never().is_none());
        assert!(world.reactor.sources() > before);
        drop(question);
    });
    assert_eq!(world.reactor.sources(), before);
}

#[test]
fn what_is_no_name_is_said_so_and_an_address_is_its_own_answer() {
    let world = World::new();
    let resolver = world.resolver(&[]);
    for text in ["a..test", &"x".repeat(64)] {
        let error = world.resolve(&resolver, text).unwrap_err();
        assert_eq!(error, DnsError::NotAName(text.into()));
    }
    assert_eq!(
        world.resolve(&resolver, "::1").unwrap(),
        addresses(&["::1"])
    );
    let error = world.resolve(&resolver, "host.test").unwrap_err();
    assert_eq!(
        error.to_string(),
        "no answer about host.test.: there is no server to ask"
    );
}
