//! Configuration: flags and `ABACUS_*` variables, read once, checked whole, before anything is bound.
//!
//! Each command is a [`clap::Parser`] whose options name their variable. What clap does not check is checked
//! here: a variable that starts with `ABACUS_` and that the command does not know is an error, because a
//! mistyped limit that is silently ignored is found out in production. The parsers of values with units and
//! bounds stand here too.

use std::ffi::OsString;
use std::ops::RangeInclusive;
use std::process::ExitCode;
use std::time::Duration;

use bytesize::ByteSize;
use clap::error::ErrorKind;
use clap::{Command, Parser};
use http::{HeaderValue, Uri};

/// Exit code of a process that was started with settings it cannot use: `EX_USAGE` of sysexits.h.
pub const EXIT_USAGE: u8 = 64;

/// Variables that begin so belong to Abacus.
const PREFIX: &str = "ABACUS_";

/// Those of the command line, which may be set in the shell that a service is started from.
const OF_THE_COMMAND_LINE: [&str; 5] =
    ["ABACUS_URL", "ABACUS_CLIENT", "ABACUS_TOKEN", "ABACUS_CA", "ABACUS_PATIENCE"];

/// Reads the settings of this process from its arguments and its environment.
///
/// # Errors
/// The exit code to end with, after the text was printed: 0 for `--help` and `--version`, [`EXIT_USAGE`] for
/// an unknown flag or variable or a value that is malformed or out of bounds.
pub fn parse<C: Parser>() -> Result<C, ExitCode> {
    let names = std::env::vars_os().map(|(name, _)| name);
    parse_from(std::env::args_os(), names).map_err(|error| report(&error))
}

/// Like [`parse`], from given arguments and the names of the variables that are set. (The values of variables
/// the command knows are read by clap.)
fn parse_from<C: Parser>(
    arguments: impl IntoIterator<Item = OsString>,
    variables: impl IntoIterator<Item = OsString>,
) -> Result<C, clap::Error> {
    let settings = C::try_parse_from(arguments)?;
    let mut command = C::command();
    let known = variables_of(&command);
    for name in variables {
        let name = name.to_string_lossy();
        let is_foreign = !name.starts_with(PREFIX) || OF_THE_COMMAND_LINE.contains(&&*name);
        if !is_foreign && !known.iter().any(|known| *known == name) {
            return Err(command.error(ErrorKind::UnknownArgument, unknown(&name, &known)));
        }
    }
    Ok(settings)
}

/// A parser of durations such as `500ms`, `5s`, `2m`, `24h` within bounds.
pub fn duration(
    bounds: RangeInclusive<Duration>,
) -> impl Fn(&str) -> Result<Duration, String> + Clone + Send + Sync + 'static {
    move |text| {
        let value = humantime::parse_duration(text)
            .map_err(|error| format!("{error}; write a duration such as 500ms, 5s, 2m or 24h"))?;
        if bounds.contains(&value) {
            return Ok(value);
        }
        let (low, high) =
            (humantime::format_duration(*bounds.start()), humantime::format_duration(*bounds.end()));
        Err(format!("it must be within {low} and {high}"))
    }
}

/// A parser of sizes such as `256KiB`, `64MB` or a plain number of bytes, within bounds.
pub fn size(
    bounds: RangeInclusive<ByteSize>,
) -> impl Fn(&str) -> Result<ByteSize, String> + Clone + Send + Sync + 'static {
    move |text| {
        let value: ByteSize = text
            .parse()
            .map_err(|_| "write a size such as 256KiB, 1MiB, 64MB or a number of bytes".to_owned())?;
        if bounds.contains(&value) {
            return Ok(value);
        }
        Err(format!("it must be within {} and {}", bounds.start(), bounds.end()))
    }
}

