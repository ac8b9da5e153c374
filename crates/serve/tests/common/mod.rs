//! A server on a thread of its own, and a client that says exactly what it is told to.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use armistice::CancelToken;
use armistice_serve::{Server, Settings};
use serde_json::Value;

/// The repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A running server; stopped when dropped.
pub struct Running {
    pub address: SocketAddr,
    pub token: String,
    pub url: String,
    stop: CancelToken,
    thread: Option<JoinHandle<()>>,
    _folder: Option<tempfile::TempDir>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.cancel();
        self.thread.take().unwrap().join().unwrap();
    }
}

/// Serves the scenario of a folder.
pub fn serve(scenario: &Path) -> Running {
    start(scenario, None)
}

/// Serves a small war that starts from a template.
pub fn serve_small() -> Running {
    let folder = tempfile::tempdir().unwrap();
    let text = armistice::scenario::new_scenario("two-sided-war").unwrap();
    std::fs::write(folder.path().join("scenario.toml"), text).unwrap();
    std::fs::write(folder.path().join("notes.txt"), "not a scenario").unwrap();
    let path = folder.path().to_owned();
    start(&path, Some(folder))
}

fn start(scenario: &Path, folder: Option<tempfile::TempDir>) -> Running {
    let server = Server::bind(Settings::new(scenario.to_owned())).unwrap();
    let (address, token, url) = (server.address(), server.token().to_owned(), server.url());
    let stop = CancelToken::default();
    let watched = stop.clone();
    let thread = std::thread::spawn(move || server.run(&watched).unwrap());
    Running { address, token, url, stop, thread: Some(thread), _folder: folder }
}

/// An answer, as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    /// The data of the last event, and its name.
    pub fn last_event(&self) -> (String, Value) {
        let block =
            self.body.split("\n\n").filter(|block| block.contains("event: ")).last().expect("an event");
        let name = block.lines().find_map(|line| line.strip_prefix("event: ")).unwrap().to_owned();
        let data = block.lines().find_map(|line| line.strip_prefix("data: ")).unwrap();
        (name, serde_json::from_str(data).unwrap())
    }
}

impl Running {
    /// Sends bytes and reads whatever comes until the server closes.
    pub fn raw(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        // The server may answer and close before it has read everything.
        let _ = stream.write_all(bytes);
        let mut text = Vec::new();
        let _ = stream.read_to_end(&mut text);
        let text = String::from_utf8_lossy(&text).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
        let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
        let chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
        let body = if chunked { unchunked(body) } else { body.to_owned() };
        Answer { status, head: head.to_owned(), body }
    }

    /// A request with headers of one's own; `Host`, token and `Connection: close` are added where they are not there.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
        self.raw(self.request(method, path, headers, body).as_bytes())
    }

    /// The text of such a request.
    pub fn request(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
        let mut text = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n");
        let has = |name: &str| headers.iter().any(|(key, _)| key.eq_ignore_ascii_case(name));
        if !has("host") {
            text += &format!("Host: {}\r\n", self.address);
        }
        if !has("authorization") {
            text += &format!("Authorization: Bearer {}\r\n", self.token);
        }
        if !has("content-length") && !body.is_empty() {
            text += &format!("Content-Length: {}\r\n", body.len());
        }
        if !has("content-type") && !body.is_empty() {
            text += "Content-Type: application/json\r\n";
        }
        for (name, value) in headers.iter().filter(|(_, value)| !value.is_empty()) {
            text += &format!("{name}: {value}\r\n");
        }
        text + "\r\n" + body
    }

    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.ask("POST", path, &[], &body.to_string())
    }

    /// The result of a computation.
    pub fn compute(&self, path: &str, body: &Value) -> Value {
        let answer = self.post(path, body);
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
        let (name, data) = answer.last_event();
        assert_eq!(name, "result", "{path}: {data}");
        data
    }
}

fn unchunked(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some((size, after)) = rest.split_once("\r\n") {
        let Ok(size) = usize::from_str_radix(size.trim(), 16) else { break };
        if size == 0 || after.len() < size {
            break;
        }
        out.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
    }
    out
}
