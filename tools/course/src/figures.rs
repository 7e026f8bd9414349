//! Charts of what the measurements found: the records of `cargo run --release -p bench -- echo`, `-- blocking` and `-- overload`, read
//! column by column.

/// One column of the record, a bar for each server.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// What is compared, and at which load.
    pub title: String,
    /// The bars, in the order of the record.
    pub bars: Vec<Bar>,
}

/// One server.
#[derive(Debug, Clone, PartialEq)]
pub struct Bar {
    /// The server's name.
    pub name: String,
    /// Its value.
    pub value: f64,
    /// The value as the record has it.
    pub shown: String,
}

/// How wide the column of names is.
const NAMES: usize = 24;

impl Chart {
    /// The name of the record that holds what a page asks for, a file of `book/figures`.
    #[must_use]
    pub fn record(argument: &str) -> &'static str {
        match argument {
            "crossing" => "blocking.txt",
            "answered" | "last-second" => "overload.txt",
            _ => "echo.txt",
        }
    }

    /// The chart that a page asks for: `processor`, `requests` or `calls` with the heading of a load, `50 clients × 64 bytes`;
    /// `memory`; `crossing`; or `answered` and `last-second` for servers that are overloaded.
    ///
    /// # Errors
    ///
    /// One sentence if the record has no such column or load.
    pub fn read(record: &str, argument: &str) -> Result<Chart, String> {
        let (what, load) = argument.split_once(' ').unwrap_or((argument, ""));
        // A row has: requests, their ratio, processor time, its ratio, two latencies, calls, errors.
        let (says, column) = match what {
            "requests" => ("Requests a second, as a ratio to C", 1),
            "processor" => ("Processor time of a request, as a ratio to C", 3),
            "calls" => ("System calls of a request", 6),
            "memory" => ("", 0),
            // A row has: threads, tasks, their ratio.
            "crossing" => (
                "Questions a second of tasks on a loop, as a ratio to a thread each",
                2,
            ),
            // A row has: capacity, clients that were answered, refused, answered in the last second.
            "answered" => ("Clients that were answered within a second, in percent", 1),
            "last-second" => (
                "Of the clients that came in the last second, answered, in percent",
                3,
            ),
            _ => return Err(format!("no chart is called {what}")),
        };
        let heading = match what {
            "memory" => "resident bytes",
            "crossing" => "questions a second",
            "answered" | "last-second" => "2 times as many clients",
            _ => load,
        };
        let mut parts = record.split("\n\n");
        let part = parts
            .find(|part| !heading.is_empty() && part.starts_with(heading))
            .ok_or_else(|| format!("the record has no part that begins with `{heading}`"))?;
        let title = part.lines().next().unwrap_or_default();
        let title = match what {
            "memory" => title.replacen("resident", "Resident", 1),
            "crossing" | "answered" | "last-second" => says.to_owned(),
            _ => format!("{says}: {title}"),
        };
        let bars: Vec<Bar> = part
            .lines()
            .skip(1)
            .filter_map(|row| Bar::read(row, column))
            .collect();
        if bars.is_empty() {
            return Err(format!("the record has no such column: {what}"));
        }
        Ok(Chart { title, bars })
    }

    /// How long a bar is, of `whole` for the longest.
    #[must_use]
    pub fn length(&self, bar: &Bar, whole: f64) -> f64 {
        let longest = self.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
        if longest > 0.0 {
            whole * bar.value / longest
        } else {
            0.0
        }
    }

    /// The chart in letters, for a terminal.
    #[must_use]
    pub fn text(&self) -> String {
        const WHOLE: f64 = 30.0;
        let widest = self.bars.iter().map(|bar| bar.name.chars().count()).max();
        let widest = widest.unwrap_or(0);
        let mut text = format!("{}\n\n", self.title);
        for bar in &self.bars {
            let length = self.length(bar, WHOLE).round().max(1.0) as usize;
            let Bar { name, shown, .. } = bar;
            text.push_str(&format!(
                "{name:<widest$}  {} {shown}\n",
                "█".repeat(length)
            ));
        }
        text
    }
}

