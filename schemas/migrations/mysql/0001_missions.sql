-- One row is one mission. The primary key is the only unique key: because of it, a request that is
-- done twice is stored once. The second index has the order of lists and cursors.
CREATE TABLE missions (
    id BINARY(16) NOT NULL,
    dossier VARCHAR(63) NOT NULL,
    objective VARCHAR(63) NOT NULL,
    target VARCHAR(63) NOT NULL,
    casebook VARCHAR(63) NOT NULL,
    created_at DATETIME(6) NOT NULL,
    PRIMARY KEY (id),
    KEY missions_newest (created_at, id)
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
