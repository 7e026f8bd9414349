//! Every short run, without a limit and with one.

use super::machine;
use probe::run;
use probe::runs::Search;

#[test]
fn every_short_run_is_as_expected() {
    Search::of(&machine::QUEUE)
        .up_to(4)
        .and_random(60, 20, 8)
        .naming(&machine::KNOWN)
        .compare(&run!(), machine::Yours::new, machine::Reference::new);
}

#[test]
fn every_short_run_with_a_limit_is_as_expected() {
    Search::of(&machine::LIMIT)
        .up_to(4)
        .and_random(60, 20, 9)
        .compare(
            &run!(),
            machine::Yours::bounded,
            machine::Reference::bounded,
        );
}
