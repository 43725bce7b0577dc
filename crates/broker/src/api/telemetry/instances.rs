//! Client instances: what each was told to send, when it last asked and sent, and the last that it sent. Bounded in
//! number and in bytes; the one that was not heard of for longest goes first.

use std::collections::BTreeMap;

use bytes::Bytes;
use ottla_wire::{
    Uuid,
    errors::{Code, Refusal},
    records::{Codec, compress::Decompressor},
};

use super::subscriptions::{Attributes, Subscription, Subscriptions};

/// The most clients that are known at a time.
const MOST: usize = 16_384;
/// The most bytes of metrics that are kept.
const MOST_BYTES: usize = 64 << 20;
/// A client that is not heard of for three of its intervals, and at least this long, is forgotten.
const FORGOTTEN_AFTER_MS: u64 = 60_000;
/// Kafka's numbers of codecs end here.
const LAST_COMPRESSION: i8 = 4;

/// Metrics as a client sent them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Payload {
    /// Kafka's number of the codec.
    pub(crate) compression: i8,
    /// OpenTelemetry's `MetricsData`, compressed.
    pub(crate) metrics: Bytes,
    /// When it came, in milliseconds of the machines' clock.
    pub(crate) at_ms: u64,
}

impl Payload {
    /// Whether it can be decompressed, to at most so many bytes.
    ///
    /// # Errors
    /// `INVALID_RECORD` if not: whoever is to receive it could not read it.
    pub(super) fn check(&self, max_bytes: usize) -> Result<(), Refusal> {
        let codec = Codec::from_id(self.compression.into()).unwrap_or_default();
        if codec == Codec::None {
            return Ok(());
        }
        let mut chunk = [0; 8192];
        let read = Decompressor::new(codec, self.metrics.clone(), max_bytes as u64).and_then(
            |mut decompressed| {
                while decompressed.read(&mut chunk)? > 0 {}
                Ok(())
            },
        );
        read.map_err(|why| {
            let (len, name) = (self.metrics.len(), codec.name());
            Code::INVALID_RECORD.because(format!(
                "{len} bytes of metrics that are to be {name} cannot be read: {why}; \
                 telemetry.max.bytes, also decompressed, is {max_bytes}"
            ))
        })
    }
}

/// What a client sends.
#[derive(Clone, Debug)]
pub(super) struct Push {
    pub(super) subscription_id: i32,
    pub(super) terminating: bool,
    pub(super) compression: i8,
    pub(super) metrics: Bytes,
}

/// All known clients.
#[derive(Debug, Default)]
pub(super) struct Instances {
    known: BTreeMap<Uuid, Instance>,
    /// Clients by when they were last heard of.
    order: BTreeMap<u64, Uuid>,
    turn: u64,
    bytes: usize,
}

/// One client.
#[derive(Debug)]
pub(super) struct Instance {
    client: Uuid,
    attributes: Attributes,
    subscription: Subscription,
    version: u64,
    turn: u64,
    heard_ms: u64,
    get_ms: u64,
    push_ms: u64,
    terminating: bool,
    last_error: Code,
    payload: Option<Payload>,
}

impl Instances {
    /// The client, which was just heard of; made if it is not known, and made anew if the subscriptions have changed.
    pub(super) fn touch(
        &mut self,
        client: Uuid,
        now_ms: u64,
        subscriptions: &Subscriptions,
        attributes: impl FnOnce() -> Attributes,
    ) -> &mut Instance {
        self.forget_silent(now_ms);
        let before = self.remove(client);
        if self.known.len() >= MOST {
            self.remove_oldest();
        }
        let mut instance = match before {
            Some(known) if known.version == subscriptions.version() => known,
            Some(known) => {
                let fresh = Instance::new(client, known.attributes, subscriptions);
                Instance {
                    payload: known.payload,
                    ..fresh
                }
            }
            None => Instance::new(client, attributes(), subscriptions),
        };
        self.turn += 1;
        (instance.turn, instance.heard_ms) = (self.turn, now_ms);
        self.order.insert(self.turn, client);
        self.bytes += instance.len();
        self.known.entry(client).or_insert(instance)
    }

