//! The load: one after the other what uses a quota up, and what was told and how long it took.

use std::{
    io::Read as _,
    net::TcpStream,
    thread::sleep,
    time::{Duration, Instant},
};

use ottla_interop::{oracle::wait_until, raw::Connection};
use ottla_wire::{
    Message as _, Records, Request, Uuid,
    messages::{
        AlterClientQuotasRequest, ApiVersionsRequest, CreatePartitionsRequest, CreateTopicsRequest,
        DeleteTopicsRequest, DescribeClientQuotasRequest, FetchRequest,
        IncrementalAlterConfigsRequest, MetadataRequest, ProduceRequest,
        alter_client_quotas_request as alter, create_partitions_request::CreatePartitionsTopic,
        create_topics_request::CreatableTopic, describe_client_quotas_request as describe,
        fetch_request as fetch, incremental_alter_configs_request as configs,
        produce_request as produce,
    },
    records::{BatchBuilder, Codec},
};

pub(crate) const SETTINGS: &[&str] = &[
    "log.retention.ms=-1",
    "num.partitions=1",
    "auto.create.topics.enable=false",
];
const TOPIC: &str = "load";
const LIMIT: Duration = Duration::from_secs(60);
/// Until a change is everywhere.
const MOMENT: Duration = Duration::from_millis(300);

/// What came of one request.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) what: String,
    pub(crate) code: i16,
    /// `throttle_time_ms`.
    pub(crate) told_ms: i32,
    /// How long the next request on the connection then took.
    pub(crate) waited_ms: f64,
    /// Whether the connection is to rest for as long as was told.
    pub(crate) mutes: bool,
}

