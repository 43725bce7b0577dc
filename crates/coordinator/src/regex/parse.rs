//! Reads the syntax of RE2 and writes the same language in that of the `regex` crate, in which everything that the two
//! understand differently is spelt out: classes as sets of ASCII characters, flags as what they change, no captures.

use std::collections::BTreeSet;

use super::{
    RegexError,
    beyond::{self, Beyond},
    classes::{self, Set},
};

/// How deep groups and repetitions may be nested.
pub(super) const MAX_DEPTH: usize = 200;
/// How often `{n,m}` may ask for what it repeats.
const MAX_REPEAT: u32 = 1000;

/// What flags in effect change. (That of greediness changes nothing for matches of the whole text.)
#[derive(Clone, Copy, Default)]
struct Flags {
    /// `i`: letters stand for both cases.
    folds: bool,
    /// `s`: the dot stands for a newline too.
    dot_all: bool,
    /// `m`: `^` and `$` are those of lines.
    lines: bool,
}

/// A group that is being read; the first is the whole expression.
#[derive(Default)]
struct Frame {
    /// Where it began.
    start: usize,
    /// The flags after it.
    outside: Flags,
    out: String,
    /// Where in `out` that begins which a repetition would repeat, and how deep it is nested.
    atom: Option<(usize, usize)>,
    depth: usize,
}

struct Parser<'p> {
    pattern: &'p str,
    /// In bytes.
    at: usize,
    flags: Flags,
    /// The groups around.
    outer: Vec<Frame>,
    frame: Frame,
    names: BTreeSet<&'p str>,
    /// Whether characters beyond ASCII are of interest.
    any: bool,
}

/// A set of characters: those of ASCII, and beyond.
type Class = (Set, Beyond);

/// The language of `pattern` over ASCII, as the `regex` crate writes it without Unicode; or over `any` characters, as it
/// writes it with Unicode.
pub(super) fn translate(pattern: &str, any: bool) -> Result<String, RegexError> {
    let mut parser = Parser {
        any,
        pattern,
        at: 0,
        flags: Flags::default(),
        outer: Vec::new(),
        frame: Frame::default(),
        names: BTreeSet::new(),
    };
    let mut repeated = None;
    while let Some(next) = parser.peek() {
        repeated = parser.item(next, repeated)?;
    }
    if !parser.outer.is_empty() {
        return Err(parser.error("this group is not closed", parser.frame.start));
    }
    Ok(parser.frame.out)
}

