//! Charts of the measurements, as SVG.

use std::fmt::Write as _;

use course::figures::Chart;
use picture::svg::escape;

/// Where the bars begin, how long the longest is, and how high a row is.
const LEFT: f64 = 200.0;
const LONGEST: f64 = 460.0;
const ROW: f64 = 24.0;
const TOP: f64 = 30.0;

/// What the name of this course's own server begins with: its bar stands out, also without colour.
const OURS: &str = "this course";

/// The chart as a figure, without a blank line. Its description holds all values in words.
pub(crate) fn draw(argument: &str, chart: &Chart) -> String {
    let id: String = argument
        .chars()
        .map(|char| {
            if char.is_ascii_alphanumeric() {
                char
            } else {
                '-'
            }
        })
        .collect();
    let values: Vec<String> = (chart.bars.iter())
        .map(|bar| format!("{} {}", bar.name, bar.shown))
        .collect();
    let title = escape(&chart.title);
    let height = TOP + ROW * chart.bars.len() as f64 + 4.0;
    let mut out = format!(
        "<figure class=\"picture chart\">\n<svg viewBox=\"0 0 760 {height}\" role=\"img\" aria-labelledby=\"chart-{id}-title chart-{id}-desc\" \
         xmlns=\"http://www.w3.org/2000/svg\" style=\"max-width:760px;width:100%;height:auto;font:13px ui-sans-serif,system-ui,sans-serif\">\n\
         <title id=\"chart-{id}-title\">{title}</title>\n<desc id=\"chart-{id}-desc\">{}.</desc>\n\
         <style>.chart text{{fill:var(--fg,currentColor)}}.chart rect{{fill:var(--fg,currentColor);opacity:.45}}\
         .chart .ours{{fill:var(--links,#20609f);opacity:1}}</style>\n\
         <text x=\"0\" y=\"16\" font-weight=\"600\">{title}</text>\n",
        escape(&values.join(", "))
    );
    for (place, bar) in chart.bars.iter().enumerate() {
        let top = TOP + ROW * place as f64;
        let length = chart.length(bar, LONGEST).max(1.0);
        let (class, weight) = match bar.name.starts_with(OURS) {
            true => (" class=\"ours\"", " font-weight=\"600\""),
            false => ("", ""),
        };
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\"{weight}>{}</text>\
             <rect x=\"{LEFT}\" y=\"{}\" width=\"{length:.1}\" height=\"16\"{class}/>\
             <text x=\"{:.1}\" y=\"{}\"{weight}>{}</text>",
            LEFT - 8.0,
            top + 13.0,
            escape(&bar.name),
            top,
            LEFT + length + 6.0,
            top + 13.0,
            escape(&bar.shown)
        );
    }
    out + "</svg>\n</figure>"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_says_its_values_in_words_and_marks_the_courses_own_bar() {
        let record =
            "resident bytes each\nC epoll                 40\nthis course             80\n";
        let figure = draw("memory", &Chart::read(record, "memory").unwrap());
        assert!(
            figure.contains("<desc id=\"chart-memory-desc\">C epoll 40, this course 80.</desc>")
        );
        assert!(
            figure.contains("width=\"230.0\" height=\"16\"/>"),
            "{figure}"
        );
        assert!(figure.contains("width=\"460.0\" height=\"16\" class=\"ours\"/>"));
        assert!(!figure.contains("\n\n"));
    }
}
