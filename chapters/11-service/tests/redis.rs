//! The same consumer against redis-server, a queue that is not ours, which is killed and started again. Where it is not
//! installed, the test says so and is skipped.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs;
use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use event_loop::EventLoop;
use futures::io::{AsyncReadExt, AsyncWriteExt};
use probe::random::Random;
use reactor::{Reactor, ReactorHandle, TcpStream};
use service::{Backoff, Delays, Event, FullJitter, Heard, Message, Pulse, Session, consume};
use synchronization::Mutex;

const MESSAGES: u64 = 12;
const MILLI: Duration = Duration::from_millis(1);

/// A redis-server that keeps what it was told in a folder. Dropping it kills the process.
struct Redis {
    child: Child,
    port: u16,
}

impl Redis {
    /// `None` if it is not installed.
    fn start(port: Option<u16>, folder: &Path) -> Option<Redis> {
        for _ in 0..20 {
            let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr();
            let port = port.unwrap_or_else(|| free().unwrap().port());
            let started = Command::new("redis-server")
                .args(["--port", &port.to_string(), "--bind", "127.0.0.1"])
                .args([
                    "--appendonly",
                    "yes",
                    "--appendfsync",
                    "always",
                    "--save",
                    "",
                ])
                .arg("--dir")
                .arg(folder)
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn();
            let mut child = match started {
                Err(error) if error.kind() == ErrorKind::NotFound => return None,
                started => started.unwrap(),
            };
            let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
            if lines.any(|line| line.unwrap().contains("eady to accept connections")) {
                // What it prints from now on has to go somewhere.
                std::thread::spawn(move || lines.for_each(drop));
                return Some(Redis { child, port });
            }
            let _status = child.wait();
        }
        panic!("redis-server does not start here")
    }

    /// Sends a command on a connection of its own, and returns the first line of the answer.
    fn ask(&self, words: &[&str]) -> String {
        let mut stream = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.write_all(&command(words)).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _killed = self.child.kill();
        let _status = self.child.wait();
    }
}

/// A command in Redis' protocol: its words, each with its length.
fn command(words: &[&str]) -> Vec<u8> {
    let words = words
        .iter()
        .map(|word| format!("${}\r\n{word}\r\n", word.len()));
    let words: Vec<String> = words.collect();
    format!("*{}\r\n{}", words.len(), words.concat()).into_bytes()
}

/// A list of messages, and one of those that are being handled.
struct RedisSession {
    stream: TcpStream,
    received: RefCell<Vec<u8>>,
    writing: Mutex<()>,
    heard: Heard,
}

impl RedisSession {
    /// Connects, and puts a message back that was being handled when the last connection was lost.
    async fn connect(reactor: &ReactorHandle, port: u16) -> io::Result<RedisSession> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let session = RedisSession {
            stream: TcpStream::connect(reactor, address).await?,
            received: RefCell::default(),
            writing: Mutex::new(()),
            heard: Heard::new(),
        };
        while session
            .ask(&["RPOPLPUSH", "handling", "queue"])
            .await?
            .is_some()
        {}
        Ok(session)
    }

    async fn write(&self, words: &[&str]) -> io::Result<()> {
        let _turn = self.writing.lock().await;
        (&self.stream).write_all(&command(words)).await
    }

    /// The answer: a text or a number; `None` for "nothing there". Pongs come in between.
    async fn ask(&self, words: &[&str]) -> io::Result<Option<String>> {
        self.write(words).await?;
        loop {
            let line = self.line().await?;
            match line.split_at(1) {
                ("+", "PONG") => {}
                ("$", "-1") => return Ok(None),
                ("$", _length) => return self.line().await.map(Some),
                (":", number) => return Ok(Some(number.to_owned())),
                _ => return Err(io::Error::other(line)),
            }
        }
    }

    async fn line(&self) -> io::Result<String> {
        loop {
            if let Some(line) = self.whole_line() {
                self.heard.note();
                return Ok(line);
            }
            let mut chunk = [0; 512];
            match (&self.stream).read(&mut chunk).await? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                count => self.received.borrow_mut().extend(&chunk[..count]),
            }
        }
    }

    fn whole_line(&self) -> Option<String> {
        let mut received = self.received.borrow_mut();
        let end = received.windows(2).position(|pair| pair == b"\r\n")?;
        let line = String::from_utf8_lossy(&received[..end]).into_owned();
        received.drain(..end + 2);
        Some(line)
    }
}

