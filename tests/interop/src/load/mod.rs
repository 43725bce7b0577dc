//! What the load generators share: what they are told, a connection that asks and waits, what a broker takes meanwhile.

pub mod gauge;
pub mod link;

use std::collections::BTreeMap;

pub use gauge::{Gauge, Reading};

/// What a phase is told.
#[derive(Debug)]
pub struct Plan {
    /// `host:port` of the broker.
    pub address: String,
    /// The broker's process.
    pub pid: u32,
    options: BTreeMap<String, String>,
}

impl Plan {
    /// From a program's arguments: `ADDRESS PID PHASE [KEY=VALUE]...`; the plan, and the phase.
    ///
    /// # Errors
    /// What is wrong with them, in a sentence.
    pub fn of(program: &str, args: &[String]) -> Result<(Self, String), String> {
        let [address, pid, phase, rest @ ..] = args else {
            return Err(format!("usage: {program} ADDRESS PID PHASE [KEY=VALUE]..."));
        };
        let mut options = BTreeMap::new();
        for option in rest {
            let (key, value) = option
                .split_once('=')
                .ok_or_else(|| format!("{option}: not KEY=VALUE"))?;
            options.insert(key.to_owned(), value.to_owned());
        }
        let pid = pid.parse().map_err(|_| format!("{pid}: not a pid"))?;
        let plan = Self {
            address: address.clone(),
            pid,
            options,
        };
        Ok((plan, phase.clone()))
    }

    /// A number among the options.
    ///
    /// # Errors
    /// It is missing, or no number.
    pub fn number(&self, key: &str) -> Result<usize, String> {
        let text = self.text(key)?;
        text.parse()
            .map_err(|_| format!("{key}={text}: not a number"))
    }

    /// A number among the options, or what it is without one.
    ///
    /// # Errors
    /// It is no number.
    pub fn number_or(&self, key: &str, without: usize) -> Result<usize, String> {
        match self.options.contains_key(key) {
            true => self.number(key),
            false => Ok(without),
        }
    }

    /// A word among the options.
    ///
    /// # Errors
    /// It is missing.
    pub fn text(&self, key: &str) -> Result<&str, String> {
        let found = self.options.get(key).map(String::as_str);
        found.ok_or_else(|| format!("{key} is missing"))
    }
}
