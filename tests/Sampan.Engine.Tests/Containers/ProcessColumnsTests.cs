using Sampan.Engine.Containers.Processes;
using Sampan.Runtime.Observation;

namespace Sampan.Engine.Tests.Containers;

public sealed class ProcessColumnsTests
{
    private static readonly ProcessClock Clock = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero), TimeSpan.FromHours(10), 1 << 30, ["root:x:0:0::/root:/bin/sh"]);

    private static readonly ProcessFacts Process = new()
    {
        Pid = 42,
        ParentPid = 1,
        ProcessGroup = 42,
        Session = 42,
        Uid = 0,
        Gid = 0,
        Command = "nginx",
        CommandLine = "nginx: master process",
        State = 'S',
        CpuTime = TimeSpan.FromSeconds(61),
        StartedAfterBoot = TimeSpan.FromHours(9),
        Threads = 1,
        VirtualBytes = 4096,
        ResidentBytes = 2048,
    };

    [Fact]
    public void Default_is_ef()
    {
        var table = ProcessColumns.Parse(null, Clock).Table([Process]);
        table.Titles.ShouldBe(["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]);
        table.Processes[0].ShouldBe(["root", "42", "1", "1", "11:00", "?", "00:01:01", "nginx: master process"]);
    }

    [Fact]
    public void Columns_are_chosen_by_o()
    {
        var table = ProcessColumns.Parse("-o pid,comm=NAME,rss -o user", Clock).Table([Process]);
        table.Titles.ShouldBe(["USER"]);
        ProcessColumns.Parse("-eo pid,comm=NAME,rss", Clock).Table([Process]).Processes[0].ShouldBe(["42", "nginx", "2"]);
    }

    [Fact]
    public void Aux_has_its_columns() =>
        ProcessColumns.Parse("aux", Clock).Table([Process]).Processes[0].ShouldBe(["root", "42", "1.7", "0.0", "4", "2", "?", "Ss", "11:00", "1:01", "nginx: master process"]);

    [Theory]
    [InlineData("--forest")]
    [InlineData("-o nonsense")]
    [InlineData("-Z")]
    public void Unknown_options_are_refused_by_name(string arguments) =>
        Should.Throw<EngineException>(() => ProcessColumns.Parse(arguments, Clock)).Message.ShouldContain(arguments.Split(' ')[^1]);
}
