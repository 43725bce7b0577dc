//! Configuration by environment variables, as Apache Kafka's container image maps them.

use crate::broker::Pairs;

/// What the variables of a process say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// Broker keys and their values, strongest last.
    pub pairs: Pairs,
    /// `CLUSTER_ID`.
    pub cluster_id: Option<String>,
    /// Password keys, and the file below the secrets directory whose text is the value.
    pub secret_files: Vec<(&'static str, String)>,
    /// `KAFKA_LOG4J_ROOT_LOGLEVEL`.
    pub root_log_level: Option<String>,
    /// `KAFKA_LOG4J_LOGGERS`: loggers and levels.
    pub loggers: Vec<(String, String)>,
}

/// Where the image mounts keys and certificates.
pub const SECRETS: &str = "/etc/kafka/secrets";

const PREFIX: &str = "KAFKA_";
/// The prefix of Bitnami's image.
const OTHER_PREFIX: &str = "KAFKA_CFG_";

/// Variables of the image that are no broker keys.
const NOT_KEYS: &[&str] = &[
    "KAFKA_GC_LOG_OPTS",
    "KAFKA_HEAP_OPTS",
    "KAFKA_JMX_HOSTNAME",
    "KAFKA_JMX_OPTS",
    "KAFKA_JMX_PORT",
    "KAFKA_JVM_PERFORMANCE_OPTS",
    "KAFKA_LOG4J_LOGGERS",
    "KAFKA_LOG4J_OPTS",
    "KAFKA_LOG4J_ROOT_LOGLEVEL",
    "KAFKA_OPTS",
    "KAFKA_TOOLS_LOG4J_LOGLEVEL",
    "KAFKA_VERSION",
];

/// Variables that name a file below [`SECRETS`]: the key whose value is the file's path.
const FILENAMES: &[(&str, &str)] = &[
    ("KAFKA_SSL_KEYSTORE_FILENAME", "ssl.keystore.location"),
    ("KAFKA_SSL_TRUSTSTORE_FILENAME", "ssl.truststore.location"),
];

/// Variables that name a file below [`SECRETS`]: the key whose value is the file's text.
const CREDENTIALS: &[(&str, &str)] = &[
    ("KAFKA_SSL_KEYSTORE_CREDENTIALS", "ssl.keystore.password"),
    ("KAFKA_SSL_KEY_CREDENTIALS", "ssl.key.password"),
    (
        "KAFKA_SSL_TRUSTSTORE_CREDENTIALS",
        "ssl.truststore.password",
    ),
];

/// Reads the variables of a process, in any order.
pub fn read_environment(variables: impl IntoIterator<Item = (String, String)>) -> Environment {
    let mut variables: Vec<_> = variables.into_iter().collect();
    // Kafka's own names stand before those of the other image.
    variables.sort_by_key(|(name, _)| (!name.starts_with(OTHER_PREFIX), name.clone()));
    let mut environment = Environment::default();
    for (name, value) in variables {
        take(&mut environment, &name, value);
    }
    listen_where_advertised(&mut environment.pairs);
    environment
}

