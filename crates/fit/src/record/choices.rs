//! Choices that stand: records run in spells, which a game that draws every move anew does not know.
//!
//! What the next row shows of a move is forecast by (1 − ρ) · what the game gives + ρ · what was shown last, with the ρ that is likeliest on the rows
//! before.

use armistice_game::WarGame;

use super::past::Past;
use super::predict::NextMonth;
use super::scoring::log_score;
use super::series::Category;

/// What rows showed of one move.
pub(super) struct Choices<'a> {
    pub category: &'a Category,
    /// Rows that show it, and which category.
    pub seen: Vec<(usize, usize)>,
    /// The chance ρ that a choice stands from one row that shows it to the next without a new one.
    pub stands: f64,
}

impl<'a> Choices<'a> {
    /// - `before`: what the game said of each row, from the rows before that one.
    ///
    /// ρ has the largest ln(1 − ρ) + Σ ln((1 − ρ) p + ρ [as before]) of twenty values, with p what the game gave to what was chosen: as if in one more row
    /// the choice had been a new one, so that a few rows alike do not settle it.
    pub fn of(category: &'a Category, game: &WarGame, past: &Past, before: &[NextMonth]) -> Self {
        let seen: Vec<(usize, usize)> =
            (0..past.len()).filter_map(|row| Some((row, category.shown(game, past, row)?))).collect();
        let pairs = seen.windows(2).filter_map(|pair| {
            let [(_, last), (row, now)] = pair else { return None };
            Some((expected(category, before.get(*row)?)[*now], last == now))
        });
        let stands = likeliest_share(&pairs.collect::<Vec<_>>());
        Self { category, seen, stands }
    }

    /// Probabilities of the categories in the next row, given that the move is made.
    pub fn next(&self, next: &NextMonth) -> Vec<f64> {
        let mut out = expected(self.category, next);
        if let Some((_, last)) = self.seen.last() {
            out.iter_mut().for_each(|p| *p *= 1.0 - self.stands);
            out[*last] += self.stands;
        }
        out
    }
}

/// The game's probabilities of the categories, given that the move is made: whether it is, the row cannot always say.
fn expected(category: &Category, next: &NextMonth) -> Vec<f64> {
    let mut out = vec![0.0; category.labels.len()];
    for (action, of) in category.of.iter().enumerate() {
        out[*of] += next.moves[category.id].get(action).copied().unwrap_or(0.0);
    }
    let made: f64 = out.iter().sum();
    out.iter_mut().for_each(|p| *p /= if made > 0.0 { made } else { 1.0 });
    out
}

fn likeliest_share(pairs: &[(f64, bool)]) -> f64 {
    let mut best = (f64::NEG_INFINITY, 0.0);
    for share in (0..20).map(|step| f64::from(step) / 20.0) {
        let same = |again: &bool| if *again { share } else { 0.0 };
        let value: f64 = pairs.iter().map(|(p, again)| -log_score((1.0 - share) * p + same(again))).sum();
        let with_one_more = value + (1.0f64 - share).ln();
        if with_one_more > best.0 {
            best = (with_one_more, share);
        }
    }
    best.1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_stand_where_the_past_repeats_them_more_than_the_game_expects() {
        // The game gives one half to whatever is chosen. Three of four choices repeat the last: (1 − ρ) / 2 + ρ = 3/4.
        let pairs =
            |rows: usize, repeated: usize| (0..rows).map(|t| (0.5, t % 4 < repeated)).collect::<Vec<_>>();
        assert!((likeliest_share(&pairs(400, 3)) - 0.5).abs() < 1e-9);
        assert_eq!(likeliest_share(&pairs(400, 2)), 0.0);
        // A few rows alike do not settle it, and none say nothing.
        assert!(likeliest_share(&pairs(3, 3)) < 0.8);
        assert_eq!(likeliest_share(&[]), 0.0);
    }
}
