//! Temporary: replaced by the matching work (same API).
/// Kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternKind { /// Glob
    Glob, /// Exact
    Exact, /// Regex
    Regex }
/// A pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern { source: String }
/// Refusal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bad pattern `{0}`")]
pub struct PatternError(String);
impl Pattern {
    /// New.
    pub fn new(_kind: PatternKind, source: &str) -> Result<Self, PatternError> {
        if source.ends_with('\\') || source.ends_with('[') { return Err(PatternError(source.to_owned())); }
        Ok(Self { source: source.to_owned() })
    }
    /// Tokens.
    pub fn tokens(sources: &[String]) -> Result<Self, PatternError> { Ok(Self { source: sources.join(" ") }) }
    /// Source.
    pub fn source(&self) -> &str { &self.source }
    /// Generic?
    pub fn is_generic(&self) -> bool { self.source == "*" }
    /// Matches.
    pub fn matches(&self, text: &[u8]) -> bool {
        match self.source.strip_suffix('*') { Some(prefix) => text.starts_with(prefix.as_bytes()), None => text == self.source.as_bytes() }
    }
}
