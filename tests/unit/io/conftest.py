"""What the tests of loading and saving share: a store of their own, a file written and loaded, and a hub on loopback.

The hub speaks as much of the Hub's HTTP interface as pushing and loading a data set takes. The clients on the other
end, `datasets` and `huggingface_hub`, are the real ones. Files are kept in memory, on one branch, `main`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
import yaml

from curate.data.store import Store
from curate.io import load


@pytest.fixture(autouse=True)
def own_store(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Store:
    """The default store of each test is empty and its own."""
    monkeypatch.setenv("CURATE_CACHE", str(tmp_path_factory.mktemp("cache")))
    return Store()


@pytest.fixture
def load_bytes(tmp_path: Path):
    def load_bytes(name: str, data: bytes, **options):
        path = tmp_path / name
        path.write_bytes(data)
        return load(path, **options)

    return load_bytes


class Hub(ThreadingHTTPServer):
    """Repositories by id, each a mapping from path to content."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.repositories: dict[str, dict[str, bytes]] = {}
        self.private: dict[str, bool] = {}
        self.tokens: set[str] = set()
        self.large: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def sha(self, repository: str) -> str:
        files = self.repositories[repository]
        return hashlib.sha1(repr(sorted(files.items())).encode()).hexdigest()


@pytest.fixture
def hub() -> Iterator[Hub]:
    """A running hub."""
    hub = Hub()
    thread = threading.Thread(target=hub.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        hub.shutdown()
        hub.server_close()
        thread.join()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Hub

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def answer(self, body: object, status: int = 200, **headers: str) -> None:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", "application/json")
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def missing(self, code: str) -> None:
        self.answer({"error": code}, 404, X_Error_Code=code, X_Error_Message=code)

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        if parts[:2] == ["api", "datasets"]:
            self.about("/".join(parts[2:4]), parts[4:])
        elif parts[0] == "datasets" and parts[3:4] == ["resolve"]:
            self.resolve("/".join(parts[1:3]), "/".join(parts[5:]))
        else:
            self.missing("EntryNotFound")

    def about(self, repository: str, rest: list[str]) -> None:
        files = self.server.repositories.get(repository)
        if files is None:
            self.missing("RepoNotFound")
        elif rest[:1] == ["tree"]:
            self.tree(files, "/".join(rest[2:]))
        else:
            sha, siblings = self.server.sha(repository), [{"rfilename": path} for path in sorted(files)]
            about = {"id": repository, "sha": sha, "private": self.server.private.get(repository, False)}
            self.answer({**about, "siblings": siblings, "tags": [], "disabled": False, "downloads": 0, "likes": 0})

    def tree(self, files: dict[str, bytes], under: str) -> None:
        prefix = f"{under}/" if under else ""
        found = [path for path in sorted(files) if path.startswith(prefix)]
        if under and not found:
            return self.missing("EntryNotFound")
        recursive = parse_qs(urlsplit(self.path).query).get("recursive", ["false"])[0].lower() == "true"
        folders = dict.fromkeys(path[len(prefix) :].split("/")[0] for path in found if "/" in path[len(prefix) :])
        listed = [{"type": "directory", "path": prefix + name, "size": 0, "oid": "0"} for name in folders]
        shown = [path for path in found if recursive or "/" not in path[len(prefix) :]]
        return self.answer(listed + [self.entry(files, path) for path in shown])

    def entry(self, files: dict[str, bytes], path: str) -> dict[str, object]:
        oid = hashlib.sha1(files[path]).hexdigest()
        return {"type": "file", "path": path, "size": len(files[path]), "oid": oid}

    def resolve(self, repository: str, path: str) -> None:
        files = self.server.repositories.get(repository)
        if files is None:
            return self.missing("RepoNotFound")
        if path not in files:
            return self.missing("EntryNotFound")
        etag = f'"{hashlib.sha1(files[path]).hexdigest()}"'
        return self.answer(files[path], ETag=etag, X_Repo_Commit=self.server.sha(repository))

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = unquote(urlsplit(self.path).path).strip("/").split("/")
        self.server.tokens.add(self.headers.get("Authorization") or "")
        if parts == ["api", "repos", "create"]:
            asked = json.loads(body)
            repository = f"{asked['organization']}/{asked['name']}"
            self.server.repositories.setdefault(repository, {})
            self.server.private[repository] = asked.get("private", False) or asked.get("visibility") == "private"
            self.answer({"url": f"{self.server.url}/datasets/{repository}", "name": repository})
        elif parts == ["api", "validate-yaml"]:
            block = json.loads(body)["content"].split("---")[1]
            valid = isinstance(yaml.safe_load(block), dict)
            self.answer({"errors": [], "warnings": []} if valid else {"error": "no metadata"}, 200 if valid else 400)
        elif parts[-3:] == ["lfs", "objects", "batch"]:
            self.lfs_batch(body)
        else:
            self.repository_post("/".join(parts[2:4]), parts[4], body)

    def do_PUT(self) -> None:
        data = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.large[hashlib.sha256(data).hexdigest()] = data
        self.answer({}, ETag='"x"')

    def lfs_batch(self, body: bytes) -> None:
        asked = json.loads(body)["objects"]
        objects = [{**o, "actions": {"upload": {"href": f"{self.server.url}/lfs/{o['oid']}"}}} for o in asked]
        self.answer({"transfer": "basic", "objects": objects})

    def repository_post(self, repository: str, what: str, body: bytes) -> None:
        files = self.server.repositories[repository]
        if what == "preupload":
            paths = [file["path"] for file in json.loads(body)["files"]]
            modes = {path: "lfs" if path.endswith(".parquet") else "regular" for path in paths}
            self.answer(
                {"files": [{"path": p, "uploadMode": mode, "shouldIgnore": False} for p, mode in modes.items()]}
            )
        elif what == "paths-info":
            wanted = parse_qs(body.decode()).get("paths") or json.loads(body)["paths"]
            self.answer([self.entry(files, path) for path in wanted if path in files])
        else:
            for line in body.splitlines():
                step = json.loads(line)
                if step["key"] == "file":
                    files[step["value"]["path"]] = base64.b64decode(step["value"]["content"])
                elif step["key"] == "lfsFile":
                    files[step["value"]["path"]] = self.server.large[step["value"]["oid"]]
                elif step["key"] == "deletedFile":
                    files.pop(step["value"]["path"])
            oid = self.server.sha(repository)
            url = f"{self.server.url}/datasets/{repository}/commit/{oid}"
            self.answer({"success": True, "commitOid": oid, "commitUrl": url})
