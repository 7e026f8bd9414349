//! A dump as lines, by which one process shows it to another.

use std::io::{self, BufRead, Write};
use std::process;

use debugging::Dump;
use debugging::dump::{Row, State};
use debugging::warning::{Leaf, Place};

/// What a process has seen of the tasks of a loop.
///
/// ```
/// use debugging::seen::Seen;
///
/// let sent = b"process\t7\ntask\t1\tfetch\tsrc/main.rs:3\tis suspended\nleaf\tfetch \xe2\x86\x92 Sleep\ta timer\nend\n";
/// let seen = Seen::read(&sent[..]).unwrap();
/// assert_eq!(seen.process, 7);
/// assert_eq!(seen.tasks[0].leaves[0].waits_for, "a timer");
/// let mut again = Vec::new();
/// seen.write(&mut again).unwrap();
/// assert_eq!(again, sent);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// The number of the process in which the loop runs.
    pub process: u32,
    /// The tasks, oldest first.
    pub tasks: Vec<SeenTask>,
}

/// One task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenTask {
    /// Its number.
    pub number: u64,
    /// Its name, or else the function of its future.
    pub name: String,
    /// The line that spawned it.
    pub place: String,
    /// What it does, in words.
    pub state: String,
    /// Where it is suspended.
    pub leaves: Vec<SeenLeaf>,
}

/// One leaf future of a task.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SeenLeaf {
    /// The awaits down to it.
    pub path: String,
    /// What it waits for; empty if it does not say so.
    pub waits_for: String,
}

impl Seen {
    /// What a dump of this process shows.
    #[must_use]
    pub fn of(dump: &Dump) -> Seen {
        Seen {
            process: process::id(),
            tasks: dump.tasks.iter().map(SeenTask::of).collect(),
        }
    }

    /// Writes it as lines: fields between tabs, and `end` as the last line.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&self, out: &mut impl Write) -> io::Result<()> {
        writeln!(out, "process\t{}", self.process)?;
        for task in &self.tasks {
            let [name, place, state] =
                [&task.name, &task.place, &task.state].map(|text| field(text));
            writeln!(out, "task\t{}\t{name}\t{place}\t{state}", task.number)?;
            for leaf in &task.leaves {
                let [path, waits_for] = [&leaf.path, &leaf.waits_for].map(|text| field(text));
                writeln!(out, "leaf\t{path}\t{waits_for}")?;
            }
        }
        writeln!(out, "end")
    }

    /// Reads what [`write`](Seen::write) has written.
    ///
    /// # Errors
    ///
    /// Those of `from`; `InvalidData` for other lines, and `UnexpectedEof` if `end` is missing.
    pub fn read(from: impl BufRead) -> io::Result<Seen> {
        let mut seen = Seen::default();
        for line in from.lines() {
            let line = line?;
            let fields: Vec<&str> = line.split('\t').collect();
            match (&fields[..], seen.tasks.last_mut()) {
                (["end"], _) => return Ok(seen),
                (["process", number], _) => seen.process = parsed(number)?,
                (["task", number, name, place, state], _) => seen.tasks.push(SeenTask {
                    number: parsed(number)?,
                    name: (*name).to_owned(),
                    place: (*place).to_owned(),
                    state: (*state).to_owned(),
                    leaves: Vec::new(),
                }),
                (["leaf", path, waits_for], Some(task)) => task.leaves.push(SeenLeaf {
                    path: (*path).to_owned(),
                    waits_for: (*waits_for).to_owned(),
                }),
                _ => return Err(io::Error::new(io::ErrorKind::InvalidData, line)),
            }
        }
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

impl SeenTask {
    fn of(row: &Row) -> SeenTask {
        let leaves: &[Leaf] = match &row.state {
            State::Suspended(leaves) => leaves,
            _ => &[],
        };
        let function = row.who.origin.name().to_owned();
        SeenTask {
            number: row.who.task.number(),
            name: row.name.clone().unwrap_or(function),
            place: Place(&row.who.origin).to_string(),
            state: row.state.to_string(),
            leaves: leaves.iter().map(SeenLeaf::of).collect(),
        }
    }

    /// What it waits for, in one line.
    #[must_use]
    pub fn waits_for(&self) -> String {
        let waits = |leaf: &SeenLeaf| match leaf.waits_for.as_str() {
            "" => leaf
                .path
                .rsplit(" → ")
                .next()
                .unwrap_or_default()
                .to_owned(),
            waits_for => waits_for.to_owned(),
        };
        match &self.leaves[..] {
            [] => self.state.clone(),
            leaves => leaves.iter().map(waits).collect::<Vec<_>>().join(", "),
        }
    }
}

impl SeenLeaf {
    fn of(leaf: &Leaf) -> SeenLeaf {
        let path: Vec<String> = leaf.path.iter().map(|frame| frame.to_string()).collect();
        let waits_for = leaf.waits_for.as_ref().map(ToString::to_string);
        SeenLeaf {
            path: path.join(" → "),
            waits_for: waits_for.unwrap_or_default(),
        }
    }
}

/// A text without the characters that separate fields and lines.
fn field(text: &str) -> String {
    text.replace(['\t', '\n', '\r'], " ")
}

fn parsed<T: std::str::FromStr>(text: &str) -> io::Result<T> {
    let other = |_| io::Error::new(io::ErrorKind::InvalidData, text.to_owned());
    text.parse().map_err(other)
}
