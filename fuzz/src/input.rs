//! How an input is made: a valid one, damaged in a few places.

use bolero::TypeGenerator;
use ottla_wire::random::Random;

/// One damage. Places are taken modulo the input's length.
#[derive(Clone, Debug, TypeGenerator)]
pub enum Mutation {
    /// One bit the other way.
    Flip {
        /// Where.
        at: u16,
        /// Which.
        bit: u8,
    },
    /// One byte.
    Set {
        /// Where.
        at: u16,
        /// To what.
        to: u8,
    },
    /// A big-endian number of 1, 2, 4 or 8 bytes, at one of the edges that lengths and counts have.
    Number {
        /// Where.
        at: u16,
        /// Its width, as a power of two.
        width: u8,
        /// Which edge.
        edge: u8,
        /// Added to the edge.
        near: i8,
    },
    /// Nothing from here on.
    Cut {
        /// Where.
        at: u16,
    },
    /// A few bytes less.
    Remove {
        /// Where.
        at: u16,
        /// How many.
        len: u8,
    },
    /// A few bytes more.
    Insert {
        /// Where.
        at: u16,
        /// Which.
        bytes: [u8; 4],
        /// How often.
        times: u8,
    },
    /// A piece of it once more.
    Repeat {
        /// From where.
        from: u16,
        /// How many bytes.
        len: u16,
        /// To where.
        to: u16,
    },
    /// The rest of another valid input from here on.
    Splice {
        /// Where.
        at: u16,
        /// Which input.
        seed: u16,
    },
}

const EDGES: [i64; 8] = [
    0,
    -1,
    i8::MAX as i64,
    i16::MAX as i64,
    i32::MAX as i64,
    i32::MIN as i64,
    i64::MAX,
    i64::MIN,
];

/// An input, in few words, so that it can be made smaller.
#[derive(Clone, Debug, TypeGenerator)]
pub struct Recipe {
    /// Draws the valid input; or says which kept one it is, if that is the origin.
    pub seed: u32,
    /// 0: what is kept. 1: the mutations' own bytes, without anything valid. Else a drawn input.
    pub origin: u8,
    /// The damage.
    #[generator(bolero::produce::<Vec<Mutation>>().with().len(0_usize..=MOST))]
    pub mutations: Vec<Mutation>,
}

/// Of so many inputs, one is a kept one and one is noise.
const ORIGINS: u8 = 8;
/// At most so many damages, so that what is left still looks valid.
const MOST: usize = 6;

impl Recipe {
    /// The input's bytes.
    pub fn input(&self, valid: fn(&mut Random) -> Vec<u8>, kept: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = match self.origin % ORIGINS {
            0 if !kept.is_empty() => kept[self.seed as usize % kept.len()].clone(),
            1 => Vec::new(),
            _ => valid(&mut Random::new(self.seed.into())),
        };
        for mutation in &self.mutations {
            mutation.apply(&mut bytes, valid);
        }
        bytes
    }
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>, valid: fn(&mut Random) -> Vec<u8>) {
        let len = bytes.len();
        let place = |at: u16| usize::from(at) % (len + 1);
        match *self {
            Self::Flip { at, bit } => {
                if let Some(byte) = bytes.get_mut(place(at)) {
                    *byte ^= 1 << (bit % 8);
                }
            }
            Self::Set { at, to } => {
                if let Some(byte) = bytes.get_mut(place(at)) {
                    *byte = to;
                }
            }
            Self::Number {
                at,
                width,
                edge,
                near,
            } => {
                let number = EDGES[usize::from(edge) % EDGES.len()].wrapping_add(near.into());
                let width = 1 << (width % 4);
                let number = &number.to_be_bytes()[8 - width..];
                let place = place(at);
                let end = len.min(place + width);
                bytes[place..end].copy_from_slice(&number[..end - place]);
            }
            Self::Cut { at } => bytes.truncate(place(at)),
            Self::Remove { at, len: most } => {
                let place = place(at);
                bytes.drain(place..len.min(place + usize::from(most)));
            }
            Self::Insert {
                at,
                bytes: more,
                times,
            } => {
                let place = place(at);
                bytes.splice(place..place, more.repeat(usize::from(times)));
            }
            Self::Repeat {
                from,
                len: most,
                to,
            } => {
                let from = place(from);
                let piece = bytes[from..len.min(from + usize::from(most))].to_vec();
                let to = place(to);
                bytes.splice(to..to, piece);
            }
            Self::Splice { at, seed } => {
                let place = place(at);
                let other = valid(&mut Random::new(seed.into()));
                bytes.truncate(place);
                bytes.extend_from_slice(other.get(place..).unwrap_or_default());
            }
        }
    }
}
