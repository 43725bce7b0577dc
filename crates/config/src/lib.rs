//! Every configuration key of Apache Kafka 4.4 as one table: text in, checked values out.
//!
//! Nothing here reads a file, the environment or a clock: whoever starts the broker reads them and hands the text in.

mod broker;
mod change;
mod checks;
mod describe;
mod effect;
mod endpoint;
mod env;
mod group;
mod key;
mod listener;
mod markdown;
pub mod properties;
mod provider;
mod rows;
mod rule;
mod settings;
mod synonym;
mod topic;
mod value;

pub use broker::{BrokerConfig, Loaded, Pairs, zero_configuration};
pub use change::Scope;
pub use describe::{
    Described, DescribedSynonym, Source, describe_all_brokers, describe_broker,
    describe_client_metrics, describe_created_topic, describe_group, describe_topic,
};
pub use endpoint::{Endpoint, SecurityProtocol, Voter, parse_host_port, parse_voters};
pub use env::{Environment, SECRETS, key_of, read_environment, variable_of};
pub use group::{check_group, effective_group};
pub use key::{Effect, Importance, Invalid, Key, Kind, Preset, Type, UpdateMode};
pub use listener::Listeners;
pub use markdown::reference;
pub use provider::{ProviderKind, Reference, Resolve};
pub use rows::dynamic_only;
pub use rule::Rule;
pub use settings::Settings;
pub use synonym::{
    Synonym, TOPIC_SYNONYMS, Unit, broker_synonyms, group_synonym, split_listener_prefix,
    topic_synonyms,
};
pub use topic::{check_topic, effective_topic};
pub use value::{Password, Value};
