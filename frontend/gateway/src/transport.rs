//! The HTTP/2 connection over two pipes, which are file descriptors 0 and 1.
//!
//! `tokio::io::stdin` would block a thread in read(2), which keeps the process from exiting, while
//! BuildKit waits for that exit before it closes the pipe (frontend/gateway/gateway.go): a
//! deadlock. The pipes are therefore registered with the reactor. The connection also notices when
//! the engine closes it.

use std::{
    io,
    os::fd::{AsFd, OwnedFd},
    pin::Pin,
    sync::Mutex,
    task::{Context, Poll},
};

use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite, Join, ReadBuf},
    net::unix::pipe::{Receiver, Sender},
    sync::watch,
};
use tonic::transport::{Channel, Endpoint};

use crate::Error;

/// The largest block of headers. The details of an error are sent in a trailer and contain whole
/// source files. grpc-go allows this much; hyper allows only 16 KiB by default.
const HEADER_LIMIT_BYTES: u32 = 16 << 20;

/// The pipes that BuildKit gave to this process. Fails if it was started in another way.
pub(crate) fn standard_pipes() -> Result<Join<Receiver, Sender>, Error> {
    let read = io::stdin()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|_| Error::NotPipe)?;
    let write = io::stdout()
        .as_fd()
        .try_clone_to_owned()
        .map_err(|_| Error::NotPipe)?;
    pipes(read, write)
}

/// The reading end and the writing end as one stream. Fails if one of them is not a pipe.
pub(crate) fn pipes(read: OwnedFd, write: OwnedFd) -> Result<Join<Receiver, Sender>, Error> {
    let read = Receiver::from_owned_fd(read).map_err(|_| Error::NotPipe)?;
    let write = Sender::from_owned_fd(write).map_err(|_| Error::NotPipe)?;
    Ok(tokio::io::join(read, write))
}

/// A channel over a stream, and a receiver that tells whether the engine has closed it.
pub(crate) async fn connect<IO>(io: IO) -> Result<(Channel, watch::Receiver<bool>), Error>
where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (closed, watcher) = watch::channel(false);
    // tonic tries to connect again after a failure, but there is only one pair of pipes.
    let once = Mutex::new(Some(Watched { io, closed }));
    let connector = tower::service_fn(move |_| {
        let io = once.lock().map(|mut once| once.take()).unwrap_or_default();
        async move {
            io.map(TokioIo::new)
                .ok_or_else(|| io::Error::other("BuildKit closed the pipe"))
        }
    });
    // The address is used for nothing but the header `:authority`.
    let channel = Endpoint::from_static("http://localhost")
        .http2_max_header_list_size(HEADER_LIMIT_BYTES)
        .connect_with_connector(connector)
        .await
        .map_err(|error| Error::Gone {
            call: "connect",
            message: error.to_string(),
        })?;
    Ok((channel, watcher))
}

/// A stream that reports when nothing more can be read from it.
struct Watched<IO> {
    io: IO,
    closed: watch::Sender<bool>,
}

impl<IO> Watched<IO> {
    fn close(&self) {
        self.closed.send_replace(true);
    }
}

impl<IO> Drop for Watched<IO> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<IO: AsyncRead + Unpin> AsyncRead for Watched<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(context, buffer);
        match &polled {
            Poll::Ready(Ok(())) if buffer.filled().len() > before || buffer.remaining() == 0 => {}
            Poll::Ready(_) => self.close(),
            Poll::Pending => {}
        }
        polled
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Watched<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(context, bytes);
        if matches!(polled, Poll::Ready(Err(_))) {
            self.close();
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
