//! Events as the Open Cybersecurity Schema Framework has them, version 1.9.0.
//!
//! Source: github.com/ocsf/ocsf-schema, `events/application/api_activity.json`, `events/system/process_activity.json`,
//! `events/iam/entity_management.json` and the objects they name. The profile `record_integrity` is not used: its
//! attestations are over the exported event, and what was signed here is the record whose digest `raw_data_hash` holds.

use serde_json::{Map, Value, json};

use crate::commands::audit::export::event::{At, Event, What};
use crate::commands::audit::versions::Step;
use crate::domain::time::Timestamp;
use crate::gate::account::{Account, Told, Voice};

const VERSION: &str = "1.9.0";

/// A class of events.
struct Class {
    uid: u32,
    name: &'static str,
    category: u32,
    category_name: &'static str,
}

const API: Class = Class { uid: 6003, name: "API Activity", category: 6, category_name: "Application Activity" };
const PROCESS: Class = Class { uid: 1007, name: "Process Activity", category: 1, category_name: "System Activity" };
const ENTITY: Class =
    Class { uid: 3004, name: "Entity Management", category: 3, category_name: "Identity & Access Management" };

/// Numbers with their captions.
type Coded = (u32, &'static str);

const CREATE: Coded = (1, "Create");
const UPDATE: Coded = (3, "Update");
const LAUNCH: Coded = (1, "Launch");

const INFORMATIONAL: Coded = (1, "Informational");
const LOW: Coded = (2, "Low");
const MEDIUM: Coded = (3, "Medium");

const UNKNOWN: Coded = (0, "Unknown");
const SUCCESS: Coded = (1, "Success");
const FAILURE: Coded = (2, "Failure");

const ALLOWED: Coded = (1, "Allowed");
const DENIED: Coded = (2, "Denied");

/// What is not the same for all events of a class.
struct Shape {
    class: Class,
    activity: Coded,
    severity: Coded,
    status: Coded,
    detail: Option<String>,
    message: String,
    time: i64,
    profiles: Vec<&'static str>,
    body: Vec<(&'static str, Value)>,
    unmapped: Vec<(&'static str, Value)>,
}

/// One JSON object, without the line's end.
pub fn line(event: &Event<'_>, repo: &str) -> Vec<u8> {
    serde_json::to_vec(&object(event, repo)).unwrap_or_default()
}

fn object(event: &Event<'_>, repo: &str) -> Value {
    let mut shape = match *event {
        Event::Policy(step) => policy(step, repo),
        Event::Request(account, What::Told(told), _) => process(account, told),
        Event::Request(account, what, _) => api(event, account, what),
    };
    if let Some(account) = event.account().filter(|account| acts_for_itself(event, account)) {
        shape.profiles.push("ai_operation");
        shape.body.push(("ai_agent", json!({ "name": account.requester, "uid": account.requester })));
    }
    let At { commit, height } = event.at();
    let mut metadata = json!({
        "version": VERSION,
        "product": { "name": "expacti", "vendor_name": "expacti", "version": env!("CARGO_PKG_VERSION") },
        "uid": event.uid(),
        "event_code": event.name(),
        "log_name": "main",
        "sequence": height,
        "original_time": event.time(),
        "tenant_uid": repo,
        "profiles": shape.profiles,
    });
    if let (Some(metadata), Some(account)) = (metadata.as_object_mut(), event.account()) {
        metadata.insert("correlation_uid".to_owned(), json!(account.id));
    }
    let class = shape.class;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("category_uid", json!(class.category));
    put("category_name", json!(class.category_name));
    put("class_uid", json!(class.uid));
    put("class_name", json!(class.name));
    put("activity_id", json!(shape.activity.0));
    put("activity_name", json!(shape.activity.1));
    put("type_uid", json!(class.uid * 100 + shape.activity.0));
    put("type_name", json!(format!("{}: {}", class.name, shape.activity.1)));
    put("severity_id", json!(shape.severity.0));
    put("severity", json!(shape.severity.1));
    put("status_id", json!(shape.status.0));
    put("status", json!(shape.status.1));
    if let Some(detail) = shape.detail {
        put("status_detail", json!(detail));
    }
    put("time", json!(shape.time));
    put("message", json!(shape.message));
    put("metadata", metadata);
    put("raw_data_hash", sha256(event.record()));
    for (name, value) in shape.body {
        put(name, value);
    }
    let mut unmapped = Map::new();
    for (name, value) in [("commit", json!(commit)), ("keys", json!(event.keys()))].into_iter().chain(shape.unmapped) {
        unmapped.insert(name.to_owned(), value);
    }
    put("unmapped", Value::Object(unmapped));
    Value::Object(out)
}

/// Whether an agent did it: it asked, claimed, or ran its own request.
fn acts_for_itself(event: &Event<'_>, account: &Account) -> bool {
    account.requester_kind == "agent" && event.actors() == [account.requester.as_str()]
}

fn millis(time: &str) -> i64 {
    time.parse::<Timestamp>().map_or(0, |time| time.unix().saturating_mul(1_000))
}

fn sha256(digest: &str) -> Value {
    json!({ "algorithm_id": 3, "algorithm": "SHA-256", "encoding_id": 1, "encoding": "Hex", "value": digest })
}

/// A principal; `kind` is known of requesters and reviewers.
fn user(name: &str, kind: Option<&str>) -> Value {
    let (id, caption) = match kind {
        Some("person") => (1, "User"),
        Some("agent" | "runner") => (4, "Service"),
        _ => (0, "Unknown"),
    };
    json!({ "name": name, "uid": name, "type_id": id, "type": caption })
}

/// Of whom it is told who they are.
fn kind<'a>(account: &'a Account, who: &str) -> Option<&'a str> {
    let decides = || account.decisions.iter().any(|voice| voice.reviewer == who).then_some("person");
    if who == account.requester { Some(&account.requester_kind) } else { decides() }
}

fn actor(account: &Account, who: &str) -> Value {
    json!({ "user": user(who, kind(account, who)), "app_name": "expacti" })
}

fn first<'a>(list: &[&'a str]) -> &'a str {
    list.first().copied().unwrap_or_default()
}

