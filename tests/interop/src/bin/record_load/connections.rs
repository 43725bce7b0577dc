//! Connections that do nothing: what they cost.

use std::{thread, time::Duration};

use ottla_interop::load::{Gauge, Plan};
use ottla_wire::messages::ApiVersionsRequest;
use serde_json::{Value, json};

use super::{gauge::now, link::Link};

/// Options: count, seconds (idle).
pub(crate) fn run(plan: &Plan) -> Result<Value, String> {
    let count = plan.number("count")?;
    let seconds = plan.number("seconds")?;
    let gauge = Gauge::of(plan.pid);
    let before = gauge.read()?;
    let start = now();
    let mut links = Vec::with_capacity(count);
    let hello = ApiVersionsRequest {
        client_software_name: "load".to_owned(),
        client_software_version: "1".to_owned(),
        ..ApiVersionsRequest::default()
    };
    for _ in 0..count {
        let mut link = Link::open(&plan.address)?;
        link.ask(3, &hello)?;
        links.push(link);
    }
    let opened = start.elapsed().as_secs_f64();
    let settled = gauge.read()?;
    thread::sleep(Duration::from_secs(seconds as u64));
    let after = gauge.read()?;
    // Each still answers.
    for link in &mut links {
        link.ask(3, &hello)?;
    }
    Ok(json!({
        "opened_s": count as f64 / opened,
        "open_cpu_us": (settled.cpu_s - before.cpu_s) * 1e6 / count as f64,
        "bytes_each": after.rss.saturating_sub(before.rss) as f64 / count as f64,
        "rss_mb": after.rss as f64 / 1e6,
        "idle_cpu_share": (after.cpu_s - settled.cpu_s) / seconds.max(1) as f64,
    }))
}
