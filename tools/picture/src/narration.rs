//! A step in sentences: what happens, and what that changes.

use crate::play::{State, Step};

/// What a step says, for a reader who steps through the run: `before` is the state that it found.
#[must_use]
pub fn of(step: &Step, before: &State) -> String {
    let mut sentences = vec![event(step, before)];
    sentences.extend(queue(step, before));
    sentences.extend(timers(step, before));
    sentences.extend(sleep(step, before));
    sentences.extend(wakers(step, before));
    sentences.extend(tasks(step, before));
    sentences.join(" ")
}

/// What happens.
fn event(step: &Step, before: &State) -> String {
    let Step { track, text, .. } = step;
    let (call, outcome) = match text.split_once("→ ") {
        Some((call, outcome)) => (call.trim_end(), Some(outcome)),
        None => (text.as_str(), None),
    };
    let ends = |with: &str| {
        outcome.map_or(String::new(), |outcome| {
            format!("{with}{}", result(outcome))
        })
    };
    match call {
        "woken" if !before.ready.contains(track) && step.state.ready.contains(track) => {
            format!("The task {track} is woken and joins the ready queue.")
        }
        "woken" if step.state.ready.contains(track) => {
            format!("The task {track} is woken, and is in the ready queue already.")
        }
        "woken" => format!("{track} is woken."),
        "dropped" | "spawned" => format!("{track} is {call}."),
        "polled" => format!("{track} is polled{}.", ends(" and ")),
        "" => format!("{track}{}.", ends(" ")),
        _ if call.starts_with("polled by ") => {
            let poller = &call["polled by ".len()..];
            format!("{poller} polls {track}{}.", ends(", which "))
        }
        _ if call.starts_with("set for ") => format!("{track} is {call}."),
        _ if call.starts_with("its waker is kept by ") => {
            let keeper = &call["its waker is kept by ".len()..];
            format!("{keeper} stores the waker of {track}.")
        }
        _ if call.ends_with(')') && !call.contains(' ') => match outcome {
            Some(outcome) => format!("{call} on {track} {}.", result(outcome)),
            None => format!("{call} is called on {track}."),
        },
        _ if begins_with_a_verb(call) => format!("{track} {call}{}.", ends(" and ")),
        _ => format!("{track}: {call}{}.", ends(", which ")),
    }
}

/// `yields 1`, `returns pending`, `finishes`.
fn result(outcome: &str) -> String {
    let begins = |words: &[&str]| words.iter().any(|word| outcome.starts_with(word));
    if matches!(outcome, "done" | "") {
        "finishes".to_owned()
    } else if begins(&["yields", "completes", "panics", "waits"]) {
        outcome.to_owned()
    } else {
        format!("returns {outcome}")
    }
}

/// `sleeps`, `looks for events`: recordings use the third person.
fn begins_with_a_verb(call: &str) -> bool {
    let first = call.split([' ', ',', '(']).next().unwrap_or_default();
    first.ends_with('s') && first.len() > 2 && first.chars().all(char::is_alphabetic)
}

fn queue(step: &Step, before: &State) -> Vec<String> {
    let now = &step.state.ready;
    let left = before.ready.iter().filter(|name| !now.contains(name));
    let joined = now.iter().filter(|name| {
        !(before.ready.contains(name) || step.text == "woken" && **name == step.track)
    });
    let left = left.map(|name| format!("{name} leaves the ready queue."));
    left.chain(joined.map(|name| format!("The task {name} joins the ready queue.")))
        .collect()
}

fn timers(step: &Step, before: &State) -> Vec<String> {
    let now = &step.state.timers;
    let set = now
        .iter()
        .filter(|timer| !before.timers.contains(timer) && timer.name != step.track);
    let gone = before
        .timers
        .iter()
        .filter(|timer| !now.contains(timer) && timer.name != step.track);
    let set = set.map(|timer| format!("{} is set for {}.", timer.name, timer.at));
    set.chain(gone.map(|timer| format!("{} is no longer set.", timer.name)))
        .collect()
}

fn sleep(step: &Step, before: &State) -> Vec<String> {
    let now = &step.state.asleep;
    let fell = now
        .iter()
        .filter(|one| !before.asleep.contains(one) && one.who != step.track);
    let woke = before
        .asleep
        .iter()
        .filter(|one| !now.contains(one) && one.who != step.track);
    let fell = fell.map(|one| format!("{} {}.", one.who, one.text));
    fell.chain(woke.map(|one| format!("{} no longer sleeps.", one.who)))
        .collect()
}

fn wakers(step: &Step, before: &State) -> Vec<String> {
    let now = &step.state.wakers;
    let is_said = step.text.starts_with("its waker is kept by ");
    let stored = now
        .iter()
        .skip(before.wakers.len().min(now.len()))
        .filter(|_| !is_said);
    let gone = before.wakers.iter().filter(|kept| !now.contains(kept));
    let stored = stored.map(|kept| format!("{} stores the waker of {}.", kept.by, kept.of));
    stored
        .chain(gone.map(|kept| format!("{} no longer stores the waker of {}.", kept.by, kept.of)))
        .collect()
}

/// The tasks that wait now, and what for. The event itself says that a task runs, returned or became ready.
fn tasks(step: &Step, before: &State) -> Vec<String> {
    let changed = step
        .state
        .tasks
        .iter()
        .filter(|task| task.state.starts_with("waits") && !before.tasks.contains(task));
    changed
        .map(|task| format!("{} {}.", task.name, task.state))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::play::{Armed, Task};

    fn step(track: &str, text: &str, state: State) -> Step {
        Step {
            number: 1,
            at: String::new(),
            track: track.to_owned(),
            text: text.to_owned(),
            depth: 0,
            line: None,
            marked: false,
            state,
        }
    }

    fn told(track: &str, text: &str) -> String {
        of(&step(track, text, State::default()), &State::default())
    }

    #[test]
    fn each_kind_of_line_is_a_sentence() {
        for (track, text, sentence) in [
            ("a", "polled", "a is polled."),
            ("a", "polled → pending", "a is polled and returns pending."),
            (
                "join",
                "polled by A → ready(7)",
                "A polls join, which returns ready(7).",
            ),
            ("a", "→ pending", "a returns pending."),
            ("a", "resume() → yields 1", "resume() on a yields 1."),
            ("log", "flush()", "flush() is called on log."),
            ("event", "happens → done", "event happens and finishes."),
            ("caller", "spawns a, number 0", "caller spawns a, number 0."),
            ("loop", "turn", "loop: turn."),
            ("timer 1", "set for 10ms", "timer 1 is set for 10ms."),
            ("a", "dropped", "a is dropped."),
        ] {
            assert_eq!(told(track, text), sentence);
        }
    }

    #[test]
    fn what_changes_is_a_sentence_too() {
        let ready = State {
            ready: vec!["busy".to_owned()],
            ..State::default()
        };
        let woken = step("busy", "woken", ready.clone());
        assert_eq!(
            of(&woken, &State::default()),
            "The task busy is woken and joins the ready queue."
        );
        assert_eq!(
            of(&woken, &ready),
            "The task busy is woken, and is in the ready queue already."
        );
        let waits = State {
            tasks: vec![Task {
                name: "busy".to_owned(),
                state: "waits for timer 1".to_owned(),
            }],
            timers: vec![Armed {
                name: "timer 1".to_owned(),
                at: "10ms".to_owned(),
            }],
            ..State::default()
        };
        assert_eq!(
            of(&step("busy", "polled → pending", waits), &ready),
            "busy is polled and returns pending. busy leaves the ready queue. timer 1 is set for 10ms. busy waits for timer 1."
        );
    }
}
