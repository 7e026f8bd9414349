//! Work for other processes: it may crash, and it can be stopped.

use std::fmt;
use std::future::Future;
use std::io::{self, BufReader, Read, Write};
use std::pin::Pin;
use std::process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::thread_pool::{Job, JobError, Limits, Pending, ThreadPool};

/// The longest job or answer, in bytes of JSON: 1 GiB. A longer length is a worker that does not speak the
/// protocol.
pub const LONGEST: u32 = 1 << 30;

/// Worker processes that run one job at a time each.
///
/// A job and its answer are values that serde can write, because they travel through pipes as JSON: no closure,
/// no open file, no borrow. A worker that crashes fails its own job, and the next job starts another worker.
///
/// A thread waits for each worker that runs a job. Workers that wait for one stay, up to the size of the pool.
///
/// Dropping the pool kills the workers that wait for a job. A worker that runs one ends after it, or when its
/// [`Call`] is dropped. [`close`](ProcessPool::close) waits for all of them.
pub struct ProcessPool {
    threads: ThreadPool,
    shared: Arc<Shared>,
}

struct Shared {
    command: Box<dyn Fn() -> Command + Send + Sync>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    idle: Vec<Worker>,
    /// Started, and not reaped.
    processes: usize,
    /// No worker is kept any more.
    closed: bool,
}

/// A process, and the pipes to it.
struct Worker {
    process: Arc<Mutex<Child>>,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl ProcessPool {
    /// A pool of up to `size` processes, none of which runs yet. `command` says how one is started; its main
    /// function calls [`serve`].
    ///
    /// # Panics
    ///
    /// If `size` is zero.
    pub fn new(size: usize, command: impl Fn() -> Command + Send + Sync + 'static) -> ProcessPool {
        let limits = Limits {
            threads: size,
            idle: Duration::from_secs(10),
        };
        let shared = Shared {
            command: Box::new(command),
            state: Mutex::default(),
        };
        ProcessPool {
            threads: ThreadPool::new("processes", limits),
            shared: Arc::new(shared),
        }
    }

    /// Has a worker run a job. It waits in a queue while all workers are busy.
    ///
    /// # Errors
    ///
    /// If the job cannot be written as JSON, or no thread can be started.
    pub fn run<J, O>(&self, job: &J) -> Result<Call<O>, Failed>
    where
        J: Serialize,
        O: DeserializeOwned + Send + 'static,
    {
        let bytes = serde_json::to_vec(job).map_err(|error| Failed::Unwritable(error.into()))?;
        let shared = Arc::clone(&self.shared);
        let running = Arc::<Mutex<Running>>::default();
        let seen = Arc::clone(&running);
        let job = self.threads.submit(move || shared.exchange(&bytes, &seen));
        let job =
            job.map_err(|refused| Failed::Unwritable(io::Error::other(refused.to_string())))?;
        Ok(Call { job, running })
    }

    /// The number of processes: started, and not reaped.
    #[must_use]
    pub fn processes(&self) -> usize {
        self.shared.lock().processes
    }

    /// Waits for the jobs that were submitted, ends the workers and waits for them, too.
    pub async fn close(self) {
        // From now on a thread whose job is done ends its worker. The idle ones are ended by a job, because that
        // blocks.
        let idle = self.shared.close();
        let shared = Arc::clone(&self.shared);
        let last = self.threads.submit(move || {
            for worker in idle {
                shared.reap(worker);
            }
        });
        if let Ok(job) = last {
            job.detach();
        }
        self.threads.close(Pending::Run);
        self.threads.ended().await;
    }
}

impl Drop for ProcessPool {
    fn drop(&mut self) {
        for worker in self.shared.close() {
            // A process that is killed ends at once, so the wait for it is short.
            let _ = locked(&worker.process).kill();
            self.shared.reap(worker);
        }
    }
}

/// A job of a worker process: a future of its answer.
///
/// # Cancel safety
///
/// Dropping it ends the job: in the queue it is removed, and a worker that runs it is killed. A process can be
/// stopped where a thread cannot.
///
/// # Panics
///
/// If it is polled again after it was ready.
#[must_use = "dropping it ends the job"]
pub struct Call<O> {
    job: Job<Result<O, Failed>>,
    running: Arc<Mutex<Running>>,
}

#[derive(Default)]
enum Running {
    /// No worker runs the job yet, or none does any more.
    #[default]
    Not,
    In(Arc<Mutex<Child>>),
    /// The call was dropped: no worker is to begin.
    Dropped,
}

/// Why a job has no answer.
#[derive(Debug)]
pub enum Failed {
    /// The job could not be sent to a worker.
    Unwritable(io::Error),
    /// No worker could be started.
    NotStarted(io::Error),
    /// The worker ended without an answer: it crashed, was killed, or left on its own.
    Ended(Option<ExitStatus>),
    /// The answer was no value of the expected type.
    Unreadable(io::Error),
    /// The pool was closed before a worker started the job, or the job panicked in this process.
    Abandoned,
}

impl<O> Future for Call<O> {
    type Output = Result<O, Failed>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<O, Failed>> {
        Pin::new(&mut self.job)
            .poll(context)
            .map(|ended| match ended {
                Ok(answer) => answer,
                Err(JobError::Abandoned | JobError::Panicked(_)) => Err(Failed::Abandoned),
            })
    }
}

impl<O> Drop for Call<O> {
    fn drop(&mut self) {
        let before = std::mem::replace(&mut *locked(&self.running), Running::Dropped);
        if let Running::In(process) = before {
            // The thread that waits for the answer sees the end of the pipe, and reaps the process. An error
            // says that it has ended.
            let _ = locked(&process).kill();
        }
    }
}

impl Shared {
    /// What a thread does for a job.
    fn exchange<O: DeserializeOwned>(
        &self,
        job: &[u8],
        running: &Mutex<Running>,
    ) -> Result<O, Failed> {
        let mut worker = self.take()?;
        {
            let mut running = locked(running);
            if matches!(*running, Running::Dropped) {
                self.give_back(worker);
                return Err(Failed::Abandoned);
            }
            *running = Running::In(Arc::clone(&worker.process));
        }
        let answer = worker.ask(job);
        let was = std::mem::take(&mut *locked(running));
        match answer {
            // Between the answer and this line the call may have been dropped and the worker killed.
            Ok(answer) if matches!(was, Running::In(_)) => {
                self.give_back(worker);
                serde_json::from_slice(&answer).map_err(|error| Failed::Unreadable(error.into()))
            }
            _ => Err(Failed::Ended(self.reap(worker))),
        }
    }