/// A parser of whole numbers within bounds.
pub fn count(
    bounds: RangeInclusive<usize>,
) -> impl Fn(&str) -> Result<usize, String> + Clone + Send + Sync + 'static {
    move |text| {
        let value = text.parse().map_err(|_| "write a whole number".to_owned())?;
        if bounds.contains(&value) {
            return Ok(value);
        }
        Err(format!("it must be within {} and {}", bounds.start(), bounds.end()))
    }
}

/// Parses the origin of web pages as a browser sends it: `https://example.org` or `http://localhost:8080`.
///
/// # Errors
/// A text for the caller when it is anything but scheme, host and port.
pub fn origin(text: &str) -> Result<HeaderValue, String> {
    let hint = "write an origin such as https://example.org or http://localhost:8080, without a path";
    let uri: Uri = text.parse().map_err(|_| hint.to_owned())?;
    // A parsed URI has the path `/` when it was written without one, so compare with what was written.
    let exact = match (uri.scheme_str(), uri.authority()) {
        (Some(scheme @ ("http" | "https")), Some(authority)) => format!("{scheme}://{authority}") == text,
        _ => false,
    };
    if exact { HeaderValue::from_str(text).map_err(|_| hint.to_owned()) } else { Err(hint.to_owned()) }
}

/// Parses the address of a peer: `http://host:port`.
///
/// # Errors
/// A text for the caller when scheme, host or port is missing or there is more than these.
pub fn peer(text: &str) -> Result<Uri, String> {
    let hint = "write the address of a service as http://host:port";
    let uri: Uri = text.parse().map_err(|_| hint.to_owned())?;
    let complete = uri.scheme_str() == Some("http")
        && uri.port().is_some()
        && uri.path() == "/"
        && uri.query().is_none();
    if complete { Ok(uri) } else { Err(hint.to_owned()) }
}

/// Says on standard error why the settings cannot be used, and gives the exit code: for what clap cannot check.
pub fn refuse(error: &impl std::fmt::Display) -> ExitCode {
    use std::io::Write as _;
    // Nothing is left to be done when standard error cannot be written.
    let _ = writeln!(std::io::stderr(), "error: {error}\n\nFor more information, try '--help'.");
    ExitCode::from(EXIT_USAGE)
}

/// Prints what clap has to say and gives the exit code.
fn report(error: &clap::Error) -> ExitCode {
    // Nothing is left to be done when neither standard output nor standard error can be written.
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(EXIT_USAGE) } else { ExitCode::SUCCESS }
}

/// The variables that a command and its subcommands read.
fn variables_of(command: &Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env());
    let own = own.map(|name| name.to_string_lossy().into_owned());
    own.chain(command.get_subcommands().flat_map(variables_of)).collect()
}

