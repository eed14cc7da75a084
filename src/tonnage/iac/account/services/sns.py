"""SNS topics with the subscriptions of queues and functions."""

from collections.abc import Iterator

from tonnage.iac.account.found import Ask, Found, picked

CALLS = ("sns:ListTopics", "sns:ListSubscriptions")


def read(ask: Ask) -> Iterator[Found]:
    """Topics and who is subscribed; addresses of people are left out."""
    for topic in ask("sns", "list_topics", "Topics"):
        arn = topic["TopicArn"]
        yield Found(kind="AWS::SNS::Topic", name=arn.rpartition(":")[2], properties={}, identifiers={arn: None})
    for each in ask("sns", "list_subscriptions", "Subscriptions"):
        # Addresses of people are nobody's business here.
        if each["Protocol"] in {"sqs", "lambda"}:
            yield Found(
                kind="AWS::SNS::Subscription",
                name=f"subscription-{each['Endpoint'].rpartition(':')[2]}",
                properties=picked(each, "TopicArn", "Protocol", "Endpoint"),
                physical_id=each["SubscriptionArn"],
            )
