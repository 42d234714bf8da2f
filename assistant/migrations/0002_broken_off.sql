ALTER TABLE sessions ADD COLUMN broken_off INTEGER NOT NULL DEFAULT 0;
-- The next look at the folders reads every session again.
DELETE FROM sessions;
