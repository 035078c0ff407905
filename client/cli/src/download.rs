//! The result of a job: to standard output, or to a file that a download which was cut goes on with.
//!
//! What has come stands in `FILE.part` until the whole was compared with its digest; only then does it get its name.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, IsTerminal, Read, Write},
    path::{Path, PathBuf},
};

use abacus_api::v1::{self, read_result_response::Event as Message};
use abacus_client::{
    Client, End, Error, Event, JobId, Outcome, Piece, Received, StoredResult, Summary, reason,
};
use futures_util::StreamExt;
use serde_json::Value;

use crate::{
    arguments::Writing,
    compute, contract,
    exit::{Exit, Problem},
    meter::Meter,
    output::Output,
};

/// How much of a part is read at a time.
const BLOCK_BYTES: usize = 1 << 20;

/// Where a result goes, and what is shown of it.
struct Sink<'o> {
    output: &'o Output,
    meter: Meter,
    /// The file with its path, or standard output.
    file: Option<(File, PathBuf)>,
    /// How many bytes have come.
    came: u64,
    /// How many there are, once that is known.
    total: Option<u64>,
    /// Whether the result comes in the format that jobs tell the length of.
    is_native: bool,
}

/// Tells the result of a job, once it is there.
pub(crate) async fn result(
    client: &Client,
    job: &JobId,
    writing: &Writing,
    output: &Output,
) -> Result<Exit, Problem> {
    let is_native = writing.format.is_none();
    let known = client.job(job).await?.summary().filter(|_| is_native);
    let total = known.map(|summary| summary.bytes());
    let mut sink = Sink { output, meter: output.meter(), file: None, came: 0, total, is_native };
    let result = client.result(job);
    let result = writing.format.into_iter().fold(result, StoredResult::format);
    let summary = match &writing.output {
        Some(path) => sink.save(result, path).await?,
        None => sink.drain(result).await?,
    };
    sink.meter.clear();
    if output.json_lines {
        output.json(&message(Message::Summary(summary.message().clone())))?;
    } else {
        output.end(&summary)?;
        sink.meter.note_to_people(&described(&summary));
    }
    Ok(Exit::Success)
}

/// A result in a few words.
pub(crate) fn described(summary: &Summary) -> String {
    let size = match (summary.digits(), summary.count()) {
        (Some(digits), _) => format!("{digits} digits"),
        (None, Some(count)) => format!("{count} in {} bytes", summary.bytes()),
        (None, None) => format!("{} bytes", summary.bytes()),
    };
    let time = summary.compute_time().map(|time| format!(", computed in {time:.3?}")).unwrap_or_default();
    format!("{size}{time}, SHA-256 {}", summary.sha256())
}

impl Sink<'_> {
    /// Writes a result to a file, after what an earlier download has left of it.
    async fn save(&mut self, result: StoredResult, path: &Path) -> Result<Summary, Problem> {
        let part = part_of(path);
        let received = received(&part).map_err(|error| unusable(&part, &error))?;
        let began = received.bytes();
        let mut end = self.append(result.clone().after(received), &part, began).await;
        if let Err(Problem::Client(error)) = &end
            && began > 0
            && is_spoiled(error)
        {
            let begins_anew = "does not belong to this result: beginning anew";
            self.meter.note(&format!("{} {begins_anew}", part.display()));
            fs::remove_file(&part).map_err(|error| unusable(&part, &error))?;
            end = self.append(result, &part, 0).await;
        }
        let summary = end?;
        fs::rename(&part, path).map_err(|error| unusable(path, &error))?;
        Ok(summary)
    }

    /// Appends to a part of so many bytes what is missing.
    async fn append(&mut self, result: StoredResult, part: &Path, began: u64) -> Result<Summary, Problem> {
        let file = File::options().create(true).append(true).open(part);
        let file = file.map_err(|error| unusable(part, &error))?;
        (self.file, self.came) = (Some((file, part.to_owned())), began);
        let summary = self.drain(result).await?;
        if let Some((file, path)) = self.file.take() {
            file.sync_all().map_err(|error| unusable(&path, &error))?;
        }
        Ok(summary)
    }

    /// Reads a result to its end.
    async fn drain(&mut self, result: StoredResult) -> Result<Summary, Problem> {
        let mut pieces = result.pieces();
        while let Some(piece) = pieces.next().await {
            match piece? {
                Piece::Bytes(bytes) => self.write(&bytes)?,
                Piece::Event(event) => self.show(&event)?,
                Piece::End(summary) => return Ok(summary),
                _ => {}
            }
        }
        Err(Problem::internal("the result has ended without its summary".to_owned()))
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Problem> {
        let offset = self.came;
        self.came += bytes.len() as u64;
        if let Some((file, path)) = &mut self.file {
            self.meter.received(self.came, self.total);
            return file.write_all(bytes).map_err(|error| unusable(path, &error));
        }
        if self.output.json_lines {
            // No text of a result has control characters but line feeds.
            let is_character = |byte: &u8| *byte >= b' ' || *byte == b'\n';
            let is_text = bytes.iter().all(is_character) && std::str::from_utf8(bytes).is_ok();
            return self.output.json(&message(Message::Chunk(contract::chunk(offset, bytes, is_text))));
        }
        // On a terminal the digits themselves show how far it is.
        if io::stdout().is_terminal() {
            self.meter.clear();
        } else {
            self.meter.received(self.came, self.total);
        }
        self.output.write(bytes)
    }

    fn show(&mut self, event: &Event) -> Result<(), Problem> {
        if let Event::Ended(Outcome { end: End::Succeeded(summary), .. }) = event
            && self.is_native
        {
            self.total = Some(summary.bytes());
        }
        self.meter.show(event);
        if self.output.json_lines { self.output.json(&compute::line(event)) } else { Ok(()) }
    }
}

fn message(event: Message) -> Value {
    contract::to_json("ReadResultResponse", &v1::ReadResultResponse { event: Some(event) })
}

/// What an earlier download has left.
fn received(part: &Path) -> io::Result<Received> {
    let mut received = Received::new();
    let mut file = match File::open(part) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(received),
        Err(error) => return Err(error),
    };
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match file.read(&mut block)? {
            0 => return Ok(received),
            length => received.update(&block[..length]),
        }
    }
}

/// Whether a beginning that was there is to blame: longer than the result, or of another one.
fn is_spoiled(error: &Error) -> bool {
    matches!(error, Error::Damaged { .. }) || error.reason() == Some(reason::INVALID_FIELD)
}

fn part_of(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".part");
    name.into()
}

fn unusable(path: &Path, error: &io::Error) -> Problem {
    Problem::unwritable(format!("{}: {error}", path.display()))
}
