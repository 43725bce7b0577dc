//! A page for every error code: what it means and asks for, which requests answer it and when, and which test shows it.
//!
//! **Invariant:** this crate is for people. A node does not depend on it: what broker and clients go by is the table in
//! [`ottla_wire::errors`], and a binary that only serves has none of this text.
//!
//! The pages are text, in `crates/catalogue/pages`, and read when somebody wants to see one. A file begins with a line
//! on its subject; a page with its code and name; then come its fields, one per line, longer ones with further lines
//! that are indented:
//!
//! - `also`: other names of it, those of Java's exception, of librdkafka and of old releases
//! - `means`, `client`, `operator`: what it is, what whoever sent the request should do, and who runs the brokers
//! - `sent`: requests, `:` versions unless all of them, `/` the level of the answer, and after a bar the condition
//! - `rule`: what differs by version; `differs`: where documents disagree with Apache Kafka 4.4
//! - `needs`: the part of Ottla that has yet to exist for it; `never`: why no broker of 4.4 sends it
//! - `waits`: a part, and after a bar requests that answer the code, but not before that part is there
//! - `cannot`: requests whose answers have a place for it that it never takes, and after a bar why
//! - `shown`: a test over TCP, against the real binary, and after a bar the requests whose answers carried it there

mod markdown;
mod parse;
mod print;
mod search;

use std::sync::LazyLock;

pub use markdown::reference;
pub use search::{Found, find};

use ottla_wire::{
    apis::Api,
    errors::{Code, Info},
};

const FILES: [&str; 7] = [
    include_str!("../pages/records.txt"),
    include_str!("../pages/topics.txt"),
    include_str!("../pages/groups.txt"),
    include_str!("../pages/transactions.txt"),
    include_str!("../pages/cluster.txt"),
    include_str!("../pages/security.txt"),
    include_str!("../pages/share_streams.txt"),
];

static PAGES: LazyLock<Vec<Page>> =
    LazyLock::new(|| parse::pages(&FILES).expect("the tests read the same text"));

/// All pages, by code from -1 on without gaps.
pub fn pages() -> &'static [Page] {
    &PAGES
}

/// The page of a code; `None` for a code that this build does not know.
pub fn page(code: Code) -> Option<&'static Page> {
    pages().get(usize::try_from(i32::from(code.0) + 1).ok()?)
}

/// What there is to be said of a code beyond its row.
#[derive(Debug)]
pub struct Page {
    /// The row.
    pub info: &'static Info,
    /// Other names of it.
    pub also: Vec<String>,
    /// What it says about the world.
    pub means: String,
    /// What whoever sent the request should do.
    pub client: String,
    /// What whoever runs the brokers should do.
    pub operator: String,
    /// Which requests answer it, and when.
    pub sent: Vec<Sent>,
    /// What is different in some versions.
    pub rules: Vec<String>,
    /// Where documents disagree with Apache Kafka 4.4.
    pub differs: Vec<String>,
    /// Which tests show it.
    pub shown: Vec<Shown>,
    /// Requests that wait for a part before they can answer it.
    pub waits: Vec<Waits>,
    /// Requests that are said to answer it, and never do.
    pub cannot: Vec<Cannot>,
    /// What it waits for.
    pub needs: Option<Part>,
    /// Why it is never sent.
    pub never: Option<Never>,
}

/// A condition, and the requests that are answered with the code when it holds.
#[derive(Debug)]
pub struct Sent {
    /// The requests; none if any may be.
    pub by: Vec<Sender>,
    /// The condition.
    pub when: String,
}

/// A request whose answer has a place for the code.
#[derive(Debug, PartialEq, Eq)]
pub struct Sender {
    /// The request.
    pub api: &'static Api,
    /// The versions, if not all.
    pub versions: Option<(i16, i16)>,
    /// What the code is said of: `answer` for the whole, `partition`, `group`, ….
    pub level: &'static str,
}

/// A test that provokes the code over TCP.
#[derive(Debug)]
pub struct Shown {
    /// Where it is: the file or folder in `tests/interop/tests`, and the function.
    pub test: String,
    /// The requests whose answers carried it.
    pub requests: Vec<&'static Api>,
}

/// Requests whose condition for a code cannot arise before a part exists.
#[derive(Debug)]
pub struct Waits {
    /// The part.
    pub part: Part,
    /// The requests.
    pub requests: Vec<&'static Api>,
}

/// Requests of which documents say that they answer a code, while Apache Kafka 4.4 never does.
#[derive(Debug)]
pub struct Cannot {
    /// The requests.
    pub requests: Vec<&'static Api>,
    /// Why not, as its source has it.
    pub why: String,
}

/// A part of Ottla that does not exist yet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Part {
    /// The check that raises the code, in a request that is served.
    Check,
    /// Replicas on several nodes.
    Replication,
    /// Brokers that forward to controllers elsewhere.
    Forwarding,
    /// The quorum's requests, and voters that come and go.
    Quorum,
    /// TLS, SASL, tokens, authorization.
    Security,
    /// Share groups.
    Share,
    /// Streams groups.
    Streams,
    /// Remote storage.
    Tiering,
}

