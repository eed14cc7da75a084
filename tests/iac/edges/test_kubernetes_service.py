"""Who calls whom in a cluster: by backends, selectors and host names."""

from services.manifests import DEPLOYMENT, INGRESS, SERVICE, stack_of
from tonnage.iac.read_architecture import entries, understand

CATALOG = DEPLOYMENT.replace("web", "catalog")
BEHIND = SERVICE.replace("web", "catalog")
CALLS = DEPLOYMENT.replace(
    "        - name: web\n",
    "        - name: web\n          env: [{name: CATALOG_URL, value: 'http://catalog.shop.svc.cluster.local:8080'}]\n",
)


def test_requests_enter_by_the_ingress_and_go_on_by_host_names() -> None:
    read = understand(stack_of(INGRESS, SERVICE, CALLS, BEHIND, CATALOG))
    found = {(edge.caller, edge.callee): edge for edge in read.edges}
    assert set(found) == {("shop-ingress", "web"), ("web", "catalog")}
    assert found["shop-ingress", "web"].certainty == "stated"
    assert found["web", "catalog"].certainty == "inferred"
    assert "k8s.yaml:" in found["web", "catalog"].evidence
    assert entries(read) == ("shop-ingress",)


def test_a_service_of_type_load_balancer_is_a_door() -> None:
    door = SERVICE.replace("spec:\n", "spec:\n  type: LoadBalancer\n")
    read = understand(stack_of(door, DEPLOYMENT))
    assert [(edge.caller, edge.callee) for edge in read.edges] == [("web-service", "web")]
    assert read.components["web-service"].settings["Type"] == "network"


def test_manifests_belong_to_the_deployment_that_they_select() -> None:
    read = understand(stack_of(INGRESS, SERVICE, DEPLOYMENT))
    assert read.parts == {"web-service": "web"}
    assert read.not_modelled == ()


def test_a_name_that_only_looks_like_a_service_is_no_call() -> None:
    text = CALLS.replace("http://catalog.shop", "http://www.catalog.example")
    read = understand(stack_of(SERVICE, text, BEHIND, CATALOG))
    assert read.edges == ()
