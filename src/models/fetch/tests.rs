//! Fetching from a real local server, and from real wheels with the machine's own pip.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::*;

/// How the server answers one connection.
#[derive(Clone, Copy)]
enum Answer {
    /// The file, or the range that was asked for.
    File,
    /// The file from its start, whatever range was asked for.
    FromStart,
    /// As `File`, but the connection breaks after so many bytes.
    CutAfter(usize),
    /// A status and a short page.
    Status(u16),
    /// As many bytes as the file has, but others.
    OtherBytes,
    /// The file and ten bytes more.
    TooLong,
}

struct Server {
    address: String,
    /// The range that each request asked for.
    ranges: Arc<Mutex<Vec<Option<usize>>>>,
}

impl Server {
    /// Gives `answers` one after the other, the last one for ever.
    fn start(content: &[u8], answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}/model.bin", listener.local_addr().unwrap());
        let ranges = Arc::new(Mutex::new(Vec::new()));
        let (content, answers, log) = (content.to_vec(), answers.to_vec(), Arc::clone(&ranges));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let range = requested_range(&stream);
                let mut log = log.lock().unwrap();
                let answer = answers[log.len().min(answers.len() - 1)];
                log.push(range);
                drop(log);
                respond(&mut stream, &content, range, answer);
            }
        });
        Self { address, ranges }
    }

    fn ranges(&self) -> Vec<Option<usize>> {
        self.ranges.lock().unwrap().clone()
    }
}

fn requested_range(stream: &TcpStream) -> Option<usize> {
    let lines = BufReader::new(stream).lines().map_while(Result::ok).take_while(|line| !line.is_empty());
    lines.filter_map(|line| line.to_lowercase().strip_prefix("range: bytes=")?.strip_suffix('-')?.parse().ok()).last()
}

fn respond(stream: &mut TcpStream, content: &[u8], range: Option<usize>, answer: Answer) {
    let other: Vec<u8> = content.iter().map(|byte| !byte).collect();
    let long = [content, &[0; 10]].concat();
    let (status, body, sent) = match (answer, range) {
        (Answer::File, Some(from)) if from >= content.len() => ("416 Range Not Satisfiable".to_owned(), &[][..], 0),
        (Answer::File, Some(from)) => ("206 Partial Content".to_owned(), &content[from..], usize::MAX),
        (Answer::CutAfter(sent), Some(from)) => ("206 Partial Content".to_owned(), &content[from..], sent),
        (Answer::File | Answer::FromStart, _) => ("200 OK".to_owned(), content, usize::MAX),
        (Answer::CutAfter(sent), None) => ("200 OK".to_owned(), content, sent),
        (Answer::Status(status), _) => (format!("{status} Sorry"), &b"sorry"[..], usize::MAX),
        (Answer::OtherBytes, _) => ("200 OK".to_owned(), &other[..], usize::MAX),
        (Answer::TooLong, _) => ("200 OK".to_owned(), &long[..], usize::MAX),
    };
    let mut head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n", body.len());
    if let ("206", Some(from)) = (&status[..3], range) {
        let range = format!("Content-Range: bytes {from}-{}/{}\r\n", content.len() - 1, content.len());
        head.push_str(&range);
    }
    let _ = stream.write_all(format!("{head}\r\n").as_bytes());
    let _ = stream.write_all(&body[..sent.min(body.len())]);
}

/// Something to fetch: 200 kB that are not all alike.
fn content() -> Vec<u8> {
    (0_u32..50_000).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect()
}

fn sha256(bytes: &[u8]) -> String {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(bytes).unwrap();
    verify::sha256_of(file.path()).unwrap()
}

