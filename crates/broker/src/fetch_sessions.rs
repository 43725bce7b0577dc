//! Incremental fetch sessions (KIP-227): what a fetcher asked for last time, so that it need not say it again.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use ottla_machine::Entropy;
use ottla_wire::Uuid;
use parking_lot::Mutex;

/// The epoch of a request that begins a session.
const INITIAL_EPOCH: i32 = 0;
/// The epoch of a request that wants none.
const FINAL_EPOCH: i32 = -1;

/// How a request names its topics: by name up to version 12, by id from 13 on.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) enum TopicKey {
    Name(Arc<str>),
    Id(Uuid),
}

/// A partition as a fetch request names it.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub(crate) struct PartitionKey {
    pub(crate) topic: TopicKey,
    pub(crate) partition: i32,
}

/// What is asked of one partition.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Asked {
    pub(crate) fetch_offset: i64,
    pub(crate) current_leader_epoch: i32,
    pub(crate) last_fetched_epoch: i32,
    pub(crate) max_bytes: i32,
}

/// What of an answer decides whether an incremental answer must tell it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Told {
    pub(crate) error_code: i16,
    pub(crate) high_watermark: i64,
    pub(crate) log_start_offset: i64,
    pub(crate) has_records: bool,
    pub(crate) diverges: bool,
}

#[derive(Debug)]
struct Cached {
    key: PartitionKey,
    asked: Asked,
    high_watermark: i64,
    log_start_offset: i64,
}

impl Cached {
    /// Whether an incremental answer must tell it.
    fn is_news(&self, told: &Told) -> bool {
        told.has_records
            || told.diverges
            || told.error_code != 0
            || self.high_watermark != told.high_watermark
            || self.log_start_offset != told.log_start_offset
    }
}

/// One session. Its partitions are in the order in which they are served: who got records goes to the end.
#[derive(Debug)]
pub(crate) struct Session {
    id: i32,
    /// The epoch that the next request must have.
    epoch: i32,
    by_turn: BTreeMap<u64, Cached>,
    turns: HashMap<PartitionKey, u64>,
    next_turn: u64,
    uses_topic_ids: bool,
    /// What topics were called when they were first found by their ids.
    names: HashMap<Uuid, Arc<str>>,
    /// Topics came or went, or one has no name yet.
    names_are_due: bool,
}

impl Session {
    fn add(&mut self, key: PartitionKey, asked: Asked) {
        if let Some(cached) = self
            .turns
            .get(&key)
            .and_then(|turn| self.by_turn.get_mut(turn))
        {
            cached.asked = asked;
            return;
        }
        let turn = self.next_turn;
        self.next_turn += 1;
        self.names_are_due |= matches!(key.topic, TopicKey::Id(_));
        self.turns.insert(key.clone(), turn);
        self.by_turn.insert(
            turn,
            Cached {
                key,
                asked,
                high_watermark: -1,
                log_start_offset: -1,
            },
        );
    }

    /// Learns the names of topics that it does not know yet, and forgets those of topics that it has no more.
    fn learn_names(&mut self, name_of: &dyn Fn(Uuid) -> Option<Arc<str>>) {
        if !std::mem::take(&mut self.names_are_due) {
            return;
        }
        let mut names = HashMap::new();
        for key in self.turns.keys() {
            let TopicKey::Id(id) = &key.topic else {
                continue;
            };
            if names.contains_key(id) {
                continue;
            }
            match self.names.remove(id).or_else(|| name_of(*id)) {
                Some(name) => {
                    names.insert(*id, name);
                }
                None => self.names_are_due = true,
            }
        }
        self.names = names;
    }

    fn forget(&mut self, key: &PartitionKey) {
        if let Some(turn) = self.turns.remove(key) {
            self.names_are_due = true;
            self.by_turn.remove(&turn);
        }
    }

    /// Notes what is told of a partition; `false` if an incremental answer may leave it out.
    fn tell(&mut self, key: &PartitionKey, told: Told) -> bool {
        let Some(turn) = self.turns.get_mut(key) else {
            return true;
        };
        let Some(mut cached) = self.by_turn.remove(turn) else {
            return true;
        };
        let must = cached.is_news(&told);
        cached.high_watermark = told.high_watermark;
        cached.log_start_offset = told.log_start_offset;
        if told.error_code != 0 {
            // An error is told each time, and what comes after it too.
            cached.high_watermark = -1;
        }
        if told.has_records {
            *turn = self.next_turn;
            self.next_turn += 1;
        }
        self.by_turn.insert(*turn, cached);
        must
    }
}

