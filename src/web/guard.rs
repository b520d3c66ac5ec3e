//! Who may talk to the server: whoever has the token, from the page itself.
//!
//! The port is open to every program and every web page on this machine. A request is let through when it
//! carries the token (a cookie that the printed address sets, or `Authorization: Bearer`), when it names this
//! server as its host (another name that leads here is a rebinding attack), and when it comes from the page
//! itself, if it says where it comes from.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};

use crate::error::{Error, Result};

/// Sent with every answer: nothing from elsewhere is loaded, nothing is kept, nobody frames the page.
pub const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// Bytes of a token.
const BYTES: usize = 16;

/// The token and the names of the server.
pub struct Guard {
    token: String,
    cookie: String,
    hosts: [String; 2],
}

/// Random text that nobody guesses.
///
/// # Errors
/// When the system has no randomness.
pub fn random() -> Result<String> {
    let mut bytes = [0; BYTES];
    getrandom::fill(&mut bytes).map_err(|error| Error::Internal(format!("no random numbers: {error}")))?;
    Ok(bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}"); // writing to a text cannot fail
        text
    }))
}

impl Guard {
    pub fn new(port: u16, token: String) -> Guard {
        let hosts = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{port}"));
        // Cookies know no ports: the name keeps two servers apart.
        Guard { token, cookie: format!("bidwright-{port}"), hosts }
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// Whether a token is ours; takes as long for a near miss as for any other of its length.
    pub fn is_token(&self, token: &str) -> bool {
        let differ = token.bytes().zip(self.token.bytes()).fold(0, |all, (a, b)| all | (a ^ b));
        token.len() == self.token.len() && differ == 0
    }

    /// The cookie that lets a page in.
    pub fn set_cookie(&self) -> Option<HeaderValue> {
        let text = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie, self.token);
        HeaderValue::from_str(&text).ok()
    }

    /// Whether a request may be here at all, token aside.
    ///
    /// # Errors
    /// Why not.
    pub fn admits(&self, headers: &HeaderMap) -> std::result::Result<(), (StatusCode, &'static str)> {
        let text = |name: HeaderName| headers.get(name).map(|value| value.to_str().unwrap_or(""));
        if !text(header::HOST).is_some_and(|host| self.hosts.iter().any(|ours| ours == host)) {
            return Err((StatusCode::MISDIRECTED_REQUEST, "this server answers as 127.0.0.1 only"));
        }
        let ours = |origin: &str| {
            origin.strip_prefix("http://").is_some_and(|host| self.hosts.iter().any(|ours| ours == host))
        };
        if text(header::ORIGIN).is_some_and(|origin| !ours(origin)) {
            return Err((StatusCode::FORBIDDEN, "another site may not use this server"));
        }
        let site = text(HeaderName::from_static("sec-fetch-site"));
        if site.is_some_and(|site| site == "cross-site" || site == "same-site") {
            return Err((StatusCode::FORBIDDEN, "another site may not use this server"));
        }
        Ok(())
    }

    /// Whether a request carries the token.
    pub fn knows(&self, headers: &HeaderMap) -> bool {
        let bearer =
            headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs =
            cookies.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        bearer.is_some_and(|token| self.is_token(token))
            || pairs.any(|(name, value)| name == self.cookie && self.is_token(value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_differ_and_are_compared_whole() {
        let (one, other) = (random().unwrap(), random().unwrap());
        assert_eq!(one.len(), 2 * BYTES);
        assert_ne!(one, other);
        let guard = Guard::new(8000, one.clone());
        assert!(guard.is_token(&one));
        assert!(!guard.is_token("") && !guard.is_token(&one[1..]) && !guard.is_token(&other));
    }
}
