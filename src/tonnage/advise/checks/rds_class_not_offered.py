"""A database class that does not exist, or that its engine does not run on."""

from collections.abc import Iterator

from tonnage.advise.checks._face import Check, Hit, View, text
from tonnage.workload import CatalogError, Resource

_SERVERLESS = "db.serverless"


def _look(resource: Resource, view: View) -> Iterator[Hit]:
    name, engine = text(resource, "DBInstanceClass"), text(resource, "Engine")
    if name is None or name == _SERVERLESS:
        return
    try:
        view.catalog.db_class(name)
        if engine is not None:
            view.catalog.db_price(name, engine)
    except CatalogError as error:
        yield Hit(what=error.what, path=("DBInstanceClass",), remedy=error.remedy or "")


CHECK = Check(
    id="rds-class-not-offered",
    title="The database class exists, and its engine runs on it",
    why="An instance of a class that is not offered for its engine cannot be created.",
    remedy="Choose another class.",
    source="Amazon RDS user guide, DB instance classes; cfn-lint E3025, E3062",
    best_practice="PERF02-BP01",
    severity="impossible",
    kinds=("AWS::RDS::DBInstance",),
    look=_look,
)
