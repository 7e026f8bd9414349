//! Which handler answers a request, and which path leads to a handler.

use std::error::Error;
use std::fmt;

use hyper::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The routes of a site: `H` is what a route leads to.
///
/// A pattern is a path. Its segment `{name}` stands for one segment that is not empty. `{name..}` stands for
/// the rest of the path, which may be empty, and is the last segment.
///
/// ```
/// use hyper::Method;
/// use world::routes::{Found, Routes};
///
/// let mut routes = Routes::new();
/// routes.add("user", Method::GET, "/users/{id}", 1);
/// routes.add("files", Method::GET, "/static/{path..}", 2);
/// assert_eq!(routes.url("user", &[("id", "a b/c")]).unwrap(), "/users/a%20b%2Fc");
/// let Found::Route(handler, parameters) = routes.find(&Method::GET, "/users/a%20b%2Fc") else {
///     panic!("it is found");
/// };
/// assert_eq!((*handler, parameters.get("id")), (1, Some("a b/c")));
/// ```
#[derive(Debug)]
pub struct Routes<H> {
    routes: Vec<Route<H>>,
}

#[derive(Debug)]
struct Route<H> {
    name: &'static str,
    method: Method,
    pattern: Vec<Segment>,
    handler: H,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Segment {
    Fixed(&'static str),
    One(&'static str),
    Rest(&'static str),
}

/// What a request leads to.
#[derive(Debug, PartialEq, Eq)]
pub enum Found<'a, H> {
    /// This handler, with these parameters.
    Route(&'a H, Parameters),
    /// The path is known, with these methods.
    OtherMethods(Vec<Method>),
    /// No pattern has this path, or it is not UTF-8.
    Nothing,
}

/// What stood in a path in place of `{name}`, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    values: Vec<(&'static str, String)>,
}

impl Parameters {
    /// What stood in place of `{name}`. Of `{name..}`: its segments, decoded, with `/` between them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.values.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| value.as_str())
    }
}

/// Why there is no path.
#[derive(Debug, PartialEq, Eq)]
pub enum NoUrl {
    /// No route has this name.
    NoRoute(String),
    /// The route has this parameter, and no value was given, or an empty one.
    Missing(&'static str),
}

/// What a segment of a path has as `%` and two digits: all but the unreserved characters of RFC 3986, 2.3. A segment
/// may have some more as they are (3.3).
const IN_A_SEGMENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl<H> Default for Routes<H> {
    fn default() -> Routes<H> {
        Routes { routes: Vec::new() }
    }
}

impl<H> Routes<H> {
    /// No routes.
    #[must_use]
    pub fn new() -> Routes<H> {
        Routes::default()
    }

    /// Adds a route, behind those that are there: the first that fits is found.
    ///
    /// # Panics
    ///
    /// If the pattern does not begin with `/`, or has `{name..}` before its end.
    pub fn add(&mut self, name: &'static str, method: Method, pattern: &'static str, handler: H) {
        let path = pattern.strip_prefix('/').expect("a path begins with /");
        let pattern: Vec<Segment> = path.split('/').map(Segment::new).collect();
        let rest = pattern.iter().position(|it| matches!(it, Segment::Rest(_)));
        assert!(rest.is_none_or(|place| place + 1 == pattern.len()));
        self.routes.push(Route {
            name,
            method,
            pattern,
            handler,
        });
    }

    /// Finds the handler. A route for GET is one for HEAD, too.
    #[must_use]
    pub fn find(&self, method: &Method, path: &str) -> Found<'_, H> {
        let mut others = Vec::new();
        for route in &self.routes {
            let Some(parameters) = route.parameters(path) else {
                continue;
            };
            let is_head = *method == Method::HEAD && route.method == Method::GET;
            if route.method == *method || is_head {
                return Found::Route(&route.handler, parameters);
            }
            others.push(route.method.clone());
        }
        match others.len() {
            0 => Found::Nothing,
            _ => Found::OtherMethods(others),
        }
    }

    /// The path of a route, with its parameters encoded: aiohttp's `resource.url_for`.
    ///
    /// # Errors
    ///
    /// If there is no such route, or a parameter has no value.
    pub fn url(&self, name: &str, values: &[(&str, &str)]) -> Result<String, NoUrl> {
        let route = self.routes.iter().find(|route| route.name == name);
        let route = route.ok_or_else(|| NoUrl::NoRoute(name.to_owned()))?;
        let mut url = String::new();
        for segment in &route.pattern {
            url.push('/');
            match *segment {
                Segment::Fixed(text) => url.push_str(text),
                Segment::One(name) => {
                    let value = value_of(name, values).filter(|value| !value.is_empty());
                    url.push_str(&encoded(value.ok_or(NoUrl::Missing(name))?));
                }
                Segment::Rest(name) => {
                    let value = value_of(name, values).ok_or(NoUrl::Missing(name))?;
                    let segments: Vec<String> = value.split('/').map(encoded).collect();
                    url.push_str(&segments.join("/"));
                }
            }
        }
        Ok(url)
    }
}

fn value_of<'a>(name: &str, values: &[(&str, &'a str)]) -> Option<&'a str> {
    let value = values.iter().find(|(known, _)| *known == name);
    value.map(|(_, value)| *value)
}

fn encoded(value: &str) -> String {
    utf8_percent_encode(value, IN_A_SEGMENT).to_string()
}

/// `None` if it is not UTF-8.
fn decoded(segment: &str) -> Option<String> {
    let decoded = percent_decode_str(segment).decode_utf8().ok()?;
    Some(decoded.into_owned())
}

impl<H> Route<H> {
    /// The parameters, if the path fits. It is cut at its slashes first and decoded then: a `%2F` is a
    /// letter of a segment.
    fn parameters(&self, path: &str) -> Option<Parameters> {
        let mut segments = path.strip_prefix('/')?.split('/');
        let mut values = Vec::new();
        for part in &self.pattern {
            match *part {
                Segment::Rest(name) => {
                    let rest: Option<Vec<String>> = segments.by_ref().map(decoded).collect();
                    values.push((name, rest?.join("/")));
                }
                Segment::Fixed(text) => {
                    if decoded(segments.next()?)? != text {
                        return None;
                    }
                }
                Segment::One(name) => {
                    let value = decoded(segments.next()?)?;
                    if value.is_empty() {
                        return None;
                    }
                    values.push((name, value));
                }
            }
        }
        segments.next().is_none().then_some(Parameters { values })
    }
}

impl Segment {
    fn new(text: &'static str) -> Segment {
        let inside = text
            .strip_prefix('{')
            .and_then(|text| text.strip_suffix('}'));
        match inside.map(|name| (name, name.strip_suffix(".."))) {
            None => Segment::Fixed(text),
            Some((_, Some(name))) => Segment::Rest(name),
            Some((name, None)) => Segment::One(name),
        }
    }
}

impl fmt::Display for NoUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            NoUrl::NoRoute(name) => write!(out, "there is no route named {name}"),
            NoUrl::Missing(name) => write!(out, "the parameter {name} has no value"),
        }
    }
}

impl Error for NoUrl {}
