using System.Text;
using Sampan.Engine.Containers.States;
using Sampan.Engine.Containers.Wishes;
using Sampan.Engine.Events;
using Sampan.Engine.Execs;
using Sampan.Engine.Health;
using Sampan.Engine.Logs;
using Sampan.Engine.Logs.Drivers;
using Sampan.Engine.Tests.Doubles;
using Sampan.Engine.Tests.Health;
using Sampan.Oci.Images;

namespace Sampan.Engine.Tests;

/// <summary>The machine's clock is set a day ahead or a day back: no wait becomes longer or shorter, nothing is lost. The table is in docs/reliability.md.</summary>
public sealed class ClockTests : IDisposable
{
    private static readonly CancellationToken None = CancellationToken.None;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly ManualTime _time = new();
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-clock-").FullName;

    /// <summary>Jumps of the clock, in hours.</summary>
    public static TheoryData<int> Jumps => [24, -24];

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task A_stop_waits_as_long_as_it_was_told(int hours)
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await harbour.RunAsync();
        var process = harbour.Process(id);
        process.Heeds = _ => false;

        var stopping = harbour.Containers.StopAsync(id, 30, null, None);
        await _time.WaiterAsync(TimeSpan.FromSeconds(30));
        _time.Set(TimeSpan.FromHours(hours));
        _time.Pass(TimeSpan.FromSeconds(29));
        stopping.IsCompleted.ShouldBeFalse();
        _time.Pass(TimeSpan.FromSeconds(1));

