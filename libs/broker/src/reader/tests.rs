use std::time::Duration;

use abacus_tasks::{ClientName, Lane, Limits, Size, Task, WorkerId};
use proptest::prelude::*;
use uuid::Uuid;

use super::*;
use crate::{Claim, Clock, Embedded, Lease, Outcome, Submission, Terms};

/// A broker with one running job.
struct Bench {
    broker: SharedBroker,
    clock: Clock,
    lease: Lease,
    stored: u32,
}

impl Bench {
    async fn new() -> Self {
        let clock = Clock::manual();
        let broker: SharedBroker = Embedded::new(Terms::default(), clock.clone());
        let lease = Self::run(&broker).await;
        Self { broker, clock, lease, stored: 0 }
    }

    /// Has the job made and claimed.
    async fn run(broker: &SharedBroker) -> Lease {
        let parameters = v1::Sum2 { first: "1".to_owned(), second: "2".to_owned() };
        let message = v1::Task { task: Some(v1::task::Task::Sum2(parameters)) };
        let submission = Submission {
            task: Task::check(message, &Limits::default()).unwrap(),
            lane: Lane::Short,
            client: ClientName::anonymous(),
            request_id: None,
            reject_if_suspended: false,
            trace: String::new(),
        };
        broker.submit(submission).await.unwrap();
        let claim = Claim {
            worker: WorkerId::new(Uuid::nil()),
            kinds: vec!["sum2".to_owned()],
            free: vec![(Lane::Short, 1)],
            job: None,
            wait: Duration::ZERO,
            stop: tokio_util::sync::CancellationToken::new(),
        };
        broker.claim(claim).await.unwrap().remove(0)
    }

    async fn append(&mut self, chunk: &[u8]) {
        let chunk = Bytes::copy_from_slice(chunk);
        self.broker.append(&self.lease.key, self.stored, chunk).await.unwrap();
        self.stored += 1;
    }

    async fn succeed(&self, whole: &[u8]) {
        let summary = Summary {
            bytes: whole.len() as u64,
            chunks: self.stored,
            size: Size::Digits(whole.len() as u64),
            sha256: Sha256::digest(whole).into(),
            compute: Duration::ZERO,
        };
        self.broker.finish(&self.lease.key, Outcome::Succeeded { last: None, summary }).await.unwrap();
    }

    async fn store(&mut self, whole: &[u8], sizes: &[usize]) {
        for chunk in cut(whole, sizes) {
            self.append(chunk).await;
        }
        self.succeed(whole).await;
    }

    fn reader(&self, reading: Reading) -> Reader {
        Reader::new(self.broker.clone(), self.lease.key.job.clone(), reading).unwrap()
    }

    async fn snapshot(&self) -> Snapshot {
        self.broker.snapshot(&self.lease.key.job).await.unwrap().unwrap()
    }

    /// Everything that a reader gives until it stops; checks that pieces follow each other.
    async fn drain(&self, reader: &mut Reader, mut offset: u64) -> (Vec<u8>, Next) {
        let snapshot = self.snapshot().await;
        let (most, mut whole) = (reader.reading.max_piece_bytes, Vec::new());
        loop {
            match reader.read(&snapshot).await.unwrap() {
                Next::Piece(piece) => {
                    assert_eq!(piece.offset, offset);
                    assert!((1..=most).contains(&piece.bytes.len()));
                    offset += piece.bytes.len() as u64;
                    whole.extend(piece.bytes);
                }
                other => return (whole, other),
            }
        }
    }
}

fn reading(content: Content, format: Format) -> Reading {
    let conversions = Conversions::new(10_000, 1 << 20);
    Reading { content, format, offset: 0, max_piece_bytes: 1000, conversions }
}

/// `whole` in chunks of these sizes, taken again and again.
fn cut<'w>(mut whole: &'w [u8], sizes: &[usize]) -> Vec<&'w [u8]> {
    let mut chunks = Vec::new();
    for size in sizes.iter().cycle() {
        if whole.is_empty() {
            break;
        }
        let (chunk, rest) = whole.split_at((*size).min(whole.len()));
        chunks.push(chunk);
        whole = rest;
    }
    chunks
}

