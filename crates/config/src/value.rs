//! Typed values: how text becomes one, and how one becomes text again, by the rules of Kafka's ConfigDef.

use std::fmt;

use crate::key::{Invalid, Key, Preset, Type};

/// A value of one of the nine types.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// BOOLEAN.
    Boolean(bool),
    /// STRING.
    String(String),
    /// INT.
    Int(i32),
    /// SHORT.
    Short(i16),
    /// LONG.
    Long(i64),
    /// DOUBLE.
    Double(f64),
    /// LIST.
    List(Vec<String>),
    /// CLASS: a name; whether Ottla has it is for its user to say.
    Class(String),
    /// PASSWORD.
    Password(Password),
}

/// Text that its `Debug` and `Display` hide.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// Wraps a secret.
    pub fn new(secret: impl Into<String>) -> Self {
        Self(secret.into())
    }

    /// The secret itself.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl fmt::Display for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hidden]")
    }
}

impl Value {
    /// Reads text as a value of `type`; the error is the broken rule as a sentence without its subject.
    pub fn parse(r#type: Type, text: &str) -> Result<Self, String> {
        let text = trim(text);
        match r#type {
            Type::Boolean if text.eq_ignore_ascii_case("true") => Ok(Self::Boolean(true)),
            Type::Boolean if text.eq_ignore_ascii_case("false") => Ok(Self::Boolean(false)),
            Type::Boolean => Err("must be true or false".to_owned()),
            Type::String => Ok(Self::String(text.to_owned())),
            Type::Int => {
                whole(text, 32, i32::MIN.into(), i32::MAX.into()).map(|n| Self::Int(n as i32))
            }
            Type::Short => {
                whole(text, 16, i16::MIN.into(), i16::MAX.into()).map(|n| Self::Short(n as i16))
            }
            Type::Long => whole(text, 64, i64::MIN, i64::MAX).map(Self::Long),
            Type::Double => double(text).map(Self::Double),
            Type::List => Ok(Self::List(split_list(text))),
            Type::Class => Ok(Self::Class(text.to_owned())),
            Type::Password => Ok(Self::Password(Password::new(text))),
        }
    }

    /// A number of any type as a double; `None` for anything else.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Int(n) => Some((*n).into()),
            Self::Short(n) => Some((*n).into()),
            Self::Long(n) => Some(*n as f64),
            Self::Double(n) => Some(*n),
            _ => None,
        }
    }

    /// A whole number of any type; `None` for anything else.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Int(n) => Some((*n).into()),
            Self::Short(n) => Some((*n).into()),
            Self::Long(n) => Some(*n),
            _ => None,
        }
    }
}

/// The text that DescribeConfigs answers; a password is hidden.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::String(value) | Self::Class(value) => f.write_str(value),
            Self::Int(value) => write!(f, "{value}"),
            Self::Short(value) => write!(f, "{value}"),
            Self::Long(value) => write!(f, "{value}"),
            Self::Double(value) => f.write_str(&java_double(*value)),
            Self::List(items) => f.write_str(&items.join(",")),
            Self::Password(secret) => write!(f, "{secret}"),
        }
    }
}

impl Key {
    /// Reads and checks a value given for this key; `name` is the key as given, which may have a listener's prefix.
    pub fn parse_as(&self, name: &str, text: &str) -> Result<Value, Invalid> {
        let refuse = |rule: String| match self.is_sensitive() {
            true => Invalid::without_value(name, rule),
            false => Invalid::new(name, text, rule),
        };
        let mut value = Value::parse(self.r#type, text).map_err(refuse)?;
        self.rule.normalize(&mut value);
        self.rule.check(Some(&value)).map_err(refuse)?;
        Ok(value)
    }

    /// Reads and checks a value given for this key.
    pub fn parse(&self, text: &str) -> Result<Value, Invalid> {
        self.parse_as(self.name, text)
    }

    /// The value when none is given: an error if the key is required.
    pub fn default_value(&self) -> Result<Option<Value>, Invalid> {
        match self.preset {
            Preset::Required => Err(Invalid::without_value(
                self.name,
                "must be given, it has no default",
            )),
            Preset::Null => Ok(None),
            Preset::Is(text) => self.parse(text).map(Some),
        }
    }
}

/// Java's `trim`: everything up to U+0020 goes.
fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c <= ' ')
}

