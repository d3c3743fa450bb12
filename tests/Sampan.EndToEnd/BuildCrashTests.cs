using System.Text.Json;
using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>The daemon is killed at each fail point of a build: the next one finds a store and a cache that are whole, and builds; another container has served all requests.</summary>
public sealed class BuildCrashTests
{
    internal static readonly string[] Points =
    [
        "build.context-read", "build.mount-filled", "build.mount-made", "build.mount-recorded", "build.container-started", "build.container-ended", "build.step-made", "build.step-recorded", "build.image-made",
    ];

    [Fact]
    public async Task A_daemon_killed_at_any_step_of_a_build_leaves_store_and_cache_whole_and_the_next_build_goes_on()
    {
        using var context = new Scratch();
        context.Write("Dockerfile", "FROM busybox\nCOPY Dockerfile /a\nRUN --mount=type=cache,id=crash,target=/c --mount=type=secret,id=s,required --mount=target=/x cp /a /c/a && cat /c/a /run/secrets/s /x/Dockerfile > /b\n");
        await using var scene = await CrashScene.SetAsync([]);
        var daemon = scene.Daemon;
        var containers = (await daemon.SampanAsync("ps", "-aq")).Succeeded();

        // Once without a crash, so that directories are there that stay.
        await scene.TraceAsync();
        (await BuildAsync()).Succeeded();
        var reached = await scene.TracedAsync();
        (await daemon.SampanAsync("rmi", "made")).Succeeded();
        await scene.TraceAsync();
        (await PruneAsync()).Succeeded();
        var pruned = await scene.TracedAsync();
        pruned.ShouldNotBeEmpty("the cache is on the disk");
        await ShouldKeepNothingAsync(daemon, "a whole build");
        await scene.RememberAsync();

        // What a build has in common with other operations is tried there.
        foreach (var point in Points.Union(reached.Where(place => Soak.IsAsked || place.StartsWith("build.", StringComparison.Ordinal)), StringComparer.Ordinal))
        {
            await DieAsync(point, BuildAsync);

            (await daemon.SampanAsync("ps", "-aq")).Succeeded($"after '{point}'").ShouldBe(containers);
            await scene.IsWholeAsync($"'{point}' of a build");
            (await BuildAsync()).Succeeded($"built again, after '{point}'");
            (await daemon.SampanAsync("run", "--rm", "made", "wc", "-l", "/b")).Succeeded($"after '{point}'").ShouldBe("9 /b");
            await LeavesNothingAsync($"'{point}' of a build");
        }

        foreach (var point in pruned)
        {
            (await BuildAsync()).Succeeded();
            (await daemon.SampanAsync("rmi", "made")).Succeeded();
            await DieAsync(point, PruneAsync);

            await scene.IsWholeAsync($"'{point}' of a prune");
            (await BuildAsync()).Succeeded($"built again, after '{point}' of a prune");
            await LeavesNothingAsync($"'{point}' of a prune");
        }

        async Task DieAsync(string point, Func<Task<Outcome>> act)
        {
            await scene.ArmAsync(point);
            var outcome = await act();
            (await daemon.EndAsync()).ShouldBe(137, $"the daemon comes to '{point}': {outcome.All}\n{daemon.Log}");
            outcome.Failed();
            scene.Disarm();
            await daemon.StartAgainAsync();
        }

        async Task LeavesNothingAsync(string when)
        {
            (await daemon.SampanAsync("rmi", "made")).Succeeded(when);
            await ShouldKeepNothingAsync(daemon, when);
            await scene.KeepsNothingAsync(when);
        }

        Task<Outcome> BuildAsync() => daemon.SampanAsync("build", "-q", "-t", "made", "--secret", $"id=s,src={context.Path}/Dockerfile", context.Path);
        Task<Outcome> PruneAsync() => daemon.SampanAsync("builder", "prune", "-af");
    }

    [Fact]
    public async Task A_build_that_the_daemons_end_cuts_off_says_to_run_it_again_and_its_finished_steps_are_there()
    {
        if (Environment.UserName != "root")
        {
            Assert.Skip("containers need root");
        }

        using var scratch = new Scratch();
        scratch.Write("Dockerfile", "FROM busybox\nRUN echo finished > /finished\nARG who\nRUN sleep 6000\n");
        // Time enough to say it, however busy the machine is.
        await using var daemon = await Daemon.StartAsync("--shutdown-timeout", "60");
        await daemon.LoadAsync("busybox");
        foreach (var isOrderly in new[] { true, false })
        {
            // Not the same step, of which one would run and two would wait for it.
            var builds = new List<Task<Outcome>>
            {
                daemon.SampanAsync("build", "--build-arg", "who=a", scratch.Path), daemon.DockerAsync("build", "--build-arg", "who=b", scratch.Path), daemon.SampanAsync("build", "-q", "--build-arg", "who=c", scratch.Path),
            };
            await Eventually.HoldsAsync("all are at their last step", async () => (await daemon.DockerAsync("ps", "-q", "--no-trunc", "--filter", "label=io.sampan.build")).Lines.Length == 3);
            if (isOrderly)
            {
                daemon.Signal(15);
                await daemon.EndAsync();
            }
            else
            {
                await daemon.CrashAsync();
            }
            var outcomes = await Task.WhenAll(builds);
            foreach (var outcome in outcomes)
                outcome.Ended(1);
            // Of one that died docker's client knows no more than that the stream has ended.
            foreach (var outcome in isOrderly ? outcomes : [outcomes[0], outcomes[2]])
                outcome.Saying("run the build again when it is back, steps that are done come from the cache");
            await daemon.StartAgainAsync();
            (await daemon.DockerAsync("ps", "-aq")).Succeeded().ShouldBeEmpty();
        }

        scratch.Write("Dockerfile", "FROM busybox\nRUN echo finished > /finished\nRUN cat /finished\n");
        (await daemon.SampanAsync("build", scratch.Path)).Succeeded().ShouldContain("CACHED");
        (await daemon.SampanAsync("rmi", "busybox")).Succeeded();
    }

    // Cache and history are there to be kept; when they go, nothing of them is left, nor of what builds have while they run.
    private static async Task ShouldKeepNothingAsync(Daemon daemon, string when)
    {
        (await daemon.SendAsync(HttpMethod.Post, "/build/prune?all=1")).Status.ShouldBe(200);
        using var builds = JsonDocument.Parse((await daemon.SendAsync(HttpMethod.Get, "/sampan/builds")).Body);
        foreach (var build in builds.RootElement.EnumerateArray())
        {
            (await daemon.SendAsync(HttpMethod.Delete, $"/sampan/builds/{build.GetProperty("Id").GetString()}")).Status.ShouldBe(204);
        }

        foreach (var directory in new[] { "data/build/cache", "data/build/history", "data/build/inputs", "data/build/mounts", "data/build/run", "data/build/spool", "run/build/run" }.Select(path => Path.Combine(daemon.Root, path)))
        {
            if (Directory.Exists(directory))
            {
                Directory.EnumerateFileSystemEntries(directory).ShouldBeEmpty($"after {when} in '{directory}'");
            }
        }
    }
}
