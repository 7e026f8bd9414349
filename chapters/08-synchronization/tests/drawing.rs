//! The book's picture of a deadlock is drawn from the graph of a real one.

use std::f64::consts::PI;
use std::fmt::Write;
use std::path::Path;
use std::rc::Rc;

use event_loop::{EventLoop, JumpingDriver, yield_now};
use synchronization::wait_graph::{Row, named};
use synchronization::{Mutex, WaitGraph};

const WIDTH: f64 = 560.0;
const HEIGHT: f64 = 330.0;
/// On a narrow window the picture scrolls, so that its letters can be read.
const NARROWEST: f64 = 476.0;

/// Half of a box.
const HALF: (f64, f64) = (48.0, 18.0);

#[test]
fn the_picture_of_the_philosophers_is_drawn_from_their_graph() {
    let event_loop = EventLoop::with_driver(JumpingDriver::new());
    let graph = WaitGraph::watch();
    let forks = Rc::new(["fork 1", "fork 2", "fork 3"].map(|name| Mutex::named(name, ())));
    let eaters = [
        ("eater 1", [0, 1]),
        ("eater 2", [1, 2]),
        ("eater 3", [2, 0]),
    ]
    .map(|(name, [first, second])| {
        let forks = Rc::clone(&forks);
        event_loop.handle().spawn(named(name, async move {
            let _first = forks[first].lock().await;
            yield_now().await;
            let _second = forks[second].lock().await;
        }))
    });
    event_loop.block_on(async {
        yield_now().await;
        yield_now().await;
        yield_now().await;
    });
    let drawn = picture(&graph);
    if std::env::var_os("LEARN_MINE").is_some() {
        return; // A learner's runtime is assembled without the book.
    }
    let file =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../book/theme/diagrams/wait-graph.svg");
    if std::env::var_os("INSTA_UPDATE").is_some_and(|how| how == "always") {
        std::fs::write(&file, &drawn).unwrap();
    }
    assert_eq!(drawn, std::fs::read_to_string(file).unwrap());
    drop(eaters);
}

/// The circle of a graph: tasks in full lines, what they wait for in broken ones.
fn picture(graph: &WaitGraph) -> String {
    let rows = graph.rows();
    let circle: Vec<&Row> = graph
        .circle()
        .iter()
        .map(|task| rows.iter().find(|row| row.task == *task).unwrap())
        .collect();
    let mut nodes: Vec<(String, &str)> = Vec::new();
    for row in &circle {
        nodes.push((row.task.clone(), "dg-b"));
        nodes.push((row.waits_for.as_ref().unwrap().0.clone(), "dg-t"));
    }
    let text: Vec<String> = circle
        .iter()
        .map(|row| format!("{} {row}", row.task))
        .collect();
    let mut svg = head(&text.join("; "));
    for (place, (name, _)) in nodes.iter().enumerate() {
        let next = (place + 1) % nodes.len();
        let label = if place % 2 == 0 {
            "waits for"
        } else {
            "held by"
        };
        arrow(
            &mut svg,
            at(place, nodes.len()),
            at(next, nodes.len()),
            label,
        );
        assert!(!name.is_empty());
    }
    for (place, (name, class)) in nodes.iter().enumerate() {
        let (x, y) = at(place, nodes.len());
        writeln!(
            svg,
            r#"<rect x="{:.0}" y="{:.0}" width="{:.0}" height="{:.0}" rx="5" class="{class}"/>"#,
            x - HALF.0,
            y - HALF.1,
            2.0 * HALF.0,
            2.0 * HALF.1,
        )
        .unwrap();
        writeln!(
            svg,
            r#"<text x="{x:.0}" y="{:.0}" text-anchor="middle" font-weight="600">{name}</text>"#,
            y + 5.0,
        )
        .unwrap();
    }
    svg + "</svg>\n"
}

fn head(description: &str) -> String {
    format!(
        r##"<svg class="diagram" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="waits-title waits-desc" xmlns="http://www.w3.org/2000/svg" style="max-width:{WIDTH}px;min-width:{NARROWEST}px;width:100%;height:auto;font:14px ui-sans-serif,system-ui,sans-serif">
<title id="waits-title">Tasks that wait for each other in a circle</title>
<desc id="waits-desc">{description}.</desc>
<defs><marker id="waits-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="10" markerHeight="10" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0 L10 5 L0 10 z" class="dg-fill"/></marker></defs>
<style>.diagram text{{fill:var(--fg,currentColor)}}.dg-b{{fill:var(--bg,#fff);stroke:var(--fg,currentColor);stroke-width:1.3}}.dg-t{{fill:none;stroke:var(--fg,currentColor);stroke-width:1;stroke-dasharray:5 4;opacity:.6}}.dg-s{{fill:none;stroke:var(--links,#20609f);stroke-width:2.4}}.dg-fill{{fill:var(--fg,currentColor)}}.diagram .dg-n{{font-size:12.5px}}</style>
"##
    )
}

/// The middle of a place on the ring.
fn at(place: usize, places: usize) -> (f64, f64) {
    let part = f64::from(u32::try_from(place).unwrap()) / f64::from(u32::try_from(places).unwrap());
    let angle = 2.0 * PI * part - PI / 2.0;
    (
        WIDTH / 2.0 + 205.0 * angle.cos(),
        HEIGHT / 2.0 + 130.0 * angle.sin(),
    )
}

/// From the edge of one box to the edge of the other.
fn arrow(svg: &mut String, from: (f64, f64), to: (f64, f64), label: &str) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let edge = (HALF.0 / dx.abs()).min(HALF.1 / dy.abs());
    let (x1, y1) = (from.0 + dx * edge, from.1 + dy * edge);
    let (x2, y2) = (to.0 - dx * edge, to.1 - dy * edge);
    writeln!(
        svg,
        r##"<path d="M{x1:.0} {y1:.0} L{x2:.0} {y2:.0}" class="dg-s" marker-end="url(#waits-head)"/>"##
    )
    .unwrap();
    // The label stands on the side of the ring's middle.
    let (x, y) = ((x1 + x2) / 2.0, (y1 + y2) / 2.0);
    let (inx, iny) = (WIDTH / 2.0 - x, HEIGHT / 2.0 - y);
    let far = inx.hypot(iny);
    writeln!(
        svg,
        r#"<text x="{:.0}" y="{:.0}" text-anchor="middle" class="dg-n">{label}</text>"#,
        x + 34.0 * inx / far,
        y + 18.0 * iny / far + 4.0,
    )
    .unwrap();
}
