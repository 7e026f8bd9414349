//! The names of mistakes: what people read in the place of a code that does not say what happened.
//!
//! A code is for programs: it names the page's file and the known mistake's, checks give it, JSON and JUnit hold it, and it stays.
//! Most codes are also what people read. The few here have a clearer name, which verdicts and pages show.

/// Each code that has a name of its own, with that name.
const NAMES: [(&str, &str); 17] = [
    ("asked-by-itself", "driver-retrieves-error"),
    ("asked-for-by-one", "retrieval-not-shared"),
    ("batch-taken-too-soon", "batch-before-park"),
    ("begun-again", "write-restarted"),
    ("cancel-is-a-note", "cancel-only-sets-flag"),
    ("cancel-is-thrown-in", "cancel-is-deferred"),
    ("deaf-to-threads", "push-without-unpark"),
    ("left-working", "inner-promise-not-cancelled"),
    ("looks-are-free", "driver-poll-is-free"),
    ("never-freed", "memory-grows"),
    ("noted-too-late", "flag-set-after-push"),
    ("order-of-need", "ready-task-polled-first"),
    ("revived", "finished-after-cancel"),
    ("sending-is-being-served", "sender-counts-as-active"),
    ("stranded", "accept-not-retried"),
    ("timer-a-turn-late", "due-timer-not-fired"),
    ("yield-waits-for-everybody", "yield-waits-for-completion"),
];

/// What people read for a code: its name, or the code itself.
#[must_use]
pub fn name_of(code: &str) -> &str {
    let named = NAMES.iter().find(|(known, _)| *known == code);
    named.map_or(code, |(_, name)| name)
}

/// The code behind what a learner typed: a name, or a code already.
#[must_use]
pub fn code_behind(typed: &str) -> &str {
    let named = NAMES.iter().find(|(_, name)| *name == typed);
    named.map_or(typed, |(code, _)| code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_and_its_code_lead_to_each_other() {
        for (code, name) in NAMES {
            assert_eq!(name_of(code), name);
            assert_eq!(code_behind(name), code);
            assert_eq!(code_behind(code), code);
            assert_eq!(name_of(name), name);
        }
    }

    #[test]
    fn a_code_without_a_name_is_its_own() {
        assert_eq!(name_of("off-by-one"), "off-by-one");
        assert_eq!(code_behind("off-by-one"), "off-by-one");
    }

    #[test]
    fn no_name_is_given_twice() {
        let mut words: Vec<&str> = NAMES
            .iter()
            .flat_map(|&(code, name)| [code, name])
            .collect();
        words.sort_unstable();
        words.dedup();
        assert_eq!(words.len(), 2 * NAMES.len());
    }
}
