//! Encoded messages in a file, as tests/interop/java/Codec.java reads and writes them.

use bytes::{Buf, Bytes};

/// One encoded message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Frame {
    /// Kafka's name of the message.
    pub name: String,
    /// The version of `body`.
    pub version: i16,
    /// The message, without header.
    pub body: Bytes,
}

/// Appends one frame.
pub fn write(to: &mut Vec<u8>, name: &str, version: i16, body: &[u8]) {
    // Java's readUTF: names are ASCII, where it equals UTF-8.
    to.extend_from_slice(&(name.len() as u16).to_be_bytes());
    to.extend_from_slice(name.as_bytes());
    to.extend_from_slice(&version.to_be_bytes());
    to.extend_from_slice(&(body.len() as u32).to_be_bytes());
    to.extend_from_slice(body);
}

/// All frames of a file; an error if it ends within one.
pub fn read(mut from: Bytes) -> Result<Vec<Frame>, String> {
    let mut frames = Vec::new();
    while from.has_remaining() {
        let frame = next(&mut from);
        frames.push(frame.ok_or_else(|| format!("cut short after {} frames", frames.len()))?);
    }
    Ok(frames)
}

fn next(from: &mut Bytes) -> Option<Frame> {
    let name_len = from.try_get_u16().ok()?.into();
    let name = take(from, name_len)?;
    let version = from.try_get_i16().ok()?;
    let body_len = from.try_get_u32().ok()? as usize;
    Some(Frame {
        name: String::from_utf8(name.to_vec()).ok()?,
        version,
        body: take(from, body_len)?,
    })
}

fn take(from: &mut Bytes, len: usize) -> Option<Bytes> {
    (from.remaining() >= len).then(|| from.split_to(len))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_written_and_a_cut_is_noticed() {
        let mut file = Vec::new();
        write(&mut file, "FetchRequest", 18, b"abc");
        write(&mut file, "Other", -1, b"");
        let frames = read(file.clone().into()).unwrap();
        assert_eq!(frames.len(), 2);
        assert_eq!((&*frames[0].name, frames[0].version), ("FetchRequest", 18));
        assert_eq!(frames[0].body, &b"abc"[..]);
        assert_eq!(frames[1].body, Bytes::new());
        let cut = Bytes::from(file).slice(..25);
        assert_eq!(read(cut), Err("cut short after 1 frames".to_owned()));
    }
}
