//! The notifier's door: `WatchService`.

use std::pin::Pin;
use std::sync::Arc;

use abacus_api::v1::watch_service_server::WatchService;
use abacus_api::v1::{WatchRequest, WatchResponse};
use abacus_chassis::streams::Streams;
use abacus_tasks::Subscription;
use futures_util::{Stream, StreamExt as _};
use tonic::{Request, Response, Status};

use crate::error;
use crate::watch::{Desk, watch};

/// Serves watches, each within the bounds of streams.
pub(crate) struct Door {
    pub(crate) desk: Arc<Desk>,
    pub(crate) streams: Streams,
}

#[tonic::async_trait]
impl WatchService for Door {
    type WatchStream = Pin<Box<dyn Stream<Item = Result<WatchResponse, Status>> + Send>>;

    async fn watch(&self, request: Request<WatchRequest>) -> Result<Response<Self::WatchStream>, Status> {
        let admission = self.streams.admit(request.metadata().as_ref())?;
        let message = request.into_inner().subscription.unwrap_or_default();
        let subscription = Subscription::check(&message).map_err(error::unusable)?;
        let frames = watch(Arc::clone(&self.desk), subscription).await?;
        let answers = frames.map(|frame| match frame {
            Ok(frame) => Ok(WatchResponse { frame: Some(frame) }),
            Err(refusal) => Err(refusal.into()),
        });
        Ok(Response::new(Box::pin(admission.bind(answers))))
    }
}
