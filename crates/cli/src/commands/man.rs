//! `man`: the manual, as man pages or as the chapter of the book.

use std::fmt::Write;

use clap::{Arg, Command, CommandFactory};

use crate::arguments::{Arguments, Man};
use crate::exit;
use crate::failure::Failure;
use crate::session::Session;

/// Prints a page.
pub fn run(session: &Session, arguments: &Man) -> Result<(), Failure> {
    let mut command = Arguments::command();
    command.build();
    if arguments.markdown {
        return session.say(&markdown(&command));
    }
    let page = match &arguments.verb {
        None => command,
        Some(verb) => match command.find_subcommand(verb) {
            Some(found) => found.clone().display_name(format!("armistice-{verb}")),
            None => return Err(Failure::usage(format!("there is no verb `{verb}`"))),
        },
    };
    let mut out = Vec::new();
    clap_mangen::Man::new(page).render(&mut out)?;
    session.say(&String::from_utf8_lossy(&out))
}

/// The chapter "The command line" of the book.
fn markdown(command: &Command) -> String {
    let mut out = String::from(
        "<!-- Written by `armistice man --markdown`; a test fails when it is stale. -->\n\n# The command line\n\n",
    );
    // Writing to a `String` cannot fail, here and below.
    let _ =
        writeln!(out, "```text\narmistice [OPTIONS] <VERB>\n```\n\n| verb | what it does |\n| --- | --- |");
    let verbs: Vec<&Command> =
        command.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help").collect();
    for verb in &verbs {
        let name = verb.get_name();
        let _ = writeln!(out, "| [`{name}`](#{name}) | {} |", about(verb));
    }
    let _ = writeln!(
        out,
        "\nResults go to standard output, everything else to standard error. Progress and color appear on terminals only.\n\n\
         ## Options of every verb\n"
    );
    options(&mut out, command.get_arguments().filter(|a| a.is_global_set()));
    let _ = writeln!(out, "\n## Exit codes\n\n| code | meaning |\n| --- | --- |");
    for (code, meaning) in exit::ALL {
        let _ = writeln!(out, "| {code} | {meaning} |");
    }
    for verb in &verbs {
        let _ = writeln!(out, "\n## {}\n\n{}\n", verb.get_name(), about(verb));
        let mut shown = (*verb).clone();
        let usage = shown.render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        let _ = writeln!(out, "```text\n{usage}\n```\n");
        options(&mut out, verb.get_arguments().filter(|a| !a.is_global_set()));
        for inner in verb.get_subcommands().filter(|c| !c.is_hide_set() && c.get_name() != "help") {
            let _ = writeln!(out, "\n### {} {}\n\n{}\n", verb.get_name(), inner.get_name(), about(inner));
            options(&mut out, inner.get_arguments().filter(|a| !a.is_global_set()));
        }
    }
    out
}

fn about(command: &Command) -> String {
    command.get_about().map(ToString::to_string).unwrap_or_default()
}

/// A sentence as a part of another one.
fn uncapitalized(text: &str) -> String {
    let mut rest = text.trim_end_matches('.').chars();
    rest.next().map(|first| first.to_lowercase().collect::<String>() + rest.as_str()).unwrap_or_default()
}

/// A table of options and arguments.
fn options<'a>(out: &mut String, arguments: impl Iterator<Item = &'a Arg>) {
    let rows: Vec<&Arg> = arguments
        .filter(|a| !a.is_hide_set() && !["help", "version"].contains(&a.get_id().as_str()))
        .collect();
    if rows.is_empty() {
        return;
    }
    let _ = writeln!(out, "| option | meaning |\n| --- | --- |");
    for argument in rows {
        let values: Vec<String> =
            argument.get_value_names().into_iter().flatten().map(ToString::to_string).collect();
        let takes = argument.get_action().takes_values();
        let mut name = match (argument.get_long(), argument.get_short()) {
            (Some(long), Some(short)) => format!("--{long}, -{short}"),
            (Some(long), None) => format!("--{long}"),
            (None, Some(short)) => format!("-{short}"),
            (None, None) => String::new(),
        };
        if takes {
            let value = values.join(" ");
            if name.is_empty() {
                name = if argument.is_required_set() { format!("<{value}>") } else { format!("[{value}]") };
            } else {
                name = format!("{name} {value}");
            }
        }
        let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
        if !meaning.ends_with(['.', ']']) {
            meaning.push('.');
        }
        let choices: Vec<String> = if takes {
            argument
                .get_possible_values()
                .iter()
                .filter(|v| !v.is_hide_set())
                .map(|v| match v.get_help() {
                    Some(help) => format!("`{}` ({})", v.get_name(), uncapitalized(&help.to_string())),
                    None => format!("`{}`", v.get_name()),
                })
                .collect()
        } else {
            Vec::new()
        };
        if !choices.is_empty() {
            let _ = write!(meaning, " One of {}.", choices.join(", "));
        }
        let defaults: Vec<String> =
            argument.get_default_values().iter().map(|v| v.to_string_lossy().into_owned()).collect();
        if takes && !defaults.is_empty() {
            let _ = write!(meaning, " Default: `{}`.", defaults.join(" "));
        }
        let _ = writeln!(out, "| `{name}` | {} |", meaning.replace('|', "\\|").replace('\n', " "));
    }
}
