//! The folder of a sweep: a plan, shards that are whole or absent, and what is known about each.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Plan, SweepError};

/// The file of the plan.
const PLAN: &str = "plan.json";
/// The file of all rows.
const MERGED: &str = "sweep.parquet";
/// The schema of a shard's record.
const SHARD_SCHEMA: &str = "armistice.sweep-shard/1";

/// What is known about a shard: written after the shard, so that a shard without one is not whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardRecord {
    /// `armistice.sweep-shard/1`
    pub schema: String,
    /// [`Plan::hash`] of the plan it belongs to.
    pub plan: String,
    /// Its position.
    pub shard: usize,
    /// Its first point.
    pub first: usize,
    /// Its points.
    pub points: usize,
    /// Points that failed.
    pub failed: usize,
    /// Points at which something did not converge.
    pub not_converged: usize,
    /// blake3 of its file.
    pub blake3: String,
}

/// A folder with the plan of a sweep, held by one process, or joined by several that compute parts of it.
#[derive(Debug)]
pub struct SweepFolder {
    path: PathBuf,
    plan: Plan,
    hash: String,
    /// The open plan: locked as long as it is open, and the lock goes with the process, however it ends.
    _lock: File,
}

impl SweepFolder {
    /// A new folder that holds a plan and nothing else. It appears with its plan or not at all.
    ///
    /// - errors: [`SweepError::Io`], also when the folder exists.
    pub fn create(path: &Path, plan: &Plan) -> Result<Self, SweepError> {
        if path.exists() {
            let exists = io::Error::from(io::ErrorKind::AlreadyExists);
            return Err(SweepError::io("create", path)(exists));
        }
        let parent = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(SweepError::io("create", parent))?;
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let temporary = parent.join(format!(".{name}.{}.tmp", std::process::id()));
        let made = fs::create_dir(&temporary)
            .and_then(|()| write_synced(&temporary.join(PLAN), &plan_text(plan)))
            .and_then(|()| fs::rename(&temporary, path))
            .and_then(|()| sync_folder(parent));
        made.map_err(|source| {
            // The failure that matters is the one above.
            let _ = fs::remove_dir_all(&temporary);
            SweepError::io("create", path)(source)
        })?;
        Self::open(path)
    }

    /// The folder of a sweep that was begun before; what an interrupted write left is removed.
    ///
    /// - errors: [`SweepError::Io`], [`SweepError::Plan`]; [`SweepError::Busy`] while another process holds it.
    pub fn open(path: &Path) -> Result<Self, SweepError> {
        let folder = Self::hold(path, File::try_lock)?;
        folder.tidy()?;
        Ok(folder)
    }

    /// The folder of a sweep beside other processes that join it; what they are writing is left alone.
    ///
    /// - errors: as of [`SweepFolder::open`]; [`SweepError::Busy`] only while a process has it to itself.
    pub fn join(path: &Path) -> Result<Self, SweepError> {
        Self::hold(path, File::try_lock_shared)
    }

