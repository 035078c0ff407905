//! A rival in a process of its own, which is spoken to in lines of JSON; `rivals/serve.py` is the other side.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::contestant::{Contestant, Laps, Role, Sample};
use super::operands::Operands;
use super::question::Question;
use crate::stopwatch::Lap;

/// The rivals that are spoken to, in the order of the tables.
pub(crate) const RIVALS: [Module; 5] = [
    Module { name: "GMP", file: "gmp" },
    Module { name: "FLINT", file: "flint" },
    Module { name: "FLINT radix", file: "flint_radix" },
    Module { name: "primesieve", file: "primesieve" },
    Module { name: "primecount", file: "primecount" },
];

/// What a rival is started from.
#[derive(Clone, Copy)]
pub(crate) struct Module {
    /// What the rival's name begins with.
    pub(crate) name: &'static str,
    /// Its file in `rivals/`, without the ending.
    file: &'static str,
}

/// A rival that was started.
struct Rival {
    name: String,
    operands: Operands,
    child: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Module {
    /// Starts it with what is installed in `tools`.
    ///
    /// # Errors
    /// When it cannot be started; the message holds what it said last.
    pub(crate) fn start(self, tools: &Path, operands: &Operands) -> anyhow::Result<Box<dyn Contestant>> {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("rivals/serve.py");
        let mut child = Command::new("python3")
            // Nothing is left in the source.
            .args(["-B", "-X", "int_max_str_digits=0"])
            .arg(script)
            .arg(self.file)
            .arg(std::path::absolute(tools)?)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start python3")?;
        let questions = child.stdin.take().context("no standard input")?;
        let mut answers = BufReader::new(child.stdout.take().context("no standard output")?);
        let mut line = String::new();
        answers.read_line(&mut line)?;
        if line.is_empty() {
            bail!(last_words(&mut child));
        }
        let name = name(&line)?;
        Ok(Box::new(Rival { name, operands: operands.clone(), child, questions, answers }))
    }
}

impl Contestant for Rival {
    fn name(&self) -> &str {
        &self.name
    }

    fn role(&self) -> Role {
        Role::Rival
    }

    fn answer(&mut self, question: &Question, repeats: u32) -> anyhow::Result<Option<Sample>> {
        let message = json!({
            "kind": question.kind(),
            "numbers": question.numbers(),
            "files": self.operands.files(question)?,
            "repeats": repeats,
        });
        writeln!(self.questions, "{message}").context("it has ended")?;
        self.questions.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if line.is_empty() {
            bail!(last_words(&mut self.child));
        }
        sample(&line)
    }
}

impl Drop for Rival {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The last line that a process which has ended told on standard error.
fn last_words(child: &mut Child) -> String {
    let mut text = String::new();
    if let Some(mut errors) = child.stderr.take() {
        // What cannot be read tells nothing more.
        let _ = errors.read_to_string(&mut text);
    }
    text.trim().lines().last().unwrap_or("it ended without a word").to_owned()
}

/// The name in a rival's first line.
fn name(line: &str) -> anyhow::Result<String> {
    let value: Value = serde_json::from_str(line).with_context(|| format!("it said {line:?}"))?;
    let name = value["name"].as_str().with_context(|| format!("it has no name in {line:?}"))?;
    Ok(name.to_owned())
}

/// What a rival has answered; `None` when it does not take the question.
fn sample(line: &str) -> anyhow::Result<Option<Sample>> {
    let value: Value = serde_json::from_str(line).with_context(|| format!("it said {line:?}"))?;
    if value["declined"] == true {
        return Ok(None);
    }
    let incomplete = || format!("a part is missing in {line:?}");
    let compute = lap(&value["compute"]).with_context(incomplete)?;
    let digits = match &value["digits"] {
        Value::Null => None,
        digits => Some(lap(digits).with_context(incomplete)?),
    };
    let answer = value["answer"].as_str().with_context(incomplete)?.to_owned();
    Ok(Some(Sample { laps: Laps { compute, digits }, answer }))
}

/// Times in JSON: on the clock, and of the processor.
fn lap(value: &Value) -> Option<Lap> {
    Some(Lap { wall: value[0].as_f64()?, cpu: value[1].as_f64()? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read() {
        assert_eq!(name("{\"name\": \"GMP 6.3.0\"}\n").unwrap(), "GMP 6.3.0");
        assert_eq!(sample("{\"declined\": true}\n").unwrap(), None);
        let laps = Laps { compute: Lap { wall: 2.0, cpu: 1.5 }, digits: None };
        let line = r#"{"answer": "25", "compute": [2.0, 1.5], "digits": null}"#;
        assert_eq!(sample(line).unwrap(), Some(Sample { laps, answer: "25".to_owned() }));
        let line = r#"{"answer": "ab", "compute": [2.0, 1.5], "digits": [0.25, 0.125]}"#;
        let total = sample(line).unwrap().unwrap().laps.total();
        assert_eq!(total, Lap { wall: 2.25, cpu: 1.625 });
    }

    #[test]
    fn what_is_no_answer_is_an_error_that_holds_it() {
        for line in ["Segmentation fault", r#"{"answer": "1", "compute": [1.0]}"#, r#"{"compute": [1, 1]}"#] {
            let error = format!("{:#}", sample(line).unwrap_err());
            let start = line.split('"').next().unwrap();
            assert!(error.contains(start), "{error}");
        }
        assert!(name("{}").is_err());
    }

    #[test]
    fn a_rival_that_is_not_installed_says_why() {
        let nowhere = tempfile::tempdir().unwrap();
        let operands = Operands::in_folder(nowhere.path().join("operands"));
        let Err(error) = RIVALS[0].start(nowhere.path(), &operands) else {
            panic!("GMP was found in an empty folder");
        };
        assert!(!error.to_string().is_empty());
    }
}
