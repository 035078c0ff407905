//! The machine that measures, and the day.

use std::fs;
use std::process::Command;

/// What a page with figures says of where they come from.
pub(crate) struct Host {
    /// The processor, its cores, memory and system, in a line.
    pub(crate) machine: String,
    /// How many processes wanted a core in the last minutes.
    pub(crate) load: String,
    /// The day, as `2026-01-31`.
    pub(crate) date: String,
    /// The version of the source.
    pub(crate) commit: String,
}

impl Host {
    /// This machine, today.
    pub(crate) fn here() -> Self {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let read = |file| fs::read_to_string(file).unwrap_or_default();
        let model = field(&read("/proc/cpuinfo"), "model name").unwrap_or("unknown processor").to_owned();
        let memory = gibibytes(&read("/proc/meminfo")).map_or(String::new(), |size| format!(", {size} GiB"));
        let system = said("uname", &["-sr"]);
        Self {
            machine: format!("{model}, {cores} cores{memory}, {system}"),
            load: load(&read("/proc/loadavg")),
            date: said("date", &["-u", "+%Y-%m-%d"]),
            commit: said("git", &["describe", "--always", "--dirty"]),
        }
    }
}

/// The first value of this name in lines of `name : value`.
fn field<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.trim() == name)
        .map(|(_, value)| value.trim())
}

/// What the system says of the last 15 minutes, and what it means.
fn load(text: &str) -> String {
    let average = text.split_whitespace().nth(2).unwrap_or("unknown");
    format!("{average} on average over the last 15 minutes; 1 is this measurement alone")
}

/// The memory of the machine, rounded.
fn gibibytes(text: &str) -> Option<u64> {
    let kibibytes: u64 = field(text, "MemTotal")?.strip_suffix("kB")?.trim().parse().ok()?;
    Some((kibibytes + (1 << 19)) >> 20)
}

/// What this program prints, in a line; `unknown` when it cannot be asked.
fn said(program: &str, args: &[&str]) -> String {
    let output = Command::new(program).args(args).output().ok().filter(|output| output.status.success());
    let text = output.and_then(|output| String::from_utf8(output.stdout).ok());
    text.map_or("unknown".to_owned(), |text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_found_by_their_names() {
        let text = "model\t\t: 17\nmodel name\t: Some CPU @ 3 GHz\nmodel name\t: another\n";
        assert_eq!(field(text, "model name"), Some("Some CPU @ 3 GHz"));
        assert_eq!(field(text, "flags"), None);
        assert_eq!(gibibytes("MemTotal:       24669532 kB\n"), Some(24));
    }

    #[test]
    fn the_load_is_that_of_the_last_quarter_of_an_hour() {
        assert!(load("9.54 12.23 13.89 3/441 1234\n").starts_with("13.89 on average"));
        assert!(load("").starts_with("unknown"));
    }

    #[test]
    fn what_cannot_be_asked_is_unknown() {
        assert_eq!(said("no-such-program", &[]), "unknown");
        assert_eq!(said("echo", &["a"]), "a");
    }
}
