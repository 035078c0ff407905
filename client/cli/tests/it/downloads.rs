//! Results in files: exact, and gone on with after a cut.

use std::{
    fs,
    io::{self, Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::shell::{Mesh, command, run};

/// A result that comes in many chunks: the primes up to ten million, 5.2 MB.
const LIST: [&str; 3] = ["primes", "0", "10000000"];
const LIST_BYTES: usize = 5_227_116;

/// A proxy that cuts each connection after so many bytes of answers, and counts them.
struct Proxy {
    url: String,
    answered: Arc<AtomicUsize>,
}

impl Proxy {
    fn start(door: &str, limit: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answered = Arc::new(AtomicUsize::new(0));
        let (door, counted) = (door.to_owned(), answered.clone());
        thread::spawn(move || {
            for client in listener.incoming().map_while(Result::ok) {
                let mesh = TcpStream::connect(&door).unwrap();
                let (mut asks, mut to_mesh) = (client.try_clone().unwrap(), mesh.try_clone().unwrap());
                thread::spawn(move || io::copy(&mut asks, &mut to_mesh));
                let counted = counted.clone();
                thread::spawn(move || answer(mesh, client, limit, &counted));
            }
        });
        Self { url, answered }
    }
}

/// Forwards so many bytes, then closes both sides.
fn answer(mut mesh: TcpStream, mut client: TcpStream, limit: usize, counted: &AtomicUsize) {
    let mut block = vec![0; 1 << 16];
    let mut left = limit;
    while left > 0 {
        let Ok(length @ 1..) = mesh.read(&mut block) else { break };
        let passed = length.min(left);
        left -= passed;
        counted.fetch_add(passed, Ordering::SeqCst);
        if client.write_all(&block[..passed]).is_err() {
            break;
        }
    }
    // What is closed already needs no closing.
    let _ = client.shutdown(std::net::Shutdown::Both);
    let _ = mesh.shutdown(std::net::Shutdown::Both);
}

fn assert_is_the_list(path: &Path) {
    let list = fs::read_to_string(path).unwrap();
    assert_eq!((list.len(), list.lines().count()), (LIST_BYTES, 664_579), "pi(10^7)");
    assert!(list.ends_with("\n9999991\n"));
    assert!(!path.with_extension("part").exists());
}

#[test]
fn a_file_gets_the_exact_bytes_and_standard_output_nothing() {
    let mesh = Mesh::start();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("number");
    let name = path.to_str().unwrap();
    assert_eq!(mesh.out(&["fib", "30", "-o", name]), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), "832040", "no line feed is added");
    let job = mesh.out(&["fib", "31", "--detach"]);
    assert_eq!(mesh.out(&["result", job.trim(), "--output", name, "--format", "hex"]), "");
    assert_eq!(fs::read_to_string(&path).unwrap(), "148add", "the file is replaced");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1, "nothing is left beside it");
}

#[test]
fn a_download_that_was_cut_goes_on_where_it_was() {
    let mesh = Mesh::start();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("list");
    let name = path.to_str().unwrap();
    let job = mesh.out(&[&LIST[..], &["--detach"]].concat());
    let job = job.trim();
    mesh.out(&["watch", job]);

    let proxy = Proxy::start(&mesh.door, 3_000_000);
    let cut = run(command(&proxy.url, &["--patience", "0s", "result", job, "-o", name]));
    assert_eq!(cut.code, Some(69), "{cut:?}");
    let part = path.with_extension("part");
    let came = fs::metadata(&part).unwrap().len();
    assert!((1_000_000..3_000_000).contains(&came), "{came} bytes");
    assert!(!path.exists(), "it is not whole");

    let proxy = Proxy::start(&mesh.door, usize::MAX);
    let rest = run(command(&proxy.url, &["result", job, "-o", name]));
    assert_eq!(rest.code, Some(0), "{rest:?}");
    assert_is_the_list(&path);
    let answered = proxy.answered.load(Ordering::SeqCst);
    assert!(answered < LIST_BYTES - 1_000_000, "{answered} bytes came, with {came} there");
}

#[test]
fn cuts_in_between_are_told_and_gone_over() {
    let mesh = Mesh::start();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("list");
    let proxy = Proxy::start(&mesh.door, 1_500_000);
    let words = [&LIST[..], &["-o", path.to_str().unwrap()]].concat();
    let ended = run(command(&proxy.url, &words));
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.err.contains("connection lost") && ended.err.contains("connected again"), "{}", ended.err);
    assert_is_the_list(&path);
}

#[test]
fn a_beginning_of_something_else_is_thrown_away() {
    let mesh = Mesh::start();
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("number");
    let job = mesh.out(&["fib", "30", "--detach"]);
    for strange in ["831", "longer than the result"] {
        fs::write(path.with_extension("part"), strange).unwrap();
        let ended = mesh.run(&["result", job.trim(), "-o", path.to_str().unwrap()]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.err.contains("beginning anew"), "{}", ended.err);
        assert_eq!(fs::read_to_string(&path).unwrap(), "832040");
    }
}