    fn take(&self) -> Result<Worker, Failed> {
        let idle = self.lock().idle.pop();
        if let Some(worker) = idle {
            return Ok(worker);
        }
        let worker = Worker::start((self.command)()).map_err(Failed::NotStarted)?;
        self.lock().processes += 1;
        Ok(worker)
    }

    fn give_back(&self, worker: Worker) {
        let mut state = self.lock();
        if state.closed {
            drop(state);
            self.reap(worker);
        } else {
            state.idle.push(worker);
        }
    }

    /// Ends a process, and waits for its end.
    fn reap(&self, worker: Worker) -> Option<ExitStatus> {
        let Worker {
            process,
            input,
            output,
        } = worker;
        drop((input, output));
        let ended = end_of(&process);
        self.lock().processes -= 1;
        ended
    }

    /// Keeps no worker any more. Returns the idle ones.
    fn close(&self) -> Vec<Worker> {
        let mut state = self.lock();
        state.closed = true;
        std::mem::take(&mut state.idle)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

impl Worker {
    fn start(mut command: Command) -> io::Result<Worker> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        Ok(Worker {
            process: Arc::new(Mutex::new(process)),
            input: input.expect("it is piped"),
            output: BufReader::new(output.expect("it is piped")),
        })
    }

    // ANCHOR: ask
    /// Sends a job and reads the answer. The worker reads the whole job before it writes, so neither pipe can be full
    /// while both sides write.
    fn ask(&mut self, job: &[u8]) -> io::Result<Vec<u8>> {
        write_frame(&mut self.input, job)?;
        read_frame(&mut self.output)?.ok_or_else(|| io::ErrorKind::UnexpectedEof.into())
    }
    // ANCHOR_END: ask
}

// ANCHOR: serve
/// The main function of a worker: runs `work` on each job until there is none.
///
/// What `work` prints goes to standard error, because standard output carries the answers (on Unix; elsewhere
/// `work` must not print).
///
/// # Errors
///
/// If a pipe fails, or a job is no value of the expected type.
pub fn serve<J, O>(mut work: impl FnMut(J) -> O) -> io::Result<()>
where
    J: DeserializeOwned,
    O: Serialize,
{
    let mut answers = answers()?;
    let mut jobs = io::stdin().lock();
    while let Some(job) = read_frame(&mut jobs)? {
        let answer = work(serde_json::from_slice(&job)?);
        write_frame(&mut answers, &serde_json::to_vec(&answer)?)?;
    }
    Ok(())
}
// ANCHOR_END: serve

// ANCHOR: limit
/// Limits the memory of this process, in bytes of addresses. A worker calls it before [`serve`]: a job that needs
/// more aborts the worker, and so fails alone.
///
/// The program itself, its libraries and its stacks count as well; a limit below about 64 MiB may end a worker before
/// its first job.
///
/// # Errors
///
/// The system's: `InvalidInput` or `PermissionDenied` for a limit above the one that holds already.
/// [`io::ErrorKind::Unsupported`] off Linux and Android: the other systems have no such limit, or do not enforce it.
pub fn limit_memory(bytes: u64) -> io::Result<()> {
    #[cfg(any(target_os = "linux", target_os = "android"))]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let limit = Rlimit {
            current: Some(bytes),
            maximum: Some(bytes),
        };
        setrlimit(Resource::As, limit)?;
        Ok(())
    }
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    {
        let _ = bytes;
        Err(io::ErrorKind::Unsupported.into())
    }
}
// ANCHOR_END: limit