/// What a request's session fields lead to.
#[derive(Debug)]
pub(crate) enum Context {
    /// Answer everything that the request names; no session.
    Sessionless(Vec<(PartitionKey, Asked)>),
    /// Answer everything that the request names, and give it this session.
    Full(Vec<(PartitionKey, Asked)>, i32),
    /// Answer what changed in this session.
    Incremental(Vec<(PartitionKey, Asked)>, Arc<Mutex<Session>>, i32),
}

impl Context {
    /// What is asked, in the order of serving.
    pub(crate) fn asked(&self) -> &[(PartitionKey, Asked)] {
        match self {
            Self::Sessionless(asked) | Self::Full(asked, _) | Self::Incremental(asked, _, _) => {
                asked
            }
        }
    }

    /// What the session knows a topic by, if it has seen it; the topic may be gone.
    pub(crate) fn name(&self, id: Uuid) -> Option<Arc<str>> {
        match self {
            Self::Sessionless(_) | Self::Full(..) => None,
            Self::Incremental(_, session, _) => session.lock().names.get(&id).cloned(),
        }
    }

    /// The session id of the answer.
    pub(crate) fn session_id(&self) -> i32 {
        match self {
            Self::Sessionless(_) => 0,
            Self::Full(_, id) | Self::Incremental(_, _, id) => *id,
        }
    }
}

/// Why a request's session fields are refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NoContext {
    /// `FETCH_SESSION_ID_NOT_FOUND`.
    UnknownSession,
    /// `INVALID_FETCH_SESSION_EPOCH`.
    WrongEpoch,
    /// `FETCH_SESSION_TOPIC_ID_ERROR`: names and ids mixed in one session.
    TopicIds,
}

/// The session fields of a request.
#[derive(Debug)]
pub(crate) struct SessionRequest {
    pub(crate) id: i32,
    pub(crate) epoch: i32,
    pub(crate) uses_topic_ids: bool,
    pub(crate) asked: Vec<(PartitionKey, Asked)>,
    pub(crate) forgotten: Vec<PartitionKey>,
}

#[derive(Debug)]
struct Slot {
    session: Arc<Mutex<Session>>,
    size: usize,
    created_ms: u64,
    used_ms: u64,
}

#[derive(Debug)]
struct Slots {
    by_id: HashMap<i32, Slot>,
    entropy: Entropy,
}

/// All sessions: at most `max.incremental.fetch.session.cache.slots`.
#[derive(Debug)]
pub(crate) struct FetchSessions {
    max: usize,
    evictable_after_ms: u64,
    slots: Mutex<Slots>,
}

impl FetchSessions {
    pub(crate) fn new(max: usize, evictable_after_ms: u64, seed: u64) -> Self {
        let slots = Slots {
            by_id: HashMap::new(),
            entropy: Entropy::new(seed),
        };
        Self {
            max,
            evictable_after_ms,
            slots: Mutex::new(slots),
        }
    }

    /// Finds or makes the session of a request (`FetchManager.newContext`).
    pub(crate) fn context(
        &self,
        request: SessionRequest,
        now_ms: u64,
        name_of: &dyn Fn(Uuid) -> Option<Arc<str>>,
    ) -> Result<Context, NoContext> {
        let mut slots = self.slots.lock();
        if request.epoch == INITIAL_EPOCH || request.epoch == FINAL_EPOCH {
            slots.by_id.remove(&request.id);
            if request.epoch == FINAL_EPOCH {
                return Ok(Context::Sessionless(request.asked));
            }
            return Ok(self.begin(&mut slots, request, now_ms, name_of));
        }
        let slot = slots
            .by_id
            .get_mut(&request.id)
            .ok_or(NoContext::UnknownSession)?;
        let shared = slot.session.clone();
        let mut session = shared.lock();
        if session.epoch != request.epoch {
            return Err(NoContext::WrongEpoch);
        }
        if session.uses_topic_ids != request.uses_topic_ids {
            return Err(NoContext::TopicIds);
        }
        for (key, asked) in request.asked {
            session.add(key, asked);
        }
        for key in &request.forgotten {
            session.forget(key);
        }
        if session.by_turn.is_empty() {
            slots.by_id.remove(&request.id);
            return Ok(Context::Sessionless(Vec::new()));
        }
        session.learn_names(name_of);
        session.epoch = next_epoch(session.epoch);
        slot.used_ms = now_ms;
        slot.size = session.by_turn.len();
        let asked = session
            .by_turn
            .values()
            .map(|cached| (cached.key.clone(), cached.asked))
            .collect();
        drop(session);
        Ok(Context::Incremental(asked, shared, request.id))
    }

