"""What is never changed or removed goes only with a case on a confirmed list: the database holds it."""

from __future__ import annotations

DISPOSAL = """
CREATE OR REPLACE FUNCTION cases_only_by_disposal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM public.cases_disposalline l
        JOIN public.cases_disposalrun r ON r.tenant_id = l.tenant_id AND r.id = l.run_id
        WHERE l.tenant_id = OLD.tenant_id AND l.case_id = OLD.case_id AND l.state = 'waiting'
          AND r.confirmed_at IS NOT NULL
    ) THEN
        RAISE EXCEPTION 'case % is on no confirmed list of disposal', OLD.case_id
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN OLD;
END $$;
REVOKE ALL ON FUNCTION cases_only_by_disposal() FROM PUBLIC;
"""
DISPOSAL_REVERSE = "DROP FUNCTION IF EXISTS cases_only_by_disposal()"


def only_by_disposal(table: str) -> tuple[str, str]:
    """Return the SQL, and its reverse, by which rows of a table (with `case_id`) go only with their case."""
    name = f"{table}_only_by_disposal"
    return (
        f"CREATE TRIGGER {name} BEFORE DELETE ON {table} FOR EACH ROW"
        " EXECUTE FUNCTION cases_only_by_disposal()",
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
    )
