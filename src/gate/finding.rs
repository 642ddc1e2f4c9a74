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
    /// A record is unsigned, too large, or not the canonical text of its kind.
    RecordInvalid = "record-invalid",
    /// A signature file is malformed, of another purpose, or does not hold.
    SignatureInvalid = "signature-invalid",
    /// The key that signed belongs to nobody in the roster that judges.
    KeyUnknown = "key-unknown",
    /// Signed by one principal in the name of another.
    AuthorMismatch = "author-mismatch",
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
    /// The chain does other things than add this request's files.
    BranchTainted = "branch-tainted",
    /// A request's branch lacks commits this machine saw on it.
    BranchRewound = "branch-rewound",
    /// A request's branch is gone, and the request never ended on `main`.
    BranchVanished = "branch-vanished",
    /// A step of `main` is neither a policy step, nor a request step, nor a repair.
    StepIllegal = "step-illegal",
    /// A request step about more than one request.
    StepMixed = "step-mixed",
    /// A request step that drops some of `requests/`, and keeps others.
    WindowPartial = "window-partial",
    /// A repair of something that was not broken, or of another tip.
    RepairIllegal = "repair-illegal",
    /// A policy version that does not hold together.
    PolicyInvalid = "policy-invalid",
    /// A policy version that too few admins have signed.
    PolicyUnsigned = "policy-unsigned",
    /// A policy version that is not exactly the next one, or does not name the one before it.
    PolicyOrder = "policy-order",
    /// The first root is not the pinned one.
    PinMismatch = "pin-mismatch",
    /// A file outside `requests/` and `policy/` that root.toml does not name so.
    FileUngoverned = "file-ungoverned",
    /// A claim without a standing quorum.
    ClaimUnauthorized = "claim-unauthorized",
    /// Records of a request landed, and nothing that ends it.
    EndingMissing = "ending-missing",
    /// An ending of a request that had ended.
    EndedTwice = "ended-twice",
    /// A decision, or anything but the outcome, after the claim.
    LateRecord = "late-record",
    /// An ending its author may not write.
    EndingUnauthorized = "ending-unauthorized",
    /// `main` ends before the policy version that the pin names.
    BelowFloor = "below-floor",
    /// `main` is older than what this machine verified.
    Rollback = "rollback",
    /// `main` has another history than the one this machine verified.
    Fork = "fork",
    /// `main` is a merge that names what this machine verified as a later parent.
    Foxtrot = "foxtrot",
    /// The repository has no `main` any more.
    MainMissing = "main-missing",
    /// A ref that a policy repository has no use for.
    RefUnknown = "ref-unknown",
    /// A push that takes commits away from a branch.
    PushForced = "push-forced",
    /// The deletion of a branch that is still needed.
    RefNeeded = "ref-needed",
    /// A commit that neither continues `main` nor is what waits to land there.
    HeadUnrelated = "head-unrelated",
    /// The local cache is shallow or has grafts.
    HistoryCut = "history-cut",
    /// An object is missing or damaged.
    ObjectUnreadable = "object-unreadable",
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