/// A model of one file, `model.bin`, that the publisher has at `url` and, when one is given, a wheel has too.
fn manifest(content: &[u8], url: &str, wheel: Option<&[u8]>) -> Manifest {
    let mut text = format!(
        "schema = 'viva.manifest/1'\n[[model]]\nname = 'm'\nkind = 'voice'\nlicence = ''\nlanguages = ''\ngood_for = ''\n\
         [[model.file]]\npath = 'model.bin'\nbytes = {}\nsha256 = '{}'\n\
         [[model.file.source]]\nkind = 'publisher'\nurl = 'https://example.org/model.bin'\n",
        content.len(),
        sha256(content)
    );
    if let Some(wheel) = wheel {
        let packages = format!(
            "[[model.file.source]]\nkind = 'python-packages'\n\
             member = {{ wheel = 'viva-test-wheel==1.0', member = ['viva_test_wheel/inner.zip', 'model.bin'] }}\n\
             [[wheel]]\npin = 'viva-test-wheel==1.0'\nbytes = {}\nsha256 = '{}'\n",
            wheel.len(),
            sha256(wheel)
        );
        text.push_str(&packages);
    }
    let mut manifest = Manifest::parse(&text).unwrap();
    // a local server speaks no TLS; the manifest itself demands it
    if let Source::Publisher { url: address, .. } = &mut manifest.models[0].files[0].sources[0] {
        url.clone_into(address);
    }
    manifest
}

/// A directory of models, and what happened there.
struct Room {
    directory: tempfile::TempDir,
    python: PathBuf,
    only: Option<SourceKind>,
    cancel: AtomicBool,
}

impl Room {
    fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        Self { directory, python: "/nowhere/python3".into(), only: None, cancel: AtomicBool::new(false) }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn fetch(&self, manifest: &Manifest) -> (Result<(), FetchError>, Vec<String>) {
        let mut events = Vec::new();
        let options = Options { only: self.only, python: self.python.as_os_str(), cancel: &self.cancel };
        let result = fetch(manifest, &manifest.models[0], self.directory.path(), &options, &mut |event| {
            if !matches!(event, Event::Progress { .. }) {
                events.push(format!("{event:?}"));
            }
        });
        (result, events)
    }

