//! 1.5 walk: delegation over a tree.

use super::subject::{Entry, Walk};
use generators::{Generator, Step};
use probe::random::Random;
use probe::{Run, panics, run, snapshot};
use probe_generators::{Spy, laws, spy};

/// Sent first, when nothing has been named: it must count nowhere.
const NOT_A_SIZE: u64 = 5_000_000;

#[test]
fn a_single_file_is_named_and_its_size_is_the_total() {
    let run = run!("a_single_file");
    let file = entry("file", []);
    let walked = walk(&run, &file, [("file", 7)]);
    match (&walked.names[..], walked.total) {
        (["file"], Some(7)) => snapshot!(run),
        (["file"], Some(total)) => explain_total(&run, total, &[("file", 7)]),
        (["file", "file", ..], _) => run.diagnose_at(
            Some(3),
            "forgot-to-advance",
            "The name came twice: nothing that is remembered changes when the name is given away.",
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
            "What is in `docs` was named only after the neighbour of `docs`. A queue does this, when children are put behind \
             everybody who waits already.",
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
        ["home", "home", ..] => run.diagnose_at(event,
            "forgot-to-advance",
            "The root was named twice: nothing that is remembered changes when its name is given away.",
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

/// A tree of this many entries, each below one that is there already, drawn at random.
fn grown(entries: usize, random: &mut Random) -> Entry {
    const NAMES: [&str; 5] = ["a", "b", "c", "", "a"];
    let mut tree = entry("home", []);
    for number in 1..entries {
        let mut place = &mut tree;
        while !place.children.is_empty() && random.below(3) > 0 {
            let child = random.below(place.children.len());
            place = &mut place.children[child];
        }
        place.children.push(entry(NAMES[number % NAMES.len()], []));
    }
    tree
}

/// Walks a tree, answers each name with a size, and holds names and total against a plain recursion. Only what is wrong is recorded.
#[track_caller]
fn compare_walk(run: &Run, tree: &Entry, size: impl Fn(usize) -> u64) {
    let names = names_of(tree);
    let mut walk = Walk::new(tree);
    let mut answer = NOT_A_SIZE;
    let mut total = 0;
    for number in 0..=names.len() {
        let expected = match names.get(number) {
            Some(name) => format!("yields {name:?}"),
            None => format!("completes with {total}"),
        };
        let seen = match panics::expected(|| walk.resume(answer)) {
            Ok(Step::Yielded(name)) => format!("yields {name:?}"),
            Ok(Step::Complete(total)) => format!("completes with {total}"),
            Err(_) => "panics".to_owned(),
        };
        if seen != expected {
            let call = run.recorder().enters("walk", format!("resume({answer})"));
            call.returns(seen.clone());
            run.departs(format!(
                "In a tree of {} entries, {number} of them named so far, your walk {seen}; expected: it {expected}.",
                names.len()
            ));
        }
        answer = size(number);
        total += if number < names.len() { answer } else { 0 };
    }
}

fn names_of(tree: &Entry) -> Vec<&'static str> {
    let mut names = vec![tree.name];
    names.extend(tree.children.iter().flat_map(names_of));
    names
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

fn counted(names: usize) -> String {
    match names {
        1 => "1 name".to_owned(),
        names => format!("{names} names"),
    }
}

/// The sizes of [`tree`]: a digit of the total for each entry, so that it tells which were counted.
const SIZES: [(&str, u64); 6] = [
    ("home", 1),
    ("docs", 10),
    ("a.txt", 100),
    ("b.txt", 1_000),
    ("c.txt", 10_000),
    ("music", 100_000),
];

fn tree() -> Entry {
    entry(
        "home",
        [
            entry(
                "docs",
                [entry("a.txt", []), entry("b.txt", []), entry("c.txt", [])],
            ),
            entry("music", []),
        ],
    )
}

fn entry<const N: usize>(name: &'static str, children: [Entry; N]) -> Entry {
    Entry {
        name,
        children: children.into(),
    }
}

struct Walked<'t> {
    names: Vec<&'t str>,
    total: Option<u64>,
}

/// Walks, answers each name with its size, and gives up when there are more names than entries.
#[track_caller]
fn walk<'t, const N: usize>(run: &Run, tree: &'t Entry, sizes: [(&str, u64); N]) -> Walked<'t> {
    let mut walk = spy(run, "walk", Walk::new(tree));
    let mut walked = Walked {
        names: Vec::new(),
        total: None,
    };
    let mut answer = NOT_A_SIZE;
    loop {
        if walked.names.len() > N + 1 {
            run.recorder()
                .says("caller", "stops asking: there were more names than entries");
            return walked;
        }
        match resume(run, &mut walk, answer) {
            Step::Yielded(name) => {
                walked.names.push(name);
                answer = sizes
                    .iter()
                    .find(|(known, _)| *known == name)
                    .map_or(0, |(_, size)| *size);
            }
            Step::Complete(total) => {
                walked.total = Some(total);
                return walked;
            }
        }
    }
}

#[track_caller]
fn resume<'t>(run: &Run, walk: &mut Spy<Walk<'t>>, answer: u64) -> Step<&'t str, u64> {
    let earlier = walk.resumes();
    let panic = match panics::expected(|| walk.resume(answer)) {
        Ok(step) => return step,
        Err(panic) => panic,
    };
    if !means_completion(&panic.message) {
        run.departs(format!("`resume` panicked: {}.", panic.message));
    }
    match earlier {
        // Nothing below the root had been answered yet, so no child can be at its end.
        1 | 2 => run.diagnose(
            "state-left-taken",
            format!(
                "`resume` panicked as if the walk were complete ({}), although the call before had yielded: what that call took \
                 out of `self`, it did not put back.",
                panic.message
            ),
        ),
        // The first file had been answered: its walk is the first one that can complete.
        3 => run.diagnose(
            "resumed-after-complete",
            format!(
                "`resume` panicked as if the walk were complete ({}): the walk of a child had completed in this call, and was \
                 resumed once more.",
                panic.message
            ),
        ),
        _ => run.departs(format!(
            "`resume` panicked as if the walk were complete ({}), in the middle of it.",
            panic.message
        )),
    }
}

