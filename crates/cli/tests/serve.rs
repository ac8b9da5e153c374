//! `serve`: what ends it, and what keeps it from starting.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use common::Place;

#[test]
fn it_prints_an_address_that_answers_to_the_token() {
    let place = Place::with_war();
    let mut child = place.spawn(&["serve", "war", "--no-open"]);
    let mut url = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
    let (address, token) =
        url.trim().strip_prefix("http://").unwrap().split_once("/?token=").expect("an address with a token");
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!(
        "GET /api/workspace HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"id\":\"scenario.toml\""), "{answer}");
}

#[test]
fn it_does_not_start_on_what_it_cannot_serve() {
    let place = Place::with_war();
    let (_, said) = place.expect(74, &["serve", "nowhere", "--no-open"]);
    assert!(said.contains("nowhere"), "{said}");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let (_, said) = place.expect(2, &["serve", "war", "--no-open", "--port", &port]);
    assert!(said.contains(&port) && said.contains("--port"), "{said}");
    place.edit("war/scenario.toml", |text| text + "\n[no_such_section]\n");
    let (_, said) = place.expect(2, &["serve", "war", "--no-open"]);
    assert!(said.contains("no_such_section"), "{said}");
}
