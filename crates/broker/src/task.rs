//! The only place that spawns.
#![allow(clippy::disallowed_methods)]

use std::{future::Future, io, thread};

use tokio::task::JoinHandle;

/// Spawns a task on the runtime that the caller is on. The name is for whoever reads the code.
pub fn spawn<F>(_name: &'static str, future: F) -> JoinHandle<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    tokio::task::spawn(future)
}

/// Runs blocking work (fsync, recovery, deletion) away from the runtime's threads.
pub(crate) fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> JoinHandle<T> {
    tokio::task::spawn_blocking(work)
}

/// How much nicer than the rest of the process is what can wait. A processor that two of them want goes to the rest nine
/// times of ten.
const NICER: i32 = 10;

/// Runs work that can wait on a thread of its own, which gives way to all others; `None`: it panicked, or there is no
/// thread for it.
pub(crate) async fn giving_way<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Option<T> {
    let (tell, told) = tokio::sync::oneshot::channel();
    let run = move || {
        // On Linux this is about the calling thread. Whoever may not be nicer goes on as he is.
        let _ = rustix::process::nice(NICER);
        // Nobody may be waiting any more.
        let _ = tell.send(work());
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(run)
        .ok()?;
    told.await.ok()
}

/// Starts a thread of its own with a single-threaded runtime on it, which runs `main` to its end.
pub(crate) fn thread<F>(
    name: &str,
    main: impl FnOnce() -> F + Send + 'static,
) -> io::Result<thread::JoinHandle<()>>
where
    F: Future<Output = ()>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(move || runtime.block_on(async { main().await }))
}

/// Does `work` for each item on up to `threads` threads, and returns when all is done.
pub(crate) fn in_parallel<T: Sync>(threads: usize, items: &[T], work: impl Fn(&T) + Sync) {
    if threads <= 1 || items.len() <= 1 {
        return items.iter().for_each(work);
    }
    let next = std::sync::atomic::AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..threads.min(items.len()) {
            scope.spawn(|| {
                while let Some(item) =
                    items.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
                {
                    work(item);
                }
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn work_that_can_wait_gives_way_and_nothing_else_does() {
        let own = || rustix::process::getpriority_process(None).unwrap();
        let before = own();
        let lowered = giving_way("test", own).await;
        assert_eq!(lowered, Some((before + NICER).min(19)));
        assert_eq!(own(), before);
        assert_eq!(
            giving_way("test", || panic!("it is told")).await,
            None::<()>
        );
    }
}
