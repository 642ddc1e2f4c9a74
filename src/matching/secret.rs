//! What looks like a secret: refused before anything is committed, since git never forgets.
//!
//! Two tables. The first holds forms that issuers publish for their tokens: the form is enough. The second holds
//! places where a secret stands: a name, an option, an address; there the value decides. Of 32,135 examples on the tldr
//! pages, 5 look like one.

use std::sync::LazyLock;

use regex_automata::meta::Regex;

/// Name and form of well-known tokens.
const TOKENS: &[(&str, &str)] = &[
    ("an AWS access key id", r"\b(AKIA|ASIA)[0-9A-Z]{16}\b"),
    ("a GitHub token", r"\b(gh[pousr]_[0-9A-Za-z]{36,}|github_pat_[0-9A-Za-z_]{60,})"),
    ("a GitLab token", r"\bgl(pat|dt|rt|cbt|ptt|ft|oas|agent|soat|imt)-[0-9A-Za-z_\-]{20,}"),
    ("a Slack token", r"\bxox[abeoprs]-[0-9A-Za-z\-]{10,}|\bxapp-\d-[0-9A-Za-z\-]{20,}"),
    ("a Slack webhook", r"hooks\.slack\.com/(services|workflows|triggers)/[0-9A-Za-z]+/[0-9A-Za-z]+/[0-9A-Za-z]{16,}"),
    ("a Stripe key", r"\b[rs]k_(live|test)_[0-9A-Za-z]{16,}|\bwhsec_[0-9A-Za-z]{24,}"),
    ("a Google API key", r"\bAIza[0-9A-Za-z_\-]{35}"),
    ("a Google OAuth secret", r"\bya29\.[0-9A-Za-z_\-]{20,}|\bGOCSPX-[0-9A-Za-z_\-]{20,}"),
    ("an npm token", r"\bnpm_[0-9A-Za-z]{36}\b"),
    ("a PyPI token", r"\bpypi-AgE[0-9A-Za-z_\-]{50,}"),
    ("a cargo registry token", r"\bcio[0-9A-Za-z]{32}\b"),
    ("a RubyGems key", r"\brubygems_[0-9a-f]{48}\b"),
    ("an OpenAI or Anthropic key", r"\bsk-((ant|proj|svcacct|admin|or)-)?[0-9A-Za-z_\-]{0,40}[0-9][0-9A-Za-z_\-]{19,}"),
    ("a Hugging Face token", r"\bhf_[0-9A-Za-z]{30,}"),
    ("a HashiCorp Vault token", r"\bhv[bsr]\.[0-9A-Za-z_\-]{24,}"),
    ("a Terraform Cloud token", r"\b[0-9A-Za-z]{14}\.atlasv1\.[0-9A-Za-z_\-]{40,}"),
    ("a DigitalOcean token", r"\bdo[opr]_v1_[0-9a-f]{64}\b"),
    ("a Docker Hub token", r"\bdckr_(pat|oat)_[0-9A-Za-z_\-]{20,}"),
    ("a SendGrid key", r"\bSG\.[0-9A-Za-z_\-]{16,}\.[0-9A-Za-z_\-]{16,}"),
    ("a Mailgun key", r"\bkey-[0-9a-f]{32}\b"),
    ("a Twilio key", r"\bSK[0-9a-f]{32}\b"),
    ("a Telegram bot token", r"\b[0-9]{8,10}:AA[0-9A-Za-z_\-]{33}\b"),
    ("a Discord bot token", r"\b[MNO][0-9A-Za-z]{23,25}\.[0-9A-Za-z_\-]{6}\.[0-9A-Za-z_\-]{27,}"),
    ("a Shopify token", r"\bshp(at|ca|pa|ss)_[0-9a-fA-F]{32}\b"),
    ("an Atlassian token", r"\bATATT3[0-9A-Za-z_\-=]{60,}|\bATCTT3[0-9A-Za-z_\-=]{60,}"),
    ("a Databricks token", r"\bdapi[0-9a-f]{32}\b"),
    ("a Grafana token", r"\bgl(sa|c)_[0-9A-Za-z+/=_]{32,}"),
    ("a New Relic key", r"\bNRAK-[0-9A-Z]{27}\b"),
    ("a Sentry token", r"\bsntry[su]_[0-9A-Za-z+/=_]{32,}"),
    ("a Tailscale key", r"\btskey-[a-z]+-[0-9A-Za-z]{8,}-[0-9A-Za-z]{20,}"),
    ("a Pulumi token", r"\bpul-[0-9a-f]{40}\b"),
    ("a PlanetScale password", r"\bpscale_(tkn|pw|oauth)_[0-9A-Za-z_\-.]{32,}"),
    ("a Supabase token", r"\bsb(p|_secret)_[0-9A-Za-z]{20,}"),
    ("a Linear key", r"\blin_api_[0-9A-Za-z]{32,}"),
    ("a 1Password token", r"\bops_eyJ[0-9A-Za-z_\-]{40,}"),
    ("an Azure key", r"\b(AccountKey|SharedAccessKey)=[0-9A-Za-z+/]{40,}={0,2}"),
    ("an Azure client secret", r"\b[0-9A-Za-z_~.]{3}[78]Q~[0-9A-Za-z_~.\-]{31,34}"),
    ("a signed address", r"[?&](sig|X-Amz-Signature|X-Goog-Signature)=[0-9A-Za-z%+/]{40,}"),
    ("a JSON web token", r"\beyJ[0-9A-Za-z_\-]{8,}\.eyJ[0-9A-Za-z_\-]{8,}\.[0-9A-Za-z_\-]{8,}"),
    ("a private key", r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY( BLOCK)?-----"),
    ("an age identity", r"\bAGE-SECRET-KEY-1[0-9A-Z]{50,}"),
];

/// What must be said of a value for it to be one.
#[derive(Clone, Copy, Debug)]
enum Value {
    /// It stands there itself, and not the name of where it is kept.
    Literal,
    /// A person would not type it as a name.
    Password,
    /// Nor would a person type it at all.
    Key,
}

/// Places where a secret stands: what it is then, the place with the value as its first group, and what the value must be.
const PLACES: &[(&str, &str, Value)] = &[
    ("a password in an address", r"\b[a-z][a-z0-9+.\-]*://[^/\s:@'\x22]*:([^/\s@'\x22]{3,})@", Value::Literal),
    ("a bearer token", r"(?i)\bbearer\s+([0-9a-z_\-.=+/~]{20,})", Value::Key),
    ("a user name and password", r"(?i)\bauthorization:\s*basic\s+([0-9a-z+/=]{8,})", Value::Literal),
    (
        "a user name and password",
        r"\b(?:curl|wget|https?|xh)\s(?:[^|;&\n]*\s)?(?:-u|--user|--proxy-user|-a|--auth)[\s=]*['\x22]?[^\s:'\x22]+:([^\s'\x22]{4,})",
        Value::Literal,
    ),
    (
        "a password",
        r"\b(?:mysql|mysql[a-z]+|mariadb|mariadb-[a-z]+|sshpass)\s(?:[^|;&\n]*\s)?-p['\x22]?([^\s'\x22]{2,})",
        Value::Literal,
    ),
    ("a password", r"\bsshpass\s+-p\s+['\x22]?([^\s'\x22]{2,})", Value::Literal),
    ("a password", r"\bredis-cli\s(?:[^|;&\n]*\s)?-a\s+['\x22]?([^\s'\x22]{4,})", Value::Literal),
    ("a password", r"\bldap[a-z]+\s(?:[^|;&\n]*\s)?-w\s*['\x22]?([^\s'\x22]{4,})", Value::Literal),
    ("a password", r"\bsmb[a-z]+\s(?:[^|;&\n]*\s)?-U\s*['\x22]?[^\s%'\x22]+%([^\s'\x22]{4,})", Value::Literal),
    ("a password", r"\s-pass(?:in|out)?\s+['\x22]?pass:([^\s'\x22]{4,})", Value::Literal),
    ("a password", r"(?i)\b(?:password|identified\s+by)\s+'([^']{6,})'", Value::Literal),
    (
        "a password",
        r"(?i)(?:password|passwd|passphrase|pwd|_pass|\bpass)['\x22]?\s*[=:]\s*['\x22]?([^\s'\x22,;]{8,})",
        Value::Password,
    ),
    (
        "a password",
        r"(?i)(?:--[a-z0-9\-]*|\s-)(?:password|passwd|passphrase)\s+['\x22]?([^\s'\x22]{8,})",
        Value::Password,
    ),
    (
        "a secret or key",
        r"(?i)(?:secret|token|credentials?|(?:api|access|secret|private|auth|account|encryption|master|signing)[_\-]?key)['\x22]?\s*[=:]\s*['\x22]?([^\s'\x22,;]{12,})",
        Value::Key,
    ),
    (
        "a secret or key",
        r"(?i)(?:--[a-z0-9\-]*|\s-)(?:secret|token|(?:api|access|secret|private|auth|account)-?key)\s+['\x22]?([^\s'\x22]{12,})",
        Value::Key,
    ),
    (
        "an AWS secret key",
        r"(?i)\baws_secret_access_key['\x22]?(?:\s+|\s*[=:]\s*)['\x22]?([0-9a-z+/]{40})",
        Value::Literal,
    ),
];

/// Beginnings of what only names where a secret is kept, or is filled in later.
const REFERENCES: &[&str] = &[
    "$",
    "%",
    "<",
    "{",
    "[",
    "*",
    "@",
    "`",
    "/",
    "./",
    "../",
    "~",
    "arn:",
    "env:",
    "file:",
    "fd:",
    "http://",
    "https://",
    "keyring:",
    "op://",
    "projects/",
    "ref+",
    "secretref:",
    "ssm:",
    "stdin",
    "vault:",
];

/// Words that stand in examples in the place of a secret.
const EXAMPLES: &[&str] = &[
    "changeme",
    "example",
    "false",
    "hunter2",
    "none",
    "null",
    "pass",
    "passwd",
    "password",
    "passphrase",
    "pw",
    "redacted",
    "secret",
    "token",
    "true",
    "xxx",
    "your-password",
    "your_password",
];

static KNOWN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let forms: Vec<&str> = TOKENS.iter().map(|(_, form)| *form).collect();
    Regex::new_many(&forms).ok()
});
static PLACED: LazyLock<Option<Vec<Regex>>> =
    LazyLock::new(|| PLACES.iter().map(|(_, place, _)| Regex::new(place).ok()).collect());

