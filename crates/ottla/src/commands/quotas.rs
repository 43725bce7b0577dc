//! `ottla quotas`: how much users, clients and addresses may use in a time; list, describe, set, remove.

use std::{collections::BTreeMap, fmt::Write as _, io::Write as _};

use ottla_client::{
    Admin, Cluster,
    admin::{QuotaEntity, QuotaMatch, Quotas},
};
use serde_json::{Value, json};

use crate::output::{self, Stop};

/// Each key, and what its number counts.
const KEYS: [(&str, &str); 5] = [
    ("producer_byte_rate", "bytes produced per second"),
    ("consumer_byte_rate", "bytes fetched per second"),
    ("request_percentage", "percent of one thread's time"),
    (
        "controller_mutation_rate",
        "partitions created or deleted per second",
    ),
    (
        "connection_creation_rate",
        "connections accepted per second",
    ),
];

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// List all quotas
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Describe the quotas of a user, a client id, both, or an address
    Describe {
        #[command(flatten)]
        entity: Entity,
        /// Only of exactly this, and not of what has more parts
        #[arg(long)]
        strict: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Set quotas, as KEY=NUMBER; those not named stay
    #[command(after_help = AFTER_HELP)]
    Set {
        #[command(flatten)]
        entity: Entity,
        /// What to set
        #[arg(required = true, value_name = "KEY=NUMBER", value_parser = parse_pair)]
        quotas: Vec<(String, f64)>,
        /// Only say whether it could be done
        #[arg(long)]
        validate_only: bool,
    },
    /// Remove quotas: what is left are those of the defaults
    Remove {
        #[command(flatten)]
        entity: Entity,
        /// What to remove; all of the entity's if none is named
        #[arg(value_name = "KEY", value_parser = parse_key)]
        keys: Vec<String>,
    },
}

const AFTER_HELP: &str = "Keys:
  producer_byte_rate        bytes produced per second, by each broker
  consumer_byte_rate        bytes fetched per second, by each broker
  request_percentage        percent of one thread's time, by each broker
  controller_mutation_rate  partitions created or deleted per second
  connection_creation_rate  connections accepted per second, of an address";

/// Whom it is about. A default holds for those who have no quota of their own.
#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Entity {
    /// This user
    #[arg(long, value_name = "NAME", conflicts_with = "default_user")]
    user: Option<String>,
    /// Users without a quota of their own
    #[arg(long)]
    default_user: bool,
    /// This client id
    #[arg(long, value_name = "ID", conflicts_with = "default_client_id")]
    client_id: Option<String>,
    /// Client ids without a quota of their own
    #[arg(long)]
    default_client_id: bool,
    /// This address
    #[arg(long, value_name = "ADDRESS", conflicts_with_all = ["default_ip", "user", "default_user", "client_id", "default_client_id"])]
    ip: Option<String>,
    /// Addresses without a quota of their own
    #[arg(long, conflicts_with_all = ["user", "default_user", "client_id", "default_client_id"])]
    default_ip: bool,
}

impl Entity {
    fn get(self) -> QuotaEntity {
        let parts = [
            ("user", self.user, self.default_user),
            ("client-id", self.client_id, self.default_client_id),
            ("ip", self.ip, self.default_ip),
        ];
        let named = parts
            .into_iter()
            .filter(|(_, name, default)| name.is_some() || *default);
        QuotaEntity(
            named
                .map(|(kind, name, _)| (kind.to_owned(), name))
                .collect(),
        )
    }

    fn filter(self) -> Vec<(String, QuotaMatch)> {
        let parts = self.get().0.into_iter();
        parts
            .map(|(kind, name)| (kind, name.map_or(QuotaMatch::Default, QuotaMatch::Name)))
            .collect()
    }
}

fn parse_key(text: &str) -> Result<String, String> {
    let names = KEYS.map(|(key, _)| key);
    match names.contains(&text) {
        true => Ok(text.to_owned()),
        false => Err(format!("`{text}` is none of {}", names.join(", "))),
    }
}

fn parse_pair(text: &str) -> Result<(String, f64), String> {
    let (key, value) = text
        .split_once('=')
        .ok_or_else(|| format!("`{text}` has no `=`: write KEY=NUMBER"))?;
    let number = value
        .trim()
        .parse::<f64>()
        .map_err(|_| format!("`{value}` is no number"))?;
    if !number.is_finite() || number <= 0.0 {
        return Err(format!("{key} must be above 0, and is {number}"));
    }
    Ok((parse_key(key.trim())?, number))
}