    /// Keeps what a client sent, instead of what it sent before.
    pub(super) fn keep(&mut self, client: Uuid, payload: Payload) {
        let Some(instance) = self.known.get_mut(&client) else {
            return;
        };
        self.bytes = self.bytes - instance.len() + payload.metrics.len();
        instance.payload = Some(payload);
        while self.bytes > MOST_BYTES && self.known.len() > 1 {
            self.remove_oldest();
        }
    }

    /// What a client sent was refused after all.
    pub(super) fn refused(&mut self, client: Uuid, code: Code) {
        if let Some(instance) = self.known.get_mut(&client) {
            instance.last_error = code;
        }
    }

    /// The last metrics of each client that sent any.
    #[allow(dead_code, reason = "for whoever shows the metrics of clients")]
    pub(super) fn payloads(&self) -> Vec<(Uuid, Payload)> {
        let known = self.known.iter();
        known
            .filter_map(|(client, instance)| Some((*client, instance.payload.clone()?)))
            .collect()
    }

    fn remove(&mut self, client: Uuid) -> Option<Instance> {
        let instance = self.known.remove(&client)?;
        self.order.remove(&instance.turn);
        self.bytes -= instance.len();
        Some(instance)
    }

    fn remove_oldest(&mut self) {
        if let Some(client) = self.order.values().next().copied() {
            self.remove(client);
        }
    }

    fn forget_silent(&mut self, now_ms: u64) {
        while let Some(instance) = self
            .order
            .values()
            .next()
            .and_then(|client| self.known.get(client))
        {
            if !instance.is_forgotten(now_ms) {
                break;
            }
            let client = instance.client;
            self.remove(client);
        }
    }
}

impl Instance {
    fn new(client: Uuid, attributes: Attributes, subscriptions: &Subscriptions) -> Self {
        Self {
            client,
            subscription: subscriptions.of(client, &attributes),
            attributes,
            version: subscriptions.version(),
            turn: 0,
            heard_ms: 0,
            get_ms: 0,
            push_ms: 0,
            terminating: false,
            last_error: Code::NONE,
            payload: None,
        }
    }

    fn len(&self) -> usize {
        self.payload
            .as_ref()
            .map_or(0, |payload| payload.metrics.len())
    }

    fn interval_ms(&self) -> u64 {
        u64::try_from(self.subscription.interval_ms).unwrap_or(0)
    }

    fn is_forgotten(&self, now_ms: u64) -> bool {
        now_ms.saturating_sub(self.heard_ms) > FORGOTTEN_AFTER_MS.max(3 * self.interval_ms())
    }

    /// The client asks what to send.
    ///
    /// # Errors
    /// `THROTTLING_QUOTA_EXCEEDED` before the interval is over.
    pub(super) fn get(&mut self, now_ms: u64) -> Result<Subscription, Refusal> {
        let last = self.get_ms.max(self.push_ms);
        let in_time = now_ms.saturating_sub(last) >= self.interval_ms();
        if in_time {
            self.get_ms = now_ms;
        }
        // One that was told that its subscription is over has to ask at once.
        if !in_time
            && !matches!(
                self.last_error,
                Code::UNKNOWN_SUBSCRIPTION_ID | Code::UNSUPPORTED_COMPRESSION_TYPE
            )
        {
            return Err(self.too_early());
        }
        self.last_error = Code::NONE;
        Ok(self.subscription.clone())
    }

    /// The client sends: what is to be kept of it.
    ///
    /// # Errors
    /// As of PushTelemetry.
    pub(super) fn push(
        &mut self,
        push: Push,
        max_bytes: usize,
        now_ms: u64,
    ) -> Result<Option<Payload>, Refusal> {
        let checked = self.check(&push, max_bytes, now_ms);
        self.terminating = push.terminating;
        self.last_error = checked
            .as_ref()
            .err()
            .map_or(Code::NONE, |refusal| refusal.code);
        checked?;
        if push.metrics.is_empty() {
            return Ok(None);
        }
        // Copied: the request's frame would stay in memory.
        let metrics = Bytes::copy_from_slice(&push.metrics);
        Ok(Some(Payload {
            compression: push.compression,
            metrics,
            at_ms: now_ms,
        }))
    }

