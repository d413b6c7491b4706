//! Serves the protocol over one stream, as BuildKit does over the pipes of a frontend.

use std::{
    future::Future,
    io,
    pin::Pin,
    task::{Context, Poll},
};

use buildkit_proto::moby::buildkit::v1::frontend::llb_bridge_server::{LlbBridge, LlbBridgeServer};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::oneshot,
};
use tonic::{
    codegen::tokio_stream,
    transport::{Server, server::Connected},
};

use crate::message_limit::MESSAGE_LIMIT_BYTES;

/// Serves the bridge until the other side closes the stream or `vanished` completes.
pub(crate) async fn serve<IO>(
    bridge: impl LlbBridge,
    io: IO,
    vanished: impl Future<Output = ()> + Send + 'static,
) where
    IO: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    // The engine refuses larger requests. Some tests are about larger answers.
    let service = LlbBridgeServer::new(bridge).max_decoding_message_size(MESSAGE_LIMIT_BYTES);
    let (open, closed) = oneshot::channel();
    let connection = Connection {
        io,
        vanished: Box::pin(vanished),
        has_vanished: false,
        _open: open,
    };
    let connections = tokio_stream::once(Ok::<_, io::Error>(connection));
    // The other side, which is under test, sees when the connection breaks.
    let _ = Server::builder()
        .add_service(service)
        .serve_with_incoming(connections)
        .await;
    // tonic serves in a task of its own. When it ends, it drops the stream and thereby `open`.
    let _ = closed.await;
}

/// A stream that has no addresses and breaks when the engine vanishes.
struct Connection<IO> {
    io: IO,
    vanished: Pin<Box<dyn Future<Output = ()> + Send>>,
    has_vanished: bool,
    _open: oneshot::Sender<()>,
}

impl<IO> Connection<IO> {
    /// Fails if the engine has vanished. Otherwise wakes the task when it does.
    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        self.has_vanished = self.has_vanished || self.vanished.as_mut().poll(context).is_ready();
        if self.has_vanished {
            Err(io::ErrorKind::ConnectionReset.into())
        } else {
            Ok(())
        }
    }
}

impl<IO> Connected for Connection<IO> {
    type ConnectInfo = ();

    fn connect_info(&self) {}
}

impl<IO: AsyncRead + Unpin> AsyncRead for Connection<IO> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.check(context)?;
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<IO: AsyncWrite + Unpin> AsyncWrite for Connection<IO> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
