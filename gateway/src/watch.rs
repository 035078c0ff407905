//! The gateway's line to the notifier.

use abacus_api::v1::{self, watch_service_client::WatchServiceClient};
use abacus_chassis::channel;
use tonic::{Status, Streaming, transport::Channel};

/// Follows jobs through a notifier. Cloning shares the connection.
#[derive(Clone)]
pub struct Watch(WatchServiceClient<Channel>);

impl Watch {
    /// A line through this channel.
    #[must_use]
    pub fn new(channel: Channel) -> Self {
        Self(WatchServiceClient::new(channel))
    }

    /// Opens a subscription.
    ///
    /// # Errors
    /// The notifier's refusal, passed on as it stands, or `PEER_UNAVAILABLE` when it cannot be reached.
    pub(crate) async fn open(
        &self,
        subscription: v1::SubscribeResultsRequest,
    ) -> Result<Streaming<v1::WatchResponse>, Status> {
        let request = v1::WatchRequest { subscription: Some(subscription) };
        let response =
            self.0.clone().watch(request).await.map_err(|status| channel::relayed("notifier", status))?;
        Ok(response.into_inner())
    }
}
