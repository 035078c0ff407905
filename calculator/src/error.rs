//! Why a calculator cannot start. (How it refuses calls: [`abacus_chassis::Refusal`].)

use std::io;

use abacus_chassis::health::InvalidDescriptors;

/// Why a calculator cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The listener does not tell its address.
    #[error("the listener has no address")]
    Listener(#[source] io::Error),
    /// The operating system has no room for another thread.
    #[error("a thread cannot be started; ask for fewer slots")]
    Thread(#[source] io::Error),
    /// The contract's descriptors are damaged: a fault of the build.
    #[error(transparent)]
    Descriptors(#[from] InvalidDescriptors),
}
