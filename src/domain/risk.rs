//! How risk is weighed: levels and what policy says about them.

use std::collections::BTreeMap;
use std::fmt;

use crate::domain::requirement::Hours;

/// A score in a word, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Level {
    /// Routine.
    #[default]
    Low,
    /// Worth a look.
    Medium,
    /// Worth a second pair of eyes.
    High,
    /// Hard to undo, or not at all.
    Critical,
}

impl Level {
    /// All, lowest first.
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The word in `config.toml` and on every screen.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What escalations ask of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Heat {
    /// Its level.
    pub level: Level,
    /// Whether anything about it is unlike its requester.
    pub anomaly: bool,
}

/// `[risk]` of `config.toml`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RiskSettings {
    /// The lowest score of medium, high and critical, ascending.
    pub levels: [u8; 3],
    /// Weights from 0 (never fires) to 100, by the name of a signal.
    pub weights: BTreeMap<String, u8>,
    /// What counts as night, in the policy's time zone.
    pub night: Hours,
}

impl Default for RiskSettings {
    fn default() -> Self {
        Self { levels: [20, 50, 80], weights: BTreeMap::new(), night: Hours { from: 22 * 60, to: 6 * 60 } }
    }
}

impl RiskSettings {
    /// The level of a score.
    pub fn level(&self, score: u8) -> Level {
        let [medium, high, critical] = self.levels;
        match score {
            score if score >= critical => Level::Critical,
            score if score >= high => Level::High,
            score if score >= medium => Level::Medium,
            _ => Level::Low,
        }
    }
}

/// The names of all signals, which `[risk] weights` takes; a test holds them against those that fire.
///
/// A name stays for ever: a policy version that weighs it must be read as it was.
#[rustfmt::skip]
pub const SIGNALS: &[&str] = &[
    "rm-recursive-force", "rm-root", "glob-delete", "find-delete", "disk-write", "file-shred", "fork-bomb",
    "kill-wide", "service-stop", "host-power", "git-destroy", "backup-destroy", "cloud-delete", "cloud-log-off",
    "privilege", "setuid-cap", "world-writable", "recursive-owner", "account-change", "ssh-keys", "ns-escape",
    "iam-change", "public-exposure", "security-off", "self-tamper", "pipe-to-shell", "download-exec", "decode-exec",
    "opaque", "inline-code", "code-exec", "eval-like", "gtfobin-option", "git-exec-config", "untrusted-binary",
    "write-then-start", "loader-env", "path-override", "env-command", "deep-nesting", "many-commands", "remote-exec", "container-exec",
    "persistence", "startup-file", "control-chars", "bidi-zero-width", "homoglyph", "non-utf8", "long-arg",
    "argv0-spoof", "symlink-command", "credential-read", "env-dump", "metadata-svc", "net-upload", "exfil-combo",
    "dns-exfil", "reverse-shell", "listener", "write-system", "log-tamper", "prod-context", "secret-write",
    "k8s-mutate", "k8s-wide", "tf-mutate", "tf-destroy", "auto-approve", "dns-change", "sql-ddl", "sql-drop",
    "sql-unbounded", "sql-exec", "sql-lock", "migration", "deploy", "pkg-install", "publish", "force-flag",
    "environment", "environment-unknown", "night", "weekend", "never-by-anyone", "never-by-requester",
    "never-in-environment", "new-form", "last-failed", "denied-recently", "expired-recently",
];
