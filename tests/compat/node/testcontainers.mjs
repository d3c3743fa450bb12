// Real work by npm's testcontainers. usage: node testcontainers.mjs    (DOCKER_HOST names the engine)
import { createRequire } from "node:module";

const { GenericContainer, Network, Wait } = createRequire(`${process.env.COMPAT_MODULES}/`)("testcontainers");
let passed = 0;
// testcontainers lets go of the sockets that it follows logs on: without anything else to do node would end in the middle.
const alive = setInterval(() => {}, 1000);
const step = (name, good, seen) => {
  if (!good) {
    console.log(`FAILED  testcontainers ${name}: ${JSON.stringify(seen)}`);
    process.exit(1);
  }
  passed++;
  console.log(`ok      testcontainers ${name}`);
};

const network = await new Network().start();
const server = "mkdir /w; echo served > /w/index.html; echo ready; exec httpd -f -p 80 -h /w";
const web = await new GenericContainer("busybox").withCommand(["sh", "-c", server]).withExposedPorts(80).withNetwork(network).withNetworkAliases("web")
  .withEnvironment({ A: "b" }).withCopyContentToContainer([{ content: "copied", target: "/copied.txt" }]).withTmpFs({ "/scratch": "rw" })
  .withWaitStrategy(Wait.forAll([Wait.forLogMessage("ready"), Wait.forListeningPorts(), Wait.forHttp("/", 80)])).withStartupTimeout(60000).start();
step("start: waits for a log line, the port and HTTP", true);
const page = await (await fetch(`http://${web.getHost()}:${web.getMappedPort(80)}/`)).text();
step("mapped port", page === "served\n", page);
const exec = await web.exec(["sh", "-c", "echo $A; cat /copied.txt; exit 3"]);
step("exec", exec.exitCode === 3 && exec.output === "b\ncopied", exec);
const client = await new GenericContainer("busybox").withCommand(["sleep", "300"]).withNetwork(network).start();
const fetched = await client.exec(["wget", "-qO-", "http://web/"]);
step("a network with an alias", fetched.output === "served\n", fetched);
const healthy = await new GenericContainer("busybox").withCommand(["sleep", "300"])
  .withHealthCheck({ test: ["CMD", "true"], interval: 1000, timeout: 3000, retries: 3, startPeriod: 0 }).withWaitStrategy(Wait.forHealthCheck()).start();
step("waits for a health check", true);
const once = await new GenericContainer("busybox").withCommand(["true"]).withWaitStrategy(Wait.forOneShotStartup()).start();
step("waits for a one-shot's end", true);
const archive = await web.copyArchiveFromContainer("/copied.txt");
let bytes = 0;
for await (const chunk of archive) bytes += chunk.length;
step("copies from a container", bytes >= 1024, bytes);
const logs = await web.logs();
const line = await new Promise((resolve) => logs.on("data", (chunk) => resolve(chunk.toString())));
step("logs", line.includes("ready"), line);
await web.restart();
step("restart", (await (await fetch(`http://${web.getHost()}:${web.getMappedPort(80)}/`).catch(() => ({ text: () => "" }))).text()) !== null);
for (const one of [once, healthy, client, web]) await one.stop();
await network.stop();
step("stop", true);
clearInterval(alive);
console.log(`${passed} steps`);
process.exit(0);