    /// Names of all files, hidden ones too.
    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

#[test]
fn a_file_is_fetched_checked_and_remembered() {
    let (server, room) = (Server::start(&content(), &[Answer::File]), Room::new());
    let manifest = manifest(&content(), &server.address, None);
    room.fetch(&manifest).0.unwrap();
    assert!(std::fs::read(room.path("model.bin")).unwrap() == content());
    assert_eq!(room.files(), [".m.lock", "m.verified.json", "model.bin"]);
    assert!(verify::is_remembered(&manifest.models[0], room.directory.path()));
    let (result, events) = room.fetch(&manifest);
    result.unwrap();
    assert_eq!(events, ["Present { path: \"model.bin\" }"]);
    assert_eq!(server.ranges(), [None]);
}

#[test]
fn a_begun_download_is_resumed() {
    let (server, room) = (Server::start(&content(), &[Answer::File]), Room::new());
    std::fs::write(room.path("model.bin.part"), &content()[..70_000]).unwrap();
    let manifest = manifest(&content(), &server.address, None);
    assert!(is_begun(&manifest.models[0], room.directory.path()));
    room.fetch(&manifest).0.unwrap();
    assert_eq!(server.ranges(), [Some(70_000)]);
    assert!(std::fs::read(room.path("model.bin")).unwrap() == content());
    assert!(!is_begun(&manifest.models[0], room.directory.path()));
}

#[test]
fn a_server_without_ranges_starts_over() {
    let (server, room) = (Server::start(&content(), &[Answer::FromStart]), Room::new());
    std::fs::write(room.path("model.bin.part"), vec![7; 70_000]).unwrap();
    room.fetch(&manifest(&content(), &server.address, None)).0.unwrap();
    assert!(std::fs::read(room.path("model.bin")).unwrap() == content());
}

#[test]
fn a_kept_part_of_another_file_is_thrown_away() {
    for kept in [70_000, content().len(), content().len() + 5] {
        let (server, room) = (Server::start(&content(), &[Answer::File]), Room::new());
        std::fs::write(room.path("model.bin.part"), vec![7; kept]).unwrap();
        room.fetch(&manifest(&content(), &server.address, None)).0.unwrap();
        assert!(std::fs::read(room.path("model.bin")).unwrap() == content(), "{kept}");
        assert_eq!(server.ranges().last(), Some(&None));
    }
}

#[test]
fn a_cut_connection_is_taken_up_again() {
    let answers = [Answer::CutAfter(60_000), Answer::CutAfter(30_000), Answer::File];
    let (server, room) = (Server::start(&content(), &answers), Room::new());
    room.fetch(&manifest(&content(), &server.address, None)).0.unwrap();
    assert_eq!(server.ranges(), [None, Some(60_000), Some(90_000)]);
    assert!(std::fs::read(room.path("model.bin")).unwrap() == content());
}

#[test]
fn a_connection_that_breaks_for_good_keeps_what_came() {
    let (server, room) = (Server::start(&content(), &[Answer::CutAfter(60_000), Answer::CutAfter(0)]), Room::new());
    let error = room.fetch(&manifest(&content(), &server.address, None)).0.unwrap_err().to_string();
    assert!(error.contains("after 60 kB of 200 kB; what came is kept: give the command again"), "{error}");
    assert_eq!(std::fs::metadata(room.path("model.bin.part")).unwrap().len(), 60_000);
}

#[test]
fn wrong_bytes_are_thrown_away_and_named() {
    let (server, room) = (Server::start(&content(), &[Answer::OtherBytes]), Room::new());
    let error = room.fetch(&manifest(&content(), &server.address, None)).0.unwrap_err().to_string();
    assert!(error.contains("found SHA-256") && error.contains(&sha256(&content())), "{error}");
    assert!(error.ends_with("it was thrown away"), "{error}");
    assert_eq!(room.files(), [".m.lock"]);
}

#[test]
fn a_file_of_another_length_is_refused_before_it_is_downloaded() {
    let (server, room) = (Server::start(&content(), &[Answer::TooLong]), Room::new());
    let error = room.fetch(&manifest(&content(), &server.address, None)).0.unwrap_err().to_string();
    assert!(error.contains("found 200010 bytes, expected 200000 bytes"), "{error}");
    assert_eq!(room.files(), [".m.lock"]);
}

#[test]
fn a_refusing_server_is_quoted() {
    for (status, words) in [(404, "404 (Not Found)"), (503, "503 (Service Unavailable)")] {
        let (server, room) = (Server::start(&content(), &[Answer::Status(status)]), Room::new());
        let error = room.fetch(&manifest(&content(), &server.address, None)).0.unwrap_err().to_string();
        assert!(error.contains(words) && error.contains(&server.address), "{error}");
    }
}

#[test]
fn when_every_source_fails_each_reason_is_told() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let manifest = manifest(&content(), &format!("http://127.0.0.1:{port}/"), Some(b"wheel"));
    let (result, events) = Room::new().fetch(&manifest);
    let error = result.unwrap_err().to_string();
    assert!(error.starts_with("model.bin could not be fetched.\n  127.0.0.1:"), "{error}");
    assert!(error.contains("cannot be reached: "), "{error}");
    assert!(error.contains("/nowhere/python3: ") && error.contains("expected Python 3 with pip"), "{error}");
    let fallback = events.iter().find(|event| event.starts_with("Fallback")).unwrap();
    assert!(fallback.contains("failed: Publisher") && fallback.contains("next: PythonPackages"), "{fallback}");
}

#[test]
fn a_source_that_does_not_exist_is_not_replaced_by_another() {
    let room = Room { only: Some(SourceKind::PythonPackages), ..Room::new() };
    let error = room.fetch(&manifest(&content(), "http://127.0.0.1:9/", None)).0.unwrap_err().to_string();
    assert_eq!(error, "model.bin cannot be had from Python packages");
}

