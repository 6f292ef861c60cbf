//! Downloading one file over HTTP into a `.part` file, resuming what is already there.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Body, http::Response};

use super::error::{FetchError, write_error};
use crate::models::manifest::Fingerprint;
use crate::models::verify;

/// A closed network should be noticed before the user's patience ends.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// A server that is silent for so long is taken for dead.
const SILENCE_TIMEOUT: Duration = Duration::from_secs(30);
/// How often a cut connection is taken up again without gaining a byte.
const FRUITLESS_ATTEMPTS: u32 = 3;
/// How often a cut connection is taken up again at all: a server that gives a few bytes each time must not hold us for ever.
const ATTEMPTS: u32 = 20;
/// Pause before a cut connection is taken up again.
const PAUSE: Duration = Duration::from_millis(500);
/// Bytes read at once.
const CHUNK: usize = 1 << 16;
/// The variable, known from OpenSSL, that names a file of certificates to trust instead of Mozilla's: needed where a
/// company's proxy opens encrypted connections.
const CERTIFICATES_VARIABLE: &str = "SSL_CERT_FILE";

/// What is to be downloaded.
pub(super) struct Download<'a> {
    pub url: &'a str,
    /// Where the bytes go until all are there.
    pub part: &'a Path,
    /// What they must be.
    pub expected: Fingerprint<'a>,
    /// Set when the user has had enough.
    pub cancel: &'a AtomicBool,
}

/// How one connection ended.
enum End {
    /// All bytes are there.
    Whole,
    /// The connection broke; what came is kept.
    Cut(String),
}

impl Download<'_> {
    /// Downloads the file and checks it; `part` then holds the expected bytes. `progress` is told how many bytes there are.
    pub(super) fn run(&self, progress: &mut dyn FnMut(u64)) -> Result<(), FetchError> {
        let agent = agent(self.url)?;
        let resumed = self.kept() > 0;
        self.complete(&agent, progress)?;
        if self.is_right()? {
            return Ok(());
        }
        // the kept bytes may have been those of another file: once more from the start
        if resumed {
            self.discard()?;
            self.complete(&agent, progress)?;
            if self.is_right()? {
                return Ok(());
            }
        }
        let found = verify::sha256_of(self.part).map_err(|error| write_error(self.part, error))?;
        self.discard()?;
        Err(FetchError::WrongBytes {
            what: self.url.to_owned(),
            found: format!("SHA-256 {found}"),
            expected: self.expected.sha256.to_owned(),
        })
    }

    /// Connects until all bytes are there.
    fn complete(&self, agent: &Agent, progress: &mut dyn FnMut(u64)) -> Result<(), FetchError> {
        let (mut fruitless, mut attempts) = (0, 0);
        loop {
            attempts += 1;
            let before = self.kept();
            if before == self.expected.bytes {
                return Ok(());
            }
            match self.connect(agent, progress)? {
                End::Whole => return Ok(()),
                End::Cut(reason) => {
                    let kept = self.kept();
                    fruitless = if kept > before { 1 } else { fruitless + 1 };
                    if fruitless >= FRUITLESS_ATTEMPTS || attempts >= ATTEMPTS {
                        return Err(FetchError::Cut {
                            url: self.url.to_owned(),
                            reason,
                            kept,
                            expected: self.expected.bytes,
                        });
                    }
                    std::thread::sleep(PAUSE);
                }
            }
        }
    }

    fn connect(&self, agent: &Agent, progress: &mut dyn FnMut(u64)) -> Result<End, FetchError> {
        self.check_cancelled()?;
        let mut have = self.kept();
        if have > self.expected.bytes {
            self.discard()?;
            have = 0;
        }
        let mut request = agent.get(self.url);
        if have > 0 {
            request = request.header("Range", format!("bytes={have}-"));
        }
        let response = match request.call() {
            Ok(response) => response,
            Err(error) if have > 0 && is_cut(&error) => return Ok(End::Cut(error.to_string())),
            Err(error) => return Err(self.unreachable(agent, &error)),
        };
        let start = match response.status().as_u16() {
            200 => 0,
            206 => match range_start(&response) {
                Some(start) if start <= have => start,
                _ => return Err(self.wrong("an answer to another range than the one asked for")),
            },
            // nothing lies behind what we have: it is of another file
            416 if have > 0 => {
                self.discard()?;
                return Ok(End::Cut("the server holds fewer bytes than were kept".into()));
            }
            status => {
                return Err(FetchError::Server { url: self.url.to_owned(), status, reason: reason(&response) });
            }
        };
        if let Some(length) = response.body().content_length().filter(|length| start + length != self.expected.bytes) {
            return Err(self.wrong(&format!("{} bytes", start + length)));
        }
        self.receive(response, start, progress)
    }

    fn receive(&self, response: Response<Body>, start: u64, progress: &mut dyn FnMut(u64)) -> Result<End, FetchError> {
        let mut file = open_part(self.part).map_err(|error| write_error(self.part, error))?;
        let mut have = start;
        file.set_len(start)
            .and_then(|()| file.seek(SeekFrom::Start(start)))
            .map_err(|error| write_error(self.part, error))?;
        let mut body = response.into_body().into_reader();
        let mut chunk = vec![0; CHUNK];
        progress(have);
        let end = loop {
            self.check_cancelled()?;
            let count = match body.read(&mut chunk) {
                Ok(0) if have == self.expected.bytes => break End::Whole,
                Ok(0) => break End::Cut("the connection was closed".into()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => break End::Cut(error.to_string()),
            };
            have += count as u64;
            if have > self.expected.bytes {
                return Err(self.wrong(&format!("more than {} bytes", self.expected.bytes)));
            }
            file.write_all(&chunk[..count]).map_err(|error| write_error(self.part, error))?;
            progress(have);
        };
        file.sync_all().map_err(|error| write_error(self.part, error))?;
        Ok(end)
    }

    fn check_cancelled(&self) -> Result<(), FetchError> {
        if self.cancel.load(Ordering::Relaxed) { Err(FetchError::Cancelled { kept: self.kept() }) } else { Ok(()) }
    }

    fn kept(&self) -> u64 {
        std::fs::metadata(self.part).map_or(0, |metadata| metadata.len())
    }

    fn is_right(&self) -> Result<bool, FetchError> {
        let sha256 = verify::sha256_of(self.part).map_err(|error| write_error(self.part, error))?;
        Ok(sha256 == self.expected.sha256)
    }

    fn discard(&self) -> Result<(), FetchError> {
        std::fs::remove_file(self.part).map_err(|error| write_error(self.part, error))
    }

    fn wrong(&self, found: &str) -> FetchError {
        FetchError::WrongBytes {
            what: self.url.to_owned(),
            found: found.to_owned(),
            expected: format!("{} bytes", self.expected.bytes),
        }
    }

    fn unreachable(&self, agent: &Agent, error: &ureq::Error) -> FetchError {
        let uri = self.url.parse().ok();
        let proxy = agent
            .config()
            .proxy()
            .filter(|proxy| uri.is_none_or(|uri| !proxy.is_no_proxy(&uri)))
            .map(|proxy| format!("{}:{}", proxy.host(), proxy.port()));
        FetchError::Unreachable { host: host(self.url).to_owned(), proxy, reason: plain(error) }
    }
}

