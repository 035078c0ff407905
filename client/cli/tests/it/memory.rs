//! Results are streamed: what the command holds does not grow with them.

use std::{fs, io::Read};

use crate::shell::Mesh;

/// More than the command takes by itself, and much less than the result.
const MOST_KIB: u64 = 48 * 1024;

#[test]
fn a_huge_result_passes_through_little_memory() {
    let mesh = Mesh::start();
    let mut typed = mesh.begin(&["primes", "0", "200000000"]);
    let mut out = typed.0.stdout.take().unwrap();
    let mut block = vec![0; 1 << 20];
    // A slow reader first: all of it could come by now.
    out.read_exact(&mut block[..2]).unwrap();
    mesh.await_request("anonymous", "JOB_STATE_SUCCEEDED");
    let (mut bytes, mut peak) = (2, 0);
    loop {
        match out.read(&mut block).unwrap() {
            0 => break,
            length => bytes += length,
        }
        peak = resident_peak(typed.0.id()).unwrap_or(peak);
    }
    assert_eq!(typed.end().code, Some(0));
    // The primes of 1 to 9 digits, the last up to 2 * 10^8, by pi(10^k) (OEIS A006880) and pi(2 * 10^8) = 11,078,937; each
    // takes its digits and a line feed.
    let counts = [4, 21, 143, 1061, 8363, 68_906, 586_081, 5_096_876, 5_317_482];
    assert_eq!(bytes, counts.into_iter().zip(2..).map(|(count, length)| count * length).sum::<usize>());
    assert!((1..MOST_KIB).contains(&peak), "{peak} KiB for {bytes} bytes");
}

/// The most memory that a process has held so far, in KiB; `None` when it has ended.
fn resident_peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}
