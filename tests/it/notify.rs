//! People are told, over a real HTTP server on loopback, by programs, and by mail; a channel that fails changes nothing.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::thread;

use base64ct::{Base64, Encoding as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Cast, Ran, Town, cast};

/// What a receiver got.
#[derive(Debug, Clone)]
pub struct Posted {
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Posted {
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// What a receiver does with the next post; the last goes for all that follow.
#[derive(Debug, Clone)]
pub enum Answer {
    Status(u16),
    /// To another place.
    Redirect(String),
    /// Nothing, ever.
    Hangs,
    /// 500, and this many bytes.
    Floods(usize),
}

/// A real HTTP server on loopback.
#[derive(Clone)]
pub struct Server {
    port: u16,
    posted: Arc<Mutex<Vec<Posted>>>,
    answers: Arc<Mutex<Vec<Answer>>>,
}

impl Server {
    pub fn start(answers: &[Answer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self {
            port: listener.local_addr().unwrap().port(),
            posted: Arc::default(),
            answers: Arc::new(Mutex::new(answers.to_vec())),
        };
        let own = server.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (own, stream) = (own.clone(), stream.unwrap());
                thread::spawn(move || own.serve(stream));
            }
        });
        server
    }

    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let mut reader = BufReader::new(stream.try_clone().ok()?);
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let mut headers: Vec<(String, String)> = Vec::new();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.push((name.to_lowercase(), value.to_owned()));
        }
        let mut posted = Posted { path, headers, body: Vec::new() };
        let length: usize = posted.header("content-length").parse().unwrap_or(0);
        posted.body = vec![0; length];
        reader.read_exact(&mut posted.body).ok()?;
        let answer = {
            let mut answers = self.answers.lock().unwrap();
            if answers.len() > 1 { answers.remove(0) } else { answers.first().cloned().unwrap_or(Answer::Status(200)) }
        };
        self.posted.lock().unwrap().push(posted);
        match answer {
            Answer::Status(status) => {
                write!(stream, "HTTP/1.1 {status} X\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok").ok()
            }
            Answer::Redirect(to) => {
                write!(stream, "HTTP/1.1 307 X\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                    .ok()
            }
            Answer::Hangs => reader.read_to_end(&mut Vec::new()).ok().map(drop),
            Answer::Floods(bytes) => {
                write!(stream, "HTTP/1.1 500 X\r\ncontent-length: {bytes}\r\nconnection: close\r\n\r\n").ok()?;
                stream.write_all(&vec![b'x'; bytes]).ok()
            }
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook/T0/B0/secret", self.port)
    }

    pub fn posted(&self) -> Vec<Posted> {
        self.posted.lock().unwrap().clone()
    }
}

/// The base64 of 32 bytes.
const SECRET: &str = "c3VjaCBhIHNlY3JldCB0aGF0IG5vYm9keSBrbm93cyBpdCE=";

pub const POLICY: &str = "
[[approval_policies]]
name = \"job\"
pattern = \"job*\"
requirement = \"any_of\"
reviewers = [\"ops\"]
timeout = \"1h\"
[[approval_policies]]
name = \"unasked\"
pattern = \"printf *\"
requirement = \"allow\"
";

pub fn people() -> Cast {
    let cast = cast().people(&["alice", "bob", "carol", "olga"]).agent("bot").operators(&["olga"]);
    cast.group("ops", &["alice", "bob", "olga"])
}

/// A town with these channels, and `bot`'s settings for them.
pub fn town(notify: &str, settings: &str) -> Town {
    let town = Town::found(&format!("{POLICY}\n{notify}"), &people());
    town.marking_program("job");
    configure(&town, "bot", settings);
    town
}

pub fn configure(town: &Town, name: &str, settings: &str) {
    let file = town.member(name).join("config/settings.toml");
    let before = fs::read_to_string(&file).unwrap();
    fs::write(file, format!("{before}{settings}")).unwrap();
}

/// A file that only its owner reads.
pub fn keep(town: &Town, name: &str, text: &str) -> PathBuf {
    let file = town.path(name);
    fs::write(&file, text).unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    file
}

/// Settings for one webhook.
pub fn reach(town_file: &PathBuf, channel: &str) -> String {
    format!("[notify.{channel}]\nurl_file = {town_file:?}\n")
}

fn channel(name: &str, kind: &str, more: &str) -> String {
    format!("[[notify.channels]]\nname = {name:?}\nkind = {kind:?}\n{more}\n")
}

/// A town whose one channel is a room at a server.
fn room(kind: &str, more: &str, server: &Server) -> Town {
    let town = town(&channel("room", kind, more), "");
    let url = keep(&town, "url", &server.url());
    configure(&town, "bot", &reach(&url, "room"));
    if kind == "webhook" {
        let secret = keep(&town, "secret", &format!("whsec_{SECRET}\n"));
        configure(&town, "bot", &format!("secret_file = {secret:?}\n"));
    }
    town
}

fn ask(town: &Town, command: &[&str]) -> (String, Ran) {
    let ran = town.run("bot", &[&["run", "--no-wait", "--"], command].concat()).expect(122);
    (ran.out.split_whitespace().next().unwrap().to_owned(), ran)
}

/// HMAC as RFC 2104 writes it, beside the library that makes it.
fn hmac(key: &[u8], text: &[u8]) -> String {
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with).to_vec();
    let inner = Sha256::digest([pad(0x36), text.to_vec()].concat());
    Base64::encode_string(&Sha256::digest([pad(0x5c), inner.to_vec()].concat()))
}

#[test]
fn a_webhook_is_signed_and_tried_again_under_the_same_id() {
    let server = Server::start(&[Answer::Status(500), Answer::Status(503), Answer::Status(204)]);
    let town = room("webhook", "", &server);
    let (id, ran) = ask(&town, &["job", "now"]);
    ran.says("expacti: channel `room` is told of").says(": alice, bob");
    let posted = server.posted();
    assert_eq!(posted.len(), 3);
    for post in &posted {
        let sent = format!("{}.{}.", post.header("webhook-id"), post.header("webhook-timestamp"));
        let signature = hmac(&Base64::decode_vec(SECRET).unwrap(), &[sent.as_bytes(), &post.body].concat());
        assert_eq!(post.header("webhook-signature"), format!("v1,{signature}"));
        assert_eq!(post.header("webhook-id"), posted[0].header("webhook-id"));
        assert_eq!(post.header("webhook-timestamp"), town.now().to_string());
        assert_eq!(post.body, posted[0].body);
    }
    let event = posted[2].json();
    assert_eq!((&event["type"], &event["data"]["id"]), (&"request.created".into(), &id.as_str().into()));
    assert_eq!(event["data"]["command"], "job now");
    assert_eq!(event["data"]["approve"], format!("expacti approve {id}"));
    assert_eq!(event["data"]["who"], serde_json::json!(["alice", "bob", "olga"]));
}