/// Why no broker sends a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Never {
    /// Clients make it up.
    Client,
    /// Older releases sent it.
    Legacy,
    /// The code to send it is there, but nobody can receive it.
    Unreachable,
    /// No release ever sent it.
    Unused,
}

/// How far a code has come.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum State {
    /// Requests that are served answer it, and a test shows it.
    Served,
    /// Requests that are served can answer it; no test shows it.
    NotShown,
    /// It waits for a part.
    NotYet(Part),
    /// It is never on the wire: clients make it up.
    ClientOnly,
    /// No broker of 4.4 sends it.
    Legacy,
}

/// The levels at which an answer may carry a code.
const LEVELS: [&str; 15] = [
    "answer",
    "topic",
    "partition",
    "config",
    "group",
    "member",
    "key",
    "transaction",
    "resource",
    "entity",
    "user",
    "directory",
    "feature",
    "filter",
    "acl",
];

impl Page {
    /// How far the code has come.
    pub fn state(&self) -> State {
        match (self.never, self.needs) {
            (Some(Never::Client), _) => State::ClientOnly,
            (Some(_), _) => State::Legacy,
            (None, Some(part)) => State::NotYet(part),
            (None, None) if self.shown.is_empty() => State::NotShown,
            (None, None) => State::Served,
        }
    }

    /// Whether a test shows that a request is answered with it.
    pub fn shows(&self, api: &Api) -> bool {
        let mut shown = self.shown.iter().flat_map(|shown| &shown.requests);
        shown.any(|of| of.key == api.key)
    }

    /// The part that a request waits for before it can answer it.
    pub fn waits_for(&self, api: &Api) -> Option<Part> {
        let has = |waits: &&Waits| waits.requests.iter().any(|of| of.key == api.key);
        self.waits.iter().find(has).map(|waits| waits.part)
    }

    /// Why a request never answers it.
    pub fn never_by(&self, api: &Api) -> Option<&str> {
        let has = |cannot: &&Cannot| cannot.requests.iter().any(|of| of.key == api.key);
        self.cannot.iter().find(has).map(|cannot| &*cannot.why)
    }

    /// Whether it is said that a request may be answered with it; of `every request` none is named.
    pub fn names(&self, api: &Api) -> bool {
        let mut senders = self.sent.iter().flat_map(|sent| &sent.by);
        senders.any(|sender| sender.api.key == api.key)
    }
}

impl Part {
    /// All parts, with the word for each in the pages, and what the documentation says.
    pub const ALL: [(Self, &'static str, &'static str); 8] = [
        (
            Self::Check,
            "check",
            "the check that raises it, in a request that is served",
        ),
        (
            Self::Replication,
            "replication",
            "replicas on several nodes",
        ),
        (
            Self::Forwarding,
            "forwarding",
            "brokers that forward to controllers elsewhere",
        ),
        (Self::Quorum, "quorum", "the quorum's requests and voters"),
        (
            Self::Security,
            "security",
            "security: TLS, SASL, tokens, authorization",
        ),
        (Self::Share, "share", "share groups"),
        (Self::Streams, "streams", "streams groups"),
        (Self::Tiering, "tiering", "tiering"),
    ];

    /// What the documentation says.
    pub fn name(self) -> &'static str {
        let row = Self::ALL.iter().find(|(part, ..)| *part == self);
        row.map_or("", |(.., name)| name)
    }
}

impl Never {
    /// All reasons, with the word for each in the pages.
    const ALL: [(Self, &'static str); 4] = [
        (Self::Client, "client"),
        (Self::Legacy, "legacy"),
        (Self::Unreachable, "unreachable"),
        (Self::Unused, "unused"),
    ];

    /// Why nobody receives it, in a sentence without its full stop.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Client => "clients make it up; it is in no answer",
            Self::Legacy => "older releases sent it; no broker of 4.4 does",
            Self::Unreachable => "brokers of 4.4 could send it, but nobody can receive it",
            Self::Unused => "no release sends it",
        }
    }
}

impl State {
    /// The words by which states are filtered, most advanced first.
    pub const WORDS: [&'static str; 5] =
        ["served", "not-shown", "not-yet", "client-only", "legacy"];

    /// The word of this state.
    pub fn word(self) -> &'static str {
        match self {
            Self::Served => "served",
            Self::NotShown => "not-shown",
            Self::NotYet(_) => "not-yet",
            Self::ClientOnly => "client-only",
            Self::Legacy => "legacy",
        }
    }
}

/// How far a request has come with a code that it is said to answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PairState {
    /// A test shows it.
    Shown,
    /// No test shows it yet.
    NotShown,
    /// It waits for a part.
    Waits(Part),
    /// Nobody ever answers it.
    Never,
}

