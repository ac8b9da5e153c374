//! The page of a backtest of durations: scores, calibration, sharpness, every war.

use armistice::fit::durations::{Model, ModelScores, SampleScores};
use armistice::report::{Item, Piece, ReliabilityPoint, Sheet, SheetSection, render_sheet};

use super::durations::Document;
use crate::calendar;
use crate::failure::Failure;

/// The page as HTML.
pub fn page(document: &Document) -> Result<String, Failure> {
    let backtest = &document.backtest;
    let mut sections: Vec<SheetSection> = backtest.samples.iter().map(section).collect();
    sections.extend(backtest.samples.first().map(every_war));
    sections.push(how(document));
    let hash: String = document.data_hash.chars().take(12).collect();
    let sheet = Sheet {
        kicker: "Armistice backtest",
        title: "How long wars last".to_owned(),
        frame: format!("{} wars, each predicted from others, without itself.", backtest.wars),
        sections,
        stamp: format!("Armistice {}, {}. Wars {hash}.", env!("CARGO_PKG_VERSION"), calendar::today()),
    };
    render_sheet(&sheet).map_err(|error| Failure::Bug { what: format!("failed to {error}") })
}

fn heads(names: &[&str]) -> Vec<(String, bool)> {
    names.iter().enumerate().map(|(i, name)| ((*name).to_owned(), i > 0)).collect()
}

fn section(sample: &SampleScores) -> SheetSection {
    let from = if sample.learns_from == "all wars" { "all other wars" } else { "others of the group" };
    let name = if sample.sample == "all wars" { "All wars" } else { &sample.sample };
    let title = format!("{name}: {} wars, predicted from {from}", sample.wars);
    let scored = Piece::Table {
        caption: "Scores".to_owned(),
        columns: heads(&[
            "Model",
            "Log score",
            "Against the best baseline",
            "± error",
            "CRPS, days",
            "Brier 30 d",
            "90 d",
            "180 d",
            "1 y",
            "2 y",
            "4 y",
            "Ends in a year after a year",
        ]),
        rows: sample.models.iter().map(scores).collect(),
    };
    let calibrated = Piece::Table {
        caption: "Calibration and sharpness".to_owned(),
        columns: vec![
            ("Model".to_owned(), false),
            ("Place of what happened".to_owned(), false),
            ("p, if uniform".to_owned(), true),
            ("Said and came true".to_owned(), false),
            ("In the middle 50 %".to_owned(), true),
            ("In the middle 90 %".to_owned(), true),
            ("Width of the middle 50 %, days".to_owned(), true),
            ("Reliability at 1 y".to_owned(), true),
            ("Resolution at 1 y".to_owned(), true),
        ],
        rows: sample.models.iter().filter(|m| m.model != Model::BaseRate).map(calibration).collect(),
    };
    SheetSection {
        short: if sample.learns_from == "all wars" || sample.sample == "all wars" {
            format!("{name}, from all")
        } else {
            sample.sample.clone()
        },
        title,
        read: "Log scores are sums and are to be high; CRPS and Brier scores are means and are to be low. The best baseline is the one with the \
               highest log score among those estimated on the sample’s own wars; the error is that of a sum of differences, war by war. Of a calibrated model, \
               what happened is as often in one tenth of the predicted distribution as in another (first drawing), and what is said to have a chance \
               of p comes true in a share p of cases (second drawing: predictions at all six dates, with Wilson’s intervals as if they were independent)."
            .to_owned(),
        pieces: vec![scored, calibrated],
    }
}

fn scores(model: &ModelScores) -> Vec<Item> {
    let mut row = vec![
        Item::Words(model.model.name().to_owned()),
        Item::Number(model.log_score, 3),
        Item::Number(model.versus.map(|d| d.sum), 2),
        Item::Number(model.versus.map(|d| d.standard_error), 2),
        Item::Number(model.crps, 1),
    ];
    row.extend(model.brier.iter().map(|score| Item::Number(*score, 4)));
    row.push(Item::Number(model.brier_ends_within, 4));
    row
}

