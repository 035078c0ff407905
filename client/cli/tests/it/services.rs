//! What the tests share with those of the services: programs, processes, a Redis server.

#[path = "../../../../libs/chassis/tests/services/program.rs"]
pub(crate) mod program;
#[path = "../../../../libs/chassis/tests/services/running.rs"]
pub(crate) mod running;
#[path = "../../../../libs/broker/tests/it/redis/server.rs"]
#[expect(dead_code, reason = "the server stays up here")]
pub(crate) mod server;