/// Every request and code that it is said to answer, of codes that are neither waiting for a part as a whole nor never sent;
/// by code, then by request.
pub fn pairs() -> Vec<(&'static Page, &'static Api, PairState)> {
    let mut pairs = Vec::new();
    let pages = pages().iter();
    for page in pages.filter(|page| matches!(page.state(), State::Served | State::NotShown)) {
        let senders = page.sent.iter().flat_map(|sent| &sent.by);
        let mut named: Vec<&Api> = senders.map(|sender| sender.api).collect();
        named.sort_by_key(|api| api.key);
        named.dedup_by_key(|api| api.key);
        for api in named {
            let state = match page.waits_for(api) {
                _ if page.shows(api) => PairState::Shown,
                Some(part) => PairState::Waits(part),
                None if page.never_by(api).is_some() => PairState::Never,
                None => PairState::NotShown,
            };
            pairs.push((page, api, state));
        }
    }
    pairs
}

/// The requests among those that `serves` says are served that are said to answer a code, and that no test shows to: a line
/// per code. What waits for a part, or is never sent, has none.
pub fn unshown(serves: impl Fn(&Api) -> bool) -> Vec<String> {
    let pairs = pairs().into_iter();
    let unshown = pairs.filter(|(_, api, state)| *state == PairState::NotShown && serves(api));
    let line = |(page, api, _): (&Page, &Api, _)| {
        format!("{} {} {}", page.info.code.0, page.info.name, api.name)
    };
    unshown.map(line).collect()
}

/// How many codes are in each state, in the order of [`State::WORDS`].
pub fn count() -> [(&'static str, usize); 5] {
    let of = |word| {
        let there = pages().iter().filter(|page| page.state().word() == word);
        (word, there.count())
    };
    State::WORDS.map(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_complete_page() {
        assert_eq!(pages().len(), Code::TABLE.len());
        for (page, info) in pages().iter().zip(Code::TABLE) {
            assert_eq!(page.info, info);
            let name = info.name;
            for text in [&page.means, &page.client, &page.operator] {
                assert!(text.len() > 3 && text.ends_with('.'), "{name}: {text:?}");
            }
            for text in page.rules.iter().chain(&page.differs) {
                assert!(text.ends_with('.'), "{name}: {text:?}");
            }
            for sent in &page.sent {
                let when = &sent.when;
                assert!(!when.is_empty() && !when.ends_with('.'), "{name}: {when:?}");
            }
            // Who never is sent says why; all others say when.
            assert!(page.never.is_some() || !page.sent.is_empty(), "{name}");
            assert!(page.never.is_none() || page.needs.is_none(), "{name}");
            let waits = page.never.is_some() || page.needs.is_some();
            assert!(!waits || page.shown.is_empty(), "{name} is shown by a test");
            let apart = page.waits.iter().flat_map(|waits| &waits.requests);
            let apart = apart.chain(page.cannot.iter().flat_map(|cannot| &cannot.requests));
            for api in apart {
                assert!(!page.shows(api), "{name}: {} is shown", api.name);
                assert!(page.names(api), "{name}: {} is not said to", api.name);
            }
            for shown in &page.shown {
                assert!(!shown.requests.is_empty(), "{name}: {}", shown.test);
                let any = page.sent.iter().any(|sent| sent.by.is_empty());
                for api in &shown.requests {
                    assert!(any || page.names(api), "{name}: {} sends it", api.name);
                }
            }
        }
    }

    #[test]
    fn pages_are_found_by_their_codes() {
        for known in Code::TABLE {
            assert_eq!(page(known.code).unwrap().info, known);
        }
        for unknown in [i16::MIN, -2, 137, i16::MAX] {
            assert!(page(Code(unknown)).is_none());
        }
    }

    #[test]
    fn states_add_up() {
        let counts = count();
        let sum: usize = counts.iter().map(|(_, count)| count).sum();
        assert_eq!(sum, 138, "{counts:?}");
        assert_eq!(
            counts[3],
            ("client-only", 1),
            "NETWORK_EXCEPTION, and no other"
        );
        let state = |code: Code| page(code).unwrap().state();
        assert_eq!(state(Code::NETWORK_EXCEPTION), State::ClientOnly);
        assert_eq!(state(Code::UNKNOWN_PRODUCER_ID), State::Legacy);
        assert_eq!(
            state(Code::SASL_AUTHENTICATION_FAILED),
            State::NotYet(Part::Security)
        );
        assert_eq!(state(Code::UNKNOWN_TOPIC_OR_PARTITION), State::Served);
    }

    #[test]
    fn no_name_stands_for_two_codes_in_the_same_way() {
        let name_of = |page: &Page| page.info.name.to_owned();
        let mut seen = std::collections::BTreeMap::new();
        for page in pages() {
            for name in [name_of(page)].iter().chain(&page.also) {
                let before = seen.insert(name.clone(), name_of(page));
                // A name of librdkafka for all that is over once another has taken over.
                assert!(before.is_none() || name == "_FENCED", "{name}: {before:?}");
            }
        }
    }

    #[test]
    fn the_text_is_small() {
        let bytes: usize = FILES.iter().map(|file| file.len()).sum();
        assert!(bytes < 120_000, "{bytes} bytes are part of the binary");
    }
}