/// The primes up to 3000 as they are stored.
fn primes() -> (Content, String) {
    let prime = |n: &u64| (2..*n).take_while(|d| d * d <= *n).all(|d| !n.is_multiple_of(d));
    let lines: Vec<_> = (2..=3000).filter(prime).map(|n| n.to_string()).collect();
    (Content::Primes { start: 0, end: 3000 }, lines.join("\n") + "\n")
}

/// A result of each content with a format it fits.
fn results() -> impl Strategy<Value = (Content, Format, String)> {
    use Format::{Binary, Bitmap, Decimal, Hex, Text, Values};
    let digits = "-?[1-9][0-9]{0,600}";
    let integer = (digits, prop::sample::select(vec![Decimal, Hex, Binary]));
    prop_oneof![
        integer.prop_map(|(digits, format)| (Content::Integer, format, digits)),
        prop::sample::select(vec![Values, Bitmap]).prop_map(|format| {
            let (content, list) = primes();
            (content, format, list)
        }),
        "[aé€𝄞]{0,300}".prop_map(|text| (Content::Text, Text, text)),
    ]
}

/// The whole result in that format.
fn rewritten(content: Content, format: Format, native: &str) -> Vec<u8> {
    let mut transcoder = Transcoder::new(format, &content, native.len()).unwrap();
    let mut whole = transcoder.push(Bytes::copy_from_slice(native.as_bytes())).unwrap().to_vec();
    whole.extend(transcoder.finish().unwrap());
    whole
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().build().unwrap()
}

proptest! {
    #[test]
    fn any_offset_gives_the_rest_of_the_result_and_what_the_whole_is(
        (content, format, native) in results(),
        sizes in prop::collection::vec(1_usize..200, 1..5),
        max_piece_bytes in 4_usize..400,
        at in any::<prop::sample::Index>(),
    ) {
        let whole = rewritten(content, format, &native);
        let mut at = at.index(whole.len() + 1);
        while format == Format::Text && !native.is_char_boundary(at) {
            at -= 1;
        }
        runtime().block_on(async {
            let mut bench = Bench::new().await;
            bench.store(native.as_bytes(), &sizes).await;
            let offset = at as u64;
            let mut reader = bench.reader(Reading { offset, max_piece_bytes, ..reading(content, format) });
            let (rest, end) = bench.drain(&mut reader, offset).await;
            assert_eq!(end, Next::End);
            assert_eq!(rest, &whole[at..]);
            let summary = reader.summary(&bench.snapshot().await.summary.unwrap());
            assert_eq!(summary.format(), v1::ResultFormat::from(format));
            assert_eq!(summary.bytes, whole.len() as u64);
            assert_eq!(summary.sha256, hex(&Sha256::digest(&whole)));
        });
    }

    #[test]
    fn a_result_is_read_while_it_grows(
        sizes in prop::collection::vec(1_usize..300, 1..5),
        format in prop::sample::select(vec![Format::Values, Format::Bitmap]),
    ) {
        let (content, list) = primes();
        runtime().block_on(async {
            let mut bench = Bench::new().await;
            let mut reader = bench.reader(reading(content, format));
            let mut whole = Vec::new();
            for chunk in cut(list.as_bytes(), &sizes) {
                bench.append(chunk).await;
                let (more, next) = bench.drain(&mut reader, whole.len() as u64).await;
                assert_eq!(next, Next::CaughtUp);
                whole.extend(more);
                assert!(!reader.holds_bytes());
            }
            assert!(!whole.is_empty(), "it does not wait for the end");
            bench.succeed(list.as_bytes()).await;
            let (more, next) = bench.drain(&mut reader, whole.len() as u64).await;
            whole.extend(more);
            assert_eq!((next, whole), (Next::End, rewritten(content, format, &list)));
        });
    }

    #[test]
    fn text_is_cut_between_characters(
        text in "[aé€𝄞]{1,100}",
        sizes in prop::collection::vec(1_usize..9, 1..5),
        max_piece_bytes in 4_usize..20,
    ) {
        runtime().block_on(async {
            let mut bench = Bench::new().await;
            bench.store(text.as_bytes(), &sizes).await;
            let snapshot = bench.snapshot().await;
            let mut reader =
                bench.reader(Reading { max_piece_bytes, ..reading(Content::Text, Format::Text) });
            while let Next::Piece(piece) = reader.read(&snapshot).await.unwrap() {
                assert!(str::from_utf8(&piece.bytes).is_ok(), "{:?}", piece.bytes);
            }
        });
    }
}

