using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Applications of several containers. Each test has a project and a directory of its own, and takes the project away when it ends.</summary>
public sealed class ComposeTests(SharedEngine engine) : EngineTest(engine)
{
    [Fact]
    public async Task The_todo_application_keeps_its_items_and_a_second_up_changes_nothing()
    {
        await using var app = new Application(this, """
            services:
              app:
                image: busybox
                command: sh -c 'while ! wget -qO /dev/null http://mysql:8080/items; do sleep 0.1; done; mkdir /www; echo page of $$WHO > /www/index.html; exec httpd -f -p 80 -h /www'
                init: true
                ports: ["80"]
                environment: {WHO: "${WHO:-nobody}"}
                depends_on: {db: {condition: service_healthy}}
                working_dir: /app
                volumes: ["./src:/app"]
              db:
                image: busybox
                command: sh -c 'touch /var/lib/db/items; exec httpd -f -p 8080 -h /var/lib/db'
                init: true
                networks: {default: {aliases: [mysql]}}
                volumes: ["todo-data:/var/lib/db"]
                healthcheck: {test: "wget -qO /dev/null http://127.0.0.1:8080/items", interval: 100ms, timeout: 30s, retries: 100}
            volumes: {todo-data: {}}
            """);

        (await app.RunAsync("up", "-d", "--wait")).Succeeded();
        (await app.RunAsync("exec", "-T", "db", "sh", "-c", "echo milk >> /var/lib/db/items")).Succeeded();
        var address = (await app.RunAsync("port", "app", "80")).Succeeded().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
        await Eventually.HoldsAsync("the page is served", async () => (await Shell.RunAsync("curl", ["-sf", "--max-time", "30", $"http://{address}/"])).Text == "page of nobody");
        Directory.Exists(Path.Combine(app.Directory, "src")).ShouldBeTrue("the directory that is mounted was made");

        var before = await app.IdsAsync();
        var again = await app.RunAsync("up", "-d");
        again.Succeeded();
        again.Stderr.ShouldNotContain("Recreate");
        again.Stderr.ShouldNotContain("Starting");
        (await app.IdsAsync()).ShouldBe(before);

        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "WHO=me\n");
        var changed = await app.RunAsync("up", "-d");
        changed.Succeeded();
        changed.Saying("app-1  Recreate (its configuration changed: environment)").Saying("db-1  Running");
        var after = await app.IdsAsync();
        after["db"].ShouldBe(before["db"]);
        after["app"].ShouldNotBe(before["app"]);

        (await app.RunAsync("down")).Succeeded();
        (await app.RunAsync("up", "-d", "db")).Succeeded();
        (await app.RunAsync("exec", "-T", "db", "cat", "/var/lib/db/items")).Succeeded().ShouldBe("milk");
        (await app.RunAsync("ps", "--services")).Lines.ShouldBe(["db"]);

