using System.Text.Json;
using Sampan.Cli.Audit;
using Sampan.Cli.Tests.Client;
using Sampan.DockerApi.Containers;
using Sampan.DockerApi.Engines;
using Sampan.DockerApi.Images;
using Sampan.DockerApi.Plugins;
using Sampan.Linux.Io;

namespace Sampan.Cli.Tests.Audit;

public sealed class AuditTests
{
    private static readonly HostPaths s_paths = new("/srv/engines/one.sock", "/srv/data");
    private static readonly SystemInfo s_confining = new() { SecurityOptions = ["name=apparmor", "name=selinux"] };

    [Fact]
    public void A_container_that_is_locked_down_has_no_finding()
    {
        var container = Inspect(new HostConfig
        {
            NetworkMode = "own", Memory = 1 << 26, NanoCpus = 1_000_000, ReadonlyRootfs = true, PidsLimit = 100, SecurityOpt = ["no-new-privileges"], RestartPolicy = new RestartPolicy { Name = "on-failure", MaximumRetryCount = 5 },
        }) with
        { State = new ContainerState { Health = new HealthState() }, AppArmorProfile = "docker-default", ProcessLabel = "container_t", NetworkSettings = Published("127.0.0.1", "8080") };

        ContainerAudit.Of(container, s_confining, s_paths, ["nginx"]).Where(finding => !finding.IsGood).ShouldBeEmpty();
    }

    [Fact]
    public void A_plugin_has_a_finding_for_each_privilege()
    {
        PluginAudit.Of(Plugin("""{"Linux":{"AllowAllDevices":false,"Capabilities":null},"Network":{"Type":"none"},"PidHost":false,"IpcHost":false}""", """{"Mounts":[{"Source":"/srv/engine"}],"Devices":[]}"""), s_paths)
            .Where(finding => !finding.IsGood).ShouldBeEmpty();
        var wide = PluginAudit.Of(Plugin(
            """{"Linux":{"AllowAllDevices":true,"Capabilities":["CAP_SYS_ADMIN"]},"Network":{"Type":"host"},"PidHost":true,"IpcHost":true}""",
            """{"Mounts":[{"Source":"/"},{"Source":"/run/docker.sock"}],"Devices":[{"Path":"/dev/fuse"}]}"""), s_paths).ToList();
        wide.ShouldAllBe(finding => !finding.IsGood && finding.Subject == "plugin p:latest" && finding.Fix.Length > 0);
        wide.Select(finding => finding.Check).ShouldBe(["5.4", "5.6", "5.10", "5.16", "5.17", "5.18", "5.32"]);
        string.Concat(wide.Select(finding => finding.Reason)).ShouldContain("/dev/fuse, all");

        static PluginInspect Plugin(string config, string settings) => new() { Name = "p:latest", Config = JsonSerializer.Deserialize<JsonElement>(config), Settings = JsonSerializer.Deserialize<JsonElement>(settings) };
    }

    [Theory]
    [InlineData("/srv/engines/one.sock", "5.32")]
    [InlineData("/srv/engines", "5.32")]
    [InlineData("/var/run", "5.32")]
    [InlineData("/run/sampan/", "5.32")]
    [InlineData("/opt/podman.sock", "5.32")]
    [InlineData("/", "5.6", "5.32")]
    [InlineData("/srv", "5.6", "5.32")]
    [InlineData("/srv/data", "5.6")]
    [InlineData("/etc/", "5.6")]
    [InlineData("/srv/database")]
    [InlineData("/srv/engines/one.sock.d")]
    [InlineData("/etc/app.conf")]
    public void What_of_the_host_a_container_has_is_found_by_where_it_lies(string source, params string[] checks)
    {
        var container = Inspect(new HostConfig()) with { Mounts = [new MountPoint { Type = "bind", Source = source }] };

        ContainerAudit.Of(container, new SystemInfo(), s_paths).Where(finding => finding.Check is "5.6" or "5.32" && !finding.IsGood).Select(finding => finding.Check).ShouldBe(checks);
    }

