use super::*;

/// No such token is spelt out whole in this file, or every scanner would find it here.
fn spelt(text: &str) -> String {
    text.replace("{}", "")
}

#[test]
fn tokens_are_known_by_their_form() {
    let (hex, mixed) = ("0123456789abcdef".repeat(4), "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY".repeat(3));
    for (form, kind) in [
        ("AK{}IAIOSFODNN7EXAMPLE", "AWS"),
        ("AS{}IAIOSFODNN7EXAMPLE", "AWS"),
        ("gh{}p_MIXED36", "GitHub"),
        ("gh{}s_MIXED36", "GitHub"),
        ("github{}_pat_MIXED80", "GitHub"),
        ("gl{}pat-MIXED20", "GitLab"),
        ("xo{}xb-123456789012-MIXED20", "Slack"),
        ("https://hooks.slack{}.com/services/T01/B02/MIXED24", "Slack"),
        ("sk{}_live_MIXED24", "Stripe"),
        ("AI{}zaMIXED35", "Google"),
        ("np{}m_MIXED36", "npm"),
        ("py{}pi-AgEIcHlwaS5vcmcMIXED60", "PyPI"),
        ("sk{}-ant-api03-MIXED80", "Anthropic"),
        ("sk{}-proj-MIXED48", "OpenAI"),
        ("sk{}-MIXED48", "OpenAI"),
        ("hv{}s.MIXED24", "Vault"),
        ("do{}p_v1_HEX64", "DigitalOcean"),
        ("dckr{}_pat_MIXED27", "Docker"),
        ("S{}G.MIXED22.MIXED43", "SendGrid"),
        ("S{}KHEX32", "Twilio"),
        ("DefaultEndpointsProtocol=https;Account{}Key=MIXED86==", "Azure"),
        ("abc8Q{}~MIXED34", "Azure"),
        ("ey{}JhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.MIXED43", "web token"),
        ("-----BEGIN {}OPENSSH PRIVATE KEY-----", "private key"),
        ("-----BEGIN {}PRIVATE KEY-----", "private key"),
        ("-----BEGIN {}PGP PRIVATE KEY BLOCK-----", "private key"),
    ] {
        let mut text = spelt(form);
        for length in [20, 22, 24, 27, 34, 35, 36, 43, 48, 60, 80, 86] {
            text = text.replace(&format!("MIXED{length}"), mixed.get(..length).unwrap());
        }
        let text = text.replace("HEX64", &hex).replace("HEX32", hex.get(..32).unwrap());
        for around in [text.clone(), format!("deploy --with={text} now"), format!("'{text}'"), format!("a\n{text}\nb")]
        {
            assert!(
                find(around.as_bytes()).is_some_and(|found| found.contains(kind)),
                "{around}: {:?}",
                find(around.as_bytes())
            );
        }
    }
}

#[test]
fn secrets_are_seen_where_they_stand() {
    for text in [
        "curl -H 'Authorization: Bearer abcdefghij0123456789ABCD'",
        "curl -H 'Authorization: Basic YWxpY2U6aHVudGVyMg=='",
        "curl -u alice:s3cret https://example.org",
        "curl -sS --user 'alice:s3cret' https://example.org",
        "git clone https://alice:hunter22@example.org/x.git",
        "psql postgres://u:p4ssw0rd@db/x",
        "redis-cli -u redis://:p4ssw0rd@cache:6379",
        "mysql --password=Tr0ub4dor&3 -h db",
        "mysql -uroot -ps3cret shop",
        "mysqldump -u root -p's3cret' shop | gzip",
        "sshpass -p letmein ssh host",
        "redis-cli -h cache -a letmein ping",
        "ldapsearch -x -D cn=admin -w letmein",
        "smbclient //host/share -U 'alice%letmein'",
        "openssl rsa -in key.pem -passin pass:letmein",
        "psql -c \"ALTER USER app PASSWORD 'letmein'\"",
        "mysql -e \"CREATE USER a IDENTIFIED BY 'letmein'\"",
        "PGPASSWORD=x9Kd02mQz psql",
        "psql 'host=db password=x9Kd02mQz'",
        "deploy --api-key 9f8a7b6c5d4e3f2a1b0c",
        "deploy --token=9f8a7b6c5d4e3f2a1b0c",
        "helm upgrade x --set auth.password=x9Kd02mQz",
        "API_KEY=9f8a7b6c5d4e3f2a1b0c deploy",
        "{\"client_secret\": \"9f8a7b6c5d4e3f2a1b0c\"}",
        "aws configure set aws_secret_access_key wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ] {
        assert!(find(text.as_bytes()).is_some(), "{text}");
    }
}

#[test]
fn everyday_commands_are_quiet() {
    for text in include_str!("everyday.txt").lines().filter(|line| !line.starts_with('#')) {
        assert_eq!(find(text.as_bytes()), None, "{text}");
    }
}

#[test]
fn the_tables_compile() {
    assert!(KNOWN.is_some() && PLACED.is_some());
}

#[test]
fn a_large_text_without_secrets_is_read_through() {
    let text = "password token secret -p --password = : ".repeat(8_000);
    assert_eq!(find(text.as_bytes()), None);
}

#[test]
fn what_is_hidden_is_no_longer_found() {
    for (text, told) in [
        ("psql postgres://app:hunter22x@db/prod", "psql postgres://app:[-]@db/prod"),
        (
            "curl -H 'Authorization: Bearer abcdefghij0123456789XYZ' https://x",
            "curl -H 'Authorization: Bearer [-]' https://x",
        ),
        (
            "a gh{}p_abcdefghijklmnopqrstuvwxyz0123456789AB b gh{}p_abcdefghijklmnopqrstuvwxyz0123456789AB c",
            "a [-] b [-] c",
        ),
        ("migrate up", "migrate up"),
        ("größer password=Geheim!2345 ü", "größer password=[-] ü"),
    ] {
        let hidden = hide(&spelt(text), "[-]");
        assert_eq!(hidden, told);
        assert_eq!(find(hidden.as_bytes()), None, "{hidden}");
    }
}
