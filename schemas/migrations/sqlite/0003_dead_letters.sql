-- One row, one dead letter; the same columns as on MySQL. Times count microseconds since 1970.
CREATE TABLE dead_letters (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    last_at INTEGER NOT NULL,
    first_at INTEGER,
    reason TEXT NOT NULL CHECK (length(reason) <= 512),
    pattern TEXT NOT NULL CHECK (length(pattern) <= 160),
    role TEXT NOT NULL CHECK (length(role) <= 63),
    tries INTEGER NOT NULL,
    message_id TEXT CHECK (length(message_id) <= 255),
    trace_id TEXT CHECK (length(trace_id) <= 32),
    replay BLOB CHECK (length(replay) = 16),
    properties TEXT NOT NULL,
    size INTEGER NOT NULL,
    body BLOB NOT NULL
) STRICT;

CREATE INDEX dead_letters_newest ON dead_letters (last_at, id);
CREATE INDEX dead_letters_by_pattern ON dead_letters (pattern, last_at, id);
CREATE INDEX dead_letters_by_replay ON dead_letters (replay);
-- What was done about them: who, when, what. Rows are only added. The number of a step is taken once,
-- so two operators who replay the same letter at once make one replay.
CREATE TABLE dead_letter_actions (
    letter BLOB NOT NULL CHECK (length(letter) = 16),
    number INTEGER NOT NULL,
    id BLOB NOT NULL CHECK (length(id) = 16),
    step TEXT NOT NULL CHECK (length(step) <= 15),
    who TEXT NOT NULL CHECK (length(who) <= 63),
    at INTEGER NOT NULL,
    detail TEXT CHECK (length(detail) <= 512),
    body BLOB,
    PRIMARY KEY (letter, number)
) STRICT, WITHOUT ROWID;

CREATE INDEX dead_letter_actions_newest ON dead_letter_actions (at, letter, number);
