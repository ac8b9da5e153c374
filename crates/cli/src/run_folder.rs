//! The folder of a run: whole or absent.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::failure::Failure;

/// A folder being written under a temporary name; it gets its own name when it is whole, and goes away otherwise.
#[derive(Debug)]
pub struct RunFolder {
    temporary: PathBuf,
    target: PathBuf,
    /// The link that points to the newest run, where the name was chosen by us.
    latest: Option<PathBuf>,
    done: bool,
}

impl RunFolder {
    /// Fails when a folder given by the user exists: asked before long work, not after.
    pub fn refuse_existing(target: &Path) -> Result<(), Failure> {
        if !target.exists() {
            return Ok(());
        }
        Err(Failure::Io {
            doing: "write",
            path: target.to_owned(),
            why: "it exists already; name another folder with --out".to_owned(),
        })
    }

    /// A folder with a name given by the user, which must not exist.
    pub fn named(target: &Path) -> Result<Self, Failure> {
        Self::refuse_existing(target)?;
        let parent = match target.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        Self::begin(parent, target.to_owned(), None)
    }

    /// The next free folder `runs/STEM`, `runs/STEM-2`, …
    pub fn next(runs: &Path, stem: &str) -> Result<Self, Failure> {
        let free = (1..10_000)
            .map(|n| runs.join(if n == 1 { stem.to_owned() } else { format!("{stem}-{n}") }))
            .find(|path| !path.exists());
        let target = free.ok_or_else(|| Failure::Io {
            doing: "write",
            path: runs.join(stem),
            why: "there are too many runs of this scenario today; name a folder with --out".to_owned(),
        })?;
        Self::begin(runs, target, Some(runs.join("latest")))
    }

    fn begin(parent: &Path, target: PathBuf, latest: Option<PathBuf>) -> Result<Self, Failure> {
        fs::create_dir_all(parent).map_err(Failure::io("create", parent))?;
        let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let temporary = parent.join(format!(".{name}.{}.tmp", std::process::id()));
        fs::create_dir(&temporary).map_err(Failure::io("create", &temporary))?;
        Ok(Self { temporary, target, latest, done: false })
    }

    /// Where the folder will be.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Writes one file.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<(), Failure> {
        let path = self.temporary.join(name);
        fs::write(&path, content).map_err(Failure::io("write", &path))
    }

    /// Gives the folder its name, now that it is whole, and returns it.
    pub fn finish(mut self) -> Result<PathBuf, Failure> {
        fs::rename(&self.temporary, &self.target).map_err(Failure::io("create", &self.target))?;
        self.done = true;
        if let Some(latest) = &self.latest {
            point_to(latest, &self.target)?;
        }
        Ok(self.target.clone())
    }
}

impl Drop for RunFolder {
    fn drop(&mut self) {
        if !self.done {
            // Already on the way out with a failure; a leftover temporary folder is all that can go wrong here.
            let _ = fs::remove_dir_all(&self.temporary);
        }
    }
}

/// Makes `link` point to its sibling `target`.
#[cfg(unix)]
fn point_to(link: &Path, target: &Path) -> Result<(), Failure> {
    let Some(name) = target.file_name() else { return Ok(()) };
    let temporary = link.with_file_name(format!(".latest.{}.tmp", std::process::id()));
    std::os::unix::fs::symlink(name, &temporary).map_err(Failure::io("create", &temporary))?;
    fs::rename(&temporary, link).map_err(|source| {
        let _ = fs::remove_file(&temporary);
        Failure::io("update", link)(source)
    })
}

/// Where links need rights that users do not have, a text file names the newest run.
#[cfg(not(unix))]
fn point_to(link: &Path, target: &Path) -> Result<(), Failure> {
    let path = link.with_extension("txt");
    let name = target.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    fs::write(&path, name).map_err(Failure::io("write", &path))
}

/// Fails where a file could not be written later: asked before long work, not after.
pub fn refuse_unwritable(path: &Path) -> Result<(), Failure> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let why = match () {
        () if path.is_dir() => "it is a folder",
        () if !parent.is_dir() => "there is no such folder",
        () => return Ok(()),
    };
    Err(Failure::Io { doing: "write", path: path.to_owned(), why: why.to_owned() })
}

/// Writes a file that is whole or absent: under a temporary name first.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<(), Failure> {
    write_whole_with(path, |file| file.write_all(content))
}

/// The same for content that is written piece by piece.
pub fn write_whole_with(
    path: &Path,
    fill: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> Result<(), Failure> {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let temporary = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let result = File::create(&temporary)
        .map(BufWriter::new)
        .and_then(|mut file| fill(&mut file).and_then(|()| file.flush()))
        .and_then(|()| fs::rename(&temporary, path));
    result.map_err(|source| {
        // The failure that matters is the one above.
        let _ = fs::remove_file(&temporary);
        Failure::io("write", path)(source)
    })
}
