//! What a learner can write behind `cargo learn`: the commands and their options. The grammar lies in a module of its own.

mod grammar;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use bpaf::ParseFailure;

/// From Yield to Await: build an async runtime by hand. Without a command, it watches the exercise that comes next.
#[derive(Debug, Clone)]
pub struct Arguments {
    /// Look for saves again and again, where the system does not report them (WSL, network folders).
    pub poll: bool,
    /// What to do.
    pub command: Option<Command>,
}

/// Why the arguments are not carried out.
#[derive(Debug, PartialEq, Eq)]
pub enum NotUnderstood {
    /// The learner asked for help: this is its text.
    Help(String),
    /// The arguments are wrong: this sentence says why.
    Wrong(String),
}

/// The commands of maintainers, which the program `verify` carries out.
const MAINTAINERS: [&str; 3] = ["verify", "mistake", "new"];

impl Arguments {
    /// Reads the arguments of this program, without its own name. The lines of a help text are no wider than `width`.
    ///
    /// # Errors
    ///
    /// The help, if the arguments ask for it, or a sentence that says what is wrong with them.
    pub fn read(arguments: &[OsString], width: usize) -> Result<Arguments, NotUnderstood> {
        const READABLE: usize = 100;
        let width = width.min(READABLE);
        let arguments = grammar::with_help_as_an_option(arguments);
        if arguments
            .first()
            .is_some_and(|first| MAINTAINERS.iter().any(|name| first == name))
        {
            return Ok(Arguments {
                poll: false,
                command: Some(Command::Maintain { arguments }),
            });
        }
        let given = bpaf::Args::from(&*arguments).set_name("cargo learn");
        let arguments = grammar::arguments()
            .max_width(width)
            .run_inner(given)
            .map_err(|failure| match failure {
                ParseFailure::Stdout(help, full) => NotUnderstood::Help(help.monochrome(full)),
                ParseFailure::Completion(text) => NotUnderstood::Help(text),
                ParseFailure::Stderr(error) => NotUnderstood::Wrong(error.monochrome(true)),
            })?;
        match arguments.contradiction() {
            Some(sentence) => Err(NotUnderstood::Wrong(sentence.to_owned())),
            None => Ok(arguments),
        }
    }

    /// A sentence about two options that cannot both be meant.
    fn contradiction(&self) -> Option<&'static str> {
        match self.command.as_ref()? {
            Command::Check(check) => check.contradiction(),
            Command::Trace(trace) => trace.contradiction(),
            Command::Mine(mine) if mine.connections.is_some() && !mine.serve => Some(
                "`--connections` says how many connections `--serve` opens: add `--serve`, or leave it out.",
            ),
            _ => None,
        }
    }

    /// Whether processes may be running that must not be left behind.
    #[must_use]
    pub fn runs_checks(&self) -> bool {
        match self.command {
            None => true,
            Some(ref command) => matches!(
                command,
                Command::Watch { .. } | Command::Check(_) | Command::Mine(_) | Command::Trace(_)
            ),
        }
    }
}

/// What can be done.
#[derive(Debug, Clone)]
pub enum Command {
    /// Watch an exercise and check it at each save: this one, or the next that is not solved.
    Watch {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: Option<String>,
        /// Look for saves again and again, where the system does not report them (WSL, network folders).
        poll: bool,
    },
    /// Every exercise with its state.
    List {
        /// Print one JSON document.
        json: bool,
    },
    /// Run the checks of these exercises, or of the next one.
    Check(Check),
    /// The next, stronger hint for this exercise, or for the next one.
    Hint {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: Option<String>,
    },
    /// Put this exercise off, or the next one, and go on. Nothing is lost.
    Skip {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: Option<String>,
    },
    /// The routes through the course; with a name, follow one.
    Route {
        /// `await`, `loop`, `asyncio`, `server` or `everything`.
        name: Option<String>,
    },
    /// A mistake explained at length; without a code, all codes.
    Explain {
        /// The code that a verdict named.
        code: Option<String>,
    },
    /// The stub again. Your version is kept aside.
    Reset {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: Option<String>,
        /// Replace the learner's version without a question.
        yes: bool,
    },
    /// The reference answer: freely once you have solved the exercise, else after a confirmation.
    Solution {
        /// `1.2`, `countdown` or `generators/countdown`.
        id: Option<String>,
        /// Show it though the exercise is not solved.
        yes: bool,
    },
    /// The picture of what your code did: who was polled, who waited, and where each wake went.
    Trace(Trace),
    /// The runtime with your parts in it: the chapters' programs and tests run on what you have solved.
    Mine(Mine),
    /// Build the book and open it.
    Book,
    /// Get the newest version of the course. Your files always win.
    Update,
    /// For maintainers: `verify`, `mistake` and `new`, which the program `verify` carries out.
    Maintain {
        /// What the program is given, with the command's name.
        arguments: Vec<OsString>,
    },
    /// The client of `mine --serve`, in a process of its own.
    EchoClient {
        /// Where the server listens.
        address: SocketAddr,
        /// How many connections to open at once.
        connections: usize,
    },
}

/// `cargo learn check`.
#[derive(Debug, Clone)]
pub struct Check {
    /// `1.2`, `countdown` or `generators/countdown`; several, if you like.
    pub ids: Vec<String>,
    /// Check every exercise.
    pub all: bool,
    /// Check the reference answers, and leave progress alone.
    pub solution: bool,
    /// Check this file in place of the one exercise's, and leave progress alone.
    pub with: Option<PathBuf>,
    /// Print one JSON document.
    pub json: bool,
    /// Write the verdicts as a JUnit file, too.
    pub junit: Option<PathBuf>,
    /// How long the tests of one exercise may run, in seconds.
    pub deadline: f64,
}

