from pathlib import Path

from tonnage.iac.masked import MASK, masked
from tonnage.iac.sources import read_stack

TEMPLATE = """
Parameters:
  Password: { Type: String, NoEcho: true, Default: tell-nobody-1 }
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      MemorySize: 512
      Environment: { Variables: { KEY: tell-nobody-2, TABLE: !Ref Table, STAGE: dev } }
  Table: { Type: AWS::DynamoDB::Table }
  Tasks:
    Type: AWS::ECS::TaskDefinition
    Properties:
      Cpu: "256"
      ContainerDefinitions:
        - Name: web-application
          Image: nginx:1.27
          Environment: [{ Name: TOKEN_NAME, Value: tell-nobody-3 }]
"""


def test_what_may_be_a_secret_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    stack = read_stack(tmp_path / "t.yaml", parameters={}, region="us-east-1")
    diff = "--- a/t.yaml\n+++ b/t.yaml\n@@ -1 +1 @@\n" + "".join(f" {line}\n" for line in TEMPLATE.splitlines())
    shown = masked(f"{diff}+{'MemorySize: 1024'}\n-  X: {{ KEY: tell-nobody-2 }}\n", stack)
    assert "tell-nobody-2" not in shown
    assert "tell-nobody-3" not in shown
    for kept in ("web-application", "nginx:1.27", "TOKEN_NAME", "STAGE: dev", "+MemorySize: 1024", "!Ref Table"):
        assert kept in shown, kept


def test_defaults_and_passwords_around_a_change_are_not_shown(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text(TEMPLATE)
    stack = read_stack(tmp_path / "t.yaml", parameters={}, region="us-east-1")
    lines = [
        "     Default: hunter22", '   - default = "hunter22"', '    "MasterUserPassword": "hunter22",',
        "   auth_token: 'hunter22'", "   P: { Type: String, NoEcho: true, Default: hunter22 }",
    ]  # fmt: skip
    kept = ["-    Default: small", "+    Default: large", "     Type: String", "     MasterUserPassword: !Ref Password"]
    shown = masked("\n".join([*lines, *kept]), stack).splitlines()
    assert all(MASK in line and "hunter22" not in line for line in shown[:5])
    assert shown[4].endswith("}")
    assert shown[5:] == kept
