-- domain::environment::Environment. What nobody told is production: the console is strict until somebody says otherwise.
ALTER TABLE adoptions ADD COLUMN environment TEXT NOT NULL DEFAULT 'production';