    fn begin(
        &self,
        slots: &mut Slots,
        request: SessionRequest,
        now_ms: u64,
        name_of: &dyn Fn(Uuid) -> Option<Arc<str>>,
    ) -> Context {
        if !self.make_room(slots, request.asked.len(), now_ms) {
            return Context::Full(request.asked, 0);
        }
        let id = loop {
            let id = (slots.entropy.draw() >> 33) as i32;
            if id != 0 && !slots.by_id.contains_key(&id) {
                break id;
            }
        };
        let mut session = Session {
            id,
            epoch: next_epoch(INITIAL_EPOCH),
            by_turn: BTreeMap::new(),
            turns: HashMap::new(),
            next_turn: 0,
            uses_topic_ids: request.uses_topic_ids,
            names: HashMap::new(),
            names_are_due: false,
        };
        for (key, asked) in &request.asked {
            session.add(key.clone(), *asked);
        }
        session.learn_names(name_of);
        let size = session.by_turn.len();
        let session = Arc::new(Mutex::new(session));
        slots.by_id.insert(
            id,
            Slot {
                session,
                size,
                created_ms: now_ms,
                used_ms: now_ms,
            },
        );
        Context::Full(request.asked, id)
    }

    /// Whether there is a free slot, after evicting one that is stale or (once old enough) smaller than the new one.
    fn make_room(&self, slots: &mut Slots, size: usize, now_ms: u64) -> bool {
        if slots.by_id.len() < self.max {
            return true;
        }
        let old = |since: u64| now_ms.saturating_sub(since) > self.evictable_after_ms;
        let stalest = slots
            .by_id
            .iter()
            .min_by_key(|(id, slot)| (slot.used_ms, **id));
        let victim = match stalest {
            Some((id, slot)) if old(slot.used_ms) => Some(*id),
            _ => slots
                .by_id
                .iter()
                .filter(|(_, slot)| old(slot.created_ms) && slot.size < size)
                .min_by_key(|(id, slot)| (slot.size, **id))
                .map(|(id, _)| *id),
        };
        victim.is_some_and(|id| slots.by_id.remove(&id).is_some())
    }

    /// Whether an answer would tell it; nothing is noted.
    pub(crate) fn would_tell(&self, context: &Context, key: &PartitionKey, told: Told) -> bool {
        let Context::Incremental(_, session, _) = context else {
            return true;
        };
        let session = session.lock();
        let cached = session.turns.get(key);
        let cached = cached.and_then(|turn| session.by_turn.get(turn));
        cached.is_none_or(|cached| cached.is_news(&told))
    }

    /// Ends a session.
    pub(crate) fn end(&self, id: i32) {
        self.slots.lock().by_id.remove(&id);
    }

    /// Notes what a full or incremental answer tells of a partition; `false` if it may be left out.
    pub(crate) fn tell(&self, context: &Context, key: &PartitionKey, told: Told) -> bool {
        match context {
            Context::Sessionless(_) => true,
            Context::Full(_, id) => {
                let session = self
                    .slots
                    .lock()
                    .by_id
                    .get(id)
                    .map(|slot| slot.session.clone());
                if let Some(session) = session {
                    session.lock().tell(key, told);
                }
                true
            }
            Context::Incremental(_, session, id) => {
                let mut session = session.lock();
                debug_assert_eq!(session.id, *id);
                session.tell(key, told)
            }
        }
    }
}

