//! The local web app: a scenario's parameters as sliders, its war step by step, its claims, levers and theories, over the library.
//!
//! [`Server::bind`] reads a scenario and takes a port; [`Server::run`] answers until told to stop. The app is built into the crate, makes no
//! request to anywhere else, and works under a strict content security policy. Whoever asks must hold the token that was drawn when the
//! server started; see `guard`.
//!
//! What is computed streams back as server-sent events (`queued`, `progress`, and one `result` or `failed`); dropping the connection stops
//! the computation. Every result carries a stamp: version, scenario hash, settings.

mod answers;
mod api;
mod assets;
mod case;
mod error;
mod guard;
mod jobs;
mod past;
mod patch;
mod recent;
mod server;
mod view;
mod workspace;

pub use error::ServeError;
pub use server::{Server, Settings};
