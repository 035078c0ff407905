//! Reads a result piece by piece, from any offset, in any format that fits, in bounded memory.
//!
//! The one idea: a result is determined by its task, so an offset is all that has to be remembered of a reading; which
//! stored chunk holds it is looked up again when needed. A native format is read from the chunk that holds the offset.
//! Any other is rewritten from the beginning and passed over up to the offset, which also gives its digest.
//!
//! A reader does not wait: it tells when it has caught up with what a [`Snapshot`] says is stored, and is asked again
//! with a newer one.

use abacus_api::v1;
use abacus_tasks::{
    JobId, State,
    format::{Format, TranscodeError, Transcoder, Unfitting},
    identity::hex,
    kinds::Content,
};
use bytes::Bytes;
use sha2::{Digest, Sha256};

mod conversions;
mod pieces;

pub use conversions::Conversions;
use conversions::Room;
use pieces::Pieces;

use crate::{Error, SharedBroker, Snapshot, Summary, Timestamp};

/// What to read and how.
#[derive(Debug, Clone)]
pub struct Reading {
    /// What the result is made of: [`Snapshot::content`].
    pub content: Content,
    /// How it is to be written.
    pub format: Format,
    /// The first byte to read, counted in that format.
    pub offset: u64,
    /// The longest piece, in bytes; at least 4, so that each character fits. Pieces are as long where as much is
    /// stored.
    pub max_piece_bytes: usize,
    /// The bounds on rewriting it in a format which needs all of it in memory.
    pub conversions: Conversions,
}

/// A reading that is under way. Between two calls that found nothing to read it holds no more than a few bytes.
pub struct Reader {
    broker: SharedBroker,
    job: JobId,
    reading: Reading,
    /// Creation and attempt of the job as of the latest snapshot: chunks are looked up anew after another one, as a job
    /// that was forgotten, or failed, and was queued again may store its result in other chunks.
    attempt: Option<(Timestamp, u32)>,
    stored: Option<Stored>,
    /// For a format that needs everything in memory: held from the first fetched byte until all is read.
    room: Option<Room>,
    /// For formats that are not native.
    conversion: Option<Box<Conversion>>,
    /// The number of bytes, in the format of the reading, up to the end of `pieces`.
    produced: u64,
    /// Bytes from `reading.offset` on, not yet read.
    pieces: Pieces,
    /// True when nothing will follow what `pieces` hold.
    complete: bool,
}

/// A piece of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Where its first byte stands in the whole result.
    pub offset: u64,
    /// 1 byte or more. A piece of a text ends between characters.
    pub bytes: Bytes,
}

/// What a reader found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Next {
    /// The next piece.
    Piece(Piece),
    /// Nothing more is stored yet.
    CaughtUp,
    /// Other conversions take up all the room: to be asked again after a while.
    Busy,
    /// The job has succeeded and everything was read.
    End,
}

