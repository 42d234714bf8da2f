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
