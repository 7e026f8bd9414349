//! What the checks say about answers, right answers unlike them, stubs and known mistakes.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Result;
use course::course::Exercise;
use course::files;
use learn::judging::manifest::Manifest;
use learn::learner::passed;

use crate::Call;
use crate::findings::Findings;
use crate::hashes::Hashes;
use crate::joint;
use crate::judge::{self, Judged};
use crate::known;
use crate::times::Times;
use crate::trial::{self, Expected, Trial};

/// Tries every source that was not as it should be when it was last tried, and says how many sources there are.
pub(crate) fn check(call: &Call<'_>, findings: &mut Findings, times: &mut Times) -> Result<String> {
    let mut all = Vec::new();
    for &exercise in &call.exercises {
        all.extend(trial::of(call.course, exercise, findings)?);
    }
    let ground = Ground::new(call);
    let (mut trials, mut keys) = (Vec::new(), Vec::new());
    for trial in &all {
        let key = ground.key(trial);
        if !call.known.has(&key) {
            trials.push(trial.clone());
            keys.push(key);
        }
    }
    times.took("sources and their hashes");
    let judged = tried(call, &mut trials, times)?;
    for ((trial, key), judged) in trials.iter().zip(&keys).zip(&judged) {
        // With `--write` a kept run may be another one now than the key was made of.
        let may_be_written = call.arguments.write && trial.kept_run().is_some();
        if judged.complaints.is_empty() && !may_be_written {
            call.known.remember(key);
        }
        for complaint in &judged.complaints {
            findings.add(call.course, &trial.file, complaint);
        }
    }
    if let Some(path) = &call.arguments.verdicts {
        files::write_whole(path, &listed(&trials, &judged))?;
    }
    note_right_answers(call, &ground, &all)?;
    Ok(match trials.len() {
        tried if tried == all.len() => format!("{tried} sources tried"),
        tried => format!("{} sources, {tried} of them tried", all.len()),
    })
}

/// Tells `cargo learn mine` which right answers pass, so that it need not check them where they stand in place of a learner's files.
fn note_right_answers(call: &Call<'_>, ground: &Ground<'_>, all: &[Trial<'_>]) -> Result<()> {
    for trials in all.chunk_by(|one, other| one.exercise.id == other.exercise.id) {
        let right = trials.iter().filter(|trial| {
            trial.expected == Expected::Right && call.known.has(&ground.key(trial))
        });
        let hashes: Vec<String> = right.map(|trial| files::hash(&trial.text)).collect();
        passed::remember_others(call.course, trials[0].exercise, &hashes)?;
    }
    Ok(())
}

/// Compiles and judges the trials. What passes a shortened check is tried again with the whole one.
pub(crate) fn tried(
    call: &Call<'_>,
    trials: &mut [Trial<'_>],
    times: &mut Times,
) -> Result<Vec<Judged>> {
    if call.arguments.apart {
        trials.iter_mut().for_each(|trial| trial.tests = None);
    }
    let built = joint::build(call, trials)?;
    times.took("compiling");
    let mut judged = judge::all(call, trials, &built)?;
    times.took("running");
    let undecided: Vec<usize> = (0..judged.len())
        .filter(|&index| judged[index].undecided)
        .collect();
    if undecided.is_empty() {
        return Ok(judged);
    }
    undecided
        .iter()
        .for_each(|&index| trials[index].tests = None);
    let again: Vec<Trial<'_>> = undecided
        .iter()
        .map(|&index| trials[index].clone())
        .collect();
    let built = joint::build(call, &again)?;
    for (index, whole) in undecided.iter().zip(judge::all(call, &again, &built)?) {
        judged[*index] = whole;
    }
    times.took(&format!("{} sources again, with whole checks", again.len()));
    Ok(judged)
}

/// One line a source.
fn listed(trials: &[Trial<'_>], judged: &[Judged]) -> String {
    let lines = trials.iter().zip(judged).map(|(trial, judged)| {
        let Trial {
            exercise, variant, ..
        } = trial;
        format!("{} {variant}: {}\n", exercise.id, judged.said)
    });
    lines.collect()
}

/// What verdicts depend on beside the source.
struct Ground<'a> {
    hashes: &'a Hashes,
    /// What all of them depend on.
    common: String,
    /// What those of a chapter depend on: the crates that its exercises may use.
    chapters: BTreeMap<String, String>,
}

impl<'a> Ground<'a> {
    fn new(call: &'a Call<'_>) -> Ground<'a> {
        let chapters = call.exercises.iter().map(|exercise| &exercise.chapter);
        let chapters: BTreeSet<&String> = chapters.collect();
        Ground {
            hashes: &call.hashes,
            common: known::ground(call.course, &call.hashes),
            chapters: chapters
                .into_iter()
                .map(|chapter| (chapter.clone(), crates(call, chapter)))
                .collect(),
        }
    }

    /// The hash of everything that a verdict depends on.
    fn key(&self, trial: &Trial<'_>) -> String {
        let Trial {
            exercise,
            variant,
            text,
            expected,
            ..
        } = trial;
        let kept = trial.kept_run().map(|path| self.hashes.of(&path));
        let parts = [
            self.common.clone(),
            self.chapters[&exercise.chapter].clone(),
            self.hashes.of(&exercise.check),
            self.hashes.of(&exercise.check_modules()),
            self.snapshots(exercise),
            format!("{} {variant} {expected:?} {kept:?}", exercise.id),
            format!("{:?} {}", exercise.kind, exercise.model),
            files::hash(text),
        ];
        files::hash(&parts.join("\n"))
    }

    fn snapshots(&self, exercise: &Exercise) -> String {
        let folder = exercise.checks_folder().join("snapshots");
        let snapshots = course::files::with_ending(&folder, "snap").into_iter();
        let name = |path: &PathBuf| {
            path.file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned()
        };
        snapshots
            .map(|path| (name(&path), path))
            .filter(|(name, _)| name.starts_with(&format!("{}__", exercise.slug)))
            .map(|(name, path)| format!("{name} {}\n", self.hashes.of(&path)))
            .collect()
    }
}

/// The hash of the crates that a chapter's exercises may use, and of those that these use.
fn crates(call: &Call<'_>, chapter: &str) -> String {
    let root = &call.course.root;
    let manifests = ["exercises", "solutions"].map(|kind| root.join(kind).join(chapter));
    let mut reached = BTreeSet::new();
    for folder in &manifests {
        reach(root, folder, &mut reached);
    }
    let manifests = manifests.map(|folder| call.hashes.of(&folder.join("Cargo.toml")));
    let crates = reached.iter().map(|folder| {
        // Its tests and examples are no part of what depends on it.
        let parts = ["Cargo.toml", "build.rs", "src"];
        let parts = parts.map(|part| call.hashes.of(&folder.join(part)));
        format!("{} {}\n", call.course.shown(folder), parts.join(" "))
    });
    files::hash(&format!(
        "{}\n{}",
        manifests.join("\n"),
        crates.collect::<String>()
    ))
}

/// Adds the folders of the crates that a crate depends on.
fn reach(root: &Path, folder: &Path, reached: &mut BTreeSet<PathBuf>) {
    let Ok(manifest) = Manifest::read(root, folder) else {
        return;
    };
    for dependency in manifest.dependency_paths() {
        if reached.insert(dependency.clone()) {
            reach(root, &dependency, reached);
        }
    }
}
