//! Reading the result of a job.

use std::{
    fmt, io,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use abacus_api::v1;
use abacus_tasks::{Format, JobId};
use async_stream::try_stream;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt, future, stream::BoxStream};
use num_bigint::BigInt;
use tokio::io::{AsyncBufRead, AsyncRead, ReadBuf};
use tokio_util::io::StreamReader;

use crate::{Client, Error, Event, Primes, Received, Summary, primes::Notation, reader};

/// The result of a job, to be read in one of several ways. From [`Client::result`].
///
/// Reading waits for a job that has not ended. It resumes by itself after any cut, for as long as
/// [`stream_patience`](crate::Builder::stream_patience) allows. Whoever reads to the end has what was computed: every
/// chunk is compared with its checksum, the whole with its length and SHA-256.
///
/// # Errors
/// Of every way to read: [`Error::NoResult`] when the job failed or was cancelled; [`Error::Refused`] with
/// `JOB_NOT_FOUND`, with `INVALID_FIELD` when the result cannot be written in this way, with `FORMAT_TOO_LARGE`;
/// [`Error::Damaged`]; [`Error::Unreachable`].
///
/// # Cancel safety
/// Streams and readers lose nothing when a pending read is dropped. Of [`integer`](StoredResult::integer) and
/// [`text`](StoredResult::text) what was read is lost; the result stays where it is.
#[derive(Debug, Clone)]
#[must_use = "nothing is read yet"]
pub struct StoredResult {
    pub(crate) client: Client,
    pub(crate) job: JobId,
    pub(crate) format: v1::ResultFormat,
    pub(crate) max_chunk_bytes: u32,
    pub(crate) received: Received,
}

/// A part of a result, or something that happened meanwhile.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Piece {
    /// The next bytes; at least one.
    Bytes(Bytes),
    /// What happened to the job while its end is waited for, or to the connection.
    Event(Event),
    /// The end: what the whole result is, after it was compared.
    End(Summary),
}

/// The parts of a result, in order: a stream. From [`StoredResult::pieces`].
#[must_use = "a stream does nothing unless it is polled"]
pub struct Pieces(BoxStream<'static, Result<Piece, Error>>);

/// The bytes of a result, to be read as from a file. From [`StoredResult::digits`] and [`StoredResult::bytes`].
#[must_use = "a reader does nothing unless it is read"]
pub struct Digits(StreamReader<BoxStream<'static, io::Result<Bytes>>, Bytes>);

impl StoredResult {
    pub(crate) fn new(client: Client, job: JobId) -> Self {
        let format = v1::ResultFormat::Unspecified;
        Self { client, job, format, max_chunk_bytes: 0, received: Received::new() }
    }

    /// How the result is to be written, for [`pieces`](StoredResult::pieces) and [`bytes`](StoredResult::bytes). Default:
    /// digits in decimal, primes one per line, text as it is.
    pub fn format(mut self, format: Format) -> Self {
        self.format = format.into();
        self
    }

    /// How many bytes come at a time, 1 KiB to 1 MiB: less suits a connection that is often cut. Default 256 KiB.
    pub fn max_chunk_bytes(mut self, bytes: u32) -> Self {
        self.max_chunk_bytes = bytes;
        self
    }

    /// Reads on after a beginning that came earlier; it counts when the whole is compared.
    pub fn after(mut self, received: Received) -> Self {
        self.received = received;
        self
    }

    /// The parts of the result, and what happens meanwhile.
    pub fn pieces(self) -> Pieces {
        Pieces(reader::pieces(self).boxed())
    }

    /// The bytes of the result, in the format that was chosen.
    pub fn bytes(self) -> Digits {
        Digits(StreamReader::new(self.contents().map_err(io::Error::from).boxed()))
    }

    /// The decimal digits of an integer, the most significant first, with `-` in front of a negative one.
    pub fn digits(self) -> Digits {
        self.format(Format::Decimal).bytes()
    }

    /// The result as an integer. Takes about one and a half times the length of its digits in memory.
    ///
    /// # Errors
    /// Those of [`StoredResult`].
    pub async fn integer(self) -> Result<BigInt, Error> {
        let client = self.client.clone();
        let digits = self.format(Format::Decimal).whole().await?;
        // Large numbers take seconds.
        let parsed = client.runtime().spawn_blocking(move || crate::integer::parse(&digits)).await;
        let parsed =
            parsed.map_err(|_| Error::Incomprehensible("the runtime is shutting down".to_owned()))?;
        parsed.ok_or_else(|| Error::Incomprehensible("these are no decimal digits".to_owned()))
    }

    /// The primes of a list, as they arrive. A list that is kept as gaps travels so, always from its beginning.
    pub fn primes(mut self) -> Primes {
        Primes::new(try_stream! {
            let job = self.client.job(&self.job).await?;
            let notation = Notation::of(job.message().task.clone());
            if notation.format() == Format::Gaps {
                self.received = Received::new();
            }
            let format = notation.format();
            let mut blocks = pin!(notation.blocks(self.format(format).contents()));
            while let Some(block) = blocks.next().await {
                yield block?;
            }
        })
    }

    /// The result as text, whatever it is made of. The whole of it is held in memory.
    ///
    /// # Errors
    /// Those of [`StoredResult`].
    pub async fn text(self) -> Result<String, Error> {
        let text = self.whole().await?;
        String::from_utf8(text).map_err(|_| Error::Incomprehensible("this is no text".to_owned()))
    }

    /// The bytes alone.
    fn contents(self) -> BoxStream<'static, Result<Bytes, Error>> {
        let bytes = |piece| match piece {
            Piece::Bytes(bytes) => Some(bytes),
            Piece::Event(_) | Piece::End(_) => None,
        };
        self.pieces().try_filter_map(move |piece| future::ready(Ok(bytes(piece)))).boxed()
    }

    async fn whole(self) -> Result<Vec<u8>, Error> {
        let append = |mut whole: Vec<u8>, bytes: Bytes| {
            whole.extend_from_slice(&bytes);
            future::ready(Ok(whole))
        };
        self.contents().try_fold(Vec::new(), append).await
    }
}

impl Stream for Pieces {
    type Item = Result<Piece, Error>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next_unpin(context)
    }
}

/// Fails with an [`io::Error`] that holds the [`Error`].
impl AsyncRead for Digits {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.0).poll_read(context, buffer)
    }
}

impl AsyncBufRead for Digits {
    fn poll_fill_buf(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<&[u8]>> {
        Pin::new(&mut self.get_mut().0).poll_fill_buf(context)
    }

    fn consume(mut self: Pin<&mut Self>, amount: usize) {
        Pin::new(&mut self.0).consume(amount);
    }
}

impl fmt::Debug for Pieces {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pieces").finish_non_exhaustive()
    }
}

impl fmt::Debug for Digits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Digits").finish_non_exhaustive()
    }
}
