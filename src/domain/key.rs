//! Temporary: replaced by the signatures work (same API).
/// A public key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey { line: String, comment: String, point: [u8; 32] }
/// Refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not an ed25519 key")]
pub struct KeyError;
impl PublicKey {
    /// Parses.
    pub fn parse(line: &str) -> Result<Self, KeyError> {
        let key = ssh_key::PublicKey::from_openssh(line).map_err(|_| KeyError)?;
        let point = key.key_data().ed25519().ok_or(KeyError)?.0;
        let mut parts = line.split(' ');
        let bare = format!("{} {}", parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        Ok(Self { line: bare, comment: key.comment().to_string(), point })
    }
    /// SHA256:…
    pub fn fingerprint(&self) -> String { crate::domain::id::Digest::of(self.line.as_bytes()).fingerprint() }
    /// sk?
    pub fn is_sk(&self) -> bool { false }
    /// Line.
    pub fn line(&self) -> String { self.line.clone() }
    /// Comment.
    pub fn comment(&self) -> &str { &self.comment }
    /// Point.
    pub fn point(&self) -> &[u8; 32] { &self.point }
}
