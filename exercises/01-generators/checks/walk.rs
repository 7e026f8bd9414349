//! 1.5 walk: delegation over a tree.

#[path = "walk/trees.rs"]
mod trees;
#[path = "walk/walked.rs"]
mod walked;

use super::subject::{Entry, Walk};
use generators::{Generator, Step};
use probe::random::Random;
use probe::{leaks, panics, run, snapshot};
use probe_generators::{laws, spy};
use trees::{NOT_A_SIZE, SIZES, compare_walk, counted, entry, grown, tree};
use walked::{explain_total, walk};

#[test]
fn a_single_file_is_named_and_its_size_is_the_total() {
    let run = run!("a_single_file");
    let file = entry("file", []);
    let walked = walk(&run, &file, [("file", 7)]);
    match (&walked.names[..], walked.total) {
        (["file"], Some(7)) => snapshot!(run),
        (["file"], Some(total)) => explain_total(&run, total, &[("file", 7)]),
        (["file", "file", "file", ..], _) => run.diagnose_at(
            Some(3),
            "forgot-to-advance",
            "Each call yielded the name again. The call that yields the name must leave a state from which the next call goes on.",
        ),
        (["file", "file", ..], _) => run.departs_at(
            Some(3),
            "The name was yielded twice, and then the walk went on. A walk yields each name once.",
        ),
        _ => run.departs("A file yields its name once, and completes with the size that it is sent as the answer."),
    }
}

#[test]
fn parents_are_named_before_their_children_in_order() {
    let run = run!("a_small_tree");
    let tree = tree();
    let walked = walk(&run, &tree, SIZES);
    let right = SIZES.map(|(name, _)| name);
    let wrong = (0..walked.names.len()).find(|&index| walked.names.get(index) != right.get(index));
    // Each resume is two events: it is entered, and it returns.
    let event = wrong.map_or_else(|| run.recorder().last_event(), |index| Some(2 * index + 1));
    match &walked.names[..] {
        ["home", "docs", "a.txt", "b.txt", "c.txt", "music"] => {}
        ["a.txt", "b.txt", "c.txt", "docs", "music", "home"] => run.diagnose_at(event,
            "parent-after-children",
            "Each folder was named after what is in it. A folder is named first, and then its children.",
        ),
        [first, ..] if *first != "home" => run.departs_at(event, format!("`{first}` was named before the folder that it is in.")),
        ["home"] => match walked.total {
            Some(total) if total > 1 && total < NOT_A_SIZE => run.diagnose_at(event,
                "swallowed-yield",
                "Only the root was named, and the total is more than its size. So the walks of the children were resumed to their \
                 ends, and the names that they yielded did not come out.",
            ),
            _ => run.departs_at(event,
                "Only the root was named. Either no child's walk was resumed, or what the children yielded did not come out.",
            ),
        },
        ["home", "docs", "music"] if walked.total == Some(100_011) => run.diagnose_at(event,
            "forgot-to-descend",
            "The children of the root were named, and what is in them was not: a child is a walk of its own, not only a name.",
        ),
        ["home", "docs", "music"] => run.departs_at(event,
            "`docs` was named, and what is in it was not. A walk that has yielded its name is not over: it has to be there in the \
             next call, and in each until it completes. One that was taken out of `self` has to be put back.",
        ),
        ["home", "music", ..] => run.diagnose_at(event,
            "children-reversed",
            "The last child was named before the first. A stack does this: it gives back first what was put on it last.",
        ),
        ["home", "docs", "music", "a.txt", ..] => run.diagnose_at(event,
            "breadth-first",
            "What is in `docs` was named only after the neighbor of `docs`. A queue does this, when a folder's children are put behind \
             the entries that wait already.",
        ),
        ["home", "docs", "docs", ..] => run.diagnose_at(event,
            "delegate-restarted",
            "`docs` was named again, as if its walk had just begun: it is built anew in a later call, and so never gets further.",
        ),
        ["home", "docs", "a.txt", "a.txt", ..] => run.diagnose_at(event,
            "forgot-to-advance",
            "The walk of `a.txt` had completed, and `a.txt` was walked again: which child comes next has to change when one begins or \
             ends.",
        ),
        ["home", "docs", "a.txt", "docs", ..] => run.departs_at(event,
            "`docs` was named a second time, when `a.txt`, which is in it, had got its answer. A walk yields its own name once.",
        ),
        ["home", "home", "home", ..] => run.diagnose_at(event,
            "forgot-to-advance",
            "Each call yielded the root again. The call that yields the name must leave a state from which the next call goes on.",
        ),
        ["home", "home", ..] => run.departs_at(event,
            "The root was yielded twice, and then the walk went on. A walk yields each name once.",
        ),
        ["home", "docs", "a.txt"] if walked.total.is_some() => run.diagnose_at(event,
            "forgot-to-loop",
            "It completed as soon as one child had. When a child completes, the next child begins, in the same call.",
        ),
        ["home", "docs", "a.txt", "b.txt"] if walked.total.is_some() => run.diagnose_at(event,
            "off-by-one",
            "`c.txt` was left out, the last in `docs`, and so was `music`, the last in `home`: each folder ends one child too early.",
        ),
        ["home", "docs", "a.txt", "c.txt", ..] => run.departs_at(event,
            "After `a.txt` came `c.txt`: `b.txt`, which stands between them, was passed over.",
        ),
        _ => run.departs_at(event, "Each name comes once, a parent before its children, and the children in their order."),
    }
}

