"""DynamoDB, RDS, Aurora, ElastiCache, DAX, DocumentDB, OpenSearch.

Source: AWS provider for Terraform, aws_dynamodb_table, aws_db_instance, aws_rds_cluster,
aws_elasticache_replication_group and those around them.
"""

from collections.abc import Mapping

from tonnage.iac.terraform.kinds._spelling import Made, Spec, Spelling, listed
from tonnage.workload import Value

_READ, _WRITE = "ProvisionedThroughput.ReadCapacityUnits", "ProvisionedThroughput.WriteCapacityUnits"
_INDEX: Spec = {
    "name": "IndexName",
    "read_capacity": _READ,
    "write_capacity": _WRITE,
    "projection_type": "Projection.ProjectionType",
    "non_key_attributes": "Projection.NonKeyAttributes",
    "hash_key": None,
    "range_key": None,
    "warm_throughput": ("WarmThroughput", {}),
    "on_demand_throughput": ("OnDemandThroughput", {}),
}


def _parameters(value: Value) -> Made:
    blocks = value if isinstance(value, tuple) else ()
    return {"Parameters": {str(each["name"]): each.get("value") for each in blocks if isinstance(each, Mapping)}}


def _stream(value: Value) -> Made:
    return {"StreamSpecification": {"StreamViewType": value}} if value else {}