    fn check(&mut self, push: &Push, max_bytes: usize, now_ms: u64) -> Result<(), Refusal> {
        let client = self.client;
        if self.terminating {
            let why = format!("the client {client} said that its last push was its last");
            return Err(Code::INVALID_REQUEST.because(why));
        }
        // The first push after the question may come early: clients spread their pushes.
        let in_time =
            self.get_ms > self.push_ms || now_ms.saturating_sub(self.push_ms) >= self.interval_ms();
        if in_time {
            self.push_ms = now_ms;
        } else if !push.terminating {
            return Err(self.too_early());
        }
        let (expected, given) = (self.subscription.id, push.subscription_id);
        if given != expected {
            let why = format!(
                "the subscription of the client {client} is {expected}, not {given}: ask for it again"
            );
            return Err(Code::UNKNOWN_SUBSCRIPTION_ID.because(why));
        }
        if !(0..=LAST_COMPRESSION).contains(&push.compression) {
            let why = format!("there is no compression type {}", push.compression);
            return Err(Code::UNSUPPORTED_COMPRESSION_TYPE.because(why));
        }
        let len = push.metrics.len();
        if len > max_bytes {
            let why = format!("{len} bytes of metrics; telemetry.max.bytes is {max_bytes}");
            return Err(Code::TELEMETRY_TOO_LARGE.because(why));
        }
        Ok(())
    }

    fn too_early(&self) -> Refusal {
        let (client, interval) = (self.client, self.subscription.interval_ms);
        Code::THROTTLING_QUOTA_EXCEEDED.because(format!(
            "the client {client} is to wait for {interval} ms in between"
        ))
    }
}

#[cfg(test)]
mod tests {
    use ottla_wire::records::compress::compress;

    use super::*;
    use crate::api::telemetry::subscriptions::tests::{change, subscriptions};

    const CLIENT: Uuid = Uuid::from_u128(7);
    const START: u64 = 1_000_000_000;

    struct Desk {
        subscriptions: Subscriptions,
        instances: Instances,
    }

    impl Desk {
        fn new() -> Self {
            let subscriptions =
                subscriptions(&[("one", &[("metrics", "a"), ("interval.ms", "1000")])]);
            Self {
                subscriptions,
                instances: Instances::default(),
            }
        }

        fn client(&mut self, client: Uuid, now_ms: u64) -> &mut Instance {
            self.instances
                .touch(client, now_ms, &self.subscriptions, Attributes::new)
        }

        fn get(&mut self, now_ms: u64) -> Result<i32, i16> {
            self.client(CLIENT, now_ms)
                .get(now_ms)
                .map(|found| found.id)
                .map_err(|refusal| refusal.code.0)
        }

        fn push(&mut self, push: Push, now_ms: u64) -> Result<bool, i16> {
            let pushed = self.client(CLIENT, now_ms).push(push, 10, now_ms);
            pushed
                .map(|kept| kept.is_some())
                .map_err(|refusal| refusal.code.0)
        }
    }

    fn metrics(subscription_id: i32, bytes: &'static [u8]) -> Push {
        Push {
            subscription_id,
            terminating: false,
            compression: 0,
            metrics: Bytes::from_static(bytes),
        }
    }

    #[test]
    fn questions_and_pushes_keep_the_interval() {
        let mut desk = Desk::new();
        let id = desk.get(START).unwrap();
        assert_eq!(desk.get(START + 999), Err(89));
        // The first push after a question may come at once, the next may not.
        assert_eq!(desk.push(metrics(id, b"m"), START + 1), Ok(true));
        assert_eq!(desk.push(metrics(id, b"m"), START + 2), Err(89));
        assert_eq!(desk.push(metrics(id, b""), START + 1001), Ok(false));
        assert_eq!(desk.get(START + 1500), Err(89));
        assert_eq!(desk.get(START + 2001), Ok(id));
    }

