//! Who may ask, and what becomes of requests that make no sense.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use serde_json::json;

use common::serve_small;

#[test]
fn the_printed_address_gives_a_cookie_and_nothing_else_does() {
    let server = serve_small();
    assert!(server.address.ip().is_loopback());
    assert!(server.url.ends_with(&format!("/?token={}", server.token)));
    assert_eq!(server.token.len(), 64);

    let opened = server.ask("GET", &format!("/?token={}", server.token), &[("Authorization", "")], "");
    assert_eq!((opened.status, opened.header("location")), (303, Some("/")));
    let cookie = opened.header("set-cookie").unwrap();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
    let pair = cookie.split(';').next().unwrap();
    let page = server.ask("GET", "/", &[("Authorization", ""), ("Cookie", pair)], "");
    assert_eq!(page.status, 200);
    assert!(page.body.contains("<div id=\"app\">"));

    for path in ["/", "/?token=", "/?token=00", "/api/workspace", "/assets/index.js", "/nowhere"] {
        let refused = server.ask("GET", path, &[("Authorization", "")], "");
        assert_eq!(refused.status, 401, "{path}");
        assert!(refused.header("set-cookie").is_none());
    }
    let wrong = server.token.replace(|c: char| c.is_ascii_digit(), "a");
    assert_eq!(
        server.ask("GET", "/api/workspace", &[("Authorization", &format!("Bearer {wrong}"))], "").status,
        401
    );
    let other = format!("armistice-1={}", server.token);
    assert_eq!(server.ask("GET", "/", &[("Authorization", ""), ("Cookie", &other)], "").status, 401);
}

#[test]
fn two_servers_have_two_tokens() {
    let (one, two) = (serve_small(), serve_small());
    assert_ne!(one.token, two.token);
    let bearer = format!("Bearer {}", one.token);
    assert_eq!(two.ask("GET", "/api/workspace", &[("Authorization", &bearer)], "").status, 401);
}

#[test]
fn other_hosts_and_origins_are_refused_even_with_the_token() {
    let server = serve_small();
    let port = server.address.port();
    for host in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1", "127.0.0.1:1", "[::1]"] {
        assert_eq!(server.ask("GET", "/api/workspace", &[("Host", host)], "").status, 403, "{host}");
    }
    assert_eq!(
        server.ask("GET", "/api/workspace", &[("Host", &format!("localhost:{port}"))], "").status,
        200
    );
    let body = json!({ "source": "scenario.toml" }).to_string();
    let own = format!("http://{}", server.address);
    for (name, value, status) in [
        ("Origin", own.as_str(), 200),
        ("Origin", "http://evil.example", 403),
        ("Origin", "null", 403),
        ("Sec-Fetch-Site", "same-origin", 200),
        ("Sec-Fetch-Site", "cross-site", 403),
        ("Sec-Fetch-Site", "same-site", 403),
    ] {
        assert_eq!(
            server.ask("POST", "/api/scenario", &[(name, value)], &body).status,
            status,
            "{name}: {value}"
        );
    }
    let twice = format!(
        "GET /api/workspace HTTP/1.1\r\nHost: {0}\r\nHost: evil.example\r\nAuthorization: Bearer {1}\r\nConnection: close\r\n\r\n",
        server.address, server.token
    );
    assert_eq!(server.raw(twice.as_bytes()).status, 403);
}