        (await stopping.WaitAsync(Patience)).ShouldBe(StopOutcome.Stopped);
        process.Signals.Select(s => s.Signal).ShouldBe([15, 9]);
    }

    [Fact]
    public async Task A_stop_that_the_next_daemon_ends_waits_no_longer_than_it_was_told()
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await harbour.RunAsync();
        harbour.Process(id).Heeds = _ => false;
        _ = harbour.Containers.StopAsync(id, 30, null, None);
        await _time.WaiterAsync(TimeSpan.FromSeconds(30));

        _time.Set(TimeSpan.FromHours(-24));
        await harbour.ReopenAsync();

        var ended = harbour.Containers.WaitAsync(id, WaitCondition.NotRunning, None);
        await _time.WaiterAsync(TimeSpan.FromSeconds(30), count: 2);
        _time.Pass(TimeSpan.FromSeconds(30));
        (await ended.WaitAsync(Patience)).ExitCode.ShouldBe(137);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task A_restart_comes_when_it_was_planned_and_the_waits_grow(int hours)
    {
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await harbour.RunAsync(Harbour.Spec with { Restart = new RestartPolicy(RestartKind.Always) });
        for (var restarts = 0; restarts < 3; restarts++)
        {
            var pause = 100 << restarts;
            var run = harbour.Process(id);
            _time.Set(TimeSpan.FromHours(hours));
            run.End(1);
            await _time.WaiterAsync(TimeSpan.FromMilliseconds(pause));
            _time.Set(TimeSpan.FromHours(hours));
            _time.Pass(TimeSpan.FromMilliseconds(pause));
            await Until(() => harbour.Containers.Get(id) is { IsRunning: true } now && now.RestartCount == restarts + 1);
        }

        // A run of ten seconds was long, whatever the clock says.
        _time.Pass(TimeSpan.FromSeconds(10));
        _time.Set(TimeSpan.FromHours(hours));
        harbour.Process(id).End(1);
        await _time.WaiterAsync(TimeSpan.FromMilliseconds(100));
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task Health_is_asked_at_its_interval_and_the_start_period_stays_as_long(int hours)
    {
        var probe = new HealthProbe { Test = ["CMD", "check"], Interval = 20_000_000_000, StartPeriod = 60_000_000_000, StartInterval = 7_000_000_000, Retries = 1 };
        await using var harbour = await Harbour.OpenAsync(_time);
        var id = await harbour.RunAsync(Harbour.Spec with { Healthcheck = probe });
        harbour.Process(id).NextExec = _ => MemoryProbe.Ended(1, "no");

        for (var asked = 1; asked <= 9; asked++)
        {
            await _time.WaiterAsync(TimeSpan.FromSeconds(7));
            _time.Set(TimeSpan.FromHours(asked % 2 == 0 ? hours : -hours));
            _time.Pass(TimeSpan.FromSeconds(7));
            // What is remembered: five at most.
            await _time.WaiterAsync(TimeSpan.FromSeconds(asked < 9 ? 7 : 20));
            harbour.Process(id).Execs.Count.ShouldBe(asked);
            harbour.Containers.Get(id).Health!.Status.ShouldBe(asked < 9 ? HealthStatus.Starting : HealthStatus.Unhealthy, $"probe {asked}");
        }
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void An_exec_that_ended_is_remembered_for_five_minutes(int hours)
    {
        var table = new ExecTable(_time);
        Exec Ended(string name) => new(new ExecSnapshot { Id = name, ContainerId = "c", Spec = new ExecSpec { Command = ["true"] } }) { EndedAt = _time.GetTimestamp() };
        table.Add(Ended("old"));
        _time.Set(TimeSpan.FromHours(hours));
        _time.Pass(TimeSpan.FromMinutes(4));
        table.Add(Ended("new"));
        table.Get("old").Current.Id.ShouldBe("old");

        _time.Pass(TimeSpan.FromMinutes(2));
        table.Add(Ended("newer"));

        Should.Throw<EngineException>(() => table.Get("old")).Kind.ShouldBe(ErrorKind.NotFound);
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task Events_come_in_order_and_listening_ends_when_it_was_to_end(int hours)
    {
        var feed = new EventFeed(_time);
        var start = _time.GetUtcNow();
        await using var all = feed.SubscribeAsync(start - TimeSpan.FromDays(3), null, None).GetAsyncEnumerator();
        await using var some = feed.SubscribeAsync(null, start + TimeSpan.FromSeconds(10), None).GetAsyncEnumerator();
        var last = some.MoveNextAsync().AsTask();
        await _time.WaiterAsync(TimeSpan.FromSeconds(10));
        feed.Publish("container", "create", "1");
        (await last.WaitAsync(Patience)).ShouldBeTrue();
        last = some.MoveNextAsync().AsTask();
        _time.Set(TimeSpan.FromHours(hours));
        feed.Publish("container", "start", "1");
        _time.Set(TimeSpan.FromHours(-hours));
        feed.Publish("container", "die", "1");

        foreach (var action in new[] { "create", "start", "die" })
        {
            (await all.MoveNextAsync()).ShouldBeTrue();
            all.Current.Action.ShouldBe(action);
        }

        _time.Pass(TimeSpan.FromSeconds(10));
        while (await last.WaitAsync(Patience))
            last = some.MoveNextAsync().AsTask();
        feed.Past(start, start).Select(e => e.Action).ShouldBe(["create", "die"]);
        feed.Past(start.AddHours(hours), start.AddHours(hours)).Select(e => e.Action).ShouldBe(["start"]);
    }

    [Fact]
    public async Task Events_until_a_year_from_now_are_listened_to()
    {
        var feed = new EventFeed(TimeProvider.System);
        await using var events = feed.SubscribeAsync(null, TimeProvider.System.GetUtcNow().AddYears(1), None).GetAsyncEnumerator();
        var first = events.MoveNextAsync().AsTask();
        feed.ListenerCount.ShouldBe(1);
        feed.Publish("container", "create", "1");
        (await first.WaitAsync(Patience)).ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task Logs_since_a_time_are_those_whose_time_it_is_in_the_order_of_writing(int hours)
    {
        var log = Path.Combine(_directory, "x-json.log");
        File.WriteAllBytes(log + ".1", [.. Line("a"), .. Line("b")]);
        var before = _time.GetUtcNow();
        _time.Set(TimeSpan.FromHours(hours));
        File.WriteAllBytes(log, [.. Line("c"), .. Line("d")]);

        (await ReadAsync(new LogReader(log, new LogOptions(), null).ReadAsync(None))).ShouldBe("abcd");
        (await ReadAsync(new LogReader(log, new LogOptions { Since = before.AddHours(-1), Until = before.AddHours(1) }, null).ReadAsync(None))).ShouldBe("ab");
        (await ReadAsync(new LogReader(log, new LogOptions { Since = before.AddHours(hours - 1), Until = before.AddHours(hours + 1) }, null).ReadAsync(None))).ShouldBe("cd");
        (await ReadAsync(new LogReader(log, new LogOptions { Tail = 3 }, null).ReadAsync(None))).ShouldBe("bcd");
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public async Task A_driver_goes_on_where_it_stood(int hours)
    {
        var log = Path.Combine(_directory, "x-json.log");
        File.WriteAllBytes(log + ".1", [.. Line("a"), .. Line("b"), .. Line("c")]);
        var position = default(LogPosition?);
        await foreach (var entry in new LogReader(log, new LogOptions { Tail = 10 }, null).ReadAsync(None))
            position = Encoding.UTF8.GetString(entry.Text.Span) == "c" ? position : LogPosition.After(position, entry);
        _time.Set(TimeSpan.FromHours(hours));
        File.WriteAllBytes(log, [.. Line("d"), .. Line("e")]);

        (await ReadAsync(UnsentLog.ReadAsync(log, position, null, None))).ShouldBe("cde");
        File.Delete(log + ".1");
        (await ReadAsync(UnsentLog.ReadAsync(log, position, null, None))).ShouldBe("de", "what was sent last was rotated away");
        LogCompression.TryLock(log).ShouldNotBeNull().Dispose();
    }

    [Theory]
    [MemberData(nameof(Jumps))]
    public void A_reader_whose_file_was_compressed_finds_the_next(int hours)
    {
        var log = Path.Combine(_directory, "x-json.log");
        File.WriteAllBytes(log + ".3", Line("a"));
        var last = _time.GetUtcNow();
        File.WriteAllBytes(log + ".2", Line("b"));
        _time.Set(TimeSpan.FromHours(hours));
        File.WriteAllBytes(log + ".1", Line("c"));

        var next = LogFiles.After(log, log + ".2 (deleted)", last);

        next.Count.ShouldBe(1);
        using var text = new StreamReader(next[0]);
        text.ReadToEnd().ShouldContain("\"c\"");
    }

    // A second after the one before.
    private byte[] Line(string text)
    {
        var line = Encoding.UTF8.GetBytes($"{{\"log\":\"{text}\",\"stream\":\"stdout\",\"time\":\"{_time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fffffff}Z\"}}\n");
        _time.Pass(TimeSpan.FromSeconds(1));
        return line;
    }

    private static async Task<string> ReadAsync(IAsyncEnumerable<LogEntry> entries)
    {
        var text = new StringBuilder();
        await foreach (var entry in entries)
            text.Append(Encoding.UTF8.GetString(entry.Text.Span));
        return text.ToString();
    }

    private static async Task Until(Func<bool> holds)
    {
        for (var end = Environment.TickCount64 + (long)Patience.TotalMilliseconds; !holds(); await Task.Delay(5))
            (Environment.TickCount64 < end).ShouldBeTrue("it took too long");
    }
}
