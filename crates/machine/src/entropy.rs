//! Random numbers from a seed: the shell seeds it from the operating system, a simulation from its own seed.

/// xorshift64*: small and repeatable. For ids, jitter and placement; never for secrets.
#[derive(Clone, Debug)]
pub struct Entropy(u64);

impl Entropy {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        // A state of zero would stay zero.
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub fn draw(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below `n`, which is not zero.
    pub fn below(&mut self, n: u64) -> u64 {
        self.draw() % n.max(1)
    }

    /// Sixteen bytes, for an id.
    pub fn bytes16(&mut self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.draw().to_be_bytes());
        bytes[8..].copy_from_slice(&self.draw().to_be_bytes());
        bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_seed_same_numbers() {
        let (mut a, mut b) = (Entropy::new(7), Entropy::new(7));
        assert!((0..100).all(|_| a.draw() == b.draw()));
        assert!((0..100).all(|_| a.below(10) < 10));
        assert_ne!(a.bytes16(), a.bytes16());
    }
}
