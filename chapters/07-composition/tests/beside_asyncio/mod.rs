//! What asyncio does beside what this course does, for small programs that exist in both.
//!
//! `asyncio/cases.py` holds the programs in Python, and the modules below hold them in Rust, under the same names. Each says
//! what it does, with the time. On both sides the clock jumps. The lines have to be the same, or a page of the book explains
//! the difference: [`DIFFERS`].

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::{Command, Output};
use std::rc::Rc;
use std::time::Duration;

use cancellation::Task;
use event_loop::{EventLoop, Handle, JumpingDriver, Sleep, Spawn};

mod loops;
mod tasks;
mod waits;

/// The programs whose lines differ, and the page that says why.
const DIFFERS: [(&str, &str); 8] = [
    (
        "timers_of_one_instant_fire_in_the_order_of_their_making",
        "04-event-loop/timers.md",
    ),
    ("a_suspended_task_is_cancelled", "06-cancellation/cancel.md"),
    ("a_task_is_cancelled_twice", "06-cancellation/cancel.md"),
    ("clean_up_that_waits", "06-cancellation/cleanup.md"),
    (
        "gather_passes_on_the_first_error",
        "07-composition/several-answers.md",
    ),
    ("a_time_out_of_zero", "07-composition/how-long.md"),
    (
        "the_work_is_ready_at_its_deadline",
        "07-composition/how-long.md",
    ),
    (
        "a_value_and_a_request_to_stop_arrive_together",
        "07-composition/a-race.md",
    ),
];

/// A program that changed between versions of Python.
const BY_VERSION: [&str; 1] = ["a_value_and_a_request_to_stop_arrive_together"];

/// What a program runs in.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) handle: Handle,
    pub(crate) spawn: Rc<dyn Spawn>,
    lines: Rc<RefCell<String>>,
}

type Program = fn(World) -> Pin<Box<dyn Future<Output = ()>>>;

/// A list of programs with their names.
macro_rules! programs {
    ($($name:ident),* $(,)?) => {
        pub(super) const ALL: &[(&str, super::Program)] =
            &[$((stringify!($name), |world| Box::pin($name(world)))),*];
    };
}
use programs;

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

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/pages")
}

/// Runs a Python file of `asyncio`, with this argument. Nothing if no Python is there.
fn python(file: &str, argument: Option<&str>) -> Option<Output> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/asyncio");
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

/// What the programs of asyncio say, by their names, if there is a Python that can run them.
fn of_asyncio() -> Option<(String, Vec<(String, String)>)> {
    let run = python("cases.py", None)?;
    let said = String::from_utf8_lossy(&run.stdout).into_owned();
    if !run.status.success() {
        let why = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(
            why.contains("3.11 or later"),
            "asyncio's programs fail: {why}"
        );
        eprintln!("python3 is older than 3.11: asyncio's programs are left out");
        return None;
    }
    let mut parts = said.split("# ");
    let version = parts.next().unwrap_or_default().trim().to_owned();
    let programs = parts.filter_map(|part| part.split_once('\n'));
    let programs = programs.map(|(name, lines)| (name.to_owned(), lines.to_owned()));
    Some((version, programs.collect()))
}

fn all() -> impl Iterator<Item = (&'static str, Program)> {
    [loops::ALL, tasks::ALL, waits::ALL]
        .into_iter()
        .flatten()
        .copied()
}

#[test]
fn the_programs_say_what_they_said_before() {
    let said: Vec<String> = all()
        .map(|(name, program)| format!("# {name}\n{}", ours(program)))
        .collect();
    insta::with_settings!(
        { prepend_module_to_snapshot => false, omit_expression => true },
        { insta::assert_snapshot!("beside_asyncio", said.concat()); }
    );
}

#[test]
fn asyncio_says_the_same_or_a_page_explains_the_difference() {
    let Some((version, asyncio)) = of_asyncio() else {
        return;
    };
    let names: Vec<&str> = asyncio.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(
        names,
        all().map(|(name, _)| name).collect::<Vec<_>>(),
        "both sides have the same programs"
    );
    for ((name, program), (_, theirs)) in all().zip(&asyncio) {
        let ours = ours(program);
        let page = DIFFERS.iter().find(|(differs, _)| *differs == name);
        match page {
            None => assert_eq!(&ours, theirs, "{name}: ours, and Python {version}"),
            Some((_, page)) => {
                let text = std::fs::read_to_string(pages().join(page));
                let text = text.unwrap_or_else(|error| panic!("{page}: {error}"));
                assert!(text.contains("asyncio"), "{page} does not mention asyncio");
                let changed = BY_VERSION.contains(&name) && !version.starts_with("3.11");
                assert!(changed || &ours != theirs, "{name} is the same by now");
            }
        }
    }
}

#[test]
fn a_page_shows_what_a_python_program_prints() {
    let Some((version, _)) = of_asyncio() else {
        return;
    };
    for (program, page, since) in [
        (
            "gather_siblings.py",
            "07-composition/several-answers.md",
            "3.",
        ),
        ("wait_for_race.py", "07-composition/a-race.md", "3.11"),
    ] {
        if !version.starts_with(since) {
            continue;
        }
        let run = python("run.py", Some(program)).expect("it ran before");
        let printed = String::from_utf8_lossy(&run.stdout).into_owned();
        let text = std::fs::read_to_string(pages().join(page)).expect("the page is there");
        assert!(
            run.status.success() && text.contains(&printed),
            "{page} does not show what {program} prints:\n{printed}"
        );
    }
}
