//! Public names that have changed, as `CHANGELOG.md` lists them, where a learner's file still uses the old one.

/// Where the names are listed, below the course's folder.
pub(super) const FILE: &str = "CHANGELOG.md";

/// The heading of the table.
const HEADING: &str = "## Renamed";

/// A name that has changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Renamed {
    /// `Observer::lends`.
    pub(super) old: String,
    /// `Observer::poll_with`.
    pub(super) new: String,
}

/// The rows of the table below the heading: where, the old name, the new one.
pub(super) fn listed_in(changes: &str) -> Vec<Renamed> {
    let below = changes
        .lines()
        .skip_while(|line| line.trim() != HEADING)
        .skip(1);
    let section = below.take_while(|line| !line.starts_with("## "));
    section.filter_map(row).collect()
}

/// A row whose names are code. The heading of the table and its rule are none.
fn row(line: &str) -> Option<Renamed> {
    let cells: Vec<&str> = line
        .trim()
        .strip_prefix('|')?
        .strip_suffix('|')?
        .split('|')
        .collect();
    let [_, old, new] = cells[..] else {
        return None;
    };
    let name = |cell: &str| {
        let name = cell.trim().strip_prefix('`')?.strip_suffix('`')?;
        Some(name.to_owned())
    };
    Some(Renamed {
        old: name(old)?,
        new: name(new)?,
    })
}

impl Renamed {
    /// The first line of a file that uses the old name, from 1. Of `Observer::lends`, that line says `lends`, and the file says
    /// `Observer` somewhere: a method is called without its type.
    pub(super) fn line_in(&self, text: &str) -> Option<usize> {
        let (rest, last) = match self.old.rsplit_once("::") {
            Some((rest, last)) => (rest.split("::").collect(), last),
            None => (Vec::new(), &*self.old),
        };
        let lines: Vec<Vec<&str>> = text.lines().map(words).collect();
        let says = |word: &str| lines.iter().any(|line| line.contains(&word));
        if !rest.iter().all(|word| says(word)) {
            return None;
        }
        let place = lines.iter().position(|line| line.contains(&last))?;
        Some(place + 1)
    }
}

/// The names in a line, without what stands behind `//`.
fn words(line: &str) -> Vec<&str> {
    let code = line.split("//").next().unwrap_or_default();
    let is_part = |char: char| char.is_alphanumeric() || char == '_';
    code.split(|char| !is_part(char))
        .filter(|word| !word.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHANGES: &str = "# Changes\n\n## Renamed\n\n| exercise or crate | old | new |\n|---|---|---|\n\
        | `event-loop` (crate) | `Observer::lends` | `Observer::poll_with` |\n| 3.6 | `Home` | `LocalQueue` |\n\n\
        ## Removed\n\n| a | `b` | `c` |\n";

    #[test]
    fn the_table_below_the_heading_is_read_and_no_other() {
        let names: Vec<String> = listed_in(CHANGES).into_iter().map(|it| it.old).collect();
        assert_eq!(names, ["Observer::lends", "Home"]);
    }

    #[test]
    fn the_line_that_uses_the_old_name_is_found_and_a_part_of_a_word_is_none() {
        let [lends, home] = &listed_in(CHANGES)[..] else {
            panic!("there are two");
        };
        let text = "use event_loop::Observer;\n// it lends\nfn lendsome() {}\nfn a(o: &impl Observer) {\n    o.lends();\n}\n";
        assert_eq!(lends.line_in(text), Some(5));
        assert_eq!(lends.line_in("fn lends() {}\n"), None);
        assert_eq!(home.line_in("struct Homestead;\nstruct Home;\n"), Some(2));
    }
}
