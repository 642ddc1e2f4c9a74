//! Kinds of commands: a program and what it is told to do, without whom it is done to.

use std::collections::BTreeSet;

use crate::risk::look::{Looked, Words};

/// Programs whose first words say what they do, and how many of them.
#[rustfmt::skip]
const VERBS: &[(usize, &str)] = &[
    (2, "aws gcloud az doctl hcloud oci ibmcloud aliyun gh glab vault consul nomad openstack firebase"),
    (1, "git kubectl oc helm docker podman nerdctl terraform tofu terragrunt pulumi systemctl service launchctl npm pnpm yarn pip \
         pip3 cargo go gem bundle rake make just apt apt-get yum dnf brew apk pacman zypper snap flatpak zfs zpool lvm restic borg \
         ansible heroku fly flyctl vercel netlify wrangler serverless sls cdk sam argocd flux istioctl linkerd rabbitmqctl redis-cli \
         kafka-topics etcdctl certbot ufw firewall-cmd nft ip migrate alembic flyway liquibase dbmate goose sqitch atlas sqlx diesel \
         prisma knex rails artisan manage.py composer docker-compose minikube kind k3s crictl ctr skopeo buildah svn hg jj expacti"),
];

/// The most kinds one request can have; what lies beyond is not told apart.
pub const MOST: usize = 16;

/// The kinds of all commands that a request would execute, each once, sorted.
pub fn kinds(looked: &Looked<'_>) -> Vec<String> {
    let kinds: BTreeSet<String> = looked.commands.iter().map(kind).filter(|kind| !kind.is_empty()).collect();
    kinds.into_iter().take(MOST).collect()
}

/// `aws iam create-user`, `git push`, `rm`.
pub fn kind(words: &Words) -> String {
    let depth = VERBS.iter().find(|(_, names)| words.is(names)).map_or(0, |(depth, _)| *depth);
    let plain = |operand: &&str| {
        let mut bytes = operand.bytes();
        operand.len() <= 40
            && bytes.next().is_some_and(|byte| byte.is_ascii_lowercase())
            && bytes
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b':'))
    };
    let mut kind: String = words.name.chars().take(60).collect();
    let values = takes_value(words);
    let verbs = words.args.iter().enumerate().filter(|(at, arg)| !arg.starts_with('-') && !values.contains(at));
    for (_, verb) in verbs.take(depth).filter(|(_, verb)| plain(&verb.as_str())) {
        kind.push(' ');
        kind.push_str(verb);
    }
    kind
}

/// Places of arguments that belong to an option before the first verb: `-n`, `--profile` and their like.
fn takes_value(words: &Words) -> BTreeSet<usize> {
    const WITH_VALUE: &str = "-C -c -n -f -H --profile --region --context --namespace --project --output -o --kubeconfig --git-dir \
                              --work-tree --file --subscription --zone --account --endpoint-url --query -p --prefix --host";
    let with = |arg: &String| WITH_VALUE.split_whitespace().any(|option| option == arg);
    words.args.iter().enumerate().filter(|(_, arg)| with(arg)).map(|(at, _)| at + 1).collect()
}

/// Words that say how something is started, not what: they make no difference between two texts.
const STARTERS: &str =
    "env sudo doas nohup nice time timeout command exec sh bash dash zsh ksh -c -lc -- xargs setsid stdbuf ionice";

/// How alike two texts are: the share of their words that both have, from 0 to 100; what only starts others is left out.
pub fn likeness(one: &str, other: &str) -> u8 {
    let words = |text: &str| -> BTreeSet<String> {
        let parts =
            text.split(|c: char| c.is_whitespace() || matches!(c, '\'' | '"' | ';' | '&' | '|' | '(' | ')' | '='));
        let telling = |word: &&str| !word.is_empty() && !STARTERS.split_whitespace().any(|starter| starter == *word);
        parts.filter(telling).flat_map(|word| single(&word.to_lowercase())).collect()
    };
    let (one, other) = (words(one), words(other));
    let (both, all) = (one.intersection(&other).count(), one.union(&other).count());
    u8::try_from((both * 100).checked_div(all).unwrap_or(0)).unwrap_or(100)
}

/// `-rf` is `-r` and `-f`, however they are written.
fn single(word: &str) -> Vec<String> {
    match word.strip_prefix('-') {
        Some(letters) if (2..=4).contains(&letters.len()) && letters.bytes().all(|byte| byte.is_ascii_lowercase()) => {
            letters.chars().map(|letter| format!("-{letter}")).collect()
        }
        _ => vec![word.to_owned()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> String {
        let mut words = text.split(' ');
        let name = words.next().unwrap_or_default().to_owned();
        kind(&Words { name, args: words.map(str::to_owned).collect(), ..Words::default() })
    }

    #[test]
    fn a_kind_is_what_is_done_not_to_whom() {
        for (text, kind) in [
            ("aws --profile prod iam create-user --user-name eve", "aws iam create-user"),
            ("aws iam create-user", "aws iam create-user"),
            ("git -C repo push --force origin main", "git push"),
            ("kubectl -n prod delete pod web-1", "kubectl delete"),
            ("rm -rf build", "rm"),
            ("migrate up", "migrate up"),
            ("terraform -chdir=prod apply", "terraform apply"),
            ("docker", "docker"),
            ("git /etc/passwd", "git"),
        ] {
            assert_eq!(of(text), kind, "{text}");
        }
    }

    #[test]
    fn likeness_is_of_words() {
        for (one, other, alike) in [
            ("rm -rf build", "rm -rf build", 100),
            ("rm -rf build", "sudo rm -rf build", 100),
            ("rm -rf build", "ls", 0),
            ("bash -c 'rm -rf build'", "rm -rf build", 100),
            ("rm -rf build", "rm -r -f build", 100),
            ("rm -rf build", "rm -fr ./build", 60),
            ("tool --force x", "tool -force x", 50),
            ("deploy web", "deploy api", 33),
            ("", "", 0),
        ] {
            assert_eq!(likeness(one, other), alike, "{one} | {other}");
        }
    }
}