fn next_epoch(epoch: i32) -> i32 {
    if epoch == i32::MAX { 1 } else { epoch + 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(partition: i32) -> PartitionKey {
        PartitionKey {
            topic: TopicKey::Name("t".into()),
            partition,
        }
    }

    fn asked(fetch_offset: i64) -> Asked {
        Asked {
            fetch_offset,
            current_leader_epoch: -1,
            last_fetched_epoch: -1,
            max_bytes: 1000,
        }
    }

    fn request(id: i32, epoch: i32, partitions: &[i32]) -> SessionRequest {
        SessionRequest {
            id,
            epoch,
            uses_topic_ids: false,
            asked: partitions
                .iter()
                .map(|partition| (key(*partition), asked(0)))
                .collect(),
            forgotten: Vec::new(),
        }
    }

    fn told(high_watermark: i64, has_records: bool) -> Told {
        Told {
            error_code: 0,
            high_watermark,
            log_start_offset: 0,
            has_records,
            diverges: false,
        }
    }

    fn order(context: &Context) -> Vec<i32> {
        context
            .asked()
            .iter()
            .map(|(key, _)| key.partition)
            .collect()
    }

    #[test]
    fn an_incremental_fetch_asks_what_the_session_knows_and_tells_what_changed() {
        let sessions = FetchSessions::new(10, 1000, 1);
        let full = sessions
            .context(request(0, 0, &[0, 1, 2]), 0, &|_| None)
            .unwrap();
        let id = full.session_id();
        assert_ne!(id, 0);
        for partition in 0..3 {
            assert!(sessions.tell(&full, &key(partition), told(5, partition == 0)));
        }
        let next = sessions.context(request(id, 1, &[]), 1, &|_| None).unwrap();
        assert_eq!(
            order(&next),
            [1, 2, 0],
            "who got records waits for the others"
        );
        assert!(!sessions.tell(&next, &key(1), told(5, false)));
        assert!(sessions.tell(&next, &key(2), told(6, false)));
        let error = Told {
            error_code: 3,
            ..told(5, false)
        };
        assert!(sessions.tell(&next, &key(0), error));
        assert!(
            sessions.tell(&next, &key(0), told(5, false)),
            "after an error everything is told"
        );

        let mut last = request(id, 2, &[7]);
        last.forgotten = vec![key(0), key(1)];
        assert_eq!(
            order(&sessions.context(last, 2, &|_| None).unwrap()),
            [2, 7]
        );
    }

    #[test]
    fn wrong_sessions_are_refused() {
        let sessions = FetchSessions::new(10, 1000, 1);
        let id = sessions
            .context(request(0, 0, &[0]), 0, &|_| None)
            .unwrap()
            .session_id();
        let refused = |request| sessions.context(request, 0, &|_| None).unwrap_err();
        assert_eq!(refused(request(id + 1, 1, &[])), NoContext::UnknownSession);
        assert_eq!(refused(request(id, 2, &[])), NoContext::WrongEpoch);
        let mixed = SessionRequest {
            uses_topic_ids: true,
            ..request(id, 1, &[])
        };
        assert_eq!(refused(mixed), NoContext::TopicIds);
        assert!(matches!(
            sessions.context(request(id, -1, &[0]), 0, &|_| None),
            Ok(Context::Sessionless(_))
        ));
        assert_eq!(refused(request(id, 1, &[])), NoContext::UnknownSession);
    }

    #[test]
    fn slots_are_limited() {
        let sessions = FetchSessions::new(2, 1000, 1);
        let new = |partitions: &[i32], now| {
            sessions
                .context(request(0, 0, partitions), now, &|_| None)
                .unwrap()
                .session_id()
        };
        let (first, second) = (new(&[0], 0), new(&[0, 1], 10));
        assert_eq!(new(&[0, 1, 2], 20), 0, "both are young");
        sessions
            .context(request(first, 1, &[]), 1500, &|_| None)
            .unwrap();
        sessions
            .context(request(second, 1, &[]), 1500, &|_| None)
            .unwrap();
        assert_eq!(new(&[0], 1600), 0, "none is smaller");
        assert_ne!(new(&[0, 1, 2], 1600), 0, "the smallest goes");
        assert_eq!(
            sessions
                .context(request(first, 2, &[]), 1600, &|_| None)
                .unwrap_err(),
            NoContext::UnknownSession
        );
        assert_ne!(new(&[0], 9000), 0, "the stalest goes");
    }
}
