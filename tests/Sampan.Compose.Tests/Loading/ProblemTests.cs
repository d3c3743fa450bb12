using System.Text;
using Sampan.Compose.Documents;

namespace Sampan.Compose.Tests.Loading;

public sealed class ProblemTests
{
    [Fact]
    public void All_problems_are_told_at_once_with_file_line_column_path_and_what_was_expected()
    {
        Files.Problems("""
            services:
              web:
                imge: nginx
                ports: ["80:x"]
                restart: sometimes
                mem_limit: lots
                privileged: 7
                healthcheck: {intervall: 5s, timeout: soon}
                credential_spec: {file: x}
            netwroks: {}
            volumes: {v: {external: true, driver: local}}
            """).ShouldBe([
            "/app/compose.yaml:3:5: services.web.imge: unknown key 'imge'; did you mean 'image'?",
            "/app/compose.yaml:4:13: services.web.ports[0]: expected a port such as 80, 8080:80, 127.0.0.1:8080:80, 8000-8010:8000-8010 or 53:53/udp, not '80:x'",
            "/app/compose.yaml:5:14: services.web.restart: expected one of \"no\", always, unless-stopped, on-failure, on-failure:TIMES, not 'sometimes'",
            "/app/compose.yaml:6:16: services.web.mem_limit: expected a number of bytes such as 64k, 300mb or 1g, not 'lots'",
            "/app/compose.yaml:7:17: services.web.privileged: expected true or false, not the number 7",
            "/app/compose.yaml:8:19: services.web.healthcheck.intervall: unknown key 'intervall'; did you mean 'interval'?",
            "/app/compose.yaml:8:43: services.web.healthcheck.timeout: expected a duration such as 10s or 1m30s, not 'soon'",
            "/app/compose.yaml:9:5: services.web.credential_spec: 'credential_spec' is not supported: it is for Windows",
            "/app/compose.yaml:10:1: netwroks: unknown key 'netwroks'; did you mean 'networks'?",
            "/app/compose.yaml:11:31: volumes.v.driver: 'driver' can't be set for what is external: only its name counts",
        ]);
    }

