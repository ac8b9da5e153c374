//! The last few results of a kind, so that looking at one again costs nothing.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

/// Results by what they answer, the one asked for last at the end.
#[derive(Debug)]
pub(crate) struct Recent<T> {
    most: usize,
    list: Mutex<VecDeque<(String, Arc<T>)>>,
}

impl<T> Recent<T> {
    /// Keeps so many.
    pub fn new(most: usize) -> Self {
        Self { most, list: Mutex::default() }
    }

    /// The result, if it is there still.
    pub fn find(&self, key: &str) -> Option<Arc<T>> {
        let mut list = self.list.lock().ok()?;
        let position = list.iter().position(|(known, _)| known == key)?;
        let entry = list.remove(position)?;
        let found = Arc::clone(&entry.1);
        list.push_back(entry);
        Some(found)
    }

    /// Keeps a result, in place of one that was not asked for longest.
    pub fn keep(&self, key: String, value: T) -> Arc<T> {
        let value = Arc::new(value);
        if let Ok(mut list) = self.list.lock() {
            list.retain(|(known, _)| *known != key);
            list.push_back((key, Arc::clone(&value)));
            while list.len() > self.most {
                list.pop_front();
            }
        }
        value
    }
}
