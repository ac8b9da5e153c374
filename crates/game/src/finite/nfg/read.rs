//! From text to table.

use std::borrow::Cow;

use crate::finite::problem::{FormatErrors, FormatProblem};
use crate::finite::text::{Reader, Stop};
use crate::{Cells, NormalGame, Outcome};

impl NormalGame {
    /// Reads a game in Gambit's format `.nfg`, in either version.
    ///
    /// ```
    /// use armistice_game::{Cells, NormalGame};
    ///
    /// let game = NormalGame::read_nfg(r#"NFG 1 R "Chicken" { "A" "B" } { 2 2 }  0 0  7 2  2 7  6 6"#)?;
    /// let Cells::Payoffs(payoffs) = &game.cells else { unreachable!() };
    /// // The strategy of the first player changes fastest.
    /// assert_eq!((payoffs[2].value, payoffs[3].value), (7.0, 2.0));
    /// # Ok::<(), armistice_game::FormatErrors>(())
    /// ```
    ///
    /// Cost: linear in the length of the text, in time and memory, whatever sizes the text claims.
    ///
    /// # Errors
    ///
    /// All problems of the text, up to the first that hides the structure of the rest.
    pub fn read_nfg(text: &str) -> Result<Self, FormatErrors> {
        let mut reader = Reader::new(text);
        let read = table(&mut reader);
        reader.result(read)
    }
}

/// The strategies as the text gives them. Counts become names only when the table was seen to have as many entries.
enum Strategies {
    Counts(Vec<u64>),
    Names(Vec<Vec<String>>),
}

impl Strategies {
    fn counts(&self) -> Vec<u64> {
        match self {
            Self::Counts(counts) => counts.clone(),
            Self::Names(names) => names.iter().map(|names| names.len() as u64).collect(),
        }
    }

    fn names(self) -> Vec<Vec<String>> {
        match self {
            Self::Counts(counts) => {
                counts.into_iter().map(|count| (1..=count).map(|s| s.to_string()).collect()).collect()
            }
            Self::Names(names) => names,
        }
    }
}

fn table(reader: &mut Reader<'_>) -> Result<NormalGame, Stop> {
    reader.keyword(&["NFG"], "`NFG`, with which a game in normal form begins")?;
    reader.keyword(&["1"], "`1`, the version of the format")?;
    reader.keyword(&["R", "D"], "`R` or `D`, the kind of numbers")?;
    let title = reader.quoted("the title of the game in quotes")?.into_owned();
    let offset = reader.offset();
    let players =
        reader.names("`{` and the names of the players", "the name of a player in quotes or `}`")?;
    if players.is_empty() {
        reader.report(offset, FormatProblem::NoPlayers);
    }
    let header = reader.offset();
    let before = reader.problems.count();
    let strategies = strategies(reader)?;
    let counts = strategies.counts();
    if counts.len() != players.len() {
        let problem = FormatProblem::StrategyCount { found: counts.len(), players: players.len() };
        reader.report(header, problem);
    }
    // A table is only measured against strategies that make sense.
    let sound = reader.problems.count() == before && !players.is_empty();
    let profiles = counts
        .iter()
        .try_fold(1u128, |product, &count| product.checked_mul(count.into()))
        .unwrap_or(u128::MAX);
    let comment = reader.maybe_quoted()?.map(Cow::into_owned);
    let (cells, needed, found, excess) = if reader.take(b'{') {
        let outcomes = outcomes(reader, players.len())?;
        let (cells, excess) = indices(reader, outcomes.len(), profiles)?;
        let found = cells.len();
        (Cells::Outcomes { outcomes, cells }, profiles, found, excess)
    } else {
        let needed = profiles.saturating_mul(players.len() as u128);
        let (mut payoffs, mut excess) = (Vec::new(), None);
        while reader.peek().is_some() {
            if payoffs.len() as u128 == needed {
                excess = Some(reader.offset());
            }
            payoffs.push(reader.number("a payoff")?);
        }
        let found = payoffs.len();
        (Cells::Payoffs(payoffs), needed, found, excess)
    };
    if sound && found as u128 != needed {
        let offset = excess.unwrap_or_else(|| reader.offset());
        reader.report(offset, FormatProblem::EntryCount { found, needed });
    }
    // With problems no game comes of this, and the strategies may be more than fit into memory.
    if reader.problems.count() > 0 {
        return Err(Stop);
    }
    Ok(NormalGame { title, comment, players, strategies: strategies.names(), cells })
}

fn strategies(reader: &mut Reader<'_>) -> Result<Strategies, Stop> {
    reader.brace(b'{', "`{` and the strategies of the players")?;
    if reader.peek() == Some(b'{') {
        let mut lists = Vec::new();
        while !reader.take(b'}') {
            let offset = reader.offset();
            let names = reader.names(
                "`{` and the strategies of a player, or `}`",
                "the name of a strategy in quotes or `}`",
            )?;
            if names.is_empty() {
                reader.report(offset, FormatProblem::NoStrategies { player: lists.len() + 1 });
            }
            lists.push(names);
        }
        return Ok(Strategies::Names(lists));
    }
    let mut counts = Vec::new();
    while !reader.take(b'}') {
        let offset = reader.offset();
        let count = reader.integer("a number of strategies, `{` and their names, or `}`")?;
        if count <= 0 {
            reader.report(offset, FormatProblem::NoStrategies { player: counts.len() + 1 });
        }
        counts.push(u64::try_from(count).unwrap_or_default());
    }
    Ok(Strategies::Counts(counts))
}

/// Reads the list of outcomes after its opening brace.
fn outcomes(reader: &mut Reader<'_>, players: usize) -> Result<Vec<Outcome>, Stop> {
    let mut outcomes = Vec::new();
    while !reader.take(b'}') {
        let offset = reader.offset();
        reader.brace(b'{', "`{` and an outcome, or `}`")?;
        let name = reader.maybe_quoted()?.unwrap_or_default().into_owned();
        let mut payoffs = Vec::new();
        while !reader.take(b'}') {
            payoffs.push(reader.number("a payoff or `}`")?);
        }
        let number = outcomes.len() as i64 + 1;
        if payoffs.len() != players {
            let what = format!("outcome {number}");
            reader.report(offset, FormatProblem::PayoffCount { what, found: payoffs.len(), players });
        }
        outcomes.push(Outcome { number, name, payoffs });
    }
    Ok(outcomes)
}

/// What follows from each profile, and where there are more than are needed.
type Indices = (Vec<Option<u32>>, Option<usize>);

fn indices(reader: &mut Reader<'_>, outcomes: usize, needed: u128) -> Result<Indices, Stop> {
    let (mut cells, mut excess) = (Vec::new(), None);
    while reader.peek().is_some() {
        let offset = reader.offset();
        if cells.len() as u128 == needed {
            excess = Some(offset);
        }
        let number = reader.integer("the number of an outcome")?;
        reader.take(b',');
        let position = usize::try_from(number).ok().filter(|&n| n <= outcomes);
        if position.is_none() {
            reader.report(offset, FormatProblem::NoSuchOutcome { number, outcomes });
        }
        cells.push(match position {
            None | Some(0) => None,
            Some(n) => u32::try_from(n - 1).ok(),
        });
    }
    Ok((cells, excess))
}
