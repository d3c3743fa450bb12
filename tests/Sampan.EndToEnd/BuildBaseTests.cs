using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>What a build stands on while others tidy up.</summary>
public sealed class BuildBaseTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task The_base_of_a_running_build_is_neither_pruned_nor_removed_by_force(string client)
    {
        var name = $"base-{Guid.NewGuid():n}";
        (await BuildAsync(name, $"FROM busybox\nLABEL {name}=1\n")).Succeeded();
        var id = (await RunAsync(client, "images", "-q", "--no-trunc", name)).Succeeded();
        var gate = Path.Combine(Daemon.DataRoot, "build", "mounts");
        var building = BuildAsync($"{name}:built", $"FROM {name}\nRUN --mount=type=cache,id={name},target=/gate touch /gate/{name}; while [ ! -e /gate/open ]; do sleep 0.1; done\nRUN echo stands >/end\n");
        var waiting = "";
        await Eventually.HoldsAsync("the build waits", () =>
        {
            building.IsCompleted.ShouldBeFalse();
            waiting = Directory.Exists(gate) ? Directory.GetFiles(gate, name, SearchOption.AllDirectories).FirstOrDefault("") : "";
            return Task.FromResult(waiting.Length > 0);
        });

        (await RunAsync(client, "image", "prune", "-af", "--filter", $"label={name}")).Succeeded().ShouldNotContain("Deleted");
        (await RunAsync(client, "rmi", name)).Ended(1).Saying("a running build is using its referenced image");
        (await RunAsync(client, "rmi", "-f", id)).Ended(1).Saying("image is being used by a running build");
        await File.WriteAllTextAsync(Path.Combine(Path.GetDirectoryName(waiting)!, "open"), "");

        (await building).Succeeded();
        (await RunAsync(client, "run", "--rm", $"{name}:built", "cat", "/end")).Succeeded().ShouldBe("stands");
        (await RunAsync(client, "rmi", $"{name}:built", name)).Succeeded();
    }

    private Task<Outcome> BuildAsync(string name, string dockerfile) =>
        Daemon.ClientWithBytesAsync(Clients.Sampan, System.Text.Encoding.UTF8.GetBytes(dockerfile), "build", "-q", "-t", name, "-");
}
