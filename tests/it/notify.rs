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
        assert_eq!((&post.body, post.path.as_str()), (&posted[0].body, "/hook/T0/B0/secret"));
    }
    let event = posted[2].json();
    assert_eq!((&event["type"], &event["data"]["id"]), (&"request.created".into(), &id.as_str().into()));
    assert_eq!(event["data"]["command"], "job now");
    assert_eq!(event["data"]["approve"], format!("expacti approve {id}"));
    assert_eq!(event["data"]["who"], serde_json::json!(["alice", "bob", "olga"]));
}

#[test]
fn slack_and_teams_get_what_they_take_and_nothing_that_acts() {
    let hostile = "<!channel> [log in](https://evil.example) <https://evil.example|x> \u{202e}gpj\r\n*b*";
    for (kind, named) in [("slack", "U024BE7LH"), ("teams", "alice")] {
        let server = Server::start(&[]);
        let town = room(kind, "[notify.people]\nalice = { slack = \"U024BE7LH\" }\n", &server);
        let ran = town.run("bot", &["run", "--no-wait", "--reason", hostile, "--", "job", hostile]).expect(122);
        let id = ran.out.trim();
        let posted = server.posted();
        assert_eq!(posted.len(), 1);
        assert_eq!(posted[0].header("content-type"), "application/json; charset=utf-8");
        let (text, message) = (String::from_utf8(posted[0].body.clone()).unwrap(), posted[0].json());
        for wanted in
            [&format!("expacti approve {id}"), &format!("expacti show {id}"), named, "\\\\u{202e}gpj\\\\u{d}\\\\n"]
        {
            assert!(text.contains(wanted), "{wanted}: {text}");
        }
        assert!(!text.contains('\u{202e}') && !text.contains("\\r"), "{text}");
        if kind == "slack" {
            assert!(!message["text"].as_str().unwrap().contains('<'));
            assert!(message["blocks"].as_array().unwrap().iter().all(|block| block["type"] != "section"));
        } else {
            let card = &message["attachments"][0];
            assert_eq!(card["contentType"], "application/vnd.microsoft.card.adaptive");
            assert_eq!(card["content"]["body"][0]["type"], "TextBlock");
            assert!(!card["content"]["body"][0].to_string().contains("evil"));
        }
    }
}

/// A program that keeps what it reads, what it was started with, and how often.
fn keeper(town: &Town, name: &str) -> PathBuf {
    let kept = town.path(name);
    let script = format!("cat >> '{0}'; env > '{0}.env'; echo \"$@\" > '{0}.args'", kept.display());
    town.program(name, &script)
}

#[test]
fn mail_goes_to_those_who_can_decide_and_no_header_is_smuggled_in() {
    let people = "[notify.people]\nalice = { email = \"alice@example.com\" }\nbob = { email = \"bob@example.com\" }\n\
        olga = { email = \"olga@example.com\" }\ncarol = { email = \"carol@example.com\" }\n";
    let town = town(&(channel("post", "email", "") + people), "");
    let mailer = keeper(&town, "mailer");
    let settings = format!("[notify.post]\nsendmail = [{mailer:?}, \"-t\", \"-i\"]\nfrom = \"gate@example.com\"\n");
    configure(&town, "bot", &settings);
    configure(&town, "alice", &settings);
    let smuggled = "x\r\nBcc: mallory@evil.example\r\n\r\nhello";
    town.run("bot", &["run", "--no-wait", "--reason", smuggled, "--", "job", smuggled]).expect(122);
    let read = |name: &str| fs::read_to_string(town.path(name)).unwrap();
    let mail = read("mailer");
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("To: alice@example.com,\r\n bob@example.com,\r\n olga@example.com\r\n"), "{head}");
    assert!(!mail.to_lowercase().contains("bcc:") && !mail.contains("carol"), "{mail}");
    let text = String::from_utf8(Base64::decode_vec(&body.replace("\r\n", "")).unwrap()).unwrap();
    assert!(text.contains("they say: \"x\\u{d}\\nBcc: mallory@evil.example"), "{text}");
    assert_eq!(read("mailer.args"), "-t -i\n");

    // Who asks is not told of what they ask, though they could decide what others ask.
    fs::remove_file(town.path("mailer")).unwrap();
    town.run("alice", &["run", "--no-wait", "--", "job", "mine"]).expect(122);
    let mail = read("mailer");
    assert!(mail.contains("To: bob@example.com,\r\n olga@example.com\r\n") && !mail.contains("alice@"), "{mail}");
}

