//! The page of an audit as text: what was found is there, hostile words are harmless, equal audits give equal bytes.

#![allow(clippy::expect_used)]

mod fixture;

use armistice_analyze::design::{Factor, Levels, Subject};
use armistice_analyze::findings::{
    AuditDocument, AuditFindings, ClaimAudit, ClaimCheck, ClaimSource, Counterexample, ExamplePlace,
    GridCheck, HeldParameter, LargestDifference, Limit, Otherwise, ParameterChange, QuickAudit, Quote,
    Region, TheoryAudit, Under, Verdict, Word,
};
use armistice_report::{ReportError, render, render_audit, tables};

fn claim(name: &str, holds: usize, document: Option<&str>) -> ClaimAudit {
    let share = holds as f64 / 64.0;
    ClaimAudit {
        name: name.into(),
        title: format!("The claim {name}"),
        says: format!("In this model {name} comes about."),
        source: ClaimSource { author: Some("An author".into()), ..ClaimSource::default() },
        quote: document.map(|document| Quote {
            text: format!("words about {name}"),
            document: document.into(),
            line: Some(12),
        }),
        proposition: "length < 3".into(),
        holds,
        fails: 64 - holds,
        undefined: 0,
        share: Some(share),
        interval: Some((share * 0.9, share)),
        word: Word::of(Some(share)),
        as_written: Verdict::Holds,
        region: Some(region("cost", 0.6)),
        more_regions: vec![region("premium", 0.3)],
        peeling: Vec::new(),
        no_region: None,
        counterexample: Some(Counterexample {
            holds: false,
            point: Some(3),
            changes: vec![ParameterChange { parameter: "cost".into(), from: 0.05, to: 0.09 }],
            changed_before: 2,
            evaluated: 5,
            pruned: true,
        }),
        under: vec![Under {
            how: Otherwise::Precision(0.5),
            verdict: Verdict::DoesNotHold,
            converged: false,
        }],
        check: Some(ClaimCheck {
            compared: 8,
            otherwise: 1,
            largest: Some(LargestDifference { shows: "length".into(), point: 2, coarse: 10.5, fine: 10.25 }),
        }),
    }
}

fn region(parameter: &str, coverage: f64) -> Region {
    let limits = vec![Limit { parameter: parameter.into(), low: Some(0.25), high: None, chance: 0.001 }];
    Region { limits, coverage, density: 0.93, mass: 0.5 }
}

fn findings(claims: Vec<ClaimAudit>) -> AuditFindings {
    AuditFindings {
        scenario: "A war".into(),
        scenario_hash: "0123456789abcdef".into(),
        set: Vec::new(),
        factors: vec![Factor {
            subject: Subject::Parameter("cost".into()),
            levels: Levels::Range { low: 0.02, high: 0.1 },
        }],
        settings: Default::default(),
        cases: 64,
        failed: 0,
        not_converged: 1,
        failure: None,
        check: Some(GridCheck { cases: 8, belief_points: (4, 7) }),
        claims,
    }
}

fn document() -> AuditDocument {
    let claims = || vec![claim("early", 60, Some("letter.md")), claim("late", 20, Some("essay.md"))];
    let held = HeldParameter {
        parameter: "premium".into(),
        neutral: 0.01,
        value: 0.02,
        range: Some((0.0, 0.03)),
        unit: None,
        says: Some("needs the war at home".into()),
        source: Some("assumed".into()),
    };
    let audit = |theory: &str, held: Vec<HeldParameter>| TheoryAudit {
        scenario: 0,
        title: "A war".into(),
        theory: theory.into(),
        held,
        findings: findings(claims()),
        examples: vec![ExamplePlace {
            claim: "early".into(),
            command: "armistice run war --set cost=0.09".into(),
            file: Some("audit/counterexamples/1-neutral/early.toml".into()),
        }],
    };
    AuditDocument {
        version: "0.1.0".into(),
        command: "armistice audit war".into(),
        date: Some("2031-03-02".into()),
        seed: 7,
        question: Some("What holds?".into()),
        cannot_say: vec!["Who is right.".into()],
        audits: vec![audit("neutral", Vec::new()), audit("long-view", vec![held])],
    }
}

