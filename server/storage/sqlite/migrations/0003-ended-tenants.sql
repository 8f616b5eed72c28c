-- The end of a tenant: it is ended at once, its rows are dropped in pieces, and what stays is a row
-- that says who it was and who ended it.

-- Set while rows of an ended tenant are left: no door finds it, and its id is not free yet.
ALTER TABLE tenants ADD COLUMN ended INTEGER;
ALTER TABLE tenants ADD COLUMN ended_by TEXT;

-- Those of which nothing is left. An id may be here more than once, and beside a tenant of today.
CREATE TABLE former_tenants (
  tenant     TEXT NOT NULL,
  created    INTEGER NOT NULL,
  created_by TEXT NOT NULL,
  ended      INTEGER NOT NULL,
  ended_by   TEXT NOT NULL,
  checksum   INTEGER NOT NULL
) STRICT;
