-- One row, one mission; the same columns as on MySQL. `created_at` counts microseconds since 1970.
CREATE TABLE missions (
    id BLOB NOT NULL PRIMARY KEY CHECK (length(id) = 16),
    dossier TEXT NOT NULL CHECK (length(dossier) <= 63),
    objective TEXT NOT NULL CHECK (length(objective) <= 63),
    target TEXT NOT NULL CHECK (length(target) <= 63),
    casebook TEXT NOT NULL CHECK (length(casebook) <= 63),
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX missions_newest ON missions (created_at, id);
