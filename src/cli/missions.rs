//! `missions` and `decide` on the command line.

use clap::{Args, Subcommand, ValueEnum};
use schemas::{CreatedAt, DossierPrefix, MissionId, Text};

use super::request::Format;
use super::servers::{Database, Rules};

/// What can be read from the table of missions.
#[derive(Debug, Subcommand)]
pub(crate) enum Missions {
    /// List the newest missions
    List(List),
    /// Show one mission and the rules that applied
    Show(Show),
    /// Write every mission, the newest first
    Export(Export),
    /// Delete old missions
    Prune(PruneMissions),
}

const LIST_EXAMPLES: &str = "Examples:
  spymission missions list --database sqlite:spymission.db
  spymission missions list --target \"the dictator\" --since 24h --limit 100
  spymission missions list --format json | jq -r .objective

Exit codes: 0 done, 1 failed, 2 a setting is wrong.";

/// Settings of `missions list`.
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) filters: Filters,
    /// The most missions to list; `missions export` has no limit
    #[arg(long, env = "SPYMISSION_LIMIT", default_value_t = 20, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=1_000))]
    pub(crate) limit: u16,
    /// How missions are printed: columns, JSON with one object on each line, or CSV
    #[arg(long, value_enum, env = "SPYMISSION_FORMAT", default_value_t = Format::Table)]
    #[arg(hide_possible_values = true, value_name = "table|json|csv")]
    pub(crate) format: Format,
}

/// Settings of `missions show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  spymission missions show 01a20395-78d2-7724-afc9-ae760b63f500

Exit codes: 0 done, 1 no such mission or failed, 2 a setting is wrong.")]
pub(crate) struct Show {
    /// The id of the mission
    #[arg(value_name = "ID")]
    pub(crate) id: MissionId,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

const EXPORT_EXAMPLES: &str = "Every mission that was stored when the export began is written \
exactly once. An export needs little memory, however many missions there are.

Examples:
  spymission missions export > missions.jsonl
  spymission missions export --since 2026-11-01 --format csv > november.csv
  spymission missions export | head -1   # ends quietly when the reader has enough

Exit codes: 0 done, 1 failed, 2 a setting is wrong.";

/// Settings of `missions export`.
#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(crate) struct Export {
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) filters: Filters,
    /// How missions are written: JSON with one object on each line, or CSV
    #[arg(long, value_enum, env = "SPYMISSION_EXPORT_FORMAT")]
    #[arg(default_value_t = ExportFormat::Json, hide_possible_values = true)]
    #[arg(value_name = "json|csv")]
    pub(crate) format: ExportFormat,
}

/// Settings of `missions prune`.
#[derive(Debug, Args)]
#[command(
    after_help = "The oldest go first, a few at a time, so that nothing waits for it. Whatever \
is killed midway, repeat the command. The id of a deleted mission is free again.

Examples:
  spymission missions prune --older-than 90d --dry-run
  spymission missions prune --older-than 90d --rate 1000
  spymission missions prune --older-than 90d --every 24h   # as a service

Exit codes: 0 done, 1 failed, 2 a setting is wrong."
)]
pub(crate) struct PruneMissions {
    #[command(flatten)]
    pub(crate) prune: Prune,
    #[command(flatten)]
    pub(crate) database: Database,
}

/// What is deleted, and how fast.
#[derive(Debug, Args)]
pub(crate) struct Prune {
    /// Delete what is older than this age, as 90d, or from before this time
    #[arg(long, env = "SPYMISSION_OLDER_THAN", value_name = "AGE")]
    pub(crate) older_than: Moment,
    /// Count what would be deleted, and delete nothing
    #[arg(long, env = "SPYMISSION_PRUNE_DRY_RUN")]
    pub(crate) dry_run: bool,
    /// Delete at most so many rows a second
    #[arg(long, env = "SPYMISSION_PRUNE_RATE", default_value_t = 5_000, value_name = "ROWS")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rate: u32,
    /// Go on, and do it again so long after each time, as 24h
    #[arg(long, env = "SPYMISSION_PRUNE_EVERY", value_name = "TIME", conflicts_with = "dry_run")]
    pub(crate) every: Option<Every>,
}

/// A time between two runs: a minute or more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Every(pub(crate) std::time::Duration);

