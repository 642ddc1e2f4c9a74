//! A legal step of `main`, bent in its trees, files and parents: nobody panics, and everybody says the same, whether
//! from a cache that has judged thousands before, from a fresh clone, or as a hook that sees objects in quarantine.
#![no_main]

#[path = "../../benches/history/synthetic.rs"]
mod synthetic;

use std::path::{Path, PathBuf};

use expacti::domain::id::{CommitId, Digest, ObjectId};
use expacti::gate::audit::{self, Standpoint, StepError, Versions};
use expacti::gate::history::{DIRECTORY, FILE, History as _};
use expacti::world::git::create_bare;
use expacti::world::index::Index;
use expacti::world::objects::Objects;
use expacti::world::store::{Pace, judge_chain_at};
use git2::{ObjectType, Odb, Repository};

const ALONE: Pace = Pace { threads: 1, batch: 128, chunk: 8_192 };

struct Site {
    _home: tempfile::TempDir,
    remote: PathBuf,
    /// Where the bent objects go: a cache with the remote's objects beside its own.
    cache: PathBuf,
    /// A repository that has never been read from; opened anew each time.
    clone: PathBuf,
    repo: Digest,
    objects: Objects,
    index: Index,
    versions: Versions,
    /// The step before the one that is bent.
    below: Standpoint,
    step: CommitId,
    commits: Vec<CommitId>,
}

impl Site {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let [remote, cache, clone] = ["policy.git", "cache.git", "clone.git"].map(|name| home.path().join(name));
        create_bare(&remote).unwrap();
        let repo = synthetic::write(&remote, 3);
        beside(&cache, &[&remote]);
        beside(&clone, &[&remote, &cache]);
        let objects = Objects::open(&cache).unwrap();
        let mut commits = vec![Objects::open(&remote).unwrap().reference("refs/heads/main").unwrap().unwrap()];
        while let Some(first) = objects.commit(commits.last().unwrap()).unwrap().parents.first() {
            commits.push(*first);
        }
        commits.reverse();
        let (index, versions) = (Index::in_memory().unwrap(), Versions::default());
        // Three claims, three outcomes: the last claim is bent where the seed says nothing else.
        let below = judge_chain_at(&ALONE, &objects, &index, &versions, repo, commits[2], &mut |_, _| {}).unwrap();
        let step = commits[3];
        Self { _home: home, remote, cache, clone, repo, objects, index, versions, below, step, commits }
    }
}

/// A bare repository that reads the objects of others too.
fn beside(path: &Path, others: &[&Path]) {
    create_bare(path).unwrap();
    let lines: String = others.iter().map(|other| format!("{}/objects\n", other.display())).collect();
    std::fs::write(path.join("objects/info/alternates"), lines).unwrap();
}

type Line = (u32, Vec<u8>, ObjectId);

/// The lines of a tree; none of what is called a directory and is a file, or not there.
fn lines(objects: &Objects, tree: &ObjectId) -> Vec<Line> {
    let entries = objects.tree(tree).unwrap_or_else(|_| std::iter::empty().collect());
    entries.into_iter().map(|entry| (entry.mode, entry.name.to_vec(), entry.id)).collect()
}

fn put(odb: &Odb<'_>, kind: ObjectType, bytes: &[u8]) -> ObjectId {
    ObjectId::new(odb.write(kind, bytes).unwrap().as_bytes().try_into().unwrap())
}

/// What the fuzzer asks for, byte by byte; nothing once it has said all.
struct Wish<'a>(&'a [u8]);

impl Wish<'_> {
    fn next(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn below(&mut self, bound: usize) -> Option<usize> {
        Some(usize::from(self.next()?) % bound.max(1))
    }
}

/// One change somewhere below a tree.
fn bend(site: &Site, odb: &Odb<'_>, tree: &ObjectId, wish: &mut Wish<'_>, depth: usize) -> Option<ObjectId> {
    let mut own = lines(&site.objects, tree);
    let at = wish.below(own.len())?;
    let line = own.get(at).cloned();
    let down = depth < 8 && wish.below(4)? != 0;
    match line {
        Some((DIRECTORY, name, id)) if down => own[at] = (DIRECTORY, name, bend(site, odb, &id, wish, depth + 1)?),
        _ => change(site, odb, &mut own, at, wish)?,
    }
    let bytes: Vec<u8> = own
        .iter()
        .flat_map(|(mode, name, id)| [format!("{mode:o} ").as_bytes(), name, b"\0", id.as_bytes()].concat())
        .collect();
    Some(put(odb, ObjectType::Tree, &bytes))
}

