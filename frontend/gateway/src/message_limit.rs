//! The largest message that BuildKit accepts, and the check that a request keeps to it.

use prost::Message;

use crate::Error;

/// The largest message, in each direction: containerd's default, which BuildKit uses.
pub(crate) const MESSAGE_LIMIT_BYTES: usize = 16 << 20;

/// Fails when a request is too large for the engine.
///
/// tonic would notice only while it writes, and then reset the stream without saying why.
pub(crate) fn check_size(call: &'static str, request: &impl Message) -> Result<(), Error> {
    let size = request.encoded_len();
    if size > MESSAGE_LIMIT_BYTES {
        return Err(Error::TooLarge {
            call,
            message: format!("the request has {size} bytes"),
        });
    }
    Ok(())
}