/// Why reading does not go on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The broker's refusal; asking again goes on where it stopped.
    #[error(transparent)]
    Broker(#[from] Error),
    /// The result, or a part of it, is no longer stored.
    #[error("the result is no longer stored")]
    Gone,
    /// The offset lies behind the end of the result.
    #[error("the result has {bytes} bytes")]
    Beyond {
        /// The length of the result in the format of the reading.
        bytes: u64,
    },
    /// It cannot be written in the format asked for.
    #[error(transparent)]
    Unwritable(#[from] TranscodeError),
}

/// The next stored chunk to be fetched.
#[derive(Clone, Copy)]
struct Stored {
    number: u32,
    start: u64,
}

struct Conversion {
    /// Taken when all was pushed.
    transcoder: Option<Transcoder>,
    hasher: Sha256,
}

/// What filling the buffer came to.
enum Filled {
    More,
    CaughtUp,
    Busy,
    End,
}

impl Reader {
    /// How much is fetched from the broker at once, in bytes; a single chunk may be larger.
    const FETCH_BYTES: usize = 512 * 1024;

    /// Begins to read.
    ///
    /// # Errors
    /// [`Unfitting`] when the content cannot be written in that format.
    pub fn new(broker: SharedBroker, job: JobId, reading: Reading) -> Result<Self, Unfitting> {
        let conversion = reading.conversion()?;
        Ok(Self {
            broker,
            job,
            attempt: None,
            stored: reading.first_stored(),
            reading,
            room: None,
            conversion,
            produced: 0,
            pieces: Pieces::default(),
            complete: false,
        })
    }

    /// The next piece, as far as `snapshot` says that there is one.
    ///
    /// # Errors
    /// [`ReadError`]. After [`ReadError::Broker`] it may be called again; after any other it will fail again.
    ///
    /// # Cancel safety
    /// A dropped call has read nothing, unless it was rewriting an integer, which then has to be started over.
    pub async fn read(&mut self, snapshot: &Snapshot) -> Result<Next, ReadError> {
        let attempt = Some((snapshot.create_time, snapshot.attempt));
        if self.attempt != attempt {
            self.attempt = attempt;
            self.start_over();
        }
        loop {
            if let Some(bytes) = self.cut() {
                let offset = self.reading.offset;
                self.reading.offset += bytes.len() as u64;
                if self.complete && self.pieces.is_empty() {
                    self.room = None;
                }
                return Ok(Next::Piece(Piece { offset, bytes }));
            }
            match self.fill(snapshot).await? {
                Filled::More => {}
                Filled::CaughtUp => return Ok(Next::CaughtUp),
                Filled::Busy => return Ok(Next::Busy),
                Filled::End => return Ok(Next::End),
            }
        }
    }

    /// True when the next call needs nothing from the broker to tell a piece: the memory of fetched bytes is held
    /// until they are read.
    #[must_use]
    pub fn holds_bytes(&self) -> bool {
        !self.pieces.is_empty()
    }

    /// What the whole result is, in the format of the reading, once its end was reached; `native` is the summary of
    /// the job. Tells as many chunks as are stored.
    #[must_use]
    pub fn summary(&self, native: &Summary) -> v1::ResultSummary {
        let mut summary = native.to_message(self.reading.format);
        if let Some(conversion) = &self.conversion {
            summary.bytes = self.produced;
            summary.sha256 = hex(&conversion.hasher.clone().finalize());
        }
        summary
    }

    /// Forgets everything but the offset.
    fn start_over(&mut self) {
        self.conversion = self.reading.conversion().expect("the same was made when the reading began");
        self.stored = self.reading.first_stored();
        self.produced = 0;
        self.pieces.clear();
        self.room = None;
        self.complete = false;
    }

    async fn fill(&mut self, snapshot: &Snapshot) -> Result<Filled, ReadError> {
        let succeeded = snapshot.state == State::Succeeded;
        if self.needs_everything() && !self.complete {
            if !self.may_convert(snapshot)? {
                return Ok(Filled::CaughtUp);
            }
            if !self.has_room(snapshot) {
                return Ok(Filled::Busy);
            }
        }
        let stored = self.locate().await?;
        if stored.start < snapshot.bytes {
            self.fetch(stored).await?;
            Ok(Filled::More)
        } else if !succeeded {
            Ok(Filled::CaughtUp)
        } else if !self.complete {
            self.finish().await?;
            Ok(Filled::More)
        } else if self.produced < self.reading.offset {
            Err(ReadError::Beyond { bytes: self.produced })
        } else {
            Ok(Filled::End)
        }
    }

    /// True when the format can be written only with the whole result in memory.
    fn needs_everything(&self) -> bool {
        matches!(self.reading.format, Format::Hex | Format::Binary)
    }

    /// Whether the whole result is there; refuses one that is too long before any of it is read.
    fn may_convert(&self, snapshot: &Snapshot) -> Result<bool, TranscodeError> {
        let limit = self.reading.conversions.longest();
        if snapshot.bytes > limit as u64 {
            return Err(TranscodeError::TooLarge { limit });
        }
        Ok(snapshot.state == State::Succeeded)
    }

    /// Takes the room for the conversion, unless it is held.
    fn has_room(&mut self, snapshot: &Snapshot) -> bool {
        if self.room.is_none() {
            self.room = self.reading.conversions.begin(snapshot.bytes);
        }
        self.room.is_some()
    }

    /// The next stored chunk to be fetched.
    async fn locate(&mut self) -> Result<Stored, Error> {
        if let Some(stored) = self.stored {
            return Ok(stored);
        }
        let (number, start) = self.broker.chunk_at(&self.job, self.reading.offset).await?;
        let stored = Stored { number, start };
        // Only native formats are looked up, and their offsets are those of the stored bytes.
        self.produced = start;
        self.stored = Some(stored);
        Ok(stored)
    }

    async fn fetch(&mut self, mut stored: Stored) -> Result<(), ReadError> {
        let chunks = self.broker.chunks(&self.job, stored.number, Self::FETCH_BYTES).await?;
        if chunks.is_empty() {
            return Err(ReadError::Gone);
        }
        for chunk in chunks {
            stored.number += 1;
            stored.start += chunk.len() as u64;
            self.stored = Some(stored);
            let bytes = match &mut self.conversion {
                Some(conversion) => conversion.push(chunk)?,
                None => chunk,
            };
            self.produce(bytes);
        }
        Ok(())
    }

    async fn finish(&mut self) -> Result<(), ReadError> {
        if let Some(conversion) = &mut self.conversion
            && let Some(transcoder) = conversion.transcoder.take()
        {
            let mut hasher = conversion.hasher.clone();
            // Rewriting an integer of millions of digits takes too long for a thread that serves others.
            let rewriting = tokio::task::spawn_blocking(move || {
                let rest = transcoder.finish()?;
                hasher.update(&rest);
                Ok::<_, TranscodeError>((rest, hasher))
            });
            let rewritten = rewriting.await;
            let (rest, hasher) =
                rewritten.map_err(|_| TranscodeError::Damaged("rewriting it was interrupted"))??;
            conversion.hasher = hasher;
            self.produce(rest);
        }
        self.complete = true;
        if self.pieces.is_empty() {
            self.room = None;
        }
        Ok(())
    }

    /// Takes bytes in the format of the reading, passing over those before the offset.
    fn produce(&mut self, mut bytes: Bytes) {
        let start = self.produced;
        self.produced += bytes.len() as u64;
        let passed = self.reading.offset.saturating_sub(start);
        match usize::try_from(passed) {
            Ok(passed) if passed < bytes.len() => {
                // Once a byte is kept, those that follow start at or behind the offset.
                self.pieces.push(bytes.split_off(passed));
            }
            _ => {}
        }
    }

    /// The next piece from what is held: as long as allowed, or all of it.
    fn cut(&mut self) -> Option<Bytes> {
        let most = self.reading.max_piece_bytes;
        match self.reading.format {
            Format::Text => self.pieces.take_text(most, self.complete),
            _ => self.pieces.take(most),
        }
    }
}

impl Reading {
    /// What rewrites the stored bytes; `None` for a native format.
    fn conversion(&self) -> Result<Option<Box<Conversion>>, Unfitting> {
        let transcoder = Transcoder::new(self.format, &self.content, self.conversions.longest())?;
        let conversion = || Box::new(Conversion { transcoder: Some(transcoder), hasher: Sha256::new() });
        Ok((!self.format.is_native(&self.content)).then(conversion))
    }

    /// The chunk to begin with, where that is known without asking.
    fn first_stored(&self) -> Option<Stored> {
        let from_the_first = self.offset == 0 || !self.format.is_native(&self.content);
        from_the_first.then_some(Stored { number: 0, start: 0 })
    }
}

impl Conversion {
    fn push(&mut self, native: Bytes) -> Result<Bytes, TranscodeError> {
        let rewritten = match &mut self.transcoder {
            Some(transcoder) => transcoder.push(native)?,
            None => Bytes::new(),
        };
        self.hasher.update(&rewritten);
        Ok(rewritten)
    }
}

#[cfg(test)]
mod tests;
