//! One HTTP POST. The answer's status is all that counts, and nothing in it sends us elsewhere.

use std::io::Read as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::{Agent, Error, Proxy};

use crate::world::courier::Undelivered;

/// The most bytes of an answer that are read: of a refusal, for its reason.
const MAX_ANSWER: u64 = 64 << 10;
/// The most characters of it that are told.
const MAX_REASON: usize = 200;
/// Where systems keep the certificates that they trust: Debian and Alpine, Fedora and RHEL, SUSE, the BSDs.
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

pub(super) fn post(
    url: &str,
    headers: &[(&'static str, String)],
    body: &[u8],
    environment: bool,
    within: Duration,
) -> Result<(), Undelivered> {
    let never = |why: &str| Undelivered { why: why.to_owned(), again: false };
    let uri: Uri = url.parse().map_err(|_| never("its address is none"))?;
    let (scheme, host) = (uri.scheme_str().unwrap_or_default(), uri.host().unwrap_or_default());
    let here = is_loopback(host);
    if host.is_empty() || !(scheme == "https" || (scheme == "http" && here)) {
        return Err(never("its address is not `https://`, nor `http://` to this machine"));
    }
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(never("its address holds a user name"));
    }
    let proxy = if environment && !here { Proxy::try_from_env() } else { None };
    let roots = if environment || scheme == "http" { Some(RootCerts::PlatformVerifier) } else { of_the_system() };
    let roots = roots.ok_or_else(|| never("the system's certificates are not where they are looked for"))?;
    let tls = TlsConfig::builder().root_certs(roots).build();
    let agent: Agent = Agent::config_builder()
        .timeout_global(Some(within))
        // A redirect would take what we say, and the secret in an address, to somebody else.
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .proxy(proxy)
        .tls_config(tls)
        .user_agent(concat!("expacti/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let request = headers.iter().fold(agent.post(uri), |request, (name, value)| request.header(*name, value));
    let response = request.send(body).map_err(|error| failed(&error))?;
    let status = response.status().as_u16();
    match status {
        // What it has to say about having taken it is not read.
        200..300 => Ok(()),
        300..400 => Err(never(&format!("it answered {status}: redirects are not followed"))),
        _ => {
            let mut answer = Vec::new();
            let _ = response.into_body().into_reader().take(MAX_ANSWER).read_to_end(&mut answer);
            let text = String::from_utf8_lossy(&answer);
            let said: String = text.trim().chars().take(MAX_REASON).collect();
            let said = if said.is_empty() { said } else { format!(" ({said})") };
            let again = status >= 500 || matches!(status, 408 | 425 | 429);
            Err(Undelivered { why: format!("it answered {status}{said}"), again })
        }
    }
}

/// The system's certificates where the environment is a caller's: what finds them otherwise believes SSL_CERT_FILE and SSL_CERT_DIR.
fn of_the_system() -> Option<RootCerts> {
    if cfg!(target_os = "macos") {
        // The system itself is asked.
        return Some(RootCerts::PlatformVerifier);
    }
    let bundle = BUNDLES.iter().find_map(|path| std::fs::read(path).ok())?;
    let certificates = parse_pem(&bundle).filter_map(|item| match item {
        Ok(PemItem::Certificate(certificate)) => Some(certificate),
        _ => None,
    });
    let certificates: Vec<_> = certificates.collect();
    (!certificates.is_empty()).then(|| RootCerts::Specific(Arc::new(certificates)))
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// In words of ours where the library's could hold the address.
fn failed(error: &Error) -> Undelivered {
    let (why, again) = match error {
        Error::Timeout(_) => ("it did not answer in time".to_owned(), true),
        Error::Io(error) => match certificate(&error.to_string()) {
            Some(why) => (why.to_owned(), false),
            None => (error.to_string(), true),
        },
        Error::HostNotFound => ("its host is not known".to_owned(), true),
        Error::ConnectionFailed => ("it cannot be reached".to_owned(), true),
        Error::Rustls(error) => (format!("TLS: {error}"), false),
        Error::Tls(error) => (format!("TLS: {error}"), false),
        Error::ConnectProxyFailed(_) | Error::InvalidProxyUrl => ("the proxy does not let it through".to_owned(), true),
        Error::Protocol(_) => ("its answer is no HTTP".to_owned(), true),
        _ => ("it cannot be posted to".to_owned(), false),
    };
    Undelivered { why, again }
}

/// What is wrong with a certificate; the library's words name the host.
fn certificate(error: &str) -> Option<&'static str> {
    let wrong = error.strip_prefix("invalid peer certificate")?;
    Some(match wrong {
        wrong if wrong.contains("not valid for name") => "its certificate is for another name",
        wrong if wrong.contains("expired") => "its certificate has expired",
        wrong if wrong.contains("not valid yet") => "its certificate is not valid yet",
        _ => "its certificate is not trusted here",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_that_are_never_posted_to() {
        for url in [
            "http://example.com/",
            "http://localhost.example.com/",
            "http://127.0.0.1.example.com/",
            "ftp://127.0.0.1/",
            "file:///etc/passwd",
            "https://user:word@example.com/",
            "http://127.0.0.1@example.com/",
            "/relative",
            "",
        ] {
            let refused = post(url, &[], b"", false, Duration::ZERO).unwrap_err();
            assert!(refused.why.starts_with("its address") && !refused.again, "{url}: {}", refused.why);
        }
        for (host, here) in [("127.0.0.1", true), ("[::1]", true), ("localhost", true), ("10.0.0.1", false)] {
            assert_eq!(is_loopback(host), here, "{host}");
        }
    }
}
