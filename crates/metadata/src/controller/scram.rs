//! SCRAM credentials. Their keys come with the request: whoever took it from the wire has the hash functions.

use std::collections::BTreeSet;

use bytes::Bytes;
use ottla_wire::{
    errors::{Code, Refusal},
    messages::{
        AlterUserScramCredentialsRequest, AlterUserScramCredentialsResponse,
        RemoveUserScramCredentialRecord, UserScramCredentialRecord,
        alter_user_scram_credentials_request::ScramCredentialUpsertion,
        alter_user_scram_credentials_response::AlterUserScramCredentialsResult,
    },
};

use super::{
    Asked, Controller, Decision, MAX_RECORDS, message,
    topics::{duplicates, too_many},
};
use crate::Record;

/// The most iterations that a broker is asked to do.
const MAX_ITERATIONS: i32 = 16_384;
/// The fewest, for both mechanisms.
const MIN_ITERATIONS: i32 = 4_096;

/// What the broker keeps of a password (RFC 5802): derived from an upsertion's salted password.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ScramKeys {
    /// The hash of the client key.
    pub stored_key: Bytes,
    /// The server key.
    pub server_key: Bytes,
}

fn check_mechanism(user: &str, mechanism: i8) -> Result<(), Refusal> {
    if user.is_empty() {
        return Err(Code::UNACCEPTABLE_CREDENTIAL.because("a user's name must not be empty"));
    }
    if !(1..=2).contains(&mechanism) {
        return Err(Code::UNSUPPORTED_SASL_MECHANISM.because(format!(
            "mechanism {mechanism} is neither 1 SCRAM-SHA-256 nor 2 SCRAM-SHA-512"
        )));
    }
    Ok(())
}

fn check_upsertion(of: &ScramCredentialUpsertion) -> Result<(), Refusal> {
    check_mechanism(&of.name, of.mechanism)?;
    if !(MIN_ITERATIONS..=MAX_ITERATIONS).contains(&of.iterations) {
        return Err(Code::UNACCEPTABLE_CREDENTIAL.because(format!(
            "{} iterations: must be between {MIN_ITERATIONS} and {MAX_ITERATIONS}",
            of.iterations
        )));
    }
    Ok(())
}

impl Controller {
    /// `keys`: one for each upsertion.
    pub(super) fn alter_scram(
        &self,
        asked: &Asked<AlterUserScramCredentialsRequest>,
        keys: &[ScramKeys],
    ) -> Decision<AlterUserScramCredentialsResponse> {
        let request = &asked.request;
        let deleted = request.deletions.iter().map(|of| of.name.as_str());
        let names = deleted.chain(request.upsertions.iter().map(|of| of.name.as_str()));
        let twice = duplicates(names);
        let mut answered = BTreeSet::new();
        let (mut records, mut outcomes) = (Vec::new(), Vec::new());
        let mut add = |name: &str, altered: &dyn Fn() -> Result<Record, Refusal>| {
            if !answered.insert(name.to_owned()) {
                return;
            }
            let altered = if twice.contains(name) {
                Err(Code::DUPLICATE_RESOURCE.because(format!(
                    "user {name} is altered more than once in one request"
                )))
            } else {
                self.check_scram_supported().and_then(|()| altered())
            };
            outcomes.push((name.to_owned(), altered.as_ref().err().cloned()));
            records.extend(altered);
        };
        for of in &request.deletions {
            add(&of.name, &|| self.deleted_scram(&of.name, of.mechanism));
        }
        for (at, of) in request.upsertions.iter().enumerate() {
            add(&of.name, &|| {
                check_upsertion(of)?;
                let keys = keys.get(at).ok_or(Code::UNKNOWN_SERVER_ERROR)?;
                Ok(Record::from(UserScramCredentialRecord {
                    name: of.name.clone(),
                    mechanism: of.mechanism,
                    salt: of.salt.clone(),
                    stored_key: keys.stored_key.clone(),
                    server_key: keys.server_key.clone(),
                    iterations: of.iterations,
                    ..UserScramCredentialRecord::default()
                }))
            });
        }
        if records.len() > MAX_RECORDS {
            let refusal = too_many(records.len());
            for (_, outcome) in &mut outcomes {
                *outcome = Some(refusal.clone());
            }
            records.clear();
        }
        let result = |(user, refusal): (String, Option<Refusal>)| AlterUserScramCredentialsResult {
            user,
            error_code: refusal.as_ref().map_or(0, |refusal| refusal.code.0),
            error_message: refusal.as_ref().and_then(message),
            ..AlterUserScramCredentialsResult::default()
        };
        let answer = AlterUserScramCredentialsResponse {
            results: outcomes.into_iter().map(result).collect(),
            ..AlterUserScramCredentialsResponse::default()
        };
        (records, answer)
    }

