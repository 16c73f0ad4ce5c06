"""New keys for old ones: whatever breaks off in between, the panel works and opens all that it opened."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from pytest_django import Settings

from backups.engine import encrypt, passphrase, seal
from backups.engine.errors import PassphraseWrong
from backups.models import AuditEvent, KeyEvent, WorkerHost
from backups.services import audit, held_keys, key_files, keys, rotation, secret_text, settings_file
from backups.services.init import initialise
from backups.services.key_refusals import KeyUnknown, KitWaiting, SetElsewhere, SettingsBusy
from qparkin_backup import env

pytestmark = pytest.mark.django_db(transaction=True)

KILLED = 77
STEPS = ("open", "fsync", "replace", "chmod", "unlink", "fdopen")
KEPT = "# what stands here stays\nTIME_ZONE=Asia/Makassar   # as it is\n"


def _read(settings: Settings) -> dict[str, str]:
    """As a process that starts now would see it."""
    found = env.read_file(Path(settings.ENV_FILE))
    settings.BACKUP_RECIPIENTS = tuple(found["BACKUP_RECIPIENTS"].split(","))
    settings.BACKUP_IDENTITY_FILE = found["BACKUP_IDENTITY_FILE"]
    settings.BACKUP_SIGNING_KEY_FILE = found["BACKUP_SIGNING_KEY_FILE"]
    settings.BACKUP_TRUSTED_SIGNERS = tuple(filter(None, found.get("BACKUP_TRUSTED_SIGNERS", "").split(",")))
    settings.SECRET_KEY = found["SECRET_KEY"]
    settings.SECRET_KEY_FALLBACKS = list(filter(None, found.get("SECRET_KEY_FALLBACKS", "").split(",")))
    return found


@pytest.fixture
def panel(settings: Settings, tmp_path: Path) -> Path:
    """Its settings file; the kit was handed out already."""
    settings.ENV_FILE = tmp_path / "env"
    settings.ENV_FILE.write_text(KEPT)
    settings.ENV_FILE.chmod(0o600)
    initialise(settings.ENV_FILE, tmp_path / "keys", real={}, defaults={}, kit=None)
    (tmp_path / "keys" / "recovery.identity").rename(tmp_path / "kit.identity")
    _read(settings)
    return Path(settings.ENV_FILE)


@pytest.fixture
def before(panel: Path) -> Iterator[Callable[[], None]]:
    """What there was before is opened, trusted and unlocked after it too; and what is made now as well."""
    opened, token = encrypt.encrypt(b"lama", keys.to_back_up().recipients), secret_text.lock("alamat")
    signer = keys.to_back_up().signing
    assert signer is not None
    kit = encrypt.load_identities(panel.parent / "kit.identity")

    def check() -> None:
        ring = keys.to_back_up()
        assert len(ring.recipients) == 2
        assert encrypt.decrypt(opened, keys.identities()) == b"lama"
        assert encrypt.decrypt(opened, kit) == b"lama"
        assert encrypt.decrypt(encrypt.encrypt(b"baru", ring.recipients), keys.identities()) == b"baru"
        assert ring.signing is not None
        assert {signer.public, ring.signing.public} <= set(keys.trusted())
        assert secret_text.unlock(token) == "alamat"
        assert panel.read_text().startswith(KEPT)

    yield check
    for path in (panel, *panel.parent.glob("env.before*"), *(panel.parent / "keys").iterdir()):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path


PLANS = {
    "panel": rotation.plan_panel,
    "recovery": lambda: rotation.plan_recovery(replace="", secret=""),
    "signing": rotation.plan_signing,
    "secret": rotation.plan_secret,
}


# The child does nothing but steps on the disk, and is gone.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("kind", PLANS)
def test_killed_at_any_step_it_leaves_a_panel_that_works(
    kind: str, settings: Settings, panel: Path, before: Callable[[], None]
) -> None:
    whole = panel.read_bytes()
    for step in range(1, 100):
        if panel.read_bytes() != whole:
            _hand_out(panel)
        status = _killed_before(step, PLANS[kind]())
        _read(settings)
        before()
        if status == 0:
            break
        assert status == KILLED
    assert status == 0
    assert step > 8
    assert panel.read_bytes() != whole
    assert whole in [path.read_bytes() for path in panel.parent.glob("env.before*")]


def _killed_before(step: int, plan: rotation.Plan) -> int:
    """In a process of its own, which is gone before its n-th step on the disk."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    done, taken = 0, count(1)
    try:
        for name in STEPS:
            setattr(os, name, _counted(getattr(os, name), taken, step))
        rotation.write_down(plan, by_hand=False)
    except BaseException:  # noqa: BLE001 - nothing of the suite goes on in this process
        done = 1
    os._exit(done)


