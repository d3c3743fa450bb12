using Sampan.Engine.Containers.Endpoints;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Server.Docker;
using Sampan.Server.Docker.Containers;

namespace Sampan.Server.Tests.Docker;

public sealed class StateWordsTests
{
    private static readonly DateTimeOffset Now = ContainerInspectMapperTests.Created.AddDays(400);

    [Theory]
    [InlineData(0.4, "Less than a second")]
    [InlineData(1, "1 second")]
    [InlineData(59, "59 seconds")]
    [InlineData(60, "About a minute")]
    [InlineData(119, "About a minute")]
    [InlineData(120, "2 minutes")]
    [InlineData(59 * 60, "59 minutes")]
    [InlineData(3600, "About an hour")]
    [InlineData(2 * 3600, "2 hours")]
    [InlineData(47 * 3600, "47 hours")]
    [InlineData(48 * 3600, "2 days")]
    [InlineData(13 * 86400, "13 days")]
    [InlineData(14 * 86400, "2 weeks")]
    [InlineData(59 * 86400, "8 weeks")]
    [InlineData(60 * 86400, "2 months")]
    [InlineData(729 * 86400, "24 months")]
    [InlineData(730 * 86400, "2 years")]
    public void Spans_are_told_in_dockers_words(double seconds, string words) =>
        Duration.Human(TimeSpan.FromSeconds(seconds)).ShouldBe(words);

    [Theory]
    [InlineData("10m", 600)]
    [InlineData("1h30m", 5400)]
    [InlineData("1.5s", 1.5)]
    [InlineData("300ms", 0.3)]
    [InlineData("-1h", -3600)]
    public void Go_durations_are_read(string text, double seconds)
    {
        Duration.TryParse(text, out var span).ShouldBeTrue();
        span.TotalSeconds.ShouldBe(seconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("h")]
    [InlineData("5")]
    [InlineData("5x")]
    [InlineData("1h-5m")]
    [InlineData("1..5s")]
    [InlineData("99999999999999999999h")]
    public void What_is_no_duration_is_refused(string text) => Duration.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void Status_is_the_line_of_docker_ps()
    {
        var exit = new ExitStatus { ExitCode = 3, StartedAt = Now.AddHours(-2), FinishedAt = Now.AddMinutes(-2) };
        Status(new ContainerState.Running(1, Now.AddSeconds(-3))).ShouldBe("Up 3 seconds");
        Status(new ContainerState.Paused(1, Now.AddMinutes(-3))).ShouldBe("Up 3 minutes (Paused)");
        Status(new ContainerState.Exited(exit)).ShouldBe("Exited (3) 2 minutes ago");
        Status(new ContainerState.Exited(exit), restartsAt: Now).ShouldBe("Restarting (3) 2 minutes ago");
        Status(new ContainerState.Created()).ShouldBe("Created");
        Status(new ContainerState.Removing()).ShouldBe("Removal In Progress");
        Status(new ContainerState.Dead("x")).ShouldBe("Dead");
    }

    [Fact]
    public void Summary_shows_names_command_and_ports()
    {
        var container = ContainerInspectMapperTests.Of(
            new ContainerSpec { Image = "nginx", Entrypoint = ["/bin/sh", "-c"], Command = ["echo hi"], ExposedPorts = [new ContainerPort(80, PortProtocol.Tcp), new ContainerPort(53, PortProtocol.Udp)] },
            new ContainerState.Running(1, Now)) with
        {
            Endpoints = [new EndpointSnapshot { NetworkName = "bridge", Ports = [new PortSnapshot(new ContainerPort(80, PortProtocol.Tcp), "0.0.0.0", 8080)] }],
        };

        var summary = ContainerSummaryMapper.ToSummary(container, "nginx", Now);

        summary.Names.ShouldBe(["/web"]);
        summary.Command.ShouldBe("/bin/sh -c 'echo hi'");
        summary.Ports.ShouldNotBeNull().Select(p => $"{p.IP}:{p.PublicPort}->{p.PrivatePort}/{p.Type}").ShouldBe([":->53/udp", "0.0.0.0:8080->80/tcp"]);
        summary.State.ShouldBe("running");
        summary.HostConfig.ShouldNotBeNull().NetworkMode.ShouldBe("bridge");
    }

    private static string Status(ContainerState state, DateTimeOffset? restartsAt = null) =>
        StateWords.Status(ContainerInspectMapperTests.Of(new ContainerSpec { Image = "a" }, state) with { RestartsAt = restartsAt }, Now);
}
