//! A list of primes as numbers.

use std::{
    fmt,
    pin::{Pin, pin},
    task::{Context, Poll, ready},
    vec,
};

use abacus_api::v1;
use abacus_tasks::format::{Format, GapDecoder};
use async_stream::try_stream;
use bytes::Bytes;
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
    blocks: BoxStream<'static, Result<Vec<u64>, Error>>,
    block: vec::IntoIter<u64>,
    has_ended: bool,
}

/// What turns the bytes of a list into numbers.
#[derive(Debug)]
pub(crate) enum Notation {
    /// One a line. Holds what the digits since the last line feed come to.
    Lines(Option<u64>),
    /// As gaps.
    Gaps(GapDecoder),
}

impl Primes {
    /// The numbers of blocks that come one after the other.
    pub(crate) fn new(blocks: impl Stream<Item = Result<Vec<u64>, Error>> + Send + 'static) -> Self {
        Self { blocks: blocks.boxed(), block: Vec::new().into_iter(), has_ended: false }
    }

    fn poll_prime(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<u64, Error>>> {
        loop {
            if let Some(prime) = self.block.next() {
                return Poll::Ready(Some(Ok(prime)));
            }
            match ready!(self.blocks.poll_next_unpin(context)) {
                Some(Ok(block)) => self.block = block.into_iter(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl Notation {
    /// The notation in which the list of this task is kept.
    pub(crate) fn of(task: Option<v1::Task>) -> Self {
        match task.and_then(|task| task.task) {
            Some(v1::task::Task::Primes(primes)) if primes.gaps => Self::Gaps(GapDecoder::new(primes.start)),
            _ => Self::Lines(None),
        }
    }

    /// The format to read the list in.
    pub(crate) fn format(&self) -> Format {
        match self {
            Self::Lines(_) => Format::Values,
            Self::Gaps(_) => Format::Gaps,
        }
    }

    /// The numbers of a list that is told in pieces.
    pub(crate) fn blocks(
        mut self,
        pieces: impl Stream<Item = Result<Bytes, Error>> + Send + 'static,
    ) -> impl Stream<Item = Result<Vec<u64>, Error>> + Send + 'static {
        try_stream! {
            let mut pieces = pin!(pieces);
            while let Some(piece) = pieces.next().await {
                yield self.read(&piece?)?;
            }
            self.finish()?;
        }
    }

    fn read(&mut self, bytes: &[u8]) -> Result<Vec<u64>, Error> {
        let mut primes = Vec::new();
        match self {
            Self::Lines(begun) => {
                for &byte in bytes {
                    if byte == b'\n' {
                        primes.push(begun.take().ok_or_else(no_list)?);
                        continue;
                    }
                    let digit = char::from(byte).to_digit(10).ok_or_else(no_list)?;
                    let shifted = begun.unwrap_or(0).checked_mul(10);
                    let longer = shifted.and_then(|shifted| shifted.checked_add(digit.into()));
                    *begun = Some(longer.ok_or_else(no_list)?);
                }
            }
            Self::Gaps(decoder) => decoder.decode(bytes, &mut primes).map_err(|_| no_list())?,
        }
        Ok(primes)
    }

    fn finish(self) -> Result<(), Error> {
        match self {
            Self::Lines(None) => Ok(()),
            Self::Lines(Some(_)) => Err(no_list()),
            Self::Gaps(decoder) => decoder.finish().map_err(|_| no_list()),
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
    Error::Incomprehensible("this is no list of integers below 2^64".to_owned())
}

#[cfg(test)]
mod tests {
    use futures_util::{TryStreamExt, stream};

    use super::*;

    fn lines(blocks: &[&'static str]) -> Primes {
        let blocks: Vec<_> = blocks.iter().map(|block| Ok(Bytes::from(*block))).collect();
        Primes::new(Notation::Lines(None).blocks(stream::iter(blocks)))
    }

    async fn primes(blocks: &[&'static str]) -> Result<Vec<u64>, Error> {
        lines(blocks).try_collect().await
    }

    async fn from_gaps(start: u64, blocks: &[&'static [u8]]) -> Result<Vec<u64>, Error> {
        let task = v1::Primes { start, end: u64::MAX, gaps: true, ..v1::Primes::default() };
        let notation = Notation::of(Some(v1::Task { task: Some(v1::task::Task::Primes(task)) }));
        assert_eq!(notation.format(), Format::Gaps);
        let blocks: Vec<_> = blocks.iter().map(|block| Ok(Bytes::from(*block))).collect();
        Primes::new(notation.blocks(stream::iter(blocks))).try_collect().await
    }

    #[tokio::test]
    async fn gaps_are_read_across_blocks() {
        assert_eq!(from_gaps(0, &[&[2, 1, 1], &[], &[1, 2]]).await, Ok(vec![2, 3, 5, 7, 11]));
        assert_eq!(from_gaps(1000, &[&[0x80 + 13], &[1, 1]]).await, Ok(vec![1141, 1143]));
        for damaged in [&[0x80][..], &[3, 0], &[0xff; 11]] {
            assert!(from_gaps(0, &[damaged]).await.is_err(), "{damaged:?}");
        }
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
        let mut stream = lines(&["x\n2\n"]);
        assert!(stream.next().await.unwrap().is_err());
        assert_eq!(stream.next().await, None);
    }
}
