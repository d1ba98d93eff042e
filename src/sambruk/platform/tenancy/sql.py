"""The SQL that stands under all tenant tables. Used by the first migration; later changes are migrations."""

from __future__ import annotations

#: Trusted extensions: the database's owner may create them without being a superuser.
EXTENSIONS = ("pg_trgm", "btree_gin", "btree_gist", "unaccent")

#: The tenant of the transaction. After a transaction that set it locally the setting is '' rather than
#: NULL, so both raise. STABLE and used as ``(select tenant())``: evaluated once a statement, and an index
#: on tenant_id can still be used.
TENANT_FUNCTION = """
CREATE FUNCTION tenant() RETURNS uuid LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
DECLARE
    value text := current_setting('sambruk.tenant', true);
BEGIN
    IF value IS NULL OR value = '' THEN
        RAISE EXCEPTION 'no tenant is set' USING ERRCODE = 'SB001',
            HINT = 'Open tenant_transaction(principal_id) first.';
    END IF;
    RETURN value::uuid;
END $$;
"""
#: SQLSTATE of the exception above.
NO_TENANT_STATE = "SB001"

#: Every tenant may read all principals (their names and colours are public); it may change its own.
PRINCIPAL_POLICIES = """
ALTER TABLE tenancy_principal ENABLE ROW LEVEL SECURITY;
CREATE POLICY principal_read ON tenancy_principal FOR SELECT USING (true);
CREATE POLICY principal_change ON tenancy_principal FOR UPDATE
    USING (id = (SELECT tenant())) WITH CHECK (id = (SELECT tenant()));
"""

#: What the home principal may know of grants that others gave its staff: which, not why.
OPEN_TO_FUNCTION = """
CREATE FUNCTION principals_open_to(staff uuid, day date) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT DISTINCT g.tenant_id FROM public.tenancy_staffgrant g
    WHERE g.home_id = public.tenant() AND g.staff_id = staff
      AND g.valid_from <= day AND (g.valid_to IS NULL OR day <= g.valid_to)
$$;
REVOKE ALL ON FUNCTION principals_open_to(uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION principals_open_to(uuid, date) TO sambruk_app;
"""
