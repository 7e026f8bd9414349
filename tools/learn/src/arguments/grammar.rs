//! The grammar of the command line, with the help that it prints.

use std::ffi::OsString;

use bpaf::{OptionParser, Parser, construct, long, positional, pure};

use super::{Arguments, Check, Command, Mine, Trace};

const EXERCISE: &str = "`1.2`, `countdown` or `generators/countdown`";
const POLL: &str =
    "Look for saves again and again, where the system does not report them (WSL, network folders)";
const JSON: &str = "Print one JSON document";

/// `help check` means `check --help`.
pub(super) fn with_help_as_an_option(arguments: &[OsString]) -> Vec<OsString> {
    match arguments.split_first() {
        Some((first, rest)) if first == "help" => {
            let mut arguments = rest.to_vec();
            arguments.push("--help".into());
            arguments
        }
        _ => arguments.to_vec(),
    }
}

/// Everything behind `cargo learn`.
pub(super) fn arguments() -> OptionParser<Arguments> {
    let poll = poll();
    let command = command().optional();
    construct!(Arguments { poll, command }).to_options().help_parser(help()).descr(
        "From Yield to Await: build an async runtime by hand. Without a command, it watches the exercise that comes next.",
    )
}

fn command() -> impl Parser<Command> {
    let learning = learning();
    let looking = looking();
    let course = course();
    construct!([learning, looking, course])
}

/// The commands of the loop: read, write, check.
fn learning() -> impl Parser<Command> {
    let watch = {
        let (poll, id) = (poll(), exercise().optional());
        named(
            "watch",
            "Watch an exercise and check it at each save: this one, or the next that is not solved",
            construct!(Command::Watch { poll, id }),
        )
    };
    let list = {
        let json = switch("json", JSON);
        named(
            "list",
            "Every exercise with its state",
            construct!(Command::List { json }),
        )
    };
    let check = command_with_options(
        "check",
        "[ID]...",
        "Run the checks of these exercises, or of the next one",
        check().map(Command::Check),
    );
    let hint = {
        let id = exercise().optional();
        named(
            "hint",
            "The next, stronger hint for this exercise, or for the next one",
            construct!(Command::Hint { id }),
        )
    };
    let skip = {
        let id = exercise().optional();
        named(
            "skip",
            "Put this exercise off, or the next one, and go on. Nothing is lost",
            construct!(Command::Skip { id }),
        )
    };
    let route = {
        let name = positional("NAME")
            .help("`await`, `loop`, `asyncio`, `server` or `everything`")
            .optional();
        named(
            "route",
            "The routes through the course and their hours; with a name, follow one",
            construct!(Command::Route { name }),
        )
    };
    construct!([watch, list, check, hint, skip, route])
}

/// The commands that explain an exercise, a mistake or a run.
fn looking() -> impl Parser<Command> {
    let explain = {
        let code = positional("CODE")
            .help("The code that a verdict named")
            .optional();
        named(
            "explain",
            "A mistake explained at length; without a code, all codes",
            construct!(Command::Explain { code }),
        )
    };
    let reset = {
        let (yes, id) = (
            switch("yes", "Replace your version without a question"),
            exercise().optional(),
        );
        named(
            "reset",
            "The stub again, after a question. The course keeps your version aside",
            construct!(Command::Reset { yes, id }),
        )
    };
    let solution = {
        let (yes, id) = (
            switch("yes", "Show it though the exercise is not solved"),
            exercise().optional(),
        );
        named(
            "solution",
            "The reference answer: at once if you have solved the exercise, otherwise after a question",
            construct!(Command::Solution { yes, id }),
        )
    };
    let trace = command_with_options(
        "trace",
        "[ID]",
        "Draw what your code did: each poll, each wait, and where each wake went",
        trace().map(Command::Trace),
    );
    let mine = command_with_options(
        "mine",
        "",
        "The runtime with your parts in it: the chapters' programs and tests run on what you have solved",
        mine().map(Command::Mine),
    );
    construct!([explain, reset, solution, trace, mine])
}

/// The commands about the course itself.
fn course() -> impl Parser<Command> {
    let book = named("book", "Build the book and open it", pure(Command::Book));
    let update = named(
        "update",
        "Get the newest version of the course. Your files always win",
        pure(Command::Update),
    );
    // What stands behind these goes to the program `verify` before this grammar is asked: here they are only listed.
    let maintain = |name: &'static str, about: &'static str| {
        let arguments = Vec::new();
        named(name, about, pure(Command::Maintain { arguments }))
    };
    let verify = maintain(
        "verify",
        "For maintainers: check everything that the course says about itself",
    );
    let mistake = maintain(
        "mistake",
        "For maintainers: write out a known mistake to change it, or store a changed one",
    );
    let new = maintain("new", "For maintainers: the skeleton of an exercise");
    let echo_client = {
        let connections = long("connections")
            .help("How many connections to open at once")
            .argument("N");
        let address = positional("ADDRESS").help("Where the server listens");
        named(
            "echo-client",
            "The client of `mine --serve`, in a process of its own",
            construct!(Command::EchoClient {
                connections,
                address
            }),
        )
        .hide()
    };
    construct!([book, update, verify, mistake, new, echo_client])
}

