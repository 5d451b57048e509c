//! What a page presumes when it begins.

/// What runs before the first command of a page.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presumed {
    /// Nothing: the page starts what it needs.
    Nothing,
    /// Everything in one process, with an SQLite file in the folder of the page.
    Embedded,
    /// Everything in one process, on RabbitMQ and MariaDB.
    Servers,
    /// As `Embedded`; and a RabbitMQ of which the page may change everything.
    Node,
}
