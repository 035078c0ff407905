//! A list of primes as numbers.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use futures_util::{
    Stream, StreamExt,
    stream::{BoxStream, FusedStream},
};

use crate::Error;

/// Primes in ascending order, as they arrive: a stream. From [`StoredResult::primes`](crate::StoredResult::primes).
///
/// The end of the stream means that the whole list was compared with its length and SHA-256.
#[must_use = "a stream does nothing unless it is polled"]
pub struct Primes {
    bytes: BoxStream<'static, Result<Bytes, Error>>,
    block: Bytes,
    /// What the digits since the last line feed come to.
    begun: Option<u64>,
    has_ended: bool,
}

impl Primes {
    pub(crate) fn new(bytes: BoxStream<'static, Result<Bytes, Error>>) -> Self {
        Self { bytes, block: Bytes::new(), begun: None, has_ended: false }
    }

    /// The next prime of the block, if it has the rest of one.
    fn advance(&mut self) -> Result<Option<u64>, Error> {
        while let Some(&byte) = self.block.first() {
            self.block.advance(1);
            if byte == b'\n' {
                return self.begun.take().map(Some).ok_or_else(no_list);
            }
            let digit = char::from(byte).to_digit(10).ok_or_else(no_list)?;
            let shifted = self.begun.unwrap_or(0).checked_mul(10);
            let longer = shifted.and_then(|shifted| shifted.checked_add(digit.into()));
            self.begun = Some(longer.ok_or_else(no_list)?);
        }
        Ok(None)
    }

    fn poll_prime(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<u64, Error>>> {
        loop {
            if let Some(prime) = self.advance().transpose() {
                return Poll::Ready(Some(prime));
            }
            match ready!(self.bytes.poll_next_unpin(context)) {
                Some(Ok(block)) => self.block = block,
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None if self.begun.is_some() => return Poll::Ready(Some(Err(no_list()))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl Stream for Primes {
    type Item = Result<u64, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.has_ended {
            return Poll::Ready(None);
        }
        let prime = ready!(self.poll_prime(context));
        self.has_ended = !matches!(prime, Some(Ok(_)));
        Poll::Ready(prime)
    }
}

impl FusedStream for Primes {
    fn is_terminated(&self) -> bool {
        self.has_ended
    }
}

impl fmt::Debug for Primes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Primes").field("has_ended", &self.has_ended).finish_non_exhaustive()
    }
}

fn no_list() -> Error {
    Error::Incomprehensible("this is no list of integers below 2^64, one per line".to_owned())
}

#[cfg(test)]
mod tests {
    use futures_util::{TryStreamExt, stream};

    use super::*;

    async fn primes(blocks: &[&'static str]) -> Result<Vec<u64>, Error> {
        let blocks: Vec<_> = blocks.iter().map(|block| Ok(Bytes::from(*block))).collect();
        Primes::new(stream::iter(blocks).boxed()).try_collect().await
    }

    #[tokio::test]
    async fn numbers_are_read_across_blocks() {
        assert_eq!(primes(&[]).await, Ok(vec![]));
        assert_eq!(
            primes(&["2\n3\n5", "", "3\n", "1", "8446744073709551557\n"]).await.unwrap(),
            [2, 3, 53, 18_446_744_073_709_551_557]
        );
    }

    #[tokio::test]
    async fn what_is_no_list_is_an_error_and_the_end() {
        for blocks in [&["2\n\n"][..], &["2 3\n"], &["2"], &["18446744073709551616\n"], &["-2\n"]] {
            assert!(primes(blocks).await.is_err(), "{blocks:?}");
        }
        let mut stream = Primes::new(stream::iter([Ok(Bytes::from("x\n2\n"))]).boxed());
        assert!(stream.next().await.unwrap().is_err());
        assert_eq!(stream.next().await, None);
    }
}
