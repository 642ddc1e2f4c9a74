//! `hook install`: sets up a bare repository on this server.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::commands::error::CommandError;
use crate::commands::report::HookedReport;
use crate::commands::{Context, address};
use crate::domain::id::Digest;
use crate::domain::shown;
use crate::world::objects::Objects;
use crate::world::receive::Server;
use crate::world::settings::Pins;

/// The hook, as it lies in `policy-repo-template/`.
const SCRIPT: &str = include_str!("../../../policy-repo-template/hooks/pre-receive");

/// Writes the hook and the settings; what is there is verified first.
///
/// # Errors
/// It is no bare repository, not the pinned one, or has another hook: nothing is written then.
pub fn install(context: &Context<'_>, repository: &Path, root: Option<Digest>) -> Result<HookedReport, CommandError> {
    let world = context.world;
    let path = world.cwd.join(repository);
    let shown_path = shown::line(&repository.to_string_lossy());
    let objects = Objects::open(&path).map_err(|error| {
        CommandError::unsure(format!("`{shown_path}` is no bare repository: {}", shown::line(error.message())))
    })?;
    let unsure = |error: git2::Error| CommandError::unsure(shown::line(error.message()));
    if !objects.is_bare() {
        return Err(CommandError::no(format!("`{shown_path}` has a work tree; nothing written"))
            .hint("hooks belong on the server: name the bare repository that is pushed to"));
    }
    let root = match root {
        Some(root) => root,
        None => remembered(context, repository)?,
    };
    if let Some(elsewhere) = objects.hooks_path().map_err(unsure)? {
        return Err(CommandError::no(format!("core.hooksPath is `{}`: git looks there", shown::line(&elsewhere)))
            .hint("call `expacti hook pre-receive` from the pre-receive hook there, and set expacti.root"));
    }
    let hook = objects.path().join("hooks/pre-receive");
    let script = script()?;
    let there = crate::world::paths::read_bounded(&hook, 1 << 20)?;
    if there.as_ref().is_some_and(|there| !is_ours(there)) {
        return Err(CommandError::no(format!(
            "`{}` is another hook; nothing written",
            shown::line(&hook.to_string_lossy())
        ))
        .hint("call `expacti hook pre-receive` from it, with the same standard input, and end with its status"));
    }
    // A wrong root would refuse everything; better now than at somebody's push.
    let objects_path = objects.path().to_owned();
    let server = Server::open(objects, root, None).map_err(|error| {
        CommandError::no(format!(
            "`{shown_path}` does not have this root: {}; nothing written",
            shown::line(&error.to_string())
        ))
        .hint("ask the admins for the fingerprint by another way than the repository")
    })?;
    let warning = server.fault.as_ref().map(|fault| {
        format!(
            "main is not legal ({}); nothing is taken but its repair: see `expacti doctor`",
            shown::line(&fault.to_string())
        )
    });
    let mut settings = Vec::new();
    let wanted = [
        ("expacti.root", root.fingerprint()),
        ("receive.denyNonFastForwards", "true".to_owned()),
        ("receive.fsckObjects", "true".to_owned()),
    ];
    for (name, value) in wanted {
        if server.objects.set_setting(name, &value).map_err(unsure)? {
            settings.push(format!("{name} = {value}"));
        }
    }
    write(&hook, script.as_bytes())?;
    Ok(HookedReport {
        repository: objects_path.to_string_lossy().into_owned(),
        hook: hook.to_string_lossy().into_owned(),
        root: root.fingerprint(),
        settings,
        warning,
    })
}

/// What this machine pinned for the repository.
fn remembered(context: &Context<'_>, repository: &Path) -> Result<Digest, CommandError> {
    let world = context.world;
    let url = address(world, &repository.to_string_lossy());
    let pin = Pins::load(&world.paths).ok().and_then(|pins| pins.find(&url).cloned());
    let pin = pin.ok_or_else(|| {
        CommandError::usage("--root is needed: this machine has not joined that repository")
            .hint("an admin prints the fingerprint with `expacti doctor --root-fingerprint`")
    })?;
    Digest::from_fingerprint(&pin.root).map_err(|error| CommandError::unsure(error.to_string()))
}

/// The script, which names this very program: a hook's PATH is short.
fn script() -> Result<String, CommandError> {
    let program = std::env::current_exe()?;
    let program = program.to_str().filter(|program| !program.contains(['\n', '\0'])).ok_or_else(|| {
        CommandError::no("this program lies under a name that a script cannot hold").hint("put it into /usr/local/bin")
    })?;
    let quoted = program.replace('\'', r"'\''");
    Ok(SCRIPT.replacen("\nexpacti=expacti\n", &format!("\nexpacti='{quoted}'\n"), 1))
}

/// Whether a hook is one that this verb wrote, wherever the program lay.
fn is_ours(there: &[u8]) -> bool {
    let without = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.starts_with("expacti=")).map(str::to_owned).collect()
    };
    std::str::from_utf8(there).is_ok_and(|there| without(there) == without(SCRIPT))
}

/// Executable, and there whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> Result<(), CommandError> {
    let directory = path.parent().ok_or_else(|| CommandError::unsure("a hook without a directory"))?;
    fs::create_dir_all(directory)?;
    let mut file = tempfile::Builder::new().prefix(".new-").tempfile_in(directory)?;
    file.write_all(bytes)?;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o755))?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}
