"""SQL that belongs to the tables of cases, run by the migration after the tables."""

from __future__ import annotations

# SECURITY DEFINER, since row security would keep the search from its index: it takes the tenant from
# tenant() itself, returns ids alone, and its search path is fixed. On the short list of the isolation test.
SEARCH = """
CREATE OR REPLACE FUNCTION cases_search(words text, most int) RETURNS TABLE (id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT c.id FROM public.cases_case c
    WHERE c.tenant_id = public.tenant()
      AND c.search @@ websearch_to_tsquery('swedish', words)
    ORDER BY c.opened_at DESC
    LIMIT least(most, 1000)
$$;
REVOKE ALL ON FUNCTION cases_search(text, int) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION cases_search(text, int) TO sambruk_app;
"""
SEARCH_REVERSE = "DROP FUNCTION IF EXISTS cases_search(text, int)"