fn unknown(name: &str, known: &[String]) -> String {
    let similarity = |candidate: &String| strsim::jaro_winkler(name, candidate);
    let nearest = known.iter().max_by(|a, b| similarity(a).total_cmp(&similarity(b)));
    match nearest {
        Some(nearest) => format!("unknown variable {name}; did you mean {nearest}?"),
        None => format!("unknown variable {name}; this command reads none"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Parser)]
    #[command(version = "1.2.3")]
    struct Example {
        #[arg(long, env = "ABACUS_TEST_GRACE", default_value = "10s",
              value_parser = duration(Duration::from_secs(1)..=Duration::from_mins(1)))]
        grace: Duration,
        #[arg(long, env = "ABACUS_TEST_MESSAGE_BYTES", default_value = "1MiB",
              value_parser = size(ByteSize::kib(4)..=ByteSize::gib(1)))]
        message_bytes: ByteSize,
    }

    fn example(arguments: &[&str], variables: &[&str]) -> Result<Example, clap::Error> {
        let arguments = std::iter::once(&"example").chain(arguments).map(OsString::from);
        parse_from(arguments, variables.iter().map(OsString::from))
    }

    #[test]
    fn defaults_flags_and_known_variables_are_accepted() {
        let settings = example(&["--grace", "2m 1s"], &[]).unwrap_err();
        assert!(settings.to_string().contains("--grace"), "{settings}");
        let settings = example(&["--message-bytes", "64MB"], &["ABACUS_TEST_GRACE", "HOME"]).unwrap();
        assert_eq!(settings.grace, Duration::from_secs(10));
        assert_eq!(settings.message_bytes.as_u64(), 64_000_000);
    }

    #[test]
    fn an_unknown_variable_is_refused_and_the_nearest_named() {
        let error = example(&[], &["PATH", "ABACUS_TEST_GRCE"]).unwrap_err().to_string();
        assert!(error.contains("unknown variable ABACUS_TEST_GRCE"), "{error}");
        assert!(error.contains("did you mean ABACUS_TEST_GRACE?"), "{error}");
    }

    #[test]
    fn what_the_command_line_reads_is_no_mistake() {
        assert!(example(&[], &OF_THE_COMMAND_LINE).is_ok());
    }

    #[test]
    fn what_cannot_be_used_ends_with_64_and_help_with_0() {
        let code = |arguments: &[&str]| report(&example(arguments, &[]).unwrap_err());
        assert_eq!(code(&["--grace", "0s"]), ExitCode::from(EXIT_USAGE));
        assert_eq!(code(&["--grase", "1s"]), ExitCode::from(EXIT_USAGE));
        assert_eq!(code(&["--help"]), ExitCode::SUCCESS);
        assert_eq!(code(&["--version"]), ExitCode::SUCCESS);
    }

    #[test]
    fn an_error_names_the_option_and_the_bounds() {
        let error = example(&["--message-bytes", "1KiB"], &[]).unwrap_err().to_string();
        assert!(error.contains("--message-bytes") && error.contains("4.0 KiB and 1.0 GiB"), "{error}");
        let error = example(&["--grace", "soon"], &[]).unwrap_err().to_string();
        assert!(error.contains("--grace") && error.contains("500ms"), "{error}");
    }

    #[test]
    fn durations_have_units_and_bounds() {
        let parse = duration(Duration::from_millis(500)..=Duration::from_hours(24));
        assert_eq!(parse("500ms"), Ok(Duration::from_millis(500)));
        assert_eq!(parse("5s"), Ok(Duration::from_secs(5)));
        assert_eq!(parse("2m"), Ok(Duration::from_mins(2)));
        assert_eq!(parse("24h"), Ok(Duration::from_hours(24)));
        for wrong in ["", "5", "-5s", "499ms", "25h", "5 parsecs"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn sizes_have_units_and_bounds() {
        let parse = size(ByteSize::b(16)..=ByteSize::mib(64));
        assert_eq!(parse("256KiB"), Ok(ByteSize::kib(256)));
        assert_eq!(parse("1MiB"), Ok(ByteSize::mib(1)));
        assert_eq!(parse("64MB"), Ok(ByteSize::mb(64)));
        assert_eq!(parse("16"), Ok(ByteSize::b(16)));
        for wrong in ["", "15", "65MiB", "-1", "1 parsec", "MiB"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn counts_have_bounds() {
        let parse = count(1..=10);
        assert_eq!(parse("10"), Ok(10));
        for wrong in ["0", "11", "-1", "ten", ""] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn origins_are_scheme_host_and_port() {
        for right in ["https://example.org", "http://localhost:8080"] {
            assert_eq!(origin(right).unwrap(), right);
        }
        for wrong in
            ["*", "example.org", "https://example.org/", "https://example.org/a", "ftp://example.org", ""]
        {
            assert!(origin(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn peers_are_complete_addresses() {
        assert_eq!(peer("http://calculator:7401").unwrap().host(), Some("calculator"));
        for wrong in [
            "calculator:7401",
            "http://calculator",
            "https://calculator:1",
            "http://a:1/b",
            "http://a:1/?b",
            "",
        ] {
            assert!(peer(wrong).is_err(), "{wrong}");
        }
    }
}
