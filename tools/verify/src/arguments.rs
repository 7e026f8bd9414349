//! What a maintainer can write behind `cargo learn verify`.

use std::path::PathBuf;

use bpaf::{OptionParser, Parser, construct, long, positional};

/// The options.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    /// Write stubs, checksums and kept runs anew where they are out of date.
    pub(crate) write: bool,
    /// Try every source, also those that were tried before and have not changed.
    pub(crate) cold: bool,
    /// Compile each source in a package of its own, as `cargo learn check` does.
    pub(crate) apart: bool,
    /// Try the mutants of the answers, and nothing else.
    pub(crate) mutants: bool,
    /// Say how long each part took.
    pub(crate) times: bool,
    /// Write there, one line a source, what the check says about it.
    pub(crate) verdicts: Option<PathBuf>,
    /// Only these exercises.
    pub(crate) ids: Vec<String>,
}

/// `cargo learn mistake`.
#[derive(Debug, Clone)]
pub(crate) struct Mistake {
    /// The file to store.
    pub(crate) save: Option<PathBuf>,
    /// The exercise.
    pub(crate) id: String,
    /// The mistake's code, with its number if there are several.
    pub(crate) code: String,
}

/// The grammar of `cargo learn mistake`.
pub(crate) fn mistake() -> OptionParser<Mistake> {
    let save = long("save")
        .help("Store this file as the known mistake, as an edit of the answer if it shares enough with it")
        .argument("FILE")
        .optional();
    let id = positional("ID").help("`1.2`, `countdown` or `generators/countdown`");
    let code = positional("CODE")
        .help("The mistake's code, with its number if there are several: `off-by-one.2`");
    construct!(Mistake { save, id, code })
        .to_options()
        .usage("Usage: cargo learn mistake [--save FILE] ID CODE")
        .descr("Write out a known mistake to open and change it, or store a changed one.")
}

/// `cargo learn new`.
#[derive(Debug, Clone)]
pub(crate) struct New {
    /// What the learner does in it.
    pub(crate) kind: String,
    /// What it is called.
    pub(crate) title: String,
    /// The chapter.
    pub(crate) chapter: String,
    /// Its file's name.
    pub(crate) slug: String,
}

/// The grammar of `cargo learn new`.
pub(crate) fn new() -> OptionParser<New> {
    let kind = long("kind")
        .help("predict, build, debug, apply or measure")
        .argument("KIND");
    let title = long("title")
        .help("What the exercise is called")
        .argument("TITLE")
        .fallback(String::new());
    let chapter = positional("CHAPTER").help("`4`, `event-loop` or `04-event-loop`");
    let slug = positional("SLUG").help("The name of its files: `running_average`");
    construct!(New {
        kind,
        title,
        chapter,
        slug
    })
    .to_options()
    .usage("Usage: cargo learn new CHAPTER SLUG --kind KIND [--title TITLE]")
    .descr("Write the skeleton of an exercise. `cargo learn verify` then names what is left to do.")
}

/// The grammar of the command line, with the help that it prints.
pub(crate) fn arguments() -> OptionParser<Arguments> {
    let switch = |name: &'static str, about: &'static str| long(name).help(about).switch();
    let write = switch(
        "write",
        "Write stubs, checksums and kept runs anew where they are out of date",
    );
    let cold = switch(
        "cold",
        "Try every source, also those that were tried before and have not changed",
    );
    let apart = switch(
        "apart",
        "Compile each source in a package of its own, as `check` does: slow, and every verdict must be the same",
    );
    let mutants = switch(
        "mutants",
        "Try nothing but mutants: change one expression of the learner's part at a time, with cargo-mutants, and name the changes that a check lets pass",
    );
    let times = switch("times", "Say how long each part took");
    let verdicts = long("verdicts")
        .help("Write one line a source there: what the check says about it")
        .argument("FILE")
        .optional();
    let ids = positional("ID")
        .help("Only these exercises, `1.2`, `countdown` or `generators/countdown`; the book is left out")
        .many();
    construct!(Arguments {
        write,
        cold,
        apart,
        mutants,
        times,
        verdicts,
        ids
    })
    .to_options()
    .usage("Usage: cargo learn verify [OPTIONS] [ID]...")
    .descr("Check everything that the course says about itself, and print one line for each thing that is missing.")
}
