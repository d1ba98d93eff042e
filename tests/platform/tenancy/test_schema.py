"""What the schema editor writes for a tenant table, as migrations create and change it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import IntegrityError, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import operations
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState
from tests.support.principals import BOTKYRKA, JARFALLA
from tests.support.server import Server

from sambruk.platform.tenancy.checks import check_model
from sambruk.platform.tenancy.fields import TenantField, TenantForeignKey, TenantOneToOneField
from sambruk.platform.tenancy.owner import owner_connection

pytestmark = pytest.mark.django_db

OF = {"app_label": "tenancy"}


class Workshop:
    """A database in which migrations of made-up models are run as the owner."""

    def __init__(self, connection: BaseDatabaseWrapper) -> None:
        from django.db.migrations.loader import MigrationLoader

        self.connection = connection
        self.state: ProjectState = MigrationLoader(connection).project_state(("tenancy", "0001_initial"))

    def run(self, *steps: Operation) -> None:
        for step in steps:
            new = self.state.clone()
            step.state_forwards("tenancy", new)
            with self.connection.schema_editor() as editor:
                step.database_forwards("tenancy", editor, self.state, new)
            self.state = new

    def model(self, name: str) -> Any:
        return self.state.apps.get_model("tenancy", name)

    def rows(self, query: str, *params: Any) -> list[Any]:
        with self.connection.cursor() as cursor:
            cursor.execute(query, params)
            return list(cursor.fetchall())

    def constraints(self, table: str) -> set[str]:
        query = """SELECT pg_get_constraintdef(oid) FROM pg_constraint
                   WHERE conrelid = %s::regclass AND contype <> 'n'"""
        return {row[0] for row in self.rows(query, table)}

    def indexes(self, table: str) -> set[str]:
        query = "SELECT indexdef FROM pg_indexes WHERE tablename = %s"
        return {row[0].partition(" USING ")[2] for row in self.rows(query, table)}


@pytest.fixture
def workshop(committed_db: str, database_server: Server) -> Iterator[Workshop]:
    with owner_connection(database_server.url("owner", committed_db)) as connection:
        yield Workshop(connection)


def key() -> tuple[str, models.Field[Any, Any]]:
    return "id", models.UUIDField(primary_key=True, default=uuid.uuid4)


def tenant() -> tuple[str, models.Field[Any, Any]]:
    return "tenant", TenantField()


PARENT = operations.CreateModel("Parent", [key(), tenant(), ("name", models.CharField(max_length=9))])
CHILD = operations.CreateModel(
    "Child",
    [key(), tenant(), ("parent", TenantForeignKey("tenancy.Parent", models.CASCADE))],
)


def test_a_tenant_table_gets_its_keys_index_and_policy(workshop: Workshop) -> None:
    workshop.run(PARENT, CHILD)
    assert workshop.constraints("tenancy_child") == {
        "PRIMARY KEY (tenant_id, id)",
        "FOREIGN KEY (tenant_id) REFERENCES tenancy_principal(id) DEFERRABLE",
        "FOREIGN KEY (tenant_id, parent_id) REFERENCES tenancy_parent(tenant_id, id) DEFERRABLE",
    }
    assert workshop.indexes("tenancy_child") == {"btree (tenant_id, id)", "btree (tenant_id, parent_id)"}
    condition = "(tenant_id = ( SELECT tenant() AS tenant))"
    assert workshop.rows(
        "SELECT cmd, qual, with_check FROM pg_policies WHERE tablename = 'tenancy_child'"
    ) == [("ALL", condition, condition)]
    assert workshop.rows("SELECT relrowsecurity FROM pg_class WHERE relname = 'tenancy_child'") == [(True,)]


def test_a_reference_cannot_point_across(workshop: Workshop) -> None:
    workshop.run(PARENT, CHILD)
    parent, child = workshop.model("Parent"), workshop.model("Child")
    mine = parent.objects.using("owner").create(tenant_id=JARFALLA, name="x")
    child.objects.using("owner").create(tenant_id=JARFALLA, parent_id=mine.pk)
    with pytest.raises(IntegrityError, match="fk_tenancy_parent"), transaction.atomic("owner"):
        child.objects.using("owner").create(tenant_id=BOTKYRKA, parent_id=mine.pk)


def test_uniqueness_and_index_of_one_field_hold_within_the_tenant(workshop: Workshop) -> None:
    fields = [
        key(),
        tenant(),
        ("code", models.CharField(max_length=9, unique=True)),
        ("label", models.CharField(max_length=9, db_index=True)),
        ("one", TenantOneToOneField("tenancy.Parent", models.CASCADE)),
    ]
    workshop.run(PARENT, operations.CreateModel("Thing", fields))
    assert workshop.indexes("tenancy_thing") == {
        "btree (tenant_id, id)",
        "btree (tenant_id, code)",
        "btree (tenant_id, label)",
        "btree (tenant_id, one_id)",
    }
    assert "UNIQUE (tenant_id, one_id)" in workshop.constraints("tenancy_thing")


def test_a_shared_table_is_djangos_own(workshop: Workshop) -> None:
    shared = operations.CreateModel("Shared", [("code", models.CharField(max_length=9, primary_key=True))])
    workshop.run(shared)
    assert workshop.constraints("tenancy_shared") == {"PRIMARY KEY (code)"}
    assert workshop.rows("SELECT relrowsecurity FROM pg_class WHERE relname = 'tenancy_shared'") == [(False,)]


def test_a_reference_added_later_is_validated_apart(workshop: Workshop) -> None:
    added = operations.AddField(
        "Child", "other", TenantForeignKey("tenancy.Parent", models.SET_NULL, null=True)
    )
    workshop.run(PARENT, CHILD, added)
    reference = (
        "FOREIGN KEY (tenant_id, other_id) REFERENCES tenancy_parent(tenant_id, id) DEFERRABLE NOT VALID"
    )
    assert reference in workshop.constraints("tenancy_child")
    assert "btree (tenant_id, other_id)" in workshop.indexes("tenancy_child")


def test_a_field_that_is_removed_takes_its_key_and_index_along(workshop: Workshop) -> None:
    workshop.run(PARENT, CHILD, operations.RemoveField("Child", "parent"))
    assert not any("parent" in each for each in workshop.constraints("tenancy_child"))
    assert workshop.indexes("tenancy_child") == {"btree (tenant_id, id)"}


def test_altering_a_reference_moves_what_stands_on_it(workshop: Workshop) -> None:
    other = operations.CreateModel("Other", [key(), tenant()])
    to_other = operations.AlterField(
        "Child", "parent", TenantForeignKey("tenancy.Other", models.CASCADE, null=True)
    )
    workshop.run(PARENT, CHILD, other, to_other)
    pointing = {each for each in workshop.constraints("tenancy_child") if "parent_id" in each}
    assert pointing == {
        "FOREIGN KEY (tenant_id, parent_id) REFERENCES tenancy_other(tenant_id, id) DEFERRABLE NOT VALID"
    }
    without = TenantForeignKey("tenancy.Other", models.CASCADE, null=True, db_index=False)
    workshop.run(operations.AlterField("Child", "parent", without))
    assert workshop.indexes("tenancy_child") == {"btree (tenant_id, id)"}
    workshop.run(operations.AlterField("Child", "parent", TenantForeignKey("tenancy.Other", models.CASCADE)))
    assert "btree (tenant_id, parent_id)" in workshop.indexes("tenancy_child")
    unique = TenantOneToOneField("tenancy.Other", models.CASCADE)
    workshop.run(operations.AlterField("Child", "parent", unique))
    assert "UNIQUE (tenant_id, parent_id)" in workshop.constraints("tenancy_child")
    workshop.run(operations.AlterField("Child", "parent", TenantForeignKey("tenancy.Other", models.CASCADE)))
    assert "UNIQUE (tenant_id, parent_id)" not in workshop.constraints("tenancy_child")


def test_an_altered_plain_field_keeps_the_tenant_in_front(workshop: Workshop) -> None:
    workshop.run(
        PARENT,
        operations.AlterField("Parent", "name", models.CharField(max_length=20, unique=True)),
    )
    assert "UNIQUE (tenant_id, name)" in workshop.constraints("tenancy_parent")
    workshop.run(operations.AlterField("Parent", "name", models.CharField(max_length=20, db_index=True)))
    assert "UNIQUE (tenant_id, name)" not in workshop.constraints("tenancy_parent")
    assert workshop.indexes("tenancy_parent") == {"btree (tenant_id, id)", "btree (tenant_id, name)"}
    workshop.run(operations.AlterField("Parent", "name", models.TextField()))
    assert workshop.indexes("tenancy_parent") == {"btree (tenant_id, id)"}


def test_renaming_and_deleting_leave_nothing_behind(workshop: Workshop) -> None:
    workshop.run(PARENT, CHILD, operations.RenameField("Child", "parent", "above"))
    assert any("(tenant_id, above_id)" in each for each in workshop.constraints("tenancy_child"))
    workshop.run(operations.RenameModel("Parent", "Above"))
    assert any("REFERENCES tenancy_above" in each for each in workshop.constraints("tenancy_child"))
    workshop.run(operations.DeleteModel("Child"), operations.DeleteModel("Above"))
    assert workshop.rows("SELECT 1 FROM pg_policies WHERE tablename LIKE 'tenancy_%%ove'") == []


def test_a_many_to_many_table_without_tenant_is_refused(workshop: Workshop) -> None:
    link = operations.AddField("Child", "many", models.ManyToManyField("tenancy.Parent", related_name="+"))
    with pytest.raises(ValueError, match="TenantModel as through"):
        workshop.run(PARENT, CHILD, link)


def _faults(workshop: Workshop, *steps: Operation) -> list[str]:
    workshop.run(*steps)
    return [str(fault.id) for fault in check_model(workshop.model("Wrong"))]


def test_the_checks_name_what_stands_without_its_tenant(workshop: Workshop) -> None:
    workshop.run(PARENT)
    plain = ("parent", models.ForeignKey("tenancy.Parent", models.CASCADE, db_constraint=False))
    two = {
        "constraints": [models.UniqueConstraint(fields=["name"], name="wrong_name")],
        "indexes": [models.Index(fields=["name", "tenant"], name="wrong_index")],
    }
    fields = [key(), tenant(), ("name", models.TextField()), plain]
    found = _faults(workshop, operations.CreateModel("Wrong", fields, two))
    assert found == ["tenancy.E001", "tenancy.E005", "tenancy.E005"]
    workshop.run(operations.DeleteModel("Wrong"))
    assert _faults(workshop, operations.CreateModel("Wrong", [key(), plain])) == ["tenancy.E002"]
