//! Arguments of `serve`.

use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;

use clap::{Args, ValueHint};

/// Arguments of `serve`.
#[derive(Args, Debug)]
pub struct Serve {
    /// Folder of the scenario, or its scenario.toml.
    #[arg(value_name = "SCENARIO", value_hint = ValueHint::AnyPath)]
    pub scenario: PathBuf,
    /// Port to listen on; 0 takes a free one.
    #[arg(long, value_name = "PORT", default_value_t = 0, help_heading = "Where")]
    pub port: u16,
    /// Address to listen on. Any other than the default lets other machines connect; they need the token that is printed.
    #[arg(long, value_name = "ADDRESS", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST), help_heading = "Where")]
    pub bind: IpAddr,
    /// Print the address and open no browser.
    #[arg(long, help_heading = "Where")]
    pub no_open: bool,
    /// Belief grid points per dimension while a slider is moved.
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=65), help_heading = "How cases are solved")]
    pub quick_points: u32,
    /// Belief grid points per dimension of the solution that then replaces it.
    #[arg(long, value_name = "N", default_value_t = 17, value_parser = clap::value_parser!(u32).range(2..=65), help_heading = "How cases are solved")]
    pub belief_points: u32,
}
