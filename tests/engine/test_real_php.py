"""What we leave for Laravel, read by a real PHP as Laravel 10 and 11 read it, and the other way round."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from backups.engine import laravel, maintenance
from tests.laravel import Application, laravel_in

PHP = shutil.which("php")
MARK = "0123456789ab"
NOW = 1_795_000_000

pytestmark = pytest.mark.skipif(PHP is None, reason="there is no PHP here: apt-get install php-cli")

# As the middleware that turns visitors away asks: each key by itself, and a notice is an error.
VISITOR = """<?php
error_reporting(E_ALL);
set_error_handler(function ($level, $text) { throw new ErrorException($text); });
$down = 'storage/framework/down';
if (! file_exists($down)) { echo json_encode(['open' => true]); exit; }
$told = json_decode(file_get_contents($down), true);
$headers = array_filter(['Retry-After' => $told['retry'], 'Refresh' => $told['refresh']]);
echo json_encode([
    'open' => false, 'status' => $told['status'] ?? 503, 'headers' => $headers,
    'passes' => isset($told['secret']) || in_array('/', $told['except'] ?? []),
    'elsewhere' => isset($told['redirect']) || isset($told['template']),
]);
"""
# The parts of artisan that a change-over has to do with, over the file store.
ARTISAN = """#!/usr/bin/env php
<?php
error_reporting(E_ALL);
set_error_handler(function ($level, $text) { throw new ErrorException($text); });
chdir(__DIR__);
$down = 'storage/framework/down';
$cache = 'storage/framework/cache/data';
$hash = sha1('illuminate:queue:restart');
$signal = "$cache/" . substr($hash, 0, 2) . '/' . substr($hash, 2, 2) . "/$hash";
switch ($argv[1]) {
case 'down':
    file_put_contents($down, json_encode(['except' => [], 'redirect' => null, 'retry' => null,
        'refresh' => null, 'secret' => null, 'status' => 503, 'template' => null], JSON_PRETTY_PRINT));
    break;
case 'up':
    if (file_exists($down)) { unlink($down); }
    break;
case 'queue:restart':
    @mkdir(dirname($signal), 0775, true);
    file_put_contents($signal, '9999999999' . serialize(SIGNALLED));
    break;
case 'cache:clear':
    foreach (glob("$cache/*", GLOB_ONLYDIR) as $bucket) { exec('rm -rf ' . escapeshellarg($bucket)); }
    break;
case 'signal':
    if (! file_exists($signal)) { echo 'null'; break; }
    $told = file_get_contents($signal);
    echo json_encode(time() >= (int) substr($told, 0, 10) ? null : unserialize(substr($told, 10)));
    break;
default:
    exit(1);
}
""".replace("SIGNALLED", str(NOW + 5))


@pytest.fixture
def application(tmp_path: Path) -> Application:
    made = laravel_in(tmp_path / "qparkin")
    (made.folder / "artisan").write_text(ARTISAN)
    (made.folder / "visitor.php").write_text(VISITOR)
    return made


@pytest.fixture
def without_php(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))


def php(application: Application, *arguments: str) -> object:
    assert PHP is not None
    done = subprocess.run(
        [PHP, *arguments], cwd=application.folder, capture_output=True, text=True, check=True, env={}
    )
    return json.loads(done.stdout or "null")


def test_a_visitor_is_turned_away_and_told_to_look_again_soon(application: Application) -> None:
    assert php(application, "visitor.php") == {"open": True}
    assert maintenance.switch_on(application.folder, MARK)
    assert php(application, "visitor.php") == {
        "open": False,
        "status": 503,
        "headers": {"Retry-After": 5, "Refresh": 5},
        "passes": False,
        "elsewhere": False,
    }
    assert maintenance.switch_off(application.folder, MARK)
    assert php(application, "visitor.php") == {"open": True}


def test_up_opens_what_we_closed_and_down_is_left_alone(application: Application) -> None:
    maintenance.switch_on(application.folder, MARK)
    php(application, "artisan", "up")
    assert maintenance.switched_on_by(application.folder) == maintenance.OFF
    php(application, "artisan", "down")
    assert not maintenance.switch_on(application.folder, MARK)
    assert not maintenance.switch_off(application.folder, MARK)
    assert application.is_down


@pytest.mark.usefixtures("without_php")
def test_workers_read_the_signal_that_we_leave_without_php(application: Application) -> None:
    assert php(application, "artisan", "signal") is None
    laravel.restart_workers(application.folder, store="file", now=NOW)
    assert php(application, "artisan", "signal") == NOW


def test_artisan_gives_the_signal_and_clears_the_cache(application: Application) -> None:
    entry = application.remember()
    assert os.access(entry, os.R_OK)
    laravel.clear_caches(application.folder, store="redis")
    laravel.restart_workers(application.folder, store="redis", now=NOW)
    assert not entry.exists()
    assert php(application, "artisan", "signal") == NOW + 5
