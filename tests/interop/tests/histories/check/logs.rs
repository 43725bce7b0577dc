//! Rules about logs alone: no gaps, sequences, epochs, and the same after a restart.

use std::collections::BTreeMap;

use super::{Breaches, Rule, facts::Facts};
use crate::history::{Batch, Log, What};

pub(super) fn check(facts: &Facts<'_>, breaches: &mut Breaches) {
    let history = facts.history;
    for (partition, log) in history.logs.iter().enumerate() {
        shape(partition, log, breaches);
        producers(partition, log, breaches);
        for batch in &log.batches {
            as_sent(facts, partition, batch, breaches);
        }
        let Some(again) = history.again.get(partition) else {
            continue;
        };
        if again != log {
            let at = (0..log.batches.len().max(again.batches.len()))
                .find(|&at| log.batches.get(at) != again.batches.get(at));
            let text =
                format!("partition {partition} is another after a kill, from batch {at:?} on");
            breaches.add(Rule::Durable, text);
        }
    }
}

fn shape(partition: usize, log: &Log, breaches: &mut Breaches) {
    if let Some(trouble) = &log.trouble {
        breaches.add(Rule::Sound, format!("partition {partition}: {trouble}"));
    }
    let mut next = 0;
    for batch in &log.batches {
        let count = match &batch.what {
            What::Data(values) => values.len() as i64,
            What::Marker(_) => 1,
        };
        if batch.base != next || batch.last != batch.base + count - 1 {
            let text = format!("partition {partition}: {next} should be next: {batch}");
            breaches.add(Rule::Sound, text);
        }
        next = batch.last + 1;
    }
    if log.high_watermark != next {
        let text = format!(
            "partition {partition} ends at {next}, not {}",
            log.high_watermark
        );
        breaches.add(Rule::Sound, text);
    }
    if log.last_stable != log.high_watermark {
        let text = format!(
            "partition {partition}: still not stable at {}",
            log.last_stable
        );
        breaches.add(Rule::Ended, text);
    }
}

fn producers(partition: usize, log: &Log, breaches: &mut Breaches) {
    let mut epochs: BTreeMap<i64, i16> = BTreeMap::new();
    let mut sequences = BTreeMap::new();
    for batch in &log.batches {
        let Some((producer, sequence)) = batch.producer else {
            continue;
        };
        let epoch = epochs.entry(producer.id).or_insert(producer.epoch);
        if producer.epoch < *epoch {
            let text = format!("partition {partition}: epoch {epoch} came before {batch}");
            breaches.add(Rule::Fenced, text);
        }
        *epoch = producer.epoch.max(*epoch);
        if let What::Data(values) = &batch.what {
            let next = sequences.entry(producer).or_insert(0);
            if *next != sequence {
                let text = format!("partition {partition}: {next} should be next: {batch}");
                breaches.add(Rule::Sequences, text);
            }
            *next = sequence + values.len() as i32;
        }
    }
}

fn as_sent(facts: &Facts<'_>, partition: usize, batch: &Batch, breaches: &mut Breaches) {
    let What::Data(values) = &batch.what else {
        return;
    };
    let first = values
        .first()
        .and_then(|value| facts.sent_of.get(&value.number));
    let Some(sent) = first.map(|&at| &facts.sent[at]) else {
        let text = format!("partition {partition}: nobody sent {batch}");
        return breaches.add(Rule::Refused, text);
    };
    let same = sent.partition == partition
        && sent.values == values
        && sent.producer == batch.producer
        && sent.txn.is_some() == batch.transactional;
    if !same {
        let text = format!("partition {partition}: nobody sent it as {batch}");
        breaches.add(Rule::Sound, text);
    }
}
