//! Input that looks like what people send: lines of a log, the same for the same seed.

use std::fmt::Write as _;

/// A small generator of numbers.
#[derive(Clone, Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// The same numbers for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15).max(1))
    }

    /// One of `0..bound`.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }
}

const PATHS: [&str; 8] = [
    "/",
    "/cart",
    "/api/v2/orders",
    "/api/v2/orders/search?q=straße&limit=50",
    "/static/app.3f9c1.js",
    "/health",
    "/login",
    "/användare/räksmörgås",
];
const AGENTS: [&str; 4] = [
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "curl/8.14.1",
    "okhttp/5.1.0",
    "Googlebot/2.1 (+https://example.org/bot)",
];
const CLASSES: [&str; 4] = [
    "OrderRepository",
    "PaymentGateway",
    "SessionStore",
    "Scheduler",
];

/// `count` lines, each with its number in it; among them long ones and ones that are not ASCII, none empty.
pub fn log_lines(seed: u64, count: usize) -> Vec<u8> {
    let mut numbers = Numbers(seed.max(1));
    let mut text = String::new();
    for number in 0..count {
        let (minute, second) = (number / 60 % 60, number % 60);
        let _ = write!(
            text,
            "2026-11-20T{:02}:{minute:02}:{second:02}.{:03}Z n={number} ",
            number / 3600 % 24,
            numbers.below(1000)
        );
        match numbers.below(20) {
            0 => failure(&mut text, &mut numbers),
            1..=4 => {
                let (class, took) = (numbers.of(&CLASSES), numbers.below(4000));
                let _ = write!(
                    text,
                    "INFO  c.e.shop.{class} - done in {took} ms, order={:016x}",
                    numbers.below(usize::MAX)
                );
            }
            _ => {
                let (path, agent) = (numbers.of(&PATHS), numbers.of(&AGENTS));
                let status = numbers.of(&[200, 200, 200, 204, 304, 404, 500]);
                let _ = write!(
                    text,
                    "10.{}.{}.{} \"GET {path} HTTP/1.1\" {status} {} \"{agent}\"",
                    numbers.below(256),
                    numbers.below(256),
                    numbers.below(256),
                    numbers.below(100_000)
                );
            }
        }
        text.push('\n');
    }
    text.into_bytes()
}

/// A stack trace on one line.
fn failure(text: &mut String, numbers: &mut Numbers) {
    let class = numbers.of(&CLASSES);
    let _ = write!(
        text,
        "ERROR c.e.shop.{class} - java.net.SocketTimeoutException: Read timed out"
    );
    for _ in 0..3 + numbers.below(20) {
        let _ = write!(
            text,
            "\\n\\tat com.example.shop.{}.call({}.java:{})",
            numbers.of(&CLASSES),
            class,
            numbers.below(900)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_the_same_for_a_seed_and_none_is_empty() {
        let lines = log_lines(1, 5000);
        assert_eq!(lines, log_lines(1, 5000));
        assert_ne!(lines, log_lines(2, 5000));
        let text = String::from_utf8(lines).unwrap();
        assert_eq!(text.lines().filter(|line| line.len() > 40).count(), 5000);
        assert!(text.lines().any(|line| line.len() > 1000) && !text.is_ascii());
    }
}
