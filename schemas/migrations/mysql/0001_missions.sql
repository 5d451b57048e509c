-- One row, one mission. The primary key is the only unique key: it is what makes a request that
-- is done twice be stored once. The second index is the order of lists and cursors.
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
