-- Tenants, keys, documents and the record of every write.
-- Every row has a checksum over its values; the code that writes and reads it decides over which.
-- Times are epoch milliseconds. Text compares as bytes (BINARY), which is the contract's order.

PRAGMA application_id = 0x544e5459;

CREATE TABLE tenants (
  tenant     TEXT PRIMARY KEY,
  created    INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  checksum   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- A key is kept as its SHA-256; scopes are a JSON array of texts. The checksum leaves out when it
-- was last used, which changes all the time and matters least.
CREATE TABLE keys (
  id         TEXT PRIMARY KEY,
  tenant     TEXT NOT NULL REFERENCES tenants,
  hash       BLOB NOT NULL UNIQUE CHECK (length(hash) = 32),
  scopes     TEXT NOT NULL,
  label      TEXT NOT NULL,
  created    INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  expires_at INTEGER,
  last_used  INTEGER,
  revoked    INTEGER,
  checksum   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX keys_by_tenant ON keys (tenant, created, id);

-- One row a resource: base and live version together, so that one read finds both. Content is JSON
-- text without stamps. The tenant's own document has empty names.
CREATE TABLE documents (
  tenant          TEXT NOT NULL,
  collection      TEXT NOT NULL,
  document        TEXT NOT NULL,
  revision        INTEGER NOT NULL CHECK (revision > 0),
  version         INTEGER NOT NULL CHECK (version >= 0),
  content         TEXT NOT NULL,
  updated         INTEGER NOT NULL,
  updated_by      TEXT NOT NULL,
  live_revision   INTEGER,
  live_content    TEXT,
  live_updated    INTEGER,
  live_updated_by TEXT,
  checksum        INTEGER NOT NULL,
  UNIQUE (tenant, collection, document),
  CHECK ((live_revision IS NULL) = (live_content IS NULL)),
  CHECK ((live_revision IS NULL) = (live_updated IS NULL)),
  CHECK ((live_revision IS NULL) = (live_updated_by IS NULL))
) STRICT;

-- History, change feed and audit trail in one: a row a write, in the tenant's order. A content is
-- there when the write wrote that document; version, when it published one.
CREATE TABLE changes (
  tenant       TEXT NOT NULL,
  position     INTEGER NOT NULL CHECK (position > 0),
  collection   TEXT NOT NULL,
  document     TEXT NOT NULL,
  action       TEXT NOT NULL CHECK (action IN ('create', 'replace', 'merge')),
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

-- A number is given out once; the database holds that too.
CREATE UNIQUE INDEX changes_by_version ON changes (tenant, collection, document, version)
  WHERE version IS NOT NULL;
