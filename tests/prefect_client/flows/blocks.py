"""Blocks as flows use them: saved, loaded, nested, and as the storage of results."""

import asyncio
import sys
from pathlib import Path

from prefect import flow
from prefect.blocks.core import Block
from prefect.blocks.notifications import CustomWebhookNotificationBlock, SlackWebhook
from prefect.blocks.system import Secret
from prefect.client.orchestration import get_client
from prefect.filesystems import LocalFileSystem
from pydantic import SecretStr


class Login(Block):
    user: str
    password: SecretStr


class Warehouse(Block):
    address: str
    login: Login
    spare: Login | None = None


@flow
def loads() -> str:
    return Secret.load("blocks-secret").get()


@flow(persist_result=True)
def keeps() -> dict[str, int]:
    return {"rows": 3}


async def reads() -> None:
    print("aload", (await Secret.aload("blocks-secret")).get())
    warehouse = await Warehouse.aload("blocks-warehouse")
    print("nested", warehouse.login.password.get_secret_value())


async def choose_storage(block_id) -> None:
    async with get_client() as client:
        if block_id is None:
            await client.clear_server_default_result_storage()
        else:
            await client.update_server_default_result_storage(block_id)


def main(folder: Path) -> None:
    Secret(value="first").save("blocks-secret")
    Secret(value={"a": [1]}).save("blocks-secret", overwrite=True)
    print("loads", loads())
    try:
        Secret(value="x").save("blocks-secret")
    except ValueError as error:
        print("taken", "already in use" in str(error))

    login = Login(user="me", password="s3cr3t")
    login.save("blocks-login")
    Warehouse(address="here", login=login).save("blocks-warehouse")
    asyncio.run(reads())
    Login(user="me", password="changed").save("blocks-login", overwrite=True)
    print("changed", Warehouse.load("blocks-warehouse").login.password.get_secret_value())
    Warehouse(address="there", login=Login(user="in", password="place")).save(
        "blocks-warehouse", overwrite=True
    )
    print("in place", Warehouse.load("blocks-warehouse").login.password.get_secret_value())

    SlackWebhook(url="https://hooks.slack.com/services/T0/B0/x").save("blocks-slack")
    print("slack", SlackWebhook.load("blocks-slack").url.get_secret_value()[-3:])
    CustomWebhookNotificationBlock(
        name="hook", url="https://example.org/", json_data={"t": "{{subject}}"}, secrets={"k": "v"}
    ).save("blocks-custom")

    storage = LocalFileSystem(basepath=str(folder))
    asyncio.run(choose_storage(storage.save("blocks-storage")))
    print("result", keeps(return_state=True).result(), len(list(folder.iterdir())))
    asyncio.run(choose_storage(None))

    Secret.delete("blocks-secret")
    try:
        Secret.load("blocks-secret")
    except ValueError as error:
        print("gone", "Unable to find" in str(error))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