fn change(site: &Site, odb: &Odb<'_>, own: &mut Vec<Line>, at: usize, wish: &mut Wish<'_>) -> Option<()> {
    let what = wish.below(10)?;
    if own.is_empty() {
        own.push((FILE, b"x".to_vec(), put(odb, ObjectType::Blob, b"x")));
        return Some(());
    }
    let other = wish.below(own.len())?;
    match what {
        0 => drop(own.remove(at)),
        1 => own.insert(at, own[other].clone()),
        2 => own.swap(at, other),
        3 => own[at].0 = [FILE, DIRECTORY, 0o100_755, 0o120_000, 0o160_000, 0o100_664][wish.below(6)?],
        4 => own[at].2 = own[other].2,
        5 => own[at].2 = put(odb, ObjectType::Tree, b""),
        6 => {
            let letter = wish.next()?;
            let place = wish.below(own[at].1.len())?;
            // NUL and slash would be another tree, or none.
            own[at].1[place] = if matches!(letter, 0 | b'/') { b'.' } else { letter };
        }
        7 => own[at].1.push(b'x'),
        8 => {
            let (name, id) = (own[other].1.clone(), put(odb, ObjectType::Blob, &[wish.next()?]));
            own.push((FILE, name, id));
        }
        _ => {
            let Ok(mut bytes) = site.objects.blob(&own[at].2, expacti::record::root::MAX_FILE) else { return Some(()) };
            let place = wish.below(bytes.len())?;
            let place = (place + 256 * wish.below(16)?).min(bytes.len().saturating_sub(1));
            *bytes.get_mut(place)? ^= 1 << wish.below(8)?;
            own[at].2 = put(odb, ObjectType::Blob, &bytes);
        }
    }
    Some(())
}

/// The legal step, bent as wished.
fn bent(site: &Site, wish: &mut Wish<'_>) -> CommitId {
    let repository = Repository::open_bare(&site.cache).unwrap();
    let odb = repository.odb().unwrap();
    let commit = |parents: &[CommitId], tree: &ObjectId| {
        let parents: String = parents.iter().map(|parent| format!("parent {parent}\n")).collect();
        let text = format!("tree {tree}\n{parents}author x <x@x> 0 +0000\ncommitter x <x@x> 0 +0000\n\nx\n");
        CommitId::new(*put(&odb, ObjectType::Commit, text.as_bytes()).as_bytes())
    };
    let honest = site.objects.commit(&site.step).unwrap();
    let (mut tree, mut parents) = (honest.tree, honest.parents);
    while let Some(kind) = wish.below(6) {
        let done = match kind {
            0 | 1 => bend(site, &odb, &tree, wish, 0).map(|new| tree = new),
            // A commit more on the request's own chain, and perhaps the same in the step.
            2 => {
                bend(site, &odb, &site.objects.commit(&parents[parents.len() - 1]).unwrap().tree, wish, 0).map(|new| {
                    let last = parents.len() - 1;
                    parents[last] = commit(&[parents[last]], &new);
                })
            }
            3 => wish.below(site.commits.len()).map(|which| parents.push(site.commits[which])),
            4 => Some(parents.truncate(parents.len().max(2) - 1)),
            _ => wish.below(parents.len()).map(|which| parents.swap(0, which)),
        };
        if done.is_none() {
            break;
        }
    }
    commit(&parents, &tree)
}

/// What a judge says, in words that tell everything.
fn verdict(judged: Result<String, StepError>) -> String {
    match judged {
        Ok(event) => event,
        Err(error) => format!("{error:?}"),
    }
}

fn of_chain(site: &Site, objects: &Objects, tip: CommitId) -> String {
    let (index, versions) = (Index::in_memory().unwrap(), Versions::default());
    let from = site.below.commit;
    judge_chain_at(&ALONE, objects, &index, &versions, site.repo, from, &mut |_, _| {}).unwrap();
    let judged = judge_chain_at(&ALONE, objects, &index, &versions, site.repo, tip, &mut |_, _| {});
    verdict(judged.map(|standpoint| format!("{} legal", standpoint.commit)))
}

thread_local! {
    static SITE: Site = Site::new();
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    SITE.with(|site| {
        let tip = bent(site, &mut Wish(bytes));
        let step = site.objects.commit(&tip).unwrap();
        let warm = verdict(
            audit::step(&site.objects, &site.index, &site.versions, &site.below, &tip).map(|_| format!("{tip} legal")),
        );
        // On another first parent it is another chain: no longer the same question.
        if step.parents.first() == Some(&site.below.commit) {
            assert_eq!(of_chain(site, &Objects::open(&site.clone).unwrap(), tip), warm, "a fresh clone");
            QUARANTINE.with(|hook| assert_eq!(of_chain(site, hook, tip), warm, "a hook"));
        }
        if bytes.is_empty() {
            assert!(warm.ends_with(" legal"), "{warm}");
        }
        sweep(&site.cache.join("objects"));
    });
});

thread_local! {
    /// As git starts a hook: the repository is the remote, the new objects lie elsewhere.
    static QUARANTINE: Objects = SITE.with(|site| {
        let set = |name: &str, path: PathBuf| {
            // SAFETY: libFuzzer runs targets on one thread, and nobody else reads the environment meanwhile.
            unsafe { std::env::set_var(name, path) }
        };
        set("GIT_DIR", site.remote.clone());
        set("GIT_OBJECT_DIRECTORY", site.cache.join("objects"));
        set("GIT_ALTERNATE_OBJECT_DIRECTORIES", site.remote.join("objects"));
        Objects::of_environment().unwrap()
    });
}

/// Removes the loose objects of this turn.
fn sweep(objects: &Path) {
    for directory in std::fs::read_dir(objects).unwrap().flatten() {
        if directory.file_name().len() == 2 {
            let _ = std::fs::remove_dir_all(directory.path());
        }
    }
}