    fn check_scram_supported(&self) -> Result<(), Refusal> {
        let version = self.ledger.latest().metadata_version_or_minimum();
        if version.has_scram() {
            return Ok(());
        }
        Err(Code::UNSUPPORTED_VERSION.because(format!(
            "SCRAM credentials need metadata.version 3.5-IV2, and the cluster is at {version}"
        )))
    }

    fn deleted_scram(&self, user: &str, mechanism: i8) -> Result<Record, Refusal> {
        check_mechanism(user, mechanism)?;
        if self.ledger.latest().scram(mechanism, user).is_none() {
            return Err(Code::RESOURCE_NOT_FOUND
                .because(format!("user {user} has no credential for this mechanism")));
        }
        Ok(Record::from(RemoveUserScramCredentialRecord {
            name: user.to_owned(),
            mechanism,
            ..RemoveUserScramCredentialRecord::default()
        }))
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::messages::alter_user_scram_credentials_request::ScramCredentialDeletion;

    use super::super::{
        Input, Reply,
        testing::{World, asked},
    };
    use super::*;

    fn upsert(name: &str, mechanism: i8, iterations: i32) -> ScramCredentialUpsertion {
        ScramCredentialUpsertion {
            name: name.to_owned(),
            mechanism,
            iterations,
            salt: Bytes::from_static(b"salt"),
            ..ScramCredentialUpsertion::default()
        }
    }

    fn delete(name: &str, mechanism: i8) -> ScramCredentialDeletion {
        ScramCredentialDeletion {
            name: name.to_owned(),
            mechanism,
            ..ScramCredentialDeletion::default()
        }
    }

    fn alter(
        world: &mut World,
        deletions: Vec<ScramCredentialDeletion>,
        upsertions: Vec<ScramCredentialUpsertion>,
    ) -> Vec<Code> {
        let keys = ScramKeys {
            stored_key: Bytes::from_static(b"stored"),
            server_key: Bytes::from_static(b"server"),
        };
        let keys = vec![keys; upsertions.len()];
        let request = AlterUserScramCredentialsRequest {
            deletions,
            upsertions,
            ..AlterUserScramCredentialsRequest::default()
        };
        match world.ask(Input::AlterUserScramCredentials(asked(request, 0), keys)) {
            Reply::AlterUserScramCredentials(answer) => answer
                .results
                .iter()
                .map(|of| Code(of.error_code))
                .collect(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn credentials() {
        let mut world = World::new();
        let codes = alter(
            &mut world,
            vec![],
            vec![upsert("a", 1, 4_096), upsert("b", 2, 16_384)],
        );
        assert_eq!(codes, [Code::NONE; 2]);
        assert_eq!(world.image().scram(1, "a").unwrap().stored_key, "stored");
        let unacceptable = Code::UNACCEPTABLE_CREDENTIAL;
        let codes = alter(
            &mut world,
            vec![delete("a", 2), delete("c", 1), delete("d", 9)],
            vec![
                upsert("c", 1, 4_096),
                upsert("e", 1, 4_095),
                upsert("f", 1, 16_385),
                upsert("", 1, 4_096),
                upsert("g", 0, 4_096),
            ],
        );
        assert_eq!(
            codes,
            [
                Code::RESOURCE_NOT_FOUND,
                Code::DUPLICATE_RESOURCE,
                Code::UNSUPPORTED_SASL_MECHANISM,
                unacceptable,
                unacceptable,
                unacceptable,
                Code::UNSUPPORTED_SASL_MECHANISM,
            ]
        );
        assert_eq!(
            alter(&mut world, vec![delete("a", 1)], vec![]),
            [Code::NONE]
        );
        assert_eq!(world.image().all_scram().len(), 1);
    }
}
