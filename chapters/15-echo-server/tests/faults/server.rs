//! The program under test, as a process.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// A wait that takes longer is a failure. Nothing that goes well waits for it.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

/// A server that runs. Dropping it ends it.
pub(crate) struct Server {
    child: Child,
    output: Receiver<String>,
    errors: Receiver<String>,
    pub(crate) address: SocketAddr,
}

/// How a server ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its exit status.
    pub(crate) code: Option<i32>,
    /// What it printed since the last look.
    pub(crate) output: Vec<String>,
    /// What it complained of.
    pub(crate) errors: Vec<String>,
}

/// What a line of figures says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Served {
    pub(crate) connections: u64,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) reset: u64,
    pub(crate) timed_out: u64,
    /// Only while it serves.
    pub(crate) open: Option<u64>,
}

/// The program itself.
pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_chapter-15-echo-server");

impl Server {
    /// Starts one with these arguments, on a port of the kernel's choice.
    #[track_caller]
    pub(crate) fn start(arguments: &[&str]) -> Server {
        let mut command = Command::new(PROGRAM);
        command.args(arguments);
        Server::spawn(command)
    }

    /// Starts one that may have `limit` descriptors at most.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn with_descriptors(limit: usize, arguments: &[&str]) -> Server {
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {limit}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, PROGRAM]).args(arguments);
        Server::spawn(command)
    }

    /// Starts one whose standard error is a pipe that is closed at the other end.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn with_standard_error_closed(limit: usize, arguments: &[&str]) -> Server {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let mut command = Command::new("sh");
        let script = format!("ulimit -n {limit}; exec \"$0\" \"$@\"");
        command.args(["-c", &script, PROGRAM]).args(arguments);
        command.stderr(writer);
        Server::spawn_piped(command)
    }

    #[track_caller]
    fn spawn(mut command: Command) -> Server {
        command.stderr(Stdio::piped());
        Server::spawn_piped(command)
    }

    #[track_caller]
    fn spawn_piped(mut command: Command) -> Server {
        let mut child = command
            .args(["--listen", "127.0.0.1:0"])
            .args(loop_of_choice())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let output = lines(child.stdout.take().unwrap());
        let errors = child.stderr.take().map_or_else(|| channel().1, lines);
        let first = output.recv_timeout(LIMIT);
        let address = first
            .as_ref()
            .ok()
            .and_then(|line| line.strip_prefix("listening on ")?.parse().ok());
        let Some(address) = address else {
            let _ = child.kill();
            panic!("its first line says where it listens: {first:?}");
        };
        Server {
            child,
            output,
            errors,
            address,
        }
    }

    /// The process's number.
    #[cfg(unix)]
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// The next line of its output.
    #[track_caller]
    pub(crate) fn line(&self) -> String {
        self.output.recv_timeout(LIMIT).expect("it prints a line")
    }

    /// Waits until it complains of this.
    #[track_caller]
    pub(crate) fn complains(&self, of: &str) {
        while !(self.errors.recv_timeout(LIMIT).expect("it complains")).contains(of) {}
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub(crate) fn ended(mut self) -> Ended {
        let output = to_the_end(&self.output);
        let errors = to_the_end(&self.errors);
        let status = self.child.wait().expect("it has ended");
        Ended {
            code: status.code(),
            output,
            errors,
        }
    }
}

#[cfg(unix)]
impl Server {
    /// Sends a signal.
    pub(crate) fn signal(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        rustix::process::kill_process(id, signal).expect("it is there to be told");
    }

    /// Sends a signal. It may have ended.
    pub(crate) fn signals_if_it_runs(&self, signal: rustix::process::Signal) {
        let id = i32::try_from(self.child.id()).unwrap();
        let id = rustix::process::Pid::from_raw(id).unwrap();
        // Until `ended` has waited for it, no other process has its number.
        let _ = rustix::process::kill_process(id, signal);
    }

    /// Asks it to finish.
    pub(crate) fn stop(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// What it has served so far.
    #[track_caller]
    pub(crate) fn tells(&self) -> Served {
        self.signal(rustix::process::Signal::USR1);
        Served::from(&*self.line())
    }

    /// Waits until what it has served fits.
    #[track_caller]
    pub(crate) fn until(&self, fits: impl Fn(Served) -> bool) -> Served {
        let mut served = self.tells();
        until(|| {
            served = self.tells();
            fits(served)
        });
        served
    }

    /// Asks it to finish, and expects it to do so with status 0 and one line of figures.
    #[track_caller]
    pub(crate) fn finish(self) -> Served {
        self.stop();
        self.ended().well()
    }

    /// As [`finish`](Server::finish). `look` receives its complaints.
    #[track_caller]
    pub(crate) fn finish_with(self, look: impl FnOnce(&[String])) -> Served {
        self.stop();
        let ended = self.ended();
        look(&ended.errors);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        ended.served()
    }
}

impl Ended {
    /// It has ended as it should: with status 0 and one line, without complaints.
    #[track_caller]
    pub(crate) fn well(&self) -> Served {
        assert_eq!(self.code, Some(0), "{self:?}");
        assert_eq!(self.errors, [""; 0], "{self:?}");
        self.served()
    }

    /// The one line of figures.
    #[track_caller]
    pub(crate) fn served(&self) -> Served {
        assert_eq!(self.output.len(), 1, "{self:?}");
        Served::from(&*self.output[0])
    }
}

impl From<&str> for Served {
    #[track_caller]
    fn from(line: &str) -> Served {
        let mut served = Served::default();
        let parts = line.strip_prefix("served ").expect("figures");
        for part in parts.split(", ") {
            let (count, what) = part.split_once(' ').expect("a count and its name");
            let count = count.parse().expect("a count");
            match what {
                "connections" => served.connections = count,
                "bytes in" => served.bytes_in = count,
                "bytes out" => served.bytes_out = count,
                "reset" => served.reset = count,
                "timed out" => served.timed_out = count,
                "open" => served.open = Some(count),
                other => panic!("an unknown figure: {other}"),
            }
        }
        served
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits until this is so.
#[track_caller]
pub(crate) fn until(mut is_so: impl FnMut() -> bool) {
    let late = Instant::now() + LIMIT;
    while !is_so() {
        assert!(Instant::now() < late, "it does not come to that");
        thread::yield_now();
    }
}

/// The lines of a pipe, from a thread that lives as long as the pipe.
fn lines(pipe: impl Read + Send + 'static) -> Receiver<String> {
    let (sender, lines) = channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines() {
            if sender.send(line.expect("a line of text")).is_err() {
                return;
            }
        }
    });
    lines
}

#[track_caller]
fn to_the_end(lines: &Receiver<String>) -> Vec<String> {
    let mut all = Vec::new();
    loop {
        match lines.recv_timeout(LIMIT) {
            Ok(line) => all.push(line),
            Err(RecvTimeoutError::Disconnected) => return all,
            Err(RecvTimeoutError::Timeout) => panic!("it does not end; so far: {all:?}"),
        }
    }
}

/// `ECHO_LOOP=fast cargo test -p chapter-15-echo-server` has chapter 14's loop serve; `.ci/fast` does so.
fn loop_of_choice() -> Vec<String> {
    let chosen = std::env::var("ECHO_LOOP");
    chosen.map_or(Vec::new(), |which| vec!["--loop".to_owned(), which])
}