/// Whether this is how the learner's walk panics when it is complete.
fn means_completion(message: &str) -> bool {
    let file = entry("file", []);
    let mut walk = Walk::new(&file);
    let end = panics::expected(|| laws::drive(&mut walk, [0, 7]).1);
    let after_the_end = panics::expected(|| walk.resume(0));
    message.contains("complete")
        || matches!((end, after_the_end), (Ok(Some(_)), Err(panic)) if panic.message == message)
}

/// Reads the wrong total: each entry's size is a digit of its own, and what was sent first is five millions.
#[track_caller]
fn explain_total(run: &Run, total: u64, sizes: &[(&str, u64)]) -> ! {
    let right: u64 = sizes.iter().map(|(_, size)| size).sum();
    let (own, last) = (sizes[0].1, sizes[sizes.len() - 1].1);
    if total == NOT_A_SIZE + right - last {
        run.diagnose(
            "lost-resume-argument",
            "Every size is counted one step late: the value that starts the walk is counted, and the last answer is not.",
        );
    }
    if total == right - last {
        run.diagnose(
            "lost-resume-argument",
            "The answer to the last name is missing from the total: it comes with the call in which the walk completes.",
        );
    }
    if total >= NOT_A_SIZE {
        run.diagnose(
            "first-argument-is-an-answer",
            "The value that started the walk was counted as a size. Nothing had been named when it came.",
        );
    }
    if total > right {
        run.diagnose(
            "answer-counted-twice",
            format!(
                "The total is {total} and should be {right}, so some answer was counted more than once: by the child that asked \
                 for it, say, and by its parent as it passed through.",
            ),
        );
    }
    let missing: Vec<&str> = sizes
        .iter()
        .filter(|(_, size)| (total / size).is_multiple_of(10))
        .map(|(name, _)| *name)
        .collect();
    if total == own && sizes.len() > 1 {
        run.diagnose(
            "one-way-delegation",
            "The total is the root's own size. Either the sizes do not reach the children's walks, or what these complete with is \
             not added.",
        );
    }
    if total < right && !missing.is_empty() {
        run.departs(format!(
            "The total is {total} and should be {right}: the size of {} is not in it.",
            missing.join(", ")
        ));
    }
    run.departs(format!("The total should be {right}, and it is {total}."))
}
