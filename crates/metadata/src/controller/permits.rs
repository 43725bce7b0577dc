//! What a request may change in partitions: the quota `controller_mutation_rate` of who asks.

use std::fmt;

use ottla_machine::Time;
use ottla_wire::{
    Request,
    errors::{Code, Refusal},
    messages::{CreatePartitionsRequest, CreateTopicsRequest, DeleteTopicsRequest},
};

use super::{Asked, Controller};
use crate::quotas::{CONTROLLER_MUTATION_RATE, ChangeQuota, Taken, Who};

/// From these versions on a client knows the refusal. Earlier ones are served, and wait.
const REFUSED_SINCE: [(i16, i16); 3] = [
    (CreateTopicsRequest::KEY, 6),
    (DeleteTopicsRequest::KEY, 5),
    (CreatePartitionsRequest::KEY, 3),
];

/// What one request is permitted.
pub(super) struct Permits {
    /// None if nobody has a limit.
    quota: Option<ChangeQuota>,
    user: String,
    client_id: String,
    strict: bool,
    now: Time,
    wait_ms: u64,
}

impl Permits {
    fn unlimited(now: Time) -> Self {
        Self {
            quota: None,
            user: String::new(),
            client_id: String::new(),
            strict: false,
            now,
            wait_ms: 0,
        }
    }

    /// Takes as many as there are partitions to change.
    pub(super) fn take(
        &mut self,
        partitions: usize,
        change: fmt::Arguments<'_>,
    ) -> Result<(), Refusal> {
        let Some(quota) = &mut self.quota else {
            return Ok(());
        };
        let who = Who {
            user: &self.user,
            client_id: &self.client_id,
        };
        match quota.take(who, partitions as f64, self.strict, self.now) {
            Taken::Permitted { wait_ms: 0 } => Ok(()),
            Taken::Permitted { wait_ms } => {
                self.wait_ms = wait_ms;
                Ok(())
            }
            Taken::Refused { wait_ms, limit } => {
                self.wait_ms = wait_ms;
                Err(Code::THROTTLING_QUOTA_EXCEEDED.because(format!(
                    "{change}: {CONTROLLER_MUTATION_RATE} of user {}, client id {} is {limit} partitions per second, \
                     and all of it is used for {wait_ms} ms: wait, or have it raised",
                    self.user, self.client_id
                )))
            }
        }
    }
}

impl Controller {
    /// What a request is permitted; give it back with [`Controller::settle`].
    pub(super) fn permits<R: Request>(&mut self, asked: &Asked<R>, now: Time) -> Permits {
        let mut quota = std::mem::replace(
            &mut self.changes,
            ChangeQuota::new(self.settings.change_window),
        );
        // Topics that a broker makes for itself are of nobody's account.
        let is_limited = quota.set_limits(self.ledger.latest()) && !asked.principal.is_empty();
        let since = REFUSED_SINCE.iter().find(|(key, _)| *key == R::KEY);
        let user = asked.principal.split_once(':');
        if !is_limited {
            self.changes = quota;
            return Permits::unlimited(now);
        }
        Permits {
            quota: Some(quota),
            user: user.map_or("", |(_, name)| name).to_owned(),
            client_id: asked.client_id.clone(),
            strict: since.is_some_and(|(_, since)| asked.version >= *since),
            now,
            wait_ms: 0,
        }
    }

    /// How many ms the client is to wait.
    pub(super) fn settle(&mut self, permits: Permits) -> i32 {
        if let Some(quota) = permits.quota {
            self.changes = quota;
        }
        i32::try_from(permits.wait_ms).unwrap_or(i32::MAX)
    }
}
