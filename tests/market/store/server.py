"""A PostgreSQL server of the tests' own, from the binaries of the machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

USER, PASSWORD = "tco", "a secret: %/@"


def binaries() -> Path | None:
    """The folder with initdb and pg_ctl; None without PostgreSQL."""
    on_path = shutil.which("initdb")
    packaged = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if on_path:
        return Path(on_path).parent
    if packaged:
        return packaged[-1].parent
    config = shutil.which("pg_config")
    if config:
        said = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=True)
        folder = Path(said.stdout.strip())
        return folder if (folder / "initdb").exists() else None
    return None


@contextmanager
def running() -> Iterator[Path]:
    """A new server on a socket; the folder of the socket. PostgreSQL refuses to run as root."""
    bin_folder = binaries()
    assert bin_folder
    # Not pytest's own folder: its name may be too long for a socket, and root's is closed.
    folder = Path(tempfile.mkdtemp(prefix="tco-postgresql-"))
    run = _as_postgres(folder) if os.geteuid() == 0 else {}
    (folder / "password").write_text(PASSWORD + "\n", encoding="utf-8")
    (folder / "password").chmod(0o644)
    data = folder / "data"
    first = f"-A scram-sha-256 -U {USER} -E UTF8 --locale=C --no-sync".split()
    options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off"
    try:
        _call(bin_folder / "initdb", "-D", data, *first, f"--pwfile={folder}/password", **run)
        _call(
            bin_folder / "pg_ctl",
            "-D",
            data,
            "-w",
            "-l",
            folder / "log",
            "-o",
            options,
            "start",
            **run,
        )
        yield folder
        _call(bin_folder / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop", **run)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def url(folder: Path, database: str = "postgres", schema: str = "public") -> str:
    """The address of a schema of the server."""
    options = quote(f"-csearch_path={schema}", safe="")
    return (
        f"postgresql://{USER}:{quote(PASSWORD, safe='')}@/{database}"
        f"?host={quote(str(folder), safe='')}&options={options}"
    )


def _as_postgres(folder: Path) -> dict[str, Any]:
    import pwd

    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def _call(*command: object, **run: Any) -> None:
    words = [str(part) for part in command]
    done = subprocess.run(
        words, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, **run
    )
    assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
