//! Every command that the documents show does what they say: each block is run in a shell against a mesh of its own.
//!
//! What starts processes is started as the tests start it; what needs Docker or builds the project is only parsed.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use crate::{
    apart::{
        program::program,
        running::{Running, field},
        server::Server,
    },
    documents::STRICT,
    process::Mesh,
};

/// The documents whose blocks are run.
const DOCUMENTS: [&str; 2] = ["README.md", "docs/cli.md"];

/// Where the documents say that the mesh listens.
const SHOWN_DOOR: &str = "localhost:8080";

/// A fenced block: its language, and its text.
struct Block {
    language: String,
    text: String,
}

/// What is done with a block of commands.
#[derive(Debug, PartialEq, Eq)]
enum Treatment {
    Run,
    /// Its processes are started as the tests start them.
    Start,
    /// It takes Docker, or cargo, which builds what is being tested: its syntax is checked, and what it names.
    Parse,
}

impl Block {
    fn treatment(&self) -> Treatment {
        match self.text.split_whitespace().next() {
            Some("docker" | "cargo") => Treatment::Parse,
            Some("redis-server") => Treatment::Start,
            _ => Treatment::Run,
        }
    }
}

/// The fenced blocks of a document, in order.
fn blocks(document: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = document.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let text: String =
                lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
            blocks.push(Block { language: language.to_owned(), text });
        }
    }
    blocks
}

fn commands(document: &str) -> Vec<Block> {
    let text = fs::read_to_string(root().join(document)).unwrap();
    blocks(&text).into_iter().filter(|block| block.language == "sh").collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// A shell that stops at the first command that fails, in a directory that vanishes, with the command line of the
/// workspace on its path.
fn shell(text: &str, door: &str) -> Output {
    let directory = tempfile::tempdir().unwrap();
    let programs = program("abacus");
    let path =
        format!("{}:{}", programs.parent().unwrap().display(), std::env::var_os("PATH").unwrap().display());
    Command::new("sh")
        .args(["-c", &format!("{STRICT}{}", text.replace(SHOWN_DOOR, door))])
        .current_dir(directory.path())
        .env("PATH", path)
        .env("ABACUS_URL", format!("http://{door}"))
        .stdin(Stdio::null())
        .output()
        .unwrap()
}

#[test]
fn every_block_that_can_be_run_works_as_it_is_written() {
    for document in DOCUMENTS {
        // One mesh for all blocks, as a reader has: later ones refer to what earlier ones have asked for.
        let mesh = Mesh::start();
        let blocks = commands(document);
        let run: Vec<_> = blocks.iter().filter(|block| block.treatment() == Treatment::Run).collect();
        assert!(run.len() >= 2, "{document} shows commands");
        for block in run {
            let Output { status, stdout, stderr } = shell(&block.text, &mesh.door);
            let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
            assert!(status.success(), "{document}:\n{}\n{out}\n{err}", block.text);
            assert!(!out.is_empty() || block.text.contains(" -o "), "{document}:\n{}", block.text);
        }
    }
}

#[test]
fn every_block_that_is_only_parsed_is_a_script_and_names_what_there_is() {
    let all: Vec<_> = DOCUMENTS.into_iter().flat_map(commands).collect();
    let parsed: Vec<_> = all.iter().filter(|block| block.treatment() == Treatment::Parse).collect();
    for word in ["docker compose", "cargo run", "cargo install", "cargo xtask"] {
        assert!(parsed.iter().any(|block| block.text.starts_with(word)), "{word} is shown");
    }
    for block in parsed {
        let checked = Command::new("sh").args(["-n", "-c", &block.text]).output().unwrap();
        assert!(checked.status.success(), "{}\n{}", block.text, String::from_utf8_lossy(&checked.stderr));
        let words: Vec<_> = block.text.split_whitespace().collect();
        for pair in words.windows(2).filter(|pair| pair[0] == "--path") {
            let manifest = fs::read_to_string(root().join(pair[1]).join("Cargo.toml")).unwrap();
            assert!(manifest.contains("name = \"abacus\""), "{}", block.text);
        }
    }
}

#[test]
fn the_services_start_as_shown_and_work_together() {
    let all = commands("README.md");
    let shown = all.iter().find(|block| block.treatment() == Treatment::Start).unwrap();
    let mut lines = shown.text.lines();
    let redis: Vec<_> = lines.next().unwrap().split_whitespace().skip(1).collect();
    let redis = Server::start(&redis);
    let url = format!("redis://127.0.0.1:{}", redis.port);
    // On ports of their own; all else is left to the defaults.
    let mut notifier = None;
    let mut services = Vec::new();
    let mut door = String::new();
    for line in lines {
        let name = line.strip_prefix("target/release/").unwrap_or_else(|| panic!("{line}"));
        let mut settings = vec!["--broker-url", &url];
        let watched = notifier.clone().map(|address| format!("http://{address}"));
        if let ("abacus-gateway", Some(watched)) = (name, &watched) {
            settings.extend(["--notifier", watched]);
        }
        let service = Running::start(&program(name), &settings);
        match name {
            "abacus-notifier" => notifier = Some(service.address.clone()),
            "abacus-gateway" => door.clone_from(&field(&service.logged(" listens\""), "address")),
            _ => {}
        }
        services.push(service);
    }
    assert_eq!(services.len(), 3);
    let output = shell("abacus fib 100", &door);
    assert_eq!(String::from_utf8_lossy(&output.stdout), "354224848179261915075\n");
}

#[test]
fn the_program_in_rust_is_the_example_that_the_client_runs() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let example = fs::read_to_string(root().join("client/examples/five_minutes.rs")).unwrap();
    let blocks = blocks(&readme);
    let shown: Vec<_> = blocks.iter().filter(|block| block.language == "rust").collect();
    assert_eq!(shown.len(), 1);
    // The example takes the address of the mesh that it is tried on.
    let shown = shown[0].text.replace("builder(\"http://127.0.0.1:8080\")", "builder(url)");
    let mut lines = example.lines();
    for line in shown.lines() {
        assert!(lines.any(|candidate| candidate == line), "the example has no line {line:?} in this order");
    }
}

#[test]
fn every_block_says_what_it_is() {
    for document in DOCUMENTS {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for Block { language, text } in blocks(&text) {
            let is_drawing = language.is_empty() && text.contains('─');
            assert!(
                is_drawing || ["sh", "rust"].contains(&language.as_str()),
                "{document}: {language}\n{text}"
            );
        }
    }
}
