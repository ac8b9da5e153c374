//! Progress on a terminal: one line on standard error that goes away when the work is done.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::Duration;

use armistice::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// A progress line; invisible unless standard error is a terminal.
pub struct ProgressLine {
    bar: ProgressBar,
    what: Mutex<String>,
}

impl ProgressLine {
    /// A line, shown only on a terminal and not when `quiet`.
    pub fn new(quiet: bool) -> Self {
        let visible = !quiet && std::io::stderr().is_terminal();
        let target = if visible { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(style(false));
        if visible {
            bar.enable_steady_tick(Duration::from_millis(120));
        }
        Self { bar, what: Mutex::new(String::new()) }
    }

    /// Shows how far the work has come.
    pub fn update(&self, progress: Progress<'_>) {
        if let Ok(mut what) = self.what.lock()
            && *what != progress.what
        {
            progress.what.clone_into(&mut what);
            self.bar.set_style(style(progress.total.is_some()));
            self.bar.set_message(progress.what.to_owned());
        }
        if let Some(total) = progress.total {
            self.bar.set_length(total);
        }
        self.bar.set_position(progress.done);
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

fn style(bounded: bool) -> ProgressStyle {
    let template = if bounded {
        "  {spinner} {msg:<24} {bar:24} {percent:>3} %  {elapsed}"
    } else {
        "  {spinner} {msg} {elapsed}"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
