//! Who may ask. Everything here is on the way of every request.
//!
//! - **Token.** 32 random bytes drawn at the start. The address that is printed carries it; opening that address exchanges it for a cookie
//!   that scripts cannot read and other sites cannot send. Programs send it as `Authorization: Bearer …`.
//! - **Host.** Only the names of the address listened on: a name of someone else's that leads here (DNS rebinding) is refused.
//! - **Origin.** A request that a page of another site makes is refused, whatever it carries.
//! - **Content security policy.** The page runs its own scripts and talks to this server, and nothing else; no code is made from text.

use std::net::{IpAddr, SocketAddr};

use axum::extract::{Request, State};
use axum::http::header::{
    AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HOST, LOCATION, ORIGIN, REFERRER_POLICY,
    SET_COOKIE, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};

use crate::error::{Problem, ServeError};
use crate::server::App;

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// What a browser without a token sees.
const CLOSED: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Armistice</title>\
                      <p>This address needs the token that <code>armistice serve</code> printed when it started. \
                      Open the whole address that it printed.</p></html>";

/// What is checked.
#[derive(Debug)]
pub(crate) struct Guard {
    token: String,
    address: SocketAddr,
}

impl Guard {
    /// Draws a token.
    pub fn new(address: SocketAddr) -> Result<Self, ServeError> {
        let mut bytes = [0u8; 32];
        getrandom::fill(&mut bytes).map_err(|_| ServeError::Random)?;
        let token = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { token, address })
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// Name of the cookie. Cookies of all ports of a host are sent to each of them, so the port is part of it.
    fn cookie(&self) -> String {
        format!("armistice-{}", self.address.port())
    }

    /// Takes as long for any two texts of one length.
    fn is_token(&self, given: &str) -> bool {
        let same = |a: &[u8], b: &[u8]| a.iter().zip(b).fold(0, |sum, (x, y)| sum | (x ^ y)) == 0;
        given.len() == self.token.len() && same(given.as_bytes(), self.token.as_bytes())
    }

    fn holds_token(&self, headers: &HeaderMap) -> bool {
        let text = |name: &HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
        if let Some(bearer) = text(&AUTHORIZATION).and_then(|text| text.strip_prefix("Bearer ")) {
            return self.is_token(bearer);
        }
        let cookie = self.cookie();
        let cookies = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        cookies
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .any(|(name, value)| name == cookie && self.is_token(value))
    }

    /// Whether a `Host` names the address listened on.
    fn is_host(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) && !port.is_empty() => {
                (name, port)
            }
            _ => (host, "80"),
        };
        if port.parse() != Ok(self.address.port()) {
            return false;
        }
        let own = self.address.ip();
        if name.eq_ignore_ascii_case("localhost") {
            return own.is_loopback() || own.is_unspecified();
        }
        let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
        // No name that someone else could point here is a number.
        bare.parse::<IpAddr>().is_ok_and(|ip| ip == own || own.is_unspecified())
    }

    /// Whether the request comes from a page of this server, or from no page at all.
    fn is_origin(&self, headers: &HeaderMap, host: &str) -> bool {
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
        if text("sec-fetch-site").is_some_and(|site| site != "same-origin" && site != "none") {
            return false;
        }
        headers.get(ORIGIN).is_none_or(|origin| origin.as_bytes() == format!("http://{host}").as_bytes())
    }
}

/// Lets a request through, or says why not; puts the headers that browsers heed on every answer.
pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = match admit(&app.guard, &request) {
        Ok(None) => next.run(request).await,
        Ok(Some(answer)) => answer,
        Err(problem) => problem.into_response(),
    };
    let headers = response.headers_mut();
    let mut set = |name, value| headers.insert(name, HeaderValue::from_static(value));
    set(CONTENT_SECURITY_POLICY, POLICY);
    set(X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(X_FRAME_OPTIONS, "DENY");
    set(REFERRER_POLICY, "no-referrer");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

/// An answer at once, if there is one.
fn admit(guard: &Guard, request: &Request) -> Result<Option<Response>, Problem> {
    let headers = request.headers();
    let mut hosts = headers.get_all(HOST).iter();
    let host = match (hosts.next().map(HeaderValue::to_str), hosts.next()) {
        (Some(Ok(host)), None) if guard.is_host(host) => host,
        _ => return Err(Problem::new(StatusCode::FORBIDDEN, "this server does not go by that name")),
    };
    let page = matches!(*request.method(), Method::GET | Method::HEAD) && request.uri().path() == "/";
    let given = request.uri().query().and_then(|query| query.strip_prefix("token=")).filter(|_| page);
    if let Some(given) = given {
        if !guard.is_token(given) {
            return Ok(Some(closed()));
        }
        let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", guard.cookie(), guard.token);
        let headers = [(LOCATION, "/".to_owned()), (SET_COOKIE, cookie)];
        return Ok(Some((StatusCode::SEE_OTHER, headers).into_response()));
    }
    if !guard.holds_token(headers) {
        if page {
            return Ok(Some(closed()));
        }
        let hint =
            "open the address that `armistice serve` printed, or send its token as `Authorization: Bearer …`";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong").hint(hint));
    }
    // A link from elsewhere to the page may be followed; its files and answers are for the page alone.
    let welcome = page || guard.is_origin(headers, host);
    if !welcome {
        return Err(Problem::new(StatusCode::FORBIDDEN, "this server answers its own page only"));
    }
    Ok(None)
}

fn closed() -> Response {
    (StatusCode::UNAUTHORIZED, Html(CLOSED)).into_response()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn guard(address: &str) -> Guard {
        Guard { token: "abc".into(), address: address.parse().unwrap() }
    }

    #[test]
    fn hosts_are_those_of_the_address() {
        let own = guard("127.0.0.1:4000");
        assert!(
            own.is_host("127.0.0.1:4000") && own.is_host("localhost:4000") && own.is_host("LOCALHOST:4000")
        );
        for other in [
            "127.0.0.1",
            "127.0.0.1:80",
            "evil.example:4000",
            "10.0.0.1:4000",
            "",
            ":4000",
            "127.0.0.1:4000:4000",
        ] {
            assert!(!own.is_host(other), "{other}");
        }
        let six = guard("[::1]:4000");
        assert!(six.is_host("[::1]:4000") && !six.is_host("[::2]:4000"));
        let all = guard("0.0.0.0:4000");
        assert!(all.is_host("192.168.1.5:4000") && !all.is_host("evil.example:4000"));
    }

    #[test]
    fn tokens_are_compared_whole() {
        let own = guard("127.0.0.1:4000");
        assert!(own.is_token("abc"));
        for other in ["", "ab", "abd", "abcd", "ABC"] {
            assert!(!own.is_token(other), "{other}");
        }
    }
}
