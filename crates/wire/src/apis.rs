//! The table of requests: every API key of Apache Kafka 4.4, its versions, and who answers it.

use crate::messages::requests::TABLE;

/// One request. The facts are those of the schemas; there is a row for each key from 0 without gaps.
#[derive(Debug, PartialEq, Eq)]
pub struct Api {
    /// The API key.
    pub key: i16,
    /// Kafka's name, e.g. `Fetch`.
    pub name: &'static str,
    /// The first version that can be read.
    pub first: i16,
    /// The last version that can be read; less than `first` for requests that no version is left of.
    pub last: i16,
    /// The first flexible version.
    pub flexible: Option<i16>,
    /// Whether `last` may still change: spoken only with `unstable.api.versions.enable`.
    pub latest_unstable: bool,
    /// Whether brokers answer it.
    pub broker: bool,
    /// Whether controllers answer it.
    pub controller: bool,
}

/// Who listens.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Listener {
    /// A broker, on any of its listeners.
    Broker,
    /// A controller.
    Controller,
}

/// Produce.
pub const PRODUCE: i16 = 0;
/// Fetch.
pub const FETCH: i16 = 1;
/// ApiVersions, which is answered in any version.
pub const API_VERSIONS: i16 = 18;
/// GetTelemetrySubscriptions.
pub const GET_TELEMETRY_SUBSCRIPTIONS: i16 = 71;
/// PushTelemetry.
pub const PUSH_TELEMETRY: i16 = 72;

/// What a broker passes on to the active controller.
const FORWARDED: [i16; 22] = [
    19, 20, 30, 31, 33, 37, 38, 39, 40, 43, 44, 45, 46, 49, 51, 55, 57, 64, 67, 80, 81, 94,
];

/// All rows, by key.
pub fn all() -> &'static [Api] {
    &TABLE
}

/// The row of a key.
pub fn api(key: i16) -> Option<&'static Api> {
    TABLE.get(usize::try_from(key).ok()?)
}

/// The row of a name as Kafka writes it, e.g. `Fetch`.
pub fn by_name(name: &str) -> Option<&'static Api> {
    TABLE.iter().find(|api| api.name == name)
}

impl Api {
    /// Whether a version can be read; `unstable` admits one that may still change.
    pub fn has(&self, version: i16, unstable: bool) -> bool {
        (self.first..=self.latest(unstable)).contains(&version)
    }

    /// The last version; `unstable` admits one that may still change.
    pub fn latest(&self, unstable: bool) -> i16 {
        if self.latest_unstable && !unstable {
            self.last - 1
        } else {
            self.last
        }
    }

    /// Whether a listener answers this request in some version.
    pub fn is_on(&self, listener: Listener) -> bool {
        match listener {
            Listener::Broker => self.broker,
            Listener::Controller => self.controller,
        }
    }

    /// The first and last version that ApiVersions says; `None` if the request is not for this listener.
    ///
    /// Produce is said from 0, although the first that is read is 3: old librdkafka needs it to be so.
    /// Telemetry (71, 72) is in here: whether it is said is for the broker to know.
    pub fn advertised(&self, listener: Listener, unstable: bool) -> Option<(i16, i16)> {
        let last = self.latest(unstable);
        if !self.is_on(listener) || last < self.first {
            return None;
        }
        let first = if self.key == PRODUCE { 0 } else { self.first };
        Some((first, last))
    }

    /// Whether brokers pass it on to the active controller.
    pub fn is_forwarded(&self) -> bool {
        FORWARDED.contains(&self.key)
    }

    /// Whether a version has compact lengths and tagged fields; also of versions that cannot be read.
    pub fn is_flexible(&self, version: i16) -> bool {
        self.flexible.is_some_and(|first| version >= first)
    }

    /// The version of the request's header.
    pub fn request_header(&self, version: i16) -> i16 {
        if self.is_flexible(version) { 2 } else { 1 }
    }

    /// The version of the response's header. That of ApiVersions is always 0: its caller may know no better.
    pub fn response_header(&self, version: i16) -> i16 {
        i16::from(self.key != API_VERSIONS && self.is_flexible(version))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_have_no_gaps() {
        assert_eq!(all().len(), 95);
        for (at, row) in all().iter().enumerate() {
            assert_eq!((row.key as usize, api(row.key)), (at, Some(row)));
            assert_eq!(by_name(row.name), Some(row));
        }
        assert_eq!((api(-1), api(95), api(i16::MAX)), (None, None, None));
    }

    #[test]
    fn listeners_say_what_kafkas_say() {
        let said = |listener| {
            all()
                .iter()
                .filter(|row| !matches!(row.key, GET_TELEMETRY_SUBSCRIPTIONS | PUSH_TELEMETRY))
                .filter_map(|row| Some((row.key, row.advertised(listener, false)?)))
                .collect::<Vec<_>>()
        };
        // As counted on Apache Kafka 4.4.0.
        let broker = said(Listener::Broker);
        let controller = said(Listener::Controller);
        assert_eq!((broker.len(), controller.len()), (77, 42));
        for row in [
            (PRODUCE, (0, 13)),
            (FETCH, (4, 18)),
            (API_VERSIONS, (0, 5)),
            (22, (0, 5)),
            (28, (0, 6)),
            (42, (0, 3)),
            (76, (1, 1)),
            (94, (0, 0)),
        ] {
            assert!(broker.contains(&row), "{row:?}");
        }
        for row in [(52, (0, 2)), (56, (2, 3)), (FETCH, (4, 18))] {
            assert!(controller.contains(&row), "{row:?}");
        }
        for dead in 4..=7 {
            assert!(api(dead).is_some_and(|row| !row.has(0, true) && !row.broker));
        }
    }

    #[test]
    fn an_unstable_version_is_opt_in() {
        let row = by_name("InitProducerId").unwrap();
        assert!(row.has(5, false) && !row.has(6, false) && row.has(6, true));
        assert_eq!(row.advertised(Listener::Broker, true), Some((0, 6)));
    }

    #[test]
    fn headers_follow_flexibility() {
        let fetch = api(FETCH).unwrap();
        assert_eq!(
            (fetch.request_header(11), fetch.response_header(11)),
            (1, 0)
        );
        assert_eq!(
            (fetch.request_header(12), fetch.response_header(12)),
            (2, 1)
        );
        let versions = api(API_VERSIONS).unwrap();
        assert_eq!(
            (versions.request_header(3), versions.response_header(3)),
            (2, 0)
        );
        assert_eq!(versions.request_header(99), 2);
        let handshake = by_name("SaslHandshake").unwrap();
        assert_eq!(
            (handshake.request_header(1), handshake.response_header(1)),
            (1, 0)
        );
    }

    #[test]
    fn the_table_agrees_with_the_messages() {
        use crate::{Message, Request, messages};
        fn same<R: Request>() {
            let row = api(R::KEY).unwrap();
            assert_eq!(R::NAME.strip_suffix("Request"), Some(row.name));
            assert_eq!(R::VERSIONS, row.first..=row.last);
            assert_eq!(<R::Response as Message>::VERSIONS, R::VERSIONS);
            assert_eq!(R::FLEXIBLE, row.flexible);
        }
        same::<messages::ProduceRequest>();
        same::<messages::FetchRequest>();
        same::<messages::SaslHandshakeRequest>();
        same::<messages::UnregisterControllerRequest>();
    }
}
