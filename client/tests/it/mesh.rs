//! The real mesh, as a process.

use abacus_client::{Builder, Client};

use program::program;
use running::{Running, field};

#[path = "../../../libs/chassis/tests/services/program.rs"]
mod program;
#[path = "../../../libs/chassis/tests/services/running.rs"]
#[expect(dead_code, reason = "these tests kill and signal nothing")]
mod running;

/// A running mesh; killed when dropped.
pub(crate) struct Mesh {
    _process: Running,
    /// Where its public door listens: `host:port`.
    pub(crate) door: String,
}

impl Mesh {
    pub(crate) fn start() -> Self {
        let process = Running::launch(&program("abacus-mesh"), &["--listen", "127.0.0.1:0"]);
        let door = field(&process.logged("gateway listens"), "address");
        Self { _process: process, door }
    }

    pub(crate) fn builder(&self) -> Builder {
        Client::builder(self.url())
    }

    pub(crate) fn client(&self) -> Client {
        self.builder().build().unwrap()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.door)
    }
}