/// Whether a connection that had been made broke.
fn is_cut(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Io(error) => {
            matches!(
                error.kind(),
                io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe
            )
        }
        _ => false,
    }
}

/// ureq's error in words for people.
fn plain(error: &ureq::Error) -> String {
    match error {
        ureq::Error::HostNotFound => "its name cannot be resolved; is there a network?".into(),
        ureq::Error::Timeout(_) => "it did not answer in time".into(),
        ureq::Error::Io(error) => error.to_string(),
        ureq::Error::ConnectProxyFailed(reason) => format!("the proxy refused: {reason}"),
        ureq::Error::Rustls(error) => format!(
            "the connection is not secure: {error}; where a proxy opens connections, \
             {CERTIFICATES_VARIABLE} must name a file with its certificate"
        ),
        other => other.to_string(),
    }
}

/// The host of an address, for people.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

/// The first position of a partial answer.
fn range_start(response: &Response<Body>) -> Option<u64> {
    let range = response.headers().get("Content-Range")?.to_str().ok()?;
    range.strip_prefix("bytes ")?.split('-').next()?.trim().parse().ok()
}

fn reason(response: &Response<Body>) -> String {
    response.status().canonical_reason().unwrap_or("an unknown status").to_owned()
}

fn open_part(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// ureq reads `HTTPS_PROXY`, `ALL_PROXY`, `HTTP_PROXY` and `NO_PROXY` by itself.
fn agent(url: &str) -> Result<Agent, FetchError> {
    let mut config = Agent::config_builder()
        .user_agent(concat!("viva/", env!("CARGO_PKG_VERSION")))
        .https_only(url.starts_with("https://"))
        .http_status_as_error(false)
        .accept_encoding("identity")
        .timeout_resolve(Some(CONNECT_TIMEOUT))
        .timeout_connect(Some(CONNECT_TIMEOUT))
        .timeout_recv_response(Some(SILENCE_TIMEOUT))
        .timeout_per_read(Some(SILENCE_TIMEOUT));
    if let Some(path) = std::env::var_os(CERTIFICATES_VARIABLE).filter(|path| !path.is_empty()) {
        let certificates = certificates(Path::new(&path)).map_err(|error| write_error(Path::new(&path), error))?;
        let roots = RootCerts::Specific(Arc::new(certificates));
        config = config.tls_config(TlsConfig::builder().root_certs(roots).build());
    }
    Ok(config.build().new_agent())
}

fn certificates(path: &Path) -> io::Result<Vec<Certificate<'static>>> {
    let pem = std::fs::read(path)?;
    Ok(parse_pem(&pem)
        .filter_map(|item| match item {
            Ok(PemItem::Certificate(certificate)) => Some(certificate),
            _ => None,
        })
        .collect())
}
