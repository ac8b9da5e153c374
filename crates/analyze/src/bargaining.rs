//! The bargaining range: which terms both sides would rather settle on, at once, than go on.

/// What settling at the start is worth: from a scenario's `[bargaining]`.
#[derive(Clone, Debug, PartialEq)]
pub struct SettlementTable {
    /// Terms tried, ascending.
    pub terms: Vec<f64>,
    /// `[terms][slot]`: end payoffs of settling on them in the state and at the belief of the start.
    pub payoffs: Vec<Vec<f64>>,
    /// Slots of the side that gains from higher terms.
    pub attacker: std::ops::Range<usize>,
    /// Slots of the side that loses from them.
    pub defender: std::ops::Range<usize>,
}

/// Which terms both sides prefer to going on.
#[derive(Clone, Debug, PartialEq)]
pub struct BargainingRange {
    /// Gains of settling over going on, by terms: `[terms][slot]`, the slots of the attacker, then those of the defender.
    pub gains: Vec<Vec<f64>>,
    /// Gains of the two sides by the public belief about each: `[terms]`, (attacker, defender).
    pub sides: Vec<(f64, f64)>,
    /// Lowest and highest terms from which both sides gain by the public belief.
    pub range: Option<(f64, f64)>,
    /// … from which every type of both sides gains.
    pub every_type: Option<(f64, f64)>,
}

impl SettlementTable {
    /// The bargaining range at the start.
    ///
    /// Gains are linear between the terms tried, so that the ends of a range lie between them.
    ///
    /// - `values`: `[slot]`, expected payoffs of going on.
    /// - `belief`: `[slot]`, public belief.
    #[must_use]
    pub fn range(&self, values: &[f64], belief: &[f64]) -> BargainingRange {
        let both = || self.attacker.clone().chain(self.defender.clone());
        let get = |row: &[f64], slot: usize| row.get(slot).copied().unwrap_or(0.0);
        let gains: Vec<Vec<f64>> = self
            .payoffs
            .iter()
            .map(|row| both().map(|slot| get(row, slot) - get(values, slot)).collect())
            .collect();
        let attackers = self.attacker.len();
        let side = |row: &[f64], slots: std::ops::Range<usize>, from: usize| -> f64 {
            slots.zip(row.iter().skip(from)).map(|(slot, gain)| get(belief, slot) * gain).sum()
        };
        let sides: Vec<(f64, f64)> = gains
            .iter()
            .map(|row| (side(row, self.attacker.clone(), 0), side(row, self.defender.clone(), attackers)))
            .collect();
        let pairs: Vec<Vec<f64>> = sides.iter().map(|(a, d)| vec![*a, *d]).collect();
        BargainingRange { range: self.span(&pairs), every_type: self.span(&gains), gains, sides }
    }

    /// Lowest and highest terms at which every column is ≥ 0.
    fn span(&self, columns: &[Vec<f64>]) -> Option<(f64, f64)> {
        let mut low: Option<f64> = None;
        let mut high: Option<f64> = None;
        let mut see = |y: f64| {
            low = Some(low.map_or(y, |x| x.min(y)));
            high = Some(high.map_or(y, |x| x.max(y)));
        };
        for (y, row) in self.terms.iter().zip(columns) {
            if row.iter().all(|gain| *gain >= 0.0) {
                see(*y);
            }
        }
        for (ends, rows) in self.terms.windows(2).zip(columns.windows(2)) {
            let ([from, to], [first, last]) = (ends, rows) else { continue };
            // The part of the interval in which every column, linear from one end to the other, is ≥ 0.
            let (mut enter, mut leave) = (0.0f64, 1.0f64);
            for (a, b) in first.iter().zip(last) {
                if *a < 0.0 && *b < 0.0 {
                    leave = -1.0;
                } else if *a < 0.0 {
                    enter = enter.max(a / (a - b));
                } else if *b < 0.0 {
                    leave = leave.min(a / (a - b));
                }
            }
            if enter <= leave {
                see(from + enter * (to - from));
                see(from + leave * (to - from));
            }
        }
        Some((low?, high?))
    }

    /// What both sides would gain together by settling at the start on certain terms, by the public belief: end payoffs
    /// (linear between the terms tried) minus the values of going on; `None` for terms outside those tried.
    #[must_use]
    pub fn joint_gain(&self, terms: f64, values: &[f64], belief: &[f64]) -> Option<f64> {
        let range = self.range(values, belief);
        let total: Vec<f64> = range.sides.iter().map(|(a, d)| a + d).collect();
        let slack = 1e-9 * (1.0 + terms.abs());
        for (ends, gains) in self.terms.windows(2).zip(total.windows(2)) {
            let ([from, to], [first, last]) = (ends, gains) else { continue };
            if terms >= from - slack && terms <= to + slack {
                let share = if to > from { ((terms - from) / (to - from)).clamp(0.0, 1.0) } else { 0.0 };
                return Some(first + share * (last - first));
            }
        }
        match (self.terms.as_slice(), total.as_slice()) {
            ([only], [gain]) if (terms - only).abs() <= slack => Some(*gain),
            _ => None,
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// Attacker of two types worth y − θ, defender worth −y; going on pays 0.2, 0.4 and −0.7.
    fn table() -> SettlementTable {
        let terms: Vec<f64> = (0..=10).map(|i| f64::from(i) / 10.0).collect();
        let payoffs = terms.iter().map(|y| vec![*y, y - 0.15, -y]).collect();
        SettlementTable { terms, payoffs, attacker: 0..2, defender: 2..3 }
    }

    #[test]
    fn the_range_lies_between_the_reservation_terms() {
        let range = table().range(&[0.2, 0.4, -0.72], &[0.5, 0.5, 1.0]);
        // By belief: ½(y − 0.2) + ½(y − 0.55) ≥ 0 from 0.375; the defender gains up to 0.72; every type from 0.55.
        let (low, high) = range.range.unwrap();
        assert!((low - 0.375).abs() < 1e-12 && (high - 0.72).abs() < 1e-12, "{low} {high}");
        let (low, high) = range.every_type.unwrap();
        assert!((low - 0.55).abs() < 1e-12 && (high - 0.72).abs() < 1e-12, "{low} {high}");
    }

    #[test]
    fn an_empty_range_is_none_even_between_terms_tried() {
        assert_eq!(table().range(&[0.8, 0.8, -0.3], &[0.5, 0.5, 1.0]).range, None);
        // Both gain only on [0.62, 0.64], between two terms tried.
        let narrow = table().range(&[0.62, 0.47, -0.64], &[0.5, 0.5, 1.0]).range.unwrap();
        assert!((narrow.0 - 0.62).abs() < 1e-12 && (narrow.1 - 0.64).abs() < 1e-12, "{narrow:?}");
    }

    #[test]
    fn the_joint_gain_is_interpolated_and_bounded() {
        let gain = table().joint_gain(0.45, &[0.2, 0.4, -0.7], &[0.5, 0.5, 1.0]).unwrap();
        assert!((gain - (0.45 - 0.375 + 0.7 - 0.45)).abs() < 1e-12);
        assert_eq!(table().joint_gain(1.2, &[0.2, 0.4, -0.7], &[0.5, 0.5, 1.0]), None);
    }
}
