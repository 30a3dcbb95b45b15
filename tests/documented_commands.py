"""How each command of the documentation is proved; a new one has to be put into one of three lists.

`HERE`: tests/e2e/platforms/test_documented_commands.py types it, as it stands, on the local stack.
`BY_A_TEST`: another test does what it does. `NOT_HERE`: no test can, and why.
"""

from __future__ import annotations

from enum import Enum


class Reason(Enum):
    """Why a command cannot be run by a test."""

    AWS = "it needs an account of AWS"
    DOCKER = "it needs Docker"
    INTERNET = "it needs the internet, and the vendor's own program"
    MEASURES = "it measures for minutes, and what it prints is the machine's"
    ITSELF = "the tests are what it runs"


#: In the order in which they are typed.
HERE = (
    "curl -XPOST http://127.0.0.1:4566/_aws/execute-api/<id>/webhooks/rest/webhook"
    """ -d '{"sender": "me", "message": "hi"}'""",
    "curl -XPOST <url>/webhooks/rest/webhook"
    """ -d '{"sender": "me", "message": "hi", "metadata": {"page": "/pricing"}}'""",
    "python -m ops shell --url https://abc123.execute-api.eu-west-1.amazonaws.com --sender me",
    "cp credentials.example.yml credentials.yml",
    "python -m ops credentials check credentials.yml",
    "python -m ops credentials list --stack-name channels-prod",
    "python -m ops replay slack/message_im --resign --new-id --follow",
    "python -m ops trace <message id or sender>",
    "python -m ops queue",
    "python -m ops redrive --dry-run",
    "python -m ops redrive",
    "python -m ops capture list --channel slack",
    "python -m ops forget slack U0ALICE00 --dry-run",
)

_REGISTRATION = "tests/e2e/platforms/test_registration.py"
_LOCAL_RUN = "tests/e2e/test_local_run.py"
_REPLAY = "tests/e2e/platforms/test_replay.py"
_CUSTOM = "tests/e2e/test_custom_channels.py"
_CUSTOM_PAGE = "tests/unit/custom/test_custom_channels_page.py"
_BUILT_IN = "tests/unit/ops/scaffold/test_built_in.py"
_CAPTURED = f"{_REPLAY}::test_a_captured_request_is_sent_again"

