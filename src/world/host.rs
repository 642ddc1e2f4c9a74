//! What a repository on this machine, to which others push, is set to.

use std::path::Path;

/// Its own settings; what the hosting user's configuration adds is not looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HostSettings {
    /// Force pushes are refused: `receive.denyNonFastForwards`.
    pub denies_force: bool,
    /// Damaged objects are refused: `receive.fsckObjects`, or `transfer.fsckObjects` in its place.
    pub checks_objects: bool,
    /// Objects are named by SHA-256.
    pub sha256: bool,
    /// Refs are kept in a reftable.
    pub reftable: bool,
}

/// Reads the settings of the repository at `path`, bare or with a work tree; `None` where there is none.
///
/// # Errors
/// As git2 says.
pub fn host_settings(path: &Path) -> Result<Option<HostSettings>, git2::Error> {
    // The file itself: git2 opens no repository with a reftable.
    let places = [path.join("config"), path.join(".git/config")];
    let Some(file) = places.iter().find(|file| file.is_file()) else { return Ok(None) };
    let config = git2::Config::open(file)?;
    let flag = |name: &str| config.get_bool(name).ok();
    let is = |name: &str, word: &str| config.get_string(name).is_ok_and(|value| value.eq_ignore_ascii_case(word));
    Ok(Some(HostSettings {
        denies_force: flag("receive.denyNonFastForwards").unwrap_or(false),
        checks_objects: flag("receive.fsckObjects").or_else(|| flag("transfer.fsckObjects")).unwrap_or(false),
        sha256: is("extensions.objectformat", "sha256"),
        reftable: is("extensions.refstorage", "reftable"),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_from_the_file_itself() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("policy.git");
        assert_eq!(host_settings(&path).unwrap(), None);
        crate::world::git::create_bare(&path).unwrap();
        let fine = HostSettings { denies_force: true, checks_objects: true, sha256: false, reftable: false };
        assert_eq!(host_settings(&path).unwrap(), Some(fine));
        std::fs::write(path.join("config"), "[extensions]\nrefStorage = reftable\nobjectFormat = sha256\n").unwrap();
        let bad = HostSettings { denies_force: false, checks_objects: false, sha256: true, reftable: true };
        assert_eq!(host_settings(&path).unwrap(), Some(bad));
    }
}
