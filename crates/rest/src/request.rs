//! The head of an HTTP request: as much of it as a reader of a local socket needs.

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Request<'a> {
    pub(crate) path: &'a str,
    query: &'a str,
}

/// Why there is no request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is not HTTP/1.
    NotHttp,
    /// It is no GET.
    Method,
}

impl<'a> Request<'a> {
    /// Reads the first line; of the headers none matters here.
    pub(crate) fn read(head: &'a str) -> Result<Self, Unreadable> {
        let line = head.lines().next().unwrap_or_default();
        let mut words = line.split(' ');
        let (Some(method), Some(target), Some(version), None) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            return Err(Unreadable::NotHttp);
        };
        if !version.starts_with("HTTP/1.") || !target.starts_with('/') {
            return Err(Unreadable::NotHttp);
        }
        if method != "GET" {
            return Err(Unreadable::Method);
        }
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        Ok(Self { path, query })
    }

    /// A parameter of the query. None of ours needs escapes.
    pub(crate) fn parameter(&self, name: &str) -> Option<&'a str> {
        let mut pairs = self.query.split('&');
        pairs.find_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            (key == name).then_some(value)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_read() {
        let head = "GET /v3/refusals?after=7&follow HTTP/1.1\r\nHost: x\r\n\r\n";
        let request = Request::read(head).unwrap();
        assert_eq!(request.path, "/v3/refusals");
        assert_eq!(request.parameter("after"), Some("7"));
        assert_eq!(request.parameter("follow"), Some(""));
        assert_eq!(request.parameter("fol"), None);
        for (head, why) in [
            ("", Unreadable::NotHttp),
            ("GET /", Unreadable::NotHttp),
            ("GET / HTTP/2", Unreadable::NotHttp),
            ("GET * HTTP/1.1", Unreadable::NotHttp),
            ("GET / HTTP/1.1 x", Unreadable::NotHttp),
            ("POST / HTTP/1.1", Unreadable::Method),
        ] {
            assert_eq!(Request::read(head).unwrap_err(), why, "{head}");
        }
    }
}
