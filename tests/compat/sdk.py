"""Real work by Docker's Python SDK, as Debian packages it. usage: sdk.py    (DOCKER_HOST names the engine)"""
import io
import socket
import tarfile
import threading
import time
import urllib.request

import docker

# It would speak the newest version that it is offered, whose shapes are younger than this client.
client = docker.from_env(version="1.41", timeout=60)
passed = 0


def step(name, good, seen=None):
    global passed
    if not good:
        raise SystemExit(f"FAILED  python3-docker {name}: {seen!r}")
    passed += 1
    print(f"ok      python3-docker {name}")


def until(look, wanted, name):
    seen = None
    for _ in range(150):
        seen = look()
        if wanted(seen):
            break
        time.sleep(0.2)
    step(name, wanted(seen), seen)


step("ping and version", client.ping() and client.version()["ApiVersion"])
step("info", client.info()["OSType"] == "linux")
step("run: output", client.containers.run("busybox", "echo hello", remove=True) == b"hello\n")
step("run: standard error alone", client.containers.run("busybox", ["sh", "-c", "echo out; echo err >&2"], remove=True, stdout=False, stderr=True) == b"err\n")
try:
    client.containers.run("busybox", ["sh", "-c", "echo bad; exit 3"], remove=True)
    step("run: an exit code is an error", False)
except docker.errors.ContainerError as error:
    step("run: an exit code is an error", error.exit_status == 3, error.exit_status)
try:
    client.images.get("nothere:latest")
    step("an image that is not there", False)
except docker.errors.ImageNotFound:
    step("an image that is not there", True)
try:
    client.containers.get("nothere")
    step("a container that is not there", False)
except docker.errors.NotFound:
    step("a container that is not there", True)

events = []
stream = client.events(decode=True, filters={"label": "compat=python"})
reader = threading.Thread(target=lambda: events.extend(stream), daemon=True)
reader.start()

volume = client.volumes.create("compat-python", labels={"compat": "python"})
network = client.networks.create("compat-python", driver="bridge", labels={"compat": "python"})
box = client.containers.run(
    "busybox", ["sh", "-c", "trap 'exit 7' TERM; while true; do date; sleep 0.2; done"], detach=True, name="compat-python",
    environment={"A": "b"}, labels={"compat": "python"}, volumes={"compat-python": {"bind": "/data", "mode": "rw"}}, network="compat-python",
    mem_limit="64m", nano_cpus=500_000_000, pids_limit=50, ulimits=[docker.types.Ulimit(name="nofile", soft=512, hard=1024)],
    cap_drop=["ALL"], cap_add=["KILL"], tmpfs={"/scratch": "size=1m"}, restart_policy={"Name": "on-failure", "MaximumRetryCount": 2},
    healthcheck={"test": ["CMD", "true"], "interval": 1_000_000_000}, extra_hosts={"db": "10.1.2.3"}, hostname="boxy", init=True)
box.reload()
step("status", box.status == "running", box.status)
step("limits", (box.attrs["HostConfig"]["Memory"], box.attrs["HostConfig"]["NanoCpus"], box.attrs["HostConfig"]["PidsLimit"]) == (64 << 20, 500_000_000, 50))
until(lambda: client.api.inspect_container("compat-python")["State"]["Health"]["Status"], lambda s: s == "healthy", "healthy")
code, output = box.exec_run("sh -c 'echo $A; hostname; ulimit -n; grep db /etc/hosts'")
step("exec", code == 0 and output.decode().split() == ["b", "boxy", "512", "10.1.2.3", "db"], output)
code, output = box.exec_run(["sh", "-c", "echo out; echo err >&2; exit 4"], demux=True)
step("exec: streams told apart", (code, output) == (4, (b"out\n", b"err\n")), (code, output))
code, chunks = box.exec_run("seq 3", stream=True)
step("exec: streamed", b"".join(chunks) == b"1\n2\n3\n")
_, sock = box.exec_run("cat", stdin=True, socket=True)
sock._sock.sendall(b"through\n")
sock._sock.shutdown(socket.SHUT_WR)
answer = b""
while chunk := sock._sock.recv(4096):
    answer += chunk
step("exec: a socket for both ways", answer.endswith(b"through\n"), answer)

archive = io.BytesIO()
with tarfile.open(fileobj=archive, mode="w") as tar:
    entry = tarfile.TarInfo("file.txt")
    entry.size = 4
    tar.addfile(entry, io.BytesIO(b"text"))