#[test]
fn everything_that_was_found_is_there() -> Result<(), ReportError> {
    let page = render_audit(&document())?;
    for words in [
        "What holds?",
        "2 claims in 2 audits, 64 cases each.",
        "Who is right.",
        "Long view",
        "words about early",
        "letter.md, line 12",
        "essay.md, line 12",
        "With cost above 0.25",
        "Or, outside of it, with premium above 0.25",
        "Does not hold with cost 0.09 instead of 0.05.",
        "armistice run war --set cost=0.09",
        "early.toml",
        "otherwise with λ × 0.5",
        "Does not hold *",
        "needs the war at home Source: assumed",
        "0.02 to 0.1",
        "1 case did not converge in some stage game.",
        "Mostly holds",
        "armistice audit war",
    ] {
        assert!(page.contains(words), "`{words}` is not in the page");
    }
    // A section a document, with the same author.
    assert!(page.contains("id=\"document-1\"") && page.contains("id=\"document-2\""));
    assert!(!page.contains("id=\"document-3\"") && !page.contains("<script") && !page.contains("NaN"));
    assert_eq!(page, render_audit(&document())?);
    // What quotes the same document belongs to it, whoever is said to have written it.
    let mut one = document();
    for claim in one.audits.iter_mut().flat_map(|audit| &mut audit.findings.claims) {
        claim.quote.iter_mut().for_each(|quote| quote.document = "letter.md".into());
        if claim.name == "late" {
            claim.source = ClaimSource::default();
        }
    }
    assert!(!render_audit(&one)?.contains("id=\"document-2\""));
    Ok(())
}

#[test]
fn an_audit_without_anything_is_a_page_too() -> Result<(), ReportError> {
    let page = render_audit(&AuditDocument { audits: Vec::new(), ..document() })?;
    assert!(page.contains("0 claims in 0 audits"));
    let mut nothing = document();
    for audit in &mut nothing.audits {
        for claim in &mut audit.findings.claims {
            (claim.share, claim.interval, claim.word) = (None, None, Word::Undefined);
            (claim.holds, claim.fails, claim.undefined) = (0, 0, 64);
            (claim.region, claim.counterexample) = (None, None);
            claim.no_region = Some("the claim is defined in no case".into());
        }
    }
    let page = render_audit(&nothing)?;
    assert!(page.contains("defined in none of 64 cases") && page.contains("Not defined"));
    assert!(!page.contains("share-bar\" viewBox"), "nothing to draw");
    Ok(())
}

#[test]
fn hostile_words_are_only_words() -> Result<(), ReportError> {
    let hostile = "</style><script>alert('x')</script><img src=x onerror=\"y\"> {{ 2 }}";
    let mut audits = document();
    audits.question = Some(hostile.into());
    for audit in &mut audits.audits {
        (audit.title, audit.theory) = (hostile.into(), hostile.into());
        for held in &mut audit.held {
            (held.parameter, held.says) = (hostile.into(), Some(hostile.into()));
        }
        for example in &mut audit.examples {
            (example.command, example.file) = (hostile.into(), Some(hostile.into()));
        }
        for claim in &mut audit.findings.claims {
            (claim.title, claim.says, claim.proposition) = (hostile.into(), hostile.into(), hostile.into());
            claim.source.author = Some(hostile.into());
            claim.quote = Some(Quote { text: hostile.into(), document: hostile.into(), line: None });
            if let Some(region) = &mut claim.region {
                region.limits[0].parameter = hostile.into();
            }
        }
    }
    let page = render_audit(&audits)?;
    assert!(!page.contains("<script") && !page.contains("<img"), "an element slipped in");
    Ok(())
}

#[test]
fn the_quick_audit_of_a_run_is_a_section_where_there_is_one() -> Result<(), ReportError> {
    let mut run = fixture::findings();
    assert!(!render(&run)?.contains("<section id=\"audit\""));
    run.audit = Some(QuickAudit {
        asked: 64,
        short: Some("stopped on request".into()),
        seed: 1,
        full: Some("armistice audit war --report audit.html".into()),
        findings: AuditFindings { cases: 16, ..findings(vec![claim("early", 60, None)]) },
    });
    let page = render(&run)?;
    for words in [
        "<section id=\"audit\"",
        "Quick: 16 cases",
        "16 cases of the 64 asked for: stopped on request.",
        "armistice audit war --report audit.html",
    ] {
        assert!(page.contains(words), "`{words}` is not in the page");
    }
    assert!(tables(&run).iter().any(|table| table.name == "audit"));
    Ok(())
}
