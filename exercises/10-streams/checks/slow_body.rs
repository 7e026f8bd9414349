//! slow-body: pages that are downloaded while others are stored.

use super::subject::{AT_MOST, Closed};
use probe::random::Random;
use probe::{Run, run, snapshot};

#[path = "slow_body/play.rs"]
mod play;
#[path = "slow_body/world.rs"]
mod world;

use play::{Played, play};
use world::{Page, Script, track};

#[test]
fn with_a_fast_disk_all_pages_are_stored_in_order() {
    let run = run!("fast_disk");
    let script = Script {
        takes: vec![300, 100, 200],
        store: 50,
        ..Script::default()
    };
    if AT_MOST != 3 {
        run.departs(format!("`AT_MOST` is {AT_MOST}, and it was 3."));
    }
    judge(&run, &script);
    snapshot!(run);
}

#[test]
fn the_first_downloads_run_side_by_side_and_each_further_one_begins_in_time() {
    for takes in [vec![2_000; 8], vec![500, 2_000, 900, 100, 700]] {
        let script = Script {
            takes,
            ..Script::default()
        };
        judge(&run!(), &script);
    }
}

#[test]
fn with_a_slow_disk_each_answer_is_read_when_it_is_there() {
    let run = run!("slow_disk");
    let script = Script {
        takes: vec![500, 1_000, 1_600],
        store: 3_000,
        ..Script::default()
    };
    judge(&run, &script);
    snapshot!(run);
}

#[test]
fn a_download_that_waits_for_the_index_gets_its_turn_and_hands_it_on_to_the_disk() {
    let run = run!();
    let script = Script {
        takes: vec![500, 500, 500],
        store: 1_000,
        index: 100,
        ..Script::default()
    };
    judge(&run, &script);
}

#[test]
fn an_error_is_returned_when_the_pages_before_it_are_stored() {
    for (takes, fails) in [
        (vec![400, 100, 100, 100, 100], 1),
        (vec![100, 900, 100, 9_000, 9_000], 2),
        (vec![100, 100, 100], 0),
        (vec![100; 8], 7),
        (vec![100; 5], 4),
        (vec![700, 600, 500, 400, 300, 200, 100], 6),
    ] {
        let script = Script {
            takes,
            store: 500,
            fails: Some(fails),
            ..Script::default()
        };
        judge(&run!(), &script);
    }
}

#[test]
fn when_the_call_is_dropped_no_download_goes_on() {
    for dropped in (0..12).map(|step| 350 * step + 10) {
        let script = Script {
            takes: vec![600, 5_000, 700, 5_000, 800],
            store: 900,
            index: 50,
            dropped: Some(dropped),
            ..Script::default()
        };
        judge(&run!(), &script);
    }
}

#[test]
fn in_every_script_each_page_has_its_time() {
    const TAKES: [u64; 4] = [0, 300, 1_300, 2_600];
    let mut random = Random::seeded(106);
    for pages in 0..9 {
        for _ in 0..8 {
            let script = Script {
                takes: (0..pages).map(|_| *random.pick(&TAKES)).collect(),
                store: *random.pick(&[0, 200, 1_400, 4_000]),
                index: *random.pick(&[0, 0, 40]),
                fails: (random.below(4) == 0 && pages > 0).then(|| random.below(pages)),
                dropped: None,
            };
            judge(&run!(), &script);
        }
    }
}

/// Plays a script, and holds the run to every rule of the contract.
#[track_caller]
fn judge(run: &Run, script: &Script) {
    let played = run.risk(None, "The call did not return.", || play(run, script));
    if let Some((mistake, sentence)) = &played.broken {
        match mistake {
            Some(mistake) => run.diagnose(mistake, sentence),
            None => run.departs(sentence),
        }
    }
    refuse_unpolled(run, script, &played);
    judge_begins(run, script, &played.pages);
    judge_stores(run, &played.pages);
    judge_return(run, script, &played);
    if played.left > 0 {
        run.diagnose(
            "orphaned",
            format!(
                "The call had returned, or was dropped, and {} of its downloads were still there a millisecond later.",
                played.left
            ),
        );
    }
}