/// The pipe for answers. From now on what the process prints goes to standard error.
#[cfg(unix)]
fn answers() -> io::Result<impl Write> {
    let answers = rustix::io::dup(io::stdout())?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(std::fs::File::from(answers))
}

#[cfg(not(unix))]
fn answers() -> io::Result<impl Write> {
    Ok(io::stdout())
}

/// Waits for the end of a process whose pipes are closed, and kills it if it has not ended by itself after a second.
/// This is a thread of the pool, so it may sleep.
fn end_of(process: &Mutex<Child>) -> Option<ExitStatus> {
    for _ in 0..100 {
        if let Ok(Some(status)) = locked(process).try_wait() {
            return Some(status);
        }
        thread::sleep(Duration::from_millis(10));
    }
    let mut process = locked(process);
    let _ = process.kill();
    process.wait().ok()
}

/// A length of four bytes, little end first, and then that many bytes.
fn write_frame(target: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len())
        .ok()
        .filter(|length| *length <= LONGEST);
    let length = length.ok_or_else(|| io::Error::other("the value is longer than 1 GiB"))?;
    target.write_all(&length.to_le_bytes())?;
    target.write_all(bytes)?;
    target.flush()
}

/// `None` at the end, if it comes between two frames.
fn read_frame(source: &mut impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    let first = loop {
        match source.read(&mut length[..1]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => break read?,
        }
    };
    if first == 0 {
        return Ok(None);
    }
    source.read_exact(&mut length[1..])?;
    let length = u32::from_le_bytes(length);
    if length > LONGEST {
        return Err(io::Error::other(
            "no frame: something else was written to the pipe",
        ));
    }
    let mut bytes = Vec::new();
    // Grows with what arrives, and not with what a broken length says.
    source.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() < length as usize {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some(bytes))
}

/// Ignores poisoning: no caller-supplied code runs under these locks.
fn locked<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failed::Unwritable(error) => write!(out, "the job could not be sent: {error}"),
            Failed::NotStarted(error) => write!(out, "no worker could be started: {error}"),
            Failed::Ended(Some(status)) => {
                write!(out, "the worker ended without an answer: {status}")
            }
            Failed::Ended(None) => out.write_str("the worker ended without an answer"),
            Failed::Unreadable(error) => write!(out, "the answer could not be read: {error}"),
            Failed::Abandoned => out.write_str("the job was dropped before a worker started it"),
        }
    }
}

impl std::error::Error for Failed {}

impl fmt::Debug for ProcessPool {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ProcessPool")
            .field("processes", &self.processes())
            .finish_non_exhaustive()
    }
}

impl<O> fmt::Debug for Call<O> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Call")
    }
}
