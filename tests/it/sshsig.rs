//! Our signatures and keys against the real `ssh-keygen`, both ways.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use expacti::domain::key::PublicKey;
use expacti::domain::requirement::Presence;
use expacti::trust::secret::{SecretKey, SecretKeyError};
use expacti::trust::signature::{ArmoredSignature, SignatureError, verify};
use tempfile::TempDir;

const NAMESPACE: &str = "decision.v1@expacti";

/// A directory for keys and files; no agent is asked, so nobody's own keys take part.
struct Bench(TempDir);

impl Bench {
    fn new() -> Bench {
        Bench(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        let mut options = fs::File::options();
        let options = options.write(true).create_new(true).mode(0o600);
        options.open(&path).unwrap().write_all(bytes).unwrap();
        path
    }

    fn keygen(&self, args: &[&str], paths: &[&Path], input: &[u8]) -> Output {
        #[expect(clippy::disallowed_methods, reason = "the stock tool is the other party of this test")]
        let mut command = Command::new("ssh-keygen");
        command.env_remove("SSH_AUTH_SOCK").current_dir(self.0.path());
        command.args(args).args(paths);
        command.stdin(Stdio::piped());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // It may refuse before it reads; its verdict then tells more than the broken pipe.
        let _ = child.stdin.take().unwrap().write_all(input);
        child.wait_with_output().unwrap()
    }

    fn must(&self, args: &[&str], paths: &[&Path], input: &[u8]) -> String {
        let output = self.keygen(args, paths, input);
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "ssh-keygen {args:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// A key made by ssh-keygen, and its file.
    fn their_key(&self, name: &str, passphrase: &str, kind: &str) -> PathBuf {
        let path = self.path(name);
        let args = ["-q", "-t", kind, "-N", passphrase, "-C", "their key", "-f"];
        self.must(&args, &[&path], b"");
        path
    }

    fn their_signature(&self, key: &Path, options: &[&str], message: &[u8]) -> Vec<u8> {
        let args = ["-Y", "sign", "-q", "-n", NAMESPACE];
        let args = [&args, options, &["-f"]].concat();
        self.must(&args, &[key], message).into_bytes()
    }

    fn they_accept(&self, key: &PublicKey, namespace: &str, message: &[u8], file: &[u8]) -> bool {
        let line = format!("alice namespaces=\"{NAMESPACE}\" {}\n", key.line());
        let dir = tempfile::tempdir_in(self.0.path()).unwrap();
        let (allowed, signature) = (dir.path().join("allowed"), dir.path().join("file.sig"));
        fs::write(&allowed, line).unwrap();
        fs::write(&signature, file).unwrap();
        let (allowed, signature) = (allowed.to_str().unwrap(), signature.to_str().unwrap());
        let args = ["-Y", "verify", "-q", "-I", "alice", "-n", namespace];
        let args = [&args[..], &["-f", allowed, "-s", signature]].concat();
        self.keygen(&args, &[], message).status.success()
    }
}

fn messages() -> [Vec<u8>; 4] {
    [
        Vec::new(),
        b"schema = \"expacti/decision/v1\"\n".to_vec(),
        b"\r\n\0\xff no text at all".to_vec(),
        vec![0xa5; 70_000],
    ]
}

#[test]
fn our_signatures_are_theirs_byte_for_byte() {
    let bench = Bench::new();
    let path = bench.their_key("key", "", "ed25519");
    let ours = SecretKey::parse(&fs::read(&path).unwrap()).unwrap();
    let line = fs::read_to_string(path.with_extension("pub")).unwrap();
    let public = PublicKey::parse(&line).unwrap();
    assert_eq!(ours.public(), &public);
    assert_eq!(public.comment(), "their key");
    for message in messages() {
        let theirs = bench.their_signature(&path, &[], &message);
        assert_eq!(ours.sign(NAMESPACE, &message), theirs);
        assert_eq!(verify(&public, NAMESPACE, &message, &theirs), Ok(Presence::Key));
        let read = ArmoredSignature::parse(&theirs).unwrap();
        assert_eq!((read.key(), read.namespace()), (&public, NAMESPACE));
        assert!(bench.they_accept(&public, NAMESPACE, &message, &theirs));
        // The bench says no where it should, so its yes means something.
        assert!(!bench.they_accept(&public, NAMESPACE, b"another", &theirs));
        assert!(!bench.they_accept(&public, "claim.v1@expacti", &message, &theirs));
    }
    let sha256 = bench.their_signature(&path, &["-O", "hashalg=sha256"], b"m");
    assert_eq!(verify(&public, NAMESPACE, b"m", &sha256), Err(SignatureError::Hash("sha256".into())));
}

#[test]
fn keys_we_write_are_read_and_used_by_them() {
    let bench = Bench::new();
    // Comments of every length, so that each padding occurs.
    for length in 0..9_u8 {
        let key = SecretKey::generate([length + 1; 32]);
        let comment = "c".repeat(usize::from(length));
        let path = bench.write(&format!("key{length}"), &key.to_openssh(&comment));
        let shown = bench.must(&["-y", "-f"], &[&path], b"");
        let read = PublicKey::parse(&shown).unwrap();
        assert_eq!((&read, read.comment()), (key.public(), comment.as_str()));
        let listed = bench.must(&["-l", "-f"], &[&path], b"");
        let fingerprint = key.public().fingerprint();
        assert!(listed.contains(&format!(" {fingerprint} ")), "{listed}");
        let theirs = bench.their_signature(&path, &[], b"m");
        assert_eq!(theirs, key.sign(NAMESPACE, b"m"));
        assert!(bench.they_accept(key.public(), NAMESPACE, b"m", &theirs));
    }
}

#[test]
fn keys_they_write_survive_us() {
    let bench = Bench::new();
    let path = bench.their_key("key", "", "ed25519");
    let key = SecretKey::parse(&fs::read(&path).unwrap()).unwrap();
    let again = bench.write("again", &key.to_openssh("moved"));
    let one = bench.their_signature(&path, &[], b"m");
    assert_eq!(one, bench.their_signature(&again, &[], b"m"));
}

#[test]
fn their_other_keys_are_refused_with_the_reason() {
    let bench = Bench::new();
    let locked = bench.their_key("locked", "hunter42", "ed25519");
    let locked = SecretKey::parse(&fs::read(locked).unwrap());
    assert_eq!(locked.unwrap_err(), SecretKeyError::Encrypted);
    for (kind, name) in [("rsa", "ssh-rsa"), ("ecdsa", "ecdsa-sha2-nistp256")] {
        let path = bench.their_key(kind, "", kind);
        let error = SecretKey::parse(&fs::read(&path).unwrap()).unwrap_err();
        assert_eq!(error, SecretKeyError::Type);
        let line = fs::read_to_string(path.with_extension("pub")).unwrap();
        let error = PublicKey::parse(&line).unwrap_err();
        assert!(error.to_string().contains(&format!("`{name}`")), "{error}");
        let signature = bench.their_signature(&path, &[], b"m");
        let error = ArmoredSignature::parse(&signature).unwrap_err();
        assert_eq!(error, SignatureError::Type);
    }
}
