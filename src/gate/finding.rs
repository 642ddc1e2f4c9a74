//! What did not verify, or broke a rule: named, placed, and counted for nothing.

use std::fmt;

use crate::domain::id::CommitId;

/// One thing that is wrong with a history or a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which rule, stable across versions: see `docs/findings.md`.
    pub code: Code,
    /// Where it was seen.
    pub commit: Option<CommitId>,
    /// Which file.
    pub path: Option<String>,
    /// What is wrong, in words; may hold text from records, escape before showing.
    pub message: String,
}

impl Finding {
    /// A finding of no particular place yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, commit: None, path: None, message: message.into() }
    }

    /// At a commit.
    #[must_use]
    pub fn commit(mut self, commit: CommitId) -> Self {
        self.commit = Some(commit);
        self
    }

    /// In a file.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.code)?;
        if let Some(commit) = &self.commit {
            write!(f, " at {commit}")?;
        }
        if let Some(path) = &self.path {
            write!(f, " in {path}")?;
        }
        write!(f, ": {}", self.message)
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// The rules, by the words that name them everywhere.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// The stable word.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }
    };
}

codes! {
    /// Signature or content of a record does not hold.
    RecordInvalid = "record-invalid",
    /// A file lies where none of ours can.
    PathUnexpected = "path-unexpected",
    /// Another repository's record.
    ForeignRepo = "foreign-repo",
    /// Its base is not on `main`.
    BaseUnknown = "base-unknown",
    /// It names another policy version than the one in force at its base.
    RootMismatch = "root-mismatch",
    /// It was made on records that do not stand before it.
    SeenMissing = "seen-missing",
    /// It speaks of another request.
    RequestMismatch = "request-mismatch",
    /// The branch does other things than add this request's files.
    BranchTainted = "branch-tainted",
    /// A step of `main` is neither a policy step, nor a request step, nor a repair.
    StepIllegal = "step-illegal",
    /// A policy version that its predecessor does not lead to.
    PolicyInvalid = "policy-invalid",
    /// A file outside `requests/` and `policy/` that root.toml does not name so.
    FileUngoverned = "file-ungoverned",
    /// A claim without a standing quorum.
    ClaimUnauthorized = "claim-unauthorized",
    /// An ending of a request that had ended.
    EndedTwice = "ended-twice",
    /// An ending its author may not write.
    EndingUnauthorized = "ending-unauthorized",
    /// `main` lacks what this machine verified before.
    Rollback = "rollback",
    /// An object is missing or damaged.
    ObjectUnreadable = "object-unreadable",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
