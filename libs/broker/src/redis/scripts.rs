//! The scripts, each one atomic step. Their files say in a header what they take, answer and promise.

use std::sync::LazyLock;

use redis::{Cmd, ToRedisArgs};

use super::keys::Base;

/// A script and the digest by which a server that has seen it knows it.
#[derive(Debug)]
pub(super) struct Script {
    code: String,
    digest: String,
}

/// A script with its arguments, ready to be sent to the owner of a slot.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) slot: u16,
    script: &'static Script,
    command: Cmd,
}

/// Each script with the parts it begins with, after `begin`.
macro_rules! scripts {
    ($($name:ident = $script:ident [$($part:ident)*];)*) => {$(
        pub(super) static $name: LazyLock<Script> = LazyLock::new(|| {
            Script::new(concat!(
                include_str!("scripts/parts/begin.lua"),
                $(include_str!(concat!("scripts/parts/", stringify!($part), ".lua")),)*
                include_str!(concat!("scripts/", stringify!($script), ".lua")),
            ))
        });
    )*};
}

scripts! {
    SUBMIT = submit [notice queue life revival attempt view];
    DETACH = detach [notice queue life fence];
    CLAIM = claim [notice queue];
    RENEW = renew [fence];
    REPORT = report [notice fence];
    APPEND = append [notice fence];
    FINISH = finish [notice life attempt fence];
    RELEASE = release [notice queue life attempt fence];
    RESCUE = rescue [notice queue life attempt];
    SNAPSHOT = snapshot [view];
    CHUNKS = chunks [];
    LOCATE = locate [];
    RETRY = retry [notice queue life revival view];
    SUSPEND = suspend [notice];
    STATS = stats [notice];
    STATES = states [];
    RESERVE = reserve [];
    MARK = mark [];
    FIND = find [];
    LIST = list [];
    ANNOUNCE = announce [];
    WORKERS = workers [];
}

/// The one script that runs before there are partitions and terms.
pub(super) static FOUND: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("scripts/found.lua")));

impl Script {
    fn new(code: &str) -> Self {
        Self { code: code.to_owned(), digest: redis::Script::new(code).get_hash().to_owned() }
    }
}

impl Call {
    /// A call on the keys of a base, and one more key below it.
    pub(super) fn new(script: &'static Script, base: &Base, key: Option<String>) -> Self {
        let mut command = redis::cmd("EVALSHA");
        command.arg(&script.digest).arg(1 + usize::from(key.is_some())).arg(&base.name);
        command.arg(key);
        Self { slot: base.slot, script, command }
    }

    /// Adds an argument.
    pub(super) fn arg(mut self, argument: impl ToRedisArgs) -> Self {
        self.command.arg(argument);
        self
    }

    /// The command for a server that knows the script.
    pub(super) fn by_digest(&self) -> &Cmd {
        &self.command
    }

    /// The command for a server that does not: it learns the script and runs it.
    pub(super) fn by_code(&self) -> Cmd {
        let mut command = redis::cmd("EVAL");
        command.arg(&self.script.code);
        for argument in self.command.args_iter().skip(2) {
            if let redis::Arg::Simple(bytes) = argument {
                command.arg(bytes);
            }
        }
        command
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::keys::Keys;

    #[test]
    fn both_commands_carry_the_same_keys_and_arguments() {
        let keys = Keys::new("p", 1);
        let call = Call::new(&SUBMIT, &keys.partitions()[0], Some("p:{0}:job:x".to_owned())).arg("a").arg(7);
        let rest = |command: &Cmd| {
            let arguments = command.args_iter().skip(2).map(|argument| match argument {
                redis::Arg::Simple(bytes) => bytes.to_vec(),
                _ => Vec::new(),
            });
            arguments.collect::<Vec<_>>()
        };
        assert_eq!(rest(call.by_digest()), [&b"2"[..], b"p:{0}:", b"p:{0}:job:x", b"a", b"7"]);
        assert_eq!(rest(&call.by_code()), rest(call.by_digest()));
    }
}