        (await app.RunAsync("down", "-v")).Succeeded();
        (await RunAsync(Clients.Sampan, "ps", "-aq", "--filter", $"label=com.docker.compose.project={app.Name}")).Lines.ShouldBeEmpty();
        (await RunAsync(Clients.Sampan, "network", "ls", "-q", "--filter", $"label=com.docker.compose.project={app.Name}")).Lines.ShouldBeEmpty();
        (await RunAsync(Clients.Sampan, "volume", "ls", "-q", "--filter", $"label=com.docker.compose.project={app.Name}")).Lines.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_voting_application_runs_on_two_networks_is_scaled_and_updated()
    {
        await using var app = new Application(this, """
            version: "3.8"
            services:
              redis: {image: busybox, command: sleep 1000, init: true, networks: [frontend], deploy: {replicas: 1, restart_policy: {condition: on-failure}}}
              db: {image: busybox, command: sleep 1000, init: true, networks: [backend], volumes: ["db-data:/data"], deploy: {placement: {constraints: [node.role == manager]}}}
              vote:
                image: busybox
                command: sleep 1000
                init: true
                networks: [frontend]
                depends_on: [redis]
                environment: {OPTION: "${OPTION:-cats}"}
                deploy: {replicas: 2, update_config: {parallelism: 1, order: start-first, monitor: 100ms}, restart_policy: {condition: on-failure}}
              result: {image: busybox, command: sleep 1000, init: true, networks: [backend], depends_on: [db]}
              worker:
                image: busybox
                command: sh -c 'echo votes move; exec sleep 1000'
                init: true
                networks: [frontend, backend]
                depends_on: [db, redis]
                deploy: {mode: replicated, replicas: 1, labels: [APP=VOTING], resources: {limits: {memory: 64M}}, restart_policy: {condition: on-failure, delay: 10s, max_attempts: 3, window: 120s}}
            networks: {frontend: {}, backend: {}}
            volumes: {db-data: {}}
            """);

        (await app.RunAsync("up", "-d")).Succeeded();
        (await app.RunAsync("ps", "--format", "{{.Name}}")).Lines.ShouldBe(new[] { "db-1", "redis-1", "result-1", "vote-1", "vote-2", "worker-1" }.Select(n => $"{app.Name}-{n}"));
        (await app.RunAsync("exec", "-T", "worker", "nslookup", "db")).Succeeded("the worker sees both networks");
        (await app.RunAsync("exec", "-T", "worker", "nslookup", "redis")).Succeeded("the worker sees both networks");
        (await app.RunAsync("exec", "-T", "vote", "nslookup", "db")).Failed();
        (await InspectAsync(Clients.Sampan, $"{app.Name}-worker-1", "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}} {{.HostConfig.Memory}}")).ShouldBe("on-failure 3 67108864");
        await Eventually.HoldsAsync("the worker's words are in the log", async () => (await app.RunAsync("logs", "worker")).Text == "worker-1  | votes move");

        var before = await app.IdsAsync();
        (await app.RunAsync("up", "-d", "--scale", "vote=3", "--scale", "result=2")).Succeeded();
        (await app.RunAsync("ps", "--format", "{{.Name}}", "vote", "result")).Lines.ShouldBe(new[] { "result-1", "result-2", "vote-1", "vote-2", "vote-3" }.Select(n => $"{app.Name}-{n}"));
        (await app.RunAsync("scale", "vote=2", "result=1")).Succeeded();
        (await app.IdsAsync()).ShouldBe(before, "those that were there first stayed");

        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "OPTION=dogs\n");
        (await app.RunAsync("up", "-d")).Saying("its successor runs").Succeeded();
        var after = await app.IdsAsync();
        after.Where(p => !p.Key.StartsWith("vote", StringComparison.Ordinal)).ShouldBe(before.Where(p => !p.Key.StartsWith("vote", StringComparison.Ordinal)));
        (await app.RunAsync("exec", "-T", "--index", "2", "vote", "sh", "-c", "echo $OPTION")).Succeeded().ShouldBe("dogs");
        (await app.RunAsync("ps", "-a", "--format", "{{.Name}}", "vote")).Lines.ShouldBe([$"{app.Name}-vote-1", $"{app.Name}-vote-2"]);

