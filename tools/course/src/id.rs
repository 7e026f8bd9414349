//! Finding the exercise that a learner means by `3.2`, `block-on` or `wakers/block-on`.

use anyhow::{Result, bail};

use crate::course::{Course, Exercise};

/// The exercise with this id.
///
/// # Errors
///
/// If there is none, with the closest match, or if several are called so, with all of them.
pub fn find<'a>(course: &'a Course, id: &str) -> Result<&'a Exercise> {
    let wanted = id.trim().to_lowercase().replace('_', "-");
    let found: Vec<&Exercise> = course
        .exercises()
        .filter(|exercise| {
            wanted == exercise.number || wanted == exercise.id || wanted == exercise.short_name()
        })
        .collect();
    match found[..] {
        [one] => Ok(one),
        [] => match closest(
            &wanted,
            course
                .exercises()
                .flat_map(|exercise| [exercise.short_name(), &exercise.id]),
        ) {
            Some(guess) => bail!("There is no exercise `{id}`. Did you mean `{guess}`?"),
            None => bail!("There is no exercise `{id}`. `cargo learn list` shows them all."),
        },
        _ => {
            let ids: Vec<String> = found
                .iter()
                .map(|exercise| format!("`{}`", exercise.id))
                .collect();
            bail!(
                "`{id}` is the name of several exercises: say {}.",
                ids.join(" or ")
            )
        }
    }
}

/// The name that is spelt most like `wanted`, if one is near enough.
#[must_use]
pub fn closest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const NEAR: f64 = 0.8;
    names
        .into_iter()
        .map(|name| (strsim::jaro_winkler(wanted, name), name))
        .filter(|(likeness, _)| *likeness >= NEAR)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::course::{Chapter, Kind};

    fn course() -> Course {
        let exercise = |id: &str, number: &str| Exercise {
            id: id.to_owned(),
            number: number.to_owned(),
            slug: String::new(),
            shown: String::new(),
            title: String::new(),
            kind: Kind::Build,
            minutes: 1,
            page: String::new(),
            optional: false,
            model: false,
            after: None,
            chapter: String::new(),
            source: PathBuf::new(),
            check: PathBuf::new(),
            about: PathBuf::new(),
            answer: PathBuf::new(),
            mistakes: PathBuf::new(),
            others: PathBuf::new(),
        };
        let chapter = |number, exercises| Chapter {
            folder: String::new(),
            number,
            title: String::new(),
            part: String::new(),
            page: String::new(),
            sections: Vec::new(),
            exercises,
        };
        Course::new(
            PathBuf::new(),
            PathBuf::new(),
            vec![
                chapter(
                    1,
                    vec![
                        exercise("generators/running-average", "1.1"),
                        exercise("generators/predict", "1.2"),
                    ],
                ),
                chapter(
                    3,
                    vec![
                        exercise("wakers/block-on", "3.1"),
                        exercise("wakers/predict", "3.2"),
                    ],
                ),
            ],
        )
    }

    #[test]
    fn an_exercise_is_found_by_number_by_name_and_by_both() {
        let course = course();
        for id in ["3.1", "block-on", "wakers/block-on", "block_on", "Block-On"] {
            assert_eq!(find(&course, id).unwrap().id, "wakers/block-on", "{id}");
        }
    }

    #[test]
    fn a_name_that_two_chapters_have_is_not_guessed() {
        let error = find(&course(), "predict").unwrap_err().to_string();
        assert!(
            error.contains("`generators/predict` or `wakers/predict`"),
            "{error}"
        );
        assert!(find(&course(), "wakers/predict").is_ok());
    }

    #[test]
    fn a_misspelt_name_is_answered_with_the_closest() {
        let error = find(&course(), "runing-avrage").unwrap_err().to_string();
        assert!(error.contains("Did you mean `running-average`?"), "{error}");
        let error = find(&course(), "zzz").unwrap_err().to_string();
        assert!(error.contains("cargo learn list"), "{error}");
    }
}
