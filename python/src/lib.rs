//! The extension module of the Python package: verbs in process, solutions that are kept, and what a scenario holds.
//!
//! Python sees documents as JSON text and values as arrays; everything else is done in Python, on top of these.

mod contents;
mod wait;

use std::path::PathBuf;

use armistice_cli::Answer;
use numpy::{PyArray, PyArray4, PyArrayMethods};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Exit code, result, and what goes beside it.
type Written<'py> = (u8, Bound<'py, PyBytes>, String);

fn written(py: Python<'_>, answer: Answer) -> Written<'_> {
    (answer.code, PyBytes::new(py, &answer.output), answer.remarks)
}

/// Runs a verb as the program does; Ctrl-C asks it to stop, and its answer says so with code 130.
#[pyfunction]
fn call<'py>(py: Python<'py>, words: Vec<String>) -> PyResult<Written<'py>> {
    let answer = wait::interruptible(py, move |cancel| armistice_cli::call(&words, cancel))?;
    Ok(written(py, answer))
}

/// What a scenario holds, as JSON, its parameters after the changes that the words of `solve` name.
#[pyfunction]
fn describe(py: Python<'_>, path: PathBuf) -> PyResult<String> {
    py.detach(|| contents::describe(&path)).map_err(PyValueError::new_err)
}

/// A solved scenario.
#[pyclass(frozen)]
struct Held(armistice_cli::Held);

#[pymethods]
impl Held {
    /// Solves the scenario that the words of the verb `solve` name: the solution, or how the verb ended.
    #[staticmethod]
    fn solve<'py>(py: Python<'py>, words: Vec<String>) -> PyResult<(Option<Self>, Written<'py>)> {
        let found = wait::interruptible(py, move |cancel| armistice_cli::Held::solve(&words, cancel))?;
        Ok(match found {
            Ok(held) => (Some(Self(held)), written(py, Answer::default())),
            Err(answer) => (None, written(py, answer)),
        })
    }

    /// The document of `solve --json` for one place.
    fn at<'py>(&self, py: Python<'py>, words: Vec<String>) -> Written<'py> {
        let answer = py.detach(|| self.0.at(&words));
        written(py, answer)
    }

    /// Expected payoffs: an array by period, state, point of the belief grid, and slot.
    fn values<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray4<f64>>> {
        let (shape, numbers) = py.detach(|| self.0.values());
        PyArray::from_vec(py, numbers).reshape(shape)
    }

    /// What the axes of the values stand for, as JSON.
    fn axes(&self, py: Python<'_>) -> String {
        py.detach(|| contents::axes(&self.0))
    }
}

/// The extension module `armistice._core`.
#[pymodule]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_function(wrap_pyfunction!(call, module)?)?;
    module.add_function(wrap_pyfunction!(describe, module)?)?;
    module.add_class::<Held>()
}
