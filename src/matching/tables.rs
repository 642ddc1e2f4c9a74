//! What programs do with their arguments: data, nothing else.
//!
//! Lists are blank-separated words. A program in none of them has every suffix of its arguments tried as a command, so
//! a missing wrapper costs nothing; a wrong `INERT` entry hides commands. Sources: manuals, GTFOBins, `docs/matching.md`.

use super::lookup::{Names, Words};

/// Programs whose arguments are data, when named bare or in a system directory.
pub(super) static INERT: Words = Words::new("
 [ ack addgroup adduser alsamixer apropos base32 base64 basename bat bc blkid brotli bunzip2 bzcat bzip2 bzgrep cal
 cat chgrp chmod chown chsh cksum clear cloc cmp code codium col column comm convert cp csplit ctags curl cut date dc df
 diff diff3 diffstat dig dir dircolors dirname dmesg dnf dos2unix dpkg-deb dpkg-query du dust echo egrep eject emacs exa
 expand expr eza factor fallocate false fdfind ffmpeg ffprobe fgrep figlet file fmt fold free fuser getconf
 getent getfacl gh glab glow gpg gpg2 grep groups gsutil gunzip gzip head helm hexdump hexyl host hostid hostname
 hostnamectl htop http httpie hwclock iconv id identify ifconfig imagemagick install iostat ipcalc iptables-save jobs
 join journalctl jp jq keychain kill killall kubectx kubens last lastlog ldd less link ln locale localectl locate logger
 loginctl logname look lolcat ls lsattr lsb_release lsblk lscpu lsd lsmod lsof lspci lsusb lz4 lzcat lzma lzop magick man
 mc md5 md5sum mdadm mdls mkdir mkfifo mknod mktemp modinfo more most mount mpstat mv nano netstat nl nm
 notify-send nproc nslookup ntpq numfmt objdump od open openssl oxipng pandoc passwd paste patchelf pathchk pdftotext
 pgrep pico pidof pidstat ping ping6 pinky pkill pr printenv printf ps pstree ptx pwd pwdx pygmentize pytest py.test qrencode
 rar readelf readlink realpath rename renice restic reset rev rg rm rmdir rustfmt s3cmd sar scp rsync mail mailx gcc g++ cc c++ clang clang++ javac rustc tsc eslint jest ag patch ssh-add service chkconfig tcpdump tshark seq sftp sha1sum
 sha224sum sha256sum sha384sum sha512sum shasum shellcheck shfmt shred shuf size sl sleep snap sort speedtest split ss
 stat strings strip stty sum sw_vers sync sysctl systemctl tac tail tar tee terraform test tftp tig tload
 tofu top touch tput tr tracepath traceroute traceroute6 tree true truncate tsort tty ul umount uname unexpand uniq unix2dos
 unlink unrar unxz unzip upower uptime users uuidgen uuencode uudecode vdir vi vim vimdiff view nvim ex gvim vmstat w wall
 wc wget whatis whereis which who whoami xdg-open xxd xz xzcat xzgrep yamllint yes yq zcat zdiff zgrep zip
 zipinfo zless zmore zstd zstdcat zstdgrep apt apt-get apt-cache aptitude yum brew pacman apk zypper pip pip3 pipx gem
 dpkg rpm black ruff flake8 mypy isort pylint prettier dot plantuml exiftool youtube-dl
 yt-dlp aria2c axel mtr nmap whois arp route groupadd groupdel groupmod useradd userdel usermod
 sha3sum b2sum b3sum cfssl cksfv fc-list fc-cache gpgconf lpr lpstat lpq lprm scanimage aplay arecord pactl amixer
 pbcopy pbpaste xclip xsel wl-copy wl-paste sips say plutil cpio ar ranlib aws
 gcloud az kubectl oc docker podman nerdctl systemd-analyze timedatectl resolvectl networkctl dmidecode
 hdparm smartctl lshw lsns lslocks lslogins lsmem lsipc cpupower tzselect uuid ncal units zpool zfs lvs vgs pvs
 lvdisplay vgdisplay pvdisplay swapon swapoff mkswap getcap setcap getfattr setfattr chattr
 ifup ifdown iw iwconfig nmcli rfkill ethtool tc brctl vercmp pv progress dialog whiptail gpasswd chage
 chfn svn fossil cargo go mysqldump pg_dump pg_restore redis-cli mongodump mongorestore
 git-lfs hub type tldr cheat fortune cowsay neofetch fastfetch screenfetch");

/// What the shell itself runs and takes as data, beside the programs of the same name.
pub(super) static INERT_BUILTINS: Words = Words::new("
 : [ break bg caller cd continue disown echo exit false fg getopts hash jobs kill logout popd printf pushd pwd read return set
 shift suspend test times true type ulimit umask unalias unset wait export readonly local typeset declare whence which
 where integer float print dirs history");

/// Builtins that can give text back to the shell as code, or change how it reads what follows.
pub(super) static OPAQUE_BUILTINS: Words = Words::new("
 alias autoload bind bindkey compctl compgen complete compopt coproc disable emulate enable fc functions global let
 mapfile options readarray sched setopt shopt unfunction unsetopt vared zcompile zformat zle zmodload
 zparseopts zprof zstyle zsocket ztcp nameref");

/// What to do when a wrapper names no command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bare {
    /// Nothing runs.
    Nothing,
    /// A shell or its like reads standard input.
    Shell,
}

/// Every word of the names in `WRAPPERS`, `OTHER_SHELLS` and `INTERPRETERS`.
pub(super) static RUNNERS: Names = {
    let mut names = Names::NONE.and(OTHER_SHELLS.text());
    let mut rest: &[Wrapper] = WRAPPERS;
    while let Some((wrapper, after)) = rest.split_first() {
        let mut each = wrapper.names;
        while let Some((name, after)) = each.split_first() {
            names = names.and(name);
            each = after;
        }
        rest = after;
    }
    let mut rest: &[Interpreter] = INTERPRETERS;
    while let Some((interpreter, after)) = rest.split_first() {
        names = names.and(interpreter.names);
        rest = after;
    }
    names
};

/// Every word of the names in `ESCAPES`.
pub(super) static ESCAPING: Names = {
    let mut names = Names::NONE;
    let mut rest: &[Escape] = ESCAPES;
    while let Some((escape, after)) = rest.split_first() {
        names = names.and(escape.names);
        rest = after;
    }
    names
};

/// A program that executes its operand.
#[derive(Debug)]
pub(super) struct Wrapper {
    /// Its names; two words are program and sub-command.
    pub names: &'static [&'static str],
    /// Short options without a value.
    pub flags: &'static str,
    /// Short options with one.
    pub values: &'static str,
    /// Long options without a value.
    pub long_flags: &'static str,
    /// Long options with one.
    pub long_values: &'static str,
    /// Operands before the command.
    pub skip: usize,
    /// Whether it takes `NAME=value` before the command.
    pub assigns: bool,
    /// Options, as written, whose value is a shell script.
    pub scripts: &'static str,
    /// Options, as written, whose value is a program that runs with the operands.
    pub programs: &'static str,
    /// Options may also stand between those operands and the command.
    pub late: bool,
    pub bare: Bare,
}

const W: Wrapper = Wrapper {
    names: &[],
    flags: "",
    values: "",
    long_flags: "",
    long_values: "",
    skip: 0,
    assigns: false,
    scripts: "",
    programs: "",
    late: false,
    bare: Bare::Nothing,
};

/// Wrappers that leave standard input, directory and files as they are.
pub(super) const STAYING: &str = "env genv nohup setsid time gtime nice ionice chrt taskset stdbuf timeout gtimeout strace ltrace sudo sudo-rs doas command builtin exec noglob nocorrect -";

/// Their options that do not.
pub(super) const ELSEWHERE: &str = "-C --chdir -D -R --chroot -i --login -h --host -S --split-string --stdin";

pub(super) const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        names: &["env", "genv"],
        flags: "0iv",
        values: "uCSaP",
        long_flags: "--ignore-environment --null --debug --list-signal-handling --block-signal --default-signal --ignore-signal --version --help",
        long_values: "--unset --chdir --split-string --argv0",
        assigns: true,
        scripts: "-S --split-string",
        ..W
    },
    Wrapper {
        names: &["sudo", "sudo-rs"],
        flags: "AbBEHKklnNPSVvsie",
        values: "CDghpRrTtUu",
        long_flags: "--askpass --background --bell --preserve-env --set-home --list --non-interactive --preserve-groups --stdin --version --validate --remove-timestamp --reset-timestamp --no-update --help --shell --login --edit",
        long_values: "--close-from --chdir --group --host --prompt --chroot --role --command-timeout --type --other-user --user",
        assigns: true,
        ..W
    },
    Wrapper { names: &["doas"], flags: "nL", values: "Cu", bare: Bare::Shell, ..W },
    Wrapper { names: &["pkexec"], long_flags: "--disable-internal-agent --keep-cwd --version --help", long_values: "--user", bare: Bare::Shell, ..W },
    Wrapper { names: &["nohup", "linux32", "linux64", "i386", "x86_64"], flags: "BFILRSTXZ3v", long_flags: "--addr-no-randomize --addr-compat-layout --version --help", ..W },
    Wrapper { names: &["setsid"], flags: "cfw", long_flags: "--ctty --fork --wait --version --help", ..W },
    Wrapper { names: &["time", "gtime"], flags: "apvqlhV", values: "fo", long_flags: "--append --verbose --portability --quiet", long_values: "--format --output", assigns: true, ..W },
    Wrapper { names: &["nice"], flags: "0123456789", values: "n", long_values: "--adjustment", long_flags: "--version --help", ..W },
    Wrapper { names: &["ionice"], flags: "t", values: "cnpPu", long_flags: "--ignore", long_values: "--class --classdata --pid --pgid --uid", ..W },
    Wrapper { names: &["chrt"], flags: "abdfiormRv", values: "TPD", long_flags: "--all-tasks --batch --deadline --fifo --idle --other --rr --reset-on-fork --verbose --max", long_values: "--sched-runtime --sched-period --sched-deadline", skip: 1, ..W },
    Wrapper { names: &["taskset"], flags: "ac", long_flags: "--all-tasks --cpu-list", skip: 1, ..W },
    Wrapper { names: &["stdbuf", "unbuffer"], flags: "p", values: "ioe", long_values: "--input --output --error", ..W },
    Wrapper { names: &["timeout", "gtimeout"], flags: "vfp", values: "ks", long_flags: "--foreground --preserve-status --verbose", long_values: "--kill-after --signal", skip: 1, ..W },
    Wrapper { names: &["chroot"], long_flags: "--skip-chdir", long_values: "--groups --userspec", skip: 1, bare: Bare::Shell, ..W },
    Wrapper { names: &["unshare"], flags: "fimnprTUuCc", values: "RSwG", long_flags: "--fork --pid --mount-proc --mount --uts --ipc --net --user --cgroup --time --map-root-user --map-current-user --map-auto --kill-child --keep-caps", long_values: "--root --wd --setuid --setgid --propagation --setgroups --map-user --map-group --map-users --map-groups --monotonic --boottime", bare: Bare::Shell, ..W },
    Wrapper { names: &["nsenter"], flags: "amuinpUCTFeZrwW", values: "tSGN", long_flags: "--all --mount --uts --ipc --net --pid --user --cgroup --time --no-fork --preserve-credentials --keep-caps --root --wd --env", long_values: "--target --setuid --setgid", bare: Bare::Shell, ..W },
    Wrapper { names: &["setpriv"], flags: "d", long_flags: "--clear-groups --keep-groups --init-groups --no-new-privs --reset-env --dump --nnp", long_values: "--reuid --regid --ruid --rgid --euid --egid --groups --inh-caps --ambient-caps --bounding-set --securebits --selinux-label --apparmor-profile --pdeathsig", ..W },
    Wrapper { names: &["strace"], flags: "cCdDfFhikqrtTvVwxyYzZnN", values: "abeEIoOpPsSuUX", long_flags: "--follow-forks --summary --summary-only --debug", long_values: "--output --trace --attach", ..W },
    Wrapper { names: &["ltrace"], flags: "bcCfhiLrStTV", values: "aADeFlnopsuwx", ..W },
    Wrapper { names: &["flock"], flags: "eFnosuxv", values: "wEc", long_flags: "--nonblock --nb --shared --exclusive --unlock --close --no-fork --verbose", long_values: "--wait --timeout --conflict-exit-code --command", skip: 1, scripts: "-c --command", late: true, ..W },
    Wrapper { names: &["kubectl exec", "oc exec", "kubectl debug", "kubectl attach", "kubectl run", "oc run", "oc debug"], flags: "itq", values: "nclf", long_flags: "--stdin --tty --quiet --rm --attach --command --wait --expose --privileged", long_values: "--namespace --container --context --cluster --user --kubeconfig --image --restart --env --labels --port --target --copy-to --profile --overrides --pod-running-timeout --request-timeout --share-processes", skip: 1, late: true, ..W },
    Wrapper { names: &["lxc exec", "incus exec"], flags: "tTnq", long_flags: "--force-interactive --force-noninteractive --disable-stdin", long_values: "--cwd --env --group --mode --user --project", skip: 1, late: true, ..W },
    Wrapper { names: &["chpst", "envuidgid", "softlimit"], flags: "vP012", values: "uUbeMnldmofprcta", ..W },
    Wrapper { names: &["gosu", "su-exec", "setuidgid", "s6-setuidgid"], flags: "v", skip: 1, ..W },
    Wrapper { names: &["tini", "dumb-init", "catatonit", "docker-init", "s6-setsid"], flags: "sgvwhcV", values: "pre", long_flags: "--single-child --verbose --subreaper --warn-on-reap", long_values: "--rewrite", ..W },
    Wrapper { names: &["command"], flags: "pvV", ..W },
    Wrapper { names: &["exec"], flags: "cl", values: "a", ..W },
    Wrapper { names: &["builtin", "noglob", "nocorrect", "-"], ..W },
    Wrapper { names: &["numactl"], flags: "alsHSh", values: "ipNmCPwPb", long_flags: "--all --localalloc --show --hardware", long_values: "--interleave --preferred --cpunodebind --membind --physcpubind", ..W },
    Wrapper { names: &["prlimit"], long_flags: "--noheadings --raw --verbose --core --cpu --nofile --nproc --as --data --fsize --stack --memlock", ..W },
    Wrapper {
        names: &["systemd-run"],
        flags: "drPtGSqh",
        values: "HMpuE",
        long_flags: "--user --system --scope --remain-after-exit --wait --pty --pipe --quiet --collect --no-block --shell --no-ask-password --same-dir --send-sighup --slice-inherit",
        long_values: "--unit --property --description --slice --uid --gid --nice --working-directory --setenv --host --machine --service-type --on-calendar --on-active --on-boot --on-unit-active --timer-property",
        bare: Bare::Shell,
        ..W
    },
    Wrapper { names: &["systemd-inhibit", "caffeinate", "gnome-session-inhibit"], flags: "dimsu", values: "tw", long_flags: "--list", long_values: "--what --who --why --mode --app-id --reason --inhibit", ..W },
    Wrapper { names: &["xvfb-run"], flags: "al", values: "efnpsw", long_flags: "--auto-servernum --listen-tcp", long_values: "--error-file --auth-file --server-num --xauth-protocol --server-args --wait", ..W },
    Wrapper { names: &["dbus-run-session", "dbus-launch"], long_flags: "--exit-with-session --sh-syntax", long_values: "--config-file --dbus-daemon", ..W },
    Wrapper { names: &["fakeroot"], flags: "uh", values: "lsib", long_flags: "--unknown-is-real", long_values: "--lib --faked", bare: Bare::Shell, ..W },
    Wrapper { names: &["torsocks", "torify", "usewithtor", "proxychains", "proxychains4", "tsocks"], flags: "qi", values: "fau", long_flags: "--isolate", ..W },
    Wrapper { names: &["faketime", "datefudge", "libfaketime"], flags: "mp", values: "f", skip: 1, ..W },
    Wrapper { names: &["busybox", "toybox", "coreutils", "toolbox-busybox"], long_flags: "--list --list-full --help --install", ..W },
    Wrapper { names: &["firejail"], flags: "", long_flags: "--quiet --noprofile --private --seccomp --caps --nonet --appimage", bare: Bare::Shell, ..W },
    Wrapper { names: &["expacti run"], long_flags: "--no-wait --json --quiet", long_values: "--wait --repo --key --stdin --reason", ..W },
    Wrapper { names: &["ip netns exec", "ip vrf exec"], skip: 1, ..W },
    Wrapper { names: &["cpulimit"], flags: "bfizv", values: "lpP", long_values: "--limit", ..W },
    Wrapper { names: &["catchsegv", "eatmydata", "ccache", "distcc", "sccache", "optirun", "primusrun", "prime-run", "chronic", "ifne", "vglrun", "winpty", "rlwrap", "multitime"], ..W },
    Wrapper { names: &["docker exec", "podman exec", "nerdctl exec", "docker container exec", "podman container exec"], flags: "dit", values: "euw", long_flags: "--detach --interactive --tty --privileged --latest", long_values: "--env --env-file --user --workdir --detach-keys", skip: 1, ..W },
    Wrapper { names: &["docker compose exec", "docker-compose exec", "podman-compose exec", "podman compose exec"], flags: "dT", values: "euw", long_flags: "--detach --privileged --no-TTY --interactive --no-tty", long_values: "--env --user --workdir --index", skip: 1, ..W },
    Wrapper {
        names: &["docker run", "podman run", "nerdctl run", "docker create", "podman create", "docker container run", "podman container run"],
        flags: "ditPq",
        values: "aceghlmpuvw",
        long_flags: "--rm --detach --interactive --tty --privileged --init --read-only --publish-all --no-healthcheck --quiet --sig-proxy --oom-kill-disable",
        long_values: "--name --env --env-file --volume --publish --network --net --user --workdir --entrypoint --mount --label --memory --cpus --platform --pull --restart --hostname --add-host --cap-add --cap-drop --device --dns --expose --gpus --group-add --ip --ipc --link --log-driver --log-opt --pid --pids-limit --security-opt --shm-size --stop-signal --stop-timeout --tmpfs --ulimit --userns --uts --volumes-from --cidfile --runtime --attach --annotation --cgroupns --cpu-shares --cpuset-cpus",
        skip: 1,
        programs: "--entrypoint",
        ..W
    },
];

/// Shells whose text the recogniser reads: name and dialect.
pub(super) const SHELLS: &[(&str, char)] = &[
    ("sh", 'p'), ("dash", 'p'), ("ash", 'p'), ("posh", 'p'), ("yash", 'p'), ("bash", 'b'), ("rbash", 'b'), ("bash5", 'b'),
    ("zsh", 'z'), ("rzsh", 'z'), ("ksh", 'k'), ("ksh93", 'k'), ("mksh", 'k'), ("lksh", 'k'), ("oksh", 'k'), ("pdksh", 'k'),
    ("rksh", 'k'), ("loksh", 'k'),
];

/// Shells whose grammar is another.
pub(super) static OTHER_SHELLS: Words = Words::new(
    "csh tcsh fish pwsh powershell powershell.exe pwsh-preview nu nushell elvish xonsh rc es oil osh ysh ion scsh cmd cmd.exe murex ngs closh",
);

/// A program that reads code: names, options that carry it, options with another value.
#[derive(Debug)]
pub(super) struct Interpreter {
    pub names: &'static str,
    /// Short options whose value is code; also in clusters.
    pub code: &'static str,
    /// Long options, or sub-commands, whose value is code.
    pub long_code: &'static str,
    /// Short options with another value.
    pub values: &'static str,
    /// Options that load or run something that is not seen.
    pub opaque: &'static str,
    /// The first operand is code, if no option brings it.
    pub operand_is_code: bool,
}

pub(super) const INTERPRETERS: &[Interpreter] = &[
    Interpreter { names: "python python2 python3 pypy pypy3 ipython ipython3 micropython jython sage", code: "c", long_code: "", values: "WXQ", opaque: "", operand_is_code: false },
    Interpreter { names: "perl perl5 raku perl6", code: "eE", long_code: "", values: "", opaque: "-d -M -m -x", operand_is_code: false },
    Interpreter { names: "ruby irb jruby rbx truffleruby mruby", code: "e", long_code: "", values: "rIECxF", opaque: "", operand_is_code: false },
    Interpreter { names: "node nodejs bun iojs", code: "ep", long_code: "--eval --print -pe eval", values: "rC", opaque: "--require -r --import --loader --experimental-loader --preload --env-file", operand_is_code: false },
    Interpreter { names: "deno", code: "", long_code: "eval", values: "", opaque: "--preload --import", operand_is_code: false },
    Interpreter { names: "php php7 php8 php-cgi hhvm", code: "rBRE", long_code: "--run --process-begin --process-code --process-end", values: "cdfFStz", opaque: "-d --define -z", operand_is_code: false },
    Interpreter { names: "lua luajit lua5.1 lua5.2 lua5.3 lua5.4 texlua luau", code: "e", long_code: "", values: "l", opaque: "", operand_is_code: false },
    Interpreter { names: "Rscript R julia octave octave-cli guile racket scala groovy elixir iex erl ghci runghc sbcl clisp ecl gst maxima swipl gforth tclsh wish osascript coffee ts-node tsx crystal janet fennel bb clojure clj jshell kotlin kotlinc", code: "eE", long_code: "--eval --expr -eval --evaluate --execute --print", values: "l", opaque: "", operand_is_code: false },
    Interpreter { names: "expect", code: "c", long_code: "", values: "d", opaque: "", operand_is_code: false },
    Interpreter { names: "awk gawk mawk nawk original-awk goawk bwk", code: "e", long_code: "--source", values: "Fvf", opaque: "-l -i -E --load --include --exec --debug -D", operand_is_code: true },
    Interpreter { names: "gdb lldb", code: "", long_code: "-ex --eval-command -iex -o -O", values: "xpc", opaque: "-x --command -s --source", operand_is_code: false },
];

/// Ways that code starts programs or hides that it does.
pub(super) const PRIMITIVES: &[&str] = &[
    "system", "subprocess", "exec", "spawn", "popen", "eval", "__import__", "getattr", "`", "ctypes", "child_process",
    "importlib", "Command", "pty", "fork", "%x", "qx", "passthru", "proc_open", "pcntl", "Kernel", "instance_eval",
    "send(", "Function(", "dlopen", "loadstring", "dofile", " load(", "(load(", ";load(", "=load(", "compile(", "builtins", "globals(", "Runtime",
    "ProcessBuilder", "runpy", "codecs", "base64", "marshal", "pickle", "import_module", "require(", "open3", "IO.",
    "shell_exec", "getline", "|'", "'|", "import(", "__dict__", "vars(", "|\"", "\"|", "assert(", "preg_replace", "create_function", "call_user", "fromCharCode",
    "atob", "process.binding", "process.mainModule", "startfile", "posix", "sys.modules", "__builtins__", "__class__",
    "syscall", "System.", "os:cmd", "sys.process", "java.shell", "shell script",
];

/// Options of otherwise harmless programs whose value starts a program.
#[derive(Debug)]
pub(super) struct Escape {
    /// Names; two words are program and sub-command.
    pub names: &'static str,
    /// Options as written; a long one also in every abbreviation.
    pub options: &'static str,
}

pub(super) const ESCAPES: &[Escape] = &[
    Escape { names: "tar bsdtar gtar", options: "-I --use-compress-program --to-command --rsh-command -F --info-script --new-volume-script --checkpoint-action --rmt-command" },
    Escape { names: "zip", options: "-TT --unzip-command" },
    Escape { names: "tcpdump", options: "-z --postrotate-command" },
    Escape { names: "tshark dumpcap", options: "-z -X" },
    Escape { names: "man", options: "-P --pager -H --html -p --preprocessor" },
    Escape { names: "sort gsort", options: "--compress-program" },
    Escape { names: "split gsplit", options: "--filter" },
    Escape { names: "rg", options: "--pre --hostname-bin" },
    Escape { names: "fzf sk", options: "--preview --bind -c --cmd" },
    Escape { names: "ssh scp sftp sshfs mosh autossh", options: "-S -P --ssh --server" },
    Escape { names: "rsync", options: "-e --rsh --rsync-path -M --remote-option" },
    Escape { names: "nc ncat netcat nc.openbsd nc.traditional", options: "-e -c --exec --sh-exec --lua-exec" },
    Escape { names: "helm", options: "--post-renderer" },
    Escape { names: "wget", options: "--use-askpass" },
    Escape { names: "less more most", options: "--pipe" },
    Escape { names: "bat", options: "--pager" },
    Escape { names: "dpkg", options: "--pre-invoke --post-invoke" },
    Escape { names: "svn", options: "--editor-cmd --diff-cmd --diff3-cmd --config-option" },
    Escape { names: "hg", options: "--config" },
    Escape { names: "logrotate", options: "--mail -m" },
    Escape { names: "cpio", options: "--rsh-command" },
    Escape { names: "gpg gpg2", options: "--photo-viewer --exec-path --agent-program --dirmngr-program --pinentry-program" },
    Escape { names: "go", options: "-exec -toolexec -vettool" },
    Escape { names: "cargo", options: "--config" },
    Escape { names: "restic rclone", options: "--password-command -o --option" },
    Escape { names: "pv", options: "--exec" },
    Escape { names: "openssl", options: "-engine" },
    Escape { names: "pip pip3", options: "--global-option --install-option" },
    Escape { names: "open xdg-open", options: "-a" },
    Escape { names: "gcc g++ cc c++ clang clang++", options: "-wrapper -fplugin -specs" },
    Escape { names: "mutt", options: "-e" },
    Escape { names: "entr watchexec nodemon reflex", options: "-x --exec -c --shell" },
    Escape { names: "runc crun", options: "--runtime" },
    Escape { names: "borg", options: "--rsh --remote-path" },
    Escape { names: "git clone", options: "-u --upload-pack" },
    Escape { names: "git fetch", options: "--upload-pack" },
    Escape { names: "git pull", options: "--upload-pack" },
    Escape { names: "git ls-remote", options: "--upload-pack --exec" },
    Escape { names: "git push", options: "--receive-pack --exec" },
    Escape { names: "git archive", options: "--exec" },
    Escape { names: "git fetch-pack", options: "--upload-pack --exec" },
    Escape { names: "git send-pack", options: "--receive-pack --exec" },
    Escape { names: "git rebase", options: "-x --exec" },
    Escape { names: "git difftool", options: "-x --extcmd" },
    Escape { names: "git grep", options: "-O --open-files-in-pager" },
    Escape { names: "git filter-branch", options: "--env-filter --tree-filter --index-filter --parent-filter --msg-filter --commit-filter --tag-name-filter --setup" },
    Escape { names: "git send-email", options: "--to-cmd --cc-cmd --smtp-server --sendmail-cmd --header-cmd" },
    Escape { names: "git instaweb", options: "-d --httpd -b --browser" },
    Escape { names: "git credential-cache git help git web--browse", options: "-b --browser -t --tool" },
    Escape { names: "git interpret-trailers", options: "--trailer" },
];

/// Sub-commands of programs in `INERT` that do take commands, so that every suffix is tried after all.
pub(super) const RUNNING: &[(&str, &str)] = &[
    ("gh", "alias extension ext codespace cs"),
    ("glab", "alias"),
    ("cargo", "run r script make xtask"),
    ("go", "run generate tool"),
    ("pip", ""),
    ("brew", "sh command"),
    ("pipx", "run runpip"),
    ("gem", "exec"),
    ("snap", "run"),
    ("kubectl", "exec run debug attach plugin"),
    ("oc", "exec run debug rsh attach rsync plugin"),
    ("docker", "exec run create compose container service plugin buildx sandbox"),
    ("podman", "exec run create compose container machine unshare generate"),
    ("nerdctl", "exec run create compose container"),
    ("helm", "plugin"),
    ("aws", "configure"),
    ("systemctl", "edit"),
    ("apt", ""),
    ("rpm", "--eval -E --pipe"),
    ("zfs", "program"),
    ("sysctl", "kernel.core_pattern"),
];

/// Options that take a value and stand before the sub-command.
pub(super) const GLOBALS: &[(&str, &str)] = &[
    ("aws", "--profile --region --output --query --endpoint-url --ca-bundle --cli-read-timeout --cli-connect-timeout --cli-binary-format --color"),
    ("gh", "-R --repo --hostname"),
    ("helm", "-n --namespace --kube-context --kubeconfig --kube-apiserver --kube-as-user --kube-token"),
    ("kubectl", "-n --namespace --context --cluster --kubeconfig -s --server --user --token --as --as-group --request-timeout -v"),
    ("oc", "-n --namespace --context --cluster --kubeconfig -s --server --user --token --as --as-group --request-timeout -v"),
    ("docker", "-H --host -c --context --config -l --log-level"),
    ("podman", "-c --connection --url --log-level --root --runroot --identity"),
    ("nerdctl", "-n --namespace -a --address -H --host"),
];

/// Sub-commands known to take data, of programs that pass unknown ones on to plugins.
pub(super) const SUBCOMMANDS: &[(&str, &str)] = &[
    ("gh", "api attestation auth browse cache completion config gist gpg-key help issue label org pr preview project release repo ruleset run search secret ssh-key status variable workflow"),
    ("cargo", "add b bench build c check clean clippy d doc fetch fix fmt generate-lockfile help info init install login logout metadata new owner package pkgid publish remove report rustc rustdoc search t test tree uninstall update vendor version yank"),
    ("kubectl", "annotate api-resources api-versions apply auth autoscale certificate cluster-info completion config cordon cp create delete describe diff drain edit events explain expose get help kustomize label logs options patch port-forward proxy replace rollout scale set taint top uncordon version wait"),
    ("oc", "annotate api-resources api-versions apply auth autoscale cluster-info completion config cordon cp create delete describe diff drain edit events explain expose get help kustomize label logs login logout new-app new-project options patch policy port-forward process project projects proxy replace rollout scale set start-build status tag taint top uncordon version wait whoami"),
    ("docker", "attach build commit config context cp diff events export history image images import info inspect kill load login logout logs manifest network node pause port ps pull push rename restart rm rmi save search secret stack start stats stop swarm system tag top trust unpause update version volume wait"),
    ("podman", "attach auto-update build commit cp diff events export healthcheck history image images import info init inspect kill load login logout logs manifest mount network pause pod port ps pull push rename restart rm rmi save search secret start stats stop system tag top umount unpause untag update version volume wait"),
    ("helm", "completion create dependency env get help history install lint list ls package pull push registry repo rollback search show status template test uninstall upgrade verify version"),
    ("git", "add am annotate apply archimport archive bisect blame branch bugreport bundle cat-file check-attr check-ignore check-mailmap check-ref-format checkout checkout-index cherry cherry-pick citool clean clone column commit commit-graph commit-tree config count-objects credential credential-cache credential-store describe diagnose diff diff-files diff-index diff-tree difftool fast-export fast-import fetch fetch-pack filter-branch fmt-merge-msg for-each-ref format-patch fsck gc get-tar-commit-id gitk grep gui hash-object help hook index-pack init init-db instaweb interpret-trailers lfs log ls-files ls-remote ls-tree mailinfo mailsplit maintenance merge merge-base merge-file merge-index merge-tree mergetool mktag mktree multi-pack-index mv name-rev notes pack-objects pack-refs patch-id prune prune-packed pull push range-diff read-tree rebase receive-pack reflog refs remote repack replace request-pull rerere reset restore rev-list rev-parse revert rm send-email send-pack shortlog show show-branch show-index show-ref sparse-checkout stage stash status stripspace submodule switch symbolic-ref tag unpack-file unpack-objects update-index update-ref update-server-info upload-pack var verify-commit verify-pack verify-tag version whatchanged worktree write-tree"),
];

/// Variables that make programs load or run code that is not seen.
pub(super) static LOADER_VARIABLES: Words = Words::new("
 PATH BASH_ENV ENV IFS PS4 PS0 PROMPT_COMMAND SHELLOPTS BASHOPTS ZDOTDIR FPATH fpath path ZSH_EVAL CDPATH BASH_LOADABLES_PATH
 PYTHONSTARTUP PYTHONPATH PYTHONHOME PYTHONINSPECT PYTHONBREAKPOINT PYTHONUSERBASE PYTHONWARNINGS PYTHONEXECUTABLE
 NODE_OPTIONS NODE_PATH NODE_REPL_EXTERNAL_MODULE BUN_OPTIONS DENO_DIR PERL5OPT PERL5LIB PERLLIB PERL5DB RUBYOPT RUBYLIB
 RUBYSHELL GEM_PATH GEM_HOME BUNDLE_GEMFILE LUA_INIT LUA_PATH LUA_CPATH PHPRC PHP_INI_SCAN_DIR JAVA_TOOL_OPTIONS
 _JAVA_OPTIONS JDK_JAVA_OPTIONS CLASSPATH MAVEN_OPTS GRADLE_OPTS JAVA_OPTS R_PROFILE R_PROFILE_USER R_ENVIRON
 JULIA_LOAD_PATH ERL_FLAGS ELIXIR_ERL_OPTIONS AWKPATH AWKLIBPATH GAWK_EXT TCLLIBPATH GCONV_PATH LOCPATH NLSPATH
 GETCONF_DIR HOSTALIASES RES_OPTIONS TMOUT MALLOC_TRACE GLIBC_TUNABLES OPENSSL_CONF OPENSSL_ENGINES OPENSSL_MODULES
 GIT_EXEC_PATH GIT_TEMPLATE_DIR GIT_DIR GIT_COMMON_DIR MAKEFLAGS MFLAGS GNUMAKEFLAGS
 MAKEFILES MAKE DOTNET_STARTUP_HOOKS CORECLR_PROFILER_PATH COR_PROFILER NPM_CONFIG_SCRIPT_SHELL
 npm_config_script_shell npm_config_node_options VIMINIT GVIMINIT EXINIT VIM MYVIMRC
 INPUTRC TERMINFO TERMCAP GTK_MODULES QT_PLUGIN_PATH GIO_EXTRA_MODULES");

/// Those of `LOADER_VARIABLES` that desktops, terminals and toolchains set for everybody.
pub(super) static DESKTOP_VARIABLES: Words = Words::new("
 TERMINFO TERMCAP INPUTRC GTK_MODULES QT_PLUGIN_PATH GIO_EXTRA_MODULES CDPATH CLASSPATH GEM_HOME GEM_PATH JAVA_OPTS
 MAVEN_OPTS GRADLE_OPTS NLSPATH LOCPATH OPENSSL_CONF VIM MAKEFLAGS MFLAGS SHELL");

/// Beginnings of names of such variables.
pub(super) const LOADER_PREFIXES: &str = "LD_ DYLD_ BASH_FUNC_ GIT_CONFIG _RLD LDR_";

/// Variables whose value is a command that some program runs.
pub(super) static COMMAND_VARIABLES: Words = Words::new("
 PAGER EDITOR VISUAL FCEDIT GIT_PAGER GIT_EDITOR GIT_SEQUENCE_EDITOR GIT_SSH GIT_SSH_COMMAND GIT_ASKPASS
 GIT_EXTERNAL_DIFF GIT_PROXY_COMMAND GIT_ALTERNATE_REF_COMMAND SSH_ASKPASS SUDO_ASKPASS SUDO_EDITOR MANPAGER MANROFFOPT
 MANOPT LESSOPEN LESSCLOSE LESSEDIT BROWSER RSYNC_RSH RSYNC_CONNECT_PROG CVS_RSH SVN_SSH SVN_EDITOR HGEDITOR HGMERGE
 HG_SSH DELTA_PAGER BAT_PAGER AWS_PAGER PSQL_PAGER PSQL_EDITOR SYSTEMD_PAGER SYSTEMD_EDITOR KUBE_EDITOR
 KUBECTL_EXTERNAL_DIFF DIFFPROG MERGE FZF_DEFAULT_COMMAND FZF_DEFAULT_OPTS SHELL NULLCMD READNULLCMD
 RUSTC_WRAPPER RUSTC_WORKSPACE_WRAPPER RUSTC CC CXX LD AR GHC COMSPEC TEXEDIT RESTIC_PASSWORD_COMMAND BORG_PASSCOMMAND
 BORG_RSH RCLONE_PASSWORD_COMMAND ANSIBLE_VAULT_PASSWORD_FILE PERLDB_OPTS RSH REMOTE_SHELL
 CPP MAIL_CMD GH_PAGER GH_EDITOR GH_BROWSER GLAB_PAGER
 DOCKER_SSH MYSQL_PAGER GPG_PROGRAM ESHELL");

/// git settings whose value git runs, `*` for a part with any name.
pub(super) const GIT_COMMANDS: &str = "
 core.pager core.editor core.sshcommand core.askpass core.fsmonitor core.gitproxy core.alternaterefscommand
 diff.external diff.*.command diff.*.textconv merge.*.driver mergetool.*.cmd mergetool.*.path difftool.*.cmd
 difftool.*.path filter.*.clean filter.*.smudge filter.*.process gpg.program gpg.*.program gpg.ssh.defaultkeycommand
 sequence.editor pager.* interactive.difffilter uploadpack.packobjectshook browser.*.cmd browser.*.path man.*.cmd
 man.*.path web.browser trailer.*.command trailer.*.cmd remote.*.uploadpack remote.*.receivepack remote.*.proxy
 sendemail.*cmd sendemail.smtpserver credential.helper credential.*.helper submodule.*.update instaweb.httpd
 instaweb.browser diff.tool merge.tool hook.*.command guitool.*.cmd tar.*.command";

/// git settings that make it run files that are not seen.
pub(super) const GIT_OPAQUE: &str = "core.hookspath include.path includeif.* init.templatedir protocol.ext.allow url.* remote.*.vcs";
