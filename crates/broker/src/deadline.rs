//! Waits that mostly end before their deadline, as those of consumers do: a thread winds up one timer for all of them.
//!
//! A timer for each would have to be wound up for each, and tokio wakes its own thread whenever one is to ring before those
//! that are wound up: two system calls for every fetch that waits.

use std::{
    collections::BTreeMap,
    future::poll_fn,
    mem,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use parking_lot::Mutex;
use tokio::{
    sync::Notify,
    time::{Instant, sleep_until},
};

use crate::{clock, task};

thread_local! {
    static ALARM: Arc<Alarm> = Arc::default();
}

/// The output of `work`, or `None` if it has none at the deadline.
pub(crate) async fn within<F: Future>(deadline: Instant, work: F) -> Option<F::Output> {
    let mut work = pin!(work);
    let mut wait = Wait {
        alarm: ALARM.with(Arc::clone),
        deadline,
        number: None,
    };
    poll_fn(|task| match work.as_mut().poll(task) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => wait.poll(task).map(|()| None),
    })
    .await
}

/// Of one thread. As large as what waits: each wait is of a request, whose number is limited.
#[derive(Default)]
struct Alarm {
    state: Mutex<State>,
    /// It is to ring before the time for which it is wound up.
    earlier: Notify,
}

#[derive(Default)]
struct State {
    waits: BTreeMap<(Instant, u64), Waker>,
    last_number: u64,
    /// Not after the first deadline; mostly before it, since whoever it was wound up for waits no more.
    rings_at: Option<Instant>,
}

struct Wait {
    alarm: Arc<Alarm>,
    deadline: Instant,
    /// Once it is among those who wait.
    number: Option<u64>,
}

impl Wait {
    fn poll(&mut self, context: &Context<'_>) -> Poll<()> {
        if clock::instant() >= self.deadline {
            return Poll::Ready(());
        }
        let mut state = self.alarm.state.lock();
        let number = *self.number.get_or_insert_with(|| {
            state.last_number += 1;
            state.last_number
        });
        let waker = state
            .waits
            .entry((self.deadline, number))
            .or_insert_with(|| context.waker().clone());
        waker.clone_from(context.waker());
        match state.rings_at {
            Some(at) if at <= self.deadline => {}
            Some(_) => {
                state.rings_at = Some(self.deadline);
                self.alarm.earlier.notify_one();
            }
            None => {
                state.rings_at = Some(self.deadline);
                task::spawn("deadlines", ring(self.alarm.clone()));
            }
        }
        Poll::Pending
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        if let Some(number) = self.number {
            let mut state = self.alarm.state.lock();
            state.waits.remove(&(self.deadline, number));
        }
    }
}

/// Wakes whose deadline is there, until nobody waits.
async fn ring(alarm: Arc<Alarm>) {
    let ringing = Ringing(&alarm);
    loop {
        let Some(at) = alarm.state.lock().rings_at else {
            break;
        };
        tokio::select! {
            biased;
            () = alarm.earlier.notified() => continue,
            () = sleep_until(at) => {}
        }
        let mut state = alarm.state.lock();
        let later = state.waits.split_off(&(clock::instant(), u64::MAX));
        let due = mem::replace(&mut state.waits, later);
        state.rings_at = state.waits.keys().next().map(|(deadline, _)| *deadline);
        let ends = state.rings_at.is_none();
        drop(state);
        due.into_values().for_each(Waker::wake);
        if ends {
            // Whoever waits from now on winds it up anew.
            mem::forget(ringing);
            break;
        }
    }
}

/// Should the runtime end before those who wait, they are woken: the next one of them winds the alarm up in another.
struct Ringing<'a>(&'a Alarm);

impl Drop for Ringing<'_> {
    fn drop(&mut self) {
        let waits = {
            let mut state = self.0.state.lock();
            state.rings_at = None;
            mem::take(&mut state.waits)
        };
        waits.into_values().for_each(Waker::wake);
    }
}

#[cfg(test)]
mod tests {
    use std::{future::pending, time::Duration};

    use tokio::time::sleep;

    use super::*;

    const MS: Duration = Duration::from_millis(1);

    #[tokio::test]
    async fn a_wait_ends_at_its_deadline_or_with_its_work() {
        let start = clock::instant();
        // The alarm is wound up for this one, and would be far too late for the others, which come in no order.
        let last = task::spawn("a wait", within(start + MS * 60_000, pending::<()>()));
        tokio::task::yield_now().await;
        let waits = [70, 20, 0, 50, 20, 90, 10].map(|ms| {
            task::spawn("a wait", async move {
                assert_eq!(within(start + MS * ms, pending::<()>()).await, None);
                let waited = start.elapsed();
                assert!(waited >= MS * ms && waited < MS * 30_000, "{waited:?}");
            })
        });
        let done = within(start + MS * 60_000, async {
            sleep(MS * 30).await;
            7
        });
        assert_eq!(done.await, Some(7));
        for wait in waits {
            wait.await.unwrap();
        }
        last.abort();
        assert!(last.await.unwrap_err().is_cancelled());
        assert!(ALARM.with(|alarm| alarm.state.lock().waits.is_empty()));
        // It is still wound up for the one that is gone.
        let start = clock::instant();
        assert_eq!(within(start + MS * 20, pending::<()>()).await, None);
        assert!(start.elapsed() >= MS * 20);
    }

    #[tokio::test]
    async fn what_ends_early_winds_up_nothing() {
        let start = clock::instant();
        let mut wound_up = Vec::new();
        for _ in 0..1000 {
            let deadline = clock::instant() + MS * 500;
            assert_eq!(within(deadline, tokio::task::yield_now()).await, Some(()));
            let alarm = ALARM.with(Arc::clone);
            let state = alarm.state.lock();
            assert!(state.waits.is_empty());
            wound_up.push(state.rings_at.unwrap());
        }
        wound_up.dedup();
        // Once for each half second.
        assert!(wound_up.len() as u128 <= 1 + start.elapsed().as_millis() / 500);
    }

    #[test]
    fn another_runtime_on_the_same_thread_has_its_own_timer() {
        for _ in 0..3 {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let start = clock::instant();
                task::spawn("a wait", within(start + MS * 60_000, pending::<()>()));
                assert_eq!(within(start + MS * 10, pending::<()>()).await, None);
            });
            drop(runtime);
            let is_free = |alarm: &Arc<Alarm>| alarm.state.lock().rings_at.is_none();
            assert!(ALARM.with(is_free));
        }
    }
}
