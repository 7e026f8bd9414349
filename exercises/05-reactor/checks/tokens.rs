//! 5.4 tokens: keys that are not used again.

#[path = "tokens/machine.rs"]
mod machine;

use super::subject::Tokens;
use machine::{Listed, MOVES, SEED, Yours};
use probe::detect::DropCounter;
use probe::runs::Search;
use probe::{Run, run, snapshot};
use probe_io::heap;

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

#[test]
fn no_key_comes_back_after_many_inserts() {
    let run = run!();
    let mut tokens = Tokens::new();
    let stays = tokens.insert(0_u32);
    let first = tokens.insert(0_u32);
    tokens.remove(first);
    run.recorder().says(
        "table",
        format!("one item is removed; then {MANY} others are inserted and removed"),
    );
    for count in 1..=MANY {
        let name = tokens.insert(count);
        // A key that is another number, and that finds an item by a part of it, shows within the first 100,000.
        let is_watched = count <= 100_000;
        if name == first || name == stays || is_watched && tokens.get(first).is_some() {
            run.recorder().says(
                "table",
                format!("the key of the first item finds item {count}    expected: None"),
            );
            let mistake = if count < 3 {
                "stale-token"
            } else {
                "generation-too-small"
            };
            run.diagnose(
                mistake,
                format!(
                    "After {count} inserts, the key of the first item finds one of the later items. The part of the key that tells them apart \
                     has started again.",
                ),
            );
        }
        if is_watched && tokens.get(name) != Some(&count) {
            run.departs("An item is in the table, and `get` does not find it by its key.");
        }
        tokens.remove(name);
    }
    if tokens.get(stays) != Some(&0) || tokens.len() != 1 {
        run.departs("One item was never removed, and the table does not hold exactly this item.");
    }
}

/// Beyond a million, 2^16 and 2^20, at which keys may repeat.
const MANY: u32 = (1 << 20) + 100;

#[test]
fn keys_differ_when_items_come_and_go_in_any_order() {
    let run = run!();
    let mut tokens = Tokens::new();
    let (mut here, mut gone) = (Vec::<(usize, u64)>::new(), Vec::<(usize, u64)>::new());
    // A small generator: the order has to be irregular, and the same in each run.
    let mut random = 0x9E37_79B9_u64;
    for item in 0..20_000 {
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        let dice = (random >> 33) as usize;
        if dice % 5 < 3 || here.is_empty() {
            here.push((tokens.insert(item), item));
        } else {
            let (name, item) = here.swap_remove(dice % here.len());
            tokens.remove(name);
            gone.push((name, item));
        }
        let Some((name, first)) = gone.get(dice % gone.len().max(1)) else {
            continue;
        };
        if let Some(second) = tokens.get(*name) {
            let table = |text: String| run.recorder().says("table", text);
            table(format!("item {first} is in, its key is {name}"));
            table(format!("item {first} is removed"));
            table(format!(
                "item {second} is in; there are {} items now",
                here.len()
            ));
            table(format!("an event comes for {name} → item {second}"));
            run.diagnose(
                "stale-token",
                format!(
                    "An event for item {first}, which was removed, reaches item {second}: both had the key {name}. The generation and the slot \
                     need separate bits in the key, for any number of items.",
                ),
            );
        }
    }
    if tokens.len() != here.len() {
        run.departs(format!(
            "{} items are in the table, and `len` returns {}.",
            here.len(),
            tokens.len()
        ));
    }
    if here
        .iter()
        .any(|(name, item)| tokens.get(*name) != Some(item))
    {
        run.departs("After 20,000 inserts and removals, a key does not find its own item.");
    }
}

#[test]
fn a_removed_item_is_dropped_by_the_caller() {
    let run = run!();
    let items = DropCounter::new();
    let mut tokens = Tokens::new();
    let a = tokens.insert(items.token());
    let _b = tokens.insert(items.token());
    drop(tokens.remove(a));
    if items.alive() != 1 {
        run.departs("An item was removed and dropped, and the table still holds it.");
    }
    drop(tokens);
    if items.alive() != 0 {
        run.departs("The table was dropped, and one of its items is still alive.");
    }
}

#[test]
fn memory_does_not_grow_with_the_number_of_inserts() {
    let run = run!();
    let mut tokens = Tokens::new();
    let _stays = tokens.insert(0_u64);
    let before = heap::in_use();
    for item in 0..100_000_u64 {
        let name = tokens.insert(item);
        tokens.remove(name);
    }
    let held = heap::in_use() - before;
    if held > 100_000 {
        (run.recorder()).says(
            "table",
            "100,000 items are inserted and removed, one at a time",
        );
        (run.recorder()).says(
            "memory",
            format!("{held} bytes more, for {} item", tokens.len()),
        );
        run.diagnose(
            "never-freed",
            format!(
                "100,000 items were inserted and removed, one at a time, and {held} bytes more are in use than before. A slot may be used \
                 again; otherwise the table fills the memory of a server that runs for months.",
            ),
        );
    }
}

#[test]
fn every_short_run_of_calls_finds_each_item_by_its_own_key() {
    Search::of(&MOVES)
        .up_to(4)
        .and_random(100, 12, SEED)
        .compare(&run!(), Yours::new, || Listed { items: Vec::new() });
}

#[test]
fn items_that_are_in_the_table_together_have_different_keys() {
    let run = run!();
    let mut tokens = Tokens::new();
    // A key of 16 or of 20 bits cannot tell them apart.
    let keys: Vec<usize> = (0..520_000_u32).map(|item| tokens.insert(item)).collect();
    let lost = (0..)
        .zip(&keys)
        .find(|(item, key)| tokens.get(**key) != Some(item));
    if let Some((item, key)) = lost {
        let found = tokens
            .get(*key)
            .map_or_else(|| "None".to_owned(), u32::to_string);
        run.recorder()
            .says("table", format!("item {item} is in, its key is {key}"));
        run.recorder().says("table", "520000 items are in");
        run.recorder()
            .says("table", format!("get({key}) → {found}    expected: {item}"));
        run.diagnose(
            "number-given-again",
            format!("520,000 items are in the table, and the key of item {item} leads to {found}. Two items got the same key."),
        );
    }
    let mut all = (0..).zip(&keys);
    if let Some((item, key)) = all.find(|(item, key)| tokens.get_mut(**key).copied() != Some(*item))
    {
        let found = tokens.get_mut(*key).copied();
        run.departs(format!(
            "520,000 items are in the table. `get` finds item {item} by its key, and `get_mut` returned {found:?}."
        ));
    }
    if tokens.len() != keys.len() {
        run.departs(format!(
            "520,000 items are in the table, and `len` returns {}.",
            tokens.len()
        ));
    }
}