fn whole(text: &str, bits: u32, least: i64, most: i64) -> Result<i64, String> {
    match text.parse::<i64>() {
        Ok(number) if (least..=most).contains(&number) => Ok(number),
        _ => Err(format!("must be a whole number of {bits} bits")),
    }
}

fn double(text: &str) -> Result<f64, String> {
    let number = match text.strip_prefix(['+', '-']).unwrap_or(text) {
        "NaN" | "Infinity" => text.parse().ok(),
        // Java lets a number end in its type's letter.
        _ => text
            .strip_suffix(['d', 'D', 'f', 'F'])
            .unwrap_or(text)
            .parse()
            .ok()
            .filter(|n: &f64| {
                !n.is_nan() && (n.is_finite() || text.bytes().any(|byte| byte.is_ascii_digit()))
            }),
    };
    number.ok_or_else(|| "must be a number".to_owned())
}

/// Items between commas; white space around an item goes, empty items stay (rules refuse them).
fn split_list(text: &str) -> Vec<String> {
    if text.is_empty() {
        return Vec::new();
    }
    text.split(',')
        .map(|item| {
            item.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0B')
                .to_owned()
        })
        .collect()
}

/// A double as Java writes it: plain from 10^-3 up to 10^7, else with an exponent; always with a point.
pub(crate) fn java_double(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    if value == 0.0 || (1e-3..1e7).contains(&value.abs()) {
        return format!("{value:?}");
    }
    let scientific = format!("{value:E}");
    match scientific.split_once('E') {
        Some((digits, exponent)) if !digits.contains('.') => format!("{digits}.0E{exponent}"),
        _ => scientific,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_trimmed_and_read_by_type() {
        let read = |r#type, text| Value::parse(r#type, text).unwrap();
        assert_eq!(read(Type::Boolean, " TRUE\t"), Value::Boolean(true));
        assert_eq!(read(Type::Boolean, "False"), Value::Boolean(false));
        assert_eq!(read(Type::String, "  a b "), Value::String("a b".into()));
        assert_eq!(read(Type::Int, "+7"), Value::Int(7));
        assert_eq!(read(Type::Short, "-32768"), Value::Short(i16::MIN));
        assert_eq!(
            read(Type::Long, "9223372036854775807"),
            Value::Long(i64::MAX)
        );
        assert_eq!(read(Type::Double, "1e3"), Value::Double(1000.0));
        assert_eq!(read(Type::Double, "0.5f"), Value::Double(0.5));
        assert_eq!(
            read(Type::Double, "-Infinity"),
            Value::Double(f64::NEG_INFINITY)
        );
        assert_eq!(read(Type::Class, " a.B "), Value::Class("a.B".into()));
        assert_eq!(
            read(Type::Password, " x "),
            Value::Password(Password::new("x"))
        );
        assert_eq!(read(Type::List, "  "), Value::List(vec![]));
        assert_eq!(
            read(Type::List, "a , b,c,"),
            Value::List(["a", "b", "c", ""].map(String::from).into())
        );
    }

    #[test]
    fn text_of_another_type_is_refused() {
        for (r#type, text) in [
            (Type::Boolean, "yes"),
            (Type::Boolean, ""),
            (Type::Int, "2147483648"),
            (Type::Int, "1.0"),
            (Type::Int, "0x10"),
            (Type::Int, ""),
            (Type::Short, "32768"),
            (Type::Long, "9223372036854775808"),
            (Type::Long, "1L"),
            (Type::Double, "nan"),
            (Type::Double, "inf"),
            (Type::Double, "1,5"),
            (Type::Double, ""),
        ] {
            assert!(Value::parse(r#type, text).is_err(), "{type:?} {text:?}");
        }
    }

    #[test]
    fn doubles_print_as_java_prints_them() {
        for (value, text) in [
            (0.5, "0.5"),
            (0.0, "0.0"),
            (1.0, "1.0"),
            (1e-3, "0.001"),
            (1e-4, "1.0E-4"),
            (1.5e-4, "1.5E-4"),
            (9_999_999.0, "9999999.0"),
            (1e7, "1.0E7"),
            (f64::MAX, "1.7976931348623157E308"),
            (f64::NAN, "NaN"),
            (f64::NEG_INFINITY, "-Infinity"),
        ] {
            assert_eq!(java_double(value), text);
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let value = Value::parse(Type::Password, "swordfish").unwrap();
        assert!(!format!("{value} {value:?}").contains("swordfish"));
    }
}