fn api(event: &Event<'_>, account: &Account, what: What<'_>) -> Shape {
    let who = event.actors();
    let who = first(&who);
    let command = &account.command;
    let mut shape = Shape {
        class: API,
        activity: CREATE,
        severity: INFORMATIONAL,
        status: SUCCESS,
        detail: None,
        message: String::new(),
        time: millis(event.time()),
        profiles: Vec::new(),
        body: Vec::new(),
        unmapped: vec![
            ("environments", json!(account.environments)),
            ("policies", json!(account.policies)),
            ("policy_version", json!(account.version)),
        ],
    };
    let operation = match what {
        What::Decided(voice) => decided(&mut shape, account, voice),
        What::Ended => ended(&mut shape, event, account, who),
        What::Made | What::Told(_) => {
            shape.message = format!("{who} asks to run `{command}` on {}", account.host);
            shape.detail = Some(account.reason.clone()).filter(|reason| !reason.is_empty());
            shape.unmapped.extend([
                ("operators", json!(account.operators)),
                ("runner", json!(account.runner)),
                ("cwd", json!(account.cwd)),
                ("program", json!(account.program)),
                ("expires", json!(account.expires)),
                ("opaque", json!(account.opaque)),
            ]);
            "request"
        }
    };
    shape.body.extend([
        ("actor", actor(account, who)),
        (
            "api",
            json!({
                "operation": operation,
                "service": { "name": "expacti", "version": env!("CARGO_PKG_VERSION") },
                "request": { "uid": account.id },
            }),
        ),
        ("src_endpoint", source(account, what)),
        (
            "resources",
            json!([{ "uid": account.id, "name": command, "type": "request", "role_id": 1, "role": "Target", "hostname": account.host }]),
        ),
    ]);
    shape
}

/// Where it came from: of a request its host; nobody says where a reviewer sits.
fn source(account: &Account, what: What<'_>) -> Value {
    match what {
        What::Made => json!({ "hostname": account.host, "svc_name": "expacti" }),
        _ => json!({ "svc_name": "expacti" }),
    }
}

fn decided(shape: &mut Shape, account: &Account, voice: &Voice) -> &'static str {
    let (who, command) = (&voice.reviewer, &account.command);
    let approves = voice.verdict == "approve";
    let verb = if approves { "approves" } else { "denies" };
    shape.message = format!("{who} {verb} `{command}` by {}", account.requester);
    if let Some(why) = &voice.why_not {
        (shape.status, shape.severity) = (FAILURE, LOW);
        shape.detail = Some(why.clone());
        shape.message.push_str(", which does not count");
    }
    let mut add = |name, value| shape.unmapped.push((name, value));
    add("counts", json!(voice.counts));
    add("seats", json!(voice.seats));
    add("shown", json!(voice.shown));
    add("review_seconds", json!(voice.seconds));
    for (name, text) in
        [("role", voice.role.as_ref()), ("team", voice.team.as_ref()), ("suggest", voice.suggest.as_ref())]
    {
        if let Some(text) = text {
            add(name, json!(text));
        }
    }
    if !voice.comment.is_empty() {
        add("comment", json!(voice.comment));
    }
    if !voice.answers.is_empty() {
        add("answers", json!(voice.answers));
    }
    if approves { "approve" } else { "deny" }
}

