//! What a schema says: messages, their structures and fields, and the arithmetic of versions.

use std::fmt;

/// A closed range of versions; empty if `first > last`. An open end is `i16::MAX`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Versions {
    pub(crate) first: i16,
    pub(crate) last: i16,
}

impl Versions {
    pub(crate) const NONE: Self = Self { first: 0, last: -1 };

    /// `none`, `3`, `2-7` or `4+`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if text == "none" {
            return Some(Self::NONE);
        }
        if let Some(first) = text.strip_suffix('+') {
            return Some(Self {
                first: first.parse().ok()?,
                last: i16::MAX,
            });
        }
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let found = Self {
            first: first.parse().ok()?,
            last: last.parse().ok()?,
        };
        (!found.is_empty()).then_some(found)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.first > self.last
    }

    #[cfg(test)]
    pub(crate) fn has(self, version: i16) -> bool {
        (self.first..=self.last).contains(&version)
    }

    pub(crate) fn intersect(self, other: Self) -> Self {
        let found = Self {
            first: self.first.max(other.first),
            last: self.last.min(other.last),
        };
        if found.is_empty() { Self::NONE } else { found }
    }

    /// Without those of `tail`, which is the end of this range or disjoint from it.
    pub(crate) fn before(self, tail: Self) -> Self {
        if self.intersect(tail).is_empty() {
            return self;
        }
        self.intersect(Self {
            first: i16::MIN,
            last: tail.first - 1,
        })
    }

    /// The condition for a version, known to be within `known`, to be within `self`.
    pub(crate) fn within(self, known: Self) -> Condition {
        let both = self.intersect(known);
        if both.is_empty() {
            Condition::Never
        } else if both == known {
            Condition::Always
        } else if both.first == known.first {
            Condition::When {
                holds: format!("version <= {}", both.last),
                fails: format!("version > {}", both.last),
            }
        } else if both.last == known.last {
            Condition::When {
                holds: format!("version >= {}", both.first),
                fails: format!("version < {}", both.first),
            }
        } else {
            let holds = format!("({}..={}).contains(&version)", both.first, both.last);
            Condition::When {
                fails: format!("!{holds}"),
                holds,
            }
        }
    }
}

impl fmt::Display for Versions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.last) {
            _ if self.is_empty() => f.write_str("none"),
            (first, i16::MAX) => write!(f, "{first}+"),
            (first, last) if first == last => write!(f, "{first}"),
            (first, last) => write!(f, "{first}-{last}"),
        }
    }
}

/// A version condition, folded as far as it can be.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Condition {
    Always,
    Never,
    /// Expressions of `version`.
    When {
        holds: String,
        fails: String,
    },
}

impl Condition {
    /// `body` under this condition.
    pub(crate) fn guard(&self, body: &str) -> String {
        match self {
            _ if body.is_empty() => String::new(),
            Self::Always => body.to_owned(),
            Self::Never => String::new(),
            Self::When { holds, .. } => format!("if {holds} {{ {body} }}\n"),
        }
    }

