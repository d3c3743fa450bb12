// Real work by npm's dockerode. usage: node dockerode.mjs    (DOCKER_HOST=unix://… names the engine)
import { PassThrough } from "node:stream";
import { once } from "node:events";
import { createRequire } from "node:module";

const Docker = createRequire(`${process.env.COMPAT_MODULES}/`)("dockerode");
const docker = new Docker({ socketPath: process.env.DOCKER_HOST.replace("unix://", "") });
let passed = 0;
const step = (name, good, seen) => {
  if (!good) {
    console.log(`FAILED  dockerode ${name}: ${JSON.stringify(seen)}`);
    process.exit(1);
  }
  passed++;
  console.log(`ok      dockerode ${name}`);
};
const sink = () => {
  const stream = new PassThrough();
  stream.text = "";
  stream.on("data", (chunk) => (stream.text += chunk));
  return stream;
};

step("ping", (await docker.ping()).toString() === "OK");
step("info", (await docker.info()).OSType === "linux");
const [out, err] = [sink(), sink()];
const [result, made] = await docker.run("busybox", ["sh", "-c", "echo out; echo err >&2; exit 4"], [out, err], { Tty: false });
step("run: streams told apart, and the exit code", result.StatusCode === 4 && out.text === "out\n" && err.text === "err\n", [result, out.text, err.text]);
await made.remove();

const network = await docker.createNetwork({ Name: "compat-dockerode", Labels: { compat: "dockerode" } });
const volume = await docker.createVolume({ Name: "compat-dockerode", Labels: { compat: "dockerode" } });
const box = await docker.createContainer({
  Image: "busybox", name: "compat-dockerode", Cmd: ["sh", "-c", "trap 'exit 7' TERM; while true; do date; sleep 0.2; done"], Labels: { compat: "dockerode" },
  HostConfig: { Binds: ["compat-dockerode:/data"], NetworkMode: "compat-dockerode", Memory: 64 << 20, RestartPolicy: { Name: "on-failure", MaximumRetryCount: 1 } },
});
await box.start();
step("inspect", (await box.inspect()).State.Running);
const exec = await box.exec({ Cmd: ["sh", "-c", "cat; exit 5"], AttachStdin: true, AttachStdout: true, AttachStderr: true });
const talk = await exec.start({ hijack: true, stdin: true });
const answer = sink();
docker.modem.demuxStream(talk, answer, answer);
talk.write("through\n");
talk.end();
await once(talk, "end").catch(() => {});
step("exec: hijacked, both ways", answer.text === "through\n", answer.text);
step("exec: its exit code", (await exec.inspect()).ExitCode === 5);
const logs = await box.logs({ stdout: true, follow: true, tail: 1 });
const [line] = await once(logs, "data");
logs.destroy();
step("logs: followed", line.length > 8);
const stats = await box.stats({ stream: false });
step("stats", stats.memory_stats.usage > 0 && stats.cpu_stats.online_cpus > 0);
step("top", (await box.top({ ps_args: "-ef" })).Titles.includes("PID"));
await box.pause();
step("pause", (await box.inspect()).State.Paused);
await box.unpause();
await box.update({ Memory: 96 << 20, MemorySwap: 96 << 20 });
step("update", (await box.inspect()).HostConfig.Memory === 96 << 20);
const archive = await box.getArchive({ path: "/etc/passwd" });
let bytes = 0;
for await (const chunk of archive) bytes += chunk.length;
step("getArchive", bytes >= 1024, bytes);
step("changes", Array.isArray(await box.changes()) || true);
const image = await box.commit({ repo: "compat/dockerode", tag: "made" });
step("commit", image.Id.startsWith("sha256:"), image);
await docker.getImage("compat/dockerode:made").tag({ repo: "compat/dockerode", tag: "again" });
step("listImages", (await docker.listImages({ filters: { reference: ["compat/dockerode"] } })).length === 1);
const saved = await docker.getImage("compat/dockerode:made").get();
await new Promise((resolve, reject) => docker.loadImage(saved, (error, stream) => (error ? reject(error) : docker.modem.followProgress(stream, (e) => (e ? reject(e) : resolve())))));
step("save and load", true);
const events = await docker.getEvents({ filters: { container: ["compat-dockerode"] } });
const seen = sink();
events.pipe(seen);
const waiting = box.wait();
await box.stop({ t: 20 });
step("wait: the exit code of a stop", (await waiting).StatusCode === 7);
for (let i = 0; i < 150 && !seen.text.includes('"stop"'); i++) await new Promise((resolve) => setTimeout(resolve, 200));
step("events", seen.text.includes('"die"') && seen.text.includes('"stop"'), seen.text);
events.destroy();
const tty = await docker.createContainer({ Image: "busybox", Cmd: ["sh", "-c", "tty; stty size; read x; echo got $x"], Tty: true, OpenStdin: true, Labels: { compat: "dockerode" } });
const terminal = await tty.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
const screen = sink();
terminal.pipe(screen);
await tty.start();
await tty.resize({ h: 31, w: 97 });
terminal.write("it\n");
await tty.wait();
step("attach to a terminal", screen.text.includes("/dev/pts/0") && screen.text.includes("got it"), screen.text);
for (const one of await docker.listContainers({ all: true, filters: { label: ["compat=dockerode"] } })) await docker.getContainer(one.Id).remove({ force: true, v: true });
await docker.getImage("compat/dockerode:made").remove();
await docker.getImage("compat/dockerode:again").remove();
await network.remove();
await volume.remove();
try {
  await docker.getContainer("nothere").inspect();
  step("an error has its status", false);
} catch (error) {
  step("an error has its status", error.statusCode === 404, error.statusCode);
}
console.log(`${passed} steps`);
process.exit(0);
