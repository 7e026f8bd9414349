//! Runs small programs on this course and on asyncio, and compares what they say.
#![allow(dead_code)] // Each chapter uses its own part of this.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Output};
use std::rc::Rc;
use std::time::Duration;

use cancellation::Task;
use event_loop::{EventLoop, Handle, JumpingDriver, Sleep, Spawn};

/// The programs of a chapter, in Rust and in Python.
pub(crate) struct Comparison {
    /// Each with its name.
    pub(crate) programs: Vec<(&'static str, Program)>,
    /// The same in Python, below the chapter's `tests`.
    pub(crate) cases: &'static str,
    /// The programs whose lines differ, and the page that says why.
    pub(crate) differs: &'static [(&'static str, &'static str)],
    /// Those among them that changed after Python 3.11.
    pub(crate) by_version: &'static [&'static str],
}

impl Comparison {
    /// What all programs say.
    pub(crate) fn ours(&self) -> String {
        let said = |(name, program): &(&str, Program)| format!("# {name}\n{}", ours(*program));
        self.programs.iter().map(said).collect()
    }

    /// Holds the programs to asyncio.
    #[track_caller]
    pub(crate) fn compare(&self) {
        let Some((version, asyncio)) = of_asyncio(self.cases) else {
            return;
        };
        let names: Vec<&str> = asyncio.iter().map(|(name, _)| name.as_str()).collect();
        let programs: Vec<&str> = self.programs.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, programs, "both sides have the same programs");
        for ((name, program), (_, theirs)) in self.programs.iter().zip(&asyncio) {
            let ours = ours(*program);
            let Some((_, page)) = self.differs.iter().find(|(differs, _)| differs == name) else {
                assert_eq!(&ours, theirs, "{name}: ours, and Python {version}");
                continue;
            };
            let text = std::fs::read_to_string(pages().join(page));
            let text = text.unwrap_or_else(|error| panic!("{page}: {error}"));
            assert!(text.contains("asyncio"), "{page} does not mention asyncio");
            let changed = self.by_version.contains(name) && !version.starts_with("3.11");
            assert!(changed || &ours != theirs, "{name} is the same by now");
        }
    }
}

/// What a program runs in.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) handle: Handle,
    pub(crate) spawn: Rc<dyn Spawn>,
    lines: Rc<RefCell<String>>,
}

pub(crate) type Program = fn(World) -> Pin<Box<dyn Future<Output = ()>>>;

/// A list of programs with their names.
macro_rules! programs {
    ($($name:ident),* $(,)?) => {
        pub(super) const ALL: &[(&str, crate::beside_asyncio::harness::Program)] =
            &[$((stringify!($name), |world| Box::pin($name(world)))),*];
    };
}
pub(crate) use programs;

impl World {
    pub(crate) fn say(&self, text: impl std::fmt::Display) {
        let now = self.handle.now().since_start().as_millis();
        let line = format!("{now:>4} {text}\n");
        self.lines.borrow_mut().push_str(&line);
    }

    pub(crate) fn sleep(&self, millis: u64) -> Sleep {
        self.handle.sleep(Duration::from_millis(millis))
    }

    /// Says when it begins, ends, or is cancelled.
    pub(crate) async fn works(self, name: &'static str, millis: u64) -> &'static str {
        self.say(format!("{name} begins"));
        let cancelled = IfDropped {
            world: self.clone(),
            text: format!("{name} is cancelled"),
            armed: Cell::new(true),
        };
        self.sleep(millis).await;
        cancelled.armed.set(false);
        self.say(format!("{name} ends"));
        name
    }

    pub(crate) async fn fails(
        self,
        name: &'static str,
        millis: u64,
    ) -> Result<&'static str, &'static str> {
        self.sleep(millis).await;
        self.say(format!("{name} fails"));
        Err(name)
    }

    /// A task of chapter 06.
    pub(crate) fn task<T: 'static>(&self, future: impl Future<Output = T> + 'static) -> Task<T> {
        Task::spawn(&self.spawn, future)
    }

    /// A task that works.
    pub(crate) fn working(&self, name: &'static str, millis: u64) -> Task<&'static str> {
        self.task(self.clone().works(name, millis))
    }
}

/// Says something if it is dropped before it is disarmed.
pub(crate) struct IfDropped {
    pub(crate) world: World,
    pub(crate) text: String,
    pub(crate) armed: Cell<bool>,
}

impl Drop for IfDropped {
    fn drop(&mut self) {
        if self.armed.get() {
            self.world.say(&self.text);
        }
    }
}

/// What a program says.
fn ours(program: Program) -> String {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let handle = event_loop.handle();
    let world = World {
        spawn: Rc::new(handle.clone()),
        lines: Rc::default(),
        handle,
    };
    let main = world.handle.spawn(program(world.clone()));
    event_loop.block_on(main).expect("a program returns");
    world.lines.take()
}

pub(crate) fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/pages")
}

/// Runs a Python file of `asyncio`, with this argument. Nothing if no Python is there.
pub(crate) fn python(file: &str, argument: Option<&str>) -> Option<Output> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    if !folder.join(file).exists() || !pages().exists() {
        eprintln!("this copy of the course has no Python programs or no book: they are left out");
        return None;
    }
    let mut python = Command::new("python3");
    python.arg("-B").arg(folder.join(file));
    python.args(argument.map(|argument| folder.join(argument)));
    match python.output() {
        Ok(run) => Some(run),
        Err(_) => {
            eprintln!("there is no python3: asyncio's programs are left out");
            None
        }
    }
}

/// The versions of Python with which the programs were compared. Another one is not held to them.
const TRIED: [&str; 3] = ["3.11.", "3.12.", "3.13."];

/// What the programs of asyncio say, by their names, if there is a Python that can run them.
pub(crate) fn of_asyncio(cases: &str) -> Option<(String, Vec<(String, String)>)> {
    let run = python(cases, None)?;
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    let mut parts = said.split("# ");
    let version = parts.next().unwrap_or_default().trim().to_owned();
    if !TRIED.iter().any(|tried| version.starts_with(tried)) {
        let why = String::from_utf8_lossy(&run.stderr).into_owned();
        eprintln!("asyncio's programs are left out: they want one of {TRIED:?}. {version} {why}");
        return None;
    }
    let why = String::from_utf8_lossy(&run.stderr).into_owned();
    assert!(run.status.success(), "asyncio's programs fail: {why}");
    let programs = parts.filter_map(|part| part.split_once('\n'));
    let programs = programs.map(|(name, lines)| (name.to_owned(), lines.to_owned()));
    Some((version, programs.collect()))
}
