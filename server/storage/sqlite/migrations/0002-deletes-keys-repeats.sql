-- Deletes, patches, requests that may be repeated, and the secrets that sign what clients carry.

-- The record gets two actions more. Which there are is checked by the code that writes them: a
-- list of them here would have to be rebuilt, with the whole record, for each that is added.
CREATE TABLE changes_next (
  tenant       TEXT NOT NULL,
  position     INTEGER NOT NULL CHECK (position > 0),
  collection   TEXT NOT NULL,
  document     TEXT NOT NULL,
  action       TEXT NOT NULL,
  part         TEXT NOT NULL CHECK (part IN ('base', 'live')),
  revision     INTEGER NOT NULL,
  version      INTEGER,
  content      TEXT,
  live_content TEXT,
  changed_by   TEXT NOT NULL,
  changed      INTEGER NOT NULL,
  request_id   TEXT NOT NULL,
  checksum     INTEGER NOT NULL,
  UNIQUE (tenant, position)
) STRICT;

INSERT INTO changes_next SELECT
  tenant, position, collection, document, action, part, revision, version, content, live_content,
  changed_by, changed, request_id, checksum
FROM changes;

DROP TABLE changes;
ALTER TABLE changes_next RENAME TO changes;

CREATE UNIQUE INDEX changes_by_version ON changes (tenant, collection, document, version)
  WHERE version IS NOT NULL;

-- What is left of a resource that was deleted, so that revisions and version numbers go on when it
-- is made again. Apart from the documents: lists need not walk over what is gone.
CREATE TABLE tombstones (
  tenant     TEXT NOT NULL,
  collection TEXT NOT NULL,
  document   TEXT NOT NULL,
  revision   INTEGER NOT NULL CHECK (revision > 0),
  version    INTEGER NOT NULL CHECK (version >= 0),
  updated    INTEGER NOT NULL,
  checksum   INTEGER NOT NULL,
  PRIMARY KEY (tenant, collection, document)
) STRICT, WITHOUT ROWID;

-- When a live version was taken off, while there is none: the next is stamped no earlier.
ALTER TABLE documents ADD COLUMN live_ended INTEGER;

-- The outcome of a write whose request carried an Idempotency-Key: the resource as it was then,
-- content NULL where it was deleted, and the action.
CREATE TABLE kept_outcomes (
  tenant          TEXT NOT NULL,
  caller          TEXT NOT NULL,
  key             TEXT NOT NULL,
  fingerprint     TEXT NOT NULL,
  kept_until      INTEGER NOT NULL,
  action          TEXT NOT NULL,
  revision        INTEGER NOT NULL,
  version         INTEGER NOT NULL,
  content         TEXT,
  updated         INTEGER NOT NULL,
  updated_by      TEXT,
  live_revision   INTEGER,
  live_content    TEXT,
  live_updated    INTEGER,
  live_updated_by TEXT,
  live_ended      INTEGER,
  checksum        INTEGER NOT NULL,
  UNIQUE (tenant, caller, key)
) STRICT;

CREATE INDEX kept_outcomes_by_time ON kept_outcomes (kept_until);

-- The key that took the place of one that lives on for a while.
ALTER TABLE keys ADD COLUMN rotated_to TEXT;

CREATE TABLE secrets (
  name     TEXT PRIMARY KEY,
  secret   BLOB NOT NULL,
  created  INTEGER NOT NULL,
  checksum INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
