"""The two types of workflow: a standard one is begun and left to itself, an express one may be waited for.

Source: AWS Step Functions developer guide, "Choosing workflow type in Step Functions".
"""

WORKFLOW_TYPE = "StateMachineType"
EXPRESS = "EXPRESS"
