//! Two customers, one session: the second one sees the orders of the first.

use std::io;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use futures::io::{AsyncReadExt, AsyncWriteExt};
use state_machines::{Winner, race};
use synchronization::Pool;
use synchronization::pool::Connector;
use world::far_server::FarServer;

const MILLI: Duration = Duration::from_millis(1);

// ANCHOR: session
/// A session with a database that answers each line with one line.
struct Session {
    stream: FarServer,
}

impl Session {
    async fn query(&mut self, text: &str) -> io::Result<String> {
        self.stream
            .write_all(format!("{text}\n").as_bytes())
            .await?;
        let mut line = Vec::new();
        loop {
            let mut byte = [0];
            self.stream.read_exact(&mut byte).await?;
            match byte {
                [b'\n'] => return Ok(String::from_utf8_lossy(&line).into_owned()),
                [byte] => line.push(byte),
            }
        }
    }
}
// ANCHOR_END: session

/// Makes the sessions of the pool. It knows nothing that could be broken about them.
struct Shop(Handle);

impl Connector for Shop {
    type Connection = Session;
    type Error = io::Error;

    async fn connect(&self) -> io::Result<Session> {
        Ok(Session {
            stream: FarServer::new(&self.0, 10 * MILLI, orders),
        })
    }

    fn is_broken(&self, _session: &mut Session) -> bool {
        false
    }
}

/// The server: it answers `orders of NAME` with the orders of that customer.
fn orders(requests: &mut Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&std::mem::take(requests)).into_owned();
    let answers = text.lines().map(|line| match line {
        "orders of Ada" => "Ada: 3 cookbooks\n",
        "orders of Bob" => "Bob: 1 bicycle\n",
        _other => "unknown\n",
    });
    answers.collect::<String>().into_bytes()
}

// ANCHOR: main
fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let pool = Pool::new(1, Shop(handle.clone()));
    event_loop.block_on(async {
        // The answer takes 10 ms.
        for (customer, patience) in [("Ada", 7 * MILLI), ("Bob", 30 * MILLI)] {
            let mut session = pool.acquire().await.expect("the pool is open");
            let query = format!("orders of {customer}");
            let answer = Box::pin(session.query(&query));
            match race(answer, handle.sleep(patience)).await {
                Winner::First(orders) => println!("{customer} sees \"{}\"", orders.unwrap()),
                Winner::Second(()) => println!("{customer} sees a time-out"),
            }
        }
    });
}
// ANCHOR_END: main