BY_A_TEST = {
    "make run": f"{_LOCAL_RUN}::test_run_shows_what_functions_log_until_ctrl_c",
    "make up": f"{_LOCAL_RUN}::test_a_message_is_answered",
    'make up PARAMETERS="PublicBaseUrl=https://abc-def.trycloudflare.com"': (
        "tests/e2e/platforms/test_conversations.py::test_a_conversation"
    ),
    'make up PARAMETERS="RasaUrl=http://127.0.0.1:5005"': (
        "tests/e2e/faults/test_order.py::test_conversations_interleaved"
    ),
    "make shell": "tests/unit/ops/shell/test_shell.py::test_a_conversation_from_a_pipe",
    "python -m ops register telegram --stack-name channels-prod": (
        f"{_REGISTRATION}::test_a_wrong_address"
    ),
    "python -m ops register telegram --remove --stack-name channels-prod": (
        f"{_REGISTRATION}::test_register_repair_and_remove"
    ),
    "python -m ops doctor --stack-name channels-prod": f"{_REGISTRATION}::test_all_is_well",
    "python -m ops doctor telegram --stack-name channels-prod": (
        f"{_REGISTRATION}::test_a_wrong_address"
    ),
    ".venv/bin/python -m ops register telegram": (
        f"{_REGISTRATION}::test_register_repair_and_remove"
    ),
    ".venv/bin/python -m ops doctor telegram": f"{_REGISTRATION}::test_a_wrong_token",
    "python -m ops register": f"{_REGISTRATION}::test_register_repair_and_remove",
    "python -m ops doctor": f"{_REGISTRATION}::test_all_is_well",
    "python -m ops doctor telegram": (
        f"{_REGISTRATION}::test_updates_that_wait_because_the_secrets_differ"
    ),
    "python -m ops credentials push credentials.yml --stack-name channels-prod": (
        f"{_LOCAL_RUN}::test_credentials_of_a_running_stack"
    ),
    ".venv/bin/python -m ops credentials push credentials.yml --stack-name channels-prod": (
        f"{_LOCAL_RUN}::test_credentials_of_a_running_stack"
    ),
    "python -m ops replay my_event.json --resign --stack-name channels-prod": _CAPTURED,
    "python -m ops replay --captured JKJaXmPLvHcESHA= --resign --new-id": _CAPTURED,
    "python -m ops capture show JKJaXmPLvHcESHA=": _CAPTURED,
    "python -m ops capture save JKJaXmPLvHcESHA= event.json": _CAPTURED,
    "python -m ops forget slack U0ALICE00": (
        "tests/e2e/platforms/test_forget.py"
        "::test_one_person_is_forgotten_on_every_channel_and_another_is_not"
    ),
    "curl -XPOST '<url>/conversations/me/messages?output_channel=latest'"
    """ -H 'Authorization: Bearer <token>' -d '{"text": "Your order is on its way."}'""": (
        "tests/e2e/platforms/test_teams.py::test_what_is_said_unasked_finds_the_conversation"
    ),
    'python -m ops channel new --built-in help_desk --title "Help Desk"': (
        f"{_BUILT_IN}::test_it_says_what_it_wrote_and_what_is_left"
    ),
    "python -m pytest -k help_desk": (
        f"{_BUILT_IN}::test_what_it_writes_passes_its_own_the_contracts_and_the_repositorys_tests"
    ),
    "python -m ops channel new my_channel": f"{_CUSTOM}::test_what_channel_new_writes_works",
    "make test-channel CHANNEL=my_channel": (
        "tests/unit/ops/scaffold/test_custom.py::test_what_it_writes_passes_its_own_and_the_contract_tests"
    ),
    "curl -XPOST <url>/webhooks/myio/webhook -H 'Content-Type: application/json'"
    """ -d '{"sender": "test_user", "message": "Hi there!", "metadata": {}}'""": (
        f"{_CUSTOM}::test_the_curl_command_of_the_page_on_custom_connectors"
    ),
    "curl -XPOST <url>/webhooks/till/shops/7/messages"
    " -H 'Authorization: Bearer a long random text' -H 'Content-Type: application/json'"
    """ -d '{"cashier": "ann", "question": "bye"}'""": (
        f"{_CUSTOM_PAGE}::test_a_command_prints_what_the_page_says"
    ),
    "curl -XPOST <url>/webhooks/till/shops/7/messages -d '{}'": (
        f"{_CUSTOM_PAGE}::test_a_command_prints_what_the_page_says"
    ),
    'curl http://localhost:5005/webhooks/remote -H "Authorization: Bearer <token>"': (
        "tests/unit/agents/test_remote_channel.py"
        "::test_health_says_what_this_is_and_whether_the_token_is_known"
    ),
    "curl -XPOST <url>/webhooks/fax/webhook -d 'number=12' -d 'page=1' -d 'text=bye'": (
        f"{_CUSTOM_PAGE}::test_a_command_prints_what_the_page_says"
    ),
}

NOT_HERE = {
    "cloudflared tunnel --url http://127.0.0.1:5566": Reason.INTERNET,
    "ngrok http 5566": Reason.INTERNET,
    "python -m benchmarks costs": Reason.MEASURES,
    "python -m benchmarks growth": Reason.MEASURES,
    "python -m benchmarks webhook_load": Reason.MEASURES,
    "python -m benchmarks webhook_load --runs 8": Reason.MEASURES,
    "make test": Reason.ITSELF,
    ".venv/bin/python -m pytest tests/e2e/faults": Reason.ITSELF,
    '.venv/bin/python -m pytest tests/e2e/faults -m ""': Reason.ITSELF,
    "make deploy CONFIG_ENV=prod": Reason.AWS,
    "sam deploy -t deploy_role/template.yaml --stack-name channels-deploy-prod"
    " --capabilities CAPABILITY_IAM"
    " --parameter-overrides Repository=me/channels Environment=prod"
    " StackName=channels-prod": Reason.AWS,
    "aws cloudformation update-termination-protection --stack-name channels-prod"
    " --enable-termination-protection": Reason.AWS,
    ".venv/bin/sam deploy --template-file socket_front/template.yaml --stack-name channels-front"
    " --parameter-overrides HttpApiId=<id> SocketApiId=<id>": Reason.AWS,
    "sam build && sam local invoke RestFunction -e events/rest/text.json": Reason.DOCKER,
}
