"""HTTP APIs with their integrations and stages."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked, tags_of

CALLS = ("apigateway:GET",)


def read(ask: Ask) -> Iterator[Found]:
    """APIs of version 2."""
    for api in ask("apigatewayv2", "get_apis", "Items"):
        own = api["ApiId"]
        yield Found(
            kind="AWS::ApiGatewayV2::Api",
            name=api["Name"],
            properties=picked(api, "Name", "ProtocolType"),
            identifiers={own: None, api.get("ApiEndpoint", own): "ApiEndpoint"},
            tags=tags_of(api.get("Tags")),
        )
        for each in ask("apigatewayv2", "get_integrations", "Items", ApiId=own):
            kept = picked(each, "IntegrationType", "IntegrationUri", "RequestParameters")
            yield Found(
                kind="AWS::ApiGatewayV2::Integration",
                name=f"{api['Name']}-integration",
                properties={"ApiId": own, **kept},
            )
        for stage in ask("apigatewayv2", "get_stages", "Items", ApiId=own):
            yield Found(
                kind="AWS::ApiGatewayV2::Stage",
                name=f"{api['Name']}-stage",
                properties={"ApiId": own, **picked(stage, "StageName", "DefaultRouteSettings")},
            )