#[test]
fn a_program_gets_the_event_and_nothing_of_the_callers_environment() {
    let town = town(&channel("pager", "command", "people = [\"bob\"]"), "");
    let pager = keeper(&town, "pager");
    configure(&town, "bot", &format!("[notify.pager]\ncommand = [{pager:?}, \"two words\"]\n"));
    let (id, _) = ask(&town, &["job"]);
    let event: Value = serde_json::from_str(&fs::read_to_string(town.path("pager")).unwrap()).unwrap();
    assert_eq!((&event["data"]["id"], &event["data"]["who"]), (&id.as_str().into(), &serde_json::json!(["bob"])));
    let env = fs::read_to_string(town.path("pager.env")).unwrap();
    assert!(!env.contains("EXPACTI"), "{env}");
    assert_eq!(fs::read_to_string(town.path("pager.args")).unwrap(), "two words\n");
}

#[test]
fn a_channel_that_fails_holds_nothing_up_and_is_told_later() {
    let other = Server::start(&[]);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let servers = [
        ("hangs", Server::start(&[Answer::Hangs, Answer::Status(200)])),
        (
            "floods",
            Server::start(&[
                Answer::Floods(10 << 20),
                Answer::Floods(10 << 20),
                Answer::Floods(10 << 20),
                Answer::Floods(10 << 20),
                Answer::Status(200),
            ]),
        ),
        ("moved", Server::start(&[Answer::Redirect(other.url()), Answer::Status(200)])),
        ("refuses", Server::start(&[Answer::Status(403), Answer::Status(200)])),
    ];
    let mut channels = channel("closed", "teams", "") + &channel("crashes", "command", "");
    let names: Vec<&str> = servers.iter().map(|(name, _)| *name).collect();
    for name in &names {
        channels += &channel(name, "slack", "");
    }
    let town = town(&channels, "");
    let mut settings = reach(&keep(&town, "closed.url", &format!("http://{closed}/")), "closed");
    for (name, server) in &servers {
        settings += &reach(&keep(&town, &format!("{name}.url"), &server.url()), name);
    }
    let crash = town.program("crash", "exit 3");
    settings += &format!("[notify.crashes]\ncommand = [{crash:?}]\n");
    configure(&town, "bot", &settings);

    let asked = town.run("bot", &["--json", "run", "--no-wait", "--", "job"]).expect(122);
    let report: Value = serde_json::from_str(&asked.out).unwrap();
    let id = report["id"].as_str().unwrap().to_owned();
    assert_eq!(town.state(&id), "pending");
    for (name, why) in [
        ("hangs", "it did not answer in time"),
        ("floods", "it answered 500 (xxxx"),
        ("moved", "it answered 307: redirects are not followed"),
        ("refuses", "it answered 403 (ok)"),
        ("closed", "refused"),
        ("crashes", "its program ended with 3"),
    ] {
        let told = report["notified"].as_array().unwrap().iter().find(|told| told["channel"] == name).unwrap();
        assert_eq!(
            (&told["told"], &told["event"], &told["id"]),
            (&false.into(), &"created".into(), &id.as_str().into())
        );
        assert!(told["why"].as_str().unwrap().contains(why), "{name}: {told}");
        assert!(asked.err.contains(&format!("channel `{name}` could not be told")), "{}", asked.err);
    }
    assert!(other.posted().is_empty());
    assert!(!asked.err.contains("127.0.0.1") && !asked.out.contains("/hook/"), "an address is a secret");
    let doctor = town.run("bot", &["doctor"]);
    doctor.says(&format!("channel `hangs` was not told of {id} (created): it did not answer in time"));

    // Later any call tells it, and tells nobody twice.
    town.pass(60);
    let synced = town.run("bot", &["--json", "sync"]).expect(0).json();
    let told = |value: &Value| -> Vec<String> {
        let list = value["notified"].as_array().unwrap().iter().filter(|told| told["told"] == true);
        list.map(|told| told["channel"].as_str().unwrap().to_owned()).collect()
    };
    let mut now = told(&synced);
    now.sort();
    assert_eq!(now, ["floods", "hangs", "moved", "refuses"]);
    town.approve("alice", &id).expect(0);
    assert_eq!(town.marks(), 0);
    town.resume("bot", &id).expect(0);
    assert_eq!(town.marks(), 1);
}

