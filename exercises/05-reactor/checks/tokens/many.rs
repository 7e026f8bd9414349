//! Many keys, what a removed item leaves behind, and every short run.

use super::super::subject::Tokens;
use super::machine::{Listed, MOVES, SEED, Yours};
use probe::detect::DropCounter;
use probe::random::Random;
use probe::run;
use probe::runs::Search;
use probe_io::heap;

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
    let mut random = Random::seeded(SEED);
    for item in 0..20_000 {
        let dice = random.below(1 << 31);
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
