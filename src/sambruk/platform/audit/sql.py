"""The functions and triggers of the log. Used by the first migration; later changes are migrations too."""

from __future__ import annotations

#: The transaction's number, growing over the whole life of the data. PostgreSQL's own numbers begin anew when
#: a dump is restored into another server; ``epoch`` then lifts them above all that stand (``epochs.ensure``).
XACT_FUNCTION = """
INSERT INTO audit_auditepoch (xact_offset, started_at) VALUES (0, now());
CREATE FUNCTION audit_xact_offset() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN (SELECT max(xact_offset) FROM audit_auditepoch);
CREATE FUNCTION audit_xact() RETURNS bigint LANGUAGE sql VOLATILE
    RETURN pg_current_xact_id()::text::bigint + audit_xact_offset();
"""
DROP_XACT_FUNCTION = "DROP FUNCTION audit_xact(); DROP FUNCTION audit_xact_offset()"

#: The grants keep the application from changing rows; the trigger keeps everybody, short of switching it off.
APPEND_ONLY_FUNCTION = """
CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF TG_OP = 'DELETE' AND TG_TABLE_NAME = 'audit_auditevent'
       AND current_setting('sambruk.audit_drop', true) = OLD.tenant_id::text THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit trail only grows' USING ERRCODE = 'SB002';
END $$;
"""


def append_only_trigger(table: str) -> str:
    """Return the SQL that closes one table of the log to change and removal."""
    return (
        f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION audit_append_only();"
        f"CREATE TRIGGER never_empty BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only();"
    )


APPEND_ONLY_TABLES = ("audit_auditevent", "audit_seal", "audit_droppedmonth")

#: Removes the sealed events of one month of the current tenant. Only those of which the month is already
#: recorded as dropped (a signed row) go; ids are UUID version 7, so a month is a range of ids.
DROP_MONTH_FUNCTION = """
CREATE FUNCTION audit_drop_month(month_start date, low uuid, high uuid) RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    removed bigint;
    sealed_to bigint;
    this_tenant uuid := public.tenant();
BEGIN
    IF NOT EXISTS (SELECT 1 FROM public.audit_droppedmonth d
                   WHERE d.tenant_id = this_tenant AND d.month = month_start) THEN
        RAISE EXCEPTION 'the month is not recorded as dropped' USING ERRCODE = 'SB003';
    END IF;
    SELECT max(s.upto_xact) INTO sealed_to FROM public.audit_seal s WHERE s.tenant_id = this_tenant;
    PERFORM set_config('sambruk.audit_drop', this_tenant::text, true);
    DELETE FROM public.audit_auditvalue v
        WHERE v.tenant_id = this_tenant AND v.id >= low AND v.id < high;
    DELETE FROM public.audit_auditevent e
        WHERE e.tenant_id = this_tenant AND e.id >= low AND e.id < high AND e.xact_id < sealed_to;
    GET DIAGNOSTICS removed = ROW_COUNT;
    PERFORM set_config('sambruk.audit_drop', '', true);
    RETURN removed;
END $$;
REVOKE ALL ON FUNCTION audit_drop_month(date, uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_drop_month(date, uuid, uuid) TO sambruk_app;
"""
