using Sampan.Build.History;

namespace Sampan.Build.Tests.History;

public sealed class BuildHistoryTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("sampan-history-").FullName;

    [Fact]
    public void A_build_is_found_by_the_beginning_of_its_id_with_its_steps_and_what_it_said_after_a_restart()
    {
        var history = BuildHistory.Open(_directory, TimeProvider.System);
        using (var journal = history.Begin(New("abcdef"), null))
        {
            var step = journal.Begin("stage", 2, 3, "RUN echo hello", hasFiles: true);
            journal.Explain(step, "because", "other");
            journal.Say(step, "hello\n");
            journal.End(step, BuildStatus.Done);
            journal.End(step, BuildStatus.Failed); // It is over already.
            journal.Finish("sha256:1", BuildStatus.Done, null);
        }

        history = BuildHistory.Open(_directory, TimeProvider.System);
        var build = history.Find("abc").ShouldNotBeNull();
        build.Status.ShouldBe(BuildStatus.Done);
        build.ImageId.ShouldBe("sha256:1");
        var remembered = build.Steps.ShouldHaveSingleItem();
        (remembered.Text, remembered.Status, remembered.Reason, remembered.ComparedWith).ShouldBe(("RUN echo hello", BuildStatus.Done, "because", "other"));
        var lines = new StreamReader(history.OpenLog(build)).ReadToEnd().Split('\n');
        lines[..3].ShouldBe(["#1 [stage 2/3] RUN echo hello", "#1 not from the cache: because", "#1 hello"]);
        lines[3].ShouldStartWith("#1 DONE");
        history.Find("").ShouldBeNull();
        history.Find("x").ShouldBeNull();
    }

    [Fact]
    public void A_build_that_the_daemon_took_with_it_is_over_and_says_so()
    {
        var journal = BuildHistory.Open(_directory, TimeProvider.System).Begin(New("lost"), null);
        journal.Begin("stage", 1, 1, "FROM x", hasFiles: true);
        var build = BuildHistory.Open(_directory, TimeProvider.System).Find("lost").ShouldNotBeNull();
        build.Status.ShouldBe(BuildStatus.Cancelled);
        build.Error.ShouldBe("the daemon ended while the build ran");
        build.Completed.ShouldNotBeNull();
        journal.Dispose();
    }

    [Fact]
    public void The_oldest_go_when_there_are_too_many_and_what_they_depended_on_goes_with_them()
    {
        var history = BuildHistory.Open(_directory, TimeProvider.System);
        for (var i = 0; i < BuildHistory.MaxBuilds + 5; i++)
        {
            using var journal = history.Begin(New($"b{i:000}") with { Created = DateTimeOffset.UnixEpoch.AddSeconds(i) }, null);
            var step = journal.Begin("stage", 1, 1, "RUN x", hasFiles: true);
            history.Inputs.Keep($"key{i:000}", () => [new("command", "x")]);
            journal.Note(step, record => record with { Key = $"key{i:000}" });
            journal.Finish(null, BuildStatus.Done, null);
        }
        history.List().Count.ShouldBe(BuildHistory.MaxBuilds);
        history.List()[^1].Id.ShouldBe("b005");
        history.Inputs.Find("key004").ShouldBeNull();
        history.Inputs.Find("key005").ShouldNotBeNull()["command"].ShouldBe("x");
        Directory.GetFiles(Path.Combine(_directory, "inputs")).Length.ShouldBe(BuildHistory.MaxBuilds);
    }

    [Fact]
    public void A_log_is_cut_off_where_it_is_too_long()
    {
        var history = BuildHistory.Open(_directory, TimeProvider.System);
        using var journal = history.Begin(New("long"), null);
        var step = journal.Begin("stage", 1, 1, "RUN yes", hasFiles: true);
        var much = new string('y', 1 << 20);
        for (var i = 0; i < 10; i++)
            journal.Say(step, much + "\n");
        journal.Finish(null, BuildStatus.Done, null);
        using var log = history.OpenLog(history.Find("long").ShouldNotBeNull());
        log.Length.ShouldBeLessThan(BuildJournal.MaxLogBytes + 100);
        new StreamReader(log).ReadToEnd().ShouldEndWith("the log is cut off here: it is longer than 4 MiB\n");
    }

    [Fact]
    public void A_build_that_runs_is_not_forgotten()
    {
        var history = BuildHistory.Open(_directory, TimeProvider.System);
        using var journal = history.Begin(New("running"), null);
        history.Remove(_ => true).ShouldBeEmpty();
        journal.Finish(null, BuildStatus.Failed, "why");
        history.Remove(_ => true).ShouldBe(["running"]);
        history.List().ShouldBeEmpty();
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static BuildRecord New(string id) => new() { Id = id, Created = DateTimeOffset.UnixEpoch };
}
