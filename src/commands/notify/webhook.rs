//! Events as JSON, and the signature of Standard Webhooks 1.0 over it.

use base64ct::{Base64, Encoding as _};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

use crate::commands::notify::event::Event;
use crate::domain::id::Digest;
use crate::domain::notify::Topic;
use crate::domain::time::Timestamp;

/// The object that a webhook, a program and `watch --json` get.
pub fn object(topic: Topic, event: &Event, made: Timestamp) -> Value {
    json!({ "type": format!("request.{}", topic.as_str()), "timestamp": made.to_string(), "data": event })
}

/// One message to one channel: the same however often and from wherever it is sent.
pub(super) fn message_id(id: &str, topic: Topic, channel: &str) -> String {
    let digest = Digest::of(format!("{id} {} {channel}", topic.as_str()).as_bytes()).to_string();
    format!("msg_{}", digest.get(..32).unwrap_or_default())
}

/// The bytes of a `whsec_…` secret.
///
/// # Errors
/// It is none, or of fewer than 24 bytes or more than 64, as the specification has it.
pub(super) fn key(secret: &str) -> Result<Vec<u8>, String> {
    let none = || "the webhook's secret is not `whsec_` and the base64 of 24 to 64 bytes".to_owned();
    let text = secret.strip_prefix("whsec_").ok_or_else(none)?;
    let key = Base64::decode_vec(text).map_err(|_| none())?;
    if (24..=64).contains(&key.len()) { Ok(key) } else { Err(none()) }
}

/// The headers that say which message this is, and that its sender has the secret.
///
/// # Errors
/// As [`key`].
pub(super) fn headers(
    secret: &str,
    id: &str,
    sent: Timestamp,
    body: &[u8],
) -> Result<Vec<(&'static str, String)>, String> {
    let mut mac = Hmac::<Sha256>::new_from_slice(&key(secret)?).map_err(|error| error.to_string())?;
    mac.update(format!("{id}.{}.", sent.unix()).as_bytes());
    mac.update(body);
    let signature = Base64::encode_string(&mac.finalize().into_bytes());
    Ok(vec![
        ("webhook-id", id.to_owned()),
        ("webhook-timestamp", sent.unix().to_string()),
        ("webhook-signature", format!("v1,{signature}")),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example that the specification's own libraries are tested with: github.com/standard-webhooks/standard-webhooks,
    /// libraries/csharp/StandardWebhooks.Tests/WebhookTest.cs, `verifyWebhookSignWorks`. Its text has none with a secret.
    #[test]
    fn the_signature_is_that_of_the_specification() {
        let sent = Timestamp::from_unix(1_614_265_330).unwrap();
        let secret = ["whsec", "_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"].concat();
        let headers = headers(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", sent, b"{\"test\": 2432232314}").unwrap();
        assert_eq!(headers[2].1, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        for wrong in ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_c2hvcnQ=", "whsec_*"] {
            assert!(key(wrong).is_err(), "{wrong}");
        }
    }
}