impl Check {
    fn contradiction(&self) -> Option<&'static str> {
        if self.all && !self.ids.is_empty() {
            return Some(
                "`--all` checks every exercise: name exercises, or write `--all`, not both.",
            );
        }
        (self.solution && self.with.is_some()).then_some(ONE_SOURCE)
    }
}

/// Why `--solution` and `--with` exclude each other.
const ONE_SOURCE: &str =
    "`--solution` takes the reference answer and `--with` takes a file: one of the two is enough.";

/// `cargo learn trace`.
#[derive(Debug, Clone)]
pub struct Trace {
    /// `1.2`, `countdown` or `generators/countdown`; without it, the next one.
    pub id: Option<String>,
    /// The run of this test: its number, or some words of it. Otherwise the first that fails, or else the one with the most wakes.
    pub test: Option<String>,
    /// Only list the tests.
    pub list: bool,
    /// Write the run as a trace file, too, which Perfetto opens.
    pub chrome: Option<PathBuf>,
    /// Write the picture as an SVG file, too.
    pub svg: Option<PathBuf>,
    /// Write a page in which the run can be stepped through beside the source, too.
    pub html: Option<PathBuf>,
    /// Run the reference answer.
    pub solution: bool,
    /// Run this file in place of the one exercise's.
    pub with: Option<PathBuf>,
    /// Draw with ASCII characters alone.
    pub ascii: bool,
    /// How long the tests may run, in seconds.
    pub deadline: f64,
}

impl Trace {
    fn contradiction(&self) -> Option<&'static str> {
        let draws = [&self.chrome, &self.svg, &self.html]
            .iter()
            .any(|file| file.is_some());
        if self.list && (draws || self.test.is_some()) {
            return Some(
                "`--list` only lists the tests and draws none: leave out `--list` to draw one.",
            );
        }
        (self.solution && self.with.is_some()).then_some(ONE_SOURCE)
    }
}

/// `cargo learn mine`.
#[derive(Debug, Clone)]
pub struct Mine {
    /// Of your parts, only these, separated by commas; the reference in all other places.
    pub only: Vec<String>,
    /// Not these parts of yours: the reference in their places.
    pub without: Vec<String>,
    /// In the end, run the echo server on it, and want the bytes back on many connections at once.
    pub serve: bool,
    /// How many connections `--serve` opens, if the learner said a number.
    pub connections: Option<usize>,
    /// Print one JSON document.
    pub json: bool,
    /// How long a test may run, in seconds.
    pub deadline: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Result<Arguments, NotUnderstood> {
        let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
        Arguments::read(&words, 100)
    }

    fn wrong(line: &str) -> String {
        match read(line) {
            Err(NotUnderstood::Wrong(sentence)) => sentence,
            other => panic!("{line}: {other:?}"),
        }
    }

    fn help(line: &str) -> String {
        match read(line) {
            Err(NotUnderstood::Help(text)) => text,
            other => panic!("{line}: {other:?}"),
        }
    }

    #[test]
    fn options_stand_before_or_behind_the_exercise() {
        for line in [
            "check countdown --json --with a.rs",
            "check --json --with=a.rs countdown",
        ] {
            match read(line).unwrap().command {
                Some(Command::Check(check)) => {
                    assert_eq!(check.ids, ["countdown"], "{line}");
                    assert!(check.json && check.with == Some("a.rs".into()), "{line}");
                }
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_list_is_separated_by_commas_or_given_in_parts() {
        for line in ["mine --only a,b", "mine --only a --only b"] {
            match read(line).unwrap().command {
                Some(Command::Mine(mine)) => assert_eq!(mine.only, ["a", "b"], "{line}"),
                other => panic!("{line}: {other:?}"),
            }
        }
    }

    #[test]
    fn a_misspelled_word_is_answered_with_the_closest() {
        assert!(wrong("chekc").contains("`check`"), "{}", wrong("chekc"));
        assert!(wrong("check --jsno").contains("`--json`"));
    }

    #[test]
    fn a_missing_or_wrong_value_is_named() {
        assert!(
            wrong("check --with").contains("FILE"),
            "{}",
            wrong("check --with")
        );
        assert!(wrong("check --deadline soon").contains("soon"));
        assert!(
            wrong("explain a b").contains('b'),
            "{}",
            wrong("explain a b")
        );
    }

    #[test]
    fn options_that_exclude_each_other_are_refused() {
        assert!(wrong("check countdown --all").contains("--all"));
        assert!(wrong("check --solution --with a.rs").contains("one of the two"));
        assert!(wrong("trace --solution --with a.rs").contains("one of the two"));
        assert!(wrong("trace --list --svg a.svg").contains("--list"));
        assert!(wrong("mine --connections 3").contains("--serve"));
    }

    #[test]
    fn help_names_every_command_but_the_hidden_one() {
        insta::assert_snapshot!(help("--help"));
        assert_eq!(help("help"), help("--help"));
    }

    #[test]
    fn help_about_a_command_names_its_options() {
        insta::assert_snapshot!(help("check --help"));
        assert_eq!(help("help check"), help("check --help"));
    }
}
