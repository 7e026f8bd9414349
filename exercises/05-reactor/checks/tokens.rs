//! 5.4 tokens: keys that are not used again.

#[path = "tokens/machine.rs"]
mod machine;

// The tests below come first, and then those of these modules, in this order.
#[path = "tokens/many.rs"]
mod many;

use super::subject::Tokens;
use probe::{Run, run, snapshot};

/// Inserts an item and records its key as a letter: right answers choose different numbers.
fn insert(run: &Run, tokens: &mut Tokens<&'static str>, item: &'static str, letter: &str) -> usize {
    let name = tokens.insert(item);
    (run.recorder()).says("table", format!("{item} is in, its key is {letter}"));
    if name == usize::MAX {
        run.diagnose(
            "reserved-name-given",
            "`insert` returned the key `usize::MAX`, which belongs to the reactor's waker: the events of this item would be lost.",
        );
    }
    name
}

#[test]
fn an_item_is_found_by_its_key() {
    let run = run!("found");
    let mut tokens = Tokens::new();
    let a = insert(&run, &mut tokens, "listener", "a");
    let b = insert(&run, &mut tokens, "client", "b");
    for (name, letter, item) in [(a, "a", "listener"), (b, "b", "client")] {
        let found = tokens.get(name).copied();
        run.recorder().says(
            "table",
            format!("get({letter}) → {}", found.unwrap_or("None")),
        );
        if found != Some(item) {
            run.departs("An item is in the table, and `get` does not find it by its key.");
        }
    }
    if tokens.len() != 2 {
        run.departs(format!(
            "Two items are in the table, and `len` returns {}.",
            tokens.len()
        ));
    }
    snapshot!(run);
}

#[test]
fn an_item_can_be_changed_where_it_is() {
    let run = run!();
    let mut tokens = Tokens::new();
    let a = insert(&run, &mut tokens, "before", "a");
    if let Some(item) = tokens.get_mut(a) {
        *item = "after";
    }
    if tokens.get(a) != Some(&"after") {
        run.departs(
            "An item was changed through `get_mut`, and `get` does not return the changed item.",
        );
    }
}

#[test]
fn a_key_that_no_item_has_had_finds_nothing() {
    let run = run!();
    let mut tokens: Tokens<&str> = Tokens::new();
    for name in [0, 1, 77, usize::MAX / 2, usize::MAX] {
        let call = run.recorder().enters("table", format!("get({name})"));
        let found =
            probe::panics::expected(|| tokens.get(name).is_some() || tokens.remove(name).is_some());
        match found {
            Ok(false) => call.returns("None"),
            Ok(true) => run.departs("The table is empty, and an item was found in it."),
            Err(panic) => run.diagnose(
                "stale-name-panics",
                format!(
                    "A call with a key that is not in the table panicked: {}. Events for removed items are usual, so such a key has to \
                     return `None`.",
                    panic.message
                ),
            ),
        }
    }
}

#[test]
fn a_removed_item_is_not_found() {
    let run = run!();
    let mut tokens = Tokens::new();
    let a = insert(&run, &mut tokens, "client", "a");
    let taken = tokens.remove(a);
    run.recorder().says("table", "remove(a)");
    if taken != Some("client") {
        run.departs("`remove` did not return the item.");
    }
    if tokens.get(a).is_some() || tokens.get_mut(a).is_some() || tokens.remove(a).is_some() {
        run.departs("The item was removed, and its key still finds it.");
    }
    if !tokens.is_empty() {
        run.departs(format!(
            "The only item was removed, and `len` returns {}.",
            tokens.len()
        ));
    }
}

#[test]
fn an_old_key_does_not_find_a_later_item() {
    let run = run!("came_after");
    let mut tokens = Tokens::new();
    let a = insert(&run, &mut tokens, "first client", "a");
    tokens.remove(a);
    run.recorder().says("table", "remove(a)");
    let b = insert(&run, &mut tokens, "second client", "b");
    let call = run.recorder().enters("table", "an event comes for a");
    let leads = if a == b {
        "the two keys are the same number"
    } else if tokens.get(a).is_some() {
        "`get(a)` returns the second client"
    } else if tokens.get_mut(a).is_some() {
        "`get(a)` returns `None`, and `get_mut(a)` returns the second client"
    } else {
        ""
    };
    if !leads.is_empty() {
        call.returns("second client");
        stale(&run, leads);
    }
    call.returns("None");
    let call = run.recorder().enters("table", "remove(a)");
    if tokens.remove(a).is_some() || tokens.get(b) != Some(&"second client") {
        call.returns("second client");
        run.diagnose(
            "stale-name-removes",
            "`remove` was called with the key of the first client, which was removed before. It removed the second client: `remove` does \
             not compare the key.",
        );
    }
    call.returns("None");
    snapshot!(run);
}

#[track_caller]
fn stale(run: &Run, seen: &str) -> ! {
    run.diagnose(
        "stale-token",
        format!(
            "An event for the first client, which was removed, reaches the second client: {seen}. A slot may be used again; a key may \
             not.",
        ),
    )
}

#[test]
fn a_key_that_is_removed_twice_frees_its_slot_once() {
    for removals in 1..=2 {
        let run = run!();
        let mut tokens = Tokens::new();
        let a = insert(&run, &mut tokens, "first client", "a");
        for removal in 1..=removals {
            let removed = tokens.remove(a);
            let text = removed.unwrap_or("None");
            run.recorder().says("table", format!("remove(a) → {text}"));
            if removed.is_some() != (removal == 1) {
                run.departs("`remove` returns an item to the first call with its key, and `None` to the second.");
            }
        }
        let b = insert(&run, &mut tokens, "second client", "b");
        let c = insert(&run, &mut tokens, "third client", "c");
        let found = [b, c].map(|key| tokens.get(key).copied().unwrap_or("None"));
        let length = tokens.len();
        run.recorder()
            .says("table", format!("get(b) → {}", found[0]));
        if found == ["second client", "third client"] && length == 2 {
            continue;
        }
        let seen = format!(
            "Two clients are in the table. Their keys find {} and {}, and `len` returns {length}.",
            found[0], found[1]
        );
        if removals == 2 {
            run.diagnose(
                "freed-twice",
                format!(
                    "{seen} The first client's key was removed twice before. With one removal the table holds both clients: the second \
                     removal freed a slot that was free."
                ),
            );
        }
        run.departs(seen);
    }
}
