//! Where results and remarks go: to the process's own streams, or to memory for whoever called.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

/// Where results and remarks go.
#[derive(Clone, Debug)]
pub enum Streams {
    /// Standard output and standard error.
    Process,
    /// Memory.
    Kept(Arc<Mutex<Kept>>),
}

/// What was written.
#[derive(Debug, Default)]
pub struct Kept {
    output: Vec<u8>,
    remarks: String,
}

impl Streams {
    /// Streams that keep what is written.
    pub fn kept() -> Self {
        Self::Kept(Arc::default())
    }

    /// A writer of the result.
    pub fn writer(&self) -> Box<dyn Write> {
        match self {
            Self::Process => Box::new(anstream::stdout().lock()),
            Self::Kept(kept) => Box::new(Keeper(Arc::clone(kept))),
        }
    }

    /// Writes a line beside the result.
    pub fn remark(&self, text: &str) {
        match self {
            Self::Process => anstream::eprintln!("{text}"),
            Self::Kept(kept) => {
                let plain = anstream::adapter::strip_str(text).to_string();
                if let Ok(mut kept) = kept.lock() {
                    kept.remarks.push_str(&plain);
                    kept.remarks.push('\n');
                }
            }
        }
    }

    /// Writes help, the version, or what is wrong with the arguments; whether it could be written.
    pub fn usage(&self, message: &clap::Error) -> bool {
        if matches!(self, Self::Process) {
            return message.print().is_ok();
        }
        let text = message.render().to_string();
        if message.use_stderr() {
            self.remark(text.trim_end());
            return true;
        }
        self.writer().write_all(text.as_bytes()).is_ok()
    }

    /// Takes what was kept: output and remarks.
    pub fn take(&self) -> (Vec<u8>, String) {
        match self {
            Self::Process => (Vec::new(), String::new()),
            Self::Kept(kept) => kept.lock().map_or_else(
                |_| (Vec::new(), String::new()),
                |mut kept| (std::mem::take(&mut kept.output), std::mem::take(&mut kept.remarks)),
            ),
        }
    }
}

/// A writer into memory.
struct Keeper(Arc<Mutex<Kept>>);

impl Write for Keeper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut kept = self.0.lock().map_err(|_| io::Error::other("what was written is lost"))?;
        kept.output.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