/// Runs a command.
pub(crate) async fn run(command: Command, cluster: Cluster) -> Result<(), Stop> {
    let admin = Admin::new(cluster);
    let text = match command {
        Command::List { json } => print(&admin.describe_quotas(Vec::new(), false).await?, json),
        Command::Describe {
            entity,
            strict,
            json,
        } => print(&admin.describe_quotas(entity.filter(), strict).await?, json),
        Command::Set {
            entity,
            quotas,
            validate_only,
        } => {
            let changes: BTreeMap<_, _> = quotas
                .into_iter()
                .map(|(key, value)| (key, Some(value)))
                .collect();
            admin
                .alter_quotas(entity.get(), changes, validate_only)
                .await?;
            String::new()
        }
        Command::Remove { entity, keys } => {
            remove(&admin, entity.get(), keys).await?;
            String::new()
        }
    };
    let mut to = output::stdout();
    to.write_all(text.as_bytes())?;
    to.flush()?;
    Ok(())
}

async fn remove(admin: &Admin, entity: QuotaEntity, keys: Vec<String>) -> Result<(), Stop> {
    let filter = entity.0.iter().map(|(kind, name)| {
        let wanted = name.clone().map_or(QuotaMatch::Default, QuotaMatch::Name);
        (kind.clone(), wanted)
    });
    let described = admin.describe_quotas(filter.collect(), true).await?;
    let has: Quotas = described.into_iter().flat_map(|(_, has)| has).collect();
    let missing: Vec<&str> = keys
        .iter()
        .map(String::as_str)
        .filter(|key| !has.contains_key(*key))
        .collect();
    if has.is_empty() || !missing.is_empty() {
        let what = match missing.is_empty() {
            true => "quota".to_owned(),
            false => missing.join(", "),
        };
        return Err(Stop::Failed(format!("{entity} has no {what} of its own")));
    }
    let all = has.into_keys();
    let keys: Vec<String> = if keys.is_empty() { all.collect() } else { keys };
    let changes = keys.into_iter().map(|key| (key, None)).collect();
    Ok(admin.alter_quotas(entity, changes, false).await?)
}

fn print(described: &[(QuotaEntity, Quotas)], as_json: bool) -> String {
    if as_json {
        let one = |(QuotaEntity(entity), quotas): &(QuotaEntity, Quotas)| json!({"entity": entity, "quotas": quotas});
        let all: Vec<Value> = described.iter().map(one).collect();
        return format!("{}\n", Value::Array(all));
    }
    let mut text = String::new();
    for (entity, quotas) in described {
        let _ = writeln!(text, "{entity}");
        for (key, value) in quotas {
            let of = KEYS.iter().find(|(known, _)| known == key);
            let counts = of.map_or("", |(_, counts)| *counts);
            let _ = writeln!(text, "  {key}={value}  {counts}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::Cli;

    #[test]
    fn arguments_that_contradict_each_other_or_are_missing_are_refused() {
        let is_accepted =
            |line: &str| Cli::try_parse_from(format!("ottla quotas {line}").split(' ')).is_ok();
        for line in [
            "list",
            "list --json",
            "describe --user alice",
            "describe --default-user --client-id one --strict --json",
            "set --user alice producer_byte_rate=1000",
            "set --default-ip connection_creation_rate=10 --validate-only",
            "set --user a --default-client-id producer_byte_rate=1e6 request_percentage=0.5",
            "remove --client-id one",
            "remove --client-id one producer_byte_rate",
        ] {
            assert!(is_accepted(line), "{line}");
        }
        for line in [
            "describe",
            "set --user alice",
            "set producer_byte_rate=1",
            "set --user alice --default-user producer_byte_rate=1",
            "set --user alice --ip 1.2.3.4 producer_byte_rate=1",
            "set --user alice producer_byte_rate=0",
            "set --user alice producer_byte_rate=many",
            "set --user alice producer_byte_rate",
            "set --user alice bytes=1",
            "remove --user alice bytes",
        ] {
            assert!(!is_accepted(line), "{line}");
        }
    }

    #[test]
    fn quotas_are_printed_with_what_they_count() {
        let entity = QuotaEntity([("ip".to_owned(), None)].into());
        let quotas = [("connection_creation_rate".to_owned(), 5.0)].into();
        let described = [(entity, quotas)];
        assert_eq!(
            print(&described, false),
            "any ip\n  connection_creation_rate=5  connections accepted per second\n"
        );
        let json: Value = serde_json::from_str(&print(&described, true)).unwrap();
        assert_eq!(json[0]["entity"]["ip"], Value::Null);
        assert_eq!(json[0]["quotas"]["connection_creation_rate"], 5.0);
    }
}
