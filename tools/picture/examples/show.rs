//! Draws recordings in their text form: `cargo run -p picture --example show -- WIDTH FILE…`; with `svg` or `chrome` in place of
//! the width, as that; with `player`, runs to play in JSON, as pages.

use picture::{Picture, chrome, parse, player, svg, text};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let how = arguments.next().unwrap_or_default();
    for (number, path) in arguments.enumerate() {
        let text = std::fs::read_to_string(&path).expect("the file can be read");
        let body = text
            .rsplit_once("---\n")
            .map_or(text.as_str(), |(_, body)| body);
        if how == "player" {
            let play = player::read(body).expect("it is a run to play");
            let image = player::image(&play, "run").expect("its steps are those of a run");
            println!("{}", player::page(&play, &image, &[], None));
            continue;
        }
        match parse::parse(body) {
            Ok(parsed) => {
                let picture = Picture::of(&parsed.recording, parsed.marked);
                println!("{}", draw(&picture, &how, &path, number));
            }
            Err(complaint) => eprintln!("{path}: {complaint}"),
        }
    }
}

fn draw(picture: &Picture, how: &str, path: &str, number: usize) -> String {
    match how {
        "svg" => format!(
            "<figure>{}</figure>",
            svg::draw(
                picture,
                &format!("picture-{number}"),
                path,
                svg::Notes::Inside
            )
        ),
        "chrome" => chrome::draw(picture, path),
        width => {
            let options = text::Options::wide(width.parse().unwrap_or(80));
            format!("== {path}\n{}", text::draw(picture, &options))
        }
    }
}
