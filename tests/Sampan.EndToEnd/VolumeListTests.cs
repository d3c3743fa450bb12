using Sampan.EndToEnd.Harness;

namespace Sampan.EndToEnd;

/// <summary>Volumes listed, filtered, pruned, counted.</summary>
public sealed class VolumeListTests(SharedEngine engine) : EngineTest(engine)
{
    [Theory, MemberData(nameof(Both))]
    public async Task Every_filter_chooses(string client)
    {
        var (plain, labelled, used) = (NewName("plainvol"), NewName("labelvol"), NewName("usedvol"));
        var mark = NewName("mark");
        (await RunAsync(client, "volume", "create", "--label", $"test={mark}", plain)).Succeeded();
        (await RunAsync(client, "volume", "create", "--label", $"test={mark}", "--label", "tier=db", labelled)).Succeeded();
        (await RunAsync(client, "volume", "create", "--label", $"test={mark}", used)).Succeeded();
        (await RunAsync(client, "create", "--name", NewName("user"), "-v", $"{used}:/x", "busybox")).Succeeded();
        Task<string[]> ListAsync(params string[] filters) => NamesAsync(client, [$"label=test={mark}", .. filters]);

        (await ListAsync()).ShouldBe([plain, labelled, used], ignoreOrder: true);
        (await ListAsync("label=tier")).ShouldBe([labelled]);
        (await ListAsync("label=tier=db")).ShouldBe([labelled]);
        (await ListAsync("label=tier=web")).ShouldBeEmpty();
        (await ListAsync($"name={plain[..^2]}")).ShouldContain(plain);
        (await ListAsync($"name=^{plain}$")).ShouldBe([plain]);
        (await ListAsync($"name=^{plain[1..]}")).ShouldBeEmpty();
        (await ListAsync("dangling=true")).ShouldBe([plain, labelled], ignoreOrder: true);
        (await ListAsync("dangling=false")).ShouldBe([used]);
        (await ListAsync("driver=local")).Length.ShouldBe(3);
        (await ListAsync("driver=other")).ShouldBeEmpty();
        (await RunAsync(client, "volume", "ls", "--filter", "nonsense=1")).Failed().Saying("invalid filter");

        // The one in use stays; prune's own filters choose among the others.
        (await RunAsync(client, "volume", "inspect", "-f", "{{json .Labels}}", labelled)).Succeeded().ShouldBe($$"""{"test":"{{mark}}","tier":"db"}""");
        (await Daemon.SampanAsync("volume", "prune", "-f", "--all", "--filter", $"label=test={mark}", "--filter", "label!=tier=db")).Succeeded().ShouldContain(plain);
        (await ListAsync()).ShouldBe([labelled, used], ignoreOrder: true);
        (await Daemon.SampanAsync("volume", "prune", "-f", "--all", "--filter", $"label=test={mark}")).Succeeded().ShouldContain("Total reclaimed space:");
        (await ListAsync()).ShouldBe([used]);

        await Daemon.RemoveAllContainersAsync();
        (await RunAsync(client, "volume", "rm", used)).Succeeded();
        (await RunAsync(client, "volume", "rm", used)).Ended(1).Saying("no such volume");
        (await RunAsync(client, "volume", "rm", "-f", used)).Ended(0);
    }

    [Fact]
    public async Task Prune_takes_anonymous_volumes_only_unless_told_all()
    {
        var named = NewName("keepvol");
        var name = NewName("anonymous-user");
        (await Daemon.SampanAsync("volume", "create", named)).Succeeded();
        (await Daemon.SampanAsync("create", "--name", name, "-v", "/data", "busybox")).Succeeded();
        var anonymous = await InspectAsync(Clients.Sampan, name, "{{(index .Mounts 0).Name}}");
        (await Daemon.SampanAsync("volume", "inspect", "-f", "{{json .Labels}}", anonymous)).Succeeded().ShouldBe("""{"com.docker.volume.anonymous":""}""");

        (await Daemon.SampanAsync("rm", name)).Succeeded();
        var pruned = (await Daemon.SampanAsync("volume", "prune", "-f")).Succeeded();

        pruned.ShouldContain(anonymous);
        pruned.ShouldNotContain(named);
        (await Daemon.SampanAsync("volume", "rm", named)).Succeeded();
    }

