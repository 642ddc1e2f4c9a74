//! Which root a server's repository is pinned to, in words that no push can change.

use std::path::Path;

use crate::commands::error::CommandError;
use crate::domain::id::Digest;
use crate::domain::shown;
use crate::world::objects::Objects;
use crate::world::paths::read_bounded;
use crate::world::settings::Pins;

/// The pins for everyone on this machine; those of the user who pushes do not count here.
const MACHINE: &str = "/etc/expacti/trust.toml";

/// What was given, else what the repository's own configuration says, else what the machine pins; never nothing.
pub(super) fn pinned(objects: &Objects, given: Option<Digest>) -> Result<Digest, CommandError> {
    if let Some(given) = given {
        return Ok(given);
    }
    let place = shown::line(&objects.path().display().to_string());
    let setting =
        objects.setting("expacti.root").map_err(|error| CommandError::unsure(shown::line(error.message())))?;
    if let Some(text) = setting {
        return Digest::from_fingerprint(text.trim())
            .map_err(|error| CommandError::unsure(format!("expacti.root of `{place}` is no fingerprint: {error}")));
    }
    machine_wide(Path::new(MACHINE), objects.path())?.ok_or_else(|| {
        CommandError::unsure(format!("`{place}` is pinned to no root; nothing is taken"))
            .hint("whoever looks after the server runs `expacti hook install --root FINGERPRINT` on it")
    })
}

fn machine_wide(file: &Path, repository: &Path) -> Result<Option<Digest>, CommandError> {
    let unsure = |why: String| CommandError::unsure(format!("`{}`: {}", file.display(), shown::line(why.trim_end())));
    let Some(bytes) = read_bounded(file, 1 << 20)? else { return Ok(None) };
    let text = String::from_utf8(bytes).map_err(|error| unsure(error.to_string()))?;
    let pins: Pins = toml::from_str(&text).map_err(|error| unsure(error.to_string()))?;
    let here = std::fs::canonicalize(repository)?;
    let same = |url: &str| std::fs::canonicalize(url).is_ok_and(|path| path == here);
    let Some(pin) = pins.pin.iter().find(|pin| same(&pin.url)) else { return Ok(None) };
    Digest::from_fingerprint(&pin.root).map(Some).map_err(|error| unsure(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_machines_pin_of_this_very_path_counts() {
        let dir = tempfile::tempdir().unwrap();
        let (ours, other) = (dir.path().join("ours.git"), dir.path().join("other.git"));
        std::fs::create_dir(&ours).unwrap();
        std::fs::create_dir(&other).unwrap();
        let (root, file) = (Digest::of(b"x"), dir.path().join("trust.toml"));
        assert_eq!(machine_wide(&file, &ours), Ok(None));
        let pin =
            |path: &Path| format!("[[pin]]\nurl = {path:?}\nrepo = \"{root}\"\nroot = \"{}\"\n", root.fingerprint());
        std::fs::write(&file, pin(&other)).unwrap();
        assert_eq!(machine_wide(&file, &ours), Ok(None));
        std::fs::write(&file, pin(&other) + &pin(&dir.path().join("x/../ours.git"))).unwrap();
        assert_eq!(machine_wide(&file, &ours), Ok(None));
        std::fs::write(&file, pin(&other) + &pin(&ours)).unwrap();
        assert_eq!(machine_wide(&file, &ours), Ok(Some(root)));
        std::fs::write(&file, "pin = 1\n").unwrap();
        assert!(machine_wide(&file, &ours).is_err());
    }
}
