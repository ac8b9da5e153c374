//! A solution that is kept, to be looked at in many places without being solved again.

use std::ffi::OsString;

use armistice::CancelToken;
use armistice::game::{StateId, WarGame};
use armistice::solve::Equilibrium;

use crate::arguments::{Solve, Verb};
use crate::commands::solve::Solved;
use crate::failure::Failure;
use crate::game_file::Format;
use crate::session::Session;
use crate::streams::Streams;
use crate::{Answer, complain, parse, typed};

/// A solved scenario.
pub struct Held {
    scenario: String,
    solved: Solved,
}

impl Held {
    /// Solves the scenario that the words of the verb `solve` name, such as `["war", "--belief-points", "9"]`.
    ///
    /// - cost: that of `armistice solve`.
    /// - errors: the answer that the verb would have given; words that name a finite game, which has no beliefs to look at.
    pub fn solve(words: &[String], cancel: &CancelToken) -> Result<Self, Answer> {
        let streams = Streams::kept();
        let (arguments, session) = read(words, &streams, cancel)?;
        let solved = match Format::of(&arguments.scenario) {
            None => Solved::new(&session, &arguments),
            Some(_) => Err(Failure::usage("a finite game is solved once: run the verb `solve`")),
        };
        let scenario = arguments.scenario.to_string_lossy().into_owned();
        solved.map(|solved| Self { scenario, solved }).map_err(|failure| failed(&session, &streams, &failure))
    }

    /// What is played where the words look, such as `["--period", "3", "--at", "front=2"]`, as the document of `solve --json`.
    ///
    /// - cost: one stage game.
    /// - errors: the answer that the verb would have given, for a place that the game does not have.
    pub fn at(&self, words: &[String]) -> Answer {
        let streams = Streams::kept();
        let words: Vec<String> =
            [self.scenario.clone(), "--json".to_owned()].into_iter().chain(words.iter().cloned()).collect();
        let (arguments, session) = match read(&words, &streams, &CancelToken::default()) {
            Ok(read) => read,
            Err(answer) => return answer,
        };
        match self.solved.document(&session, &arguments) {
            Ok(text) => Answer { output: text.into_bytes(), ..Answer::default() },
            Err(failure) => failed(&session, &streams, &failure),
        }
    }

    /// The game.
    #[must_use]
    pub fn game(&self) -> &WarGame {
        &self.solved.compiled.game
    }

    /// Its solution.
    #[must_use]
    pub fn equilibrium(&self) -> &Equilibrium {
        &self.solved.equilibrium
    }

    /// Expected payoffs from the start of a period on, for every period, state, point of the belief grid, and slot (player and type):
    /// shape and row-major numbers.
    #[must_use]
    pub fn values(&self) -> ([usize; 4], Vec<f64>) {
        let (game, equilibrium) = (self.game(), self.equilibrium());
        let shape =
            [equilibrium.periods as usize, game.states.len(), equilibrium.grid.points(), game.slots()];
        let mut numbers = Vec::with_capacity(shape.iter().product());
        for period in 0..equilibrium.periods {
            for state in 0..game.states.len() {
                numbers.extend_from_slice(equilibrium.table(period, StateId::new(state)));
            }
        }
        (shape, numbers)
    }
}

/// The arguments of `solve` that the words are, and a session that keeps what is written.
fn read(words: &[String], streams: &Streams, cancel: &CancelToken) -> Result<(Solve, Session), Answer> {
    let words: Vec<OsString> =
        std::iter::once("solve".into()).chain(words.iter().map(OsString::from)).collect();
    let (arguments, given) = parse(&words).map_err(|message| {
        streams.usage(&message);
        let (output, remarks) = streams.take();
        Answer { code: crate::exit::INVALID, output, remarks }
    })?;
    let session = Session::new(&arguments.common, given, typed(&words), cancel.clone(), streams.clone());
    match arguments.verb {
        Verb::Solve(arguments) => Ok((arguments, session)),
        // The first word is `solve`.
        _ => Err(Answer { code: crate::exit::BUG, ..Answer::default() }),
    }
}

fn failed(session: &Session, streams: &Streams, failure: &Failure) -> Answer {
    complain(session, failure);
    let (output, remarks) = streams.take();
    Answer { code: failure.code(), output, remarks }
}
