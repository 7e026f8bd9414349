//! `cargo learn verify`: checks everything that the course says about itself, for maintainers.
//!
//! It is a program of its own, so that no learner compiles it; `cargo learn verify` builds it and hands over. Most of its time
//! goes into the tries: each answer, each right answer in `others`, each stub and known mistake is compiled with its check and judged.
//! [`trial`] lists the sources and what must become of each, [`needed`] finds the tests without which a mistake is not seen,
//! [`joint`] compiles the sources of an exercise as modules of one crate, [`judge`] runs their tests, [`known`] remembers what need
//! not be tried again. With `--mutants`, [`mutants`] tries the changes that cargo-mutants makes to the answers.
//!
//! `cargo learn mistake` and `cargo learn new`, which only maintainers use, are here for the same reason: [`mistake`], [`new`].

mod arguments;
mod behaviour;
mod codes;
mod difference;
mod equivalent;
mod findings;
mod format;
mod hashes;
mod joint;
mod judge;
mod known;
mod listing;
mod mistake;
mod mutants;
mod needed;
mod new;
mod order;
mod pages;
mod times;
mod trial;
mod variants;
mod written;

use std::ffi::OsString;
use std::process::ExitCode;

use anyhow::Result;
use bpaf::{OptionParser, ParseFailure};
use course::course::{Course, Exercise};
use learn::id;
use learn::judging::room;
use learn::stop::{self, Stop};

use crate::arguments::Arguments;
use crate::findings::Findings;
use crate::hashes::Hashes;
use crate::known::Known;
use crate::times::Times;

/// The exit status when the command or the course is at fault, or the maintainer pressed Ctrl-C.
const AT_FAULT: u8 = 2;

fn main() -> ExitCode {
    closed_output::end_quietly_or(AT_FAULT);
    let words: Vec<OsString> = std::env::args_os().skip(1).collect();
    let (command, rest) = match words.split_first() {
        Some((first, rest))
            if ["verify", "mistake", "new"]
                .iter()
                .any(|name| first == name) =>
        {
            (first.to_string_lossy(), rest)
        }
        _ => ("verify".into(), &words[..]),
    };
    let done = match &*command {
        "mistake" => read(arguments::mistake(), rest).map(|it| store_or_write_out(&it)),
        "new" => read(arguments::new(), rest).map(|it| add(&it)),
        _ => read(arguments::arguments(), rest).map(|it| verify(&it)),
    };
    let done = match done {
        Ok(done) => done,
        Err(status) => return status,
    };
    done.unwrap_or_else(|error| {
        eprintln!("{error:#}");
        ExitCode::from(AT_FAULT)
    })
}

/// What the words mean; after help or a fault, the status to end with.
fn read<T>(grammar: OptionParser<T>, words: &[OsString]) -> Result<T, ExitCode> {
    grammar.run_inner(words).map_err(|failure| {
        let at_fault = matches!(failure, ParseFailure::Stderr(_));
        failure.print_message(100);
        ExitCode::from(if at_fault { AT_FAULT } else { 0 })
    })
}

fn here() -> Result<Course> {
    Course::around(&std::env::current_dir()?)
}

fn store_or_write_out(asked: &arguments::Mistake) -> Result<ExitCode> {
    mistake::run(&here()?, &asked.id, &asked.code, asked.save.as_deref())?;
    Ok(ExitCode::SUCCESS)
}

fn add(asked: &arguments::New) -> Result<ExitCode> {
    new::run(
        &here()?,
        &asked.chapter,
        &asked.slug,
        &asked.kind,
        &asked.title,
    )?;
    Ok(ExitCode::SUCCESS)
}

fn verify(arguments: &Arguments) -> Result<ExitCode> {
    let stop = Stop::default();
    // Without a handler Ctrl-C would end this program and leave behind the tests that it runs.
    stop::on_signals(&stop, || {}, AT_FAULT.into());
    run(arguments, &stop)
}

/// Everything that one call works with.
pub(crate) struct Call<'a> {
    pub(crate) course: &'a Course,
    pub(crate) arguments: &'a Arguments,
    /// The exercises that it is about.
    pub(crate) exercises: Vec<&'a Exercise>,
    pub(crate) hashes: Hashes,
    pub(crate) known: Known,
    pub(crate) stop: &'a Stop,
}

fn run(arguments: &Arguments, stop: &Stop) -> Result<ExitCode> {
    let course = here()?;
    let named: Vec<&Exercise> = arguments
        .ids
        .iter()
        .map(|wanted| id::find(&course, wanted))
        .collect::<Result<_>>()?;
    let call = Call {
        course: &course,
        arguments,
        exercises: if named.is_empty() {
            course.exercises().collect()
        } else {
            named
        },
        hashes: Hashes::default(),
        known: Known::new(&course, arguments.cold),
        stop,
    };
    // What is written for the tries and built from it belongs to one call at a time.
    let _alone = room::lock(&course.target.join("verify"), stop, || {
        eprintln!("Another `verify` is at work here: waiting for it.");
    })?;
    let mut findings = Findings::default();
    let mut times = Times::new(arguments.times);
    let sources = if arguments.mutants {
        mutants::check(&call, &mut findings, &mut times)?
    } else {
        check(&call, &mut findings, &mut times)?
    };
    findings.print();
    println!(
        "{} exercises, {sources}: {}",
        call.exercises.len(),
        findings.count()
    );
    Ok(ExitCode::from(u8::from(findings.len() > 0)))
}

/// Looks at everything, and says how many sources there are.
fn check(call: &Call<'_>, findings: &mut Findings, times: &mut Times) -> Result<String> {
    let Call {
        course, arguments, ..
    } = call;
    written::check(call, findings)?;
    listing::check(call, findings)?;
    codes::check(course, findings)?;
    order::check(course, findings)?;
    times.took("listings, codes and order");
    let sources = behaviour::check(call, findings, times)?;
    format::check(call, findings)?;
    times.took("format of the stubs");
    if arguments.ids.is_empty() {
        pages::check(call, findings)?;
        times.took("book");
    }
    Ok(sources)
}
