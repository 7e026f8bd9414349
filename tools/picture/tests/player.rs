//! The players of all runs that the chapters keep.

use std::path::{Path, PathBuf};

use picture::play::Source;
use picture::player::{self, Ask, Prediction};
use picture::svg::{self, Notes};
use picture::{Picture, Play, parse};
use probe::Recording;

/// The runs that the chapters' tests keep, with their files.
fn plays() -> Vec<(PathBuf, Play)> {
    let chapters = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../chapters");
    let mut plays = Vec::new();
    for chapter in files(&chapters) {
        for path in files(&chapter.join("tests/snapshots")) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with("play__") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("the file can be read");
            let text = text.replace("\r\n", "\n");
            let (_, json) = text.split_once("\n---\n").expect("a snapshot has a header");
            let play = read(json).unwrap_or_else(|what| panic!("{name}: {what}"));
            plays.push((path, play));
        }
    }
    assert!(plays.len() > 5, "only {} runs were found", plays.len());
    plays
}

/// A kept play with the lines of its source.
fn read(json: &str) -> Result<Play, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = |path: &str| std::fs::read_to_string(root.join(path)).map_err(|it| it.to_string());
    player::read(json)?.with_source(text)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

fn image(path: &Path, play: &Play) -> String {
    player::image(play, "x").unwrap_or_else(|what| panic!("{}: {what}", path.display()))
}

#[test]
fn a_run_that_is_read_is_the_run_that_was_written() {
    for (path, play) in plays() {
        assert_eq!(read(&play.json()), Ok(play), "{}", path.display());
    }
}

#[test]
fn a_comment_changes_nothing_of_a_kept_run_and_other_code_is_noticed() {
    let recording = parse::parse(" 1  a  polled\n")
        .expect("it is a run")
        .recording;
    let play = |text: &str, line| {
        let source = Source::anchored("a.rs", text, "a");
        let mut play = Play::of("x", &recording, None, Some(source));
        play.steps[0].line = Some(line);
        play
    };
    let plain = play(
        "// ANCHOR: a\nlet a = 1;\nlet b = 2;\n// ANCHOR_END: a\n",
        3,
    );
    let longer =
        "//! More.\n\n// ANCHOR: a\nlet a = 1;\n\n    // Two.\n    let b = 2;\n// ANCHOR_END: a\n";
    assert_eq!(play(longer, 7).json(), plain.json());
    let kept = || player::read(&plain.json()).expect("it is a kept run");
    assert_eq!(
        kept().with_source(|_| Ok(longer.to_owned())),
        Ok(play(longer, 7))
    );
    let other = kept().with_source(|_| Ok(longer.replace("b = 2", "b = 3")));
    assert!(other.is_err_and(|what| what.contains("other code than that of a.rs")));
}

#[test]
fn each_step_has_its_number_in_the_image_and_its_row_in_the_table() {
    for (path, play) in plays() {
        let image = image(&path, &play);
        let element = player::element(&play, &image, "run", None);
        for step in &play.steps {
            let number = step.number;
            let axis = format!("data-from=\"{number}\" data-to=\"{number}\" x=");
            assert!(image.contains(&axis), "{}: {number}", path.display());
            let row = format!("<tr><td>{number}</td>");
            assert!(element.contains(&row), "{}: {number}", path.display());
        }
    }
}

#[test]
fn the_image_of_a_run_that_was_kept_is_that_of_its_recording() {
    let text =
        " 1        a     polled\n 2        bell    rings\n 3  10ms  a     → pending   ◂── here\n";
    let parsed = parse::parse(text).expect("it is a run");
    let play = Play::of("x", &parsed.recording, parsed.marked, None);
    let drawn = svg::draw(
        &Picture::of(&parsed.recording, parsed.marked),
        "x",
        "x",
        Notes::Outside,
    );
    assert_eq!(player::image(&play, "x"), Ok(drawn));
}

#[test]
fn a_player_can_stand_in_markdown_and_ends_where_it_should() {
    for (path, play) in plays() {
        let element = player::element(&play, &image(&path, &play), "run", None);
        assert!(!element.contains("\n\n"), "{}", path.display());
        assert_eq!(element.matches("</script>").count(), 1);
    }
}

#[test]
fn a_run_that_is_to_be_predicted_is_not_shown_as_it_stands() {
    let prediction = Prediction {
        asks: vec![Ask {
            step: 1,
            after: 0,
            card: 0,
        }],
        cards: vec!["</script>".to_owned()],
        also: Vec::new(),
        end: "That is it.".to_owned(),
    };
    let (path, play) = plays().swap_remove(0);
    let element = player::element(&play, &image(&path, &play), "run", Some(&prediction));
    let (before, hidden) = element
        .split_once("<details")
        .expect("there is a part that is closed");
    assert!(!before.contains("<svg") && !before.contains("<table"));
    assert!(hidden.contains("<svg") && hidden.contains("<table"));
    assert!(element.contains("\\u003c/script>"), "{element}");
}

#[test]
fn a_page_needs_no_other_file() {
    let play = Play::of("Nothing & more", &Recording::default(), None, None);
    let page = player::page(
        &play,
        "<svg></svg>",
        &["first-waker-only".to_owned()],
        Some("1  a  runs"),
    );
    assert!(page.starts_with(player::BEGINNING));
    assert!(page.contains("<title>Nothing &amp; more</title>"));
    assert!(page.contains("default-src 'none'"));
    assert!(page.contains("<p>first-waker-only</p>") && page.contains("1  a  runs</pre>"));
    assert!(!page.contains(" src=") && !page.contains(" href="));
}

#[test]
fn what_is_no_run_is_refused_with_a_sentence() {
    let refused = player::read("{}").expect_err("it has nothing in it");
    assert!(refused.starts_with("this is no run to play: "), "{refused}");
}
