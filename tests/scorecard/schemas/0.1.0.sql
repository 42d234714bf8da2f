-- The index of 0.1.0. A snapshot is kept for good once its version is released.
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    -- Size and times of the files this row was read from; when they differ, the row is read again.
    log_size INTEGER NOT NULL,
    log_changed INTEGER NOT NULL,
    report_changed INTEGER NOT NULL,
    problem TEXT,
    framework TEXT NOT NULL,
    level TEXT NOT NULL,
    planned_seconds REAL NOT NULL,
    duration_seconds REAL NOT NULL,
    started_at TEXT NOT NULL,
    ended INTEGER NOT NULL,
    score REAL,
    findings INTEGER
);
ALTER TABLE sessions ADD COLUMN broken_off INTEGER NOT NULL DEFAULT 0;
INSERT INTO sessions VALUES (
    '20260302-100000-00ab', 1000, 1, 0, 'feed', 'six-stage', 'senior', 2700.0, 60.0, '2026-03-02T10:00:00+01:00', 1, 71.5, 4, 0
);
PRAGMA application_id = 1447646785;
PRAGMA user_version = 2;
