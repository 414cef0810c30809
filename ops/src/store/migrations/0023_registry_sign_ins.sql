-- User and password at a registry of images, by the host that names of images begin with.
CREATE TABLE registry_sign_ins (
  host TEXT PRIMARY KEY,
  user TEXT NOT NULL,
  sealed_password TEXT NOT NULL,
  saved_at INTEGER NOT NULL
) STRICT;