#[test]
fn whoever_brings_about_an_end_says_in_json_who_could_not_be_told_of_it() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let town = town(&channel("room", "slack", "events = [\"ended\"]"), "");
    let url = keep(&town, "url", &format!("http://{closed}/hook/"));
    ["bot", "alice"].iter().for_each(|name| configure(&town, name, &reach(&url, "room")));
    let not_told = |report: &Value, id: &str| {
        let [told] = report["notified"].as_array().unwrap().as_slice() else { panic!("{report:#}") };
        assert_eq!((&told["channel"], &told["event"]), (&"room".into(), &"ended".into()));
        assert_eq!((&told["id"], &told["told"]), (&id.into(), &false.into()));
        assert!(told["why"].as_str().unwrap().contains("refused"), "{told}");
    };
    let id = town.ask("bot", &["job", "1"]);
    let denied = town.run("alice", &["--json", "deny", "--yes", "--reason", "no", &id]).expect(0).json();
    not_told(&denied[0], &id);
    assert!(denied[0]["request"].get("notified").is_none(), "{denied:#}");
    let id = town.ask("bot", &["job", "2"]);
    not_told(&town.run("bot", &["--json", "cancel", &id]).expect(0).json(), &id);
    // What came of this one nobody can say: the repository is gone when it ends.
    let away = town.path("away.git");
    town.program("job-3", &format!("mv '{}' '{}'", town.url(), away.display()));
    let lost = town.ask("bot", &["job-3"]);
    town.approve("bob", &lost).expect(0);
    town.resume("bot", &lost).expect(0);
    fs::rename(&away, town.url()).unwrap();
    configure(&town, "ada", &reach(&url, "room"));
    let unknown = town.run("ada", &["--json", "resume", "--unknown", "--reason", "power", &lost]).expect(0).json();
    not_told(&unknown, &lost);
    // Others tell nobody, and do not say that they did.
    assert!(town.run("bot", &["--json", "show", &id]).expect(0).json().get("notified").is_none());
}