fn ended(shape: &mut Shape, event: &Event<'_>, account: &Account, who: &str) -> &'static str {
    shape.activity = UPDATE;
    let command = &account.command;
    let (operation, message, action) = match event.name() {
        "request.denied" => ("end-denied", format!("`{command}` is denied by {who}"), Some(DENIED)),
        "request.refused" => ("end-refused", format!("policy refuses `{command}` by {who}"), Some(DENIED)),
        "request.expired" => ("end-expired", format!("`{command}` by {} expired", account.requester), None),
        "request.withdrawn" => ("end-withdrawn", format!("{who} withdraws `{command}`"), None),
        _ => ("claim", format!("{who} may run `{command}`"), Some(ALLOWED)),
    };
    if let Some((id, caption)) = action {
        shape.profiles.push("security_control");
        shape.body.extend([("action_id", json!(id)), ("action", json!(caption))]);
        if id == DENIED.0 {
            shape.severity = LOW;
        }
    }
    shape.message = message;
    if !account.is_claimed() {
        shape.detail = account.outcome.as_ref().and_then(|told| told.reason.clone());
    }
    shape.unmapped.extend([
        ("approved_by", json!(account.approvers().map(|voice| voice.reviewer.as_str()).collect::<Vec<_>>())),
        ("unattended", json!(account.unattended)),
    ]);
    operation
}

fn process(account: &Account, told: &Told) -> Shape {
    let command = &account.command;
    let start = told.started.as_deref().map(millis);
    let runner = user(&account.runner, kind(account, &account.runner));
    let word = command.split_whitespace().next().unwrap_or_default();
    let name = word.rsplit('/').next().unwrap_or_default();
    let mut process = Map::new();
    let mut put = |name: &str, value: Value| {
        process.insert(name.to_owned(), value);
    };
    put("uid", json!(account.id));
    put("name", json!(name));
    put("cmd_line", json!(command));
    put("working_directory", json!(account.cwd));
    put("user", runner);
    put("file", json!({ "name": name, "type_id": 8, "type": "Executable File", "hashes": [sha256(&account.program)] }));
    if let Some(start) = start {
        put("created_time", json!(start));
        if let Some(spent) = told.duration_ms {
            put("terminated_time", json!(start.saturating_add(i64::try_from(spent).unwrap_or(i64::MAX))));
        }
    }
    let (status, severity, message) = match told.word.as_str() {
        "executed" => (SUCCESS, INFORMATIONAL, format!("{} ran `{command}`", account.runner)),
        "not-run" => (FAILURE, LOW, format!("`{command}` was allowed and did not run")),
        _ => (UNKNOWN, MEDIUM, format!("nobody can say whether `{command}` ran")),
    };
    let mut body = vec![
        ("actor", actor(account, &told.author)),
        ("device", json!({ "hostname": account.host, "type_id": 0, "type": "Unknown" })),
        ("process", Value::Object(process)),
    ];
    if let Some(status) = told.status {
        body.push(("exit_code", json!(status)));
    }
    Shape {
        class: PROCESS,
        activity: LAUNCH,
        severity,
        status,
        detail: told.reason.clone(),
        message,
        time: start.unwrap_or_else(|| millis(&told.recorded)),
        profiles: Vec::new(),
        body,
        unmapped: vec![
            ("outcome", json!(told.word)),
            ("recorded", json!(told.recorded)),
            ("environments", json!(account.environments)),
            ("policies", json!(account.policies)),
            ("policy_version", json!(account.version)),
            ("requester", json!(account.requester)),
            ("approved_by", json!(account.approvers().map(|voice| voice.reviewer.as_str()).collect::<Vec<_>>())),
        ],
    }
}

fn policy(step: &Step, repo: &str) -> Shape {
    let own = json!({
        "name": "approval policy", "uid": repo, "type_id": 5, "type": "Policy", "version": step.number.to_string(),
        "policy": { "name": "approval policy", "uid": step.fingerprint, "version": step.number.to_string() },
    });
    let names: Vec<&str> = step.signed.iter().map(|(who, _)| who.as_str()).collect();
    // An event has one actor; several who signed together are told apart below.
    let actor = match names.as_slice() {
        [one] => json!({ "user": { "name": one, "uid": one, "type_id": 2, "type": "Admin" }, "app_name": "expacti" }),
        _ => json!({ "app_name": "expacti" }),
    };
    let first = step.number == 1;
    let mut body = vec![("actor", actor), ("entity", own.clone())];
    if !first {
        body.push(("updated_entity", own));
    }
    Shape {
        class: ENTITY,
        activity: if first { CREATE } else { UPDATE },
        severity: if step.weaker.is_empty() { INFORMATIONAL } else { MEDIUM },
        status: SUCCESS,
        detail: None,
        message: format!("policy version {} comes into force, signed by {}", step.number, names.join(", ")),
        time: millis(&step.time),
        profiles: Vec::new(),
        body,
        unmapped: vec![
            ("signed_by", json!(names)),
            ("admins", json!(step.admins)),
            ("threshold", json!(step.threshold)),
            ("weaker", json!(step.weaker)),
            ("changes", json!(step.changes)),
        ],
    }
}
