//! The `futures` traits for everything that is a [`Registered`](crate::Registered) inside.

/// `AsyncRead` for a type whose field `io` can read, and for a reference to it.
macro_rules! async_read {
    ($name:ident) => {
        impl futures::io::AsyncRead for &$name {
            #[inline]
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
                buffer: &mut [u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                self.io.poll_read(context, buffer)
            }
        }

        impl futures::io::AsyncRead for $name {
            #[inline]
            fn poll_read(
                self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
                buffer: &mut [u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                self.io.poll_read(context, buffer)
            }
        }
    };
}

/// `AsyncWrite` for a type whose field `io` can write, and for a reference to it. `close` is a
/// method of its own.
macro_rules! async_write {
    ($name:ident) => {
        async_write!(@ &$name);
        async_write!(@ $name);
    };
    (@ $target:ty) => {
        impl futures::io::AsyncWrite for $target {
            #[inline]
            fn poll_write(
                self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
                bytes: &[u8],
            ) -> std::task::Poll<std::io::Result<usize>> {
                self.io.poll_write(context, bytes)
            }

            fn poll_write_vectored(
                self: std::pin::Pin<&mut Self>,
                context: &mut std::task::Context<'_>,
                buffers: &[std::io::IoSlice<'_>],
            ) -> std::task::Poll<std::io::Result<usize>> {
                self.io.poll_write_vectored(context, buffers)
            }

            /// There is nothing to flush: what is written is the system's.
            fn poll_flush(
                self: std::pin::Pin<&mut Self>,
                _context: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(Ok(()))
            }

            fn poll_close(
                self: std::pin::Pin<&mut Self>,
                _context: &mut std::task::Context<'_>,
            ) -> std::task::Poll<std::io::Result<()>> {
                std::task::Poll::Ready(self.close())
            }
        }
    };
}

pub(crate) use {async_read, async_write};