    [Fact]
    public void What_the_engine_gives_all_containers_is_no_finding_of_one()
    {
        bool Gains(SystemInfo engine, params string[] options) => ContainerAudit.Of(Inspect(new HostConfig { SecurityOpt = options }), engine, s_paths).Any(finding => finding is { Check: "5.26", IsGood: false });
        var strict = new SystemInfo { SecurityOptions = ["name=no-new-privileges"] };

        Gains(strict).ShouldBeFalse();
        Gains(strict, "no-new-privileges=false").ShouldBeTrue();
        Gains(new SystemInfo()).ShouldBeTrue();
    }

    [Theory]
    [InlineData("5.4", "NET_ADMIN")]
    [InlineData("5.5", "privileged")]
    [InlineData("5.6", "/etc")]
    [InlineData("5.3", "SELinux")]
    [InlineData("5.7", "SSH")]
    [InlineData("5.25", "/elsewhere")]
    [InlineData("5.8", "80")]
    [InlineData("5.10", "host's network")]
    [InlineData("5.11", "memory")]
    [InlineData("5.12", "processors")]
    [InlineData("5.13", "root file system")]
    [InlineData("5.14", "all addresses")]
    [InlineData("5.15", "without end")]
    [InlineData("5.16", "processes")]
    [InlineData("5.17", "memory segments")]
    [InlineData("5.18", "/dev/kvm")]
    [InlineData("5.20", "mounts")]
    [InlineData("5.21", "name")]
    [InlineData("5.22", "filter")]
    [InlineData("5.26", "set-uid")]
    [InlineData("5.27", "health")]
    [InlineData("5.29", "processes")]
    [InlineData("5.31", "users")]
    [InlineData("5.32", "docker.sock")]
    public void A_container_that_is_wide_open_has_every_finding_with_a_fix(string check, string reason)
    {
        var container = Inspect(new HostConfig
        {
            CapAdd = ["NET_ADMIN"], Privileged = true, NetworkMode = "host", PidMode = "host", IpcMode = "host", UTSMode = "host", UsernsMode = "host", SecurityOpt = ["seccomp=unconfined"],
            Devices = [new DeviceMapping { PathOnHost = "/dev/kvm" }], RestartPolicy = new RestartPolicy { Name = "always" }, CgroupParent = "/elsewhere",
        }) with
        {
            NetworkSettings = Published("0.0.0.0", "80"),
            Mounts = [new MountPoint { Type = "bind", Source = "/etc", Propagation = "rshared" }, new MountPoint { Type = "bind", Source = "/var/run/docker.sock" }],
        };

        var finding = ContainerAudit.Of(container, new SystemInfo { SecurityOptions = ["name=selinux"] }, s_paths, ["sh", "sshd"]).Single(finding => finding.Check == check);

        finding.IsGood.ShouldBeFalse();
        finding.Subject.ShouldBe("container web");
        finding.Reason.ShouldContain(reason);
        finding.Fix.ShouldNotBeEmpty();
    }

    [Fact]
    public void Images_are_judged_by_configuration_and_history()
    {
        var bad = new ImageInspect { Config = new ImageConfig { Env = ["PATH=/bin", "DB_PASSWORD=x"] } };
        var good = new ImageInspect { Config = new ImageConfig { User = "app", Healthcheck = new HealthConfig { Test = ["CMD", "true"] } } };
        List<HistoryItem> history = [new() { CreatedBy = "/bin/sh -c #(nop) ADD file:x in /app" }, new() { CreatedBy = "RUN apt-get update" }, new() { CreatedBy = "RUN apt-get update && apt-get install -y x" }, new() { CreatedBy = "/bin/sh -c #(nop) ADD file:root in /" }];

        ImageAudit.Of("web", bad, history).Where(finding => !finding.IsGood).Select(finding => finding.Check).ShouldBe(["4.1", "4.6", "4.7", "4.9", "4.10"]);
        ImageAudit.Of("web", bad, history).Single(finding => finding.Check == "4.10").Reason.ShouldContain("DB_PASSWORD");
        ImageAudit.Of("web", good, [history[^1]]).Where(finding => !finding.IsGood).ShouldBeEmpty();
    }

