using System.Collections.Concurrent;
using Sampan.Engine.Containers;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Tests.Doubles;
using Sampan.Engine.Tests.Health;
using Sampan.Oci.Images;

namespace Sampan.Engine.Tests.Services;

public sealed class ReadinessTests
{
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(100);
    private static readonly ContainerSpec Web = Harbour.Spec with { Labels = new Dictionary<string, string> { ["sampan.service"] = "web" } };

    private readonly ManualTime _time = new();

    [Fact]
    public async Task A_container_without_a_check_is_ready_while_it_runs_and_is_not_paused()
    {
        await using var harbour = await Harbour.OpenAsync();
        var id = await harbour.RunAsync(Web);
        harbour.Networks.Connected[id].Service.ShouldBe("web");
        await IsAsync(harbour, id, true);
        await harbour.Containers.PauseAsync(id, CancellationToken.None);
        await IsAsync(harbour, id, false);
        await harbour.Containers.UnpauseAsync(id, CancellationToken.None);
        await IsAsync(harbour, id, true);

        var plain = await harbour.RunAsync();
        harbour.Networks.Connected[plain].Service.ShouldBeNull();
        harbour.Networks.Ready.ShouldNotContainKey(plain);
    }

    [Fact]
    public async Task A_container_with_a_check_is_ready_while_it_is_healthy()
    {
        var interval = TimeSpan.FromSeconds(20);
        var probes = new ConcurrentQueue<MemoryProbe>();
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await harbour.RunAsync(Web with { Healthcheck = new HealthProbe { Test = ["CMD-SHELL", "check"], Interval = 20_000_000_000, Timeout = 3_000_000_000, Retries = 1 } });
        harbour.Process(id).NextExec = _ => probes.TryDequeue(out var probe) ? probe : null;
        await IsAsync(harbour, id, false);
        await ProbeAsync(0);
        await IsAsync(harbour, id, true);
        await ProbeAsync(1);
        await IsAsync(harbour, id, false);
        await ProbeAsync(0);
        await IsAsync(harbour, id, true);

        async Task ProbeAsync(int code)
        {
            probes.Enqueue(MemoryProbe.Ended(code));
            await _time.AdvanceAsync(interval);
            await _time.WaiterAsync(interval);
        }
    }

    [Fact]
    public async Task A_stop_takes_it_out_first_and_waits_until_its_connections_have_ended()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await harbour.RunAsync(Web);
        await IsAsync(harbour, id, true);
        harbour.Networks.Open[id] = 1;
        var process = harbour.Process(id);

        var stopping = harbour.Containers.StopAsync(id, null, null, CancellationToken.None);
        await harbour.EventAsync("drain", id);
        harbour.Networks.Ready[id].ShouldBeFalse();
        for (var i = 0; i < 5; i++)
            await _time.AdvanceAsync(Round);
        await _time.WaiterAsync(Round);
        process.Signals.ShouldBeEmpty();
        stopping.IsCompleted.ShouldBeFalse();

        harbour.Networks.Open[id] = 0;
        await _time.AdvanceAsync(Round);
        (await stopping).ShouldBe(StopOutcome.Stopped);
        process.Signals.ShouldHaveSingleItem().Signal.ShouldBe(15);
    }

    [Fact]
    public async Task Connections_that_do_not_end_have_as_long_as_the_label_says()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await harbour.RunAsync(Web with { Labels = new Dictionary<string, string>(Web.Labels) { ["sampan.service.drain"] = "1" } });
        harbour.Networks.Open[id] = 1;
        var stopping = harbour.Containers.StopAsync(id, null, null, CancellationToken.None);
        for (var i = 0; i < 10; i++)
            await _time.AdvanceAsync(Round);
        (await stopping).ShouldBe(StopOutcome.Stopped);

        // None: it is taken out, and nobody waits.
        var hasty = await harbour.RunAsync(Web with { Labels = new Dictionary<string, string>(Web.Labels) { ["sampan.service.drain"] = "0" } });
        harbour.Networks.Open[hasty] = 1;
        (await harbour.Containers.StopAsync(hasty, null, null, CancellationToken.None)).ShouldBe(StopOutcome.Stopped);
        harbour.Networks.Ready[hasty].ShouldBeFalse();
    }

    [Fact]
    public async Task A_container_that_ends_while_it_drains_is_not_waited_for()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await harbour.RunAsync(Web);
        harbour.Networks.Open[id] = 1;
        var stopping = harbour.Containers.StopAsync(id, null, null, CancellationToken.None);
        await harbour.EventAsync("drain", id);
        harbour.Process(id).End(0);
        await stopping;
        harbour.Containers.Get(id).State.ShouldBeOfType<ContainerState.Exited>();
        await harbour.Containers.StartAsync(id, CancellationToken.None);
        await IsAsync(harbour, id, true);
    }

    [Fact]
    public async Task The_last_container_of_a_service_gives_its_address_back_also_if_a_daemon_died()
    {
        await using var harbour = await Harbour.OpenAsync();
        var first = await harbour.CreateAsync(Web);
        var second = await harbour.CreateAsync(Web);
        await harbour.Containers.RemoveAsync(first, new RemoveOptions(), CancellationToken.None);
        harbour.Networks.Forgotten.ShouldBeEmpty();
        await harbour.Containers.RemoveAsync(second, new RemoveOptions(), CancellationToken.None);
        harbour.Networks.Forgotten.ShouldBe(["web"]);

        harbour.Networks.Services.Add("left");
        await harbour.ReopenAsync();
        harbour.Networks.Forgotten.ShouldBe(["web", "left"]);
    }

    [Theory]
    [InlineData("sampan.service", "-web", "invalid label sampan.service: '-web'")]
    [InlineData("sampan.service", "", "invalid label sampan.service: ''")]
    [InlineData("sampan.service", "a b", "invalid label sampan.service: 'a b'")]
    [InlineData("sampan.service.drain", "10s", "invalid label sampan.service.drain: '10s': a number of seconds")]
    [InlineData("sampan.service.drain", "3601", "a number of seconds from 0 to 3600")]
    public async Task Labels_that_make_no_sense_are_refused_by_name(string label, string value, string message)
    {
        await using var harbour = await Harbour.OpenAsync();
        var refused = await Should.ThrowAsync<EngineException>(() => harbour.CreateAsync(Harbour.Spec with { Labels = new Dictionary<string, string> { [label] = value } }));
        refused.Kind.ShouldBe(ErrorKind.InvalidArgument);
        refused.Message.ShouldContain(message);
    }

    private static async Task IsAsync(Harbour harbour, string id, bool ready)
    {
        for (var patience = 0; patience < 6000 && (!harbour.Networks.Ready.TryGetValue(id, out var now) || now != ready); patience++)
            await Task.Delay(10);
        harbour.Networks.Ready[id].ShouldBe(ready);
    }
}
