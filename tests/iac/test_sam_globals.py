from tonnage.iac.read_cloudformation import interpret

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    MemorySize: 128
    Timeout: 30
    Layers: [global]
    Environment: {Variables: {A: "1", B: "2"}}
  Api: {Name: shared}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      MemorySize: 512
      Layers: [own]
      Environment: {Variables: {B: "3"}}
  G: {Type: AWS::Serverless::Function}
  H: {Type: AWS::Lambda::Function, Properties: {MemorySize: 256}}
  Api: {Type: AWS::Serverless::Api, Properties: {StageName: prod}}
"""


def test_globals_are_merged_as_sam_merges_them():
    resources = interpret(TEMPLATE, "t.yaml", parameters={}, region="us-east-1").stack.resources
    assert resources["F"].properties == {
        "MemorySize": 512,
        "Timeout": 30,
        "Layers": ("global", "own"),
        "Environment": {"Variables": {"A": "1", "B": "3"}},
    }
    assert resources["G"].properties["MemorySize"] == 128
    assert resources["H"].properties == {"MemorySize": 256}
    assert resources["Api"].properties == {"StageName": "prod", "Name": "shared"}


def test_places_tell_globals_from_own():
    resources = interpret(TEMPLATE, "t.yaml", parameters={}, region="us-east-1").stack.resources
    assert resources["F"].places[("Timeout",)].line == 5
    assert resources["F"].places[("MemorySize",)].line == 13