fn events(server: &Server) -> Vec<String> {
    server.posted().iter().map(|post| post.json()["type"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn each_event_is_told_once_over_retries_adoption_and_resume() {
    let server = Server::start(&[]);
    let town = room("webhook", "", &server);
    let (id, _) = ask(&town, &["job"]);
    let (again, ran) = ask(&town, &["job"]);
    assert_eq!(id, again);
    assert!(!ran.err.contains("is told"), "{}", ran.err);
    town.resume("bot", &id).expect(122);
    assert_eq!(events(&server), ["request.created"]);
    // Ten minutes before the hour is over.
    town.pass(49 * 60);
    town.resume("bot", &id).expect(122);
    assert_eq!(events(&server).len(), 1);
    town.pass(90);
    town.resume("bot", &id).expect(122).says("channel `room` is reminded of");
    town.resume("bot", &id).expect(122);
    assert_eq!(events(&server), ["request.created", "request.expiring"]);
    town.approve("alice", &id).expect(0);
    town.resume("bot", &id).expect(0);
    town.resume("bot", &id).expect(119);
    assert_eq!(events(&server), ["request.created", "request.expiring", "request.ended"]);
    let ended = server.posted().last().unwrap().json();
    assert_eq!((&ended["data"]["state"], &ended["data"]["who"]), (&"executed".into(), &serde_json::json!(["olga"])));
    assert!(ended["data"].get("approve").is_none());
}

#[test]
fn every_end_is_told_to_those_who_asked() {
    let server = Server::start(&[]);
    let town = room("webhook", "events = [\"ended\"]", &server);
    let (denied, _) = ask(&town, &["job", "1"]);
    town.deny("alice", &denied).expect(0);
    town.resume("bot", &denied).expect(120);
    let (withdrawn, _) = ask(&town, &["job", "2"]);
    town.run("bot", &["cancel", "--reason", "not needed", &withdrawn]).expect(0);
    let (expired, _) = ask(&town, &["job", "3"]);
    let (synced, _) = ask(&town, &["job", "4"]);
    town.pass(3_700);
    town.resume("bot", &expired).expect(124);
    town.run("bot", &["sync"]).expect(0);
    // Nobody was asked about these.
    town.run("bot", &["run", "--", "printf", "x"]).expect(0);
    town.run("bot", &["run", "--", "other"]).expect(127);
    let told: Vec<(String, String, String)> = server
        .posted()
        .iter()
        .map(|post| {
            let data = &post.json()["data"];
            let text = |key: &str| data[key].as_str().unwrap().to_owned();
            (text("id"), text("state"), text("why"))
        })
        .collect();
    let expected = [(&denied, "denied"), (&withdrawn, "withdrawn"), (&expired, "expired"), (&synced, "expired")];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for ((id, state), told) in expected.iter().zip(&told) {
        assert_eq!((*id, *state), (&told.0, told.1.as_str()));
    }
    assert!(told[0].2.contains("`alice` denied it: not today") && told[1].2.contains("not needed"), "{told:?}");
}

#[test]
fn only_those_who_are_still_needed_are_told() {
    let server = Server::start(&[]);
    let nobody = Server::start(&[]);
    let policy = "[[approval_policies]]\nname = \"both\"\npattern = \"job*\"\nrequirement = \"all_of\"\nreviewers = [\"alice\", \"bob\"]\n";
    let channels = channel("room", "webhook", "") + &channel("elsewhere", "slack", "people = [\"carol\"]");
    let town = Town::found(&format!("{policy}{channels}"), &people());
    town.marking_program("job");
    let (url, other) = (keep(&town, "url", &server.url()), keep(&town, "other", &nobody.url()));
    let secret = keep(&town, "secret", &format!("whsec_{SECRET}"));
    let id = town.ask("bot", &["job"]);
    town.approve("alice", &id).expect(0);
    let settings = reach(&other, "elsewhere") + &reach(&url, "room") + &format!("secret_file = {secret:?}\n");
    configure(&town, "bot", &settings);
    town.resume("bot", &id).expect(122);
    assert_eq!(server.posted()[0].json()["data"]["who"], serde_json::json!(["bob"]));
    assert!(nobody.posted().is_empty());
}

#[test]
fn secrets_and_what_redact_names_are_not_told() {
    let server = Server::start(&[]);
    let notify = channel("room", "webhook", "") + "[notify]\nredact = [\"--customer=*\", \"acme-*\"]\n";
    let policy = POLICY.replacen("timeout", "allow_secret_looking = true\ntimeout", 1);
    let town = Town::found(&format!("{policy}{notify}"), &people());
    town.marking_program("job");
    let (url, secret) = (keep(&town, "url", &server.url()), keep(&town, "secret", &format!("whsec_{SECRET}")));
    configure(&town, "bot", &(reach(&url, "room") + &format!("secret_file = {secret:?}\n")));
    let token = ["gh", "p_abcdefghijklmnopqrstuvwxyz0123456789AB"].concat();
    let line = ["--token", &token, "--customer=Miller", "say acme-secret-plan now", "--password=Hunter!22xyz"];
    let asked =
        [&["run", "--no-wait", "--allow-secret-looking", "--reason", "for acme-secret-plan", "--", "job"][..], &line]
            .concat();
    town.run("bot", &asked).expect(122);
    let body = String::from_utf8(server.posted()[0].body.clone()).unwrap();
    for gone in [&token, "Miller", "acme-secret-plan", "Hunter"] {
        assert!(!body.contains(gone), "{gone}: {body}");
    }
    let data = &server.posted()[0].json()["data"];
    assert_eq!(data["partial"], true);
    assert_eq!(data["reason"], "for [not told]");
}

#[test]
fn long_texts_are_cut() {
    let server = Server::start(&[]);
    let town = room("slack", "", &server);
    let (long, many) = ("ü".repeat(8_000), "x".repeat(50_000));
    town.run("bot", &["run", "--no-wait", "--reason", &long, "--", "job", &many]).expect(122);
    let body = &server.posted()[0].body;
    assert!(body.len() < 20_000, "{}", body.len());
    let message = server.posted()[0].json();
    let texts = message.to_string();
    assert!(texts.contains("50004 characters in all") && texts.contains("8000 characters in all"), "{texts}");
    // More than a record holds is refused, and told nobody.
    town.run("bot", &["run", "--no-wait", "--reason", &"x".repeat(1 << 16), "--", "job"]).expect(125);
    assert_eq!(server.posted().len(), 1);
}

#[test]
fn a_policy_repository_cannot_make_a_machine_post_or_start_anything() {
    let town = Town::empty();
    for (key, value) in [
        ("url", "\"https://evil.example/\""),
        ("command", "[\"/bin/sh\", \"-c\", \"id\"]"),
        ("sendmail", "[\"/bin/sh\"]"),
        ("secret", "\"x\""),
        ("url_file", "\"/etc/passwd\""),
    ] {
        let config = format!("{POLICY}\n{}", channel("room", "command", &format!("{key} = {value}")));
        let dir = town.write_policy(&config, &people().toml());
        town.home("ada");
        let ran = town.run_raw("ada", &["init", "--from", &dir, &town.url()]).expect(1);
        ran.says(&format!("`{key}` is no key of config.toml")).says("config.toml:1");
    }
    for (wrong, said) in [
        ("kind = \"slak\"", "did you mean `slack`?"),
        ("kind = \"slack\"\nevents = [\"create\"]", "did you mean `created`?"),
        ("kind = \"slack\"\npeople = [\"alise\"]", "did you mean `alice`?"),
        ("kind = \"slack\"\n[notify]\nlink = \"javascript:{id}\"", "is not an address"),
        ("kind = \"slack\"\n[notify.people]\nalice = { email = \"a@b\\r\\nBcc: c@d\" }", "is not a plain mail address"),
        (
            "kind = \"slack\"\n[[notify.channels]]\nname = \"room\"\nkind = \"teams\"",
            "another channel above has this name",
        ),
    ] {
        let config = format!("{POLICY}\n[[notify.channels]]\nname = \"room\"\n{wrong}\n");
        let dir = town.write_policy(&config, &people().toml());
        town.run_raw("ada", &["init", "--from", &dir, &town.url()]).expect(1).says(said);
    }
}

#[test]
fn settings_that_do_not_fit_are_reported_and_stop_nothing() {
    let server = Server::start(&[]);
    let town = room("slack", "", &server);
    town.run("bot", &["doctor"]).says("channels told from here: room; from other machines: none");
    town.run("alice", &["doctor"]).says("channels told from here: none; from other machines: room");
    configure(&town, "bot", &reach(&town.path("url"), "rooom"));
    town.run("bot", &["doctor"])
        .expect(1)
        .says("settings.toml reaches a channel `rooom`, which config.toml does not name");

    let wide = |mode| fs::set_permissions(town.path("url"), fs::Permissions::from_mode(mode)).unwrap();
    wide(0o644);
    let (_, ran) = ask(&town, &["job", "1"]);
    ran.says("can be read by others: chmod 600");
    town.run("bot", &["doctor"]).expect(1).says("can be read by others");
    wide(0o600);
    let settings = town.member("bot").join("config/settings.toml");
    fs::set_permissions(&settings, fs::Permissions::from_mode(0o666)).unwrap();
    let (_, ran) = ask(&town, &["job", "2"]);
    ran.says("nobody is told").says("others can write it");
    assert!(server.posted().is_empty());
}