fn take(environment: &mut Environment, name: &str, value: String) {
    let named = |table: &[(&str, &'static str)]| {
        table
            .iter()
            .find(|(variable, _)| *variable == name)
            .map(|(_, key)| *key)
    };
    match name {
        "CLUSTER_ID" => environment.cluster_id = Some(value),
        "KAFKA_LOG4J_ROOT_LOGLEVEL" => environment.root_log_level = Some(value),
        "KAFKA_LOG4J_LOGGERS" => {
            let loggers = value.split(',').filter_map(|item| item.split_once('='));
            environment.loggers = loggers
                .map(|(name, level)| (name.trim().to_owned(), level.trim().to_owned()))
                .collect();
        }
        _ => {
            if let Some(key) = named(FILENAMES) {
                environment
                    .pairs
                    .push((key.to_owned(), format!("{SECRETS}/{value}")));
            } else if let Some(key) = named(CREDENTIALS) {
                environment
                    .secret_files
                    .push((key, format!("{SECRETS}/{value}")));
            } else if let Some(key) = key_of(name) {
                environment.pairs.push((key, value));
            }
        }
    }
}

/// The key a variable is for: `KAFKA_LOG_DIRS` is `log.dirs`; `__` stands for `_`, `___` for `-`.
pub fn key_of(variable: &str) -> Option<String> {
    if NOT_KEYS.contains(&variable) {
        return None;
    }
    let name = variable
        .strip_prefix(OTHER_PREFIX)
        .or_else(|| variable.strip_prefix(PREFIX))?;
    (!name.is_empty()).then(|| {
        name.to_lowercase()
            .replace('_', ".")
            .replace("...", "-")
            .replace("..", "_")
    })
}

/// The variable for a key.
pub fn variable_of(key: &str) -> String {
    format!(
        "{PREFIX}{}",
        key.replace('_', "__")
            .replace('-', "___")
            .replace('.', "_")
            .to_uppercase()
    )
}

/// Who only says what to advertise listens there too, on every interface; a lone controller does not.
fn listen_where_advertised(pairs: &mut Pairs) {
    let last = |key: &str| {
        pairs
            .iter()
            .rev()
            .find(|(name, _)| name == key)
            .map(|(_, value)| value.as_str())
    };
    let is_given = |value: Option<&str>| value.is_some_and(|value| !value.is_empty());
    let advertised = last("advertised.listeners");
    if is_given(last("listeners"))
        || last("process.roles") == Some("controller")
        || !is_given(advertised)
    {
        return;
    }
    let everywhere = |item: &str| match (item.split_once("://"), item.rsplit_once(':')) {
        (Some((name, _)), Some((_, port))) => format!("{name}://0.0.0.0:{port}"),
        _ => item.to_owned(),
    };
    let listeners: Vec<_> = advertised
        .unwrap_or_default()
        .split(',')
        .map(everywhere)
        .collect();
    pairs.push(("listeners".to_owned(), listeners.join(",")));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Kind;

    fn read(variables: &[(&str, &str)]) -> Environment {
        read_environment(
            variables
                .iter()
                .map(|(name, value)| (name.to_string(), value.to_string())),
        )
    }

    #[test]
    fn underscores_stand_for_dots_underscores_and_dashes() {
        assert_eq!(key_of("KAFKA_LOG_DIRS").as_deref(), Some("log.dirs"));
        assert_eq!(key_of("KAFKA_A__B").as_deref(), Some("a_b"));
        assert_eq!(key_of("KAFKA_A___B").as_deref(), Some("a-b"));
        assert_eq!(
            key_of("KAFKA_LISTENER_NAME_X_SCRAM___SHA___256_SASL_JAAS_CONFIG").as_deref(),
            Some("listener.name.x.scram-sha-256.sasl.jaas.config")
        );
        assert_eq!(key_of("KAFKA_CFG_NODE_ID").as_deref(), Some("node.id"));
        for variable in [
            "KAFKA_HEAP_OPTS",
            "KAFKA_OPTS",
            "KAFKA_VERSION",
            "KAFKA_",
            "HOME",
            "kafka_log_dirs",
        ] {
            assert_eq!(key_of(variable), None, "{variable}");
        }
    }

    #[test]
    fn every_broker_key_has_its_variable() {
        for key in Kind::Broker.keys() {
            let variable = variable_of(key.name);
            assert_eq!(key_of(&variable).as_deref(), Some(key.name), "{variable}");
        }
    }

    #[test]
    fn what_is_no_key_is_told_apart() {
        let environment = read(&[
            ("PATH", "/bin"),
            ("CLUSTER_ID", "4L6g3nShT-eMCtK--X86sw"),
            ("KAFKA_NODE_ID", "1"),
            ("KAFKA_CFG_NODE_ID", "2"),
            ("KAFKA_HEAP_OPTS", "-Xmx1G"),
            ("KAFKA_LOG4J_ROOT_LOGLEVEL", "WARN"),
            ("KAFKA_LOG4J_LOGGERS", "kafka.x=DEBUG, y=INFO"),
            ("KAFKA_SSL_KEYSTORE_FILENAME", "k.p12"),
            ("KAFKA_SSL_KEY_CREDENTIALS", "key_creds"),
        ]);
        let pairs: Vec<_> = environment
            .pairs
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            pairs,
            [
                ("node.id", "2"),
                ("node.id", "1"),
                ("ssl.keystore.location", "/etc/kafka/secrets/k.p12")
            ]
        );
        assert_eq!(
            environment.cluster_id.as_deref(),
            Some("4L6g3nShT-eMCtK--X86sw")
        );
        assert_eq!(environment.root_log_level.as_deref(), Some("WARN"));
        assert_eq!(
            environment.loggers,
            [
                ("kafka.x".into(), "DEBUG".into()),
                ("y".into(), "INFO".into())
            ]
        );
        assert_eq!(
            environment.secret_files,
            [("ssl.key.password", "/etc/kafka/secrets/key_creds".into())]
        );
    }

    #[test]
    fn listeners_follow_advertised_listeners() {
        let listeners = |variables: &[(&str, &str)]| {
            let pairs = read(variables).pairs;
            pairs
                .into_iter()
                .rev()
                .find(|(key, _)| key == "listeners")
                .map(|(_, value)| value)
        };
        let advertised = ("KAFKA_ADVERTISED_LISTENERS", "A://h:1,B://[::1]:2");
        assert_eq!(
            listeners(&[advertised]).as_deref(),
            Some("A://0.0.0.0:1,B://0.0.0.0:2")
        );
        assert_eq!(
            listeners(&[advertised, ("KAFKA_LISTENERS", "A://:3")]).as_deref(),
            Some("A://:3")
        );
        assert_eq!(
            listeners(&[advertised, ("KAFKA_PROCESS_ROLES", "controller")]),
            None
        );
        assert_eq!(listeners(&[]), None);
    }
}
