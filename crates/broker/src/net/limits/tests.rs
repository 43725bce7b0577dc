//! Places and rates, one by one.

use ottla_wire::messages::{ClientQuotaRecord, MetadataRecord, client_quota_record::EntityData};

use super::*;

const A: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 1));
const B: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(127, 0, 0, 2));
const NOW: Time = Time(1_000_000);

fn limits(all: usize, per_ip: usize) -> ConnectionLimits {
    ConnectionLimits {
        all,
        per_ip,
        of_ip: HashMap::new(),
        rate: i32::MAX,
        listeners: HashMap::new(),
        protected: None,
        window: Window {
            samples: 11,
            sample_ms: 1000,
        },
    }
}

fn enter(admission: &Arc<Admission>, ip: IpAddr) -> Option<Result<Admitted, Turned>> {
    admission.enter("PLAINTEXT", ip, NOW)
}

#[test]
fn an_address_may_have_a_limit_of_its_own() {
    let given = [("127.0.0.1", 3), ("::1", 0)].map(|(host, limit)| (address(host).unwrap(), limit));
    let admission = Admission::new(ConnectionLimits {
        of_ip: given.into(),
        ..limits(9, 1)
    });
    let held = [A; 3].map(|ip| enter(&admission, ip).unwrap().unwrap());
    for (ip, admitted) in [("127.0.0.1", false), ("::1", false), ("127.0.0.2", true)] {
        let outcome = enter(&admission, ip.parse().unwrap()).unwrap();
        assert_eq!(outcome.is_ok(), admitted, "{ip}");
    }
    drop(held);
}

#[test]
fn places_are_limited_and_given_back() {
    let admission = Admission::new(limits(3, 2));
    let first = enter(&admission, A).unwrap().unwrap();
    let _second = enter(&admission, A).unwrap().unwrap();
    let refused = enter(&admission, A).unwrap().unwrap_err();
    assert_eq!(refused, Turned::Away { max: 2 });
    let _third = enter(&admission, B).unwrap().unwrap();
    assert!(enter(&admission, B).is_none(), "no place");
    drop(first);
    assert!(enter(&admission, A).unwrap().is_ok());
}

#[test]
fn other_limits_count_for_those_who_come() {
    let admission = Admission::new(limits(9, 9));
    let held = [A; 3].map(|ip| enter(&admission, ip).unwrap().unwrap());
    admission.set_limits(limits(9, 2));
    assert!(enter(&admission, A).unwrap().is_err());
    admission.set_limits(limits(3, 9));
    assert!(enter(&admission, A).is_none());
    drop(held);
    assert!(enter(&admission, A).unwrap().is_ok());
    admission.set_limits(limits(9, 0));
    assert!(enter(&admission, A).unwrap().is_err());
    assert!(admission.counts.lock().by_ip.is_empty());
}

#[test]
fn a_listener_has_places_of_its_own_and_brokers_always_have_one() {
    let own = |connections| ListenerLimits {
        connections,
        rate: i32::MAX,
    };
    let admission = Admission::new(ConnectionLimits {
        listeners: [
            ("CLIENTS".to_owned(), own(1)),
            ("BROKERS".to_owned(), own(2)),
        ]
        .into(),
        protected: Some("BROKERS".to_owned()),
        ..limits(1, 9)
    });
    let _client = admission.enter("CLIENTS", A, NOW).unwrap().unwrap();
    assert!(admission.enter("CLIENTS", A, NOW).is_none());
    let _brokers = [(); 2].map(|()| admission.enter("BROKERS", A, NOW).unwrap().unwrap());
    assert!(admission.enter("BROKERS", A, NOW).is_none());
}

#[test]
fn who_comes_too_fast_waits() {
    let listeners = ListenerLimits {
        connections: 1000,
        rate: 4,
    };
    let admission = Admission::new(ConnectionLimits {
        rate: 10,
        listeners: [("CLIENTS".to_owned(), listeners)].into(),
        ..limits(1000, 1000)
    });
    let mut counts = admission.counts.lock();
    // Ten seconds' worth at once, then each waits.
    for _ in 0..40 {
        assert_eq!(counts.came("CLIENTS", NOW), 0);
    }
    assert_eq!(counts.came("CLIENTS", NOW), 250);
    assert_eq!(counts.came("CLIENTS", NOW), 500);
    for _ in 0..10 {
        counts.came("CLIENTS", NOW);
    }
    assert_eq!(counts.came("CLIENTS", NOW), 1000, "a sample at most");
    for _ in 0..13 {
        counts.did_not("CLIENTS", NOW);
    }
    assert_eq!(counts.came("CLIENTS", NOW), 250);
    assert_eq!(counts.came("OTHER", NOW), 0);
}

#[test]
fn who_comes_too_fast_from_an_address_is_turned_away_later() {
    let quota = |ip: Option<&str>, value| {
        MetadataRecord::ClientQuota(ClientQuotaRecord {
            entity: vec![EntityData {
                entity_type: "ip".to_owned(),
                entity_name: ip.map(str::to_owned),
                ..EntityData::default()
            }],
            key: CONNECTION_CREATION_RATE.to_owned(),
            value,
            ..ClientQuotaRecord::default()
        })
    };
    let mut image = Image::default();
    image.apply(&quota(None, 2.0)).unwrap();
    image.apply(&quota(Some("127.0.0.2"), 1.0)).unwrap();
    let admission = Admission::new(limits(1000, 1000));
    admission.set_quotas(&image);
    let mut held = Vec::new();
    for (ip, burst, wait_ms) in [(A, 20, 500), (B, 10, 1000)] {
        for _ in 0..burst {
            held.push(enter(&admission, ip).unwrap().unwrap());
        }
        // Who is turned away does not count, so that the next waits no longer.
        for _ in 0..3 {
            let refused = enter(&admission, ip).unwrap().unwrap_err();
            assert_eq!(refused, Turned::Later { wait_ms });
        }
    }
    admission.set_quotas(&Image::default());
    assert!(enter(&admission, A).unwrap().is_ok());
    assert!(admission.counts.lock().from.is_empty());
}