    /// `yes` or `no`, both statements.
    pub(crate) fn choose(&self, yes: &str, no: &str) -> String {
        match self {
            Self::Always => yes.to_owned(),
            Self::Never => no.to_owned(),
            Self::When { .. } if no.is_empty() => self.guard(yes),
            Self::When { fails, .. } if yes.is_empty() => format!("if {fails} {{ {no} }}\n"),
            Self::When { holds, .. } => format!("if {holds} {{ {yes} }} else {{ {no} }}\n"),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Request,
    Response,
    Header,
    Data,
    Metadata,
    CoordinatorKey,
    CoordinatorValue,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Type {
    Bool,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint16,
    Uint32,
    Float64,
    Uuid,
    String,
    Bytes,
    Records,
    Struct(String),
    Array(Box<Self>),
}

impl Type {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(item) = text.strip_prefix("[]") {
            return Some(Self::Array(Box::new(Self::parse(item)?)));
        }
        Some(match text {
            "bool" => Self::Bool,
            "int8" => Self::Int8,
            "int16" => Self::Int16,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "uint16" => Self::Uint16,
            "uint32" => Self::Uint32,
            "float64" => Self::Float64,
            "uuid" => Self::Uuid,
            "string" => Self::String,
            "bytes" => Self::Bytes,
            "records" => Self::Records,
            name if name.starts_with(|c: char| c.is_ascii_uppercase()) => {
                Self::Struct(name.to_owned())
            }
            _ => return None,
        })
    }

    /// The Rust type.
    pub(crate) fn rust(&self) -> String {
        match self {
            Self::Bool => "bool".to_owned(),
            Self::String => "String".to_owned(),
            Self::Bytes => "Bytes".to_owned(),
            Self::Records => "Records".to_owned(),
            Self::Uuid => "Uuid".to_owned(),
            Self::Struct(name) => name.clone(),
            Self::Array(item) => format!("Vec<{}>", item.rust()),
            number => number.method().to_owned(),
        }
    }

    /// The reader's and writer's method for a type of fixed length, also the Rust name of a number.
    pub(crate) fn method(&self) -> &'static str {
        match self {
            Self::Bool => "bool",
            Self::Int8 => "i8",
            Self::Int16 => "i16",
            Self::Int32 => "i32",
            Self::Int64 => "i64",
            Self::Uint16 => "u16",
            Self::Uint32 => "u32",
            Self::Float64 => "f64",
            Self::Uuid => "uuid",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Records => "records",
            Self::Struct(_) | Self::Array(_) => "",
        }
    }

    /// The structure in it, if any.
    pub(crate) fn structure(&self) -> Option<&str> {
        match self {
            Self::Struct(name) => Some(name),
            Self::Array(item) => item.structure(),
            _ => None,
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// The schema's name.
    pub(crate) name: String,
    pub(crate) ty: Type,
    pub(crate) versions: Versions,
    pub(crate) nullable: Versions,
    pub(crate) tagged: Versions,
    pub(crate) tag: Option<u32>,
    pub(crate) default: Option<String>,
    pub(crate) ignorable: bool,
    /// Overrides the message's.
    pub(crate) flexible: Option<Versions>,
    pub(crate) entity: Option<String>,
}

impl Field {
    /// The Rust name.
    pub(crate) fn rust(&self) -> String {
        let name = snake(&self.name);
        match name.as_str() {
            "type" | "match" => format!("r#{name}"),
            _ => name,
        }
    }

    /// The Rust name as text.
    pub(crate) fn plain(&self) -> String {
        snake(&self.name)
    }

    /// Whether the Rust type is an option.
    pub(crate) fn optional(&self) -> bool {
        !self.nullable.is_empty() || self.ty == Type::Records
    }

    /// Whether null is the default.
    pub(crate) fn null_by_default(&self) -> bool {
        self.default.as_deref() == Some("null") || self.ty == Type::Records
    }

    pub(crate) fn rust_type(&self) -> String {
        if self.optional() {
            format!("Option<{}>", self.ty.rust())
        } else {
            self.ty.rust()
        }
    }

    /// The versions that have it in its place, not as a tagged field.
    pub(crate) fn in_place(&self) -> Versions {
        self.versions.before(self.tagged)
    }
}

/// A structure: the message itself, or a part.
#[derive(Clone, Debug)]
pub(crate) struct Struct {
    pub(crate) name: String,
    /// The versions of the message that can have it.
    pub(crate) versions: Versions,
    pub(crate) fields: Vec<Field>,
}

/// One message.
#[derive(Clone, Debug)]
pub(crate) struct Schema {
    /// The directory it is in.
    pub(crate) group: String,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) key: Option<i16>,
    pub(crate) versions: Versions,
    pub(crate) flexible: Versions,
    pub(crate) listeners: Vec<String>,
    pub(crate) latest_unstable: bool,
    /// The message first, then its parts in the order they are met.
    pub(crate) structs: Vec<Struct>,
}

impl Schema {
    /// The module's name.
    pub(crate) fn module(&self) -> String {
        snake(&self.name)
    }

    /// Whether any version is spoken.
    pub(crate) fn is_alive(&self) -> bool {
        !self.versions.is_empty()
    }
}

/// `ThrottleTimeMs` → `throttle_time_ms`.
pub(crate) fn snake(name: &str) -> String {
    let name = name.replace("KRaft", "Kraft");
    let letters: Vec<char> = name.chars().collect();
    let mut out = String::new();
    for (at, letter) in letters.iter().enumerate() {
        let after_lower = at > 0 && !letters[at - 1].is_ascii_uppercase();
        let before_lower = letters.get(at + 1).is_some_and(char::is_ascii_lowercase);
        if letter.is_ascii_uppercase() && at > 0 && (after_lower || before_lower) {
            out.push('_');
        }
        out.push(letter.to_ascii_lowercase());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_snakes() {
        for (name, wanted) in [
            ("ThrottleTimeMs", "throttle_time_ms"),
            ("KRaftVersionFeature", "kraft_version_feature"),
            ("ISRChange", "isr_change"),
            ("ResultsByTopicV3AndBelow", "results_by_topic_v3_and_below"),
            ("clientId", "client_id"),
        ] {
            assert_eq!(snake(name), wanted);
        }
    }

    #[test]
    fn conditions_fold() {
        let known = Versions { first: 4, last: 18 };
        let open = |text| Versions::parse(text).unwrap().within(known);
        assert_eq!(open("0+"), Condition::Always);
        assert_eq!(open("0-3"), Condition::Never);
        assert!(matches!(open("0-12"), Condition::When { holds, .. } if holds == "version <= 12"));
        assert!(matches!(open("7+"), Condition::When { fails, .. } if fails == "version < 7"));
        assert!(
            matches!(open("7-9"), Condition::When { holds, .. } if holds == "(7..=9).contains(&version)")
        );
    }
}
