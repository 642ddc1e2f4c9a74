//! Following a path, and who could bend it.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Component, Path, PathBuf};

/// Linux follows this many symlinks (`path_resolution(7)`).
const MAX_HOPS: usize = 40;

/// What following a path passes.
pub(super) struct Walk {
    /// The entry the path names, its directory free of symlinks.
    pub(super) named: PathBuf,
    /// Where each symlink on the way lies, directories included.
    pub(super) links: Vec<PathBuf>,
    /// What the last component points to, step by step; ends with the real file.
    pub(super) hops: Vec<PathBuf>,
}

/// Follows an absolute path component by component, as the kernel does (`path_resolution(7)`).
pub(super) fn walk(path: &Path) -> io::Result<Walk> {
    let mut walk = Walk { named: PathBuf::new(), links: Vec::new(), hops: Vec::new() };
    let mut real = PathBuf::from("/");
    let mut rest: Vec<OsString> = reversed(path);
    while let Some(name) = rest.pop() {
        if name == ".." {
            real.pop();
            continue;
        }
        let entry = real.join(&name);
        if rest.is_empty() && walk.named.as_os_str().is_empty() {
            walk.named.clone_from(&entry);
        }
        if !fs::symlink_metadata(&entry)?.is_symlink() {
            real = entry;
            continue;
        }
        let target = fs::read_link(&entry)?;
        walk.links.push(entry);
        if walk.links.len() > MAX_HOPS {
            return Err(rustix::io::Errno::LOOP.into());
        }
        if rest.is_empty() {
            walk.hops.push(real.join(&target));
        }
        if target.is_absolute() {
            real = PathBuf::from("/");
        }
        rest.append(&mut reversed(&target));
    }
    if walk.hops.last() != Some(&real) {
        walk.hops.push(real);
    }
    Ok(walk)
}

/// What the links at a path point to, one after the other, whether or not the last exists; none for a bare name.
pub fn links(cwd: &Path, name: &OsStr) -> Vec<PathBuf> {
    let mut path = cwd.join(name);
    let mut hops = Vec::new();
    while hops.len() < MAX_HOPS
        && Path::new(name).components().count() > 1
        && let Ok(target) = fs::read_link(&path)
    {
        path = path.parent().unwrap_or(cwd).join(&target);
        hops.push(path.clone());
    }
    hops
}

fn reversed(path: &Path) -> Vec<OsString> {
    let named = |part: Component<'_>| matches!(part, Component::Normal(_) | Component::ParentDir);
    path.components().rev().filter(|part| named(*part)).map(|part| part.as_os_str().to_owned()).collect()
}

/// Whether anyone but root and `me` could put other bytes at this place: by the entry itself or a directory above.
///
/// Judged by owner and mode bits, which also show the mask of an ACL. In a sticky directory (`/tmp`) an entry of
/// root or `me` is safe. What cannot be looked at counts as writable.
pub(super) fn writable_by_others(place: &Path, me: u32) -> bool {
    place.ancestors().any(|part| {
        let Ok(meta) = fs::symlink_metadata(part) else {
            return true;
        };
        let foreign = meta.uid() != 0 && meta.uid() != me;
        let open = !meta.is_symlink() && meta.mode() & 0o022 != 0;
        let sticky = meta.is_dir() && meta.mode() & 0o1000 != 0;
        foreign || (open && !sticky)
    })
}

/// Whether the file raises the rights of whoever runs it (`capabilities(7)`).
pub(super) fn has_capabilities(path: &Path) -> bool {
    cfg!(target_os = "linux") && rustix::fs::getxattr(path, "security.capability", &mut [0_u8; 64]).is_ok()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_a_stranger_owns_a_stranger_can_write() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().canonicalize().unwrap().join("f");
        fs::write(&path, "").unwrap();
        let mut owner = rustix::process::geteuid().as_raw();
        if owner == 0 {
            owner = 4242;
            std::os::unix::fs::chown(&path, Some(owner), None).unwrap();
        }
        assert!(!writable_by_others(&path, owner));
        assert!(writable_by_others(&path, owner + 1));
        assert!(writable_by_others(&path.with_file_name("gone"), owner));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Names `a` to `d` in `.` and in `s`, each a symlink to somewhere among them; files `f` end the chains.
        #[test]
        fn a_walk_ends_where_the_system_ends(
            targets in prop::collection::vec("(s/|\\.\\./|\\./|s/\\.\\./|a/|b/){0,3}[abcdfs]", 8),
            absolute in prop::collection::vec(any::<bool>(), 8),
        ) {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path().canonicalize().unwrap();
            fs::create_dir(root.join("s")).unwrap();
            fs::write(root.join("f"), "").unwrap();
            fs::write(root.join("s/f"), "").unwrap();
            let names: Vec<PathBuf> = ["a", "b", "c", "d", "s/a", "s/b", "s/c", "s/d"].iter().map(|name| root.join(name)).collect();
            for ((name, target), absolute) in names.iter().zip(&targets).zip(absolute) {
                symlink(if absolute { root.join(target) } else { target.into() }, name).unwrap();
            }
            for name in &names {
                match (walk(name), name.canonicalize()) {
                    (Ok(found), Ok(real)) => {
                        prop_assert_eq!(found.hops.last(), Some(&real));
                        prop_assert_eq!(&found.named, name);
                        prop_assert_eq!(found.links.first(), Some(name));
                        for hop in &found.hops {
                            prop_assert_eq!(&hop.canonicalize().unwrap(), &real);
                        }
                    }
                    (Err(_), Err(_)) => {}
                    // `walk` asks nothing of a component before `..`; the caller has opened the path already.
                    (Ok(_), Err(error)) => prop_assert_eq!(error.kind(), io::ErrorKind::NotADirectory),
                    (Err(error), Ok(real)) => prop_assert!(false, "{error} but {}", real.display()),
                }
            }
        }
    }
}
