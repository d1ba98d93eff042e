"""No tenant's data reaches another: what stands in the database is walked, and every table is attacked.

A new table, view, function or grant that is neither protected nor on the short lists below fails here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from django.db import connections
from psycopg import sql
from tests.support.made_up_rows import fill, references, row_id
from tests.support.principals import BOTKYRKA, JARFALLA
from tests.support.server import Server

from sambruk.platform.tenancy.backend.schema import POLICY
from sambruk.platform.tenancy.checks import tenant_models
from sambruk.platform.tenancy.context import has_tenant, tenant_transaction
from sambruk.platform.tenancy.models import Authority, Principal
from sambruk.platform.tenancy.owner import owner_connection
from sambruk.platform.tenancy.privileges import declared, wanted_for
from sambruk.platform.tenancy.verify import faults

#: Tables that no tenant owns, and what the application may do to each. Everything else is a tenant table.
SHARED: dict[str, set[str]] = {
    "tenancy_principal": {"SELECT", "UPDATE"},  # UPDATE of one's own row, by a policy of its own
    "tenancy_hostname": {"SELECT"},
    "audit_auditepoch": {"SELECT"},
    "django_migrations": {"SELECT"},
    # Published versions of service definitions: the same for all, immutable, no personal data.
    "definitions_serviceversion": {"SELECT", "INSERT"},
    # Jobs carry ids only (the tenant's and the object's); the worker serves every tenant.
    # Counts of requests by a keyed hash that changes each window: nothing of anybody's (platform.api.limits).
    "api_ratecount": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "procrastinate_jobs": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "procrastinate_events": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "procrastinate_periodic_defers": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "procrastinate_workers": {"SELECT", "INSERT", "UPDATE", "DELETE"},
}
#: Functions that run with their owner's rights, which row security does not bind: each takes the tenant from
#: tenant() and gives out ids alone, or does what the log's own rules allow.
DEFINER_FUNCTIONS = {
    "cases_search(text, text, uuid[], uuid, integer)",
    "principals_open_to(uuid, date)",
    "audit_drop_month(date, uuid, uuid)",
}
ROLES = ("admin", "application", "backup", "owner")
TENANT_TABLES = sorted(model._meta.db_table for model in tenant_models())
CONDITION = "(tenant_id = ( SELECT tenant() AS tenant))"
_EXTENSION = "NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = {}.oid AND d.deptype = 'e')"
_OURS = "n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')"


@dataclass
class Attack:
    """A clone with a row of each of two tenants in every tenant table, and a connection for each role."""

    admin: psycopg.Connection[Any]
    app: psycopg.Connection[Any]
    backup: psycopg.Connection[Any]
    owner: psycopg.Connection[Any]
    owner_url: str

    @contextmanager
    def as_app(self, tenant: object) -> Iterator[psycopg.Connection[Any]]:
        """A transaction as the application in a tenant (None: in none), rolled back."""
        with self.app.transaction(force_rollback=True):
            if tenant is not None:
                self.app.execute("SELECT set_config('sambruk.tenant', %s, true)", (str(tenant),))
            yield self.app


@pytest.fixture(scope="module")
def attack(database_server: Server) -> Iterator[Attack]:
    with database_server.clone() as name:
        urls = {role: database_server.url(role, name) for role in ROLES}
        made = Attack(*(psycopg.connect(urls[role], autocommit=True) for role in ROLES), urls["owner"])
        fill(made.admin, (JARFALLA, BOTKYRKA))
        yield made
        for each in (made.admin, made.app, made.backup, made.owner):
            each.close()


def rows(connection: psycopg.Connection[Any], query: str, *params: Any) -> list[Any]:
    return connection.execute(query, params or None).fetchall()  # type: ignore[call-overload, no-any-return]


# -- what stands in the database


def test_the_database_is_what_the_models_say(
    database_server: Server, attack: Attack, django_db_blocker: Any
) -> None:
    assert database_server.faults == []
    with django_db_blocker.unblock(), owner_connection(attack.owner_url) as owner:
        assert faults(owner) == []


def test_every_table_is_protected_or_known_to_be_shared(attack: Attack) -> None:
    found = rows(
        attack.admin,
        f"""SELECT n.nspname, c.relname, c.relkind::text, c.relrowsecurity, c.relispartition,
               ARRAY(SELECT concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles = '{{0}}',
                                      pg_get_expr(p.polqual, c.oid), pg_get_expr(p.polwithcheck, c.oid))
                     FROM pg_policy p WHERE p.polrelid = c.oid)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'f') AND {_OURS} AND {_EXTENSION.format("c")}""",  # noqa: S608
    )
    assert {row[1] for row in found} >= set(TENANT_TABLES)
    for schema, table, kind, secured, partition, policies in found:
        assert schema == "public", f"{schema}.{table} stands in a schema that nobody watches"
        assert kind != "f", f"{table} is a foreign table"
        if table in SHARED:
            continue
        # A partition has its parent's rows but not its policies: it needs its own.
        assert secured, f"{table} has no row security{' (a partition)' if partition else ''}"
        assert policies == [f"{POLICY} * t t {CONDITION} {CONDITION}"], table
        assert partition or table in TENANT_TABLES, f"{table} belongs to no model and no list"


def test_shared_tables_say_what_may_be_done_to_them(attack: Attack) -> None:
    tables = declared()
    for table, privileges in SHARED.items():
        assert set(wanted_for(table, tables)) <= privileges, table


def test_views_run_with_their_readers_rights(attack: Attack) -> None:
    views = rows(
        attack.admin,
        f"""SELECT c.relname, c.relkind::text, coalesce(c.reloptions, '{{}}') FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('v', 'm') AND {_OURS} AND {_EXTENSION.format("c")}""",  # noqa: S608
    )
    for view, kind, options in views:
        assert kind == "v", f"{view} is materialised: its rows have left their policies"
        assert "security_invoker=true" in options, f"{view} reads as its owner"


def test_functions_with_their_owners_rights_are_few_and_closed(attack: Attack) -> None:
    functions = rows(
        attack.admin,
        f"""SELECT p.proname || '(' || pg_get_function_identity_arguments(p.oid) || ')',
                   oidvectortypes(p.proargtypes), coalesce(p.proconfig, '{{}}'), r.rolname,
                   has_function_privilege('public', p.oid, 'EXECUTE'), p.proname
            FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace JOIN pg_roles r ON r.oid = p.proowner
            WHERE p.prosecdef AND {_OURS} AND {_EXTENSION.format("p")}""",  # noqa: S608
    )
    assert {f"{row[5]}({row[1]})" for row in functions} == DEFINER_FUNCTIONS
    for name, _, settings, owner, public, _ in functions:
        assert "search_path=pg_catalog, public, pg_temp" in settings, f"{name} can be led astray"
        assert owner == "sambruk_owner"
        assert not public, f"{name} may be called by anybody"


def test_the_application_has_only_what_it_was_given(attack: Attack) -> None:
    current = rows(attack.app, "SELECT rolname, rolsuper, rolbypassrls, rolcreatedb, rolcreaterole"
                               " FROM pg_roles WHERE rolname = current_user")  # fmt: skip
    assert current == [("sambruk_app", False, False, False, False)]
    owned = "SELECT count(*) FROM pg_class WHERE relowner = 'sambruk_app'::regrole"
    assert rows(attack.admin, owned) == [(0,)]
    assert rows(
        attack.admin, "SELECT count(*) FROM pg_auth_members WHERE member = 'sambruk_app'::regrole"
    ) == [(0,)]
    assert rows(attack.admin, "SELECT count(*) FROM pg_default_acl") == [(0,)]
    assert rows(attack.app, "SELECT has_schema_privilege('public', 'CREATE')") == [(False,)]
    assert rows(attack.app, "SELECT has_database_privilege(current_database(), 'CREATE')") == [(False,)]
    columns = "SELECT count(*) FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid >= 16384"
    assert rows(attack.admin, columns) == [(0,)]
    more = rows(
        attack.admin,
        """SELECT c.relname, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
           WHERE c.relnamespace = 'public'::regnamespace AND a.grantee <> c.relowner
             AND (a.grantee = 0 OR a.privilege_type NOT IN ('SELECT', 'INSERT', 'UPDATE', 'DELETE', 'USAGE')
                  OR a.is_grantable)""",
    )
    assert more == []


# -- every tenant table is attacked


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_tenant_reads_only_its_own_rows(attack: Attack, table: str) -> None:
    name = sql.Identifier(table)
    everything = sql.SQL("SELECT DISTINCT tenant_id FROM {}").format(name)
    aimed = sql.SQL("SELECT count(*) FROM {} WHERE tenant_id = %s AND id = %s").format(name)
    target = (BOTKYRKA, row_id(table, BOTKYRKA))
    with attack.as_app(JARFALLA) as app:
        assert app.execute(everything).fetchall() == [(JARFALLA,)]
        assert app.execute(aimed, target).fetchone() == (0,)
    attack.admin.execute(sql.SQL("ALTER TABLE {} DISABLE ROW LEVEL SECURITY").format(name))
    try:
        with attack.as_app(JARFALLA) as app:  # the same reads, with the policy off
            assert (BOTKYRKA,) in app.execute(everything).fetchall()
            assert app.execute(aimed, target).fetchone() == (1,)
    finally:
        attack.admin.execute(sql.SQL("ALTER TABLE {} ENABLE ROW LEVEL SECURITY").format(name))


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_without_a_tenant_nothing_can_be_read(attack: Attack, table: str) -> None:
    for tenant in (None, ""):
        with attack.as_app(tenant) as app, pytest.raises(psycopg.Error) as raised:
            app.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
        assert raised.value.sqlstate == "SB001"


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_tenant_changes_and_removes_only_its_own_rows(attack: Attack, table: str) -> None:
    name = sql.Identifier(table)
    statements = {
        "UPDATE": sql.SQL("UPDATE {} SET tenant_id = tenant_id WHERE tenant_id = %s").format(name),
        "DELETE": sql.SQL("DELETE FROM {} WHERE tenant_id = %s").format(name),
    }
    allowed = wanted_for(table, declared())
    for privilege, statement in statements.items():
        with attack.as_app(JARFALLA) as app:
            if privilege in allowed:
                assert app.execute(statement, (BOTKYRKA,)).rowcount == 0
            else:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    app.execute(statement, (BOTKYRKA,))


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_a_row_cannot_be_written_into_another_tenant(attack: Attack, table: str) -> None:
    columns = rows(
        attack.admin,
        """SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
             AND attgenerated = '' AND attname NOT IN ('tenant_id', 'id')""",
        table,
    )
    names = sql.SQL(", ").join(sql.Identifier(row[0]) for row in columns)
    statement = "INSERT INTO {0} (tenant_id, id, {1}) SELECT %s, gen_random_uuid(), {1} FROM {0}"
    copied = sql.SQL(statement).format(sql.Identifier(table), names)
    with attack.as_app(JARFALLA) as app, pytest.raises(psycopg.errors.InsufficientPrivilege) as raised:
        app.execute(copied, (BOTKYRKA,))
    assert "row-level security" in str(raised.value) or "permission denied" in str(raised.value)


REFERENCES = [(table, *each) for table in TENANT_TABLES for each in sorted(references(table).items())]


@pytest.mark.parametrize(("table", "column", "target"), REFERENCES)
def test_a_reference_cannot_point_across(attack: Attack, table: str, column: str, target: str) -> None:
    """Not even by the owner, whom no policy binds: the key itself holds the tenant."""
    pointed = sql.SQL("UPDATE {} SET {} = %s WHERE tenant_id = %s")
    statement = pointed.format(sql.Identifier(table), sql.Identifier(column))
    with attack.owner.transaction(force_rollback=True):
        attack.owner.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
        own = attack.owner.execute(statement, (row_id(target, JARFALLA), JARFALLA))
        assert own.rowcount == 1
        with pytest.raises(psycopg.errors.ForeignKeyViolation):
            attack.owner.execute(statement, (row_id(target, BOTKYRKA), JARFALLA))


@pytest.mark.parametrize("table", TENANT_TABLES)
def test_the_backup_reads_every_tenant_and_writes_nothing(attack: Attack, table: str) -> None:
    name = sql.Identifier(table)
    found = attack.backup.execute(sql.SQL("SELECT DISTINCT tenant_id FROM {}").format(name)).fetchall()
    assert {row[0] for row in found} >= {JARFALLA, BOTKYRKA}
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attack.backup.execute(sql.SQL("DELETE FROM {}").format(name))


# -- leaks between transactions


@pytest.mark.django_db
def test_a_job_that_fails_leaves_its_tenant_to_no_other(committed_db: str) -> None:
    """One worker, one connection, one tenant after the other, the first failing in the database itself."""
    from sambruk.platform.exchange.jobs import run_periodic
    from sambruk.platform.exchange.registry import Periodic

    seen: dict[Any, set[Any]] = {}

    def work(tenant_id: Any) -> None:
        seen[tenant_id] = set(Authority.objects.values_list("tenant_id", flat=True))
        if len(seen) == 1:
            Authority.objects.create(name="Socialnämnden")

    assert run_periodic(Periodic("isolation.test", "* * * * *", "Prov", work), 0) == 1
    assert len(seen) == 3
    assert all(tenants == {key} for key, tenants in seen.items())
    assert not has_tenant()


@pytest.mark.django_db
@pytest.mark.parametrize("end", ["commit", "exception", "lost"])
def test_a_pooled_connection_carries_no_tenant(
    committed_db: str, jarfalla: Principal, botkyrka: Principal, end: str
) -> None:
    connection = connections["default"]

    def fail() -> None:
        if end == "exception":
            raise ValueError(end)
        if end == "lost":
            connection.connection.close()

    ending: Callable[[], None] = fail
    try:
        with tenant_transaction(jarfalla.pk):
            Authority.objects.count()
            ending()
    except Exception:  # noqa: BLE001 - whatever ended it, nothing may be left
        assert end != "commit"
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('sambruk.tenant', true), '')")
        assert cursor.fetchone() == ("",)
    with tenant_transaction(botkyrka.pk):
        assert set(Authority.objects.values_list("tenant_id", flat=True)) == {botkyrka.pk}
