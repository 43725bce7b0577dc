//! Addresses as configuration writes them: `host:port`, `id@host:port`, `NAME://host:port`.

use std::fmt;

/// How a listener is secured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i16)]
pub enum SecurityProtocol {
    /// Neither encrypted nor authenticated.
    Plaintext = 0,
    /// TLS.
    Ssl = 1,
    /// SASL without TLS.
    SaslPlaintext = 2,
    /// SASL over TLS.
    SaslSsl = 3,
}

impl SecurityProtocol {
    /// Every protocol, by number.
    pub const ALL: [Self; 4] = [
        Self::Plaintext,
        Self::Ssl,
        Self::SaslPlaintext,
        Self::SaslSsl,
    ];

    /// Reads a name in any case.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.name().eq_ignore_ascii_case(name))
    }

    /// Kafka's name, such as `SASL_SSL`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plaintext => "PLAINTEXT",
            Self::Ssl => "SSL",
            Self::SaslPlaintext => "SASL_PLAINTEXT",
            Self::SaslSsl => "SASL_SSL",
        }
    }

    /// Whether connections authenticate by SASL.
    pub const fn uses_sasl(self) -> bool {
        matches!(self, Self::SaslPlaintext | Self::SaslSsl)
    }

    /// Whether connections are encrypted by TLS.
    pub const fn uses_tls(self) -> bool {
        matches!(self, Self::Ssl | Self::SaslSsl)
    }
}

impl fmt::Display for SecurityProtocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Where a listener is, and how it is secured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The listener's name, in capitals.
    pub listener: String,
    /// A name or address without brackets; empty for every interface.
    pub host: String,
    /// The port; 0 lets the system pick one.
    pub port: u16,
    /// From `listener.security.protocol.map`.
    pub protocol: SecurityProtocol,
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.contains(':') {
            true => write!(f, "{}://[{}]:{}", self.listener, self.host, self.port),
            false => write!(f, "{}://{}:{}", self.listener, self.host, self.port),
        }
    }
}

/// A voter of `controller.quorum.voters`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Voter {
    /// Its node id.
    pub id: i32,
    /// Its name or address.
    pub host: String,
    /// Its controller port.
    pub port: u16,
}

const NOT_HOST_PORT: &str = "must be host:port";

/// Reads `host:port`; a `NAME://` before it is allowed and ignored, brackets around an IPv6 address go.
/// An empty host is this machine.
pub fn parse_host_port(text: &str) -> Result<(String, u16), String> {
    let address = match text.split_once("://") {
        Some((scheme, rest)) if scheme.bytes().all(is_host_byte) => rest,
        Some(_) => return Err(NOT_HOST_PORT.to_owned()),
        None => text,
    };
    match split_port(address) {
        Some((host, port)) => Ok((host.to_owned(), port)),
        None => Err(format!("{NOT_HOST_PORT}, {text} is not")),
    }
}

/// Reads the items of `controller.quorum.voters`.
pub fn parse_voters(items: &[String]) -> Result<Vec<Voter>, String> {
    let mut voters: Vec<Voter> = Vec::with_capacity(items.len());
    for item in items {
        let voter =
            parse_voter(item).ok_or_else(|| format!("must be id@host:port, {item} is not"))?;
        if voter.host == "0.0.0.0" {
            return Err(format!(
                "must have addresses that others can reach, 0.0.0.0 of {item} is not"
            ));
        }
        // Of two with the same id the last counts.
        voters.retain(|other| other.id != voter.id);
        voters.push(voter);
    }
    Ok(voters)
}

fn parse_voter(item: &str) -> Option<Voter> {
    let (id, address) = item.split_once('@')?;
    let (host, port) = split_port(address)?;
    Some(Voter {
        id: id.parse().ok().filter(|id| *id >= 0)?,
        host: host.to_owned(),
        port,
    })
}

/// Reads `NAME://host:port` as name in capitals, host and port.
pub(crate) fn parse_listener(text: &str) -> Result<(String, String, u16), String> {
    let parts = text
        .rsplit_once("://")
        .and_then(|(name, address)| Some((name, split_port(address)?)));
    match parts {
        Some((name, (host, port))) if !name.is_empty() => {
            Ok((name.to_uppercase(), host.to_owned(), port))
        }
        _ => Err(format!(
            "must have items of the form NAME://host:port, {text} is not"
        )),
    }
}

fn split_port(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.rsplit_once(':')?;
    let host = match host.strip_prefix('[') {
        Some(inner) => inner.strip_suffix(']')?,
        None => host,
    };
    let is_number = port.bytes().all(|byte| byte.is_ascii_digit());
    (is_number && host.bytes().all(is_host_byte))
        .then(|| port.parse().ok().map(|port| (host, port)))?
}

/// Whether the text can be a host: letters, digits, and `-%._:`.
pub(crate) fn is_host(text: &str) -> bool {
    text.bytes().all(is_host_byte)
}

fn is_host_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-%._:".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_are_host_and_port() {
        assert_eq!(parse_host_port("a.b:9092"), Ok(("a.b".into(), 9092)));
        assert_eq!(parse_host_port(":1"), Ok(("".into(), 1)));
        assert_eq!(parse_host_port("[::1]:1"), Ok(("::1".into(), 1)));
        assert_eq!(
            parse_host_port("PLAINTEXT://h:65535"),
            Ok(("h".into(), 65535))
        );
        for text in [
            "", "a", "a:", "a:65536", "a:-1", "a b:1", "[::1:1", "a/b:1", "ä:1",
        ] {
            assert!(parse_host_port(text).is_err(), "{text}");
        }
    }

    #[test]
    fn voters_have_an_id_each() {
        let voters =
            |text: &str| parse_voters(&text.split(',').map(String::from).collect::<Vec<_>>());
        assert_eq!(
            voters("1@h:2,3@[::1]:4"),
            Ok(vec![
                Voter {
                    id: 1,
                    host: "h".into(),
                    port: 2
                },
                Voter {
                    id: 3,
                    host: "::1".into(),
                    port: 4
                }
            ])
        );
        for text in ["h:1", "x@h:1", "-1@h:1", "1@h", "1@0.0.0.0:1", ""] {
            assert!(voters(text).is_err(), "{text}");
        }
    }

    #[test]
    fn listeners_have_a_name() {
        assert_eq!(
            parse_listener("plain://:9092"),
            Ok(("PLAIN".into(), "".into(), 9092))
        );
        assert_eq!(
            parse_listener("A://[::]:0"),
            Ok(("A".into(), "::".into(), 0))
        );
        for text in [
            "",
            "h:1",
            "://h:1",
            "A:/h:1",
            "A://h",
            "A://h:x",
            "A://h h:1",
        ] {
            assert!(parse_listener(text).is_err(), "{text}");
        }
    }
}
