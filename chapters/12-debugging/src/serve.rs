//! Dumps for another process, through a socket in the file system.

use std::fmt;
use std::fs;
use std::io::{self, BufReader, BufWriter, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use debugging::DebugMode;
use debugging::seen::Seen;

/// The variable that names the socket: see [`run`](debugging::run()).
pub const VARIABLE: &str = "LOOP_DUMPS";

/// How long a task that keeps the loop's thread delays a dump.
const PATIENCE: Duration = Duration::from_millis(500);

/// From now on, until the guard is dropped, a program that connects to this socket gets a dump of this loop's tasks:
/// see [`fetch_dump`]. A thread of its own answers.
///
/// Every process that may open the file sees the names of functions and what the tasks wait for. Put it
/// into a folder that only you can enter.
///
/// # Errors
///
/// If the socket cannot be made, for example because the file is there.
pub fn serve_dumps(debug: &DebugMode, path: impl AsRef<Path>) -> io::Result<ServeDumps> {
    let path = path.as_ref().to_owned();
    let listener = UnixListener::bind(&path)?;
    let stops = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stops);
    let debug = debug.clone();
    let thread = thread::Builder::new()
        .name("serve-dumps".to_owned())
        .spawn(move || {
            for client in listener.incoming() {
                // Acquire: pairs with the Release in `drop`.
                if stop.load(Ordering::Acquire) {
                    return;
                }
                // A client that is gone gets no dump.
                let _ = client.and_then(|client| answer(&debug, client));
            }
        })?;
    Ok(ServeDumps {
        path,
        stops,
        thread: Some(thread),
    })
}

// ANCHOR: answer
fn answer(debug: &DebugMode, client: UnixStream) -> io::Result<()> {
    // A client that does not read must not keep the thread.
    client.set_write_timeout(Some(Duration::from_secs(1)))?;
    debug.request_dump();
    let seen = Seen::of(&debug.wait_for_dump(PATIENCE));
    let mut out = BufWriter::new(client);
    seen.write(&mut out)?;
    out.flush()
}
// ANCHOR_END: answer

/// Gets one dump from the loop that [serves](serve_dumps) this socket.
///
/// # Errors
///
/// If no loop serves it, or it is closed in the middle of the dump.
pub fn fetch_dump(path: impl AsRef<Path>) -> io::Result<Seen> {
    Seen::read(BufReader::new(UnixStream::connect(path)?))
}

/// See [`serve_dumps`]. Dropping it removes the socket, when the dump in progress is written.
#[must_use = "dropping it ends the service"]
pub struct ServeDumps {
    path: PathBuf,
    stops: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Drop for ServeDumps {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else {
            return;
        };
        self.stops.store(true, Ordering::Release);
        // The connection ends the thread's `accept`.
        if UnixStream::connect(&self.path).is_ok() {
            let _ = thread.join(); // Its panic was printed.
        }
        let _ = fs::remove_file(&self.path);
    }
}

impl fmt::Debug for ServeDumps {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("ServeDumps").field(&self.path).finish()
    }
}