#[test]
fn every_answer_carries_the_policy() {
    let server = serve_small();
    for (path, status) in [("/", 200), ("/api/workspace", 200), ("/nowhere", 404), ("/api/solve", 405)] {
        let answer = server.get(path);
        assert_eq!(answer.status, status, "{path}");
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("script-src 'self'"), "{policy}");
        assert!(!policy.contains("unsafe"), "{policy}");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

#[test]
fn no_file_outside_the_workspace_is_read() {
    let server = serve_small();
    for source in
        ["../scenario.toml", "/etc/passwd", "notes.txt", "catalog/../x", "", "scenario.toml/", "catalog/"]
    {
        let answer = server.post("/api/scenario", &json!({ "source": source }));
        assert_eq!(answer.status, 400, "{source}: {}", answer.body);
    }
    for path in [
        "/assets/../../etc/passwd",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%2e%2e/index.html",
        "/assets/",
    ] {
        assert_eq!(server.get(path).status, 404, "{path}");
    }
    for extends in ["../other.toml", "/etc/passwd.toml", "notes.toml"] {
        let text = format!("extends = \"{extends}\"\n");
        assert_eq!(server.post("/api/load", &json!({ "text": text })).status, 400, "{extends}");
    }
    let including = "extends = \"scenario.toml\"\ninclude = [\"../secret.toml\"]\n";
    assert_eq!(server.post("/api/load", &json!({ "text": including })).status, 400);
}

#[test]
fn ten_thousand_malformed_requests_are_answered_as_such_and_the_server_goes_on() {
    let server = serve_small();
    let case = json!({ "source": "scenario.toml" });
    // One byte too many, so that the server has read all of it when it says so.
    let large = "x".repeat(256 * 1024 - 10);
    let headers: Vec<(String, &str)> = (0..200).map(|number| (format!("X-{number}"), "y")).collect();
    let headers: Vec<(&str, &str)> = headers.iter().map(|(name, value)| (name.as_str(), *value)).collect();
    let ask =
        |path: &str, body: serde_json::Value| (server.request("POST", path, &[], &body.to_string()), 400);
    let kinds: Vec<(String, u16)> = vec![
        ("\u{1}\u{2}\u{3}\r\n\r\n".into(), 400),
        ("GET\r\n\r\n".into(), 400),
        ("GET / HTTP/9.9\r\n\r\n".into(), 400),
        (format!("GET / HTTP/1.1\r\nHost: {}\r\nbroken header\r\n\r\n", server.address), 400),
        (
            format!("POST /api/solve HTTP/1.1\r\nHost: {}\r\nContent-Length: many\r\n\r\n", server.address),
            400,
        ),
        ("GET /api/workspace HTTP/1.1\r\nConnection: close\r\n\r\n".into(), 403),
        (server.request("GET", "/api/workspace", &headers, ""), 431),
        (server.request("GET", "/nowhere", &[], ""), 404),
        (server.request("DELETE", "/api/solve", &[], ""), 405),
        (server.request("POST", "/api/solve", &[("Content-Type", "text/plain")], "{}"), 415),
        (server.request("POST", "/api/solve", &[], "{"), 400),
        (server.request("POST", "/api/solve", &[], "[1, 2"), 400),
        (server.request("POST", "/api/solve", &[], &format!("{{\"case\":\"{large}\"}}")), 413),
        ask("/api/solve", json!({})),
        ask("/api/solve", json!({ "case": case, "points": "five" })),
        ask("/api/solve", json!({ "case": case, "points": 1 })),
        ask("/api/solve", json!({ "case": case, "points": 1_000_000 })),
        ask("/api/solve", json!({ "case": { "source": "scenario.toml", "more": 1 }, "points": 5 })),
        ask(
            "/api/solve",
            json!({ "case": { "source": "scenario.toml", "parameters": { "no_such": 1.0 } }, "points": 5 }),
        ),
        ask(
            "/api/solve",
            json!({ "case": { "source": "scenario.toml", "levers": ["no_such"] }, "points": 5 }),
        ),
        ask(
            "/api/solve",
            json!({ "case": { "source": "scenario.toml", "variant": "no_such" }, "points": 5 }),
        ),
        ask("/api/solve", json!({ "case": { "source": "scenario.toml", "precision": -1.0 }, "points": 5 })),
        ask("/api/play", json!({ "case": case, "points": 5, "seed": 1, "seat": "nobody", "choices": [] })),
        ask("/api/turns", json!({ "case": case, "points": 5, "claim": "no_such" })),
        ask("/api/theories", json!({ "sources": [], "points": 5 })),
        ask("/api/load", json!({ "text": "[[[" })),
    ];
    for number in 0..10_000 {
        let (request, status) = &kinds[number % kinds.len()];
        let answer = server.raw(request.as_bytes());
        assert_eq!(
            answer.status,
            *status,
            "{}: {}",
            request.chars().take(300).collect::<String>(),
            answer.body
        );
    }
    let result = server.compute("/api/solve", &json!({ "case": case, "points": 5 }));
    assert_eq!(result["points"], 5);
    assert_eq!(server.get("/api/workspace").json()["computing"], 0);
}
