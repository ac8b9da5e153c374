//! `catalog pages`: the chapters of the book about the catalog.

use std::path::Path;

use armistice::catalog::{Settings, draw, index, model, names, page, run};
use armistice::{Control, Progress};
use serde_json::json;

use crate::failure::Failure;
use crate::progress::ProgressLine;
use crate::run_folder::write_whole;
use crate::session::Session;

use super::{SCHEMA, failure};

/// Writes `catalog.md`, and `catalog/NAME.md` and `catalog/NAME.svg` for every model.
pub fn write(session: &Session, folder: &Path) -> Result<(), Failure> {
    let inner = folder.join("catalog");
    std::fs::create_dir_all(&inner).map_err(Failure::io("create", &inner))?;
    let mut written = vec![folder.join("catalog.md")];
    write_whole(&written[0], index().map_err(failure)?.as_bytes())?;
    let settings = Settings::default();
    for name in names() {
        let line = ProgressLine::new(session.quiet || session.json);
        let sink = |progress: Progress<'_>| line.update(progress);
        let control = Control { progress: Some(&sink), cancel: session.cancel.clone() };
        let model = model(name).map_err(failure)?;
        let findings = run(&model, &settings, &control).map_err(failure)?;
        let drawing = draw(&model, &settings, &control).map_err(failure)?;
        let text = page(&model, &findings, drawing.is_some());
        let target = inner.join(format!("{name}.md"));
        write_whole(&target, text.as_bytes())?;
        written.push(target);
        if let Some(drawing) = drawing {
            let target = inner.join(format!("{name}.svg"));
            write_whole(&target, drawing.as_bytes())?;
            written.push(target);
        }
    }
    if session.json {
        return session.document(SCHEMA, &json!({ "written": written }));
    }
    session.say(&format!("{} files below {}", written.len(), folder.display()))
}
