//! A proxy that cuts connections where it is told.

use std::{
    collections::VecDeque,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use crate::script::spawn;

/// Forwards connections to the mesh; each is cut after so many bytes of answers, as long as there are such numbers.
pub(crate) struct Proxy {
    pub(crate) url: String,
    plan: Arc<Mutex<VecDeque<usize>>>,
    cuts: Arc<AtomicUsize>,
}

impl Proxy {
    pub(crate) async fn start(door: &str, plan: impl IntoIterator<Item = usize>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let plan = Arc::new(Mutex::new(plan.into_iter().collect::<VecDeque<_>>()));
        let cuts = Arc::new(AtomicUsize::new(0));
        let (door, shared) = (door.to_owned(), (plan.clone(), cuts.clone()));
        spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let limit = shared.0.lock().unwrap().pop_front();
                let (door, cuts) = (door.clone(), shared.1.clone());
                spawn(async move {
                    let mesh = TcpStream::connect(&door).await.unwrap();
                    if forward(client, mesh, limit.unwrap_or(usize::MAX)).await {
                        cuts.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
        });
        Self { url, plan, cuts }
    }

    /// How many connections were cut.
    pub(crate) fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }

    /// Cuts no more of those that come.
    pub(crate) fn mend(&self) {
        self.plan.lock().unwrap().clear();
    }
}

/// Forwards until one side closes, or so many bytes of answers were forwarded: says whether it was cut.
async fn forward(mut client: TcpStream, mut mesh: TcpStream, limit: usize) -> bool {
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut left = limit;
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return false };
                if mesh.write_all(&asked[..length]).await.is_err() {
                    return false;
                }
            }
            read = mesh.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return false };
                let passed = length.min(left);
                left -= passed;
                if client.write_all(&answered[..passed]).await.is_err() {
                    return false;
                }
                if left == 0 {
                    return true;
                }
            }
        }
    }
}
