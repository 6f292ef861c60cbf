//! The program among others: readers that go away, Ctrl-C, terminals that are closed.
#![cfg(unix)]

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::harness::{Room, fixture, model};

fn viva(room: &Room) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_viva"));
    command.env("VIVA_HOME", room.path("home")).arg("score").stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let room = Room::new();
    let path = room.put("long.txt", "So we measure it first. ".repeat(4000));
    for format in [None, Some("--json"), Some("--jsonl")] {
        let mut child = viva(&room).args([&path, &path, &path]).args(format).spawn().expect("the program");
        let mut reader = BufReader::new(child.stdout.take().expect("its stdout"));
        reader.read_exact(&mut [0; 16]).expect("a beginning");
        drop(reader);
        let output = child.wait_with_output().expect("its end");
        assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stderr).as_ref()), (Some(0), ""));
    }
}

#[test]
fn a_full_disk_is_told_and_a_closed_terminal_is_no_panic() {
    let room = Room::new();
    let full = || std::fs::File::options().write(true).open("/dev/full").expect("the full device");
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let path = room.put("a.txt", "I would start small.");
    let output = viva(&room).arg(&path).stdout(full()).output().expect("the program");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("error: the results cannot be written: No space left"));
    let output = viva(&room).arg("gone.txt").stderr(full()).output().expect("the program");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn ctrl_c_ends_with_130_and_keeps_what_is_done() {
    let Some(_turn) = model() else { return };
    let room = Room::new();
    let path = room.put("a.txt", "I would start small.");
    for format in ["--jsonl", "--json"] {
        let mut child = viva(&room)
            .args([&path, &fixture("recordings/five-tasks-two-engineers--partial.flac")])
            .args([format, "--out"])
            .arg(room.path("results"))
            .spawn()
            .expect("the program");
        // the first file is done when its results are told
        let mut stderr = BufReader::new(child.stderr.take().expect("its stderr"));
        let mut line = String::new();
        stderr.read_line(&mut line).expect("a line");
        assert!(line.starts_with("written: "), "{line}");
        let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
        assert!(killed.success());
        let output = child.wait_with_output().expect("its end");
        let mut rest = String::new();
        stderr.read_to_string(&mut rest).expect("the rest");
        assert_eq!((output.status.code(), rest.as_str()), (Some(130), "interrupted: 1 of 2 files were scored\n"));
        let text = String::from_utf8(output.stdout).expect("UTF-8");
        let document: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let first = document.get(0).unwrap_or(&document);
        assert_eq!(first["transcript"]["text"], "I would start small.");
    }
    assert!(room.path("results/a.html").exists());
}
