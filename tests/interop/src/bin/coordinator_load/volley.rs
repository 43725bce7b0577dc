//! Requests built beforehand, sent many at a time: each answer must equal the one that was checked first.

use std::{
    io::{BufReader, Read, Write},
    net::TcpStream,
    ops::Range,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

use bytes::Bytes;
use serde_json::{Value, json};

use super::{
    Plan,
    gauge::{Gauge, now},
    link::Link,
};

/// Checks the first answer to a frame: the frame without its size.
pub(crate) type Check = Box<dyn Fn(&Bytes) -> Result<(), String> + Send>;

/// A request that is sent again and again.
pub(crate) struct Shot {
    /// The request's frame, size included.
    pub(crate) frame: Bytes,
    /// Says whether an answer is a good one.
    pub(crate) check: Check,
}

/// Requests of one connection.
struct Volley {
    stream: TcpStream,
    reader: BufReader<TcpStream>,
    frames: Vec<u8>,
    /// Where a window of frames is, and which they are.
    windows: Vec<(Range<usize>, Range<usize>)>,
    /// What each is answered, from the correlation id on.
    answers: Vec<Bytes>,
    answer: Vec<u8>,
}

/// Connections with their requests.
pub(crate) struct Fleet(Vec<Volley>);

/// What came of it.
#[derive(Clone, Copy)]
pub(crate) struct Rate {
    pub(crate) answers: usize,
    pub(crate) seconds: f64,
    /// The broker's processor time meanwhile.
    pub(crate) cpu_s: f64,
    /// Our own.
    pub(crate) own_cpu_s: f64,
}

impl Rate {
    pub(crate) fn json(self, mut more: Value) -> Value {
        more["per_second"] = json!(self.answers as f64 / self.seconds);
        more["cpu_s_per_million"] = json!(self.cpu_s * 1e6 / self.answers.max(1) as f64);
        more["answers"] = json!(self.answers);
        more["own_cpu_share"] = json!(self.own_cpu_s / self.seconds);
        more
    }
}

impl Fleet {
    /// The requests of all members, shared out over `connections`, in windows of `window`; each was answered well once.
    pub(crate) fn of<M>(
        plan: &Plan,
        members: &[M],
        shot: impl Fn(&M) -> Result<Shot, String>,
    ) -> Result<Self, String> {
        let connections = plan.number("connections")?.min(members.len()).max(1);
        let window = plan.number("window")?.max(1);
        let mut volleys = Vec::new();
        for share in 0..connections {
            let mine = members.iter().skip(share).step_by(connections);
            let shots = mine.map(&shot).collect::<Result<Vec<_>, _>>()?;
            if shots.is_empty() {
                return Err("nothing to send".to_owned());
            }
            let link = Link::open(&plan.address)?;
            volleys.push(Volley::of(link, &shots, window)?);
        }
        Ok(Self(volleys))
    }

    /// As fast as they are answered, for `seconds`; or `count` windows on each connection, one after the other.
    pub(crate) fn fire(&mut self, plan: &Plan) -> Result<Rate, String> {
        let count = plan.number_or("count", 0)?;
        if count > 0 {
            return self.run(plan.pid, |volley, _| volley.take_turns(count));
        }
        let time = Duration::from_secs(plan.number("seconds")? as u64);
        self.run(plan.pid, |volley, start| volley.fire(start, time))
    }

    /// Each request once per `interval_ms`, evenly spread, for `seconds`.
    pub(crate) fn pace(&mut self, plan: &Plan) -> Result<Rate, String> {
        let time = Duration::from_secs(plan.number("seconds")? as u64);
        let interval = Duration::from_millis(plan.number("interval_ms")? as u64);
        self.run(plan.pid, |volley, start| volley.pace(start, time, interval))
    }

    fn run(
        &mut self,
        pid: u32,
        each: impl Fn(&mut Volley, Instant) -> Result<usize, String> + Sync,
    ) -> Result<Rate, String> {
        let (broker, own) = (Gauge::of(pid), Gauge::of(std::process::id()));
        let barrier = Barrier::new(self.0.len() + 1);
        thread::scope(|scope| {
            let threads = self.0.iter_mut().map(|volley| {
                let (barrier, each) = (&barrier, &each);
                scope.spawn(move || {
                    barrier.wait();
                    each(volley, now())
                })
            });
            let threads: Vec<_> = threads.collect();
            let before = (broker.read(), own.read());
            barrier.wait();
            let start = now();
            let mut answers = 0;
            let mut failed = None;
            for thread in threads {
                match thread.join() {
                    Ok(Ok(count)) => answers += count,
                    Ok(Err(why)) => failed = Some(why),
                    Err(_) => failed = Some("a thread panicked".to_owned()),
                }
            }
            let seconds = start.elapsed().as_secs_f64();
            if let Some(why) = failed {
                return Err(why);
            }
            Ok(Rate {
                answers,
                seconds,
                cpu_s: broker.read()?.cpu_s - before.0?.cpu_s,
                own_cpu_s: own.read()?.cpu_s - before.1?.cpu_s,
            })
        })
    }
}

/// Sends all once, windows at a time, and checks each answer.
pub(crate) fn once(link: Link, shots: &[Shot], window: usize) -> Result<(), String> {
    Volley::of(link, shots, window).map(|_| ())
}

impl Volley {
    fn of(link: Link, shots: &[Shot], window: usize) -> Result<Self, String> {
        let said = |error: std::io::Error| error.to_string();
        let mut volley = Self {
            reader: BufReader::with_capacity(64 << 10, link.stream.try_clone().map_err(said)?),
            stream: link.stream,
            frames: Vec::new(),
            windows: Vec::new(),
            answers: Vec::new(),
            answer: Vec::new(),
        };
        for (number, shots) in shots.chunks(window).enumerate() {
            let from = volley.frames.len();
            shots
                .iter()
                .for_each(|shot| volley.frames.extend_from_slice(&shot.frame));
            let first = number * window;
            volley
                .windows
                .push((from..volley.frames.len(), first..first + shots.len()));
        }
        volley.learn(shots)?;
        Ok(volley)
    }

    /// The first answers, checked one by one.
    fn learn(&mut self, shots: &[Shot]) -> Result<(), String> {
        for number in 0..self.windows.len() {
            self.send(number)?;
            for shot in &shots[self.windows[number].1.clone()] {
                self.receive()?;
                (shot.check)(&Bytes::copy_from_slice(&self.answer))?;
                let answer = &self.answer[4..];
                // Most are alike.
                let alike = self.answers.last().filter(|last| **last == answer).cloned();
                self.answers
                    .push(alike.unwrap_or_else(|| Bytes::copy_from_slice(answer)));
            }
        }
        Ok(())
    }

    fn fire(&mut self, start: Instant, time: Duration) -> Result<usize, String> {
        let (mut sent, mut received, mut answers) = (0, 0, 0);
        // Two windows are under way: the broker has the next one when it has answered one.
        while start.elapsed() < time {
            self.send(sent)?;
            sent += 1;
            if sent - received == 2 {
                answers += self.compare(received)?;
                received += 1;
            }
        }
        while received < sent {
            answers += self.compare(received)?;
            received += 1;
        }
        Ok(answers)
    }

    /// Nothing depends on time here: what a broker does for it is always the same.
    fn take_turns(&mut self, count: usize) -> Result<usize, String> {
        let mut answers = 0;
        for number in 0..count {
            self.send(number)?;
            answers += self.compare(number)?;
        }
        Ok(answers)
    }

    fn pace(
        &mut self,
        start: Instant,
        time: Duration,
        interval: Duration,
    ) -> Result<usize, String> {
        let per_window = interval / u32::try_from(self.windows.len()).unwrap_or(u32::MAX);
        let (mut number, mut answers) = (0, 0);
        loop {
            let due = start + per_window * number;
            if due > start + time {
                return Ok(answers);
            }
            thread::sleep(due.saturating_duration_since(now()));
            self.send(number as usize)?;
            answers += self.compare(number as usize)?;
            number += 1;
        }
    }

    fn send(&mut self, number: usize) -> Result<(), String> {
        let (bytes, _) = &self.windows[number % self.windows.len()];
        let sent = self.stream.write_all(&self.frames[bytes.clone()]);
        sent.map_err(|error| format!("while sending: {error}"))
    }

    /// Receives a window's answers, and compares them with the first ones.
    fn compare(&mut self, number: usize) -> Result<usize, String> {
        let (_, which) = self.windows[number % self.windows.len()].clone();
        let count = which.len();
        for at in which {
            self.receive()?;
            if self.answer[4..] != self.answers[at] {
                return Err(format!(
                    "an answer was {:?} after {:?}",
                    &self.answer[4..],
                    &self.answers[at][..]
                ));
            }
        }
        Ok(count)
    }

    fn receive(&mut self) -> Result<(), String> {
        let said = |error: std::io::Error| format!("while receiving: {error}");
        let mut size = [0; 4];
        self.reader.read_exact(&mut size).map_err(said)?;
        let size = u32::from_be_bytes(size);
        if !(4..64 << 20).contains(&size) {
            return Err(format!("an answer of {size} bytes"));
        }
        self.answer.resize(size as usize, 0);
        self.reader.read_exact(&mut self.answer).map_err(said)
    }
}
