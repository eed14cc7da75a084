from pathlib import Path

import pytest

from tonnage.iac.terraform.configuration import read_configuration
from tonnage.iac.terraform.instance import Instance
from tonnage.workload import Reference, TemplateError, Unknown


def read(folder: Path, text: str = "", **parameters: str) -> dict[str, Instance]:
    if text:
        (folder / "main.tf").write_text(text)
    found, _ = read_configuration(folder, parameters=parameters, region="eu-west-1")
    return {each.address: each for each in found}


def notes(folder: Path, text: str) -> str:
    (folder / "main.tf").write_text(text)
    return " | ".join(read_configuration(folder, parameters={}, region="eu-west-1")[1])


def test_variables_come_from_outside_then_tfvars_then_defaults(tmp_path: Path) -> None:
    text = 'variable "a" { default = 1 }\nresource "aws_lb" "x" { idle_timeout = var.a }\n'
    assert read(tmp_path, text)["aws_lb.x"].values["idle_timeout"] == 1
    (tmp_path / "terraform.tfvars").write_text("a = 2\n")
    assert read(tmp_path)["aws_lb.x"].values["idle_timeout"] == 2
    (tmp_path / "z.auto.tfvars.json").write_text('{"a": 3}')
    assert read(tmp_path)["aws_lb.x"].values["idle_timeout"] == 3
    assert read(tmp_path, a="4")["aws_lb.x"].values["idle_timeout"] == 4
    with pytest.raises(TemplateError, match="no variable b"):
        read(tmp_path, b="1")


def test_count_and_for_each_make_instances(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        """
resource "aws_sqs_queue" "n" {
  count      = 2
  name       = "q${count.index}"
}
resource "aws_sqs_queue" "k" {
  for_each = toset(["b", "a"])
  name     = each.key
}
resource "aws_sqs_queue" "none" { count = 0 }
resource "aws_sns_topic_subscription" "s" {
  endpoint = aws_sqs_queue.n[1].arn
  others   = aws_sqs_queue.n[*].arn
  by_key   = aws_sqs_queue.k["a"].arn
  gone     = try(aws_sqs_queue.none[0].arn, "nothing")
}
""",
    )
    assert list(found)[:4] == [
        "aws_sqs_queue.n[0]",
        "aws_sqs_queue.n[1]",
        'aws_sqs_queue.k["a"]',
        'aws_sqs_queue.k["b"]',
    ]
    assert found["aws_sqs_queue.n[1]"].values["name"] == "q1"
    values = found["aws_sns_topic_subscription.s"].values
    assert values["endpoint"] == Reference("aws_sqs_queue.n[1]", "arn")
    assert values["others"] == (Reference("aws_sqs_queue.n[0]", "arn"), Reference("aws_sqs_queue.n[1]", "arn"))
    assert values["by_key"] == Reference('aws_sqs_queue.k["a"]', "arn")
    assert values["gone"] == "nothing"


def test_local_modules_are_read_with_what_they_are_given(tmp_path: Path) -> None:
    (tmp_path / "queue").mkdir()
    (tmp_path / "queue" / "main.tf").write_text(
        'variable "seconds" {}\nresource "aws_sqs_queue" "this" { delay_seconds = var.seconds }\n'
        'output "arn" { value = aws_sqs_queue.this.arn }\n'
    )
    found = read(
        tmp_path,
        'module "jobs" {\n  source  = "./queue"\n  seconds = 5\n}\n'
        'module "many" {\n  source   = "./queue"\n  for_each = { a = 1 }\n  seconds  = each.value\n}\n'
        'resource "aws_sns_topic_subscription" "s" {\n  endpoint = module.jobs.arn\n'
        '  other    = module.many["a"].arn\n}\n',
    )
    assert found["module.jobs.aws_sqs_queue.this"].values["delay_seconds"] == 5
    assert found['module.many["a"].aws_sqs_queue.this'].values["delay_seconds"] == 1
    assert found["aws_sns_topic_subscription.s"].values["endpoint"] == Reference(
        "module.jobs.aws_sqs_queue.this", "arn"
    )
    assert found["aws_sns_topic_subscription.s"].values["other"] == Reference(
        'module.many["a"].aws_sqs_queue.this', "arn"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            'module "v" { source = "terraform-aws-modules/vpc/aws" }',
            "module.v comes from terraform-aws-modules/vpc/aws",
        ),
        ('module "v" { source = "../secret" }', "outside of the folder given"),
        ('module "v" { source = "./gone" }', "is not there"),
        ('resource "aws_lb" "a" { count = data.aws_x.y.count }', "how many aws_lb.a there are is not known"),
        ('variable "a" {}\nresource "aws_lb" "a" { for_each = var.a }', "Variable without a value: a"),
    ],
)
def test_what_cannot_be_known_is_a_note_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "main.tf").write_text('resource "aws_lb" "leaked" {}')
    folder = tmp_path / "app"
    folder.mkdir()
    assert said in notes(folder, text)
    assert "leaked" not in str(read(folder))


def test_what_depends_on_itself_is_unknown(tmp_path: Path) -> None:
    found = read(tmp_path, 'locals { a = local.b\n b = local.a }\nresource "aws_lb" "x" { name = local.a }')
    assert isinstance(found["aws_lb.x"].values["name"], Unknown)


def test_attributes_that_are_written_are_known_and_names_stay_references(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'resource "aws_rds_cluster" "c" {\n  count = 1\n  engine = "aurora-mysql"\n  cluster_identifier = "c"\n}\n'
        'resource "aws_rds_cluster_instance" "i" {\n  engine = aws_rds_cluster.c[0].engine\n'
        "  cluster_identifier = aws_rds_cluster.c[0].cluster_identifier\n}\n",
    )["aws_rds_cluster_instance.i"].values
    assert found == {
        "engine": "aurora-mysql",
        "cluster_identifier": Reference("aws_rds_cluster.c[0]", "cluster_identifier"),
    }


def test_data_sources_that_are_plain_are_answered(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        'data "aws_region" "here" {}\ndata "aws_availability_zones" "z" {}\ndata "aws_ami" "a" {}\n'
        'resource "aws_instance" "x" {\n  a = data.aws_region.here.name\n  b = data.aws_availability_zones.z.names[1]\n'
        "  c = data.aws_ami.a.id\n}\n",
    )["aws_instance.x"].values
    assert (found["a"], found["b"]) == ("eu-west-1", "eu-west-1b")
    assert found["c"] == Unknown("data source aws_ami.a, which AWS answers")


def test_override_files_replace_attributes(tmp_path: Path) -> None:
    (tmp_path / "x_override.tf").write_text('resource "aws_lb" "x" {\n  idle_timeout = 9\n}\n')
    found = read(tmp_path, 'resource "aws_lb" "x" {\n  idle_timeout = 1\n  name = "n"\n}\n')
    assert found["aws_lb.x"].values == {"idle_timeout": 9, "name": "n"}


def test_the_number_of_instances_is_bounded(tmp_path: Path) -> None:
    text = "".join(f'resource "aws_lb" "x{k}" {{\n  count = 19999\n}}\n' for k in range(3))
    with pytest.raises(TemplateError, match="more than 20,000"):
        read(tmp_path, text)