    #[test]
    fn what_cannot_be_taken() {
        let mut desk = Desk::new();
        let id = desk.get(START).unwrap();
        assert_eq!(desk.push(metrics(id + 1, b"m"), START + 1), Err(117));
        // Now it may ask again without waiting.
        assert_eq!(desk.get(START + 2), Ok(id));
        assert_eq!(
            desk.push(
                Push {
                    compression: 5,
                    ..metrics(id, b"m")
                },
                START + 1002
            ),
            Err(76)
        );
        assert_eq!(
            desk.push(metrics(id, b"more than ten"), START + 2003),
            Err(118)
        );
        assert_eq!(
            desk.push(
                Push {
                    terminating: true,
                    ..metrics(id, b"m")
                },
                START + 2004
            ),
            Ok(true)
        );
        assert_eq!(desk.push(metrics(id, b"m"), START + 9000), Err(42));
    }

    #[test]
    fn another_subscription_is_a_fresh_start() {
        let mut desk = Desk::new();
        let id = desk.get(START).unwrap();
        change(
            &mut desk.subscriptions,
            &[("one", &[("metrics", "b"), ("interval.ms", "1000")])],
        );
        let other = desk.get(START + 1).unwrap();
        assert_ne!(id, other);
        assert_eq!(desk.push(metrics(id, b"m"), START + 2), Err(117));
    }

    #[test]
    fn what_cannot_be_decompressed_is_refused() {
        let payload = |compression: i8, metrics: Bytes| Payload {
            compression,
            metrics,
            at_ms: START,
        };
        let code = |payload: &Payload| payload.check(100).map_err(|refusal| refusal.code);
        for id in 0..=4 {
            let codec = Codec::from_id(id.into()).unwrap();
            let small = compress(codec, None, &[7; 100]);
            assert_eq!(code(&payload(id, small.clone())), Ok(()), "{codec:?}");
            // As they came, they were measured before.
            let refused = if id == 0 {
                Ok(())
            } else {
                Err(Code::INVALID_RECORD)
            };
            let large = compress(codec, None, &[7; 101]);
            assert_eq!(code(&payload(id, large)), refused, "{codec:?}");
            let cut = small.slice(..small.len() - 1);
            assert_eq!(code(&payload(id, cut)), refused, "{codec:?}");
            let noise = Bytes::from_static(b"\xff\xff\xff\xff\xff");
            assert_eq!(code(&payload(id, noise)), refused, "{codec:?}");
        }
    }

    #[test]
    fn the_silent_are_forgotten() {
        let mut desk = Desk::new();
        desk.get(START).unwrap();
        desk.client(Uuid::from_u128(8), START + 60_000);
        assert_eq!(desk.instances.known.len(), 2);
        desk.client(Uuid::from_u128(8), START + 60_001);
        assert_eq!(
            (desk.instances.known.len(), desk.instances.order.len()),
            (1, 1)
        );
    }

    #[test]
    fn numbers_and_bytes_are_bounded() {
        let mut desk = Desk::new();
        for number in 0..MOST as u128 + 10 {
            desk.client(Uuid::from_u128(number), START);
        }
        assert_eq!(
            (desk.instances.known.len(), desk.instances.order.len()),
            (MOST, MOST)
        );
        assert!(!desk.instances.known.contains_key(&Uuid::from_u128(9)));
        let mut desk = Desk::new();
        let big = Payload {
            compression: 0,
            metrics: Bytes::from(vec![0; MOST_BYTES / 2]),
            at_ms: START,
        };
        for number in 0..3 {
            desk.client(Uuid::from_u128(number), START);
            desk.instances.keep(Uuid::from_u128(number), big.clone());
        }
        assert_eq!(
            (desk.instances.payloads().len(), desk.instances.bytes),
            (2, MOST_BYTES)
        );
    }
}
