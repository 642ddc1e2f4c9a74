//! Hosts that a command names to work on: `ssh prod-1`, `scp x prod-1:y`.
//!
//! A name may be an alias, in a file that is not bound: so what is found here may be meant, and what is not found may be meant as well.

/// Programs that take a host first, and then a command.
const SHELLS: [&[u8]; 6] = [b"ssh", b"autossh", b"slogin", b"rsh", b"mosh", b"sftp"];
/// Programs whose operands may be `host:path`.
const COPIERS: [&[u8]; 4] = [b"scp", b"rsync", b"sshfs", b"sftp"];
/// The options of ssh that take a value. Source: ssh(1).
const VALUED: &[u8] = b"BbcDEeFIiJLlmOoPpQRSWw";

/// The hosts that a command of this kind names; `None` where it is of another.
pub(super) fn hosts(argv: &[Vec<u8>]) -> Option<Vec<Vec<u8>>> {
    let (program, rest) = argv.split_first()?;
    let program = program.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let (shell, copier) = (SHELLS.contains(&program), COPIERS.contains(&program));
    if !shell && !copier {
        return None;
    }
    let mut found: Vec<&[u8]> = Vec::new();
    let mut rest = rest.iter().map(Vec::as_slice);
    let mut operands = 0;
    while let Some(word) = rest.next() {
        match word {
            b"--" => {}
            [b'-', b'-', ..] => {}
            [b'-', cluster @ ..] if !cluster.is_empty() => {
                let Some(at) = cluster.iter().position(|letter| VALUED.contains(letter)) else { continue };
                let (letter, joined) = (cluster.get(at), cluster.get(at + 1..).unwrap_or_default());
                // rsync's and sshfs's letters differ: a word that looks like a value of ssh's is still looked at below.
                let value = if !joined.is_empty() {
                    joined
                } else if shell {
                    rest.next().unwrap_or_default()
                } else {
                    continue;
                };
                if letter == Some(&b'o') {
                    found.extend(host_name(value));
                }
            }
            operand => {
                if copier {
                    found.extend(before_colon(operand));
                }
                // After its host ssh reads options again; then comes the command.
                if shell && operands == 0 {
                    found.push(operand);
                } else if shell && !copier {
                    break;
                }
                operands += 1;
            }
        }
    }
    Some(found.into_iter().map(bare).collect())
}

/// The value of `HostName=…`, as ssh_config(5) takes it.
fn host_name(option: &[u8]) -> Option<&[u8]> {
    let (key, value) = option.split_at_checked(b"hostname".len())?;
    let value = value.trim_ascii();
    let value = value.strip_prefix(b"=").unwrap_or(value).trim_ascii();
    key.eq_ignore_ascii_case(b"hostname").then_some(value)
}

/// What stands before the colon of `host:path`; a path with a colon in it has a `/` before that.
fn before_colon(operand: &[u8]) -> Option<&[u8]> {
    let after = operand.split(|byte| *byte == b'@').next_back().unwrap_or(operand);
    if after.starts_with(b"[") {
        return after.contains(&b']').then_some(operand);
    }
    let at = operand.iter().position(|byte| *byte == b':')?;
    let host = operand.get(..at)?;
    let whole = matches!(host, b"ssh" | b"scp" | b"sftp" | b"rsync") && operand.get(at..)?.starts_with(b"://");
    if whole { Some(operand) } else { (!host.contains(&b'/')).then_some(host) }
}

/// The host of `ssh://user@host:22/path`, `user@host`, `[::1]:path`, in lower case and without the last dot.
fn bare(destination: &[u8]) -> Vec<u8> {
    let scheme = destination.windows(3).position(|part| part == b"://");
    let mut host = destination;
    if let Some(at) = scheme {
        host = host.get(at + 3..).unwrap_or_default();
        host = host.split(|byte| *byte == b'/').next().unwrap_or_default();
    }
    host = host.split(|byte| *byte == b'@').next_back().unwrap_or_default();
    if let Some(inner) = host.strip_prefix(b"[") {
        host = inner.split(|byte| *byte == b']').next().unwrap_or_default();
    } else if scheme.is_some() {
        host = host.split(|byte| *byte == b':').next().unwrap_or_default();
    }
    host.strip_suffix(b".").unwrap_or(host).to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_named() {
        for (line, expected) in [
            ("ssh prod-1", "prod-1"),
            ("/usr/bin/ssh -p 22 -v root@Prod-1. ls -l", "prod-1"),
            ("ssh -tt -i key -o StrictHostKeyChecking=no prod-1 -p 22 ls", "prod-1"),
            ("ssh -p22 prod-1 ssh other", "prod-1"),
            ("ssh -o HostName=prod-1 x", "prod-1 x"),
            ("ssh -ohostname=prod-1 x", "prod-1 x"),
            ("ssh x -o HostName=prod-1 ls", "x prod-1"),
            ("ssh ssh://bot@prod-1:2222", "prod-1"),
            ("ssh -- prod-1 ls", "prod-1"),
            ("mosh --ssh=x prod-1", "prod-1"),
            ("ssh -V", ""),
            ("scp -r x bot@prod-1:/srv y", "prod-1"),
            ("scp ./a:b c", ""),
            ("scp -P 22 x scp://prod-1:22/srv", "prod-1"),
            ("scp x bot@[2001:db8::1]:y", "2001:db8::1"),
            ("sftp bot@prod-1", "prod-1"),
            ("sftp prod-1:dir", "prod-1 prod-1:dir"),
            ("rsync -az --delete x/ prod-1::module", "prod-1"),
            ("rsync -e ssh x/ prod-1:y", "prod-1"),
            ("rsync a b", ""),
        ] {
            let argv: Vec<Vec<u8>> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            let mut found = hosts(&argv).unwrap();
            found.sort();
            let mut expected: Vec<&str> = expected.split_whitespace().collect();
            expected.sort_unstable();
            let found: Vec<String> = found.into_iter().map(|host| String::from_utf8(host).unwrap()).collect();
            assert_eq!(found, expected, "{line}");
        }
        for other in ["ls prod-1", "kubectl get pods", "deploy prod-1:x"] {
            let argv: Vec<Vec<u8>> = other.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            assert_eq!(hosts(&argv), None, "{other}");
        }
        assert_eq!(hosts(&[]), None);
    }
}
