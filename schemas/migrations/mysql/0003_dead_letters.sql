-- One row, one dead letter. Its id is the letter's own, so a letter that is delivered twice is one
-- row. `replay` is the action whose request died again.
CREATE TABLE dead_letters (
    id BINARY(16) NOT NULL,
    last_at DATETIME(6) NOT NULL,
    first_at DATETIME(6) NULL,
    reason VARCHAR(512) NOT NULL,
    pattern VARCHAR(160) NOT NULL,
    role VARCHAR(63) NOT NULL,
    tries INT UNSIGNED NOT NULL,
    message_id VARCHAR(255) NULL,
    trace_id VARCHAR(32) NULL,
    replay BINARY(16) NULL,
    properties TEXT NOT NULL,
    size INT UNSIGNED NOT NULL,
    body MEDIUMBLOB NOT NULL,
    PRIMARY KEY (id),
    KEY dead_letters_newest (last_at, id),
    KEY dead_letters_by_pattern (pattern, last_at, id),
    KEY dead_letters_by_replay (replay)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
-- What was done about them: who, when, what. Rows are only added. The number of a step is taken once,
-- so two operators who replay the same letter at once make one replay.
CREATE TABLE dead_letter_actions (
    letter BINARY(16) NOT NULL,
    number INT UNSIGNED NOT NULL,
    id BINARY(16) NOT NULL,
    step VARCHAR(15) NOT NULL,
    who VARCHAR(63) NOT NULL,
    at DATETIME(6) NOT NULL,
    detail VARCHAR(512) NULL,
    body MEDIUMBLOB NULL,
    PRIMARY KEY (letter, number),
    KEY dead_letter_actions_newest (at, letter, number)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
