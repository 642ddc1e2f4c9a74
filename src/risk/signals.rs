//! The signals of the command itself: each a small named rule with its weight, reason and source.
//!
//! A signal may fire too often, never decide: it shows a reviewer what deserves a look, and escalations can only raise
//! what is needed. Sources: MITRE ATT&CK Enterprise (`T…`), GTFOBins functions, vendors' verbs. `docs/risk.md` holds the
//! same table for people; a test compares them.

use crate::risk::look::{Looked, Words};
use crate::risk::{rewrite, sql};

/// One rule.
#[derive(Debug, Clone, Copy)]
pub struct Signal {
    /// Its stable name, which `[risk] weights` takes.
    pub id: &'static str,
    /// From 0 to 100: how likely harm is where it alone fires, as a percentage.
    pub weight: u8,
    /// What it tells a reviewer.
    pub reason: &'static str,
    /// Where it comes from.
    pub source: &'static str,
    /// The command it fires for, as text; empty where it is the whole request.
    fires: fn(&Looked<'_>) -> Option<String>,
}

impl Signal {
    /// The command for which it fires.
    pub fn fires(&self, looked: &Looked<'_>) -> Option<String> {
        (self.fires)(looked)
    }
}

const fn signal(
    id: &'static str,
    weight: u8,
    reason: &'static str,
    source: &'static str,
    fires: fn(&Looked<'_>) -> Option<String>,
) -> Signal {
    Signal { id, weight, reason, source, fires }
}

/// All of them.
#[rustfmt::skip]
pub const SIGNALS: &[Signal] = &[
    // What destroys.
    signal("rm-recursive-force", 45, "deletes a tree of files without asking", "T1485", |r| r.find(|w| removes_tree(w) && (w.short("f") || w.has("--force")))),
    signal("rm-root", 90, "recursive change of a system or home directory", "T1485", |r| r.find(|w| (removes_tree(w) || changes_tree(w)) && (w.has("--no-preserve-root") || w.operands().any(is_root)))),
    signal("glob-delete", 25, "deletes whatever a pattern stands for", "T1485", |r| r.find(|w| w.is("rm rmdir unlink shred") && w.operands().any(|arg| arg.contains(['*', '?', '…'])))),
    signal("find-delete", 45, "deletes every file it finds", "T1485", |r| r.find(|w| w.is("find fd fdfind") && (w.has("-delete") || w.args.iter().any(|arg| arg == "rm" || arg.ends_with("/rm") || arg == "shred")))),
    signal("disk-write", 90, "writes to a disk below its file system", "T1561", |r| r.find(|w| w.name.starts_with("mkfs") || w.is("wipefs blkdiscard") || (w.is("dd") && w.args.iter().any(|arg| arg.starts_with("of=/dev/"))) || (w.is("sgdisk parted fdisk sfdisk") && !w.short("l"))).or_else(|| r.mentions(&["> /dev/sd", ">/dev/sd", "> /dev/nvme", ">/dev/nvme"]))),
    signal("file-shred", 25, "empties or overwrites files for good", "T1070.004", |r| r.find(|w| w.is("shred") || (w.is("truncate") && (w.has("-s --size") || w.args.iter().any(|arg| arg.starts_with("-s")))))),
    signal("fork-bomb", 80, "starts itself over and over", "T1499", |r| r.mentions(&[":|:&", ":|: &", ":| :&", ": | : &"])),
    signal("kill-wide", 30, "stops many processes at once", "T1489", |r| r.find(|w| w.is("killall pkill") || (w.is("kill") && w.has("-1") && w.args.len() > 1))),
    signal("service-stop", 35, "stops or disables a service", "T1489", |r| r.find(|w| (w.is("systemctl") && w.verb_starts("stop disable mask kill isolate")) || (w.is("service") && w.has("stop")) || (w.is("launchctl") && w.verb_starts("unload bootout")))),
    signal("host-power", 60, "switches a machine off or restarts it", "T1529", |r| r.find(|w| w.is("shutdown reboot halt poweroff") || (w.is("init telinit") && w.has("0 6")) || (w.is("systemctl") && w.has("reboot poweroff halt kexec")))),
    signal("git-destroy", 35, "discards or rewrites what git keeps", "git manual", |r| r.find(|w| w.is("git") && ((w.has("push") && (w.has("--force -f --force-with-lease --delete -d --mirror") || w.operands().any(|arg| arg.starts_with('+')))) || (w.has("reset") && w.has("--hard")) || (w.has("clean") && w.short("f")) || (w.has("branch") && w.has("-D")) || w.has("filter-branch filter-repo") || (w.has("reflog") && w.has("expire delete"))))),
    signal("backup-destroy", 70, "destroys snapshots or backups", "T1490", |r| r.find(|w| (w.is("restic") && w.has("forget prune")) || (w.is("borg") && w.has("delete prune compact")) || (w.is("zfs zpool") && w.has("destroy")) || w.is("lvremove vgremove pvremove") || (w.is("btrfs") && w.has("delete")) || w.is("vssadmin wbadmin") || (w.is("tmutil") && w.verb_starts("delete")) || (w.is("aws gcloud az") && w.args.iter().any(|arg| arg.contains("delete") && arg.contains("snapshot"))))),
    signal("cloud-delete", 50, "deletes or terminates cloud resources", "T1485, T1578.003", |r| r.find(|w| (w.is("aws") && (w.verb_starts("delete- terminate- deregister- purge- remove- rb") || (w.has("rm") && w.has("--recursive")))) || (w.is("gcloud az doctl hcloud linode-cli") && w.has("delete destroy purge")) || (w.is("gsutil") && w.has("rm rb")) || (w.is("heroku fly flyctl") && w.args.iter().any(|arg| arg.contains("destroy"))))),
    signal("cloud-log-off", 85, "switches a cloud's audit log off", "T1562.008", |r| r.find(|w| w.is("aws") && w.has("stop-logging delete-trail delete-detector stop-configuration-recorder delete-configuration-recorder delete-flow-logs") || (w.is("gcloud") && w.has("sinks") && w.has("delete")))),
    // What changes rights.
    signal("privilege", 15, "takes another user's rights", "T1548.003", |r| r.find(|w| w.is("sudo sudo-rs doas pkexec su runuser gosu su-exec"))),
    signal("setuid-cap", 60, "lets a program run with its owner's rights", "T1548.001", |r| r.find(|w| (w.is("chmod") && w.operands().any(sets_id)) || w.is("setcap"))),
    signal("world-writable", 25, "lets everybody write", "T1222.002", |r| r.find(|w| w.is("chmod") && w.operands().any(|arg| matches!(arg, "777" | "0777" | "666" | "0666" | "a+w" | "o+w" | "a+rw" | "o+rw" | "a+rwx" | "ugo+w" | "ugo+rwx")))),
    signal("recursive-owner", 35, "changes owner or mode of a whole tree", "T1222.002", |r| r.find(changes_tree)),
    signal("account-change", 60, "changes accounts or their passwords", "T1136, T1098", |r| r.find(|w| w.is("useradd adduser usermod userdel deluser groupadd groupmod gpasswd passwd chpasswd visudo vipw chage")).or_else(|| r.mentions(&["/etc/passwd", "/etc/shadow", "/etc/sudoers"]))),
    signal("ssh-keys", 60, "touches who may log in by ssh", "T1098.004", |r| r.mentions(&["authorized_keys"]).or_else(|| r.find(|w| w.is("ssh-copy-id")))),
    signal("ns-escape", 60, "leaves or bends a container's walls", "T1611", |r| r.find(|w| w.is("nsenter chroot unshare") || (w.is("docker podman nerdctl") && (w.has("--privileged --pid=host --net=host --network=host --userns=host") || w.args.iter().any(|arg| arg.contains("/var/run/docker.sock") || arg.starts_with("/:/") || arg.starts_with("-v/:/") || arg.starts_with("--volume=/:/")))))),
    signal("iam-change", 55, "changes who may do what in a cloud or cluster", "T1098.001, T1098.003", |r| r.find(|w| (w.is("aws") && w.has("iam sso-admin organizations sts") && w.verb_starts("create attach put update delete add detach remove set tag")) || (w.is("gcloud gsutil") && w.args.iter().any(|arg| arg.contains("iam-policy") || arg == "iam")) || (w.is("az") && w.has("role") && w.has("assignment definition")) || (w.is("kubectl oc") && w.args.iter().any(|arg| arg.contains("rolebinding") || arg.starts_with("clusterrole"))))),
    signal("public-exposure", 60, "may open something to everybody", "T1530", |r| r.find(|w| w.args.iter().any(|arg| arg.contains("public-read") || arg.contains("0.0.0.0/0") || arg.contains("::/0") || arg.contains("\"Principal\":\"*\"") || arg.contains("\"Principal\": \"*\"") || arg == "allUsers" || arg.contains("allUsers:") || arg.contains("member=allUsers")))),
    signal("security-off", 70, "weakens what guards the machine", "T1562.001, T1562.004", |r| r.find(|w| (w.is("setenforce") && w.has("0 Permissive permissive")) || w.is("aa-disable aa-teardown") || (w.is("iptables ip6tables nft") && w.has("-F --flush flush")) || (w.is("ufw") && w.has("disable reset")) || (w.is("auditctl") && w.has("-e -D")) || (w.is("systemctl service") && w.verb_starts("stop disable mask") && w.args.iter().any(|arg| ["auditd", "falco", "fail2ban", "firewalld", "apparmor", "crowdsec", "osqueryd", "wazuh", "ufw"].iter().any(|name| arg.starts_with(name)))))),
    signal("self-tamper", 95, "touches expacti's own keys, policy or memory", "expacti", |r| r.find(|w| w.name == "expacti" && !w.has("policy") && w.has("approve deny join init identity sync doctor") || w.args.iter().any(|arg| arg.contains("/expacti/") || arg.ends_with("/expacti") || arg.contains(".expacti") || arg.contains("EXPACTI_")))),
    // What starts other things.
    signal("pipe-to-shell", 60, "feeds a shell or interpreter what nobody has seen", "T1059.004", |r| reason(r, &["standard input"])),
    signal("download-exec", 80, "may run what it downloads", "T1105", |r| r.find(|w| w.is("curl wget fetch aria2c http")).filter(|_| !r.tree.opaque.is_empty())),
    signal("decode-exec", 80, "may run what it decodes", "T1140, T1027", |r| r.find(|w| (w.is("base64 base32 basenc") && (w.short("d") || w.has("--decode"))) || (w.is("xxd") && w.short("r")) || (w.is("openssl") && w.has("enc base64") && w.has("-d")) || w.is("uudecode gunzip zcat")).filter(|_| !r.tree.opaque.is_empty())),
    signal("opaque", 50, "part of it cannot be taken apart", "expacti", |r| r.tree.opaque.first().cloned()),
    signal("inline-code", 25, "runs code given on the command line", "T1059.006", |r| r.flagged("inline-code")),
    signal("code-exec", 45, "its code can start other programs", "GTFOBins: command", |r| reason(r, &["can start programs"]).or_else(|| r.flagged("code-carrier"))),
    signal("eval-like", 35, "runs text as code", "T1059.004", |r| r.flagged("eval-like")),
    signal("gtfobin-option", 50, "an option starts another program", "GTFOBins: shell", |r| r.flagged("gtfobin-option")),
    signal("git-exec-config", 50, "a setting makes git start a program", "GTFOBins: git", |r| r.flagged("git-exec-config")),
    signal("untrusted-binary", 40, "the program lies where others than the system may put it", "T1574.007", |r| (!r.trusted).then(String::new)),
    signal("write-then-start", 50, "writes a file that it also starts: what was bound or shown of it is not what runs", "T1554", rewrite::find),
    signal("loader-env", 70, "a variable makes programs load other code", "T1574.006", |r| r.flagged("loader-env")),
    signal("path-override", 50, "changes where programs are found", "T1574.007", |r| r.find(|w| w.is("env export sudo") && w.args.iter().any(|arg| arg.starts_with("PATH=")))),
    signal("env-command", 40, "a variable names a program to start", "CVE-2026-22708", |r| r.flagged("env-command")),
    signal("deep-nesting", 20, "commands within commands within commands", "T1027", |r| r.commands.iter().find(|w| w.via.len() >= 3).map(|w| w.text.clone())),
    signal("many-commands", 15, "more than 20 commands at once", "expacti", |r| (r.commands.len() > 20).then(|| format!("{} commands", r.commands.len()))),
    signal("remote-exec", 20, "runs on another machine", "T1021.004", |r| r.find(|w| w.is("ssh ansible ansible-playbook pdsh mosh salt salt-ssh") || (w.is("aws") && w.has("send-command start-session execute-command")) || (w.is("gcloud az") && w.has("ssh run-command")))),
    signal("container-exec", 15, "runs inside a container", "T1609", |r| r.find(|w| w.is("docker podman nerdctl kubectl oc crictl") && w.has("exec run debug"))),
    signal("persistence", 50, "will run again by itself", "T1053.003, T1543.002", |r| r.find(|w| (w.is("crontab") && !w.has("-l")) || w.is("at batch") || (w.is("systemctl") && w.has("enable link daemon-reload")) || (w.is("launchctl") && w.verb_starts("load bootstrap"))).or_else(|| r.mentions(&["/etc/cron", "/etc/systemd/system", "/var/spool/cron"]))),
    signal("startup-file", 60, "changes what runs at login or by a hook", "T1546.004", |r| r.mentions(&[".bashrc", ".bash_profile", ".zshrc", ".profile", "/etc/profile", ".envrc", ".git/hooks"])),
    // What deceives.
    signal("control-chars", 40, "control characters in the command", "T1027", |r| r.flagged("control-chars")),
    signal("bidi-zero-width", 60, "invisible characters in the command", "T1036.002", |r| r.flagged("bidi-zero-width")),
    signal("homoglyph", 60, "its name only looks like another's", "T1036.005", |r| r.flagged("homoglyph")),
    signal("non-utf8", 15, "bytes that are no text", "expacti", |r| r.flagged("non-utf8")),
    signal("long-arg", 15, "an argument too long to read", "expacti", |r| r.flagged("long-arg")),
    signal("argv0-spoof", 50, "runs a program under another name", "T1036.005", |r| r.find(|w| (w.is("exec") && w.has("-a")) || w.has("--argv0"))),
    signal("symlink-command", 25, "the program is a link to one of another name", "T1036.005", |r| r.flagged("symlink-command").filter(|_| !r.trusted).map(|_| String::new())),
    // What takes or gives away.
    signal("credential-read", 45, "reads keys, tokens or passwords", "T1552.001, T1552.004", |r| r.mentions(&["/.ssh/id_", ".aws/credentials", ".kube/config", "/etc/shadow", ".netrc", ".pgpass", ".docker/config.json", "credentials.json"]).or_else(|| r.find(|w| w.args.iter().any(|arg| arg == ".env" || arg.ends_with("/.env") || arg.ends_with(".pem")) || (w.is("kubectl oc") && w.has("get describe") && w.has("secret secrets")) || (w.is("vault") && w.has("read kv")) || (w.is("aws") && w.has("export-credentials get-secret-value get-session-token")) || (w.is("gcloud") && w.has("print-access-token access"))))),
    signal("env-dump", 35, "lists all variables, secret ones too", "T1552", |r| r.find(|w| (w.is("printenv") || (w.is("env") && w.args.is_empty())) && r.commands.len() > 1).or_else(|| r.mentions(&["/environ"]))),
    signal("metadata-svc", 60, "asks the cloud for the machine's own credentials", "T1552.005", |r| r.mentions(&["169.254.169.254", "metadata.google.internal", "fd00:ec2::254", "169.254.170.2"])),
    signal("net-upload", 30, "sends data elsewhere", "T1048, T1567", |r| r.find(uploads)),
    signal("exfil-combo", 85, "reads credentials and sends data elsewhere", "T1048", |r| { let reads = r.mentions(&["/.ssh/id_", ".aws/credentials", ".kube/config", "/etc/shadow", "/environ", ".netrc"]).or_else(|| r.find(|w| w.is("printenv"))); reads.and_then(|_| r.find(uploads)) }),
    signal("dns-exfil", 50, "asks for a host name made when it runs", "T1048.003", |r| r.find(|w| w.is("dig host nslookup ping ping6") && w.args.iter().any(|arg| arg.contains('…')))),
    signal("reverse-shell", 95, "may hand a shell to another machine", "GTFOBins: reverse-shell", |r| r.mentions(&["/dev/tcp/", "/dev/udp/"]).or_else(|| r.find(|w| (w.is("nc ncat netcat") && (w.short("ec") || w.has("--exec --sh-exec"))) || (w.is("socat") && w.args.iter().any(|arg| arg.contains("EXEC:") || arg.contains("SYSTEM:")))))),
    signal("listener", 40, "opens a way in", "T1571", |r| r.find(|w| (w.is("nc ncat netcat") && w.short("l")) || (w.is("socat") && w.args.iter().any(|arg| arg.contains("LISTEN"))) || (w.is("ssh") && w.short("R")) || w.has("http.server") || w.is("ngrok cloudflared"))),
    signal("write-system", 50, "writes below a system directory", "GTFOBins: file-write", |r| r.find(|w| w.is("cp mv install tee ln rsync dd sed rm touch mkdir chmod chown") && writes(w).any(is_system)).or_else(|| r.mentions(&["> /etc/", ">/etc/", "> /usr/", ">/usr/", "> /boot/"]))),
    signal("log-tamper", 60, "removes traces", "T1070.002, T1070.003", |r| r.find(|w| (w.is("history") && w.has("-c")) || (w.is("journalctl") && w.args.iter().any(|arg| arg.starts_with("--vacuum"))) || (w.is("rm truncate shred tee mv") && w.args.iter().any(|arg| arg.starts_with("/var/log")))).or_else(|| r.mentions(&["HISTFILE"]))),
    // What changes a service.
    signal("prod-context", 25, "names production", "expacti", |r| r.find(|w| w.args.iter().any(|arg| names_production(arg))).or_else(|| variable(r, &["AWS_PROFILE", "KUBECONFIG", "ENV", "ENVIRONMENT", "STAGE", "RAILS_ENV", "NODE_ENV", "DJANGO_SETTINGS_MODULE"]))),
    signal("secret-write", 40, "changes a stored secret", "vendors' verbs", |r| r.find(|w| (w.is("vault") && w.has("put delete write patch")) || (w.is("aws") && w.has("secretsmanager ssm") && w.verb_starts("put- create- update- delete-")) || (w.is("kubectl oc") && w.has("create edit patch delete") && w.has("secret secrets")))),
    signal("k8s-mutate", 30, "changes a cluster", "T1609", |r| r.find(k8s_mutates)),
    signal("k8s-wide", 60, "changes a whole namespace, or everything", "T1609", |r| r.find(|w| k8s_mutates(w) && (w.has("--all -A --all-namespaces ns namespace namespaces node nodes crd") || (w.is("helm") && w.has("uninstall delete"))))),
    signal("tf-mutate", 45, "changes infrastructure", "vendors' verbs", |r| r.find(|w| (w.is("terraform tofu terragrunt") && w.has("apply import taint untaint destroy state force-unlock")) || (w.is("pulumi cdk sam serverless sls") && w.has("up deploy destroy refresh")))),
    signal("tf-destroy", 70, "destroys infrastructure", "vendors' verbs", |r| r.find(|w| w.is("terraform tofu terragrunt pulumi cdk serverless sls") && w.has("destroy -destroy remove"))),
    signal("auto-approve", 15, "skips the tool's own question", "vendors' verbs", |r| r.find(|w| w.has("-auto-approve --auto-approve --require-approval=never"))),
    signal("dns-change", 40, "changes names on the network", "vendors' verbs", |r| r.find(|w| w.has("change-resource-record-sets") || (w.is("gcloud az") && w.has("dns record-sets record-set") && w.has("create delete update transaction add remove")))),
    signal("sql-ddl", 45, "changes a database's structure or rights", "SQL", |r| sql::find(r, sql::is_ddl)),
    signal("sql-drop", 65, "drops or empties tables", "SQL, T1485", |r| sql::find(r, sql::is_drop)),
    signal("sql-unbounded", 60, "changes or deletes every row of a table", "SQL", |r| sql::find(r, sql::is_unbounded)),
    signal("sql-exec", 70, "lets the database start programs or write files", "GTFOBins: psql, mysql", |r| sql::find(r, sql::is_exec).or_else(|| r.flagged("sql-exec"))),
    signal("sql-lock", 35, "may hold a lock for long", "PostgreSQL manual", |r| sql::find(r, sql::is_locking)),
    signal("migration", 40, "migrates a database", "vendors' verbs", |r| r.find(|w| w.name.starts_with("migrate") || w.is("alembic flyway liquibase dbmate goose sqitch atlas sqlx diesel prisma knex") || (w.is("python python3 rails rake php artisan manage.py node npx npm pnpm yarn bundle make just mix dotnet") && w.operands().take(4).any(|arg| matches!(arg, "migrate" | "db:migrate" | "db:rollback" | "ecto.migrate"))))),
    signal("deploy", 30, "puts a new version into service", "vendors' verbs", |r| r.find(|w| w.name.starts_with("deploy") || w.is("cap") || w.operands().take(2).any(|arg| arg == "deploy" || arg == "rollback"))),
    signal("pkg-install", 25, "installs other people's code", "T1195", |r| r.find(|w| w.is("npm pnpm yarn pip pip3 pipx gem go cargo apt apt-get yum dnf brew apk pacman zypper snap") && w.has("install add i get -S"))),
    signal("publish", 40, "publishes under your name", "T1195", |r| r.find(|w| (w.is("npm pnpm yarn cargo gem poetry") && w.has("publish push")) || (w.is("twine") && w.has("upload")) || (w.is("docker podman") && w.has("push")) || (w.is("gh glab") && w.has("release") && w.has("create")))),
    signal("force-flag", 10, "skips the tool's own checks", "expacti", |r| r.find(|w| w.has("--force --yes --no-verify --insecure --skip-checks --no-check --assume-yes") || (w.is("apt apt-get yum dnf") && w.has("-y")) || (w.is("curl") && w.has("-k")))),
];

/// The signal of this name.
pub fn get(id: &str) -> Option<&'static Signal> {
    SIGNALS.iter().find(|signal| signal.id == id)
}

/// The first reason for opacity that holds one of these words.
fn reason(looked: &Looked<'_>, words: &[&str]) -> Option<String> {
    looked.tree.opaque.iter().find(|reason| words.iter().any(|word| reason.contains(word))).cloned()
}

/// The first of these bound variables whose value names production.
fn variable(looked: &Looked<'_>, names: &[&str]) -> Option<String> {
    use crate::domain::command::Value;
    looked.command.env.iter().find_map(|variable| {
        let Value::Plain(value) = &variable.value else { return None };
        let name = names.iter().find(|name| name.as_bytes() == variable.name)?;
        let value = String::from_utf8_lossy(value);
        names_production(&value).then(|| format!("{name}={}", crate::domain::shown::line(&value)))
    })
}

fn removes_tree(words: &Words) -> bool {
    words.is("rm") && (words.short("rR") || words.args.iter().any(|arg| arg.starts_with("--rec")))
}

fn changes_tree(words: &Words) -> bool {
    words.is("chmod chown chgrp setfacl") && (words.short("R") || words.has("--recursive"))
}

fn is_root(path: &str) -> bool {
    let path = path.trim_end_matches(['/', '*']);
    matches!(
        path,
        "" | "~"
            | "$HOME"
            | "."
            | ".."
            | "/etc"
            | "/usr"
            | "/var"
            | "/home"
            | "/boot"
            | "/lib"
            | "/root"
            | "/opt"
            | "/srv"
            | "/bin"
            | "/sbin"
    ) || path.strip_prefix("/home/").is_some_and(|rest| !rest.contains('/'))
}

fn is_system(path: &str) -> bool {
    ["/etc/", "/usr/", "/boot/", "/lib/", "/lib64/", "/bin/", "/sbin/"]
        .iter()
        .any(|directory| path.starts_with(directory))
}

/// What a command writes: its last operand, for some all of them.
fn writes(words: &Words) -> impl Iterator<Item = &str> {
    let last = words.is("cp mv install ln rsync");
    let operands: Vec<&str> = words.operands().collect();
    let from = if last { operands.len().saturating_sub(1) } else { 0 };
    let reads = words.is("sed") && !words.short("i") && !words.args.iter().any(|arg| arg.starts_with("--in-place"));
    operands
        .into_iter()
        .skip(if reads { usize::MAX } else { from })
        .map(|operand| operand.strip_prefix("of=").unwrap_or(operand))
}

fn sets_id(mode: &str) -> bool {
    let symbolic = mode.contains('+')
        && mode.split(',').any(|part| part.split_once('+').is_some_and(|(_, bits)| bits.contains('s')));
    let digits = mode.len() == 4 && mode.bytes().all(|digit| digit.is_ascii_digit());
    symbolic || (digits && matches!(mode.bytes().next(), Some(b'2' | b'4' | b'6')))
}

fn uploads(words: &Words) -> bool {
    let curl = words.is("curl")
        && words.args.iter().any(|arg| {
            matches!(arg.as_str(), "-d" | "-F" | "-T" | "--upload-file" | "--form")
                || arg.starts_with("--data")
                || arg.starts_with("-d@")
                || arg.starts_with("-F")
                || arg.starts_with("-T")
        });
    let remote = |path: &str| path.split_once(':').is_some_and(|(host, _)| !host.is_empty() && !host.contains('/'));
    let last = words.operands().last().unwrap_or_default();
    curl || (words.is("wget") && words.args.iter().any(|arg| arg.starts_with("--post") || arg.starts_with("--body")))
        || words.is("nc ncat netcat")
        || (words.is("scp rsync sftp") && remote(last))
        || (words.is("aws gsutil rclone mc s3cmd azcopy")
            && words.has("cp sync mv copy put")
            && (last.starts_with("s3://") || last.starts_with("gs://") || last.contains("blob.core") || remote(last)))
}

fn k8s_mutates(words: &Words) -> bool {
    (words.is("kubectl oc")
        && words.has(
            "delete apply patch scale drain cordon replace edit rollout create taint label annotate set autoscale",
        ))
        || (words.is("helm helmfile argocd flux")
            && words.has("install upgrade uninstall delete rollback apply sync destroy"))
}

/// `prod`, `production`, `prd` or `live` as a word of its own.
pub fn names_production(text: &str) -> bool {
    let text = text.to_lowercase();
    text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| matches!(word, "prod" | "production" | "prd" | "live"))
}

#[cfg(test)]
pub(in crate::risk) mod tests;