impl<'p> Parser<'p> {
    fn rest(&self) -> &'p str {
        &self.pattern[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    fn eat(&mut self, text: &str) -> bool {
        let there = self.rest().starts_with(text);
        if there {
            self.at += text.len();
        }
        there
    }

    /// What is wrong with what was read since `start`.
    fn error(&self, problem: &'static str, start: usize) -> RegexError {
        RegexError::syntax(problem, self.pattern, start, self.at)
    }

    /// One item; where it began if a repetition must not follow. `repeated` is that of the item before.
    fn item(&mut self, next: char, repeated: Option<usize>) -> Result<Option<usize>, RegexError> {
        let start = self.at;
        match next {
            '*' | '+' | '?' => {
                self.at += 1;
                self.repeat(start, repeated, next.encode_utf8(&mut [0; 4]))?;
                return Ok(Some(start));
            }
            '{' => {
                match self.count()? {
                    Some(count) => self.repeat(start, repeated, &count)?,
                    None => {
                        self.at += 1;
                        self.literal('{')?;
                    }
                }
                // RE2/J has it so for a brace that is a literal, too.
                return Ok(Some(start));
            }
            '^' if self.flags.lines => self.assertion(1, "(?m:^)")?,
            '^' => self.assertion(1, r"\A")?,
            '$' if self.flags.lines => self.assertion(1, "(?m:$)")?,
            '$' => self.assertion(1, r"\z")?,
            '(' => self.open()?,
            ')' => self.close()?,
            '|' => {
                self.at += 1;
                self.frame.out.push('|');
                self.frame.atom = None;
            }
            '.' => {
                self.at += 1;
                let newline = if self.flags.dot_all {
                    0
                } else {
                    classes::of(b"\n")
                };
                self.set((classes::ALL & !newline, Beyond::all()))?;
            }
            '[' => self.class()?,
            '\\' => self.backslash()?,
            _ => {
                self.at += next.len_utf8();
                self.literal(next)?;
            }
        }
        Ok(None)
    }

    /// Writes something that can be repeated.
    fn atom(&mut self, depth: usize, text: &str) -> Result<(), RegexError> {
        if depth > MAX_DEPTH {
            return Err(RegexError::too_deep());
        }
        self.frame.atom = Some((self.frame.out.len(), depth));
        self.frame.depth = self.frame.depth.max(depth);
        self.frame.out.push_str(text);
        Ok(())
    }

    fn assertion(&mut self, len: usize, text: &str) -> Result<(), RegexError> {
        self.at += len;
        self.atom(1, text)
    }

    fn literal(&mut self, character: char) -> Result<(), RegexError> {
        let code = character.into();
        self.set(self.span(code, code))
    }

    fn span(&self, first: u32, last: u32) -> Class {
        let set = classes::span(first, last, self.flags.folds);
        (set, Beyond::span(first, last).with(self.folded(set)))
    }

    /// What is beyond ASCII only because case does not matter.
    fn folded(&self, set: Set) -> Beyond {
        match self.flags.folds {
            true => Beyond::folded(set),
            false => Beyond::default(),
        }
    }

    fn set(&mut self, (set, beyond): Class) -> Result<(), RegexError> {
        let mut text = String::new();
        if self.any && !beyond.is_empty() {
            text.push_str("(?:");
            write_set(set, &mut text);
            text.push('|');
            beyond.write(self.flags.folds, &mut text);
            text.push(')');
        } else {
            write_set(set, &mut text);
        }
        self.atom(1, &text)
    }

    /// Repeats what is before `start`.
    fn repeat(
        &mut self,
        start: usize,
        repeated: Option<usize>,
        operator: &str,
    ) -> Result<(), RegexError> {
        self.eat("?");
        if let Some(first) = repeated {
            return Err(self.error("a repetition follows another", first));
        }
        let Some((atom, depth)) = self.frame.atom else {
            return Err(self.error("there is nothing to repeat", start));
        };
        if depth == MAX_DEPTH {
            return Err(RegexError::too_deep());
        }
        let frame = &mut self.frame;
        frame.out.insert_str(atom, "(?:");
        frame.out.push(')');
        frame.out.push_str(operator);
        frame.atom = Some((atom, depth + 1));
        frame.depth = frame.depth.max(depth + 1);
        Ok(())
    }

    /// A count in braces, as it is written; nothing is read if there is none, and the brace is itself.
    fn count(&mut self) -> Result<Option<String>, RegexError> {
        let start = self.at;
        self.at += 1;
        let read = (|| {
            let least = self.number()?;
            let most = if !self.eat(",") {
                Some(least)
            } else if self.peek()? == '}' {
                None
            } else {
                Some(self.number()?)
            };
            self.eat("}").then_some((least, most))
        })();
        let Some((least, most)) = read else {
            self.at = start;
            return Ok(None);
        };
        if least.max(most.unwrap_or(0)) > MAX_REPEAT || most.is_some_and(|most| most < least) {
            return Err(self.error("a repetition is of at most 1000, and ascends", start));
        }
        Ok(Some(match most {
            Some(most) => format!("{{{least},{most}}}"),
            None => format!("{{{least},}}"),
        }))
    }

    /// Digits without a leading zero; many are a large number.
    fn number(&mut self) -> Option<u32> {
        let rest = self.rest();
        let len = rest.bytes().take_while(u8::is_ascii_digit).count();
        let digits = &rest[..len];
        self.at += len;
        if digits.is_empty() || len > 1 && digits.starts_with('0') {
            return None;
        }
        Some(digits.parse().unwrap_or(u32::MAX))
    }

    fn open(&mut self) -> Result<(), RegexError> {
        let start = self.at;
        let outside = self.flags;
        if self.eat("(?P<") || self.eat("(?<") {
            self.name(start)?;
        } else if self.eat("(?") {
            if !self.flags(start)? {
                return Ok(());
            }
        } else {
            self.at += 1;
        }
        if self.outer.len() >= MAX_DEPTH {
            return Err(RegexError::too_deep());
        }
        let frame = Frame {
            start,
            outside,
            ..Frame::default()
        };
        self.outer.push(std::mem::replace(&mut self.frame, frame));
        Ok(())
    }

    fn name(&mut self, start: usize) -> Result<(), RegexError> {
        let Some((name, _)) = self.rest().split_once('>') else {
            self.at = self.pattern.len();
            return Err(self.error("the name of this group does not end", start));
        };
        self.at += name.len() + 1;
        if name.is_empty()
            || !name
                .bytes()
                .all(|it| it == b'_' || it.is_ascii_alphanumeric())
        {
            return Err(self.error("a name has letters, digits and underscores", start));
        }
        if !self.names.insert(name) {
            return Err(self.error("another group has this name", start));
        }
        Ok(())
    }

    /// Flags after `(?`; whether they are a group's, or else of the rest of the group around.
    fn flags(&mut self, start: usize) -> Result<bool, RegexError> {
        const PROBLEM: &str = "only the flags i, m, s and U are known, and no other kind of group";
        let mut flags = self.flags;
        let (mut on, mut some) = (true, true);
        loop {
            match self.next() {
                Some('i') => flags.folds = on,
                Some('m') => flags.lines = on,
                Some('s') => flags.dot_all = on,
                Some('U') => {}
                Some('-') if on => {
                    (on, some) = (false, false);
                    continue;
                }
                Some(end @ (':' | ')')) if some => {
                    self.flags = flags;
                    return Ok(end == ':');
                }
                _ => return Err(self.error(PROBLEM, start)),
            }
            some = true;
        }
    }

    fn close(&mut self) -> Result<(), RegexError> {
        let start = self.at;
        self.at += 1;
        let Some(outer) = self.outer.pop() else {
            return Err(self.error("no group is open here", start));
        };
        let group = std::mem::replace(&mut self.frame, outer);
        self.flags = group.outside;
        self.atom(group.depth + 1, &format!("(?:{})", group.out))
    }

    fn backslash(&mut self) -> Result<(), RegexError> {
        let start = self.at;
        match self.rest()[1..].chars().next() {
            Some('A') => self.assertion(2, r"\A"),
            Some('b') if self.any => self.assertion(2, r"(?-u:\b)"),
            Some('B') if self.any => self.assertion(2, r"(?-u:\B)"),
            Some('b') => self.assertion(2, r"\b"),
            Some('B') => self.assertion(2, r"\B"),
            Some('z') => self.assertion(2, r"\z"),
            Some('Q') => {
                self.at += 2;
                let literal = self.rest().split(r"\E").next().unwrap_or_default();
                literal.chars().try_for_each(|it| self.literal(it))?;
                self.at += literal.len();
                self.eat(r"\E");
                Ok(())
            }
            _ => {
                let set = match self.class_escape()? {
                    Some(set) => set,
                    None => {
                        let code = self.escape(start)?;
                        self.span(code, code)
                    }
                };
                self.set(set)
            }
        }
    }

    /// `\d`, `\pL` and the like; nothing is read if it is none of these.
    fn class_escape(&mut self) -> Result<Option<Class>, RegexError> {
        let start = self.at;
        let mut next = self.rest().chars().skip(1);
        let Some(letter) = next.next() else {
            return Ok(None);
        };
        if let Some(set) = classes::perl(letter) {
            self.at += 2;
            return Ok(Some(match letter.is_ascii_uppercase() {
                true => (set, self.folded(!set).others()),
                false => (set, self.folded(set)),
            }));
        }
        if !matches!(letter, 'p' | 'P') {
            return Ok(None);
        }
        self.at += 2;
        let rest = self.rest();
        let (len, name) = match next.next() {
            Some('{') => match rest.split_once('}') {
                Some((name, _)) => (name.len() + 1, &name[1..]),
                None => (rest.len(), ""),
            },
            Some(one) => (one.len_utf8(), &rest[..one.len_utf8()]),
            None => (0, ""),
        };
        self.at += len;
        let (others, name) = match name.strip_prefix('^') {
            Some(name) => (letter == 'p', name),
            None => (letter == 'P', name),
        };
        let Some(set) = classes::unicode(name, self.flags.folds) else {
            return Err(self.error("no category or script has this name", start));
        };
        let class = (set, beyond::unicode(name));
        Ok(Some(if others { others_of(class) } else { class }))
    }

    /// The code point that is meant by an escape, which began at `start`. It may be a surrogate.
    fn escape(&mut self, start: usize) -> Result<u32, RegexError> {
        self.at += 1;
        let code = match self.next() {
            None => return Err(self.error("a backslash is the last character", start)),
            Some('a') => Some(0x07),
            Some('f') => Some(0x0C),
            Some('n') => Some(0x0A),
            Some('r') => Some(0x0D),
            Some('t') => Some(0x09),
            Some('v') => Some(0x0B),
            Some('x') => self.hexadecimal(),
            Some(first @ '0'..='7') => self.octal(first),
            Some(other) if !other.is_ascii_alphanumeric() => return Ok(other.into()),
            Some(_) => None,
        };
        code.ok_or_else(|| self.error("no such escape", start))
    }

    /// Up to three digits; one alone only if it is zero.
    fn octal(&mut self, first: char) -> Option<u32> {
        let mut code = first.to_digit(8)?;
        let digit = |it: &Self| it.peek().and_then(|next| next.to_digit(8));
        if code != 0 {
            digit(self)?;
        }
        for _ in 0..2 {
            let Some(value) = digit(self) else { break };
            self.at += 1;
            code = code * 8 + value;
        }
        Some(code)
    }

    /// Two digits, or any number of them in braces.
    fn hexadecimal(&mut self) -> Option<u32> {
        if !self.eat("{") {
            let mut digit = || self.next().and_then(|next| next.to_digit(16));
            return Some(digit()? * 16 + digit()?);
        }
        let (digits, _) = self.rest().split_once('}')?;
        self.at += digits.len() + 1;
        let mut code = (!digits.is_empty()).then_some(0)?;
        for digit in digits.chars() {
            code = code * 16 + digit.to_digit(16)?;
            if code > char::MAX as u32 {
                return None;
            }
        }
        Some(code)
    }

    fn class(&mut self) -> Result<(), RegexError> {
        let start = self.at;
        self.at += 1;
        let others = self.eat("^");
        let mut class = (0, Beyond::default());
        let mut first = true;
        while first || self.peek() != Some(']') {
            first = false;
            let (set, beyond) = self.class_item(start)?;
            class = (class.0 | set, class.1.with(beyond));
        }
        self.at += 1;
        self.set(if others { others_of(class) } else { class })
    }

    /// One item of the class that began at `class`.
    fn class_item(&mut self, class: usize) -> Result<Class, RegexError> {
        let start = self.at;
        if let Some((name, _)) = self.rest().split_once(":]")
            && let Some(name) = name.strip_prefix("[:")
        {
            self.at += name.len() + 4;
            let Some(set) = classes::posix(name, self.flags.folds) else {
                return Err(self.error("no class has this name", start));
            };
            return Ok(match name.starts_with('^') {
                true => (set, self.folded(!set).others()),
                false => (set, self.folded(set)),
            });
        }
        if self.peek() == Some('\\')
            && let Some(set) = self.class_escape()?
        {
            return Ok(set);
        }
        let low = self.class_character(class)?;
        let mut high = low;
        let mut after = self.rest().chars();
        if after.next() == Some('-') && after.next() != Some(']') {
            self.at += 1;
            high = self.class_character(class)?;
        }
        if high < low {
            return Err(self.error("this range descends", start));
        }
        Ok(self.span(low, high))
    }

    fn class_character(&mut self, class: usize) -> Result<u32, RegexError> {
        let start = self.at;
        match self.peek() {
            None => Err(self.error("this class is not closed", class)),
            Some('\\') => self.escape(start),
            Some(_) => Ok(self.next().unwrap_or_default().into()),
        }
    }
}

fn others_of((set, beyond): Class) -> Class {
    (!set, beyond.others())
}

/// Writes a class of exactly `set`.
fn write_set(set: Set, out: &mut String) {
    use std::fmt::Write as _;
    if set == 0 {
        // Nothing is in both.
        out.push_str("[a&&b]");
        return;
    }
    if set.count_ones() == 1 && (set.trailing_zeros() as u8).is_ascii_alphanumeric() {
        out.push(char::from(set.trailing_zeros() as u8));
        return;
    }
    out.push('[');
    let mut from = 0;
    while from < 128 && set >> from != 0 {
        let first = from + (set >> from).trailing_zeros();
        let len = (set >> first).trailing_ones();
        let _ = write!(out, r"\x{first:02X}");
        if len > 1 {
            let _ = write!(out, r"-\x{:02X}", first + len - 1);
        }
        from = first + len;
    }
    out.push(']');
}
