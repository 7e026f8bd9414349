//! Ways through the course.

use crate::sample::Sample;

#[test]
fn a_route_is_listed_with_its_minutes_and_once_followed_says_what_comes_next() {
    let sample = Sample::new();
    let listed = sample.learn(&["route"]).stdout;
    for word in [
        "short",
        "A short way",
        "2 exercises",
        "min",
        "0 of 2 solved",
    ] {
        assert!(listed.contains(word), "{word}: {listed}");
    }
    let followed = sample.learn(&["route", "short"]).stdout;
    assert!(followed.contains("next: 1.2 guess-order"), "{followed}");
    assert!(sample.read(".learn/progress").contains("route short\n"));
    let hint = sample.learn(&["hint"]).stdout;
    assert!(hint.contains("1.2 guess-order"), "{hint}");
    let skipped = sample.learn(&["skip"]).stdout;
    assert!(skipped.contains("next: 2.1"), "{skipped}");
    let list = sample.learn(&["list"]).stdout;
    assert!(list.contains("Route: A short way, 0 of 2 solved"), "{list}");
    assert!(sample.learn(&["route"]).stdout.contains("▸ short"));
}

#[test]
fn a_route_that_is_not_there_is_answered_with_the_closest() {
    let said = Sample::new().learn(&["route", "shrot"]);
    assert_eq!(said.status, Some(2));
    assert!(
        said.stderr.contains("Did you mean `short`?"),
        "{}",
        said.stderr
    );
}
