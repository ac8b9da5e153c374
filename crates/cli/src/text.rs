//! Small tables and numbers in text.

/// A table with columns as wide as they need to be: the first flush left, the others flush right.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Adds a row.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// The lines, each behind `indent`.
    pub fn lines(&self, indent: &str) -> Vec<String> {
        self.set(indent, usize::MAX)
    }

    /// The lines of a table whose last column is prose and stays flush left.
    pub fn lines_with_prose(&self, indent: &str) -> Vec<String> {
        self.set(indent, self.rows.iter().map(Vec::len).max().unwrap_or(1).saturating_sub(1))
    }

    fn set(&self, indent: &str, prose: usize) -> Vec<String> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            self.rows
                .iter()
                .filter_map(|row| row.get(column))
                .map(|cell| cell.chars().count())
                .max()
                .unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        let line = |row: &Vec<String>| {
            let mut out = indent.to_owned();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let room = " ".repeat(width - cell.chars().count());
                if column >= prose {
                    out.push_str(&format!("  {cell}"));
                } else if column == 0 {
                    out.push_str(&format!("{cell}{room}"));
                } else {
                    out.push_str(&format!("  {room}{cell}"));
                }
            }
            out.trim_end().to_owned()
        };
        self.rows.iter().map(line).collect()
    }
}

/// A probability: `41.2 %`; never rounded to certainty.
pub fn percent(p: f64) -> String {
    let shown = p * 100.0;
    if shown > 0.0 && shown < 0.05 {
        "<0.1 %".to_owned()
    } else if (99.95..100.0).contains(&shown) {
        ">99.9 %".to_owned()
    } else {
        format!("{shown:.1} %")
    }
}

/// A payoff, with its sign: `+0.0123`.
pub fn signed(x: f64) -> String {
    format!("{x:+.4}").replace('-', "−")
}

/// A small error: `3.1e-12`.
pub fn small(x: f64) -> String {
    if x == 0.0 { "0".to_owned() } else { format!("{x:.1e}") }
}

/// A whole number in groups: `1,234,567`.
pub fn count(n: u128) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `1 period`, `2 periods`.
pub fn plural(n: usize, word: &str) -> String {
    if n == 1 { format!("1 {word}") } else { format!("{} {word}s", count(n as u128)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_well() {
        assert_eq!(percent(0.412), "41.2 %");
        assert_eq!(percent(1e-9), "<0.1 %");
        assert_eq!(percent(0.99999), ">99.9 %");
        assert_eq!(percent(1.0), "100.0 %");
        assert_eq!(signed(-0.0123), "−0.0123");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(12), "12");
    }

    #[test]
    fn columns_line_up() {
        let mut table = Table::default();
        table.row(["a", "1"]);
        table.row(["long", "200"]);
        assert_eq!(table.lines("  "), ["  a       1", "  long  200"]);
    }
}