#[test]
fn an_interrupted_fetch_keeps_what_came_and_goes_on() {
    let (server, room) = (Server::start(&content(), &[Answer::File]), Room::new());
    let manifest = manifest(&content(), &server.address, None);
    let options = Options { only: None, python: OsStr::new("python3"), cancel: &room.cancel };
    let error = fetch(&manifest, &manifest.models[0], room.directory.path(), &options, &mut |event| {
        if matches!(event, Event::Progress { done: 1.., .. }) {
            room.cancel.store(true, Ordering::Relaxed);
        }
    })
    .unwrap_err();
    let FetchError::Cancelled { kept } = error else { panic!("{error}") };
    assert!(kept > 0 && kept < 200_000, "{kept}");
    room.cancel.store(false, Ordering::Relaxed);
    room.fetch(&manifest).0.unwrap();
    assert_eq!(server.ranges(), [None, Some(kept as usize)]);
}

#[test]
fn two_at_once_download_once() {
    let (server, room) = (Server::start(&content(), &[Answer::File]), Room::new());
    let manifest = manifest(&content(), &server.address, None);
    std::thread::scope(|scope| {
        let both = [scope.spawn(|| room.fetch(&manifest).0), scope.spawn(|| room.fetch(&manifest).0)];
        for thread in both {
            thread.join().unwrap().unwrap();
        }
    });
    assert_eq!(server.ranges(), [None]);
}

#[test]
fn leftovers_of_a_killed_process_go_and_so_does_everything_on_removal() {
    let (server, room) = (Server::start(&content(), &[Answer::File]), Room::new());
    std::fs::create_dir(room.path(".fetch-m-x1y2")).unwrap();
    std::fs::create_dir(room.path(".fetch-m.en-x1y2")).unwrap();
    let manifest = manifest(&content(), &server.address, None);
    room.fetch(&manifest).0.unwrap();
    assert_eq!(room.files(), [".fetch-m.en-x1y2", ".m.lock", "m.verified.json", "model.bin"]);
    assert!(remove(&manifest.models[0], room.directory.path()).unwrap() > 200_000);
    assert_eq!(room.files(), [".fetch-m.en-x1y2"]);
    assert_eq!(remove(&manifest.models[0], room.directory.path()).unwrap(), 0);
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_called_one() {
    let source = std::fs::write("/dev/full", "x").unwrap_err();
    let error = write_error(Path::new("ggml-base.bin.part"), source).to_string();
    assert_eq!(error, "ggml-base.bin.part: the disk is full; make room and give the command again to go on");
}

#[test]
#[cfg(unix)]
fn directories_are_the_users_own() {
    use std::os::unix::fs::PermissionsExt;
    let (server, room) = (Server::start(&content(), &[Answer::CutAfter(9), Answer::CutAfter(0)]), Room::new());
    let manifest = manifest(&content(), &server.address, None);
    let directory = room.path("new/models");
    let options = Options { only: None, python: OsStr::new("python3"), cancel: &room.cancel };
    fetch(&manifest, &manifest.models[0], &directory, &options, &mut |_| {}).unwrap_err();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&directory), mode(&directory.join("model.bin.part"))), (0o700, 0o600));
}

