//! What `ssh-keygen` is started with, where it signs for us.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::{Ran, Town, cast, public_line};

const POLICY: &str = "
[[approval_policies]]
name = \"any\"
pattern = \"*\"
requirement = \"any_of\"
reviewers = [\"alice\"]
";

/// It could load what a variable names, and whoever reads its environment would read our tokens.
#[test]
fn ssh_keygen_gets_the_way_to_the_key_and_nothing_else() {
    let town = Town::found(POLICY, &cast().person("alice").agent("bot"));
    let (seen, public, tools) = (town.path("seen"), town.path("bot.pub"), town.path("tools"));
    fs::create_dir(&tools).unwrap();
    fs::write(&public, public_line("bot")).unwrap();
    let stub = tools.join("ssh-keygen");
    fs::write(&stub, format!("#!/bin/sh\n/usr/bin/env > '{}'\necho no agent >&2\nexit 1\n", seen.display())).unwrap();
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = town.expacti("bot");
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    let path = std::env::join_paths([tools.clone(), "relative".into()].into_iter().chain(std::env::split_paths(&path)));
    command.env("PATH", path.unwrap()).env("EXPACTI_KEY", &public);
    for name in ["SSH_AUTH_SOCK", "SSH_ASKPASS", "DISPLAY"] {
        command.env(name, "needed");
    }
    for name in ["LD_AUDIT", "BASH_ENV", "GIT_DIR", "OPENSSL_CONF", "AWS_SECRET_ACCESS_KEY", "SSH_SOMETHING", "LANG"] {
        command.env(name, "/nonexistent");
    }
    let ran: Ran = command.args(["run", "--no-wait", "--", "true"]).output().unwrap().into();
    ran.expect(125).says("ssh-keygen did not sign: no agent");
    let seen = fs::read_to_string(seen).unwrap();
    // A shell sets the last ones itself.
    let mut names: Vec<&str> = seen.lines().filter_map(|line| Some(line.split_once('=')?.0)).collect();
    names.retain(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name));
    names.sort_unstable();
    assert_eq!(names, ["DISPLAY", "HOME", "LC_ALL", "PATH", "SSH_ASKPASS", "SSH_AUTH_SOCK"], "{seen}");
    let path = seen.lines().find_map(|line| line.strip_prefix("PATH=")).unwrap();
    assert!(path.starts_with(tools.to_str().unwrap()) && !path.contains("relative"), "{path}");
}

/// With no agent to be reached it ends before it reads what it should sign, and says so itself.
#[test]
fn what_ssh_keygen_says_is_told_also_where_it_never_read() {
    let town = Town::found(POLICY, &cast().person("alice").agent("bot"));
    let (public, tools) = (town.path("bot.pub"), town.path("tools"));
    fs::create_dir(&tools).unwrap();
    fs::write(&public, public_line("bot")).unwrap();
    let stub = tools.join("ssh-keygen");
    fs::write(&stub, "#!/bin/sh\necho no agent >&2\nexit 1\n").unwrap();
    fs::set_permissions(&stub, fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = town.expacti("bot");
    let path = command.get_envs().find(|(name, _)| *name == "PATH").unwrap().1.unwrap().to_owned();
    let path = std::env::join_paths([tools].into_iter().chain(std::env::split_paths(&path))).unwrap();
    // More than a pipe holds: to write it all, somebody must read.
    let long = "x".repeat(100_000);
    let ran: Ran = command
        .env("PATH", path)
        .env("EXPACTI_KEY", &public)
        .args(["run", "--no-wait", "--", "true", &long])
        .output()
        .unwrap()
        .into();
    ran.expect(125).says("ssh-keygen did not sign: no agent");
}
