//! The branches a policy repository has; every other ref is nobody's.

use std::fmt;

use crate::domain::id::{Digest, RequestId};

/// A branch by its meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Branch {
    /// `main`: the one authoritative order.
    Main,
    /// `requests/<id>`: an open request.
    Request(RequestId),
    /// `policy/<version>-<digest>`: a version that waits for signatures.
    Policy(u32, Digest),
    /// `claims/<id>`: a claim that CI is to land.
    Claim(RequestId),
    /// `outcomes/<id>`: an outcome that CI is to land.
    Outcome(RequestId),
}

impl Branch {
    /// Reads the full name of a ref, `refs/heads/main`; `None` for every other name, other spellings of these included.
    pub fn of_ref(name: &str) -> Option<Self> {
        Self::parse(name.strip_prefix("refs/heads/")?)
    }

    /// Reads the name of a branch, `requests/<id>`.
    pub fn parse(name: &str) -> Option<Self> {
        if name == "main" {
            return Some(Self::Main);
        }
        let (kind, rest) = name.split_once('/')?;
        let branch = match kind {
            "requests" => Self::Request(rest.parse().ok()?),
            "claims" => Self::Claim(rest.parse().ok()?),
            "outcomes" => Self::Outcome(rest.parse().ok()?),
            "policy" => {
                let (number, digest) = rest.split_once('-')?;
                Self::Policy(number.parse().ok().filter(|number| *number > 0)?, digest.parse().ok()?)
            }
            _ => return None,
        };
        (branch.to_string() == name).then_some(branch)
    }
}

impl fmt::Display for Branch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Main => f.write_str("main"),
            Self::Request(id) => write!(f, "requests/{id}"),
            Self::Policy(number, digest) => write!(f, "policy/{number:06}-{digest}"),
            Self::Claim(id) => write!(f, "claims/{id}"),
            Self::Outcome(id) => write!(f, "outcomes/{id}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_our_branches_have_a_meaning() {
        let (id, digest) = ("0123456789abcdef0123456789abcdef", Digest::of(b"x"));
        let good = ["main", &format!("requests/{id}"), &format!("claims/{id}"), &format!("outcomes/{id}")];
        for name in good.into_iter().chain([format!("policy/000002-{digest}").as_str()]) {
            assert_eq!(Branch::of_ref(&format!("refs/heads/{name}")).unwrap().to_string(), name);
        }
        let upper = id.to_uppercase();
        for name in [
            "refs/heads/Main".to_owned(),
            "refs/heads/main/".to_owned(),
            "refs/heads/requests".to_owned(),
            "refs/heads/requests/".to_owned(),
            format!("refs/heads/requests/{upper}"),
            format!("refs/heads/requests/{id}0"),
            format!("refs/heads/requests/{id}/x"),
            format!("refs/heads/policy/2-{digest}"),
            format!("refs/heads/policy/+00002-{digest}"),
            format!("refs/heads/policy/000000-{digest}"),
            format!("refs/heads/policy/000002-{id}"),
            format!("refs/tags/requests/{id}"),
            "refs/heads/topic".to_owned(),
            "refs/tags/v1".to_owned(),
            "refs/replace/x".to_owned(),
            "HEAD".to_owned(),
            "main".to_owned(),
            String::new(),
        ] {
            assert_eq!(Branch::of_ref(&name), None, "{name}");
        }
    }

    proptest! {
        #[test]
        fn one_spelling_each(name: String) {
            if let Some(branch) = Branch::parse(&name) {
                prop_assert_eq!(branch.to_string(), name);
            }
        }
    }
}
