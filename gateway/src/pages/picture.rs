//! The picture of the system, drawn from its state: every queue with its exchange, every role with
//! its replicas, and edges as wide as the rate.

use schemas::operations::Operations;
use schemas::topology::{
    DEAD_LETTER_QUEUE, DECISION_QUEUE, EVENTS, Queue, REPLIES, REQUEST_QUEUE, part_queue,
};
use schemas::{Part, Role};

mod boxes;

pub(super) use boxes::{HEIGHT, QueueBox, RoleBox, WIDTH};

/// From one row to the next.
const ROW: f64 = 122.0;
/// The upper edge of the first row.
const TOP: f64 = 10.0;
/// The left edges of the columns: gateway, requests, decider, queues, workers.
const COLUMNS: [f64; 5] = [70.0, 300.0, 530.0, 792.0, 1024.0];
/// What is drawn.
pub(super) struct Picture {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) roles: Vec<RoleBox>,
    pub(super) queues: Vec<QueueBox>,
    pub(super) edges: Vec<Edge>,
    pub(super) labels: Vec<Label>,
}

/// A way of messages.
pub(super) struct Edge {
    pub(super) path: String,
    pub(super) width: f64,
    /// Whether it is the way back.
    pub(super) back: bool,
}

/// A text beside an edge.
pub(super) struct Label {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) text: String,
}

/// The middle of the left and of the right side of a box, and of its lower side.
#[derive(Clone, Copy)]
struct Place {
    x: f64,
    y: f64,
}

impl Place {
    fn left(self) -> (f64, f64) {
        (self.x, self.y + HEIGHT / 2.0)
    }

    fn right(self) -> (f64, f64) {
        (self.x + WIDTH, self.y + HEIGHT / 2.0)
    }

    fn bottom(self) -> (f64, f64) {
        (self.x + WIDTH / 2.0, self.y + HEIGHT)
    }
}

impl Picture {
    pub(super) fn of(state: &Operations) -> Self {
        let [gateways, requests, deciders, queues, workers] = COLUMNS;
        let rows = |row: usize| TOP + ROW * f64::from(u32::try_from(row).unwrap_or_default());
        let middle = TOP + (rows(Part::ALL.len() - 1) - TOP) / 2.0;
        let last = rows(Part::ALL.len());
        let mut drawn = Drawing { state, picture: Self::empty(last + HEIGHT + 60.0) };
        let gateway = drawn.role(Role::Gateway, gateways, middle);
        let requests = drawn.queue(REQUEST_QUEUE, requests, middle);
        let decider = drawn.role(Role::Decider, deciders, middle);
        let dead = drawn.queue(DEAD_LETTER_QUEUE, deciders, last);
        let rate = |role| drawn_rate(state, role);
        let (asked, decided) = (rate(Role::Decider), rate(Role::Persister));
        drawn.edge((0.0, gateway.left().1), gateway.left(), rate(Role::Gateway));
        drawn.edge(gateway.right(), requests.left(), asked);
        drawn.edge(requests.right(), decider.left(), asked);
        drawn.edge_down(decider.bottom(), (dead.x + WIDTH / 2.0, dead.y));
        for (row, part) in Part::ALL.into_iter().enumerate() {
            let queue = drawn.queue(part_queue(part), queues, rows(row));
            let worker = drawn.role(Role::Part(part), workers, rows(row));
            drawn.edge(decider.right(), queue.left(), asked);
            drawn.edge(queue.right(), worker.left(), rate(Role::Part(part)));
            drawn.back(worker, decider);
        }
        let decisions = drawn.queue(DECISION_QUEUE, queues, last);
        let persister = drawn.role(Role::Persister, workers, last);
        drawn.edge(decider.right(), decisions.left(), decided);
        drawn.edge(decisions.right(), persister.left(), decided);
        drawn.back(persister, decider);
        drawn.reply(persister, gateway);
        drawn.events(persister, gateway);
        drawn.label(8.0, gateway.y + HEIGHT / 2.0 - 10.0, "HTTP".to_owned());
        drawn.picture
    }

    fn empty(height: f64) -> Self {
        let width = COLUMNS[4] + WIDTH + 10.0;
        let (roles, queues, edges, labels) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        Self { width, height, roles, queues, edges, labels }
    }
}

