from iac.wirings import short, wiring_of
from tonnage.iac.edges.file_system import edges

FILES = """
  Files: {Type: AWS::EFS::FileSystem}
  Door: {Type: AWS::EFS::AccessPoint, Properties: {FileSystemId: !Ref Files}}
"""


def test_a_function_mounts_by_an_access_point():
    text = "  Web: {Type: AWS::Lambda::Function, Properties: {FileSystemConfigs: [{Arn: !GetAtt Door.Arn}]}}\n"
    assert short(edges(wiring_of(FILES + text))) == [("Web", "Files", "stated")]


def test_tasks_mount_volumes():
    text = """
  Web: {Type: AWS::ECS::Service, Properties: {TaskDefinition: !Ref Task}}
  Task:
    Type: AWS::ECS::TaskDefinition
    Properties: {Volumes: [{Name: files, EFSVolumeConfiguration: {FilesystemId: !Ref Files}}]}
"""
    assert short(edges(wiring_of(FILES + text))) == [("Web", "Files", "stated")]
