-- Lists of one objective or one target, newest first. Without these a filter that few missions pass
-- would read the whole table.
CREATE INDEX missions_by_objective ON missions (objective, created_at, id);
CREATE INDEX missions_by_target ON missions (target, created_at, id);