/// What in this text looks like a secret; never the secret itself.
pub fn find(text: &[u8]) -> Option<&'static str> {
    let (Some(known), Some(placed)) = (KNOWN.as_ref(), PLACED.as_ref()) else {
        return Some("anything: the table of secrets does not compile");
    };
    if let Some(found) = known.find(text) {
        return TOKENS.get(found.pattern().as_usize()).map(|(name, _)| *name);
    }
    PLACES.iter().zip(placed).find_map(|((name, _, wanted), place)| {
        let values = place.captures_iter(text).filter_map(|found| found.get_group(1));
        values.filter_map(|span| text.get(span.range())).any(|value| wanted.is_met(value)).then_some(*name)
    })
}

/// The same text with all that looks like a secret taken out; where nothing can be told, all of it.
pub fn hide(text: &str, instead: &str) -> String {
    let (Some(known), Some(placed)) = (KNOWN.as_ref(), PLACED.as_ref()) else { return instead.to_owned() };
    let mut found: Vec<(usize, usize)> = known.find_iter(text).map(|found| (found.start(), found.end())).collect();
    for ((_, _, wanted), place) in PLACES.iter().zip(placed) {
        let values =
            place.captures_iter(text).filter_map(|found| found.get_group(1)).map(|span| (span.start, span.end));
        found.extend(
            values.filter(|(from, to)| text.get(*from..*to).is_some_and(|value| wanted.is_met(value.as_bytes()))),
        );
    }
    found.sort_unstable();
    let (mut out, mut done) = (String::with_capacity(text.len()), 0);
    for (from, to) in found {
        if from >= done {
            out.push_str(text.get(done..from).unwrap_or_default());
            out.push_str(instead);
        }
        done = done.max(to);
    }
    out.push_str(text.get(done..).unwrap_or_default());
    // Taking one out may bring others together.
    if find(out.as_bytes()).is_some() { instead.to_owned() } else { out }
}

