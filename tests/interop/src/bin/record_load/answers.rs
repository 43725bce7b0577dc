//! Answers as they come off a connection, in a buffer that is used again.

use std::{
    io::{BufReader, Read},
    net::TcpStream,
};

use bytes::{Bytes, BytesMut};

/// More than any answer here has; what claims to be larger is no answer.
const MOST_BYTES: usize = 256 << 20;

/// The reading half of a connection.
pub(crate) struct Answers {
    reader: BufReader<TcpStream>,
    buffer: BytesMut,
}

impl Answers {
    pub(crate) fn of(stream: &TcpStream) -> Result<Self, String> {
        let stream = stream.try_clone().map_err(|error| error.to_string())?;
        Ok(Self {
            reader: BufReader::with_capacity(16 << 10, stream),
            buffer: BytesMut::new(),
        })
    }

    /// The next answer, without its size. Give it back with [`Self::done`].
    pub(crate) fn next(&mut self) -> Result<Bytes, String> {
        let said = |error: std::io::Error| format!("while receiving: {error}");
        let mut size = [0; 4];
        self.reader.read_exact(&mut size).map_err(said)?;
        let size = u32::from_be_bytes(size) as usize;
        if !(4..=MOST_BYTES).contains(&size) {
            return Err(format!("an answer of {size} bytes"));
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        // Zeroed once: a buffer that was large before is only cut.
        if buffer.len() < size {
            buffer.resize(size, 0);
        }
        self.reader.read_exact(&mut buffer[..size]).map_err(said)?;
        let rest = buffer.split_off(size);
        let answer = buffer.freeze();
        self.buffer = rest;
        Ok(answer)
    }

    /// Takes the memory of an answer back.
    pub(crate) fn done(&mut self, answer: Bytes) {
        if let Ok(mut buffer) = answer.try_into_mut() {
            let rest = std::mem::take(&mut self.buffer);
            buffer.unsplit(rest);
            self.buffer = buffer;
        }
    }
}
