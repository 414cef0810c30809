-- `link` signs the entry and the link before it, `seal` signs how it ended (ops/src/audit/chain.rs). Empty: from an older console.
ALTER TABLE audit ADD COLUMN link TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN seal TEXT NOT NULL DEFAULT '';

CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are kept'); END;

-- Only how an entry ended is written later, once. Signatures may be made anew with a new key.
CREATE TRIGGER audit_is_written_once BEFORE UPDATE OF id, at, who, via, address, act, target ON audit
BEGIN SELECT RAISE(ABORT, 'entries of the audit log are written once'); END;
CREATE TRIGGER audit_ends_once BEFORE UPDATE OF outcome, detail ON audit WHEN OLD.outcome <> 'begun'
BEGIN SELECT RAISE(ABORT, 'entries of the audit log end once'); END;
