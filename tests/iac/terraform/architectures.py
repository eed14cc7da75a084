"""The same architectures as CloudFormation and as Terraform; resources are labelled alike."""

WEB = (
    """
Resources:
  WebGroup: { Type: AWS::EC2::SecurityGroup, Properties: { GroupDescription: web } }
  DataGroup:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: data
      SecurityGroupIngress: [{ IpProtocol: tcp, FromPort: 3306, ToPort: 3306, SourceSecurityGroupId: !Ref WebGroup }]
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      LoadBalancerAttributes: [{ Key: idle_timeout.timeout_seconds, Value: "30" }]
  Targets:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: 80
      HealthCheckIntervalSeconds: 10
      TargetGroupAttributes:
        - { Key: deregistration_delay.timeout_seconds, Value: "60" }
        - { Key: slow_start.duration_seconds, Value: "30" }
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
  Template:
    Type: AWS::EC2::LaunchTemplate
    Properties:
      LaunchTemplateData:
        InstanceType: t3.medium
        CreditSpecification: { CpuCredits: unlimited }
        SecurityGroupIds: [!Ref WebGroup]
        Monitoring: { Enabled: true }
  Web:
    Type: AWS::AutoScaling::AutoScalingGroup
    Properties:
      MinSize: "2"
      MaxSize: "8"
      DefaultInstanceWarmup: 120
      LaunchTemplate: { LaunchTemplateId: !Ref Template, Version: "1" }
      TargetGroupARNs: [!Ref Targets]
  Tracking:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref Web
      PolicyType: TargetTrackingScaling
      TargetTrackingConfiguration:
        PredefinedMetricSpecification: { PredefinedMetricType: ASGAverageCPUUtilization }
        TargetValue: 50
  Stepping:
    Type: AWS::AutoScaling::ScalingPolicy
    Properties:
      AutoScalingGroupName: !Ref Web
      PolicyType: StepScaling
      AdjustmentType: PercentChangeInCapacity
      StepAdjustments:
        - { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 20, ScalingAdjustment: 10 }
        - { MetricIntervalLowerBound: 20, ScalingAdjustment: 30 }
  High:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmActions: [!Ref Stepping]
      ComparisonOperator: GreaterThanOrEqualToThreshold
      Dimensions: [{ Name: AutoScalingGroupName, Value: !Ref Web }]
      EvaluationPeriods: 3
      DatapointsToAlarm: 2
      MetricName: CPUUtilization
      Namespace: AWS/EC2
      Period: 60
      Statistic: Average
      Threshold: 70
  Database:
    Type: AWS::RDS::DBInstance
    Properties:
      DBInstanceClass: db.t3.medium
      Engine: mysql
      AllocatedStorage: "100"
      StorageType: gp2
      MultiAZ: true
      VPCSecurityGroups: [!Ref DataGroup]
  Sessions:
    Type: AWS::ElastiCache::ReplicationGroup
    Properties:
      ReplicationGroupDescription: sessions
      Engine: redis
      CacheNodeType: cache.t3.micro
      NumCacheClusters: 2
      SecurityGroupIds: [!Ref DataGroup]
""",
    """
variable "least" {
  type    = number
  default = 2
}
locals {
  sizes = { least = var.least, most = 8 }
}
resource "aws_security_group" "web_group" { description = "web" }
resource "aws_security_group" "data_group" {
  description = "data"
}
resource "aws_security_group_rule" "data_ingress" {
  type                     = "ingress"
  security_group_id        = aws_security_group.data_group.id
  source_security_group_id = aws_security_group.web_group.id
  protocol                 = "tcp"
  from_port                = 3306
  to_port                  = 3306
}
resource "aws_lb" "balancer" {
  idle_timeout = 30
}
resource "aws_lb_target_group" "targets" {
  port                 = 80
  deregistration_delay = 60
  slow_start           = 30
  health_check { interval = 10 }
}
resource "aws_lb_listener" "listener" {
  load_balancer_arn = aws_lb.balancer.arn
  default_action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.targets.arn
  }
}
resource "aws_launch_template" "template" {
  instance_type          = "t3.medium"
  vpc_security_group_ids = [aws_security_group.web_group.id]
  credit_specification { cpu_credits = "unlimited" }
  monitoring { enabled = true }
}
resource "aws_autoscaling_group" "web" {
  min_size                = local.sizes.least
  max_size                = local.sizes["most"]
  default_instance_warmup = 120
  launch_template {
    id      = aws_launch_template.template.id
    version = "1"
  }
}
resource "aws_autoscaling_attachment" "web" {
  autoscaling_group_name = aws_autoscaling_group.web.name
  lb_target_group_arn    = aws_lb_target_group.targets.arn
}
resource "aws_autoscaling_policy" "tracking" {
  name                   = "tracking"
  autoscaling_group_name = aws_autoscaling_group.web.name
  policy_type            = "TargetTrackingScaling"
  target_tracking_configuration {
    predefined_metric_specification {
      predefined_metric_type = "ASGAverageCPUUtilization"
    }
    target_value = 50
  }
}
resource "aws_autoscaling_policy" "stepping" {
  name                   = "stepping"
  autoscaling_group_name = aws_autoscaling_group.web.name
  policy_type            = "StepScaling"
  adjustment_type        = "PercentChangeInCapacity"
  dynamic "step_adjustment" {
    for_each = [{ low = 0, high = 20, add = 10 }, { low = 20, high = null, add = 30 }]
    content {
      metric_interval_lower_bound = step_adjustment.value.low
      metric_interval_upper_bound = step_adjustment.value.high
      scaling_adjustment          = step_adjustment.value.add
    }
  }
}
resource "aws_cloudwatch_metric_alarm" "high" {
  alarm_actions       = [aws_autoscaling_policy.stepping.arn]
  comparison_operator = "GreaterThanOrEqualToThreshold"
  dimensions          = { AutoScalingGroupName = aws_autoscaling_group.web.name }
  evaluation_periods  = 3
  datapoints_to_alarm = 2
  metric_name         = "CPUUtilization"
  namespace           = "AWS/EC2"
  period              = 60
  statistic           = "Average"
  threshold           = 70
}
resource "aws_db_instance" "database" {
  instance_class         = "db.t3.medium"
  engine                 = "mysql"
  allocated_storage      = 100
  storage_type           = "gp2"
  multi_az               = true
  password               = "hunter2-planted"
  vpc_security_group_ids = [aws_security_group.data_group.id]
}
resource "aws_elasticache_replication_group" "sessions" {
  description          = "sessions"
  engine               = "redis"
  node_type            = "cache.t3.micro"
  num_cache_clusters   = 2
  security_group_ids   = [aws_security_group.data_group.id]
}
""",
)
API = (
    """
Resources:
  Orders:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: orders
      BillingMode: PROVISIONED
      ProvisionedThroughput: { ReadCapacityUnits: 10, WriteCapacityUnits: 5 }
      GlobalSecondaryIndexes:
        - IndexName: by_customer
          ProvisionedThroughput: { ReadCapacityUnits: 3, WriteCapacityUnits: 2 }
          Projection: { ProjectionType: KEYS_ONLY }
  Reads:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: 10
      MaxCapacity: 100
      ResourceId: !Sub "table/${Orders}"
      ScalableDimension: dynamodb:table:ReadCapacityUnits
      ServiceNamespace: dynamodb
  ReadsPolicy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Reads
      TargetTrackingScalingPolicyConfiguration:
        PredefinedMetricSpecification: { PredefinedMetricType: DynamoDBReadCapacityUtilization }
        TargetValue: 60
  Role:
    Type: AWS::IAM::Role
    Properties: { AssumeRolePolicyDocument: {} }
  Access:
    Type: AWS::IAM::Policy
    Properties:
      Roles: [!Ref Role]
      PolicyDocument:
        Statement: [{ Effect: Allow, Action: [dynamodb:GetItem, dynamodb:PutItem], Resource: !GetAtt Orders.Arn }]
  Handler:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.12
      MemorySize: 512
      Timeout: 10
      Architectures: [arm64]
      Role: !GetAtt Role.Arn
      ReservedConcurrentExecutions: 50
  Api: { Type: AWS::ApiGatewayV2::Api, Properties: { ProtocolType: HTTP } }
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: { ApiId: !Ref Api, IntegrationType: AWS_PROXY, IntegrationUri: !GetAtt Handler.Arn }
  Stage:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref Api
      DefaultRouteSettings: { ThrottlingRateLimit: 500, ThrottlingBurstLimit: 200 }
""",
    """
resource "aws_dynamodb_table" "orders" {
  name           = "orders"
  read_capacity  = 10
  write_capacity = 5
  hash_key       = "id"
  attribute {
    name = "id"
    type = "S"
  }
  global_secondary_index {
    name            = "by_customer"
    hash_key        = "customer"
    read_capacity   = 3
    write_capacity  = 2
    projection_type = "KEYS_ONLY"
  }
}
resource "aws_appautoscaling_target" "reads" {
  min_capacity       = 10
  max_capacity       = 100
  resource_id        = "table/${aws_dynamodb_table.orders.name}"
  scalable_dimension = "dynamodb:table:ReadCapacityUnits"
  service_namespace  = "dynamodb"
}
resource "aws_appautoscaling_policy" "reads_policy" {
  name               = "reads"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.reads.resource_id
  scalable_dimension = aws_appautoscaling_target.reads.scalable_dimension
  service_namespace  = aws_appautoscaling_target.reads.service_namespace
  target_tracking_scaling_policy_configuration {
    target_value = 60
    predefined_metric_specification {
      predefined_metric_type = "DynamoDBReadCapacityUtilization"
    }
  }
}
resource "aws_iam_role" "role" {
  assume_role_policy = jsonencode({ Version = "2012-10-17" })
}
data "aws_iam_policy_document" "access" {
  statement {
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem"]
    resources = [aws_dynamodb_table.orders.arn]
  }
}
resource "aws_iam_role_policy" "access" {
  role   = aws_iam_role.role.id
  policy = data.aws_iam_policy_document.access.json
}
resource "aws_lambda_function" "handler" {
  function_name                  = "handler"
  runtime                        = "python3.12"
  memory_size                    = 512
  timeout                        = 10
  architectures                  = ["arm64"]
  role                           = aws_iam_role.role.arn
  reserved_concurrent_executions = 50
}
resource "aws_apigatewayv2_api" "api" {
  name          = "api"
  protocol_type = "HTTP"
}
resource "aws_apigatewayv2_integration" "integration" {
  api_id           = aws_apigatewayv2_api.api.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.handler.invoke_arn
}
resource "aws_apigatewayv2_stage" "stage" {
  api_id = aws_apigatewayv2_api.api.id
  name   = "$default"
  default_route_settings {
    throttling_rate_limit  = 500
    throttling_burst_limit = 200
  }
}
""",
)
CONTAINERS = (
    """
Resources:
  Cluster: { Type: AWS::ECS::Cluster }
  Balancer: { Type: AWS::ElasticLoadBalancingV2::LoadBalancer }
  Targets: { Type: AWS::ElasticLoadBalancingV2::TargetGroup, Properties: { TargetType: ip } }
  Listener:
    Type: AWS::ElasticLoadBalancingV2::Listener
    Properties:
      LoadBalancerArn: !Ref Balancer
      DefaultActions: [{ Type: forward, TargetGroupArn: !Ref Targets }]
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: "512"
      Memory: "1024"
      RequiresCompatibilities: [FARGATE]
      ContainerDefinitions:
        - Name: app
          Image: app
          Environment: [{ Name: DB, Value: !GetAtt Data.Endpoint.Address }]
  App:
    Type: AWS::ECS::Service
    DependsOn: Listener
    Properties:
      Cluster: !Ref Cluster
      TaskDefinition: !Ref Task
      DesiredCount: 3
      LaunchType: FARGATE
      LoadBalancers: [{ TargetGroupArn: !Ref Targets, ContainerName: app, ContainerPort: 80 }]
  Scalable:
    Type: AWS::ApplicationAutoScaling::ScalableTarget
    Properties:
      MinCapacity: 2
      MaxCapacity: 20
      ResourceId: !Join ["/", [service, !Ref Cluster, !GetAtt App.Name]]
      ScalableDimension: ecs:service:DesiredCount
      ServiceNamespace: ecs
  Policy:
    Type: AWS::ApplicationAutoScaling::ScalingPolicy
    Properties:
      PolicyType: TargetTrackingScaling
      ScalingTargetId: !Ref Scalable
      TargetTrackingScalingPolicyConfiguration:
        PredefinedMetricSpecification: { PredefinedMetricType: ECSServiceAverageCPUUtilization }
        TargetValue: 55
        ScaleInCooldown: 120
        ScaleOutCooldown: 30
  Data:
    Type: AWS::RDS::DBCluster
    Properties:
      Engine: aurora-postgresql
      ServerlessV2ScalingConfiguration: { MinCapacity: 1, MaxCapacity: 8 }
  Writer:
    Type: AWS::RDS::DBInstance
    Properties: { DBClusterIdentifier: !Ref Data, DBInstanceClass: db.serverless, Engine: aurora-postgresql }
""",
    """
resource "aws_ecs_cluster" "cluster" { name = "main" }
resource "aws_lb" "balancer" { name = "app" }
resource "aws_lb_target_group" "targets" { target_type = "ip" }
resource "aws_lb_listener" "listener" {
  load_balancer_arn = aws_lb.balancer.arn
  default_action {
    type = "forward"
    forward {
      target_group { arn = aws_lb_target_group.targets.arn }
    }
  }
}
resource "aws_ecs_task_definition" "task" {
  family                   = "app"
  cpu                      = 512
  memory                   = 1024
  requires_compatibilities = ["FARGATE"]
  container_definitions = jsonencode([{
    name        = "app"
    image       = "app"
    environment = [{ name = "DB", value = aws_rds_cluster.data.endpoint }]
  }])
}
resource "aws_ecs_service" "app" {
  name            = "app"
  cluster         = aws_ecs_cluster.cluster.id
  task_definition = aws_ecs_task_definition.task.arn
  desired_count   = 3
  launch_type     = "FARGATE"
  load_balancer {
    target_group_arn = aws_lb_target_group.targets.arn
    container_name   = "app"
    container_port   = 80
  }
}
resource "aws_appautoscaling_target" "scalable" {
  min_capacity       = 2
  max_capacity       = 20
  resource_id        = "service/${aws_ecs_cluster.cluster.name}/${aws_ecs_service.app.name}"
  scalable_dimension = "ecs:service:DesiredCount"
  service_namespace  = "ecs"
}
resource "aws_appautoscaling_policy" "policy" {
  name               = "cpu"
  policy_type        = "TargetTrackingScaling"
  resource_id        = aws_appautoscaling_target.scalable.resource_id
  scalable_dimension = aws_appautoscaling_target.scalable.scalable_dimension
  service_namespace  = aws_appautoscaling_target.scalable.service_namespace
  target_tracking_scaling_policy_configuration {
    predefined_metric_specification { predefined_metric_type = "ECSServiceAverageCPUUtilization" }
    target_value       = 55
    scale_in_cooldown  = 120
    scale_out_cooldown = 30
  }
}
resource "aws_rds_cluster" "data" {
  engine          = "aurora-postgresql"
  master_password = "hunter2-planted"
  serverlessv2_scaling_configuration {
    min_capacity = 1
    max_capacity = 8
  }
}
resource "aws_rds_cluster_instance" "writer" {
  cluster_identifier = aws_rds_cluster.data.id
  instance_class     = "db.serverless"
  engine             = aws_rds_cluster.data.engine
}
""",
)
WORKERS = (
    """
Resources:
  Topic: { Type: AWS::SNS::Topic }
  Dead: { Type: AWS::SQS::Queue }
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 180
      MessageRetentionPeriod: 86400
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 4 }
  Subscription:
    Type: AWS::SNS::Subscription
    Properties: { TopicArn: !Ref Topic, Protocol: sqs, Endpoint: !GetAtt Jobs.Arn }
  Results: { Type: AWS::DynamoDB::Table, Properties: { BillingMode: PAY_PER_REQUEST } }
  Worker:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: nodejs20.x
      MemorySize: 1024
      Timeout: 30
      Environment: { Variables: { TABLE: !Ref Results, TOKEN: hunter2-planted } }
  Mapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Jobs.Arn
      FunctionName: !Ref Worker
      BatchSize: 5
      ScalingConfig: { MaximumConcurrency: 20 }
""",
    """
resource "aws_sns_topic" "topic" { name = "topic" }
resource "aws_sqs_queue" "dead" { name = "dead" }
resource "aws_sqs_queue" "jobs" {
  name                       = "jobs"
  visibility_timeout_seconds = 180
  message_retention_seconds  = 60 * 60 * 24
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead.arn
    maxReceiveCount     = 4
  })
}
resource "aws_sns_topic_subscription" "subscription" {
  topic_arn = aws_sns_topic.topic.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.jobs.arn
}
resource "aws_dynamodb_table" "results" {
  name         = "results"
  billing_mode = "PAY_PER_REQUEST"
}
resource "aws_lambda_function" "worker" {
  runtime     = "nodejs20.x"
  memory_size = 1024
  timeout     = 30
  environment {
    variables = {
      TABLE = aws_dynamodb_table.results.name
      TOKEN = "hunter2-planted"
    }
  }
}
resource "aws_lambda_event_source_mapping" "mapping" {
  event_source_arn = aws_sqs_queue.jobs.arn
  function_name    = aws_lambda_function.worker.arn
  batch_size       = 5
  scaling_config { maximum_concurrency = 20 }
}
""",
)
SITE = (
    """
Resources:
  Files: { Type: AWS::S3::Bucket }
  Search: { Type: AWS::Lambda::Function, Properties: { Runtime: python3.12, MemorySize: 256 } }
  Api: { Type: AWS::ApiGateway::RestApi, Properties: { Name: api } }
  Method:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      Integration: { Type: AWS_PROXY, Uri: !GetAtt Search.Arn }
  Stage:
    Type: AWS::ApiGateway::Stage
    Properties:
      RestApiId: !Ref Api
      StageName: prod
      CacheClusterEnabled: true
      CacheClusterSize: "0.5"
      MethodSettings:
        - { ResourcePath: /*, HttpMethod: "*", CachingEnabled: true, CacheTtlInSeconds: 60, ThrottlingRateLimit: 800 }
  Plan:
    Type: AWS::ApiGateway::UsagePlan
    Properties:
      ApiStages: [{ ApiId: !Ref Api, Stage: prod }]
      Throttle: { RateLimit: 100, BurstLimit: 50 }
  Cdn:
    Type: AWS::CloudFront::Distribution
    Properties:
      DistributionConfig:
        Enabled: true
        PriceClass: PriceClass_100
        Origins:
          - { Id: files, DomainName: !GetAtt Files.RegionalDomainName }
          - { Id: api, DomainName: !Sub "${Api}.execute-api.us-east-1.amazonaws.com", CustomOriginConfig: {} }
        DefaultCacheBehavior:
          TargetOriginId: files
          MinTTL: 0
          DefaultTTL: 3600
          MaxTTL: 86400
          ForwardedValues: { QueryString: false }
        CacheBehaviors:
          - { PathPattern: /api/*, TargetOriginId: api, CachePolicyId: 4135ea2d-6df8-44a3-9df3-4b5a84be39ad }
  Disk: { Type: AWS::EFS::FileSystem, Properties: { ThroughputMode: elastic } }
""",
    """
resource "aws_s3_bucket" "files" { bucket_prefix = "files" }
resource "aws_lambda_function" "search" {
  runtime     = "python3.12"
  memory_size = 256
}
resource "aws_api_gateway_rest_api" "api" { name = "api" }
resource "aws_api_gateway_integration" "method" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  type        = "AWS_PROXY"
  uri         = aws_lambda_function.search.invoke_arn
}
resource "aws_api_gateway_stage" "stage" {
  rest_api_id           = aws_api_gateway_rest_api.api.id
  stage_name            = "prod"
  cache_cluster_enabled = true
  cache_cluster_size    = "0.5"
}
resource "aws_api_gateway_method_settings" "all" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  stage_name  = aws_api_gateway_stage.stage.stage_name
  method_path = "*/*"
  settings {
    caching_enabled        = true
    cache_ttl_in_seconds   = 60
    throttling_rate_limit  = 800
    throttling_burst_limit = -1
  }
}
resource "aws_api_gateway_usage_plan" "plan" {
  name = "plan"
  api_stages {
    api_id = aws_api_gateway_rest_api.api.id
    stage  = aws_api_gateway_stage.stage.stage_name
  }
  throttle_settings {
    rate_limit  = 100
    burst_limit = 50
  }
}
resource "aws_cloudfront_distribution" "cdn" {
  enabled     = true
  price_class = "PriceClass_100"
  origin {
    origin_id   = "files"
    domain_name = aws_s3_bucket.files.bucket_regional_domain_name
  }
  origin {
    origin_id   = "api"
    domain_name = "${aws_api_gateway_rest_api.api.id}.execute-api.us-east-1.amazonaws.com"
    custom_origin_config { origin_protocol_policy = "https-only" }
  }
  default_cache_behavior {
    target_origin_id = "files"
    min_ttl          = 0
    default_ttl      = 3600
    max_ttl          = 86400
    forwarded_values { query_string = false }
  }
  ordered_cache_behavior {
    path_pattern     = "/api/*"
    target_origin_id = "api"
    cache_policy_id  = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  }
}
resource "aws_efs_file_system" "disk" { throughput_mode = "elastic" }
""",
)
ALL = {"web": WEB, "api": API, "containers": CONTAINERS, "workers": WORKERS, "site": SITE}
