//! A consumer of a queue, whose server is killed and started again in the middle. The server is this program, too, in a
//! process of its own.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;
use std::{env, fs, io};

use event_loop::{EventLoop, Handle};
use reactor::{Reactor, ReactorHandle};
use service::line_server::{self, Process};
use service::{Backoff, Delays, Event, FullJitter, LineSession, Message, Pulse, consume};

fn main() -> io::Result<()> {
    closed_output::end_quietly();
    let arguments: Vec<String> = env::args().collect();
    if arguments.get(1).is_some_and(|word| word == "serve") {
        return line_server::main(&arguments[2..]);
    }
    let done = env::temp_dir().join(format!("ch11-7-killed-{}", std::process::id()));
    let event_loop = EventLoop::with_driver(Reactor::new()?);
    let reactor = event_loop.driver().handle();
    let world = World::new(reactor.clone(), done.clone())?;
    event_loop.block_on(consumer(event_loop.handle(), reactor, &world));
    println!("main: the queue is at its end");
    fs::remove_file(done)
}

/// The server's process, and when it is killed and started again.
struct World {
    reactor: ReactorHandle,
    server: RefCell<Option<Process>>,
    port: u16,
    done: PathBuf,
    kills: Cell<u32>,
    refused: Cell<u32>,
}

const MESSAGES: u64 = 4;

impl World {
    fn new(reactor: ReactorHandle, done: PathBuf) -> io::Result<Rc<World>> {
        let server = Process::start(&env::current_exe()?, 0, MESSAGES, &done)?;
        Ok(Rc::new(World {
            reactor,
            port: server.address().port(),
            server: RefCell::new(Some(server)),
            done,
            kills: Cell::new(0),
            refused: Cell::new(0),
        }))
    }

    // ANCHOR: world
    /// The server is killed while the message number 2 is handled for the first time.
    fn handle(&self, message: &Message) {
        println!("consumer: handles {:?}", message.text);
        if message.number == 2 && self.kills.get() == 0 {
            self.kills.set(1);
            println!("server: killed");
            let server = self.server.take().expect("it runs");
            server.kill().expect("it is ours");
        }
    }
    // ANCHOR_END: world

    // ANCHOR: notes
    /// It is started again after three attempts.
    fn notes(&self, event: Event) {
        match event {
            Event::Attempts(_) => println!("consumer: connects"),
            Event::Refused(_) => {
                println!("consumer: refused");
                self.refused.set(self.refused.get() + 1);
                if self.refused.get() == 3 {
                    println!("server: started again");
                    let program = env::current_exe().expect("this program has a path");
                    let server = Process::start(&program, self.port, MESSAGES, &self.done);
                    self.server.replace(Some(server.expect("it starts again")));
                }
            }
            Event::Lost(..) => {
                println!(
                    "consumer: lost the connection; open sockets: {}",
                    self.reactor.sources()
                );
            }
            Event::Waits(delay) => println!("consumer: waits for {} ms", delay.as_millis()),
        }
    }
    // ANCHOR_END: notes
}

// ANCHOR: consumer
async fn consumer(timer: Handle, reactor: ReactorHandle, world: &World) {
    let milli = Duration::from_millis(1);
    let delays = Delays::Doubling {
        first: 20 * milli,
        cap: 1_000 * milli,
    };
    let backoff = Backoff::new(delays, 10_000 * milli, FullJitter::seeded(1));
    let pulse = Pulse {
        every: 500 * milli,
        patience: 5_000 * milli,
    };
    let address = ([127, 0, 0, 1], world.port).into();
    consume(
        &timer,
        backoff,
        pulse,
        || LineSession::connect(&reactor, address),
        async |message| world.handle(message),
        |event| world.notes(event),
    )
    .await;
}
// ANCHOR_END: consumer
