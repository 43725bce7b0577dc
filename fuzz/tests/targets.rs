//! Every target, for a second or for `OTTLA_FUZZ_SECONDS`: see [`ottla_fuzz::fuzz`].

use ottla_fuzz::{fuzz, targets};

macro_rules! targets {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                fuzz(targets::named(stringify!($name)));
            }
        )*

        #[test]
        fn every_target_is_fuzzed() {
            let names: Vec<_> = targets::ALL.iter().map(|target| target.name).collect();
            assert_eq!(names, [$(stringify!($name)),*]);
        }
    };
}

targets! {
    message
    request
    batches
    validate
    decompress
    message_sets
    properties
    broker_config
    owned_config
    checkpoint
    log_directory
    log_open
    log_verify
    image
    control
    subscription_regex
    consumer_protocol
    transaction_state
    group_state
}