    [Theory]
    [InlineData("services: {a: {image: x, depends_on: [b]}, b: {image: x, depends_on: [a]}}", "services depend on each other in a circle: a → b → a")]
    [InlineData("services: {a: {image: x, depends_on: [a]}}", "services depend on each other in a circle: a → a")]
    [InlineData("services: {a: {image: x, links: [b]}, b: {image: x, network_mode: \"service:a\"}}", "services depend on each other in a circle: a → b → a")]
    [InlineData("services: {a: {build: {context: ., additional_contexts: {x: \"service:b\"}}}, b: {build: {context: ., additional_contexts: {x: \"service:a\"}}}}", "services are built of each other in a circle: a → b → a")]
    [InlineData("services: {a: {image: x, scale: 2, ports: [{target: 80, published: 80, mode: host}]}}", "a port of the mode 'host' is published by one container of a node, and 'a' has 2")]
    [InlineData("services: {a: {extends: b}, b: {extends: a}}", "services extend each other in a circle")]
    [InlineData("include: [compose.yaml]\nservices: {a: {image: x}}", "files include each other in a circle: /app/compose.yaml → /app/compose.yaml")]
    [InlineData("services: {a: {image: x, depends_on: [webb]}, web: {image: x}}", "undefined service 'webb'; did you mean 'web'?")]
    [InlineData("services: {a: {image: x, networks: [front]}}", "undefined network 'front'")]
    [InlineData("services: {a: {image: x, volumes: [\"data:/d\"]}}", "undefined volume 'data'")]
    [InlineData("services: {a: {image: x, secrets: [key]}}", "undefined secret 'key'")]
    [InlineData("services: {a: {image: x, configs: [conf]}}", "undefined config 'conf'")]
    [InlineData("services: {a: {image: x, ports: [\"80:80\"]}, b: {image: x, ports: [\"80:8080\"]}}", "the port 0.0.0.0:80/tcp of the host is published by the service 'a' already")]
    [InlineData("services: {a: {image: x, ports: [\"80:80\", \"80:8080\"]}}", "the port 0.0.0.0:80/tcp of the host is published by the service 'a' already")]
    [InlineData("services: {a: {image: x, ports: [\"80:80\"]}, b: {image: x, ports: [\"127.0.0.1:80:8080\"]}}", "the port 127.0.0.1:80/tcp of the host is published by the service 'a' already")]
    [InlineData("services: {a: {image: x, ports: [\"80-90:80-90\"]}, b: {image: x, ports: [\"85:85\"]}}", "the port 0.0.0.0:85/tcp of the host is published by the service 'a' already")]
    [InlineData("services: {a: {command: x}}", "neither an image nor a build")]
    [InlineData("services: {a: {image: x, container_name: c1, scale: 2}}", "a service with a container_name has one container, not 2")]
    [InlineData("services: {a: {image: x, container_name: c1}, b: {image: x, container_name: c1}}", "the name 'c1' is the one of the service 'a' already")]
    [InlineData("services: {a: {image: x, scale: 2, deploy: {replicas: 3}}}", "'scale' (2) and 'deploy.replicas' (3) differ")]
    [InlineData("services: {a: {image: x, network_mode: host, networks: [default]}}", "'networks' and 'network_mode: host' exclude each other")]
    [InlineData("services: {a: {image: x, extends: {service: y}}}", "there is no service 'y' in '/app/compose.yaml'")]
    [InlineData("services: {a: {image: x, extends: {service: y, file: gone.yaml}}}", "no such file")]
    [InlineData("services: {a: {image: x, env_file: gone.env}}", "there is no file '/app/gone.env'")]
    [InlineData("services: {a: {image: \"${NO:?say it}\"}}", "required variable 'NO' is missing a value: say it")]
    [InlineData("services: {a: {image: x, volumes: [{type: bind, target: /a}]}}", "a mount of the type 'bind' needs a source")]
    [InlineData("services: {a: {image: x, volumes: [{type: volume, target: a}]}}", "expected an absolute path, not 'a'")]
    [InlineData("services: {a: {image: x, volumes: [\"./a:/b:zz\"]}}", "unknown mode 'zz' of a mount")]
    [InlineData("services: {a: {image: 5}}", "expected the name of an image, not the number 5")]
    [InlineData("services: [a]", "services: expected a mapping, not a list")]
    [InlineData("- a", "expected a mapping, not a list")]
    [InlineData("services: {\"a b\": {image: x}}", "'a b' is no name: expected letters, digits, '.', '_' and '-'")]
    [InlineData("services: {a: {image: x, command: 'echo \"x'}}", "a quote is not closed")]
    [InlineData("services: {a: {build: {dockerfile: x, dockerfile_inline: FROM x}}}", "'dockerfile' and 'dockerfile_inline' exclude each other")]
    [InlineData("services: {a: {image: x, models: {m: {}}}}", "'models' is not supported")]
    [InlineData("services: {a: {image: x, deploy: {endpoint_mode: ring}}}", "expected one of vip, dnsrr, not 'ring'")]
    [InlineData("services: {a: {image: x, x-sampan-gateway: {hosts: shop}}}", "unknown key 'hosts'; did you mean 'host'?")]
    [InlineData("services: {a: {image: x, x-sampan-gateway: {host: 'a b'}}}", "expected a host's name such as shop.example.org")]
    [InlineData("services: {a: {image: x, x-sampan-gateway: [{path: api}]}}", "expected a path such as /api")]
    [InlineData("services: {a: {image: x, x-sampan-gateway: [{path: /a/../b}]}}", "expected a path such as /api")]
    [InlineData("services: {a: {image: x, x-sampan-gateway: {port: 70000}}}", "expected a whole number from 1 to 65535")]
    [InlineData("services: {a: {image: x, deploy: {update_config: {failure_action: stop}}}}", "expected one of pause, continue, rollback, not 'stop'")]
    [InlineData("services: {a: {image: x, deploy: {rollback_config: {failure_action: rollback}}}}", "expected one of pause, continue, not 'rollback'")]
    [InlineData("include: [\"oci://registry.example/evil:1\"]\nservices: {a: {image: x}}", "include[0]: expected the path of a file or directory of this machine, not 'oci://registry.example/evil:1'")]
    [InlineData("include: [{path: \"https://example.org/c.git\"}]\nservices: {a: {image: x}}", "expected the path of a file or directory of this machine, not 'https://example.org/c.git'")]
    [InlineData("services: {a: {extends: {service: b, file: \"oci://x/y\"}}}", "expected the path of a file or directory of this machine")]
    [InlineData("services: {a: {image: x, env_file: \"oci://x/y\"}}", "of this machine")]
    [InlineData("services: {a: {image: x, develop: {watch: [{path: ., action: sync}]}}}", "the action 'sync' needs a target")]
    [InlineData("services: {a: {image: x, develop: {watch: [{path: ., action: sync+exec, target: /t}]}}}", "needs 'exec': the command")]
    [InlineData("services: {a: {image: x, develop: {watch: [{path: ., action: restart, exec: {command: x}}]}}}", "'exec' belongs to the action 'sync+exec'")]
    [InlineData("services: {a: {build: {context: ., secrets: [gone]}}}", "undefined secret 'gone'")]
    [InlineData("services: {a: {build: {context: ., additional_contexts: {x: \"service:gone\"}}}}", "undefined service 'gone'")]
    [InlineData("name: Bad Name\nservices: {a: {image: x}}", "'Bad Name' is no project name")]
    public void What_can_not_be_is_refused(string yaml, string expected) => Files.Problems(yaml).ShouldContain(p => p.Contains(expected, StringComparison.Ordinal), yaml);

