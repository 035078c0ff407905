//! The bounds of server streams: how many, how long, until when.
//!
//! A service asks to be [admitted](Streams::admit) and binds the stream it answers with. A bound stream ends
//! by itself when the process stops, when it has reached the greatest age, or when the caller's deadline has
//! passed, each time with a refusal that tells the caller what to do; neither tonic nor Envoy does this for
//! open streams.

use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use std::time::Duration;

use futures_util::Stream;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use http::HeaderMap;
use prometheus_client::metrics::gauge::Gauge;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::deadline::timeout_of;
use crate::life::Life;
use crate::metrics;
use crate::refusal::{Reason, Refusal};
use crate::server::ServerSettings;

/// The bounds of all streams of a port. Clones share the count.
#[derive(Clone, Debug)]
pub struct Streams {
    open: Arc<Semaphore>,
    most: usize,
    lifetime: Duration,
    soft: CancellationToken,
}

/// The right to one stream, counted until it or the stream bound to it is dropped.
#[derive(Debug)]
pub struct Admission {
    place: Place,
    ends_at: Instant,
    ends_with: Reason,
    soft: CancellationToken,
}

/// A stream within its bounds, about 300 bytes larger than the stream inside.
pub struct Bound<T, E> {
    items: BoxStream<'static, Result<T, E>>,
    /// Resolves when the stream has to end; `None` once it has.
    end: Option<BoxFuture<'static, Refusal>>,
    _place: Place,
}

/// One of the places that streams of a port have.
#[derive(Debug)]
struct Place(#[expect(dead_code, reason = "holds the place until it is dropped")] OwnedSemaphorePermit);

/// Streams of all ports.
static OPEN: LazyLock<Gauge> =
    LazyLock::new(|| metrics::register("open_streams", "Server streams that are open", Gauge::default()));

impl Streams {
    /// The bounds that the settings tell, ending with this life.
    #[must_use]
    pub fn new(settings: &ServerSettings, life: &Life) -> Self {
        Self {
            open: Arc::new(Semaphore::new(settings.max_streams)),
            most: settings.max_streams,
            lifetime: settings.stream_lifetime,
            soft: life.soft().clone(),
        }
    }

    /// Counts one more stream; `headers` are the request's and may hold the caller's deadline.
    /// (`request.metadata().as_ref()` of a tonic request.)
    ///
    /// # Errors
    /// [`Reason::TooManyStreams`], or [`Reason::ShuttingDown`] after the soft stop.
    pub fn admit(&self, headers: &HeaderMap) -> Result<Admission, Refusal> {
        if self.soft.is_cancelled() {
            return Err(end_of(Reason::ShuttingDown));
        }
        let permit = Arc::clone(&self.open).try_acquire_owned().map_err(|_| {
            Refusal::new(Reason::TooManyStreams, "too many streams are open here; ask again later")
                .quota("streams", format!("{} open streams", self.most))
        })?;
        let (after, ends_with) = match timeout_of(headers) {
            Some(timeout) if timeout <= self.lifetime => (timeout, Reason::DeadlineExceeded),
            _ => (self.lifetime, Reason::StreamLifetime),
        };
        let place = Place::new(permit);
        Ok(Admission { place, ends_at: Instant::now() + after, ends_with, soft: self.soft.clone() })
    }
}

impl Place {
    fn new(permit: OwnedSemaphorePermit) -> Self {
        OPEN.inc();
        Self(permit)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        OPEN.dec();
    }
}

impl Admission {
    /// Bounds a stream: it ends with [`Reason::ShuttingDown`] at the soft stop, with
    /// [`Reason::StreamLifetime`] at the greatest age, with [`Reason::DeadlineExceeded`] at the caller's
    /// deadline, else as it would by itself.
    pub fn bind<T, E>(self, stream: impl Stream<Item = Result<T, E>> + Send + 'static) -> Bound<T, E> {
        let Self { place, ends_at, ends_with, soft } = self;
        let end = async move {
            let reason = tokio::select! {
                () = soft.cancelled_owned() => Reason::ShuttingDown,
                () = sleep_until(ends_at) => ends_with,
            };
            end_of(reason)
        };
        Bound { items: Box::pin(stream), end: Some(Box::pin(end)), _place: place }
    }
}

impl<T, E: From<Refusal>> Stream for Bound<T, E> {
    type Item = Result<T, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(end) = &mut self.end else {
            return Poll::Ready(None);
        };
        // The end first: a stream that always has a next item would else never end.
        if let Poll::Ready(refusal) = end.as_mut().poll(context) {
            self.end = None;
            return Poll::Ready(Some(Err(refusal.into())));
        }
        let next = self.items.as_mut().poll_next(context);
        if matches!(next, Poll::Ready(None)) {
            self.end = None;
        }
        next
    }
}

