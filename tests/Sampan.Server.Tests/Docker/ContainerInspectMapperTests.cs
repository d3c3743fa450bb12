using System.Text.Json;
using Sampan.DockerApi;
using Sampan.DockerApi.Containers;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.Mounts;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Server.Docker;
using Sampan.Server.Docker.Containers;
using ContainerState = Sampan.Engine.Containers.States.ContainerState;
using MountPoint = Sampan.Engine.Containers.Mounts.MountPoint;

namespace Sampan.Server.Tests.Docker;

public sealed class ContainerInspectMapperTests
{
    internal static readonly DateTimeOffset Created = new(2026, 3, 4, 5, 6, 7, 890, TimeSpan.Zero);

    [Theory]
    [InlineData("1.55", "inspect-newest.json")]
    [InlineData("1.50", "inspect-1.50.json")]
    [InlineData("1.24", "inspect-1.24.json")]
    public void Running_container_is_told_in_full(string version, string golden)
    {
        ApiVersion.TryParse(version, out var parsed).ShouldBeTrue();

        var node = Wire.Lowered(ContainerInspectMapper.ToInspect(Running()), DockerApiJson.Wire.ContainerInspect, Shape.ContainerInspect, parsed);

        Golden.Check(golden, Wire.Indented(node));
    }

    [Theory]
    [InlineData("docker-28-create-plain.json")]
    [InlineData("docker-28-create-full.json")]
    public void What_inspect_tells_makes_the_same_container_again(string request)
    {
        var spec = ContainerRequestMapperTests.Map(Golden.Read(request), new ApiVersion(1, 50));
        var told = ContainerInspectMapper.ToInspect(Of(spec, new ContainerState.Created()));

        var again = ContainerInspectMapper.ToInspect(Of(ContainerRequestMapperTests.Map(AsRequest(told)), new ContainerState.Created()));

        JsonSerializer.Serialize(again, DockerApiJson.Wire.ContainerInspect).ShouldBe(JsonSerializer.Serialize(told, DockerApiJson.Wire.ContainerInspect));
    }

    public static TheoryData<ContainerState, ExitStatus?, DateTimeOffset?, string> States()
    {
        var exit = new ExitStatus { ExitCode = 137, Signal = 9, OomKilled = true, StartedAt = Created, FinishedAt = Created.AddHours(2) };
        return new()
        {
            { new ContainerState.Created(), null, null, "created running=False paused=False restarting=False dead=False pid=0 code=0 oom=False error= started=0001-01-01T00:00:00Z" },
            { new ContainerState.Created(new StartFailure("no such program", 127)), null, null, "created running=False paused=False restarting=False dead=False pid=0 code=127 oom=False error=no such program started=0001-01-01T00:00:00Z" },
            { new ContainerState.Running(42, Created), exit, null, "running running=True paused=False restarting=False dead=False pid=42 code=0 oom=False error= started=2026-03-04T05:06:07.89Z" },
            { new ContainerState.Stopping(42, Created, null), null, null, "running running=True paused=False restarting=False dead=False pid=42 code=0 oom=False error= started=2026-03-04T05:06:07.89Z" },
            { new ContainerState.Paused(42, Created), null, null, "paused running=True paused=True restarting=False dead=False pid=42 code=0 oom=False error= started=2026-03-04T05:06:07.89Z" },
            { new ContainerState.Exited(exit), null, null, "exited running=False paused=False restarting=False dead=False pid=0 code=137 oom=True error= started=2026-03-04T05:06:07.89Z" },
            { new ContainerState.Exited(exit), null, Created.AddDays(1), "restarting running=True paused=False restarting=True dead=False pid=0 code=137 oom=True error= started=2026-03-04T05:06:07.89Z" },
            { new ContainerState.Starting(), exit, null, "exited running=False paused=False restarting=False dead=False pid=0 code=137 oom=True error= started=2026-03-04T05:06:07.89Z" },
            { new ContainerState.Dead("a busy mount"), null, null, "dead running=False paused=False restarting=False dead=True pid=0 code=0 oom=False error=a busy mount started=0001-01-01T00:00:00Z" },
        };
    }

    [Theory]
    [MemberData(nameof(States))]
    public void State_is_told_in_dockers_booleans(ContainerState state, ExitStatus? last, DateTimeOffset? restartsAt, string expected)
    {
        var told = ContainerInspectMapper.ToState(Of(new ContainerSpec { Image = "a" }, state) with { LastExit = last, RestartsAt = restartsAt });

        $"{told.Status} running={told.Running} paused={told.Paused} restarting={told.Restarting} dead={told.Dead} pid={told.Pid} code={told.ExitCode} oom={told.OOMKilled} error={told.Error} started={told.StartedAt}"
            .ShouldBe(expected);
    }

    internal static ContainerSnapshot Of(ContainerSpec spec, ContainerState state) => new()
    {
        Id = new string('c', 64),
        Name = "web",
        Created = Created,
        ImageId = "sha256:" + new string('1', 64),
        Spec = spec,
        State = state,
        Directory = "/var/lib/sampan/containers/" + new string('c', 64),
        LogPath = "/var/lib/sampan/containers/c/json.log",
    };

    private static ContainerSnapshot Running()
    {
        var spec = ContainerRequestMapperTests.Map(Golden.Read("docker-28-create-full.json"), new ApiVersion(1, 50));
        return Of(spec, new ContainerState.Running(4242, Created.AddSeconds(1))) with
        {
            Mounts =
            [
                new MountPoint { Kind = MountKind.Volume, VolumeName = "cache", Source = "/var/lib/sampan/volumes/cache/_data", Destination = "/cache", Mode = "z" },
                new MountPoint { Kind = MountKind.Bind, Source = "/host", Destination = "/data", Mode = "ro,rslave", Writable = false, Propagation = "rslave" },
            ],
            Endpoints =
            [
                new EndpointSnapshot
                {
                    NetworkName = "bridge",
                    NetworkId = new string('b', 64),
                    EndpointId = new string('e', 64),
                    Address = "172.17.0.9",
                    PrefixLength = 16,
                    Gateway = "172.17.0.1",
                    MacAddress = "02:42:ac:11:00:09",
                    Ports = [new PortSnapshot(new ContainerPort(80, PortProtocol.Tcp), "0.0.0.0", 8080), new PortSnapshot(new ContainerPort(53, PortProtocol.Udp), "127.0.0.1", 5353)],
                },
            ],
            ExecIds = [new string('f', 64)],
        };
    }

    private static string AsRequest(ContainerInspect told)
    {
        var config = JsonSerializer.SerializeToNode(told.Config, DockerApiJson.Wire.ContainerConfig).ShouldNotBeNull().AsObject();
        config["HostConfig"] = JsonSerializer.SerializeToNode(told.HostConfig, DockerApiJson.Wire.HostConfig);
        config["NetworkingConfig"] = new System.Text.Json.Nodes.JsonObject { ["EndpointsConfig"] = JsonSerializer.SerializeToNode(told.NetworkSettings, DockerApiJson.Wire.NetworkSettings).ShouldNotBeNull()["Networks"].ShouldNotBeNull().DeepClone() };
        return config.ToJsonString();
    }
}