step("put_archive", box.put_archive("/data", archive.getvalue()))
bits, stat = box.get_archive("/data/file.txt")
with tarfile.open(fileobj=io.BytesIO(b"".join(bits))) as tar:
    step("get_archive", tar.extractfile("file.txt").read() == b"text" and stat["size"] == 4, stat)
box.exec_run("touch /made")
step("diff", {"Path": "/made", "Kind": 1} in box.diff(), box.diff())
step("top", "PID" in box.top()["Titles"] and len(box.top(ps_args="aux")["Processes"]) > 1)
stats = box.stats(stream=False)
step("stats", stats["memory_stats"]["usage"] > 0 and stats["cpu_stats"]["online_cpus"] > 0 and "eth0" in stats["networks"], stats)
step("stats: a stream", len([s for _, s in zip(range(2), box.stats(stream=True, decode=True))]) == 2)
step("logs: tail", len(box.logs(tail=2).splitlines()) == 2)
step("logs: followed", next(box.logs(stream=True, follow=True)))
box.pause(); box.reload()
step("pause", box.status == "paused", box.status)
box.unpause()
box.update(mem_limit="96m", memswap_limit="96m"); box.reload()
step("update", box.attrs["HostConfig"]["Memory"] == 96 << 20)
box.rename("compat-renamed"); box.reload()
step("rename", box.name == "compat-renamed", box.name)
step("list: filters", [c.name for c in client.containers.list(filters={"label": "compat=python", "status": "running"})] == ["compat-renamed"])
network.reload()
step("network: its containers", [c.name for c in network.containers] == ["compat-renamed"])
network.disconnect(box); network.connect(box, aliases=["other"])
found = client.containers.run("busybox", "nslookup -type=a other", network="compat-python", remove=True)
step("network: connected again, by an alias", b"Name:\tother" in found, found)
made = box.commit("compat/python", "made", changes='CMD ["cat", "/data/file.txt"]')
step("commit", "compat/python:made" in made.tags, made.tags)
step("image: history", len(made.history()) > 1)
step("image: tag", made.tag("compat/python", "again"))
saved = io.BytesIO(b"".join(client.images.get("compat/python:made").save(named="compat/python:made")))
client.images.remove("compat/python:made"); client.images.remove("compat/python:again")
step("image: save and load", "compat/python:made" in client.images.load(saved.getvalue())[0].tags)
step("run the image with the volume", client.containers.run("compat/python:made", volumes=["compat-python:/data"], remove=True) == b"text")
box.stop(timeout=20)
step("stop: its exit code", box.wait()["StatusCode"] == 7)
box.start(); box.restart(timeout=20); box.kill()
step("kill: the signal", box.wait(condition="not-running")["StatusCode"] == 137)
web = client.containers.run("busybox", ["sh", "-c", "mkdir /w; echo served > /w/index.html; exec httpd -f -p 80 -h /w"], detach=True, ports={"80/tcp": ("127.0.0.1", None)}, labels={"compat": "python"})
web.reload()
port = web.ports["80/tcp"][0]["HostPort"]


def fetch():
    try:
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=5).read()
    except OSError as error:
        return error


until(fetch, lambda answer: answer == b"served\n", "a published port")
attached = client.api.create_container("busybox", ["sh", "-c", "read a; echo got $a; head -c 300000 /dev/zero | tr '\\0' x"], stdin_open=True, labels={"compat": "python"})
sock = client.api.attach_socket(attached, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1})
client.api.start(attached)
sock._sock.sendall(b"it\n")
received = b""
while chunk := sock._sock.recv(65536):
    received += chunk
step("attach before the start: every byte", b"got it" in received and received.count(b"x") == 300000, len(received))
exported = b"".join(client.api.export(attached))
step("export", b"bin/busybox" in exported)
for one in client.containers.list(all=True, filters={"label": "compat=python"}):
    one.remove(force=True, v=True)
network.remove(); volume.remove(); client.images.remove("compat/python:made")
step("prune", client.containers.prune(filters={"label": "compat=python"})["ContainersDeleted"] in (None, []))
step("df", client.df()["Images"])
stream.close()
wanted = {"create", "start", "die", "pause", "unpause", "update", "rename", "stop", "kill", "restart", "destroy", "commit", "export"}
step("events", wanted <= {e["Action"] for e in events}, wanted - {e["Action"] for e in events})
print(f"{passed} steps")