    [Theory, MemberData(nameof(Both))]
    public async Task A_named_volume_is_never_removed_with_its_container(string client)
    {
        var volume = NewName("stays");
        await BusyboxAsync(client, "echo 1 >/x/1", "-v", $"{volume}:/x");
        var name = NewName("user");
        await SleeperAsync(client, name, "-v", $"{volume}:/x");
        (await RunAsync(client, "rm", "-f", "-v", name)).Succeeded();

        (await NamesAsync(client, $"name={volume}")).ShouldBe([volume]);
        (await RunAsync(client, "volume", "rm", volume)).Succeeded();
    }

    [Fact]
    public async Task Df_counts_the_blocks_and_the_users_of_a_volume()
    {
        var volume = NewName("counted");
        await BusyboxAsync(Clients.Sampan, "dd if=/dev/zero of=/x/file bs=1k count=3000 2>/dev/null", "-v", $"{volume}:/x");
        var name = NewName("counter");
        (await Daemon.SampanAsync("create", "--name", name, "-v", $"{volume}:/x", "busybox")).Succeeded();

        var (_, body) = await Daemon.SendAsync(HttpMethod.Get, "/v1.45/system/df?type=volume");
        using var usage = System.Text.Json.JsonDocument.Parse(body);
        var mine = usage.RootElement.GetProperty("Volumes").EnumerateArray().Single(v => v.GetProperty("Name").GetString() == volume).GetProperty("UsageData");
        mine.GetProperty("RefCount").GetInt64().ShouldBe(1);
        mine.GetProperty("Size").GetInt64().ShouldBeInRange(3000 * 1024, 3200 * 1024);

        await Daemon.RemoveAllContainersAsync();
        (await Daemon.SampanAsync("volume", "rm", volume)).Succeeded();
    }

    [Theory]
    [InlineData("../escape")]
    [InlineData("a/../../b")]
    [InlineData("..")]
    [InlineData(".hidden")]
    [InlineData("/absolute")]
    [InlineData("a%2f..%2fb")]
    public async Task A_name_that_tries_to_leave_the_root_is_refused(string name)
    {
        var before = Directory.GetFileSystemEntries(Daemon.DataRoot).Order(StringComparer.Ordinal).ToArray();
        var (status, body) = await Daemon.SendAsync(HttpMethod.Post, "/v1.45/volumes/create", System.Text.Json.JsonSerializer.Serialize(new Dictionary<string, string> { ["Name"] = name }));

        status.ShouldBe(400);
        body.ShouldContain("includes invalid characters for a local volume name");
        Directory.GetFileSystemEntries(Daemon.DataRoot).Order(StringComparer.Ordinal).ToArray().ShouldBe(before);
        (await Daemon.SendAsync(HttpMethod.Delete, "/v1.45/volumes/" + Uri.EscapeDataString(name))).Status.ShouldBe(404);
    }

    [Fact]
    public async Task Only_a_cluster_volume_can_be_updated()
    {
        var volume = NewName("local");
        (await Daemon.SampanAsync("volume", "create", volume)).Succeeded();
        (await Daemon.SampanAsync("volume", "update", "--availability", "pause", volume)).Ended(1).Saying("can only update cluster volumes");
        (await Daemon.SampanAsync("volume", "update", "absent-volume")).Ended(1).Saying("no such volume");
        (await Daemon.SendAsync(HttpMethod.Put, $"/v1.45/volumes/{volume}?version=1", "{}")).Status.ShouldBe(503);
        (await Daemon.SampanAsync("volume", "rm", volume)).Succeeded();
    }

    private async Task<string[]> NamesAsync(string client, params string[] filters) =>
        (await RunAsync(client, ["volume", "ls", "-q", .. filters.SelectMany(filter => new[] { "--filter", filter })])).Lines;
}
