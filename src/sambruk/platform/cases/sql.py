"""SQL that belongs to the tables of cases, run by the migration after the tables."""

from __future__ import annotations

# SECURITY DEFINER, since row security would keep the search from its index: it takes the tenant from
# tenant() itself, returns ids alone, and its search path is fixed. On the short list of the isolation test.
# Units and view narrow before the latest are taken, so that one's own old case is found among others' new
# ones; who may see what is decided by the statement that reads the ids again (cases.access).
SEARCH = """
CREATE OR REPLACE FUNCTION cases_search(words text, view text, units uuid[], me uuid, most int)
RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id FROM public.cases_case c
    WHERE c.tenant_id = public.tenant()
      AND c.search @@ websearch_to_tsquery('swedish', words)
      AND c.unit_id = ANY (units)
      AND (c.closed_at IS NULL) = (view <> 'closed')
      AND CASE view
          WHEN 'mine' THEN c.assignee_id = me
          WHEN 'inbox' THEN c.assignee_id IS NULL
          WHEN 'waiting' THEN c.station = 'waiting'
          ELSE true END
    ORDER BY c.opened_at DESC
    LIMIT least(most, 1000)
$$;
REVOKE ALL ON FUNCTION cases_search(text, text, uuid[], uuid, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cases_search(text, text, uuid[], uuid, int) TO sambruk_app;
"""
SEARCH_REVERSE = "DROP FUNCTION IF EXISTS cases_search(text, text, uuid[], uuid, int)"
