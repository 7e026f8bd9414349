//! Many queries over twenty connections while the server's processes, and the whole server, are killed.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::sync::Arc;

use futures::future::{FutureExt, join_all};
use probe::random::Random;
use synchronization::Mutex;
use world::postgres::{Client, Error, Row, Statement};

use super::server::Server;
use super::{World, on_a_loop};

const CONNECTIONS: usize = 20;
/// This many tasks share a connection, and pipeline their requests on it.
const SHARE: usize = 4;

#[test]
fn every_answer_reaches_its_caller_while_servers_are_killed() {
    for seed in 0..2 {
        ask(2_000, seed);
    }
}

#[test]
#[ignore = "it takes half a minute; continuous integration runs it"]
fn of_a_hundred_thousand_queries_none_is_answered_twice_or_to_another_caller() {
    ask(100_000, 16);
}

fn ask(queries: u64, seed: u64) {
    let Some(server) = Server::start() else {
        return;
    };
    on_a_loop(Arc::new(server), async |world| {
        let admin = world.client().await;
        let text = "CREATE TABLE done (number int8)";
        admin.simple(text).await.unwrap();
        drop(admin);
        let run = Run {
            queries,
            seed,
            next: Cell::new(0),
            kills: Cell::new(0),
            known: RefCell::default(),
            world,
        };
        let slots: Vec<Slot> = (0..CONNECTIONS).map(|_| Slot::default()).collect();
        let tasks = (0..CONNECTIONS * SHARE).map(|task| run.task(task, &slots[task % CONNECTIONS]));
        join_all(tasks).await;
        run.compare_with_the_table().await;
    });
}

/// One connection, which tasks share. It is made again when it is lost.
type Slot = Mutex<Option<Session>>;

#[derive(Clone)]
struct Session {
    client: Client,
    echo: Statement,
    insert: Statement,
}

/// What a caller knows about its `INSERT`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Known {
    Done,
    /// The connection was lost, or the caller went away, before the answer.
    Unknown,
}

struct Run {
    queries: u64,
    seed: u64,
    next: Cell<u64>,
    kills: Cell<u64>,
    known: RefCell<BTreeMap<u64, Known>>,
    world: World,
}

impl Run {
    async fn task(&self, task: usize, slot: &Slot) {
        let mut random = Random::seeded(self.seed * 1_000 + task as u64);
        while let Some(number) = self.number() {
            if number % (self.queries / 10) == self.queries / 20 {
                self.kill().await;
            }
            let session = self.session(slot).await;
            match random.below(10) {
                0 => self.insert(&session, number).await,
                1 => self.leave(&session, number).await,
                _ => self.echo(&session, number).await,
            }
        }
    }

    fn number(&self) -> Option<u64> {
        let number = self.next.get();
        self.next.set(number + 1);
        (number < self.queries).then_some(number)
    }

    async fn echo(&self, session: &Session, number: u64) {
        let text = number.to_string();
        let values = [Some(&*text)];
        match session.client.query(&session.echo, &values).await {
            Ok(rows) => assert_eq!(rows[0].parse(0), Ok(number), "seed {}", self.seed),
            Err(error) => self.lost(&error),
        }
    }

    async fn insert(&self, session: &Session, number: u64) {
        self.known.borrow_mut().insert(number, Known::Unknown);
        let text = number.to_string();
        let values = [Some(&*text)];
        match session.client.execute(&session.insert, &values).await {
            Ok(count) => {
                assert_eq!(count, 1, "seed {}", self.seed);
                self.known.borrow_mut().insert(number, Known::Done);
            }
            Err(error) => self.lost(&error),
        }
    }

    /// Sends an `INSERT`, and goes away before the answer.
    async fn leave(&self, session: &Session, number: u64) {
        self.known.borrow_mut().insert(number, Known::Unknown);
        let number = number.to_string();
        let values = [Some(&*number)];
        let mut call = Box::pin(session.client.execute(&session.insert, &values));
        let _answer = call.as_mut().now_or_never();
        event_loop::yield_now().await;
    }

    /// The only error there may be.
    fn lost(&self, error: &Error) {
        assert!(
            matches!(error, Error::Lost { .. }),
            "seed {}: {error}",
            self.seed
        );
    }

    async fn session(&self, slot: &Slot) -> Session {
        let mut slot = slot.lock().await;
        loop {
            if let Some(session) = slot.as_ref().filter(|session| !session.client.is_closed()) {
                return session.clone();
            }
            // A server that is still starting refuses.
            if let Ok(session) = self.open().await {
                *slot = Some(session);
            }
        }
    }

    async fn open(&self) -> Result<Session, Error> {
        let (client, connection) = self.world.connect_as(&World::config()).await?;
        drop(connection);
        Ok(Session {
            echo: client.prepare("SELECT $1::int8").await?,
            insert: client.prepare("INSERT INTO done VALUES ($1)").await?,
            client,
        })
    }

    /// By turns the processes of half of the connections, and the whole server.
    async fn kill(&self) {
        self.kills.set(self.kills.get() + 1);
        if self.kills.get().is_multiple_of(3) {
            self.world.server.kill_and_restart();
            return;
        }
        let text = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                    WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() AND pid % 2 = 0";
        let Ok((client, _connection)) = self.world.connect_as(&World::config()).await else {
            return;
        };
        let _outcome = client.simple(text).await;
    }

    /// Every insert that was answered is there once, and every other one at most once.
    async fn compare_with_the_table(&self) {
        let client = self.world.client().await;
        let text = "SELECT number, count(*) FROM done GROUP BY number";
        let rows = client.simple(text).await.unwrap().remove(0).rows;
        let count = |row: &Row| (row.parse(0).unwrap(), row.parse(1).unwrap());
        let counts: BTreeMap<u64, u64> = rows.iter().map(count).collect();
        let known = self.known.borrow();
        for (number, count) in &counts {
            assert_eq!(*count, 1, "seed {}: {number} is there twice", self.seed);
            assert!(known.contains_key(number), "seed {}: {number}", self.seed);
        }
        let done = known.iter().filter(|(_, known)| **known == Known::Done);
        for (number, _known) in done {
            assert!(
                counts.contains_key(number),
                "seed {}: {number} is lost",
                self.seed
            );
        }
        assert_eq!(self.kills.get(), 10, "seed {}", self.seed);
    }
}