    [Fact]
    public void The_engine_is_judged_by_what_it_tells()
    {
        var open = new SystemInfo { Debug = true, ExperimentalBuild = true, LoggingDriver = "json-file", RegistryConfig = new RegistryServiceConfig { InsecureRegistryCIDRs = ["127.0.0.0/8", "10.0.0.0/8"] } };

        EngineAudit.Of(open, null, "tcp://0.0.0.0:2375").Where(finding => !finding.IsGood).Select(finding => finding.Check)
            .ShouldBe(["2.1", "2.2", "2.3", "2.5", "2.7", "2.9", "2.12", "2.13", "2.14", "2.15", "2.17", "2.18", "4.5"]);
        EngineAudit.Of(open, null, "unix:///run/x.sock").Single(finding => finding.Check == "2.7").IsGood.ShouldBeTrue();
        // It may listen elsewhere, too, and both engines say so.
        var elsewhere = open with { Warnings = ["WARNING: API is accessible on http://0.0.0.0:2375 without encryption"] };
        EngineAudit.Of(elsewhere, null, "unix:///run/x.sock").Single(finding => finding.Check == "2.7").Reason.ShouldBe("is reached by TCP without TLS: who reaches it is root");
    }

    [Fact]
    public void Files_are_judged_by_owner_and_mode_and_the_configuration_by_what_it_sets()
    {
        var scratch = Directory.CreateTempSubdirectory("sampan-audit-");
        try
        {
            JudgeFilesOf(scratch.FullName);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static void JudgeFilesOf(string scratch)
    {
        File.SetUnixFileMode(scratch, (UnixFileMode)0b111_101_101);
        var (etc, certificates) = (Path.Combine(scratch, "etc/sampan"), Path.Combine(scratch, "etc/docker/certs.d/hub"));
        Directory.CreateDirectory(etc);
        Directory.CreateDirectory(certificates);
        var (key, socket) = (Path.Combine(etc, "key.pem"), Path.Combine(scratch, "socket"));
        foreach (var file in new[] { key, socket, Path.Combine(certificates, "ca.crt"), Path.Combine(etc, "daemon.json") })
        {
            File.WriteAllText(file, $$"""{"tlskey":"{{key}}"}""");
            File.SetUnixFileMode(file, (UnixFileMode)0b110_110_110);
        }

        FileStatus.TryOf(socket, out var door).ShouldBeTrue();
        File.WriteAllText(Path.Combine(scratch, "etc/group"), $"other:x:7{door.Gid}:eve\nengine:x:{door.Gid}:ann,bob\n");
        var open = FileAudit.Of(socket, scratch, scratch, owner: 4_000_000_000).Where(finding => !finding.IsGood).ToList();

        open.Select(finding => finding.Check).ShouldBe(["2.8", "1.1", "1.1.1", "1.1.2", "3.5", "3.7", "3.8", "3.13", "3.14", "3.15", "3.16", "3.17", "3.18"], ignoreOrder: true);
        open.ShouldAllBe(finding => finding.Fix.Length > 0);
        open.Single(finding => finding.Check == "1.1.2").Reason.ShouldBe("makes root of all in group engine: ann, bob");
        open.Single(finding => finding.Check == "3.14").Fix.ShouldBe($"chmod 400 {key}");

        File.WriteAllText(Path.Combine(etc, "daemon.json"), $$"""{"default-ulimits":{},"tlskey":"{{key}}"}""");
        foreach (var (file, mode) in new[] { (key, 0b100_000_000), (socket, 0b110_110_000), (Path.Combine(certificates, "ca.crt"), 0b100_100_100), (Path.Combine(etc, "daemon.json"), 0b110_100_100), (scratch, 0b111_000_000) })
            File.SetUnixFileMode(file, (UnixFileMode)mode);
        FileStatus.TryOf(key, out var mine).ShouldBeTrue();
        File.WriteAllText(Path.Combine(scratch, "etc/group"), $"engine:x:{door.Gid}:\n");
        FileAudit.Of(socket, scratch, scratch, mine.Uid).Where(finding => !finding.IsGood).Select(finding => finding.Check).ShouldBe(["1.1.1"]);
        FileAudit.Of(socket, "/proc", scratch, mine.Uid).Single(finding => finding.Check == "1.1.1").IsGood.ShouldBeTrue();
    }

    [Fact]
    public async Task The_command_prints_text_or_json()
    {
        await using var engine = new TestEngine(request => TestEngine.Json(request switch
        {
            _ when request.EndsWith("/info", StringComparison.Ordinal) => """{"DockerRootDir":"/nowhere","LiveRestoreEnabled":true,"SecurityOptions":["name=seccomp,profile=builtin"]}""",
            _ when request.Contains("/networks", StringComparison.Ordinal) => """[{"Name":"bridge","Options":{"com.docker.network.bridge.enable_icc":"true"}}]""",
            _ when request.Contains("/images/json", StringComparison.Ordinal) => """[{"Id":"sha256:1","RepoTags":["app:1"]}]""",
            _ when request.Contains("/history", StringComparison.Ordinal) => "[]",
            _ when request.Contains("/images/", StringComparison.Ordinal) => """{"Id":"sha256:1","Config":{"User":"app"}}""",
            _ when request.EndsWith("/plugins", StringComparison.Ordinal) => """[{"Name":"p:latest","Enabled":true,"Config":{"PidHost":true}},{"Name":"off:latest","Config":{"PidHost":true}}]""",
            _ when request.Contains("/containers/json", StringComparison.Ordinal) => """[{"Id":"c1"},{"Id":"gone"}]""",
            _ when request.Contains("/top", StringComparison.Ordinal) => """{"Titles":["PID","COMMAND"],"Processes":[["1","sshd"]]}""",
            _ when request.Contains("/containers/c1", StringComparison.Ordinal) => """{"Id":"c1","Name":"/web","HostConfig":{"Privileged":true}}""",
            _ when request.Contains("/containers/gone", StringComparison.Ordinal) => """{"message":"No such container"}""",
            _ => "{}",
        }, request.Contains("/containers/gone", StringComparison.Ordinal) ? 404 : 200));

        var text = await CommandRun.AgainstAsync(engine, "system", "audit");
        var json = await CommandRun.AgainstAsync(engine, "system", "audit", "--all", "--format", "json");

        text.Code.ShouldBe(0, text.Error);
        text.Out.ShouldContain("[WARN] 5.5   container web: is privileged: its root is the host's; take --privileged away");
        text.Out.ShouldContain("[WARN] 4.6   image app:1: has no health check");
        text.Out.ShouldContain("[WARN] 5.7   container web: runs an SSH server; enter it with: sampan exec -it");
        text.Out.ShouldContain("[WARN] 5.16  plugin p:latest: sees the host's processes");
        text.Out.ShouldNotContain("off:latest", customMessage: "it does not run");
        text.Out.ShouldNotContain("PASS");
        json.Code.ShouldBe(0, json.Error);
        using var document = JsonDocument.Parse(json.Out);
        document.RootElement.EnumerateArray().Single(finding => finding.GetProperty("Check").GetString() == "2.15").GetProperty("Result").GetString().ShouldBe("pass");
    }

    private static ContainerInspect Inspect(HostConfig host) => new() { Name = "/web", HostConfig = host };

    private static NetworkSettings Published(string address, string port) =>
        new() { Ports = new Dictionary<string, IReadOnlyList<PortBinding>?>(StringComparer.Ordinal) { ["80/tcp"] = [new PortBinding { HostIp = address, HostPort = port }] } };
}
