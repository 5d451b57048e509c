//! The HTTP interface, from its OpenAPI document.

use super::answers::{self, Answer, Common, Shared};
use super::example::Example;
use super::examples::Request;
use super::node::Node;
use super::prose::Prose;
use super::schema::{Field, kind, shown};

/// The tag of what everybody uses.
const PUBLIC: &str = "missions";
/// The methods of a path, in the order in which they are shown.
const METHODS: [&str; 5] = ["post", "get", "put", "patch", "delete"];

pub(super) struct Interface {
    pub(super) groups: Vec<Group>,
    /// The headers of answers, by the names that answers refer to.
    pub(super) headers: Vec<Field>,
    /// What several operations are answered with.
    pub(super) common: Vec<Common>,
}

/// The operations of one tag.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) about: Prose,
    pub(super) operations: Vec<Operation>,
}

pub(super) struct Operation {
    pub(super) id: String,
    /// Shown open.
    pub(super) open: bool,
    pub(super) method: String,
    pub(super) path: String,
    pub(super) summary: String,
    pub(super) about: Prose,
    /// The request in four languages.
    pub(super) examples: Vec<(&'static str, String)>,
    pub(super) parameters: Vec<Field>,
    pub(super) bodies: Vec<Example>,
    pub(super) answers: Vec<Answer>,
    /// The answers that other operations have as well: status and name.
    pub(super) common: Vec<(String, String)>,
    /// The address and the body of the request that the page can send; the body is empty if there is
    /// none in JSON.
    pub(super) target: String,
    pub(super) body: String,
}

impl Interface {
    pub(super) fn of(document: Node<'_>) -> Self {
        let shared = answers::shared(
            document
                .get("paths")
                .members()
                .flat_map(|(_, item)| METHODS.into_iter().map(move |method| item.get(method))),
        );
        let paths = document.get("paths").members();
        let mut operations: Vec<_> = paths.flat_map(|path| of_path(path, &shared)).collect();
        let group = |tag: Node<'_>| Group {
            name: tag.text_of("name").to_owned(),
            about: Prose::of(tag.text_of("description")),
            operations: operations
                .extract_if(.., |(of, _)| *of == tag.text_of("name"))
                .map(|(_, operation)| operation)
                .collect(),
        };
        let mut groups: Vec<_> = document.get("tags").items().map(group).collect();
        // What everybody uses comes first, and begins with the request for missions.
        groups.sort_by_key(|group| group.name != PUBLIC);
        for group in groups.iter_mut().filter(|group| group.name == PUBLIC) {
            group.operations.sort_by_key(|operation| operation.method != "POST");
            group.operations.first_mut().into_iter().for_each(|first| first.open = true);
        }
        let rest: Vec<_> = operations.into_iter().map(|(_, operation)| operation).collect();
        if !rest.is_empty() {
            let (name, about) = ("more".to_owned(), Prose::of(""));
            groups.push(Group { name, about, operations: rest });
        }
        let headers = document.get("components").get("headers").members();
        let headers = headers.map(|(name, header)| field(name, header)).collect();
        Self { groups, headers, common: Common::all(document, &shared) }
    }
}

/// The operations of a path, each with its tag.
fn of_path<'a>(
    (path, item): (&'a str, Node<'a>),
    shared: &Shared<'_>,
) -> impl Iterator<Item = (&'a str, Operation)> {
    let common: Vec<_> = item.get("parameters").items().collect();
    METHODS.into_iter().filter_map(move |method| {
        let operation = item.get(method);
        let tag = operation.get("tags").items().next().map_or("", Node::text);
        operation
            .is_there()
            .then(|| (tag, Operation::of((method, path), &common, operation, shared)))
    })
}

impl Group {
    /// Its anchor.
    pub(super) fn id(&self) -> String {
        self.name.replace(' ', "-")
    }

    /// Its heading.
    pub(super) fn title(&self) -> String {
        let (first, rest) = self.name.split_at_checked(1).unwrap_or((&self.name, ""));
        first.to_uppercase() + rest
    }
}

impl Operation {
    fn of(
        (method, path): (&str, &str),
        common: &[Node<'_>],
        operation: Node<'_>,
        shared: &Shared<'_>,
    ) -> Self {
        let own: Vec<_> = operation.get("parameters").items().collect();
        let parameters: Vec<_> = common.iter().chain(&own).copied().collect();
        let about = operation.text_of("description");
        let typed = typed(method, path, &parameters, operation);
        let is_shared = |(_, name): &(&str, &str)| shared.contains_key(name);
        let elsewhere: Vec<_> = answers::references(operation).filter(is_shared).collect();
        let own = |(status, _): &(&str, _)| elsewhere.iter().all(|(other, _)| other != status);
        Self {
            id: operation.text_of("operationId").to_owned(),
            open: false,
            method: method.to_uppercase(),
            path: path.to_owned(),
            summary: operation.text_of("summary").to_owned(),
            about: Prose::of(about),
            examples: typed.in_each_language(),
            parameters: parameters.iter().map(|node| field(node.text_of("name"), *node)).collect(),
            bodies: operation
                .get("requestBody")
                .get("content")
                .members()
                .flat_map(|(_, media)| Example::all(media))
                .collect(),
            answers: operation.get("responses").members().filter(own).map(Answer::of).collect(),
            common: elsewhere.iter().map(|(s, name)| ((*s).into(), (*name).into())).collect(),
            body: json_example(operation).unwrap_or_default(),
            target: typed.path,
        }
    }
}

/// A parameter or a header.
fn field(name: &str, node: Node<'_>) -> Field {
    let example = node.get("example");
    Field {
        name: name.to_owned(),
        place: node.text_of("in").to_owned(),
        required: node.get("required").value().as_bool() == Some(true),
        kind: kind(node.get("schema").value()),
        about: Prose::of(node.text_of("description")),
        example: if example.is_there() { shown(example.value()) } else { String::new() },
    }
}

/// What to type; of the parameters just those in the path, which cannot be left out.
fn typed<'a>(
    method: &'a str,
    path: &str,
    parameters: &[Node<'_>],
    operation: Node<'_>,
) -> Request<'a> {
    let mut path = path.to_owned();
    for parameter in parameters.iter().filter(|parameter| parameter.text_of("in") == "path") {
        let place = format!("{{{}}}", parameter.text_of("name"));
        path = path.replace(&place, &shown(parameter.get("example").value()));
    }
    // Without a body a mission is requested, too; every other POST needs its own.
    let needed = operation.get("requestBody").get("required").value().as_bool() == Some(true);
    Request { method, path, body: json_example(operation).filter(|_| needed) }
}

/// The first example of a body in JSON, on one line.
fn json_example(operation: Node<'_>) -> Option<String> {
    let content = operation.get("requestBody").get("content").get("application/json");
    Example::all(content).into_iter().next().map(|example| example.text.replace('\n', ""))
}
