"""DocumentDB among the databases that the service answers."""

from iac.account.server import Answers, only
from tonnage.iac.account.services import docdb


def _instance(name: str, engine: str) -> dict[str, object]:
    return {
        "DBInstanceIdentifier": name,
        "DBInstanceArn": f"arn:aws:rds:us-east-1:1:db:{name}",
        "Engine": engine,
        "DBClusterIdentifier": "documents",
        "DBInstanceClass": "db.r5.large",
    }


def test_only_documents_are_read() -> None:
    arn = "arn:aws:rds:us-east-1:1:cluster:"
    clusters = [
        {"DBClusterIdentifier": "documents", "Engine": "docdb", "DBClusterArn": f"{arn}documents", "Endpoint": "d.aws"},
        {"DBClusterIdentifier": "rows", "Engine": "aurora-mysql", "DBClusterArn": f"{arn}rows"},
    ]
    instances = [_instance("first", "docdb"), _instance("other", "aurora-mysql")]
    things = list(docdb.read(Answers({"describe_db_clusters": clusters, "describe_db_instances": instances})))
    assert only(things, "AWS::DocDB::DBCluster").identifiers["d.aws"] == "Endpoint"
    assert only(things, "AWS::DocDB::DBInstance").properties == {
        "DBClusterIdentifier": "documents",
        "DBInstanceClass": "db.r5.large",
    }