    [Fact]
    public void Ports_that_do_not_collide_are_left_alone() =>
        Files.Load("services: {a: {image: x, ports: [\"127.0.0.1:80:80\", \"80:80/udp\", \"8000-8010:80\"]}, b: {image: x, ports: [\"127.0.0.2:80:80\", \"81:80\", \"8000-8010:80\"]}}").Services.Count.ShouldBe(2);

    [Fact]
    public void Ten_megabytes_of_services_are_a_project_or_told_to_be_wrong_and_more_are_not_read()
    {
        var yaml = new StringBuilder("services:\n");
        for (int i = 0; yaml.Length < 10 << 20; i++) yaml.Append($"  s{i}: {{image: x, environment: {{A: \"").Append('a', 2000).Append("\"}}\n");
        Files.Load(yaml.ToString()).Services.Count.ShouldBeGreaterThan(5000);
        var wrong = new StringBuilder("services:\n");
        for (int i = 0; wrong.Length < 10 << 20; i++) wrong.Append($"  s{i}: {{imge: \"").Append('a', 200).Append("\"}\n");
        var problems = Should.Throw<ComposeException>(() => Files.Load(wrong.ToString()));
        problems.Problems.Count.ShouldBe(100);
        problems.Message.ShouldContain("more");
        Files.Problems("x-a: " + new string('a', (16 << 20) + 1)).ShouldContain(p => p.Contains("the file is longer than", StringComparison.Ordinal));
    }

    [Fact]
    public void A_profile_that_is_not_active_can_not_be_depended_on()
    {
        const string Yaml = "services: {foo: {image: x}, bar: {image: x, profiles: [test]}, zot: {image: x, profiles: [debug], depends_on: [bar]}}";
        Files.Load(Yaml).Services.Keys.ShouldBe(["foo"]);
        var files = new Files { ["/app/compose.yaml"] = Yaml };
        var request = new Sampan.Compose.Loading.LoadRequest { Files = ["/app/compose.yaml"], Directory = "/app", Profiles = ["debug"] };
        Should.Throw<ComposeException>(() => files.Load(request)).Message.ShouldContain("the service 'bar' is not active: its profiles are test");
        files.Load(request with { Profiles = ["debug", "test"] }).Services.Keys.ShouldBe(["bar", "foo", "zot"]);
        files.Load(request with { Profiles = ["*"] }).Services.Count.ShouldBe(3);
        files.Load(request with { Profiles = [], Targets = ["bar"] }).Services.Keys.ShouldBe(["bar", "foo"]);
    }

    [Fact]
    public void Old_files_with_a_version_are_read_with_a_warning()
    {
        var project = Files.Load("version: '3.8'\nservices: {a: {image: x}}\nnetworks: {n: {external: {name: other}}}");
        project.Warnings.ShouldBe(["/app/compose.yaml:1:1: the attribute 'version' is obsolete, it will be ignored; please remove it"]);
        Sampan.Compose.Output.YamlText.Write(project.Networks["n"]).ShouldBe("name: other\nexternal: true\n");
    }

    [Fact]
    public void A_variable_that_is_not_set_is_a_warning_said_once() =>
        Files.Load("services: {a: {image: \"x$NO\", user: \"u$NO\"}}").Warnings.ShouldBe(["the \"NO\" variable is not set, defaulting to a blank string"]);

    [Fact]
    public void Thousands_of_services_that_extend_or_depend_in_a_row_are_refused_not_followed()
    {
        var extending = new StringBuilder("services:\n  s0: {image: x}\n");
        for (int i = 1; i < 5000; i++) extending.Append($"  s{i}: {{extends: s{i - 1}}}\n");
        Files.Problems(extending.ToString()).ShouldContain(p => p.Contains("extend one another in a row", StringComparison.Ordinal));
        var depending = new StringBuilder("services:\n  s5000: {image: x}\n");
        for (int i = 1000; i < 5000; i++) depending.Append($"  s{i}: {{image: x, depends_on: [s{i + 1}]}}\n");
        Files.Problems(depending.ToString()).ShouldContain(p => p.Contains("depend on one another in a row", StringComparison.Ordinal));
    }
}
