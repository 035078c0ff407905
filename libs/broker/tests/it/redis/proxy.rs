//! A connection that breaks at the worst moment, after the server has done a script and before its reply arrives, or
//! that stalls between two scripts.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Forwards connections to a server on another port.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    /// How many scripts still get their replies before one does not; negative: all do.
    left: Arc<AtomicI64>,
    /// How many scripts still reach the server before the others wait.
    passing: watch::Sender<u64>,
}

impl Proxy {
    /// Begins to forward, on the loopback.
    pub(crate) async fn start(server: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("a bound port").port();
        let left = Arc::new(AtomicI64::new(-1));
        let passing = watch::Sender::new(u64::MAX);
        let shared = (left.clone(), passing.clone());
        spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (left, passing) = shared.clone();
                spawn(async move {
                    if let Ok(server) = TcpStream::connect(("127.0.0.1", server)).await {
                        forward(client, server, &left, &passing).await;
                    }
                });
            }
        });
        Self { port, left, passing }
    }

    /// Lets `replies` scripts pass and keeps the reply of the next one, with its connection.
    pub(crate) fn cut_after(&self, replies: i64) {
        self.left.store(replies, Ordering::SeqCst);
    }

    /// Lets all replies pass; says whether one was kept.
    pub(crate) fn mend(&self) -> bool {
        self.left.swap(-1, Ordering::SeqCst) < 0
    }
}

impl Proxy {
    /// Lets `scripts` reach the server and holds back what comes then.
    pub(crate) fn hold_after(&self, scripts: u64) {
        self.passing.send_replace(scripts);
    }

    /// Lets everything pass that was held back or comes later.
    pub(crate) fn release(&self) {
        self.passing.send_replace(u64::MAX);
    }
}

/// Waits until as many scripts may pass, and counts them.
async fn pass(passing: &watch::Sender<u64>, scripts: u64) {
    let mut seen = passing.subscribe();
    let counted = || {
        passing.send_if_modified(|left| {
            let enough = *left >= scripts;
            if enough && *left < u64::MAX {
                *left -= scripts;
            }
            enough
        })
    };
    while scripts > 0 && !counted() {
        if seen.changed().await.is_err() {
            return;
        }
    }
}

/// Forwards until one side closes or a reply is to be kept.
async fn forward(
    mut client: TcpStream,
    mut server: TcpStream,
    left: &AtomicI64,
    passing: &watch::Sender<u64>,
) {
    let (mut request, mut reply) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut doomed = false;
    loop {
        tokio::select! {
            read = client.read(&mut request) => {
                let Ok(length @ 1..) = read else { return };
                let scripts = request[..length].windows(4).filter(|window| *window == b"EVAL").count();
                for _ in 0..scripts {
                    doomed |= left.fetch_sub(1, Ordering::SeqCst) == 0;
                }
                pass(passing, scripts as u64).await;
                if server.write_all(&request[..length]).await.is_err() {
                    return;
                }
            }
            read = server.read(&mut reply) => {
                let Ok(length @ 1..) = read else { return };
                if doomed || client.write_all(&reply[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the proxy ends with the test's runtime")]
fn spawn(forwarding: impl Future<Output = ()> + Send + 'static) {
    tokio::spawn(forwarding);
}