fn check() -> impl Parser<Check> {
    let all = switch("all", "Check every exercise");
    let solution = switch(
        "solution",
        "Check the reference answers, and leave progress alone",
    );
    let with = file(
        "with",
        "Check this file in place of the one exercise's, and leave progress alone",
    );
    let json = switch("json", JSON);
    let junit = file("junit", "Write the verdicts as a JUnit file, too");
    let deadline = seconds(
        "How long the tests of one exercise may run, in seconds",
        10.0,
    );
    let ids = positional("ID")
        .help(format!("{EXERCISE}; several, if you like").as_str())
        .many();
    construct!(Check {
        all,
        solution,
        with,
        json,
        junit,
        deadline,
        ids
    })
}

fn trace() -> impl Parser<Trace> {
    let test = long("test")
        .help("The run of this test: its number, or some words of it. Otherwise the first that fails, or else the one with the most wakes")
        .argument("TEXT")
        .optional();
    let list = switch("list", "Only list the tests");
    let chrome = file(
        "chrome",
        "Write the run as a trace file, too, which Perfetto opens",
    );
    let svg = file("svg", "Write the picture as an SVG file, too");
    let html = file(
        "html",
        "Write a page, too, on which you step through the run beside the source",
    );
    let solution = switch("solution", "Run the reference answer");
    let with = file("with", "Run this file in place of the one exercise's");
    let ascii = switch("ascii", "Draw with ASCII characters alone");
    let deadline = seconds("How long the tests may run, in seconds", 10.0);
    let id = exercise().optional();
    construct!(Trace {
        test,
        list,
        chrome,
        svg,
        html,
        solution,
        with,
        ascii,
        deadline,
        id
    })
}

fn mine() -> impl Parser<Mine> {
    let only = ids(
        "only",
        "Of your parts, only these, separated by commas; the reference in all other places",
    );
    let without = ids(
        "without",
        "Not these parts of yours: the reference in their places",
    );
    let serve = switch(
        "serve",
        "At the end, run the echo server on it, and expect the bytes back on many connections at once",
    );
    let connections = long("connections")
        .help("How many connections `--serve` opens [default: 10000]")
        .argument("N")
        .optional();
    let json = switch("json", JSON);
    let deadline = seconds("How long a test may run, in seconds", 20.0);
    construct!(Mine {
        only,
        without,
        serve,
        connections,
        json,
        deadline
    })
}

fn named<T: 'static>(
    name: &'static str,
    about: &'static str,
    parser: impl Parser<T> + 'static,
) -> impl Parser<T> {
    let options = parser.to_options().descr(about).help_parser(help());
    options.command(name)
}

/// A command whose options would not fit the line that shows its usage.
fn command_with_options<T: 'static>(
    name: &'static str,
    behind: &'static str,
    about: &'static str,
    parser: impl Parser<T> + 'static,
) -> impl Parser<T> {
    let usage = format!("Usage: cargo learn {name} [OPTIONS] {behind}");
    let options = parser.to_options().descr(about).usage(usage.trim_end());
    options.help_parser(help()).command(name)
}

fn help() -> bpaf::parsers::NamedArg {
    long("help").short('h').help("Print this help")
}

fn exercise() -> impl Parser<String> {
    positional("ID").help(EXERCISE)
}

fn poll() -> impl Parser<bool> {
    switch("poll", POLL)
}

fn switch(name: &'static str, about: &'static str) -> impl Parser<bool> {
    long(name).help(about).switch()
}

fn file(name: &'static str, about: &'static str) -> impl Parser<Option<std::path::PathBuf>> {
    long(name).help(about).argument("FILE").optional()
}

fn seconds(about: &'static str, default: f64) -> impl Parser<f64> {
    long("deadline")
        .help(about)
        .argument::<String>("SECS")
        .parse(|text| {
            let seconds = text.parse::<f64>();
            seconds.map_err(|_| "`--deadline` takes a number of seconds")
        })
        .fallback(default)
        .display_fallback()
}

fn ids(name: &'static str, about: &'static str) -> impl Parser<Vec<String>> {
    let parts = long(name).help(about).argument::<String>("ID").many();
    parts.map(|parts| {
        let ids = parts.iter().flat_map(|part| part.split(','));
        ids.map(str::to_owned).collect()
    })
}
