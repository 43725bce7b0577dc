//! Other programs: run them, wait for them, signal them.

use std::{
    net::TcpListener,
    process::{Child, Command, ExitStatus},
    thread,
    time::Duration,
};

const POLL: Duration = Duration::from_millis(20);

/// Runs to the end and gives what it wrote to stdout. What it wrote to stderr is in the error of one that failed.
pub fn output(command: &mut Command) -> Result<Vec<u8>, String> {
    let name = name(command);
    let done = command
        .output()
        .map_err(|error| format!("{name}: {error}"))?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    Err(format!(
        "{name}: {}\n{}{}",
        done.status,
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    ))
}

/// What to call `command` in a message: the program, and its class if that is java.
fn name(command: &Command) -> String {
    let program = command.get_program().to_string_lossy().into_owned();
    let class = command.get_args().skip_while(|arg| *arg != "-cp").nth(2);
    match class {
        Some(class) if program == "java" => format!("java {}", class.to_string_lossy()),
        _ => program,
    }
}

/// Asks `ready` every 20 ms for up to `limit`: whether it came true in time.
pub fn wait_until(limit: Duration, mut ready: impl FnMut() -> bool) -> bool {
    let mut left = limit;
    loop {
        if ready() {
            return true;
        }
        if left.is_zero() {
            return false;
        }
        thread::sleep(POLL);
        left = left.saturating_sub(POLL);
    }
}

/// Sends a signal by name (`TERM`, `KILL`).
pub fn signal(pid: u32, name: &str) -> Result<(), String> {
    output(Command::new("kill").args([&format!("-{name}"), &pid.to_string()])).map(|_| ())
}

/// Asks a child to end, and after `limit` makes it: its status, or that it had to be killed.
pub fn finish(child: &mut Child, limit: Duration) -> Result<ExitStatus, String> {
    if let Ok(Some(status)) = child.try_wait() {
        return Ok(status);
    }
    signal(child.id(), "TERM")?;
    let mut status = None;
    wait_until(limit, || {
        status = child.try_wait().ok().flatten();
        status.is_some()
    });
    status.ok_or_else(|| {
        let _ = child.kill();
        let _ = child.wait();
        format!("did not end in {} s after SIGTERM", limit.as_secs())
    })
}

/// Ports of the loopback interface that nobody listens on now.
pub fn free_ports<const N: usize>() -> Result<[u16; N], String> {
    let mut ports = [0; N];
    let mut held = Vec::new();
    for port in &mut ports {
        let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
        *port = listener
            .local_addr()
            .map_err(|error| error.to_string())?
            .port();
        held.push(listener);
    }
    Ok(ports)
}

#[expect(clippy::print_stdout, reason = "this is a command's output")]
pub(crate) fn print(line: &str) {
    println!("{line}");
}
