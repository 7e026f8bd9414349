//! The program: reads the arguments, does what they say, and turns what went wrong into one sentence and a status.

use std::ffi::OsString;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Result;

use course::course::Course;
use learn::arguments::{Arguments, Command, NotUnderstood};
use learn::commands;
use learn::documents::output;
use learn::screen::paint::{self, Paint};
use learn::stop::{self, Stop};

/// The exit status when the command or the course is at fault, or the learner pressed Ctrl-C: there is no verdict.
const AT_FAULT: u8 = 2;

fn main() -> ExitCode {
    closed_output::end_quietly_or(AT_FAULT);
    let json = std::env::args_os().any(|argument| argument == "--json");
    let given: Vec<_> = std::env::args_os().skip(1).collect();
    let arguments = match Arguments::read(&given, Paint::for_stdout().width) {
        Ok(arguments) => arguments,
        Err(reason) => return not_understood(reason, &given, json),
    };
    let stop = Stop::default();
    if arguments.runs_checks() {
        stop::on_signals(&stop, commands::watch::give_back, AT_FAULT.into());
    }
    match run(&arguments, &stop) {
        Ok(status) => status,
        Err(error) => complain(&error, json),
    }
}

fn run(arguments: &Arguments, stop: &Stop) -> Result<ExitCode> {
    let course = Course::around(&std::env::current_dir()?)?;
    commands::update::finish_interrupted(&course)?;
    let done = |()| ExitCode::SUCCESS;
    match &arguments.command {
        None => commands::watch::run(&course, None, arguments.poll, stop),
        Some(Command::Watch { id, poll }) => {
            commands::watch::run(&course, id.as_deref(), *poll, stop)
        }
        Some(Command::List { json }) => commands::list::run(&course, *json).map(done),
        Some(Command::Check(check)) => commands::check::run(&course, check, stop),
        Some(Command::Hint { id }) => commands::hint::run(&course, id.as_deref()).map(done),
        Some(Command::Route { name }) => commands::route::run(&course, name.as_deref()).map(done),
        Some(Command::Skip { id }) => commands::skip::run(&course, id.as_deref()).map(done),
        Some(Command::Explain { code }) => {
            commands::explain::run(&course, code.as_deref()).map(done)
        }
        Some(Command::Reset { id, yes }) => {
            commands::reset::run(&course, id.as_deref(), *yes).map(done)
        }
        Some(Command::Solution { id, yes }) => {
            commands::solution::run(&course, id.as_deref(), *yes).map(done)
        }
        Some(Command::Trace(trace)) => commands::trace::run(&course, trace, stop),
        Some(Command::Mine(mine)) => commands::mine::run(&course, mine, stop),
        Some(Command::EchoClient {
            address,
            connections,
        }) => {
            println!("{}", commands::mine::client(*address, *connections)?);
            Ok(ExitCode::SUCCESS)
        }
        Some(Command::Book) => commands::book::run(&course),
        Some(Command::Update) => commands::update::run(&course).map(done),
        Some(Command::Maintain { arguments }) => commands::verify::run(&course, arguments, stop),
    }
}

/// One sentence, and the status that says whose fault it was. With `--json` the sentence is a document.
fn complain(error: &anyhow::Error, json: bool) -> ExitCode {
    let sentence = format!("{error:#}");
    if json {
        println!("{}", output::error(&sentence));
    } else {
        eprintln!("{}", in_the_terminals_width(&sentence));
    }
    ExitCode::from(AT_FAULT)
}

/// Help is no error; a wrong argument is one, and with `--json` a document.
fn not_understood(reason: NotUnderstood, given: &[OsString], json: bool) -> ExitCode {
    match reason {
        NotUnderstood::Help(text) => {
            print!("{text}");
            ExitCode::SUCCESS
        }
        NotUnderstood::Wrong(sentence) => {
            let sentence = an_exercise_alone(given).unwrap_or(sentence);
            if json {
                println!("{}", output::error(&sentence));
            } else {
                eprintln!("{sentence}\n`cargo learn help` names the commands and their options.");
            }
            ExitCode::from(AT_FAULT)
        }
    }
}

/// What to type where an exercise stands in the place of a command.
fn an_exercise_alone(given: &[OsString]) -> Option<String> {
    let [id] = given else { return None };
    let id = id.to_str()?;
    let course = Course::around(&std::env::current_dir().ok()?).ok()?;
    course::id::find(&course, id).ok()?;
    Some(format!(
        "`{id}` is an exercise: `cargo learn watch {id}` checks it at each save."
    ))
}

/// The sentence broken between words, where a terminal shows it.
fn in_the_terminals_width(sentence: &str) -> String {
    if !std::io::stderr().is_terminal() {
        return sentence.to_owned();
    }
    let width = Paint::for_stdout().width;
    let lines = sentence
        .lines()
        .map(|line| paint::hanging("", "", line, width));
    lines.collect::<Vec<_>>().join("\n")
}
