//! The program: reads the arguments, does what they say, and turns what went wrong into one sentence and a status.

use std::process::ExitCode;

use anyhow::Result;
use clap::Parser as _;

use learn::arguments::{Arguments, Command};
use learn::commands;
use learn::course::Course;
use learn::documents::output;
use learn::stop::Stop;

/// The exit status when the command or the course is at fault, or somebody pressed Ctrl-C: no verdict was reached.
const AT_FAULT: u8 = 2;

fn main() -> ExitCode {
    end_quietly_if_nobody_reads();
    let json = std::env::args_os().any(|argument| argument == "--json");
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misunderstood(&error, json),
    };
    let stop = Stop::default();
    let asked = stop.clone();
    if arguments.runs_checks() {
        // Without a handler Ctrl-C would end this program only, and leave the check that it runs.
        let _ = ctrlc::set_handler(move || {
            // Whoever asks twice means it.
            if asked.asked() {
                commands::watch::give_back();
                std::process::exit(AT_FAULT.into());
            }
            asked.ask();
        });
    }
    match run(&arguments, &stop) {
        Ok(status) => status,
        Err(error) => complain(&error, json),
    }
}

/// `cargo learn list | head` closes the output early, and that is no fault: `println!` panics then, and this makes it an end.
fn end_quietly_if_nobody_reads() {
    let otherwise = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        let message = info.payload_as_str().unwrap_or_default();
        if message.starts_with("failed printing to") && message.contains("Broken pipe") {
            std::process::exit(0);
        }
        otherwise(info);
    }));
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
        Some(Command::Skip { id }) => commands::skip::run(&course, id.as_deref()).map(done),
        Some(Command::Explain { code }) => {
            commands::explain::run(&course, code.as_deref()).map(done)
        }
        Some(Command::Reset { id }) => commands::reset::run(&course, id).map(done),
        Some(Command::Solution { id, yes }) => commands::solution::run(&course, id, *yes).map(done),
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
        Some(Command::Verify { write }) => commands::verify::run(&course, *write, stop),
    }
}

/// One sentence, and the status that says whose fault it was. With `--json` the sentence is a document.
fn complain(error: &anyhow::Error, json: bool) -> ExitCode {
    let sentence = format!("{error:#}");
    if json {
        println!("{}", output::error(&sentence));
    } else {
        eprintln!("{sentence}");
    }
    ExitCode::from(AT_FAULT)
}

/// Help is no error; a wrong argument is one, and with `--json` a document.
fn misunderstood(error: &clap::Error, json: bool) -> ExitCode {
    if json && error.use_stderr() {
        let text = error.to_string();
        let sentence = text.lines().next().unwrap_or_default();
        println!("{}", output::error(sentence.trim_start_matches("error: ")));
    } else {
        let _ = error.print();
    }
    ExitCode::from(if error.use_stderr() { AT_FAULT } else { 0 })
}
