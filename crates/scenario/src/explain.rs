//! A page for every code of a diagnostic.

use std::fmt::Write;

/// All pages, each under a heading `## A0101: …`.
const PAGES: &str = include_str!("explain.md");

/// The page of a code as Markdown: cause, example, remedy. `None` for a code that does not exist.
///
/// ```
/// let page = armistice_scenario::explain("A0501").unwrap_or_default();
/// assert!(page.starts_with("## A0501"));
/// ```
#[must_use]
pub fn explain(code: &str) -> Option<&'static str> {
    let sound = code.len() == 5 && code.bytes().all(|b| b.is_ascii_alphanumeric());
    let start = if sound { PAGES.find(&format!("## {code}:"))? } else { return None };
    let page = PAGES.get(start..)?;
    let end = page.find("\n## ").unwrap_or(page.len());
    page.get(..end).map(str::trim_end)
}

/// The chapter of the book that lists every code.
#[must_use]
pub fn diagnostics_chapter() -> String {
    let mut out = String::from(
        "# Diagnostics\n\n\
         `check` reports every problem of a scenario in one run. Each has a code, the place with the offending words underlined, \
         and what would be right. `armistice explain CODE` shows the page of a code offline.\n\n\
         <!-- Generated from crates/scenario/src/explain.md; a test of that crate keeps it current. -->\n",
    );
    // Writing to a `String` cannot fail.
    let _ = write!(out, "\n{PAGES}");
    out
}
