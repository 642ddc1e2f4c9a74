//! Signing with the key a person or agent has: a plain file natively, everything else through `ssh-keygen`.

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::domain::key::{KeyError, PublicKey};
use crate::trust::secret::{SecretKey, SecretKeyError};
use crate::trust::signature::{SignatureError, verify};
use crate::world::paths::{is_open_to_others, read_bounded};

/// A key that can sign.
#[derive(Debug)]
pub struct Signer {
    public: PublicKey,
    how: How,
}

#[derive(Debug)]
enum How {
    Native(Box<SecretKey>),
    /// `ssh-keygen -Y sign -f`: passphrases, agents, FIDO keys.
    SshKeygen(PathBuf),
}

/// Why there is no key, or no signature.
#[derive(Debug, thiserror::Error)]
pub enum SignerError {
    /// The file cannot be read.
    #[error("key file `{path}`: {error}")]
    Io {
        /// Which.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no such file.
    #[error("key file `{0}` is not there")]
    Missing(PathBuf),
    /// Others can read the private key.
    #[error("key file `{0}` can be read by others")]
    OpenToOthers(PathBuf),
    /// It is no key of ours.
    #[error("key file `{path}`: {error}")]
    Secret {
        /// Which.
        path: PathBuf,
        /// Why.
        error: SecretKeyError,
    },
    /// The public half is no key of ours.
    #[error("public key file `{path}`: {error}")]
    Public {
        /// Which.
        path: PathBuf,
        /// Why.
        error: KeyError,
    },
    /// `ssh-keygen` is needed and cannot be started.
    #[error("ssh-keygen could not be started: {0}")]
    NotStarted(io::Error),
    /// It did not sign.
    #[error("ssh-keygen did not sign: {0}")]
    Refused(String),
    /// What it signed does not verify.
    #[error("the signature just made does not hold: {0}")]
    Bad(#[from] SignatureError),
}

const MAX: u64 = 64 * 1024;

impl Signer {
    /// Opens a private key file, or a `.pub` file whose key an agent holds.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn open(path: &Path) -> Result<Self, SignerError> {
        let io = |error| SignerError::Io { path: path.to_owned(), error };
        let bytes = read_bounded(path, MAX).map_err(io)?.ok_or_else(|| SignerError::Missing(path.to_owned()))?;
        if !bytes.starts_with(b"-----BEGIN") {
            let public = public_key(path, &bytes)?;
            return Ok(Self { public, how: How::SshKeygen(path.to_owned()) });
        }
        if is_open_to_others(path).map_err(io)? {
            return Err(SignerError::OpenToOthers(path.to_owned()));
        }
        match SecretKey::parse(&bytes) {
            Ok(secret) => Ok(Self { public: secret.public().clone(), how: How::Native(Box::new(secret)) }),
            Err(error @ (SecretKeyError::Encrypted | SecretKeyError::Hardware)) => {
                let mut name = path.as_os_str().to_owned();
                name.push(".pub");
                let beside = PathBuf::from(name);
                let public = read_bounded(&beside, MAX).map_err(io)?;
                let public = public.ok_or_else(|| SignerError::Secret { path: path.to_owned(), error })?;
                let public = public_key(&beside, &public)?;
                Ok(Self { public, how: How::SshKeygen(path.to_owned()) })
            }
            Err(error) => Err(SignerError::Secret { path: path.to_owned(), error }),
        }
    }

    /// The public half: who one is follows from it, through the roster.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Whether it signs through `ssh-keygen`: a passphrase, an agent or a FIDO device holds the key.
    pub fn needs_ssh_keygen(&self) -> bool {
        matches!(self.how, How::SshKeygen(_))
    }

    /// A detached signature over `message`, verified before it is handed out.
    ///
    /// # Errors
    /// [`SignerError`].
    pub fn sign(&self, namespace: &str, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature = match &self.how {
            How::Native(secret) => secret.sign(namespace, message),
            How::SshKeygen(path) => ssh_keygen(path, namespace, message)?,
        };
        verify(&self.public, namespace, message, &signature)?;
        Ok(signature)
    }
}

fn public_key(path: &Path, bytes: &[u8]) -> Result<PublicKey, SignerError> {
    let text = String::from_utf8_lossy(bytes);
    PublicKey::parse(&text).map_err(|error| SignerError::Public { path: path.to_owned(), error })
}

/// What `ssh-keygen` needs to find an agent or a FIDO device and to ask for a passphrase or PIN (`ssh-keygen(1)`,
/// ENVIRONMENT; `ssh-askpass` needs the display). `LD_*` and the like, and everybody's tokens, stay here.
const PASSED: [&str; 16] = [
    "DBUS_SESSION_BUS_ADDRESS",
    "DISPLAY",
    "HOME",
    "LOGNAME",
    "PATH",
    "SSH_AGENT_PID",
    "SSH_ASKPASS",
    "SSH_ASKPASS_REQUIRE",
    "SSH_AUTH_SOCK",
    "SSH_SK_HELPER",
    "SSH_SK_PROVIDER",
    "TERM",
    "USER",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
];

/// The variables that are passed on, PATH without its relative entries; messages come in the C locale.
fn passed(all: impl IntoIterator<Item = (OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let wanted = |name: &OsString| PASSED.iter().any(|passed| name == passed);
    let clean = |(name, value): (OsString, OsString)| match name == "PATH" {
        true => (name, crate::world::tool_path(&value)),
        false => (name, value),
    };
    let found = all.into_iter().filter(|(name, _)| wanted(name)).map(clean);
    found.chain([("LC_ALL".into(), "C".into())]).collect()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one spawner of ssh-keygen, with the environment that `PASSED` names and no relative entry of PATH"
)]
fn ssh_keygen(key: &Path, namespace: &str, message: &[u8]) -> Result<Vec<u8>, SignerError> {
    let mut child = Command::new("ssh-keygen")
        .env_clear()
        .envs(passed(std::env::vars_os()))
        .args(["-Y", "sign", "-n", namespace, "-f"])
        .arg(key)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(SignerError::NotStarted)?;
    // It may give up before it has read anything: then it says why.
    let written = child.stdin.take().map_or(Ok(()), |mut stdin| stdin.write_all(message));
    let output = child.wait_with_output().map_err(SignerError::NotStarted)?;
    if output.status.success() {
        written.map_err(SignerError::NotStarted)?;
        return Ok(output.stdout);
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; ");
    Err(SignerError::Refused(if said.is_empty() { output.status.to_string() } else { said }))
}