fn calibration(model: &ModelScores) -> Vec<Item> {
    let one_year = model.murphy.get(3).copied().flatten();
    let points = model.reliability.iter().flat_map(|table| &table.bins).filter_map(|bin| {
        Some(ReliabilityPoint {
            forecast: bin.forecast?,
            observed: bin.observed?,
            interval: bin.wilson,
            count: bin.count,
        })
    });
    vec![
        Item::Words(model.model.name().to_owned()),
        model
            .transforms
            .as_ref()
            .map_or_else(|| Item::Words(String::new()), |h| Item::Histogram(h.counts.clone())),
        Item::Number(model.transforms.as_ref().map(|h| h.p_value), 3),
        Item::Reliability(points.collect()),
        Item::Number(model.coverage.map(|c| c[0]), 2),
        Item::Number(model.coverage.map(|c| c[1]), 2),
        Item::Number(model.sharpness.map(|s| s[1]), 0),
        Item::Number(one_year.map(|m| m.reliability), 4),
        Item::Number(one_year.map(|m| m.resolution), 4),
    ]
}

fn every_war(sample: &SampleScores) -> SheetSection {
    let best = sample.best_baseline.unwrap_or(Model::LogNormal);
    let rows = sample.forecasts.iter().filter(|f| f.model == Model::Waiting).map(|f| {
        let baseline = sample.forecasts.iter().find(|g| g.model == best && g.war == f.war);
        let gain = baseline.and_then(|g| Some(f.log_score? - g.log_score?));
        let mut row = vec![Item::Words(f.war.clone()), Item::Number(Some(f.days), 0)];
        row.extend(f.quantiles.map(|q| Item::Number(q, 0)));
        row.push(Item::Number(Some(f.transform), 2));
        row.push(Item::Number(f.log_score, 2));
        row.push(Item::Number(gain, 2));
        row
    });
    SheetSection {
        title: "Every war, as the structural model predicts it from the others".to_owned(),
        short: "Every war".to_owned(),
        read: format!(
            "Predicted quantiles of the duration in days, the probability that was given to a war as short as it was or shorter, its log score, and what \
             that is above the score of the best baseline ({}).",
            best.name()
        ),
        pieces: vec![Piece::Table {
            caption: "Wars".to_owned(),
            columns: heads(&[
                "War",
                "Days",
                "5 %",
                "25 %",
                "50 %",
                "75 %",
                "95 %",
                "Place",
                "Log score",
                "Gain",
            ]),
            rows: rows.collect(),
        }],
    }
}

fn how(document: &Document) -> SheetSection {
    let backtest = &document.backtest;
    let mut rows = Vec::new();
    for sample in &backtest.samples {
        for model in &sample.models {
            for parameter in &model.parameters {
                rows.push(vec![
                    Item::Words(sample.sample.clone()),
                    Item::Words(sample.learns_from.clone()),
                    Item::Words(model.model.name().to_owned()),
                    Item::Words(parameter.name.clone()),
                    Item::Number(Some(parameter.value), 6),
                ]);
            }
        }
    }
    let parameters = Piece::Table {
        caption: "Parameters, estimated on all wars that a sample learns from".to_owned(),
        columns: ["Sample", "Learns from", "Model", "Parameter", "Value"]
            .map(|name| (name.to_owned(), name == "Value"))
            .to_vec(),
        rows,
    };
    let priors = Piece::Table {
        caption: "Priors of the structural model; those of level and spread are flat".to_owned(),
        columns: [("Parameter", false), ("Mean", true), ("Deviation", true), ("Why", false)]
            .map(|(name, numeric)| (name.to_owned(), numeric))
            .to_vec(),
        rows: backtest
            .priors
            .iter()
            .map(|prior| {
                vec![
                    Item::Words(prior.name.to_owned()),
                    Item::Number(Some(prior.mean), 3),
                    Item::Number(Some(prior.deviation), 2),
                    Item::Words(prior.why.to_owned()),
                ]
            })
            .collect(),
    };
    let known =
        if backtest.covariates.is_empty() { "nothing".to_owned() } else { backtest.covariates.join(", ") };
    SheetSection {
        title: "How to get this page again".to_owned(),
        short: "Reproduce".to_owned(),
        read: "The same command on the same file gives the same numbers, on one thread or many.".to_owned(),
        pieces: vec![
            Piece::Command(document.command.clone()),
            Piece::Text(format!("{}, blake3 {}.", document.data, document.data_hash)),
            Piece::Text(format!("Known of a war when it begins, to the structural model: {known}.")),
            parameters,
            priors,
        ],
    }
}
