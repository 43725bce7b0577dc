//! What a thread keeps from one batch for the next: making it anew takes longer than reading a small batch.

use std::{
    cell::{Cell, RefCell},
    io, mem,
};

use zstd::{
    stream::raw::{InBuffer, Operation, OutBuffer},
    zstd_safe::{self, DCtx, DParameter, ResetDirective, WriteBuf},
};

/// The largest zstd window that is accepted, as a power of two: what zstd itself accepts unless told otherwise.
const ZSTD_WINDOW_LOG: u32 = 27;
/// No thread keeps more than so many buffers.
const BUFFERS: usize = 2;
/// No thread keeps a larger buffer.
const BUFFER_SIZE: usize = 64 << 10;
/// No thread keeps a larger zstd context: it has the window of a stream that has few like it.
const CONTEXT_SIZE: usize = 4 << 20;

thread_local! {
    static KEPT: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
    static DECOMPRESSION: Cell<Option<DCtx<'static>>> = const { Cell::new(None) };
}

/// A buffer with anything in it.
#[derive(Default)]
pub(super) struct Buffer(Vec<u8>);

impl Buffer {
    /// The first `len` bytes of it.
    pub(super) fn room(&mut self, len: usize) -> &mut [u8] {
        if self.0.len() < len {
            let kept = if self.0.is_empty() && len <= BUFFER_SIZE {
                KEPT.try_with(|kept| kept.borrow_mut().pop()).ok().flatten()
            } else {
                None
            };
            self.0 = kept.unwrap_or_default();
            if self.0.len() < len {
                // Zeroed pages are cheaper than zeroed bytes.
                self.0 = vec![0; len];
            }
        }
        &mut self.0[..len]
    }

    /// All that is in it.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let buffer = mem::take(&mut self.0);
        if (1..=BUFFER_SIZE).contains(&buffer.len()) {
            // At the end of a thread nothing is kept.
            let _ = KEPT.try_with(|kept| {
                let mut kept = kept.borrow_mut();
                if kept.len() < BUFFERS {
                    kept.push(buffer);
                }
            });
        }
    }
}

fn failed(code: usize) -> io::Error {
    io::Error::other(zstd_safe::get_error_name(code))
}

/// Reads zstd.
pub(super) struct ZstdContext(Option<DCtx<'static>>);

impl ZstdContext {
    pub(super) fn new() -> io::Result<Self> {
        if let Ok(Some(mut context)) = DECOMPRESSION.try_with(Cell::take)
            && context.reset(ResetDirective::SessionOnly).is_ok()
        {
            return Ok(Self(Some(context)));
        }
        let mut context = DCtx::try_create().ok_or(io::ErrorKind::OutOfMemory)?;
        context
            .set_parameter(DParameter::WindowLogMax(ZSTD_WINDOW_LOG))
            .map_err(failed)?;
        Ok(Self(Some(context)))
    }
}

impl Operation for ZstdContext {
    fn run<C: WriteBuf + ?Sized>(
        &mut self,
        input: &mut InBuffer<'_>,
        output: &mut OutBuffer<'_, C>,
    ) -> io::Result<usize> {
        let context = self.0.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        context.decompress_stream(output, input).map_err(failed)
    }

    fn reinit(&mut self) -> io::Result<()> {
        let context = self.0.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        context
            .reset(ResetDirective::SessionOnly)
            .map_err(failed)
            .map(|_| ())
    }

    fn finish<C: WriteBuf + ?Sized>(
        &mut self,
        _output: &mut OutBuffer<'_, C>,
        finished_frame: bool,
    ) -> io::Result<usize> {
        if finished_frame {
            Ok(0)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }
}

impl Drop for ZstdContext {
    fn drop(&mut self) {
        let context = self.0.take();
        if let Some(context) = context.filter(|context| context.sizeof() <= CONTEXT_SIZE) {
            let _ = DECOMPRESSION.try_with(|kept| kept.set(Some(context)));
        }
    }
}
