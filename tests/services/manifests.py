"""Manifests for tests of the rooms of a cluster."""

from tonnage.iac.read_manifests import interpret_manifests
from tonnage.workload import Stack

DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 4
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          resources:
            requests: {cpu: 500m, memory: 512Mi}
            limits: {cpu: 1500m}
"""
AUTOSCALER = """
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: {name: web}
spec:
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}
  minReplicas: 2
  maxReplicas: 20
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 60}}
"""
SERVICE = """
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  selector: {app: web}
"""
INGRESS = """
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations:
    alb.ingress.kubernetes.io/target-type: ip
    alb.ingress.kubernetes.io/target-group-attributes: load_balancing.algorithm.type=least_outstanding_requests
    alb.ingress.kubernetes.io/load-balancer-attributes: idle_timeout.timeout_seconds=30
spec:
  rules:
    - http: {paths: [{path: /, backend: {service: {name: web, port: {number: 80}}}}]}
"""
POOL = """
apiVersion: karpenter.sh/v1
kind: NodePool
metadata: {name: default}
spec:
  template:
    spec:
      requirements:
        - {key: karpenter.k8s.aws/instance-family, operator: In, values: [m6i, m7g]}
        - {key: karpenter.k8s.aws/instance-cpu, operator: Lt, values: ["9"]}
        - {key: kubernetes.io/arch, operator: In, values: [amd64]}
  limits: {cpu: 100}
  disruption:
    consolidationPolicy: WhenEmpty
    consolidateAfter: 1m30s
    budgets:
      - nodes: 20%
      - {nodes: "0", schedule: "0 9 * * *", duration: 8h, reasons: [Underutilized]}
"""


def stack_of(*manifests: str) -> Stack:
    """A stack of some manifests."""
    return interpret_manifests("---".join(manifests), "k8s.yaml", "us-east-1").stack
