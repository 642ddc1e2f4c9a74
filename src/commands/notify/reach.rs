//! What settings.toml says of channels, as their kinds need it.

use std::ffi::OsString;

use crate::commands::notify::webhook;
use crate::domain::notify::{Medium, Notify, is_address};
use crate::domain::principal::Name;
use crate::world::World;
use crate::world::courier::{Reach, secret};
use crate::world::paths::is_writable_by_others;
use crate::world::settings::{Settings, SettingsError};

/// What a program of the user's may know of where it runs: enough for a pop-up.
const KEPT: [&str; 10] = [
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LC_ALL",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
];

/// This machine's settings, where nobody else can have written what they start.
///
/// # Errors
/// They cannot be read, or others can write them.
pub(in crate::commands) fn settings(world: &World) -> Result<Settings, SettingsError> {
    let path = world.paths.settings();
    let settings = Settings::load(&world.paths)?;
    let starts = !settings.notify.is_empty() || settings.watch.is_some();
    if starts && is_writable_by_others(&path).map_err(|error| SettingsError::Io { path: path.clone(), error })? {
        let message = "others can write it, and it names programs and addresses: chmod 600 it".to_owned();
        return Err(SettingsError::Content { path, message });
    }
    Ok(settings)
}

/// Channels that this machine means to reach and cannot, with why.
pub(in crate::commands) fn unusable(world: &World, notify: &Notify, settings: &Settings) -> Vec<(Name, String)> {
    let mut wrong = Vec::new();
    for channel in &notify.channels {
        let Some(reach) = settings.notify.get(channel.name.as_str()) else { continue };
        let usable = match channel.kind {
            Medium::Slack | Medium::Teams => url(world, reach).map(drop),
            Medium::Webhook => url(world, reach).and_then(|_| signing(world, reach)).map(drop),
            Medium::Email => mailer(reach).map(drop),
            Medium::Command => program(reach).map(drop),
        };
        wrong.extend(usable.err().map(|why| (channel.name.clone(), why)));
    }
    wrong
}

/// What a program that takes events finds in its environment; behind a barrier nothing of the caller's.
pub(in crate::commands) fn program_env(world: &World) -> Vec<(OsString, OsString)> {
    let path = (OsString::from("PATH"), OsString::from("/usr/local/bin:/usr/bin:/bin"));
    let kept = KEPT.iter().filter(|_| world.paths.barrier.is_none());
    let kept = kept.filter_map(|name| Some((OsString::from(name), world.var(name)?.to_owned())));
    std::iter::once(path).chain(kept).collect()
}

/// The webhook's address.
pub(super) fn url(world: &World, reach: &Reach) -> Result<String, String> {
    let url = secret(world, "url", reach.url_env.as_deref(), reach.url_file.as_deref())?;
    url.ok_or_else(|| "settings.toml gives neither `url_env` nor `url_file`".to_owned())
}

/// The secret under which a webhook is signed, of the right form.
pub(super) fn signing(world: &World, reach: &Reach) -> Result<String, String> {
    let secret = secret(world, "secret", reach.secret_env.as_deref(), reach.secret_file.as_deref())?;
    let secret = secret.ok_or("settings.toml gives neither `secret_env` nor `secret_file`")?;
    webhook::key(&secret).map(|_| secret)
}

/// The mailer and the sender.
pub(super) fn mailer(reach: &Reach) -> Result<(Vec<String>, &str), String> {
    let from = reach.from.as_deref().ok_or("settings.toml gives no `from`")?;
    if !is_address(from) {
        return Err("`from` in settings.toml is no plain mail address".to_owned());
    }
    Ok((absolute("sendmail", reach.sendmail.as_deref())?, from))
}

/// The program that takes events.
pub(super) fn program(reach: &Reach) -> Result<Vec<String>, String> {
    absolute("command", reach.command.as_deref())
}

fn absolute(key: &str, argv: Option<&[String]>) -> Result<Vec<String>, String> {
    let argv = argv.ok_or_else(|| format!("settings.toml gives no `{key}`"))?;
    match argv.first() {
        Some(program) if program.starts_with('/') => Ok(argv.to_vec()),
        _ => Err(format!("`{key}` in settings.toml does not begin with the absolute path of a program")),
    }
}