/// One server under load.
pub(crate) struct Load {
    address: String,
    control: Connection,
    pub(crate) seen: Vec<Seen>,
    /// Answers that carried codes, by request.
    pub(crate) evidence: Vec<(&'static str, String)>,
}

type Quotas<'a> = &'a [(&'a str, f64)];

impl Load {
    pub(crate) fn new(address: &str) -> Self {
        Self {
            address: address.to_owned(),
            control: Connection::new(address),
            seen: Vec::new(),
            evidence: Vec::new(),
        }
    }

    pub(crate) fn run(&mut self) {
        let control = &mut self.control;
        let ready = wait_until(LIMIT, || {
            let answer = control.ask(12, &MetadataRequest::default());
            answer.is_ok_and(|answer| answer.brokers.len() == 1)
        });
        assert!(ready, "no broker");
        self.topics();
        self.produces();
        self.fetches();
        self.requests();
        self.changes();
        self.listener();
        self.connections();
    }

    /// Sets quotas, or removes them.
    fn alter(&mut self, entity: (&str, Option<&str>), quotas: Quotas<'_>, remove: bool) {
        let op = |(key, value): &(&str, f64)| alter::OpData {
            key: (*key).to_owned(),
            value: *value,
            remove,
            ..alter::OpData::default()
        };
        let request = AlterClientQuotasRequest {
            entries: vec![alter::EntryData {
                entity: vec![alter::EntityData {
                    entity_type: entity.0.to_owned(),
                    entity_name: entity.1.map(str::to_owned),
                    ..alter::EntityData::default()
                }],
                ops: quotas.iter().map(op).collect(),
                ..alter::EntryData::default()
            }],
            ..AlterClientQuotasRequest::default()
        };
        let answer = self.control.ask(1, &request).expect("an answer");
        assert_eq!(answer.entries[0].error_code, 0, "{answer:?}");
        for (key, value) in quotas {
            self.wait_for(entity, key, (!remove).then_some(*value));
        }
        sleep(MOMENT);
    }

    /// Until the broker knows of a change.
    fn wait_for(&mut self, entity: (&str, Option<&str>), key: &str, value: Option<f64>) {
        // Who asks for this one uses it up.
        if key == "request_percentage" {
            return;
        }
        let request = DescribeClientQuotasRequest {
            components: vec![describe::ComponentData {
                entity_type: entity.0.to_owned(),
                match_type: i8::from(entity.1.is_none()),
                r#match: entity.1.map(str::to_owned),
                ..describe::ComponentData::default()
            }],
            strict: true,
            ..DescribeClientQuotasRequest::default()
        };
        let control = &mut self.control;
        let known = wait_until(LIMIT, || {
            let answer = control.ask(1, &request);
            answer.is_ok_and(|answer| {
                let entries = answer.entries.unwrap_or_default();
                let mut values = entries.iter().flat_map(|entry| &entry.values);
                values.find(|of| of.key == key).map(|of| of.value) == value
            })
        });
        assert!(known, "{key} is never {value:?}");
    }

    /// Asks, and then how long the connection takes for the next request.
    fn ask<R: Request>(
        &mut self,
        connection: &mut Connection,
        what: &str,
        version: i16,
        request: &R,
        code: impl Fn(&R::Response) -> i16,
    ) -> R::Response {
        let mut answer = connection.ask(version, request).expect(what);
        let began = now();
        next(connection);
        let waited_ms = millis(began);
        let code = code(&answer);
        if code != 0 {
            self.evidence.push((R::NAME, format!("{answer:#?}")));
        }
        self.seen.push(Seen {
            what: format!("{what} v{version}"),
            code,
            told_ms: answer.throttle_time_ms().map_or(0, |told| *told),
            waited_ms,
            mutes: true,
        });
        answer
    }

    fn topics(&mut self) {
        let request = create(TOPIC, 1, false);
        self.control.ask(7, &request).expect("a topic");
        for name in ["gone-1", "gone-2"] {
            self.control.ask(7, &create(name, 1, false)).expect("one");
        }
        let control = &mut self.control;
        let made = wait_until(LIMIT, || {
            let answer = control.ask(9, &produce(1, 10));
            answer.is_ok_and(|answer| answer.responses[0].partition_responses[0].error_code == 0)
        });
        assert!(made, "the topic is not led");
        for _ in 0..12 {
            control.ask(9, &produce(1, 100_000)).expect("records");
        }
    }

    fn produces(&mut self) {
        let code = |answer: &<ProduceRequest as Request>::Response| {
            answer.responses[0].partition_responses[0].error_code
        };
        let entities = [("client-id", Some("interop")), ("user", Some("ANONYMOUS"))];
        for (entity, version) in entities.into_iter().zip([12, 3]) {
            let quota = [("producer_byte_rate", 50_000.0)];
            self.alter(entity, &quota, false);
            let mut connection = Connection::new(&self.address);
            let of = entity.0;
            for (bytes, what) in [
                (300_000, "within"),
                (280_000, "beyond"),
                (20_000, "further"),
            ] {
                let what = format!("produce {of} {what}");
                self.ask(&mut connection, &what, version, &produce(1, bytes), code);
            }
            // Without an answer there is nobody to be told, and the connection rests all the same.
            connection.tell(version, &produce(0, 10_000)).expect("sent");
            let began = now();
            next(&mut connection);
            self.seen.push(Seen {
                what: format!("produce {of} without an answer"),
                code: 0,
                told_ms: 0,
                waited_ms: millis(began),
                mutes: false,
            });
            self.alter(entity, &quota, true);
        }
    }

    fn fetches(&mut self) {
        let entity = ("client-id", Some("interop"));
        let quota = [("consumer_byte_rate", 100_000.0)];
        self.alter(entity, &quota, false);
        let mut connection = Connection::new(&self.address);
        let code = |answer: &<FetchRequest as Request>::Response| answer.error_code;
        let asked = [
            (4, 810_000, "within"),
            (12, 410_000, "beyond"),
            (11, 410_000, "again"),
        ];
        for (version, max_bytes, what) in asked {
            let answer = self.ask(
                &mut connection,
                &format!("fetch {what}"),
                version,
                &fetch(max_bytes),
                code,
            );
            let partitions = answer.responses.iter().flat_map(|topic| &topic.partitions);
            let sizes = partitions.map(|of| of.records.as_ref().map_or(0, Records::len));
            let bytes: usize = sizes.sum();
            self.seen.push(Seen {
                what: format!("fetch {what}, batches"),
                code: (bytes / 100_000) as i16,
                told_ms: 0,
                waited_ms: 0.0,
                mutes: false,
            });
        }
        self.alter(entity, &quota, true);
    }

    fn requests(&mut self) {
        let entity = ("client-id", Some("interop"));
        let quota = [("request_percentage", 0.0001)];
        self.alter(entity, &quota, false);
        let mut connection = Connection::new(&self.address);
        for version in [1, 9] {
            self.ask(
                &mut connection,
                "a request's time",
                version,
                &MetadataRequest::default(),
                |_| 0,
            );
        }
        self.alter(entity, &quota, true);
    }

    fn changes(&mut self) {
        let entity = ("user", Some("ANONYMOUS"));
        let quota = [("controller_mutation_rate", 1.0)];
        self.alter(entity, &quota, false);
        let mut connection = Connection::new(&self.address);
        let code =
            |answer: &<CreateTopicsRequest as Request>::Response| answer.topics[0].error_code;
        // A burst of 11, and 2 more; then what is owed is waited for each time.
        for (version, partitions, what) in [
            (7, 13, "burst"),
            (7, 1, "refused"),
            (5, 3, "delayed"),
            (7, 2, "again"),
        ] {
            let what = format!("create topics {what}");
            let request = create("never", partitions, true);
            self.ask(&mut connection, &what, version, &request, code);
        }
        self.more_partitions(&mut connection);
        self.ask(
            &mut connection,
            "used up",
            7,
            &create("never", 2, true),
            code,
        );
        let code =
            |answer: &<DeleteTopicsRequest as Request>::Response| answer.responses[0].error_code;
        for (version, name, what) in [(5, "gone-1", "refused"), (4, "gone-2", "delayed")] {
            let what = format!("delete topics {what}");
            let request = DeleteTopicsRequest {
                topic_names: vec![name.to_owned()],
                timeout_ms: 30_000,
                ..DeleteTopicsRequest::default()
            };
            self.ask(&mut connection, &what, version, &request, code);
        }
        self.alter(entity, &quota, true);
    }

    fn more_partitions(&mut self, connection: &mut Connection) {
        let code =
            |answer: &<CreatePartitionsRequest as Request>::Response| answer.results[0].error_code;
        for (version, what) in [(3, "refused"), (2, "delayed")] {
            let what = format!("create partitions {what}");
            let request = CreatePartitionsRequest {
                topics: vec![CreatePartitionsTopic {
                    name: TOPIC.to_owned(),
                    count: 3,
                    assignments: None,
                    ..CreatePartitionsTopic::default()
                }],
                timeout_ms: 30_000,
                validate_only: true,
                ..CreatePartitionsRequest::default()
            };
            self.ask(connection, &what, version, &request, code);
        }
    }

    fn connections(&mut self) {
        let entity = ("ip", Some("127.0.0.1"));
        let quota = [("connection_creation_rate", 2.0)];
        self.alter(entity, &quota, false);
        for _ in 0..20 {
            let mut connection = Connection::new(&self.address);
            next(&mut connection);
        }
        let mut stream = TcpStream::connect(&self.address).expect("connected");
        stream.set_read_timeout(Some(LIMIT)).expect("a limit");
        let began = now();
        let read = stream.read(&mut [0; 1]);
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
        self.seen.push(Seen {
            what: "too fast from an address: closed".to_owned(),
            code: 0,
            told_ms: 0,
            waited_ms: millis(began),
            mutes: false,
        });
        self.alter(entity, &quota, true);
    }

    /// Who comes too fast waits until it is served.
    fn listener(&mut self) {
        let set = |value: Option<&str>| IncrementalAlterConfigsRequest {
            resources: vec![configs::AlterConfigsResource {
                resource_type: 4,
                resource_name: String::new(),
                configs: vec![configs::AlterableConfig {
                    name: "max.connection.creation.rate".to_owned(),
                    config_operation: i8::from(value.is_none()),
                    value: value.map(str::to_owned),
                    ..configs::AlterableConfig::default()
                }],
                ..configs::AlterConfigsResource::default()
            }],
            ..IncrementalAlterConfigsRequest::default()
        };
        let answer = self.control.ask(1, &set(Some("3"))).expect("an answer");
        assert_eq!(answer.responses[0].error_code, 0, "{answer:?}");
        sleep(MOMENT);
        // Few came in the last seconds, and they count.
        for number in 1..=33 {
            let began = now();
            let mut connection = Connection::new(&self.address);
            next(&mut connection);
            if number > 26 {
                self.seen.push(Seen {
                    what: format!("too fast on a listener: {number}"),
                    code: 0,
                    told_ms: 0,
                    waited_ms: millis(began),
                    mutes: false,
                });
            }
        }
        self.control.ask(1, &set(None)).expect("an answer");
    }
}

/// The next request on a connection, which is nothing to anybody.
fn next(connection: &mut Connection) {
    let request = ApiVersionsRequest {
        client_software_name: "interop".to_owned(),
        client_software_version: "1".to_owned(),
        ..ApiVersionsRequest::default()
    };
    connection.ask(3, &request).expect("an answer");
}

#[allow(clippy::disallowed_methods)]
fn now() -> Instant {
    Instant::now()
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn create(name: &str, partitions: i32, validate_only: bool) -> CreateTopicsRequest {
    CreateTopicsRequest {
        topics: vec![CreatableTopic {
            name: name.to_owned(),
            num_partitions: partitions,
            replication_factor: 1,
            ..CreatableTopic::default()
        }],
        timeout_ms: 30_000,
        validate_only,
        ..CreateTopicsRequest::default()
    }
}

fn produce(acks: i16, bytes: usize) -> ProduceRequest {
    let mut builder = BatchBuilder::new(Codec::None);
    builder
        .append(1_750_000_000_000, None, Some(&vec![7; bytes]), &[])
        .expect("a record");
    let records = builder.build().expect("a batch").to_bytes();
    ProduceRequest {
        acks,
        timeout_ms: 30_000,
        topic_data: vec![produce::TopicProduceData {
            name: TOPIC.to_owned(),
            partition_data: vec![produce::PartitionProduceData {
                index: 0,
                records: Some(Records::Bytes(records)),
                ..produce::PartitionProduceData::default()
            }],
            ..produce::TopicProduceData::default()
        }],
        ..ProduceRequest::default()
    }
}

fn fetch(max_bytes: i32) -> FetchRequest {
    FetchRequest {
        replica_id: -1,
        max_wait_ms: 100,
        min_bytes: 1,
        max_bytes,
        session_epoch: -1,
        topics: vec![fetch::FetchTopic {
            topic: TOPIC.to_owned(),
            topic_id: Uuid::ZERO,
            partitions: vec![fetch::FetchPartition {
                partition: 0,
                current_leader_epoch: -1,
                partition_max_bytes: max_bytes,
                ..fetch::FetchPartition::default()
            }],
            ..fetch::FetchTopic::default()
        }],
        ..FetchRequest::default()
    }
}
