//! The page as text: every part there, hostile words harmless, undefined numbers said so, equal findings equal bytes.

#![allow(clippy::expect_used)]

mod fixture;

use armistice_analyze::findings::Quantity;
use armistice_report::{ReportError, render, tables, to_csv, to_json, write};

const SECTIONS: [&str; 16] = [
    "answer",
    "record",
    "play",
    "margins",
    "survival",
    "terms",
    "bargaining",
    "signals",
    "levers",
    "claims",
    "calibration",
    "sensitivity",
    "certificate",
    "parameters",
    "reproduce",
    "how",
];

#[test]
fn every_section_is_there_full_or_empty() -> Result<(), ReportError> {
    for findings in [fixture::findings(), fixture::empty()] {
        let page = render(&findings)?;
        for section in SECTIONS {
            assert!(page.contains(&format!("<section id=\"{section}\"")), "no section {section}");
            assert!(page.contains(&format!("href=\"#{section}\"")), "no link to {section}");
        }
    }
    Ok(())
}

#[test]
fn absent_parts_say_why() -> Result<(), ReportError> {
    let page = render(&fixture::empty())?;
    assert!(page.contains("Not computed: stopped on request."), "the findings' own reason is shown");
    assert!(page.contains("This scenario comes without observed data."));
    assert!(page.contains("The scenario does not state its limits."));
    Ok(())
}

#[test]
fn hostile_words_are_only_words() -> Result<(), ReportError> {
    let hostile = "</script><script>alert('x')</script><img src=x onerror=\"y\"> ${1} {{ 2 }}";
    let mut findings = fixture::findings();
    findings.about.title = hostile.into();
    findings.about.question = Some(hostile.into());
    findings.about.cannot_say = vec![hostile.into()];
    findings.warnings = vec![hostile.into()];
    findings.claims[0].title = hostile.into();
    findings.claims[0].proposition = hostile.into();
    findings.claims[1].source.author = Some(hostile.into());
    findings.stages[1].title = hostile.into();
    findings.stages[1].branches[0].title = hostile.into();
    findings.parameters[0].says = Some(hostile.into());
    findings.parameters[0].source = Some(hostile.into());
    findings.players[0].title = hostile.into();
    findings.endings[0].title = hostile.into();
    if let Some(record) = &mut findings.record {
        record.charts[0].title = hostile.into();
        record.charts[0].labels = vec![hostile.into()];
    }
    if let Some(levers) = &mut findings.levers {
        levers.levers[0].title = hostile.into();
    }
    if let Some(survival) = &mut findings.survival {
        survival.outcomes[0].title = hostile.into();
    }
    findings.provenance.command = Some(hostile.into());
    let page = render(&findings)?;
    assert!(!page.contains("<script>alert"), "a script slipped in");
    assert!(!page.contains("<img"), "an element slipped in");
    let clean = render(&fixture::findings())?;
    assert_eq!(
        count(&page, "<script"),
        count(&clean, "<script"),
        "as many script elements as with harmless words"
    );
    assert_eq!(count(&page, "</script"), count(&clean, "</script"));
    Ok(())
}

fn count(text: &str, what: &str) -> usize {
    text.matches(what).count()
}

#[test]
fn undefined_numbers_are_said_to_be_undefined() -> Result<(), ReportError> {
    let mut findings = fixture::findings();
    let nothing = Quantity { value: None, undefined: Some("no war ends".into()), ..fixture::share(0.0) };
    if let Some(survival) = &mut findings.survival {
        survival.median_duration = nothing.clone();
        survival.on[3] = f64::NAN;
    }
    if let Some(terms) = &mut findings.terms {
        terms.mean = nothing.clone();
        terms.bins.clear();
    }
    if let Some(bargaining) = &mut findings.bargaining {
        (bargaining.low, bargaining.high) = (None, None);
    }
    findings.parameters[0].value = f64::INFINITY;
    let page = render(&findings)?;
    assert!(page.contains("Not defined: no war ends."));
    for row in tables(&findings).iter().flat_map(|table| &table.rows).flatten() {
        assert!(!matches!(row.as_str(), "NaN" | "inf" | "-inf"), "a number that is none");
    }
    let outside = page.split("<script>").next().unwrap_or_default();
    assert!(!outside.contains("NaN"), "NaN in the page");
    Ok(())
}

#[test]
fn equal_findings_give_equal_pages_within_bounds() -> Result<(), ReportError> {
    let page = render(&fixture::findings())?;
    assert_eq!(page, render(&fixture::findings())?);
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
    for word in ["http-equiv=\"Content-Security-Policy\"", "default-src 'none'", "script-src 'sha256-"] {
        assert!(page.contains(word), "no {word}");
    }
    assert!(!page.contains("unsafe-"), "the policy allows more than hashes");
    Ok(())
}

#[test]
fn nothing_in_the_page_points_outside() -> Result<(), ReportError> {
    let page = render(&fixture::findings())?;
    for attribute in ["src=\"", "href=\"http", "url(http", "@import", "<link", "<iframe", "<object"] {
        let before_script = page.split("<script>").next().unwrap_or_default();
        assert!(!before_script.contains(attribute), "{attribute}");
    }
    Ok(())
}

#[test]
fn files_are_whole_and_nothing_is_left_beside_them() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("armistice-report-test-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let path = folder.join("report.html");
    std::fs::write(&path, "an older report")?;
    write(&fixture::findings(), &path)?;
    assert_eq!(std::fs::read_to_string(&path)?, render(&fixture::findings())?);
    assert_eq!(std::fs::read_dir(&folder)?.count(), 1, "a temporary file was left behind");
    let refused = write(&fixture::findings(), &folder.join("no/such/folder/report.html"));
    assert!(matches!(refused, Err(ReportError::Write { .. })), "a missing folder is an error");
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

#[test]
fn json_comes_back_the_same_and_csv_has_full_precision() -> Result<(), Box<dyn std::error::Error>> {
    let findings = fixture::findings();
    let back: armistice_analyze::Findings = serde_json::from_str(&to_json(&findings)?)?;
    assert_eq!(back, findings);
    let text = to_csv(&findings, "survival")?;
    assert_eq!(text.lines().count(), fixture::PERIODS as usize + 2, "a heading and a row for each period");
    assert!(text.contains("0.9792189645694596"), "full precision");
    assert!(matches!(to_csv(&findings, "nothing"), Err(ReportError::NoSuchTable { .. })));
    let mut names: Vec<String> = tables(&findings).into_iter().map(|table| table.name).collect();
    let all = names.len();
    names.sort();
    names.dedup();
    assert_eq!(names.len(), all, "two tables of one name");
    Ok(())
}

/// Writes the page of the made-up findings where `ARMISTICE_REPORT_OUT` says, for `tests/pages/run.sh`.
#[test]
fn write_the_example_page() -> Result<(), ReportError> {
    if let Some(path) = std::env::var_os("ARMISTICE_REPORT_OUT") {
        write(&fixture::findings(), std::path::Path::new(&path))?;
    }
    Ok(())
}