/// How a stream that has to end says so.
fn end_of(reason: Reason) -> Refusal {
    let message = match reason {
        Reason::ShuttingDown => "this server is shutting down; resume with the last cursor",
        Reason::StreamLifetime => "the stream has reached its greatest age; resume with the last cursor",
        _ => "the deadline of the call has passed; resume with the last cursor and a longer deadline",
    };
    Refusal::new(reason, message)
}

#[cfg(test)]
mod tests {
    use futures_util::{StreamExt as _, stream};
    use http::HeaderValue;
    use tonic::Status;

    use super::*;

    fn streams(most: usize, life: &Life) -> Streams {
        let settings = ServerSettings { max_streams: most, ..ServerSettings::default() };
        Streams::new(&settings, life)
    }

    /// One item, then silence.
    fn quiet() -> impl Stream<Item = Result<u8, Status>> + Send + 'static {
        stream::iter([Ok(1)]).chain(stream::pending())
    }

    async fn ended(mut bound: Bound<u8, Status>) -> Option<Reason> {
        assert_eq!(bound.next().await.unwrap().unwrap(), 1);
        let status = bound.next().await.unwrap().unwrap_err();
        assert!(bound.next().await.is_none());
        Refusal::reason_of(&status)
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_at_its_greatest_age() {
        let life = Life::new(Duration::ZERO);
        let before = Instant::now();
        let bound = streams(1, &life).admit(&HeaderMap::new()).unwrap().bind(quiet());
        assert_eq!(ended(bound).await, Some(Reason::StreamLifetime));
        assert_eq!(before.elapsed().as_secs(), ServerSettings::default().stream_lifetime.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_at_the_callers_deadline() {
        let life = Life::new(Duration::ZERO);
        let mut headers = HeaderMap::new();
        headers.insert("grpc-timeout", HeaderValue::from_static("7S"));
        let before = Instant::now();
        let bound = streams(1, &life).admit(&headers).unwrap().bind(quiet());
        assert_eq!(ended(bound).await, Some(Reason::DeadlineExceeded));
        assert_eq!(before.elapsed().as_secs(), 7);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_ends_at_the_soft_stop_and_no_other_begins() {
        let life = Life::new(Duration::ZERO);
        let streams = streams(2, &life);
        let mut busy =
            streams.admit(&HeaderMap::new()).unwrap().bind(stream::repeat_with(|| Ok::<u8, Status>(1)));
        assert_eq!(busy.next().await.unwrap().unwrap(), 1);
        life.stop();
        let status = busy.next().await.unwrap().unwrap_err();
        assert_eq!(Refusal::reason_of(&status), Some(Reason::ShuttingDown));
        assert_eq!(streams.admit(&HeaderMap::new()).unwrap_err().reason(), Reason::ShuttingDown);
    }

    #[tokio::test(start_paused = true)]
    async fn a_stream_that_ends_by_itself_gives_its_place_back() {
        let life = Life::new(Duration::ZERO);
        let streams = streams(1, &life);
        let first = streams.admit(&HeaderMap::new()).unwrap().bind(stream::iter([Ok::<u8, Status>(1)]));
        assert_eq!(streams.admit(&HeaderMap::new()).unwrap_err().reason(), Reason::TooManyStreams);
        let items: Vec<_> = first.collect().await;
        assert_eq!(items.len(), 1);
        assert!(streams.admit(&HeaderMap::new()).is_ok());
    }
}
