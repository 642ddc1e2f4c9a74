//! One HTTP POST. The answer's status is all that counts, and nothing in it sends us elsewhere.

use std::io::Read as _;
use std::net::IpAddr;
use std::time::Duration;

use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Error, Proxy};

use crate::world::courier::Undelivered;

/// The most bytes of an answer that are read: of a refusal, for its reason.
const MAX_ANSWER: u64 = 64 << 10;
/// The most characters of it that are told.
const MAX_REASON: usize = 200;

pub(super) fn post(
    url: &str,
    headers: &[(&'static str, String)],
    body: &[u8],
    proxies: bool,
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
    let proxy = if proxies && !here { Proxy::try_from_env() } else { None };
    let tls = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
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

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// In words of ours where the library's could hold the address.
fn failed(error: &Error) -> Undelivered {
    let (why, again) = match error {
        Error::Timeout(_) => ("it did not answer in time".to_owned(), true),
        Error::Io(error) => (error.to_string(), true),
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
