//! Keys of a client telemetry subscription.

use crate::rule::LIST;

rows! {
    "interval.ms" Int "300000", Any, Medium PerResource,
        "How often clients send the metrics of the subscription.";
    "match" List "", LIST, Medium PerResource,
        "Clients the subscription is for, as selector=regular expression.";
    "metrics" List "", LIST, Medium PerResource,
        "Prefixes of the metrics to send; `*` for all.";
}