def _counted(real: Callable[..., object], taken: Iterator[int], last: int) -> Callable[..., object]:
    def stepped(*arguments: object, **named: object) -> object:
        if next(taken) == last:
            os._exit(KILLED)
        return real(*arguments, **named)

    return stepped


def _hand_out(panel: Path) -> None:
    for waiting in (panel.parent / "keys").glob("recovery-*"):
        waiting.unlink()


@pytest.mark.parametrize("kind", PLANS)
def test_each_is_replaced_and_can_be_replaced_again(
    kind: str, settings: Settings, panel: Path, before: Callable[[], None]
) -> None:
    for turn in range(2):
        plan = PLANS[kind]()
        done = rotation.carry_out(plan, by_hand=False, by=None)
        assert done.kept is not None
        _read(settings)
        before()
        _hand_out(panel)
        assert AuditEvent.objects.filter(action="rotate_key").count() == turn + 1
    assert audit.verify_chain().holds
    if plan.new:
        made = KeyEvent.objects.filter(what="made").values_list("fingerprint", flat=True)
        assert next(iter(made)) == plan.new


def test_a_signing_key_names_its_successor_and_both_say_so(settings: Settings, panel: Path) -> None:
    plan = rotation.plan_signing()
    said = json.loads(plan.statement)
    signatures = {said["old"]: said.pop("by_old"), said["new"]: said.pop("by_new")}
    message = rotation.SUCCESSION + seal.canonical(said)
    assert all(seal.verifies(public, signature, message) for public, signature in signatures.items())
    own = keys.signing()
    assert own is not None
    assert own.public in signatures


def test_a_panel_identity_under_a_passphrase_stays_under_it(settings: Settings, panel: Path) -> None:
    settings.BACKUP_IDENTITY_PASSPHRASE = "kata sandi yang panjang"
    path = Path(settings.BACKUP_IDENTITY_FILE)
    locked = path.with_name("locked.identity")
    key_files.write_once(
        locked, passphrase.lock(path.read_bytes(), settings.BACKUP_IDENTITY_PASSPHRASE, work=4)
    )
    settings.BACKUP_IDENTITY_FILE = str(locked)
    cipher = encrypt.encrypt(b"lama", settings.BACKUP_RECIPIENTS)
    rotation.carry_out(rotation.plan_panel(), by_hand=False, by=None)
    _read(settings)
    assert b"AGE-SECRET" not in Path(settings.BACKUP_IDENTITY_FILE).read_bytes()
    assert len(keys.identities()) == 2
    assert encrypt.decrypt(cipher, keys.identities()) == b"lama"


def test_a_recovery_key_that_no_kit_holds_yet_is_not_replaced(settings: Settings, panel: Path) -> None:
    (panel.parent / "kit.identity").rename(panel.parent / "keys" / "recovery.identity")
    with pytest.raises(KitWaiting):
        rotation.plan_recovery(replace="", secret="")