/// Wheels, with the machine's own pip and no network.
#[cfg(unix)]
mod wheels {
    use std::os::unix::fs::PermissionsExt;
    use std::process::Command;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn archive(files: &[(&str, &[u8])]) -> Vec<u8> {
        let mut writer = ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, SimpleFileOptions::default()).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    }

    fn wheel(inner: &[u8]) -> Vec<u8> {
        archive(&[
            ("viva_test_wheel/inner.zip", inner),
            ("viva_test_wheel-1.0.dist-info/METADATA", b"Metadata-Version: 2.1\nName: viva-test-wheel\nVersion: 1.0\n"),
            ("viva_test_wheel-1.0.dist-info/WHEEL", b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
            ("viva_test_wheel-1.0.dist-info/RECORD", b""),
        ])
    }

    /// A room whose python3 finds packages in the room and nowhere else; `None` on a machine without pip.
    fn room(wheel: &[u8]) -> Option<Room> {
        let pip = Command::new("python3").args(["-m", "pip", "--version"]).output();
        if !pip.is_ok_and(|output| output.status.success()) {
            eprintln!("skipped: this machine has no pip");
            return None;
        }
        let mut room = Room { only: Some(SourceKind::PythonPackages), ..Room::new() };
        let index = room.path("index");
        std::fs::create_dir(&index).unwrap();
        std::fs::write(index.join("viva_test_wheel-1.0-py3-none-any.whl"), wheel).unwrap();
        room.python = room.path("python3");
        let script = format!(
            "#!/bin/sh\nPIP_CONFIG_FILE=/dev/null PIP_NO_INDEX=1 PIP_FIND_LINKS='{}' exec python3 \"$@\"\n",
            index.display()
        );
        std::fs::write(&room.python, script).unwrap();
        std::fs::set_permissions(&room.python, std::fs::Permissions::from_mode(0o700)).unwrap();
        Some(room)
    }

    #[test]
    fn a_file_in_an_archive_in_a_wheel_is_taken_out() {
        let wheel = wheel(&archive(&[("model.bin", &content())]));
        let Some(room) = room(&wheel) else { return };
        let (result, events) = room.fetch(&manifest(&content(), "http://127.0.0.1:9/", Some(&wheel)));
        result.unwrap();
        assert_eq!(events, ["Trying { path: \"model.bin\", source: PythonPackages }"]);
        assert!(std::fs::read(room.path("model.bin")).unwrap() == content());
        assert_eq!(room.files(), [".m.lock", "index", "m.verified.json", "model.bin", "python3"]);
    }

    #[test]
    fn a_wheel_with_other_bytes_is_refused() {
        let good = wheel(&archive(&[("model.bin", &content())]));
        let Some(room) = room(&wheel(b"other")) else { return };
        let error = room.fetch(&manifest(&content(), "http://127.0.0.1:9/", Some(&good))).0.unwrap_err().to_string();
        assert!(error.starts_with("the Python package viva-test-wheel==1.0: found SHA-256"), "{error}");
        assert!(error.contains(&sha256(&good)), "{error}");
    }

    #[test]
    fn a_wheel_without_the_file_and_a_bomb_are_refused() {
        let zeros = vec![0; 4_000_000];
        for (inner, expected) in [
            (archive(&[("other.bin", b"x")]), "viva-test-wheel==1.0: model.bin: "),
            (archive(&[("model.bin", &zeros)]), " bytes, expected at most "),
            (b"no archive".to_vec(), "the Python package viva-test-wheel==1.0: "),
        ] {
            let wheel = wheel(&inner);
            let Some(room) = room(&wheel) else { return };
            let error = room.fetch(&manifest(&content(), "http://127.0.0.1:9/", Some(&wheel))).0.unwrap_err();
            assert!(error.to_string().contains(expected), "{error}");
            assert!(!room.path("model.bin").exists());
        }
    }

    #[test]
    fn pip_is_quoted_when_it_finds_nothing() {
        let wheel = wheel(b"");
        let Some(room) = room(&wheel) else { return };
        std::fs::remove_dir_all(room.path("index")).unwrap();
        let error = room.fetch(&manifest(&content(), "http://127.0.0.1:9/", Some(&wheel))).0.unwrap_err().to_string();
        assert!(error.contains("pip could not download viva-test-wheel==1.0: "), "{error}");
        assert!(error.contains("No matching distribution found"), "{error}");
    }
}