fn drawn_rate(state: &Operations, role: Role) -> Option<f64> {
    state.roles.iter().find(|state| state.role == role).and_then(|state| state.rate)
}

struct Drawing<'a> {
    state: &'a Operations,
    picture: Picture,
}

impl Drawing<'_> {
    fn role(&mut self, role: Role, x: f64, y: f64) -> Place {
        let found = self.state.roles.iter().find(|state| state.role == role);
        if let Some(state) = found {
            self.picture.roles.push(RoleBox::new(state, x, y, self.state.hears));
        }
        Place { x, y }
    }

    fn queue(&mut self, queue: Queue, x: f64, y: f64) -> Place {
        let found = self.state.queues.iter().find(|state| state.name == queue.name);
        if let Some(state) = found {
            self.picture.queues.push(QueueBox::new(state, x, y));
        }
        Place { x, y }
    }

    fn edge(&mut self, from: (f64, f64), to: (f64, f64), rate: Option<f64>) {
        let bend = f64::midpoint(from.0, to.0);
        let path =
            format!("M{} {}C{bend} {} {bend} {} {} {}", from.0, from.1, from.1, to.1, to.0, to.1);
        self.picture.edges.push(Edge { path, width: thickness(rate), back: false });
    }

    fn edge_down(&mut self, from: (f64, f64), to: (f64, f64)) {
        let path = format!("M{} {}L{} {}", from.0, from.1, to.0, to.1);
        self.picture.edges.push(Edge { path, width: thickness(None), back: true });
    }

    /// A worker's reply, below its queue.
    fn back(&mut self, worker: Place, decider: Place) {
        let (x, y) = (worker.x + 24.0, worker.y + HEIGHT);
        let (end, height) = (decider.x + WIDTH, decider.y + HEIGHT * 0.75);
        let (low, turn) = (y + 12.0, COLUMNS[3] - 24.0);
        let path = format!(
            "M{x} {y}Q{x} {low} {} {low}H{turn}C{} {low} {} {height} {end} {height}",
            x - 12.0,
            turn - 40.0,
            end + 40.0
        );
        self.picture.edges.push(Edge { path, width: thickness(None), back: true });
    }

    /// The persister's reply to the gateway. It is the same message as its reply to the decider.
    fn reply(&mut self, persister: Place, gateway: Place) {
        let (x, y) = (persister.x + 24.0, persister.y + HEIGHT);
        let (to, low) = (gateway.x + WIDTH - 24.0, y + 12.0);
        let path = format!(
            "M{x} {y}Q{x} {low} {} {low}H{}Q{to} {low} {to} {y}V{}",
            x - 12.0,
            to + 12.0,
            gateway.bottom().1
        );
        self.picture.edges.push(Edge { path, width: thickness(None), back: true });
        self.label(f64::midpoint(to, COLUMNS[2]), low - 6.0, REPLIES.name.to_owned());
    }

    /// Events and statuses, below everything.
    fn events(&mut self, persister: Place, gateway: Place) {
        let ((from, y), (to, end)) = (persister.bottom(), gateway.bottom());
        let low = y + 40.0;
        let path = format!(
            "M{from} {y}V{}Q{from} {low} {} {low}H{}Q{to} {low} {to} {}V{end}",
            low - 18.0,
            from - 18.0,
            to + 18.0,
            low - 18.0
        );
        self.picture.edges.push(Edge { path, width: thickness(None), back: true });
        self.label(f64::midpoint(to, COLUMNS[2]), low - 6.0, EVENTS.name.to_owned());
    }

    fn label(&mut self, x: f64, y: f64, text: String) {
        self.picture.labels.push(Label { x, y, text });
    }
}

/// The width of an edge: ten times the rate is a little wider.
fn thickness(rate: Option<f64>) -> f64 {
    let width = 1.5 + (1.0 + rate.unwrap_or_default().max(0.0)).log10() * 1.6;
    (width.min(9.0) * 10.0).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_times_the_rate_is_a_wider_edge_and_no_edge_is_wider_than_a_box() {
        assert!(thickness(None) < thickness(Some(10.0)));
        assert!(thickness(Some(10.0)) < thickness(Some(100.0)));
        assert!(thickness(Some(1e300)) <= 9.0);
        assert!((thickness(Some(-1.0)) - thickness(None)).abs() < f64::EPSILON);
    }
}