/// A download that was woken and not polled: its answer was read late, or it never went on.
#[track_caller]
fn refuse_unpolled(run: &Run, script: &Script, played: &Played) {
    for (number, page) in played.pages.iter().enumerate() {
        let (Some(answered), Some(read)) = (page.answered, page.read) else {
            continue;
        };
        if read > answered {
            run.diagnose(
                "not-polled-while-processing",
                format!(
                    "The answer for page {number} was there at {answered} ms, and the download was polled at {read} ms. Meanwhile the call waited for something else."
                ),
            );
        }
    }
    if played.returned.is_some() || script.dropped.is_some() {
        return;
    }
    if played.earlier_woken {
        run.recorder().lacks("call", "is not woken");
        run.diagnose(
            "first-waker-only",
            "The loop is stuck: the call was polled with another waker each time, and what it waits for has called that of an earlier poll. The waker of the latest poll counts.",
        );
    }
    let going = |page: &Page| page.begun.is_some() && page.fetched.is_none();
    if let Some(number) = played.pages.iter().position(going) {
        run.recorder()
            .lacks(&track(number), "is not polled any more");
        run.diagnose(
            "not-polled-while-processing",
            format!("The loop is stuck: no task is woken, and no timer is set. The download of page {number} was woken and not polled: it waits for the index, or has it, and the disk waits for the index as well."),
        );
    }
    run.departs(
        "The loop is stuck: no task is woken, and no timer is set. The call has not returned.",
    );
}

/// The pages that have to be downloaded: those up to the first one that fails.
fn due(script: &Script) -> usize {
    script.fails.map_or(script.takes.len(), |fails| fails + 1)
}

#[track_caller]
fn judge_begins(run: &Run, script: &Script, pages: &[Page]) {
    for number in 0..pages.len() {
        let latest = match number.checked_sub(AT_MOST) {
            None => Some(0),
            Some(older) => pages[older].stored,
        };
        let Some(latest) = latest else { continue };
        let gone = script.dropped.is_some_and(|dropped| dropped <= latest);
        let ended = script
            .fails
            .is_some_and(|fails| number > fails && number >= AT_MOST);
        let late = pages[number].begun.is_none_or(|begun| begun > latest);
        if late && !gone && !ended {
            run.diagnose(
                "sequential-await",
                format!(
                    "From {latest} ms on fewer than {AT_MOST} pages were in flight, so the download of page {number} had to begin by then. {}",
                    pages[number].begun.map_or("It did not.".to_owned(), |begun| format!("It began at {begun} ms."))
                ),
            );
        }
    }
}

#[track_caller]
fn judge_stores(run: &Run, pages: &[Page]) {
    let mut free = 0;
    for (number, page) in pages.iter().enumerate() {
        let (Some(stores), Some(fetched)) = (page.stores, page.fetched) else {
            return;
        };
        let right = fetched.max(free);
        if stores != right {
            run.diagnose("stored-late", format!(
                "Page {number} was downloaded at {fetched} ms, and the page before it stored at {free} ms. So page {number} is stored from {right} ms on. Your call began to store it at {stores} ms."
            ));
        }
        let Some(stored) = page.stored else { return };
        free = stored;
    }
}

#[track_caller]
fn judge_return(run: &Run, script: &Script, played: &Played) {
    let pages = &played.pages;
    let Some((result, at)) = played.returned else {
        return;
    };
    let stored = pages.iter().filter(|page| page.stored.is_some()).count();
    let right = match script.fails {
        Some(page) => Err(Closed { page }),
        None => Ok(()),
    };
    let all = script.fails.unwrap_or(pages.len());
    if result.is_ok() && right.is_err() {
        run.diagnose(
            "error-swallowed",
            format!("Page {all} could not be downloaded, and the call returned `Ok`. Its error is returned when all pages before it are stored."),
        );
    }
    if result != right || stored != all {
        run.departs(format!(
            "Expected: {right:?}, and {all} pages stored. The call returned {result:?}, and {stored} pages were stored."
        ));
    }
    let last = pages[..due(script)]
        .iter()
        .filter_map(|page| page.stored.or(page.fetched))
        .max();
    let last = last.unwrap_or(0);
    if at > last {
        run.departs(format!(
            "Nothing was left to do from {last} ms on, and the call returned at {at} ms."
        ));
    }
}