    fn hold(path: &Path, lock_as: fn(&File) -> Result<(), TryLockError>) -> Result<Self, SweepError> {
        let file = path.join(PLAN);
        let lock = File::open(&file).map_err(SweepError::io("read", &file))?;
        // A file system without locks leaves it to the user not to start two; whole shards are safe even then.
        if matches!(lock_as(&lock), Err(TryLockError::WouldBlock)) {
            return Err(SweepError::Busy { path: path.to_owned() });
        }
        let text = fs::read(&file).map_err(SweepError::io("read", &file))?;
        let plan: Plan = serde_json::from_slice(&text)
            .map_err(|error| SweepError::Plan { path: file.clone(), what: error.to_string() })?;
        Ok(Self { path: path.to_owned(), hash: plan.hash(), plan, _lock: lock })
    }

    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// [`Plan::hash`] of the plan.
    #[must_use]
    pub fn plan_hash(&self) -> &str {
        &self.hash
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Where all rows are, once they are there.
    #[must_use]
    pub fn merged(&self) -> PathBuf {
        self.path.join(MERGED)
    }

    /// The file of a shard.
    #[must_use]
    pub fn shard(&self, shard: usize) -> PathBuf {
        self.path.join(format!("part-{shard:05}.parquet"))
    }

    fn record_path(&self, shard: usize) -> PathBuf {
        self.path.join(format!("part-{shard:05}.json"))
    }

    /// The record and the content of a shard, if the shard is whole: its checksum is computed again.
    ///
    /// - errors: [`SweepError::Io`] for a file that is there and cannot be read.
    pub fn read(&self, shard: usize) -> Result<Option<(ShardRecord, Vec<u8>)>, SweepError> {
        let Some(text) = read_if_there(&self.record_path(shard))? else { return Ok(None) };
        let Some(content) = read_if_there(&self.shard(shard))? else { return Ok(None) };
        let Ok(record) = serde_json::from_slice::<ShardRecord>(&text) else { return Ok(None) };
        let range = self.plan.shard(shard);
        let ours = record.schema == SHARD_SCHEMA
            && record.plan == self.hash
            && record.shard == shard
            && record.first == range.start
            && record.points == range.len()
            && record.blake3 == blake3::hash(&content).to_hex().as_str();
        Ok(ours.then_some((record, content)))
    }

    /// Whether anything of a shard is there, whole or not.
    #[must_use]
    pub fn has_any(&self, shard: usize) -> bool {
        self.shard(shard).exists() || self.record_path(shard).exists()
    }

    /// Writes a shard, then its record; each is whole or absent, and on the disk before the next is begun.
    ///
    /// - errors: [`SweepError::Io`].
    pub fn write(
        &self,
        shard: usize,
        content: &[u8],
        failed: usize,
        not_converged: usize,
    ) -> Result<ShardRecord, SweepError> {
        let range = self.plan.shard(shard);
        let record = ShardRecord {
            schema: SHARD_SCHEMA.to_owned(),
            plan: self.hash.clone(),
            shard,
            first: range.start,
            points: range.len(),
            failed,
            not_converged,
            blake3: blake3::hash(content).to_hex().to_string(),
        };
        // A record is made of numbers and texts: it always has a text.
        let mut text = serde_json::to_vec_pretty(&record).unwrap_or_default();
        text.push(b'\n');
        self.place(&self.shard(shard), content)?;
        self.place(&self.record_path(shard), &text)?;
        Ok(record)
    }

    /// Writes a file of the folder, whole or not at all.
    ///
    /// - errors: [`SweepError::Io`].
    pub fn place(&self, path: &Path, content: &[u8]) -> Result<(), SweepError> {
        self.place_with(path, |file| file.write_all(content).map_err(SweepError::io("write", path)))
    }

    /// The same for content that is written piece by piece.
    pub(super) fn place_with<T>(
        &self,
        path: &Path,
        fill: impl FnOnce(&mut File) -> Result<T, SweepError>,
    ) -> Result<T, SweepError> {
        let temporary = temporary(path);
        let write = || {
            let mut file = File::create(&temporary).map_err(SweepError::io("write", path))?;
            let done = fill(&mut file)?;
            file.sync_all().map_err(SweepError::io("write", path))?;
            fs::rename(&temporary, path).map_err(SweepError::io("write", path))?;
            sync_folder(&self.path).map_err(SweepError::io("write", &self.path))?;
            Ok(done)
        };
        let result = write();
        if result.is_err() {
            // The failure that matters is the one above.
            let _ = fs::remove_file(&temporary);
        }
        result
    }

    /// Removes what a write that was cut short left.
    fn tidy(&self) -> Result<(), SweepError> {
        let entries = fs::read_dir(&self.path).map_err(SweepError::io("read", &self.path))?;
        for entry in entries {
            let path = entry.map_err(SweepError::io("read", &self.path))?.path();
            let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
            if name.starts_with('.') && name.ends_with(".tmp") {
                fs::remove_file(&path).map_err(SweepError::io("remove", &path))?;
            }
        }
        Ok(())
    }
}

fn plan_text(plan: &Plan) -> Vec<u8> {
    // A plan is made of numbers, texts and lists: it always has a text.
    let mut text = serde_json::to_vec_pretty(plan).unwrap_or_default();
    text.push(b'\n');
    text
}

fn temporary(path: &Path) -> PathBuf {
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    // Processes that share the folder may write the same shard: each to a file of its own until it is whole.
    path.with_file_name(format!(".{name}.{}.tmp", std::process::id()))
}

fn write_synced(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(content)?;
    file.sync_all()
}

/// Makes names in a folder last, where folders can be asked to.
fn sync_folder(path: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(path)?.sync_all() } else { Ok(()) }
}

fn read_if_there(path: &Path) -> Result<Option<Vec<u8>>, SweepError> {
    match fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SweepError::io("read", path)(error)),
    }
}
