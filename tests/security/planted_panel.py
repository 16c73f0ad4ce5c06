"""A panel with a secret of ours in every setting that takes one, and accounts of its own on the server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import bcrypt

from backups.engine.database import rows, session
from tests.installation import Installation, installation_in
from tests.s3.servers import S3Server
from tests.scratch import ScratchDatabase
from tests.security.planted import core, secret

# Where they have to be: what the operator wrote, the keys themselves, and the kit, which is the way back.
THEIRS = ("env", "keys/", "passphrase", "taken/kit/")
BUCKET = "cadangan"


@contextmanager
def accounts(database: ScratchDatabase, *names: str) -> Iterator[dict[str, str]]:
    """Who reads, who writes and who tries out, each with its own password."""
    made = {name: f"{name[:4]}_{database.name}"[:32] for name in names}
    with session(database.server) as connection:
        for name, account in made.items():
            rows(connection, f"CREATE USER {account} IDENTIFIED BY {connection.escape(secret(name))}")
            rows(connection, f"GRANT ALL PRIVILEGES ON *.* TO {account} WITH GRANT OPTION")
    yield made
    with session(database.server) as connection:
        for account in made.values():
            rows(connection, f"DROP USER {account}")


def ordinary(account: str) -> dict[str, str]:
    """One account for all, and nobody outside who answers: port 9."""
    far = {"BUCKET": "b", "ENDPOINT": "https://127.0.0.1:9", "REGION": "x", "ACCESS_KEY": core("bucketid")}
    return {
        **{f"BACKUP_FAR_{name}": value for name, value in far.items()},
        "BACKUP_STORAGES": "far",
        "BACKUP_FAR_SECRET_KEY": secret("bucketkey"),
        "QPARKIN_DB_USERNAME": account,
        "QPARKIN_DB_PASSWORD": secret("database"),
        "QPARKIN_RESTORE_USERNAME": account,
        "QPARKIN_RESTORE_PASSWORD": secret("database"),
        "METRICS_TOKEN": secret("metrics"),
        "STATUS_TOKEN": secret("status"),
        "STATUS_BADGE_KEY": secret("badge"),
        "SECRET_KEY": secret("session") * 3,
        "SMTP_URL": f"smtp://{core('mail')}:{core('mail')}%27%22%24{core('mail')}@127.0.0.1:9",
        "MAIL_FROM": "a@b.id",
        "REQUIRE_MFA": "0",
        "HEARTBEAT_PRIVATE": "1",
        "ALLOWED_HOSTS": "testserver,127.0.0.1",
    }


def whole(folder: Path, names: Mapping[str, str], bucket: str, database: ScratchDatabase) -> dict[str, str]:
    """Three accounts, a bucket that answers, a key under a passphrase, and people of QParkIn."""
    (folder / "passphrase").write_text(secret("passphrase"))
    return {
        **ordinary(names["database"]),
        "BACKUP_FAR_BUCKET": BUCKET,
        "BACKUP_FAR_ENDPOINT": bucket,
        "BACKUP_FAR_REGION": "us-east-1",
        "QPARKIN_RESTORE_USERNAME": names["restore"],
        "QPARKIN_RESTORE_PASSWORD": secret("restore"),
        "DRILL_DB_SOCKET": database.server.socket,
        "DRILL_DB_USERNAME": names["drill"],
        "DRILL_DB_PASSWORD": secret("drill"),
        "BACKUP_IDENTITY_PASSPHRASE_FILE": str(folder / "passphrase"),
        "QPARKIN_SIGN_IN": "1",
        "REQUIRE_MFA": "1",
        "WORKERS": "1",
    }


def installed(made: Installation, asked: Mapping[str, str], *options: str) -> Installation:
    where = ["--env-file", str(made.env_file), "--keys", str(made.keys)]
    done = made.run("init", *where, "--no-check", *options, extra={**made.settings, **asked})
    assert done.status == 0, done
    return made


def at_first(folder: Path, database: ScratchDatabase) -> Installation:
    return installation_in(folder, database)


def hire(database: ScratchDatabase) -> None:
    """A mall admin in QParkIn's own tables, with a password of ours."""
    hashed = bcrypt.hashpw(secret("laravel").encode(), bcrypt.gensalt(4)).decode().replace("$2b$", "$2y$")
    database.run(
        "CREATE TABLE user (id_user BIGINT PRIMARY KEY, name VARCHAR(99), email VARCHAR(99), "
        "password VARCHAR(99), role VARCHAR(20), status VARCHAR(20)) CHARSET utf8mb4",
        "CREATE TABLE admin_mall (id_user BIGINT PRIMARY KEY, id_mall BIGINT)",
        f"INSERT INTO user VALUES (1, 'sinta', 'sinta@mall.id', '{hashed}', 'admin_mall', 'aktif')",
        "INSERT INTO admin_mall VALUES (1, 1)",
    )


def in_the_bucket(server: S3Server) -> dict[str, bytes]:
    """Each object with its name, its metadata and its headers."""
    client, found = server.client, {}
    for key in server.keys(BUCKET):
        told = client.get_object(Bucket=BUCKET, Key=key)
        found[key] = b"\n".join((key.encode(), repr(told).encode(), told["Body"].read()))
    return found