impl Bar {
    /// Reads a row; `None` for the line with the names of the columns, and for a server that failed.
    fn read(row: &str, column: usize) -> Option<Bar> {
        let (end, _) = row.char_indices().nth(NAMES)?;
        let (name, cells) = row.split_at(end);
        let shown = cells.split_whitespace().nth(column)?;
        let value = shown.parse().ok()?;
        let name = name.trim();
        (!name.is_empty()).then(|| Bar {
            name: name.to_owned(),
            value,
            shown: shown.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECORD: &str = "\
a machine

50 clients × 64 bytes
                          requests/s     ÷ C    CPU µs     ÷ C    p50 µs    p99 µs   calls  errors
C epoll                       184718    1.00      5.20    1.00       258       443    2.02       0
this course, 1 worker         184420    1.00     10.40    2.00       260       396       –       0
broken                  failed: it did not start

resident bytes for each of 10 idle connections
C epoll                           35
this course, 1 worker            960
";

    #[test]
    fn a_chart_has_a_bar_for_each_server_that_has_the_value() {
        let chart = Chart::read(RECORD, "processor 50 clients × 64 bytes").unwrap();
        let values: Vec<(&str, f64)> = (chart.bars.iter())
            .map(|bar| (&*bar.name, bar.value))
            .collect();
        assert_eq!(values, [("C epoll", 1.0), ("this course, 1 worker", 2.0)]);
        assert_eq!(
            chart.title,
            "Processor time of a request, as a ratio to C: 50 clients × 64 bytes"
        );
        let calls = Chart::read(RECORD, "calls 50 clients × 64 bytes").unwrap();
        assert_eq!(calls.bars.len(), 1);
    }

    #[test]
    fn the_chart_of_threads_and_tasks_has_a_bar_for_each_number_of_clients() {
        let record = "\
a machine

questions a second, one at a time for each client, 64 bytes
clients                      a thread each   tasks on a loop       ratio
1                                     8152              8302        1.02
1000                                 22944             33190        1.45
";
        assert_eq!(Chart::record("crossing"), "blocking.txt");
        let chart = Chart::read(record, "crossing").unwrap();
        let bars: Vec<(&str, f64)> = (chart.bars.iter())
            .map(|bar| (&*bar.name, bar.value))
            .collect();
        assert_eq!(bars, [("1", 1.02), ("1000", 1.45)]);
    }

    #[test]
    fn the_chart_of_overloaded_servers_has_the_share_of_the_clients() {
        let record = "\
a machine

2 times as many clients as each server can serve; a client gives up after 1 s
                          serves/s answered% refused% last s %  used %  p50 ms     p90     p99   p99.9     MiB
this course, limit 10          133        52       48       45     103      88     209     372     387     0.0
asyncio streams                101        31        0        0      62     522     899    1003    1005     1.6
";
        assert_eq!(Chart::record("answered"), "overload.txt");
        let values = |argument| {
            let chart = Chart::read(record, argument).unwrap();
            chart.bars.iter().map(|bar| bar.value).collect::<Vec<_>>()
        };
        assert_eq!(values("answered"), [52.0, 31.0]);
        assert_eq!(values("last-second"), [45.0, 0.0]);
    }

    #[test]
    fn the_longest_bar_of_a_terminal_has_thirty_letters() {
        let text = Chart::read(RECORD, "memory").unwrap().text();
        let expected = format!(
            "Resident bytes for each of 10 idle connections\n\n\
             C epoll                █ 35\nthis course, 1 worker  {} 960\n",
            "█".repeat(30)
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn what_the_record_does_not_have_is_said() {
        assert!(Chart::read(RECORD, "speed").is_err());
        assert!(Chart::read(RECORD, "calls").is_err());
        assert!(Chart::read(RECORD, "calls 7 clients").is_err());
    }
}
