use super::*;
use proptest::prelude::*;

const LINE: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAID1AF8PoQ4lakrcKp00bfrycmCzPLsSWjMDNVfEq9GYM";

fn blob(name: &str, point: &[u8], application: Option<&str>) -> Vec<u8> {
    let mut blob = Vec::new();
    put_string(&mut blob, name.as_bytes());
    put_string(&mut blob, point);
    if let Some(application) = application {
        put_string(&mut blob, application.as_bytes());
    }
    blob
}

/// Little-endian `p + offset`, a second spelling of `offset` where that is below 19.
fn p_plus(offset: u8) -> [u8; 32] {
    let mut bytes = [0xff; 32];
    bytes[0] = 0xed + offset;
    bytes[31] = 0x7f;
    bytes
}

fn small(first: u8) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[0] = first;
    bytes
}

#[test]
fn a_line_keeps_its_comment_and_nothing_else() {
    for (text, comment) in [
        (LINE.to_owned(), ""),
        (format!("{LINE}\n"), ""),
        (format!("{LINE} alice@laptop\n"), "alice@laptop"),
        (format!("{LINE} alice, at work"), "alice, at work"),
    ] {
        let key = PublicKey::parse(&text).unwrap();
        assert_eq!(key.comment(), comment);
        assert_eq!(key.line(), LINE);
        assert!(!key.is_sk());
        assert_eq!(key, PublicKey::from_blob(key.blob()).unwrap());
    }
}

#[test]
fn security_keys_are_read_and_differ_from_plain_ones_of_the_same_point() {
    let plain = PublicKey::parse(LINE).unwrap();
    let sk = PublicKey::from_blob(&blob(SK_ED25519, plain.point(), Some("ssh:"))).unwrap();
    let other = PublicKey::from_blob(&blob(SK_ED25519, plain.point(), Some("ssh:x"))).unwrap();
    assert!(sk.is_sk());
    // Its base64 ends in padding, with two bits to spare: they have to be zero.
    assert!(sk.line().ends_with("Do="));
    for tail in ["Dp=", "Dq=", "Dr=", "Do", "Do=="] {
        let spelled = sk.line().replace("Do=", tail);
        assert_eq!(PublicKey::parse(&spelled).unwrap_err(), KeyError::Data);
    }
    assert_eq!(PublicKey::parse(&sk.line()).unwrap(), sk);
    assert_eq!(sk.point(), plain.point());
    assert_ne!(sk, plain);
    assert_ne!(sk, other);
    assert_ne!(sk.fingerprint(), plain.fingerprint());
}

#[test]
fn lines_that_are_not_ours_are_refused_with_the_reason() {
    let rsa = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQDh";
    let relabelled = LINE.replace("ssh-ed25519", SK_ED25519);
    for (text, error) in [
        ("", KeyError::Line),
        ("ssh-ed25519", KeyError::Line),
        (&format!("{LINE}\r\n"), KeyError::Line),
        (&format!("{LINE}\n{LINE}\n"), KeyError::Line),
        (&format!("{LINE} a\x1b[2J"), KeyError::Line),
        (&format!("{LINE} {}", "a".repeat(MAX_LINE)), KeyError::Line),
        (rsa, KeyError::Type("ssh-rsa".into())),
        ("ssh-ed25519-cert-v01@openssh.com AAAA", { KeyError::Type("ssh-ed25519-cert-v01@openssh.com".into()) }),
        (&format!("restrict {LINE}"), KeyError::Type("restrict".into())),
        (&relabelled, KeyError::Mislabelled(SK_ED25519.into())),
        (&LINE.replace("YM", "Y"), KeyError::Data),
        (&format!("{LINE}AAAA"), KeyError::Data),
        (&LINE.replace(' ', "  "), KeyError::Data),
        ("ssh-ed25519 !", KeyError::Data),
    ] {
        assert_eq!(PublicKey::parse(text).unwrap_err(), error, "{text:?}");
    }
}

#[test]
fn weak_and_doubly_spelled_points_are_refused() {
    let order_8 = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    let mut minus_one = p_plus(0);
    minus_one[0] -= 1;
    let mut minus_zero = small(1);
    minus_zero[31] = 0x80;
    for (name, point, error) in [
        ("neutral, y=1", small(1), KeyError::Weak),
        ("neutral, y=p+1", p_plus(1), KeyError::Weak),
        ("neutral, x=-0", minus_zero, KeyError::Weak),
        ("order 2, y=-1", minus_one, KeyError::Weak),
        ("order 4, y=0", small(0), KeyError::Weak),
        ("order 4, y=p", p_plus(0), KeyError::Weak),
        ("order 8", order_8, KeyError::Weak),
        ("y=p+3, a strong point", p_plus(3), KeyError::NonCanonical),
        ("y=2, off the curve", small(2), KeyError::NonCanonical),
    ] {
        for (kind, application) in [(ED25519, None), (SK_ED25519, Some("ssh:"))] {
            let blob = blob(kind, &point, application);
            assert_eq!(PublicKey::from_blob(&blob).unwrap_err(), error, "{name}");
            let line = format!("{kind} {}", base64(&blob));
            assert_eq!(PublicKey::parse(&line).unwrap_err(), error, "{name}");
        }
    }
    // The canonical spelling of the strong point is fine, so it was the spelling.
    assert!(PublicKey::from_blob(&blob(ED25519, &small(3), None)).is_ok());
}

#[test]
fn blobs_of_other_types_and_shapes_are_refused() {
    let point = *PublicKey::parse(LINE).unwrap().point();
    let mut longer = blob(ED25519, &point, None);
    longer.push(0);
    for bytes in [
        Vec::new(),
        longer,
        blob(ED25519, &point[..31], None),
        blob(ED25519, &[point.as_slice(), &[0]].concat(), None),
        blob(ED25519, &point, Some("ssh:")),
        blob(SK_ED25519, &point, None),
    ] {
        assert_eq!(PublicKey::from_blob(&bytes).unwrap_err(), KeyError::Data);
    }
    for name in ["spam@example.com", "ecdsa-sha2-nistp256", "ssh-rsa", ""] {
        let error = PublicKey::from_blob(&blob(name, &point, None)).unwrap_err();
        assert_eq!(error, KeyError::Type(name.into()));
    }
    let huge = PublicKey::from_blob(&[0xff; 40]).unwrap_err();
    assert_eq!(huge, KeyError::Data);
}

proptest! {
    #[test]
    fn base64_is_what_ssh_key_reads(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        use ssh_key::encoding::Reader as _;
        prop_assume!(!bytes.is_empty());
        let text = base64(&bytes);
        let mut reader = ssh_key::encoding::Base64Reader::new(text.as_bytes()).unwrap();
        let mut back = vec![0; bytes.len()];
        reader.read(&mut back).unwrap();
        prop_assert!(reader.is_finished());
        prop_assert_eq!(back, bytes);
    }

    #[test]
    fn no_line_panics_and_what_is_read_is_written_alike(line in "(ssh-ed25519|\\PC{0,9}) [A-Za-z0-9+/=]{0,80}( \\PC{0,9})?") {
        if let Ok(key) = PublicKey::parse(&line) {
            prop_assert!(line.starts_with(&key.line()));
        }
    }

    #[test]
    fn no_blob_panics(bytes in proptest::collection::vec(any::<u8>(), 0..120)) {
        let _ = PublicKey::from_blob(&bytes);
    }
}
