//! A path leads to a handler, and the handler's name to the path.

use hyper::Method;
use probe::random;
use world::routes::{Found, NoUrl, Routes};

fn routes() -> Routes<&'static str> {
    let mut routes = Routes::new();
    routes.add("home", Method::GET, "/", "home");
    routes.add("new", Method::GET, "/users/new", "new");
    routes.add("user", Method::GET, "/users/{id}", "user");
    routes.add("change", Method::PUT, "/users/{id}", "change");
    routes.add("files", Method::GET, "/files/{path..}", "files");
    routes
}

#[test]
fn the_first_route_that_fits_is_found() {
    let routes = routes();
    let to = |method: &Method, path: &str| match routes.find(method, path) {
        Found::Route(handler, _) => (*handler).to_owned(),
        Found::OtherMethods(methods) => format!("{methods:?}"),
        Found::Nothing => "nothing".to_owned(),
    };
    assert_eq!(to(&Method::GET, "/"), "home");
    assert_eq!(to(&Method::HEAD, "/"), "home");
    assert_eq!(to(&Method::GET, "/users/new"), "new");
    assert_eq!(to(&Method::GET, "/users/7"), "user");
    assert_eq!(to(&Method::PUT, "/users/new"), "change");
    assert_eq!(to(&Method::DELETE, "/users/7"), "[GET, PUT]");
    assert_eq!(to(&Method::GET, "/files/"), "files");
    for path in [
        "",
        "*",
        "/users",
        "/users/",
        "/users/7/",
        "//",
        "/users/%ff",
    ] {
        assert_eq!(to(&Method::GET, path), "nothing", "{path}");
    }
}

#[test]
fn a_url_leads_back_to_what_it_was_built_from() {
    let routes = routes();
    for input in random::texts(16, 200, 12) {
        let value = input.value;
        let url = routes.url("user", &[("id", &value)]);
        if value.is_empty() {
            assert_eq!(url, Err(NoUrl::Missing("id")));
            continue;
        }
        let url = url.unwrap();
        assert!(url.parse::<hyper::Uri>().is_ok(), "{url}");
        let Found::Route(_, parameters) = routes.find(&Method::GET, &url) else {
            panic!("{url}");
        };
        // A user with the name "new" is hidden by the route before.
        assert_eq!(parameters.get("id").unwrap_or("new"), value);
        let url = routes.url("files", &[("path", &value)]).unwrap();
        let Found::Route(_, parameters) = routes.find(&Method::GET, &url) else {
            panic!("{url}");
        };
        assert_eq!(parameters.get("path"), Some(value.as_str()));
    }
}
