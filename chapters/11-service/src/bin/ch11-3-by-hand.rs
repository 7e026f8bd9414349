//! A service of three parts, started and stopped by hand. One part fails to start, or to stop.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use event_loop::{EventLoop, Handle, JumpingDriver};

// ANCHOR: service
async fn service(world: &World) -> Result<(), String> {
    world.open_session().await?;
    world.load_cache().await?;
    world.listen().await?;
    world.says("ready");
    world.write_cache().await?;
    world.close_session().await?;
    Ok(())
}
// ANCHOR_END: service

fn main() {
    closed_output::end_quietly();
    for (title, port_is_taken, disk_is_full) in [
        ("the port is taken", true, false),
        ("the disk is full", false, true),
    ] {
        println!("{title}:");
        let event_loop = EventLoop::with_driver(JumpingDriver::new());
        let world = World {
            handle: event_loop.handle(),
            sessions: Rc::default(),
            port_is_taken,
            disk_is_full,
        };
        if let Err(error) = event_loop.block_on(service(&world)) {
            world.says(&format!("the service ends: {error}"));
        }
        println!(
            "     the database server has {} open session",
            world.sessions.get()
        );
    }
}

/// What the parts of the service do, with the times that they take.
struct World {
    handle: Handle,
    /// At the database server, which keeps a session until it is closed.
    sessions: Rc<Cell<u32>>,
    port_is_taken: bool,
    disk_is_full: bool,
}

impl World {
    async fn open_session(&self) -> Result<(), String> {
        self.takes(1).await;
        self.sessions.set(self.sessions.get() + 1);
        self.says("database: session open");
        Ok(())
    }

    async fn load_cache(&self) -> Result<(), String> {
        self.takes(2).await;
        self.says("cache: loaded");
        Ok(())
    }

    async fn listen(&self) -> Result<(), String> {
        match self.port_is_taken {
            true => Err("the address is in use".to_owned()),
            false => Ok(()),
        }
    }

    async fn write_cache(&self) -> Result<(), String> {
        self.takes(1).await;
        match self.disk_is_full {
            true => Err("no space left on the disk".to_owned()),
            false => Ok(()),
        }
    }

    async fn close_session(&self) -> Result<(), String> {
        self.takes(1).await;
        self.sessions.set(self.sessions.get() - 1);
        self.says("database: session closed");
        Ok(())
    }

    async fn takes(&self, seconds: u64) {
        self.handle.sleep(Duration::from_secs(seconds)).await;
    }

    fn says(&self, what: &str) {
        println!("{} s  {what}", self.handle.now().since_start().as_secs());
    }
}
