-- What one operator did about several letters at once has ids that follow one another.
CREATE INDEX dead_letter_actions_by_id ON dead_letter_actions (id);
