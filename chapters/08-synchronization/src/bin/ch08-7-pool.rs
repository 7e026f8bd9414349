//! Twelve requests to a database: with a connection each, and with a pool of two.

use std::cell::Cell;
use std::convert::Infallible;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};
use synchronization::Pool;
use synchronization::pool::Connector;

const TO_CONNECT: Duration = Duration::from_millis(30);
const TO_ASK: Duration = Duration::from_millis(10);

// ANCHOR: connector
/// Connects to a database, and counts.
#[derive(Clone)]
struct Database {
    timer: Handle,
    made: Rc<Cell<u32>>,
    open: Rc<Cell<u32>>,
    most: Rc<Cell<u32>>,
}

struct Connection(Rc<Cell<u32>>);

impl Connector for Database {
    type Connection = Connection;
    type Error = Infallible;

    async fn connect(&self) -> Result<Connection, Infallible> {
        self.timer.sleep(TO_CONNECT).await;
        self.made.set(self.made.get() + 1);
        self.open.set(self.open.get() + 1);
        self.most.set(self.most.get().max(self.open.get()));
        Ok(Connection(Rc::clone(&self.open)))
    }

    fn is_broken(&self, _connection: &mut Connection) -> bool {
        false
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}
// ANCHOR_END: connector

// ANCHOR: requests
async fn alone(database: Database) {
    let Ok(connection) = database.connect().await;
    database.timer.sleep(TO_ASK).await;
    drop(connection);
}

async fn pooled(pool: Pool<Database>, timer: Handle) {
    let connection = pool.acquire().await.expect("the pool is open");
    timer.sleep(TO_ASK).await;
    drop(connection);
}

/// One request each eight milliseconds. How long they take on average.
async fn twelve<F: Future<Output = ()> + 'static>(
    timer: &Handle,
    request: impl Fn() -> F,
) -> Duration {
    let mut requests = Vec::new();
    for _ in 0..12 {
        let (started, now, request) = (timer.now(), timer.clone(), request());
        requests.push(timer.spawn(async move {
            request.await;
            now.now() - started
        }));
        timer.sleep(Duration::from_millis(8)).await;
    }
    let mut sum = Duration::ZERO;
    for request in requests {
        sum += request.await.expect("no request fails");
    }
    sum / 12
}
// ANCHOR_END: requests

fn main() {
    closed_output::end_quietly();
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let timer = event_loop.handle();
    let database = || Database {
        timer: timer.clone(),
        made: Rc::default(),
        open: Rc::default(),
        most: Rc::default(),
    };
    event_loop.block_on(async {
        let each = database();
        let average = twelve(&timer, || alone(each.clone())).await;
        print("one each:  ", &each, average);
        let shared = database();
        let pool = Pool::new(2, shared.clone());
        let average = twelve(&timer, || pooled(pool.clone(), timer.clone())).await;
        print("two shared:", &shared, average);
        pool.close().await;
        println!("after close: {} open", shared.open.get());
    });
}

fn print(name: &str, database: &Database, average: Duration) {
    let (made, most) = (database.made.get(), database.most.get());
    println!("{name} {made:>2} connections made, {most} open at once, {average:?} a request");
}