#[tokio::test]
async fn an_integer_is_rewritten_only_once_it_is_whole() {
    let mut bench = Bench::new().await;
    let mut reader = bench.reader(reading(Content::Integer, Format::Hex));
    bench.append(b"25").await;
    assert_eq!(bench.drain(&mut reader, 0).await, (Vec::new(), Next::CaughtUp));
    bench.append(b"5").await;
    bench.succeed(b"255").await;
    assert_eq!(bench.drain(&mut reader, 0).await, (b"ff".to_vec(), Next::End));
}

#[tokio::test]
async fn a_job_made_anew_in_other_chunks_is_read_on() {
    let mut bench = Bench::new().await;
    let mut reader = bench.reader(reading(Content::Integer, Format::Decimal));
    bench.append(b"12").await;
    bench.append(b"34").await;
    assert_eq!(bench.drain(&mut reader, 0).await, (b"1234".to_vec(), Next::CaughtUp));
    bench.succeed(b"1234").await;
    bench.clock.advance(Terms::default().result_ttl * 2);
    bench.lease = Bench::run(&bench.broker).await;
    assert_eq!(bench.lease.key.attempt, 1, "it looks like the first life");
    bench.stored = 0;
    bench.store(b"123456", &[6]).await;
    assert_eq!(bench.drain(&mut reader, 4).await, (b"56".to_vec(), Next::End));
}

#[tokio::test]
async fn conversions_share_their_room_until_what_they_hold_is_read() {
    let mut bench = Bench::new().await;
    bench.store(&[b'7'; 4_000], &[1000]).await;
    let snapshot = bench.snapshot().await;
    let conversions = Conversions::new(4_000, 16_000);
    let of_room = |format| Reading { conversions: conversions.clone(), ..reading(Content::Integer, format) };
    let (mut first, mut second) = (bench.reader(of_room(Format::Hex)), bench.reader(of_room(Format::Binary)));
    assert!(matches!(first.read(&snapshot).await, Ok(Next::Piece(_))));
    assert_eq!(second.read(&snapshot).await, Ok(Next::Busy));
    let mut native = bench.reader(of_room(Format::Decimal));
    assert!(
        matches!(native.read(&snapshot).await, Ok(Next::Piece(_))),
        "what is not converted needs no room"
    );
    while first.holds_bytes() {
        first.read(&snapshot).await.unwrap();
    }
    assert!(matches!(second.read(&snapshot).await, Ok(Next::Piece(_))));
    assert_eq!(first.read(&snapshot).await, Ok(Next::End));
    drop(second);
    let mut third = bench.reader(of_room(Format::Hex));
    assert!(
        matches!(third.read(&snapshot).await, Ok(Next::Piece(_))),
        "a reader that is dropped gives it back"
    );
}

#[tokio::test]
async fn what_cannot_be_read_is_refused() {
    let mut bench = Bench::new().await;
    bench.store(&[b'1'; 200], &[64]).await;
    let snapshot = bench.snapshot().await;
    let decimal = reading(Content::Integer, Format::Decimal);
    let read = async |reading| bench.reader(reading).read(&snapshot).await.unwrap_err();
    assert_eq!(read(Reading { offset: 201, ..decimal.clone() }).await, ReadError::Beyond { bytes: 200 });
    let hex =
        Reading { conversions: Conversions::new(199, 1 << 20), ..reading(Content::Integer, Format::Hex) };
    assert_eq!(read(hex).await, ReadError::Unwritable(TranscodeError::TooLarge { limit: 199 }));
    let damaged = read(reading(Content::Primes { start: 0, end: 9 }, Format::Bitmap)).await;
    assert!(matches!(damaged, ReadError::Unwritable(TranscodeError::Damaged(_))), "{damaged}");

    let job = bench.lease.key.job.clone();
    assert!(Reader::new(bench.broker.clone(), job, reading(Content::Text, Format::Hex)).is_err());
    let absent = JobId::derive("sum2", b"another");
    let mut reader = Reader::new(bench.broker.clone(), absent, decimal).unwrap();
    assert_eq!(reader.read(&snapshot).await, Err(ReadError::Gone));
}
