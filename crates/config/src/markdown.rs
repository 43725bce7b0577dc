//! The reference of all keys as Markdown, printed from the tables.

use std::fmt::Write;

use crate::key::{Effect, Key, Kind, Preset};
use crate::rows::dynamic_only;
use crate::synonym::{Unit, group_synonym, topic_synonyms};

const BROKER_HEAD: &str = "| Key | Type | Default | Valid | Update | Effect | What it does |\n|---|---|---|---|---|---|---|\n";

/// The text of `docs/reference/configs.md`.
pub fn reference() -> String {
    let mut out = String::from(
        "# Configuration\n\n\
         Printed from the tables of `crates/config`; a test keeps it so: `UPDATE_DOCS=1 cargo test -p ottla-config` \
         writes it anew.\n\n\
         Every key of Apache Kafka 4.4 is known: read, checked and shown by DescribeConfigs. **Effect** says whether \
         Ottla acts on it: `yes`, or `not yet`; a key that is set and has no effect yet is named in the log.\n\n\
         **Update** says how a key changes at run time: `read-only` by a restart, `per-broker` by AlterConfigs on one \
         broker, `cluster-wide` also on the default of all brokers, `per-resource` on the topic, group or \
         subscription itself. Keys that Kafka hides from its documentation are *internal*.\n",
    );
    for kind in Kind::ALL {
        print_table(&mut out, kind);
    }
    out
}

fn print_table(out: &mut String, kind: Kind) {
    let keys = kind.keys();
    let effective = keys
        .iter()
        .filter(|key| key.effect(kind) == Effect::Effective)
        .count();
    let _ = write!(
        out,
        "\n## {} keys\n\n{} keys, {effective} of them with effect.\n\n",
        title(kind),
        keys.len()
    );
    match kind {
        Kind::Broker => out.push_str(BROKER_HEAD),
        Kind::Topic | Kind::Group => {
            out.push_str("| Key | Type | Default | Valid | Broker key | Effect | What it does |\n|---|---|---|---|---|---|---|\n");
        }
        _ => out.push_str(
            "| Key | Type | Default | Valid | Effect | What it does |\n|---|---|---|---|---|---|\n",
        ),
    }
    for key in keys {
        print_row(out, kind, key);
    }
    if kind == Kind::Broker {
        out.push_str("\nThree more are only dynamic: AlterConfigs sets them, `server.properties` has none of them.\n\n");
        out.push_str(BROKER_HEAD);
        for key in dynamic_only() {
            print_row(out, kind, key);
        }
    }
}

fn print_row(out: &mut String, kind: Kind, key: &Key) {
    let default = match key.preset {
        Preset::Required => "*required*".to_owned(),
        Preset::Null => "*none*".to_owned(),
        Preset::Is("") => "*empty*".to_owned(),
        Preset::Is(text) => format!("`{text}`"),
    };
    let valid = match key.rule.to_string() {
        rule if rule.is_empty() => String::new(),
        rule => format!("`{rule}`"),
    };
    let own_column = match kind {
        Kind::Broker => format!("{} | ", key.update.name()),
        Kind::Topic => format!("{} | ", topic_keys(key)),
        Kind::Group => format!(
            "{} | ",
            group_synonym(key.name).map_or_else(String::new, |name| format!("`{name}`"))
        ),
        _ => String::new(),
    };
    let effect = match key.effect(kind) {
        Effect::Effective => "yes",
        Effect::NotYet => "not yet",
    };
    let internal = if key.internal { " *Internal.*" } else { "" };
    let (name, r#type, doc) = (key.name, key.r#type.name().to_lowercase(), key.doc);
    let _ = writeln!(
        out,
        "| `{name}` | {type} | {default} | {valid} | {own_column}{effect} | {doc}{internal} |"
    );
}

fn topic_keys(key: &Key) -> String {
    let unit = |unit| match unit {
        Unit::Same => "",
        Unit::Minutes => " (minutes)",
        Unit::Hours => " (hours)",
    };
    let names = topic_synonyms(key.name)
        .iter()
        .map(|synonym| format!("`{}`{}", synonym.name, unit(synonym.unit)));
    names.collect::<Vec<_>>().join(", ")
}

const fn title(kind: Kind) -> &'static str {
    match kind {
        Kind::Broker => "Broker",
        Kind::Topic => "Topic",
        Kind::Group => "Group",
        Kind::ClientMetrics => "Client telemetry subscription",
        Kind::Producer => "Producer",
        Kind::Consumer => "Consumer",
        Kind::Admin => "Admin client",
    }
}
