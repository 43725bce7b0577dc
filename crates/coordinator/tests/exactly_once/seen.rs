//! What happened in a world, counted: a fault that never happens, or a check that never looks, shows nothing.

macro_rules! happenings {
    ($($name:ident = $text:literal;)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Number { $($name,)* Count }
        $(pub(crate) const $name: usize = Number::$name as usize;)*
        pub(crate) const COUNT: usize = Number::Count as usize;
        /// What each is called.
        pub(crate) const TEXTS: [&str; COUNT] = [$($text,)*];
    };
}

happenings! {
    REQUEST_LOST = "a request was lost";
    REQUEST_LATE = "a request was late";
    REQUEST_REPEATED = "a request came twice";
    ANSWER_LOST = "an answer was lost";
    APPEND_FAILED = "an append of the coordinator failed";
    PRODUCE_FAILED = "an append of a partition failed";
    REPETITION = "a batch was recognized as a repetition";
    OUT_OF_ORDER = "a batch overtook another";
    VERIFIED = "a transaction was verified";
    MARKER_FAILED = "a marker failed";
    MARKER_LATE = "a marker was late";
    MARKER_REPEATED = "a marker came twice";
    COORDINATOR_WENT = "the transaction coordinator went away";
    GROUP_WENT = "the group coordinator went away";
    ALL_WENT = "all brokers went down";
    COMPACTED = "a log was compacted";
    CLIENT_DIED = "a client died";
    CLIENT_SLEPT = "a client slept";
    CLIENT_CLOSED = "a client closed for good";
    FENCED = "a client was fenced";
    EPOCH_RAISED = "a client asked for another epoch";
    ABORTABLE = "a transaction could only be aborted";
    COMMITTED = "a transaction was committed";
    ABORTED = "a transaction was aborted";
    KNOWN_V1 = "a client of version 1 knew of its commit";
    KNOWN_V2 = "a client of version 2 knew of its commit";
    UNKNOWN = "a client never knew of its commit";
    OFFSETS_COMMITTED = "an offset was committed with its outputs";
    CONCURRENT = "a client waited for the end of a transaction";
    EXHAUSTED = "epochs were exhausted";
    ID_EXPIRED = "a transactional id expired";
    PRODUCER_EXPIRED = "a producer id expired";
    FOLD_COMPARED = "the fold was compared";
    ABORTED_READ = "a reader passed over aborted data";
}

/// How often what happened.
#[derive(Clone)]
pub(crate) struct Seen(pub(crate) [u64; COUNT]);

impl Default for Seen {
    fn default() -> Self {
        Self([0; COUNT])
    }
}

impl Seen {
    pub(crate) fn add(&mut self, other: &Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
    }
}