impl Session for RedisSession {
    async fn next(&self) -> io::Result<Option<Message>> {
        let text = self.ask(&["RPOPLPUSH", "queue", "handling"]).await?;
        let message = |text: String| Message {
            number: text.parse().expect("the test has pushed numbers"),
            text,
        };
        Ok(text.map(message))
    }

    async fn done(&self, message: &Message) -> io::Result<()> {
        let removed = self.ask(&["LREM", "handling", "1", &message.text]).await?;
        assert_eq!(removed.as_deref(), Some("1"));
        Ok(())
    }

    async fn ping(&self) -> io::Result<()> {
        self.write(&["PING"]).await
    }

    fn heard(&self) -> &Heard {
        &self.heard
    }
}

#[test]
fn a_redis_server_that_is_killed_and_restarted_loses_no_message() {
    for seed in 0..4 {
        let folder =
            std::env::temp_dir().join(format!("service-redis-{}-{seed}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let Some(server) = Redis::start(None, &folder) else {
            eprintln!("skipped: redis-server is not installed");
            return;
        };
        consume_all(seed, server, &folder);
        fs::remove_dir_all(&folder).unwrap();
    }
}

fn consume_all(seed: u64, server: Redis, folder: &Path) {
    for number in 1..=MESSAGES {
        server.ask(&["LPUSH", "queue", &number.to_string()]);
    }
    let mut random = Random::seeded(seed);
    let mut number = || 1 + random.below(MESSAGES as usize) as u64;
    let kills_at = RefCell::new(BTreeSet::from([number(), number(), number()]));
    let kills = kills_at.borrow().len();
    let (port, server) = (server.port, RefCell::new(Some(server)));
    let (handled, refused) = (RefCell::new(Vec::new()), Cell::new(0));
    let event_loop = EventLoop::with_driver(Reactor::new().unwrap());
    let reactor = event_loop.driver().handle();
    let pulse = Pulse {
        every: 20 * MILLI,
        patience: 10_000 * MILLI,
    };
    let delays = Delays::Doubling {
        first: 4 * MILLI,
        cap: 40 * MILLI,
    };
    event_loop.block_on(consume(
        &event_loop.handle(),
        Backoff::new(delays, 200 * MILLI, FullJitter::seeded(seed)),
        pulse,
        || RedisSession::connect(&reactor, port),
        async |message| {
            handled.borrow_mut().push(message.number);
            if kills_at.borrow_mut().remove(&message.number) {
                drop(server.take());
            }
        },
        |event| {
            let is_down = server.borrow().is_none();
            if let (Event::Refused(_), true) = (event, is_down) {
                refused.set(refused.get() + 1);
                if refused.get() % 2 == 0 {
                    server.replace(Redis::start(Some(port), folder));
                }
            }
        },
    ));
    let server = server.take().expect("it was started again");
    let handled = handled.take();
    assert!(
        (1..=MESSAGES).all(|number| handled.contains(&number)),
        "seed {seed}: {handled:?}"
    );
    assert!(
        handled.len() <= MESSAGES as usize + kills,
        "seed {seed}: {handled:?}"
    );
    assert_eq!(refused.get(), 2 * kills, "seed {seed}");
    for list in ["queue", "handling"] {
        assert_eq!(server.ask(&["LLEN", list]), ":0", "seed {seed}: {list}");
    }
    assert_eq!(
        (event_loop.timers(), reactor.sources()),
        (0, 0),
        "seed {seed}"
    );
}