        (await app.RunAsync("stop", "-t", "0", "worker")).Succeeded();
        (await app.RunAsync("ps", "-a", "--status", "exited", "--format", "{{.Service}}")).Lines.ShouldBe(["worker"]);
        (await app.RunAsync("rm", "-f", "worker")).Succeeded();
        (await app.RunAsync("up", "-d", "--no-deps", "worker")).Succeeded();
        (await app.RunAsync("ps", "-q", "worker")).Lines.Length.ShouldBe(1);
    }

    [Fact]
    public async Task Conditions_order_the_start_and_what_fails_is_told()
    {
        await using var app = new Application(this, """
            services:
              migrate: {image: busybox, command: sh -c 'echo migrated > /shared/done', volumes: ["shared:/shared"]}
              web: {image: busybox, command: cat /shared/done, volumes: ["shared:/shared"], depends_on: {migrate: {condition: service_completed_successfully}}}
              sick: {image: busybox, command: sleep 1000, init: true, profiles: [sick], healthcheck: {test: "echo no luck; exit 1", interval: 100ms, timeout: 30s, retries: 2}}
              never: {image: busybox, command: sleep 1000, init: true, profiles: [never], healthcheck: {test: "sleep 1000", interval: 1s, timeout: 1000s}}
              late: {image: busybox, command: sleep 1000, profiles: [sick], depends_on: {sick: {condition: service_healthy}}}
              failing: {image: busybox, command: sh -c 'exit 7', profiles: [failing]}
              after: {image: busybox, command: sleep 1000, profiles: [failing], depends_on: {failing: {condition: service_completed_successfully}}}
            volumes: {shared: {}}
            """);

        (await app.RunAsync("up", "--no-color")).Saying("web-1      | migrated").Saying("web-1 exited with code 0").Succeeded();
        (await app.RunAsync("--profile", "sick", "up", "-d", "late")).Ended(1).Saying("is unhealthy").Saying("no luck");
        (await app.RunAsync("--profile", "sick", "up", "-d", "--wait", "sick")).Ended(1).Saying("sick-1 is unhealthy: its last check ended with 1 and said 'no luck'");
        (await app.RunAsync("--profile", "never", "up", "-d", "--wait", "--wait-timeout", "1", "never")).Ended(1).Saying("the application did not become healthy in 1 seconds").Saying("never-1 is starting");
        (await app.RunAsync("--profile", "sick", "ps", "-aq", "late")).Lines.ShouldBeEmpty("what depends on it was not made");
        (await app.RunAsync("--profile", "failing", "up", "-d", "after")).Ended(1).Saying("didn't complete successfully: exit 7");
        (await app.RunAsync("up", "--exit-code-from", "nobody")).Ended(1).Saying("no such service: nobody");
        (await app.RunAsync("--profile", "failing", "up", "--no-color", "--exit-code-from", "failing", "failing")).Ended(7);
        (await app.RunAsync("up", "-d", "wbe")).Ended(1).Saying("no such service: wbe; did you mean 'web'?");
    }

    [Fact]
    public async Task An_interrupted_up_that_is_repeated_converges()
    {
        await using var app = new Application(this, "services: {a: {image: busybox, command: sleep 1000, init: true, environment: {V: \"1\"}}, b: {image: busybox, command: sleep 1000, init: true}}");
        (await app.RunAsync("up", "-d")).Succeeded();
        // As if a replacement of a had been interrupted before the successor got the name, the file had then changed again, and b had been made and not started.
        await app.WriteAsync("services: {a: {image: busybox, command: sleep 1000, init: true, environment: {V: \"2\"}}, b: {image: busybox, command: sleep 1000, init: true}}");
        (await RunAsync(Clients.Sampan, "rename", $"{app.Name}-a-1", $"000000000000_{app.Name}-a-1")).Succeeded();
        (await app.RunAsync("stop", "-t", "0", "b")).Succeeded();

        (await app.RunAsync("up", "-d")).Succeeded();

        (await app.RunAsync("ps", "-a", "--format", "{{.Name}} {{.State}}")).Lines.ShouldBe([$"{app.Name}-a-1 running", $"{app.Name}-b-1 running"]);
        (await app.RunAsync("exec", "-T", "a", "sh", "-c", "echo $V")).Succeeded().ShouldBe("2");
        var again = await app.RunAsync("up", "-d");
        again.Succeeded();
        again.Stderr.ShouldNotContain("Starting");
    }

    [Fact]
    public async Task Configs_secrets_hooks_and_one_off_containers()
    {
        await using var app = new Application(this, """
            services:
              a:
                image: busybox
                command: sleep 1000
                init: true
                secrets: [token, {source: token, target: owned, uid: "8", gid: "9", mode: 0440}, {source: key, target: /etc/key, uid: "7", mode: 0400}]
                configs: [{source: inline, target: /etc/inline.conf}]
                post_start: [{command: [sh, -c, "echo $$X > /started"], environment: [X=hook]}]
            secrets: {token: {file: ./token.txt}, key: {environment: KEY}}
            configs: {inline: {content: "name=${COMPOSE_PROJECT_NAME}"}}
            """);
        await File.WriteAllTextAsync(Path.Combine(app.Directory, "token.txt"), "t0k3n");
        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "KEY=k3y\n");

        (await app.RunAsync("up", "-d")).Succeeded();
        (await app.RunAsync("exec", "-T", "a", "sh", "-c", "cat /run/secrets/token /etc/key; stat -c ' %u %a' /etc/key; cat /run/secrets/owned; stat -c ' %u %g %a' /run/secrets/owned; cat /etc/inline.conf /started")).Lines.ShouldBe(["t0k3nk3y 7 400", "t0k3n 8 9 440", $"name={app.Name}hook"]);
        (await app.RunAsync("run", "--rm", "-T", "-e", "MORE=1", "a", "sh", "-c", "cat /etc/key; echo $MORE; exit 5")).Ended(5).Text.ShouldBe("k3y1");
        (await RunAsync(Clients.Sampan, "ps", "-aq", "--filter", $"label=com.docker.compose.project={app.Name}")).Lines.Length.ShouldBe(1, "the one-off container is gone");
        (await app.RunAsync("ls", "--format", "{{.Name}} {{.Status}}", "--filter", $"name={app.Name}")).Text.ShouldBe($"{app.Name} running(1)");

        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), "KEY=other\n");
        (await app.RunAsync("up", "-d")).Saying("Recreate (its configs or secrets changed)").Succeeded();
    }

    [Fact]
    public async Task What_is_external_must_be_there_and_stays()
    {
        await using var app = new Application(this, "services: {a: {image: busybox, command: sleep 1000, init: true, networks: [n], volumes: [\"v:/v\"]}}\nnetworks: {n: {external: true, name: \"${THEIRS}\"}}\nvolumes: {v: {external: true, name: \"${THEIRS}\"}}");
        string theirs = NewName("theirs");
        await File.WriteAllTextAsync(Path.Combine(app.Directory, ".env"), $"THEIRS={theirs}\n");
        (await app.RunAsync("up", "-d")).Ended(1).Saying($"the network '{theirs}' is external, but there is none");
        try
        {
            (await RunAsync(Clients.Sampan, "network", "create", theirs)).Succeeded();
            (await app.RunAsync("up", "-d")).Ended(1).Saying($"the volume '{theirs}' is external, but there is none");
            (await RunAsync(Clients.Sampan, "volume", "create", theirs)).Succeeded();
            (await app.RunAsync("up", "-d")).Succeeded();
            (await app.RunAsync("down", "-v")).Succeeded();
            (await RunAsync(Clients.Sampan, "network", "inspect", theirs)).Succeeded();
            (await RunAsync(Clients.Sampan, "volume", "inspect", theirs)).Succeeded();
        }
        finally
        {
            await app.RunAsync("down");
            await RunAsync(Clients.Sampan, "network", "rm", theirs);
            await RunAsync(Clients.Sampan, "volume", "rm", theirs);
        }
    }

    [Fact]
    public async Task Dockers_plugin_is_this_one()
    {
        await using var app = new Application(this, "services: {a: {image: busybox, command: sleep 1000, init: true}}");
        string plugin = Path.Combine(app.Directory, "docker-compose");
        File.CreateSymbolicLink(plugin, Checkout.Executable("sampan"));
        (await Shell.RunAsync(plugin, ["docker-cli-plugin-metadata"])).Succeeded().ShouldContain("\"SchemaVersion\":\"0.1.0\"");
        var environment = new Dictionary<string, string>(Daemon.ClientEnvironment, StringComparer.Ordinal) { ["DOCKER_HOST"] = Daemon.Host };
        (await Shell.RunAsync(plugin, ["compose", "-p", app.Name, "-f", app.File, "up", "-d"], environment)).Succeeded();
        (await Shell.RunAsync(plugin, ["-p", app.Name, "-f", app.File, "ps", "--services"], environment)).Succeeded().ShouldBe("a");
    }
}