def test_where_no_host_holds_a_key_it_is_asked_which_is_meant(settings: Settings, panel: Path) -> None:
    """A web host without an identity sees two keys that look alike."""
    panels = encrypt.recipient_fingerprint(settings.BACKUP_RECIPIENTS[0])
    other = encrypt.recipient_fingerprint(settings.BACKUP_RECIPIENTS[1])
    settings.BACKUP_IDENTITY_FILE = ""
    with pytest.raises(KeyUnknown):
        rotation.plan_recovery(replace="", secret="")
    assert rotation.plan_recovery(replace=other, secret="").old == other
    WorkerHost.objects.create(name="drills", offers=[f"key:{panels}"])
    assert rotation.plan_recovery(replace="", secret="").old == other


@pytest.mark.parametrize("name", ["BACKUP_RECIPIENTS", "BACKUP_RECIPIENTS_FILE"])
def test_what_the_environment_sets_is_not_changed_in_a_file_that_nobody_reads(
    settings: Settings, panel: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, "x")
    whole, files = panel.read_bytes(), set((panel.parent / "keys").iterdir())
    plan = rotation.plan_panel()
    with pytest.raises(SetElsewhere):
        rotation.carry_out(plan, by_hand=False, by=None)
    assert (panel.read_bytes(), set((panel.parent / "keys").iterdir())) == (whole, files)
    assert rotation.carry_out(plan, by_hand=True, by=None).kept is None
    assert panel.read_bytes() == whole


def test_two_who_change_the_settings_at_once_do_not_lose_each_others_keys(panel: Path) -> None:
    with settings_file.alone(panel), pytest.raises(SettingsBusy):
        rotation.carry_out(rotation.plan_secret(), by_hand=False, by=None)


AWKWARD = (
    "A=1\nB=\"x y\" # why\n\n# note\nexport A='2'\nC=$\n",
    "A=1",
    "\ufeffA=1\r\nB=2\r\n",
    "X=1\n  A = 3 # here\nA=4\n# end",
)


@pytest.mark.parametrize("text", AWKWARD)
@pytest.mark.parametrize("value", ["plain", "p'\"\\s $x #1\n2 é", ""])
def test_only_what_is_changed_changes(tmp_path: Path, text: str, value: str) -> None:
    file = tmp_path / "env"
    file.write_bytes(text.encode())
    known = env.read_file(file)
    settings_file.change(file, {"A": value, "NEW": "1"})
    assert env.read_file(file) == {**known, "A": value, "NEW": "1"}
    notes = [line for line in text.splitlines() if line.startswith("#")]
    assert [line for line in file.read_text().splitlines() if line.startswith("#")] == notes


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_root_makes_keys_that_the_panels_own_account_can_read(settings: Settings, panel: Path) -> None:
    nobody = 65534
    for path in (panel, panel.parent / "keys", *(panel.parent / "keys").iterdir()):
        os.chown(path, nobody, nobody)
    done = rotation.carry_out(rotation.plan_signing(), by_hand=False, by=None)
    assert done.kept is not None
    for path in (panel, done.kept, *done.plan.files):
        assert path.stat().st_uid == nobody, path


def test_what_a_passphrase_opens_or_not_is_worked_out_once(
    settings: Settings, panel: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock asks every few seconds what this host can open, and each answer costs a second."""
    asked: list[str | None] = []
    real = encrypt.load_identities

    def counted(path: Path, secret: str | None = None) -> tuple[encrypt.Identity, ...]:
        asked.append(secret)
        return real(path, secret)

    monkeypatch.setattr(encrypt, "load_identities", counted)
    path = Path(settings.BACKUP_IDENTITY_FILE)
    locked = path.with_name("locked.identity")
    key_files.write_once(locked, passphrase.lock(path.read_bytes(), "kata sandi panjang", work=4))
    settings.BACKUP_IDENTITY_FILE = str(locked)
    for secret in ("keliru", "kata sandi panjang"):
        settings.BACKUP_IDENTITY_PASSPHRASE = secret
        for _ in range(3):
            assert bool(held_keys.here()) is (secret != "keliru")
    assert asked == ["keliru", "kata sandi panjang"]
    settings.BACKUP_IDENTITY_PASSPHRASE = "keliru"
    with pytest.raises(PassphraseWrong):
        keys.identities()