impl std::str::FromStr for Every {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match ago(text) {
            Some(Moment::Ago(micros)) if micros > 0 => {
                Ok(Self(std::time::Duration::from_micros(micros.unsigned_abs())))
            }
            _ => Err("write 90m, 24h or 7d".to_owned()),
        }
    }
}

/// Which missions are read.
#[derive(Debug, Args)]
pub(crate) struct Filters {
    /// Only missions with exactly this objective
    #[arg(long, env = "SPYMISSION_OBJECTIVE", value_name = "TEXT")]
    pub(crate) objective: Option<Text>,
    /// Only missions with exactly this target
    #[arg(long, env = "SPYMISSION_TARGET", value_name = "TEXT")]
    pub(crate) target: Option<Text>,
    /// Only missions whose dossier begins with this, as "19 z"
    #[arg(long, env = "SPYMISSION_DOSSIER", value_name = "TEXT")]
    pub(crate) dossier: Option<DossierPrefix>,
    /// Only missions stored at or after this time: 2026-11-22, 2026-11-22T13:24:51Z, or an age as
    /// 90m, 24h or 7d
    #[arg(long, env = "SPYMISSION_SINCE", value_name = "TIME")]
    pub(crate) since: Option<Moment>,
    /// Only missions stored before this time
    #[arg(long, env = "SPYMISSION_UNTIL", value_name = "TIME")]
    pub(crate) until: Option<Moment>,
}

/// How an export is written.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON object on each line
    Json,
    /// Comma-separated values; the first line names the columns
    Csv,
}

/// A time as a person writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// At this time.
    At(CreatedAt),
    /// This many microseconds before now.
    Ago(i64),
}

impl Moment {
    /// The instant, seen from `now`; the beginning of time if it lies before.
    pub(crate) fn seen_from(self, now: CreatedAt) -> CreatedAt {
        match self {
            Self::At(at) => at,
            Self::Ago(micros) => CreatedAt::from_micros(now.micros() - micros).unwrap_or(now),
        }
    }
}

impl std::str::FromStr for Moment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let at = |text: String| text.parse().map(Self::At).ok();
        ago(text)
            .or_else(|| at(text.to_owned()))
            .or_else(|| at(format!("{text}T00:00:00Z")))
            .ok_or_else(|| {
                "write 2026-11-22, 2026-11-22T13:24:51Z, or an age as 90m, 24h or 7d".to_owned()
            })
    }
}

/// `90m`, `24h` or `7d`; not before 1970.
fn ago(text: &str) -> Option<Moment> {
    let seconds = [("m", 60), ("h", 3_600), ("d", 86_400)];
    let (digits, seconds) =
        seconds.iter().find_map(|(unit, seconds)| Some((text.strip_suffix(unit)?, seconds)))?;
    let count: i64 = digits.parse::<u16>().ok()?.into();
    Some(Moment::Ago(count * seconds * 1_000_000))
}

/// Settings of `decide`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  spymission decide \"19 z 4 a 7 k 0 b 12 q 3 m\"

Exit codes: 0 done, 2 the dossier or a setting is wrong.")]
pub(crate) struct Decide {
    /// Six numbers (0 to 19) and six letters (a to z), a number first: "19 z 4 a 7 k 0 b 12 q 3 m"
    #[arg(required = true, num_args = 1.., value_name = "DOSSIER")]
    pub(crate) dossier: Vec<String>,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> CreatedAt {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_is_an_instant_a_day_or_an_age() {
        let now = at("2026-11-22T12:00:00Z");
        for (text, instant) in [
            ("2026-11-22T13:24:51+01:00", "2026-11-22T12:24:51Z"),
            ("2026-11-22", "2026-11-22T00:00:00Z"),
            ("90m", "2026-11-22T10:30:00Z"),
            ("24h", "2026-11-21T12:00:00Z"),
            ("7d", "2026-11-15T12:00:00Z"),
            ("0d", "2026-11-22T12:00:00Z"),
        ] {
            assert_eq!(text.parse::<Moment>().unwrap().seen_from(now), at(instant), "{text}");
        }
        assert!("65535d".parse::<Moment>().unwrap().seen_from(now) < now);
    }

    #[test]
    fn what_is_no_time_is_refused_with_the_forms() {
        for text in ["", "d", "-1d", "70000d", "yesterday", "2026-13-01", "22.11.2026", "7 d"] {
            let error = text.parse::<Moment>().unwrap_err();
            assert!(error.contains("2026-11-22"), "{error}");
        }
    }
}
