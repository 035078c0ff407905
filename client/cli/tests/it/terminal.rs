//! On a terminal: progress, colours where nobody objects, and a view that gives the screen back.

use std::{
    fs::File,
    io::Read,
    os::fd::OwnedFd,
    process::{Child, Command, Stdio},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::{Mode, OFlags, open},
    process::{Pid, Signal, kill_process},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
};

use crate::{
    services::server::free_ports,
    shell::{Mesh, command},
};

/// How long something is waited for that is to be shown.
const LIMIT: Timespec = Timespec { tv_sec: 60, tv_nsec: 0 };

/// A pseudo-terminal: the side of the screen, and the side of the command.
fn terminal() -> (File, OwnedFd) {
    let screen = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&screen).unwrap();
    unlockpt(&screen).unwrap();
    let name = ptsname(&screen, Vec::new()).unwrap();
    let command = open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap();
    (screen.into(), command)
}

/// A command on a terminal, and its screen.
fn begin(mut typed: Command, no_color: &str) -> (Child, File) {
    let (screen, command) = terminal();
    let spawned = typed
        .env("NO_COLOR", no_color)
        .stdout(Stdio::from(command.try_clone().unwrap()))
        .stderr(Stdio::from(command))
        .spawn();
    (spawned.unwrap(), screen)
}

/// What the screen shows, until it shows this; with nothing to wait for, until nobody holds its other side.
fn read_until(screen: &mut File, text: Option<&str>) -> String {
    let mut shown = Vec::new();
    let mut block = [0; 4096];
    while !text.is_some_and(|text| String::from_utf8_lossy(&shown).contains(text)) {
        let waited = poll(&mut [PollFd::new(screen, PollFlags::IN)], Some(&LIMIT));
        assert_ne!(waited, Ok(0), "nothing more is shown after {:?}", String::from_utf8_lossy(&shown));
        // At its end reading fails.
        match screen.read(&mut block) {
            Ok(length @ 1..) => shown.extend_from_slice(&block[..length]),
            _ => break,
        }
    }
    String::from_utf8_lossy(&shown).into_owned()
}

fn shown(mesh: &Mesh, words: &[&str], no_color: &str) -> String {
    let (mut child, mut screen) = begin(mesh.command(words), no_color);
    let shown = read_until(&mut screen, None);
    assert_eq!(child.wait().unwrap().code(), Some(0), "{shown:?}");
    shown
}

#[test]
fn progress_is_drawn_and_the_result_stands_at_the_end() {
    let mesh = Mesh::start();
    let screen = shown(&mesh, &["spin", "coffee", "1s"], "");
    assert!(screen.contains(" %  ") && screen.contains('['), "{screen:?}");
    assert!(screen.contains("coffee\r\n") && screen.contains("SHA-256"), "{screen:?}");
    assert!(!screen.contains("0/0"), "a bar that nobody has given a shape: {screen:?}");
    let quiet = shown(&mesh, &["--quiet", "spin", "tea", "100ms"], "");
    assert_eq!(quiet, "tea\r\n");
}

#[test]
fn who_waits_for_an_answer_is_told_so() {
    let url = format!("http://127.0.0.1:{}", free_ports(1)[0]);
    let told = format!("abacus: waiting for an answer of {url}\r\n");
    for words in [&["fib", "1"][..], &["kinds"]] {
        let (mut child, mut screen) = begin(command(&url, words), "");
        assert_eq!(read_until(&mut screen, Some("\n")), told);
        child.kill().unwrap();
        child.wait().unwrap();
    }
}

#[test]
fn colours_are_used_unless_somebody_objects() {
    let mesh = Mesh::start();
    assert!(shown(&mesh, &["workers"], "").contains("\x1b[32mserving\x1b[0m"));
    assert!(!shown(&mesh, &["workers"], "1").contains('\x1b'));
    assert!(!mesh.out(&["workers"]).contains('\x1b'), "a pipe is no terminal");
}

#[test]
fn top_takes_the_screen_and_gives_it_back() {
    let mesh = Mesh::start();
    let (mut child, mut screen) = begin(mesh.command(&["top", "--interval", "10ms"]), "1");
    let first = read_until(&mut screen, Some("WORKER"));
    assert!(first.starts_with("\x1b[?1049h\x1b[?25l"), "{first:?}");
    // It is drawn again over what stood there.
    let next = read_until(&mut screen, Some("\x1b[H"));
    assert!(!next.is_empty());
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let last = read_until(&mut screen, None);
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert!(last.ends_with("\x1b[?25h\x1b[?1049l"), "{last:?}");
}