#[test]
fn the_total_is_the_sum_of_all_the_answers() {
    let run = run!("a_small_tree");
    let tree = tree();
    let walked = walk(&run, &tree, SIZES);
    match walked.total {
        Some(111_111) => snapshot!(run),
        Some(total) => explain_total(&run, total, &SIZES),
        None => {
            run.departs("After every name has been answered, the walk completes with the total.")
        }
    }
}

#[test]
fn an_empty_folder_counts_for_itself_alone() {
    let run = run!("an_empty_folder");
    let sizes = [("root", 1), ("empty", 10), ("after", 100)];
    let tree = entry("root", [entry("empty", []), entry("after", [])]);
    let walked = walk(&run, &tree, sizes);
    if walked.names != ["root", "empty", "after"] || walked.total != Some(111) {
        run.departs("An empty folder is named, adds its own size, and the walk goes on to what comes after it.");
    }
    snapshot!(run);
}

#[test]
fn a_chain_of_a_hundred_folders_adds_up() {
    let run = run!("a_chain");
    let chain = (0..100).fold(entry("innermost", []), |inside, _| {
        entry("folder", [inside])
    });
    run.recorder().says(
        "tree",
        "100 entries called `folder`, each inside the one before, and one more in the last",
    );
    let call = run
        .recorder()
        .enters("walk", "resume(2), as often as it yields");
    let mut walk = Walk::new(&chain);
    let values = [NOT_A_SIZE].into_iter().chain(std::iter::repeat_n(2, 200));
    match panics::expected(|| laws::drive(&mut walk, values)) {
        Ok((names, Some(total))) => {
            call.returns(format!(
                "yields {}, completes with {total}",
                counted(names.len())
            ));
            if (names.len(), total) != (101, 202) {
                if (names.len(), total) == (2, 4) {
                    run.diagnose(
                        "equal-taken-for-same",
                        "There are 101 entries with two names, and each is of size 2. Two were walked: an entry whose name had come \
                         before was left out.",
                    );
                }
                run.departs("There are 101 entries, and each is of size 2. That several have the same name changes nothing.");
            }
        }
        Ok((names, None)) => {
            call.returns(format!("yields {}", counted(names.len())));
            run.departs("There are 101 entries, and it went on yielding names.");
        }
        Err(panic) => {
            drop(call);
            run.departs(format!("`resume` panicked: {}.", panic.message));
        }
    }
    snapshot!(run);
}

#[test]
fn every_shape_of_tree_is_walked_in_order_and_added_up() {
    let run = run!();
    let mut random = Random::seeded(3);
    for entries in (1..=40).chain([200, 1_000]) {
        let tree = grown(entries, &mut random);
        compare_walk(&run, &tree, |number| {
            [0, 1, 7, u64::MAX / 4_096][number % 4]
        });
    }
}

#[test]
fn a_wide_folder_and_a_deep_one_are_walked_to_their_ends() {
    let run = run!();
    let wide = Entry {
        name: "home",
        children: vec![entry("file", []); 70_000],
    };
    compare_walk(&run, &wide, |_| 1);
    let mut deep = entry("file", []);
    for _ in 0..300 {
        deep = entry("folder", [deep, entry("file", [])]);
    }
    compare_walk(&run, &deep, |_| 1);
}

#[test]
fn resumed_after_it_has_completed_it_panics() {
    let run = run!("after_the_end");
    let tree = entry("file", []);
    let mut walk = spy(&run, "walk", Walk::new(&tree));
    laws::drive(&mut walk, [0, 7]);
    laws::stays_complete(&run, &mut walk, 9);
    snapshot!(run);
}

#[test]
fn a_dropped_walk_leaves_no_memory_behind() {
    let tree = tree();
    leaks::no_memory_is_left(&run!(), "walk", || {
        let mut walk = Walk::new(&tree);
        while let Step::Yielded(_name) = walk.resume(1) {}
    });
}
