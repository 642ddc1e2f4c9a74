//! The environment of the child: a small safe default and what policy lets pass, nothing else.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;

/// Variables that pass by themselves; `LC_*` besides. None names a program, a library or a file to load.
const DEFAULT: [&str; 11] =
    ["COLORTERM", "HOME", "LANG", "LANGUAGE", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"];

/// Variables that choose a file by their value: it passes by itself only if it holds no path.
const NAMES_A_FILE: [&str; 4] = ["COLORTERM", "LANG", "LANGUAGE", "TERM"];

/// Prefixes of variables that make a loader, a shell or a language runtime load or run something.
const DANGEROUS_PREFIXES: [&str; 22] = [
    "BASH_FUNC_",
    "BASHOPTS",
    "BUNDLE_",
    "CORECLR_",
    "COR_",
    "DOTNET_",
    "DYLD_",
    "GIT_",
    "LD_",
    "LUA_",
    "MALLOC_",
    "NODE_",
    "NPM_CONFIG_",
    "PERL5",
    "PYTHON",
    "RUBY",
    "SSH_ASKPASS",
    "_JAVA_",
    "_RLD",
    "GCONV_",
    "GLIBC_",
    "npm_config_",
];

/// Names that do the same.
const DANGEROUS: [&str; 42] = [
    "BASH_ENV",
    "BASH_LOADABLES_PATH",
    "BROWSER",
    "CDPATH",
    "CLASSPATH",
    "EDITOR",
    "ELECTRON_RUN_AS_NODE",
    "ENV",
    "FPATH",
    "GEM_HOME",
    "GEM_PATH",
    "GETCONF_DIR",
    "GOFLAGS",
    "HOSTALIASES",
    "IFS",
    "JAVA_TOOL_OPTIONS",
    "JDK_JAVA_OPTIONS",
    "JULIA_LOAD_PATH",
    "KSH_ENV",
    "LESSCLOSE",
    "LESSOPEN",
    "LOCALDOMAIN",
    "LOCPATH",
    "MAKEFLAGS",
    "MAKEFILES",
    "MANPAGER",
    "NLSPATH",
    "OPENSSL_CONF",
    "OPENSSL_MODULES",
    "PAGER",
    "PERLLIB",
    "PHPRC",
    "PHP_INI_SCAN_DIR",
    "PROMPT_COMMAND",
    "PS0",
    "PS4",
    "RES_OPTIONS",
    "RUSTC_WRAPPER",
    "SHELLOPTS",
    "TERMINFO",
    "VISUAL",
    "ZDOTDIR",
];

/// Whether this variable can make a program load or run what nobody reviewed; it passes only where policy names it.
#[must_use]
pub fn is_dangerous(name: &[u8]) -> bool {
    DANGEROUS.iter().any(|known| known.as_bytes() == name)
        || DANGEROUS_PREFIXES.iter().any(|prefix| name.starts_with(prefix.as_bytes()))
}

/// Whether a variable of this name passes without being named, if its value is harmless.
#[must_use]
pub fn passes_by_itself(name: &[u8]) -> bool {
    std::str::from_utf8(name).is_ok_and(|name| DEFAULT.contains(&name) || is_locale(name))
}

fn is_locale(name: &str) -> bool {
    name.strip_prefix("LC_").is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
}

/// The variables the child gets, sorted by name: each is bound and shown to reviewers.
///
/// `pass` are the exact names that policy lets through, dangerous ones included, since naming one binds and
/// shows it. Of a name that occurs twice the first counts, as `getenv(3)` has it.
#[must_use]
pub fn environment(inherited: &[(OsString, OsString)], pass: &[String]) -> Vec<(OsString, OsString)> {
    let mut kept: Vec<(OsString, OsString)> = Vec::new();
    for (name, value) in inherited {
        let named = pass.iter().any(|pass| OsStr::new(pass) == name);
        if !kept.iter().any(|(seen, _)| seen == name) && !malformed(name) && (named || is_default(name, value)) {
            kept.push((name.clone(), value.clone()));
        }
    }
    kept.sort();
    kept
}

fn malformed(name: &OsStr) -> bool {
    name.is_empty() || name.as_bytes().iter().any(|byte| matches!(byte, b'=' | 0))
}

fn is_default(name: &OsStr, value: &OsStr) -> bool {
    let (Some(name), value) = (name.to_str(), value.as_bytes()) else {
        return false;
    };
    let locale = is_locale(name);
    let path = |byte: &u8| matches!(byte, b'/' | b'%');
    let safe = if locale || NAMES_A_FILE.contains(&name) {
        !value.iter().any(path)
    } else if name == "TZ" {
        !value.starts_with(b"/") && !value.starts_with(b":") && !value.windows(2).any(|pair| pair == b"..")
    } else {
        true
    };
    // A value that starts like this was once run by bash (CVE-2014-6271).
    (locale || DEFAULT.contains(&name)) && safe && !value.starts_with(b"() {")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn env(pairs: &[(&str, &str)]) -> Vec<(OsString, OsString)> {
        pairs.iter().map(|(name, value)| (name.into(), value.into())).collect()
    }

    fn passes(name: &str, value: &str, pass: &[&str]) -> bool {
        let pass: Vec<String> = pass.iter().map(ToString::to_string).collect();
        !environment(&env(&[(name, value)]), &pass).is_empty()
    }

    #[test]
    fn only_the_default_and_what_policy_names_passes() {
        for (name, value, expected) in [
            ("PATH", "/usr/bin", true),
            ("HOME", "/home/a", true),
            ("LC_ALL", "C.UTF-8", true),
            ("LC_ALL", "../../evil", false),
            ("LC_evil", "C", false),
            ("LANG", "%s", false),
            ("TERM", "xterm-256color", true),
            ("TERM", "/x", false),
            ("TZ", "Europe/Berlin", true),
            ("TZ", ":/etc/shadow", false),
            ("TZ", "/etc/shadow", false),
            ("TZ", "x/../../y", false),
            ("USER", "() { :;}; evil", false),
            ("AWS_PROFILE", "prod", false),
            ("path", "/usr/bin", false),
            ("PATH ", "/usr/bin", false),
        ] {
            assert_eq!(passes(name, value, &[]), expected, "{name}={value}");
        }
        assert!(passes("AWS_PROFILE", "prod", &["AWS_PROFILE"]));
        assert!(!passes("AWS_PROFILE", "prod", &["AWS_*", "aws_profile", ""]));
        assert!(passes("TERM", "/x", &["TERM"]));
    }

    #[test]
    fn dangerous_variables_pass_only_by_name() {
        for name in [
            "LD_PRELOAD",
            "LD_AUDIT",
            "LD_LIBRARY_PATH",
            "DYLD_INSERT_LIBRARIES",
            "GCONV_PATH",
            "BASH_ENV",
            "ENV",
            "IFS",
            "PS4",
            "PROMPT_COMMAND",
            "BASH_FUNC_ls%%",
            "PYTHONSTARTUP",
            "PYTHONPATH",
            "NODE_OPTIONS",
            "PERL5OPT",
            "PERL5LIB",
            "RUBYOPT",
            "RUBYLIB",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "JAVA_TOOL_OPTIONS",
            "_JAVA_OPTIONS",
            "JDK_JAVA_OPTIONS",
            "LESSOPEN",
            "PAGER",
            "EDITOR",
            "ZDOTDIR",
            "SHELLOPTS",
            "BASHOPTS",
            "CLASSPATH",
            "GLIBC_TUNABLES",
        ] {
            assert!(is_dangerous(name.as_bytes()), "{name}");
            assert!(!passes(name, "x", &[]), "{name}");
            assert!(passes(name, "x", &[name]), "{name}");
        }
        for name in DEFAULT.iter().chain(&["LC_ALL", "KUBECONFIG", "AWS_PROFILE", "L", ""]) {
            assert!(!is_dangerous(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn the_first_of_a_repeated_name_counts_and_order_is_by_name() {
        let inherited = env(&[("USER", "a"), ("PATH", "/good"), ("PATH", "/evil"), ("X=Y", "z"), ("", "z")]);
        let pass = ["X=Y".to_string(), String::new()];
        assert_eq!(environment(&inherited, &pass), env(&[("PATH", "/good"), ("USER", "a")]));
    }

    proptest! {
        #[test]
        fn whatever_is_inherited_nothing_unnamed_slips_in(
            names in prop::collection::vec(prop::collection::vec(1_u8..=255, 0..12), 0..20),
        ) {
            let inherited: Vec<_> = names.iter().map(|name| (OsStr::from_bytes(name).to_owned(), OsString::from("v"))).collect();
            for (name, _) in environment(&inherited, &[]) {
                let name = name.to_str().unwrap();
                prop_assert!(DEFAULT.contains(&name) || name.starts_with("LC_"));
                prop_assert!(!is_dangerous(name.as_bytes()));
            }
        }
    }
}
