"""Rows that are never changed may be written under a new key: the database sees that nothing else is."""

from __future__ import annotations

# A token begins with its version, the length of its key's id, and the id (common.crypto): as hex, after "\x".
ROTATION = r"""
CREATE OR REPLACE FUNCTION identity_only_by_rotation() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before jsonb := to_jsonb(OLD);
    after jsonb := to_jsonb(NEW);
    name text;
    length int;
BEGIN
    IF before - TG_ARGV IS DISTINCT FROM after - TG_ARGV THEN
        RAISE EXCEPTION '% is never changed', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    FOREACH name IN ARRAY TG_ARGV LOOP
        length := 6 + 2 * ('x' || substr(after ->> name, 5, 2))::bit(8)::int;
        IF before ->> name IS DISTINCT FROM after ->> name
           AND substr(before ->> name, 1, length) IS NOT DISTINCT FROM substr(after ->> name, 1, length) THEN
            RAISE EXCEPTION '%.% is changed only by a new key', TG_TABLE_NAME, name
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION identity_only_by_rotation() FROM PUBLIC;
"""
ROTATION_REVERSE = "DROP FUNCTION IF EXISTS identity_only_by_rotation()"


def only_by_rotation(table: str, *columns: str) -> tuple[str, str]:
    """Return the SQL, and its reverse, by which rows change only in these columns and by a new key.

    The model's ``TenantMeta.privileges`` must name UPDATE. What is encrypted anew is not to be compared with
    what stood there: the database holds that the key changed, ``rotation`` that the value did not.
    """
    name = f"{table}_only_by_rotation"
    given = ", ".join(f"'{column}'" for column in columns)
    return (
        f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW"
        f" EXECUTE FUNCTION identity_only_by_rotation({given})",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
    )