_INSTANCE: Spec = {
    "identifier": "DBInstanceIdentifier",
    "instance_class": "DBInstanceClass",
    "multi_az": "MultiAZ",
    "parameter_group_name": "DBParameterGroupName",
    "replicate_source_db": "SourceDBInstanceIdentifier",
    "vpc_security_group_ids": "VPCSecurityGroups",
    "db_subnet_group_name": "DBSubnetGroupName",
    "db_name": "DBName",
    "username": "MasterUsername",
    "password": None,
    "performance_insights_enabled": "EnablePerformanceInsights",
}
_GROUP: Spec = {"name": "DBParameterGroupName", "parameter": _parameters}
KINDS: Mapping[str, Spelling] = {
    "aws_dynamodb_table": Spelling(
        kind="AWS::DynamoDB::Table",
        spec={
            "name": "TableName",
            "read_capacity": _READ,
            "write_capacity": _WRITE,
            "global_secondary_index": [("GlobalSecondaryIndexes", _INDEX)],
            "local_secondary_index": None,
            "attribute": None,
            "hash_key": None,
            "range_key": None,
            "stream_enabled": None,
            "stream_view_type": _stream,
            "warm_throughput": ("WarmThroughput", {}),
            "on_demand_throughput": ("OnDemandThroughput", {}),
            "ttl": None,
            "server_side_encryption": None,
            "point_in_time_recovery": None,
        },
        defaults={"BillingMode": "PROVISIONED"},
    ),
    "aws_db_instance": Spelling(kind="AWS::RDS::DBInstance", spec=_INSTANCE),
    "aws_rds_cluster": Spelling(
        kind="AWS::RDS::DBCluster",
        spec={
            "cluster_identifier": "DBClusterIdentifier",
            "serverlessv2_scaling_configuration": ("ServerlessV2ScalingConfiguration", {}),
            "scaling_configuration": None,
            "db_cluster_parameter_group_name": "DBClusterParameterGroupName",
            "db_subnet_group_name": "DBSubnetGroupName",
            "master_password": None,
        },
        defaults={"Engine": "aurora"},
    ),
    "aws_rds_cluster_instance": Spelling(
        kind="AWS::RDS::DBInstance",
        spec={**_INSTANCE, "cluster_identifier": "DBClusterIdentifier"},
        defaults={"Engine": "aurora"},
    ),
    "aws_db_parameter_group": Spelling(kind="AWS::RDS::DBParameterGroup", spec=_GROUP),
    "aws_rds_cluster_parameter_group": Spelling(kind="AWS::RDS::DBClusterParameterGroup", spec=_GROUP),
    "aws_db_subnet_group": Spelling(kind="AWS::RDS::DBSubnetGroup", spec={"name": "DBSubnetGroupName"}),
    "aws_db_proxy": Spelling(kind="AWS::RDS::DBProxy", spec={"name": "DBProxyName", "auth": None}),
    "aws_db_proxy_default_target_group": Spelling(
        kind="AWS::RDS::DBProxyTargetGroup",
        spec={
            "db_proxy_name": "DBProxyName",
            "connection_pool_config": ("ConnectionPoolConfigurationInfo", {}),
        },
    ),
    "aws_db_proxy_target": Spelling(
        kind="AWS::RDS::DBProxyTargetGroup",
        spec={
            "db_proxy_name": "DBProxyName",
            "db_instance_identifier": listed("DBInstanceIdentifiers"),
            "db_cluster_identifier": listed("DBClusterIdentifiers"),
        },
    ),
    "aws_elasticache_replication_group": Spelling(
        kind="AWS::ElastiCache::ReplicationGroup",
        spec={
            "node_type": "CacheNodeType",
            "num_cache_clusters": "NumCacheClusters",
            "num_node_groups": "NumNodeGroups",
            "replicas_per_node_group": "ReplicasPerNodeGroup",
            "parameter_group_name": "CacheParameterGroupName",
            "subnet_group_name": "CacheSubnetGroupName",
            "multi_az_enabled": "MultiAZEnabled",
            "auth_token": None,
        },
        defaults={"Engine": "redis"},
    ),
    "aws_elasticache_cluster": Spelling(
        kind="AWS::ElastiCache::CacheCluster",
        spec={
            "node_type": "CacheNodeType",
            "num_cache_nodes": "NumCacheNodes",
            "cluster_id": "ClusterName",
            "parameter_group_name": "CacheParameterGroupName",
            "subnet_group_name": "CacheSubnetGroupName",
            "az_mode": "AZMode",
            "security_group_ids": "VpcSecurityGroupIds",
        },
    ),
    "aws_elasticache_serverless_cache": Spelling(
        kind="AWS::ElastiCache::ServerlessCache",
        spec={
            "name": "ServerlessCacheName",
            "cache_usage_limits": (
                "CacheUsageLimits",
                {"data_storage": ("DataStorage", {}), "ecpu_per_second": ("ECPUPerSecond", {})},
            ),
        },
    ),
    "aws_elasticache_parameter_group": Spelling(
        kind="AWS::ElastiCache::ParameterGroup",
        spec={
            "family": "CacheParameterGroupFamily",
            "parameter": lambda value: {"Properties": _parameters(value)["Parameters"]},
        },
    ),
    "aws_elasticache_subnet_group": Spelling(kind="AWS::ElastiCache::SubnetGroup"),
    "aws_dax_cluster": Spelling(
        kind="AWS::DAX::Cluster",
        spec={"node_type": "NodeType", "replication_factor": "ReplicationFactor", "iam_role_arn": "IAMRoleARN"},
    ),
    "aws_docdb_cluster": Spelling(
        kind="AWS::DocDB::DBCluster", spec={"cluster_identifier": "DBClusterIdentifier", "master_password": None}
    ),
    "aws_docdb_cluster_instance": Spelling(
        kind="AWS::DocDB::DBInstance",
        spec={"cluster_identifier": "DBClusterIdentifier", "instance_class": "DBInstanceClass"},
    ),
    "aws_neptune_cluster": Spelling(kind="AWS::Neptune::DBCluster"),
    "aws_elasticsearch_domain": Spelling(
        kind="AWS::OpenSearchService::Domain", spec={"cluster_config": ("ClusterConfig", {}), "ebs_options": None}
    ),
    "aws_opensearch_domain": Spelling(
        kind="AWS::OpenSearchService::Domain",
        spec={
            "cluster_config": ("ClusterConfig", {}),
            "ebs_options": ("EBSOptions", {}),
            "advanced_security_options": None,
        },
    ),
}
