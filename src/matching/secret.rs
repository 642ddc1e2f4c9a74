//! What looks like a secret: refused before anything is committed, since git never forgets.
//!
//! The token formats are those their issuers publish; the rest is a name that says "password"
//! followed by a value that no person would type.

use std::sync::LazyLock;

use regex_automata::meta::Regex;

/// Name and form of well-known tokens.
const TOKENS: &[(&str, &str)] = &[
    ("an AWS access key id", r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\b(gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{60,})\b"),
    ("a GitLab token", r"\bgl(pat|dt|rt|cbt|ptt|ft)-[0-9A-Za-z_\-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-[0-9A-Za-z\-]{10,}"),
    ("a Slack webhook", r"hooks\.slack\.com/services/T[0-9A-Z]+/B[0-9A-Z]+/[0-9A-Za-z]{16,}"),
    ("a Stripe key", r"\b[rs]k_(live|test)_[0-9A-Za-z]{16,}"),
    ("a Google API key", r"\bAIza[0-9A-Za-z_\-]{35}"),
    ("a Google OAuth token", r"\bya29\.[0-9A-Za-z_\-]{20,}"),
    ("an npm token", r"\bnpm_[0-9A-Za-z]{36}\b"),
    ("a PyPI token", r"\bpypi-AgEIcHlwaS5vcmc[0-9A-Za-z_\-]{50,}"),
    ("a crates.io token", r"\bcio[0-9A-Za-z]{32}\b"),
    ("an OpenAI or Anthropic key", r"\bsk-(ant-|proj-)?[0-9A-Za-z_\-]{32,}"),
    ("a HashiCorp Vault token", r"\bhv[bsr]\.[0-9A-Za-z_\-]{24,}"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    ("a SendGrid key", r"\bSG\.[0-9A-Za-z_\-]{16,}\.[0-9A-Za-z_\-]{16,}"),
    ("a JSON web token", r"\beyJ[0-9A-Za-z_\-]{8,}\.eyJ[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]{8,}"),
    ("a private key", r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    ("an age identity", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}"),
    ("a password in an address", r"[a-z][a-z0-9+.\-]*://[^/\s:@']+:[^/\s@']{3,}@"),
    ("a bearer token", r"(?i)\b(authorization:\s*)?bearer\s+[0-9a-z_\-.=+/]{20,}"),
];

/// A word that announces a secret, and the value after it.
const NAMED: &str = r#"(?i)(pass(word|wd|phrase)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|credentials?)[0-9a-z_-]*(\s*[=:]\s*|\s+|=)["']?([^\s"']{8,})"#;

static KNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms: Vec<&str> = TOKENS.iter().map(|(_, form)| *form).collect();
    Regex::new_many(&forms).ok()
});
static AFTER_NAME: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(NAMED).ok());

/// What in this text looks like a secret; never the secret itself.
pub fn find(text: &[u8]) -> Option<&'static str> {
    let (Some(known), Some(named)) = (KNOWN.as_ref(), AFTER_NAME.as_ref()) else {
        return Some("anything: the table of secrets does not compile");
    };
    if let Some(found) = known.find(text) {
        return TOKENS.get(found.pattern().as_usize()).map(|(name, _)| *name);
    }
    named
        .captures_iter(text)
        .filter_map(|found| found.get_group(4))
        .filter_map(|span| text.get(span.range()))
        .any(is_random)
        .then_some("a password or key after a name that says so")
}

/// Nobody types such a word: letters and digits mixed, and hardly a character twice.
fn is_random(value: &[u8]) -> bool {
    // References, paths and placeholders are where secrets belong.
    if value.starts_with(b"$") || value.starts_with(b"/") || value.starts_with(b"<") || value.starts_with(b"{{") {
        return false;
    }
    let has = |kind: fn(&u8) -> bool| value.iter().any(kind);
    let kinds = [
        has(u8::is_ascii_lowercase),
        has(u8::is_ascii_uppercase),
        has(u8::is_ascii_digit),
        has(|byte| byte.is_ascii_punctuation() && !matches!(byte, b'-' | b'_' | b'.' | b'/' | b',')),
    ];
    let mixed = kinds.iter().filter(|kind| **kind).count();
    let mut counts = [0_u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let length = value.len() as f64;
    let entropy: f64 = counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|share| -share * share.log2())
        .sum();
    mixed >= 2 && has(u8::is_ascii_digit) && entropy >= 2.75 || (value.len() >= 24 && entropy >= 3.5 && mixed >= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_seen() {
        for text in [
            "aws configure set aws_access_key_id AKIAIOSFODNN7EXAMPLE",
            "curl -H 'Authorization: Bearer abcdefghij0123456789ABCD'",
            "git clone https://alice:hunter22@example.org/x.git",
            "GITHUB_TOKEN=ghp_0123456789abcdefghijABCDEFGHIJ012345 gh pr list",
            "mysql --password=Tr0ub4dor&3 -h db",
            "psql postgres://u:p4ssw0rd@db/x",
            "PGPASSWORD=x9Kd02mQz psql",
            "-----BEGIN OPENSSH PRIVATE KEY-----",
            "deploy --api-key 9f8a7b6c5d4e3f2a1b0c",
        ] {
            assert!(find(text.as_bytes()).is_some(), "{text}");
        }
    }

    #[test]
    fn ordinary_commands_are_not() {
        for text in [
            "migrate up",
            "git checkout 1f2e3d4c5b6a79881f2e3d4c5b6a79881f2e3d4c",
            "kubectl get secret db-credentials -o name",
            "vault read secret/data/production",
            "psql -h db -c 'ALTER TABLE users ADD password_hash text'",
            "mysql --password=$DB_PASSWORD -h db",
            "deploy --token-file /run/secrets/token",
            "passwd --expire alice",
            "aws secretsmanager list-secrets --max-items 100",
            "docker run image@sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
            "ssh -i ~/.ssh/id_ed25519 deploy@host",
            "echo token refreshed",
        ] {
            assert_eq!(find(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn the_table_compiles() {
        assert!(KNOWN.is_some() && AFTER_NAME.is_some());
    }
}