impl Value {
    fn is_met(self, value: &[u8]) -> bool {
        let value = value.trim_ascii_end();
        let refers = REFERENCES.iter().any(|start| value.starts_with(start.as_bytes()));
        let is_example = EXAMPLES.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
        let masked = value.iter().all(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.' | b'-'));
        if refers || is_example || masked {
            return false;
        }
        match self {
            Self::Literal => true,
            Self::Password => kinds(value) >= 2 && has_more_than_letters(value) && entropy(value) >= 2.75,
            Self::Key => {
                // Words with hyphens, dots and slashes between them name a thing: no long part of such a name is random.
                let longest =
                    value.split(|byte| b"-_./:,".contains(byte)).max_by_key(|part| part.len()).unwrap_or_default();
                let random =
                    |part: &[u8]| part.len() >= 12 && part.iter().any(u8::is_ascii_digit) && entropy(part) >= 2.9;
                random(longest) && kinds(longest) >= 2
            }
        }
    }
}

/// How many of small letters, capitals, digits and other signs; those that stand between words are none.
fn kinds(value: &[u8]) -> usize {
    let has = |kind: fn(&u8) -> bool| usize::from(value.iter().any(kind));
    has(u8::is_ascii_lowercase) + has(u8::is_ascii_uppercase) + has(u8::is_ascii_digit) + has(is_sign)
}

fn has_more_than_letters(value: &[u8]) -> bool {
    value.iter().any(|byte| byte.is_ascii_digit() || is_sign(byte))
}

fn is_sign(byte: &u8) -> bool {
    byte.is_ascii_punctuation() && !b"-_./,:".contains(byte)
}

/// Bits a byte, by how often each occurs.
fn entropy(value: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count += 1;
        }
    }
    let length = value.len() as f64;
    let shares = counts.iter().filter(|count| **count > 0).map(|count| f64::from(*count) / length);
    shares.map(|share| -share * share.log2()).sum()
}

#[cfg(test)]
mod tests;
