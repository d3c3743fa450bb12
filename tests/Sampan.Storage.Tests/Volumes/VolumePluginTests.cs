using Sampan.Storage.Volumes;
using Sampan.Storage.Volumes.Plugins;
using Sampan.TestPlugin;

namespace Sampan.Storage.Tests.Volumes;

/// <summary>Docker's protocol of volume plugins, with an honest plugin and with those that hang or lie.</summary>
public sealed class VolumePluginTests : IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly string _root = Directory.CreateTempSubdirectory("sampan-plugin-").FullName;
    private readonly VolumePluginServer _plugin;
    private readonly VolumeStore _store;
    private readonly VolumeMounts _mounts;

    public VolumePluginTests()
    {
        _plugin = new VolumePluginServer(In("plugins/far.sock"), In("far"));
        _store = Open(TimeSpan.FromSeconds(30));
        _mounts = new VolumeMounts(_store);
    }

    public ValueTask InitializeAsync() => default;

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _plugin.DisposeAsync();
        Directory.Delete(_root, recursive: true);
    }

    [Fact]
    public async Task A_volume_of_a_plugin_is_made_mounted_told_of_unmounted_and_removed()
    {
        var made = await _store.CreateAsync(Request("db", new Dictionary<string, string> { ["tier"] = "fast" }), None);
        made.ShouldSatisfyAllConditions(v => v.Driver.ShouldBe("far"), v => v.Scope.ShouldBe("global"), v => v.NeedsMount.ShouldBeTrue());
        _plugin.Options["db"].ShouldBe("""{"tier":"fast"}""");

        (await _mounts.AcquireAsync("db", "one", None)).ShouldBe(In("far/db"));
        (await _mounts.AcquireAsync("db", "one", None)).ShouldBe(In("far/db"));
        (await _mounts.AcquireAsync("db", "two", None)).ShouldBe(In("far/db"));
        _plugin.Volumes["db"].Keys.ShouldBe(["one", "two"], ignoreOrder: true);
        (await _store.FindAsync("db", None)).ShouldNotBeNull().ShouldSatisfyAllConditions(v => v.MountPoint.ShouldBe(In("far/db")), v => v.Status!["users"].GetInt32().ShouldBe(2));
        await _mounts.ReleaseAsync("db", "one", None);
        await _mounts.ReleaseAsync("db", "two", None);
        await _mounts.ReleaseAsync("db", "two", None);
        _plugin.Volumes["db"].ShouldBeEmpty();

        await _store.RemoveAsync("db", force: false, _ => null, None);
        _plugin.Volumes.ShouldBeEmpty();
        _store.List().ShouldBeEmpty();
        _plugin.Calls.ShouldBe([
            "Plugin.Activate", "VolumeDriver.Capabilities", "VolumeDriver.Create db", "VolumeDriver.Mount db one", "VolumeDriver.Mount db two", "VolumeDriver.Get db",
            "VolumeDriver.Unmount db one", "VolumeDriver.Unmount db two", "VolumeDriver.Remove db"]);
    }

    [Fact]
    public async Task Volumes_that_the_plugin_has_already_are_listed_and_found()
    {
        _plugin.Volumes["elsewhere"] = new();
        Directory.CreateDirectory(In("far/elsewhere"));

        var listing = await _store.ListAsync(None);
        listing.Warnings.ShouldBeEmpty();
        listing.Volumes.ShouldHaveSingleItem().ShouldSatisfyAllConditions(v => v.Name.ShouldBe("elsewhere"), v => v.Driver.ShouldBe("far"), v => v.Created.Year.ShouldBe(2024));
        (await _store.FindAsync("elsewhere", None)).ShouldNotBeNull().Driver.ShouldBe("far");
        (await _store.FindAsync("nowhere", None)).ShouldBeNull();
    }

    [Fact]
    public async Task A_volume_of_a_plugin_survives_a_restart_of_the_store()
    {
        await _store.CreateAsync(Request("db"), None);
        using var again = Open(TimeSpan.FromSeconds(30));
        again.Find("db").ShouldNotBeNull().Driver.ShouldBe("far");
    }

    [Fact]
    public async Task One_name_is_one_volume_whatever_the_driver()
    {
        await _store.CreateAsync(Request("db"), None);
        (await _store.CreateAsync(new VolumeRequest { Name = "db" }, None)).Driver.ShouldBe("far");
        (await Should.ThrowAsync<StorageException>(() => _store.CreateAsync(new VolumeRequest { Name = "db", Driver = "local" }, None))).Kind.ShouldBe(StorageError.Conflict);
        _store.Create("here");
        (await Should.ThrowAsync<StorageException>(() => _store.CreateAsync(Request("here"), None))).Message.ShouldContain("volume name must be unique");
    }

    [Theory]
    [InlineData("none", StorageError.NotFound)]
    [InlineData("../far", StorageError.InvalidInput)]
    [InlineData("a/b", StorageError.InvalidInput)]
    public async Task A_driver_that_is_not_there_is_told(string driver, object kind) =>
        (await Should.ThrowAsync<StorageException>(() => _store.CreateAsync(new VolumeRequest { Name = "db", Driver = driver }, None))).Kind.ShouldBe((StorageError)kind);

    [Theory]
    [InlineData("far.spec", "unix://SOCKET")]
    [InlineData("far.json", """{"Name":"far","Addr":"unix://SOCKET"}""")]
    [InlineData("far/far.json", """{"Addr":"unix://SOCKET"}""")]
    public async Task An_address_file_leads_to_a_plugin(string file, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(In("specs/" + file))!);
        await File.WriteAllTextAsync(In("specs/" + file), content.Replace("SOCKET", In("plugins/far.sock")));
        using var store = VolumeStore.Open(In("other"), TimeProvider.System, new VolumePluginOptions { SocketDirectories = [In("none")], SpecDirectories = [In("specs")] });

        store.Drivers().ShouldBe(["local", "far"]);
        (await store.CreateAsync(Request("db"), None)).Driver.ShouldBe("far");
    }

    [Theory]
    [InlineData("far.json", "{")]
    [InlineData("far.json", """{"Addr":"ftp://x"}""")]
    [InlineData("far.spec", "nonsense")]
    [InlineData("far.json", """{"Addr":"tcp://localhost:1","TLSConfig":{"InsecureSkipVerify":true}}""")]
    public async Task A_bad_address_file_is_named(string file, string content)
    {
        Directory.CreateDirectory(In("specs"));
        await File.WriteAllTextAsync(In("specs/" + file), content);
        using var store = VolumeStore.Open(In("other"), TimeProvider.System, new VolumePluginOptions { SocketDirectories = [In("none")], SpecDirectories = [In("specs")] });
        (await Should.ThrowAsync<StorageException>(() => store.CreateAsync(Request("db"), None))).Message.ShouldContain(In("specs/" + file));
    }

    [Theory]
    [InlineData("Plugin.Activate")]
    [InlineData("VolumeDriver.Create")]
    [InlineData("VolumeDriver.Mount")]
    [InlineData("VolumeDriver.Remove")]
    [InlineData("VolumeDriver.List")]
    public async Task A_plugin_that_hangs_is_given_up_and_nothing_is_left_half_done(string method)
    {
        // Only what hangs is given a short time: an honest answer may be slow on a busy machine.
        var isWork = method is not ("Plugin.Activate" or "VolumeDriver.List");
        using var store = Open(TimeSpan.FromSeconds(isWork ? 30 : 2), "hung", TimeSpan.FromSeconds(isWork ? 0.5 : 30));
        var mounts = new VolumeMounts(store);
        if (method is "VolumeDriver.Mount" or "VolumeDriver.Remove")
            store.Enter(new VolumeRecord { Name = "db", Created = default, Driver = "far" });
        _plugin.Answers[method] = null;

        if (method == "VolumeDriver.List")
        {
            (await store.ListAsync(None)).Warnings.ShouldHaveSingleItem().ShouldContain("did not answer VolumeDriver.List within");
            return;
        }

        var hung = await Should.ThrowAsync<StorageException>(() => method switch
        {
            "VolumeDriver.Mount" => mounts.AcquireAsync("db", "one", None),
            "VolumeDriver.Remove" => store.RemoveAsync("db", force: false, _ => null, None),
            _ => store.CreateAsync(Request("db"), None),
        });
        hung.Kind.ShouldBe(StorageError.Unavailable);
        hung.Message.ShouldContain($"did not answer {method} within");
        (store.Find("db") is not null).ShouldBe(method is "VolumeDriver.Mount" or "VolumeDriver.Remove");
        if (method == "VolumeDriver.Remove")
        {
            await store.RemoveAsync("db", force: true, _ => null, None);
            store.Find("db").ShouldBeNull();
        }
    }

    [Theory]
    [InlineData("Plugin.Activate", """{"Implements":["authz"]}""", "does not implement \"VolumeDriver\": it says it implements authz")]
    [InlineData("Plugin.Activate", "not json", "its answer is no JSON of the protocol")]
    [InlineData("Plugin.Activate", "[]", "its answer is no JSON of the protocol")]
    [InlineData("VolumeDriver.Create", """{"Err":"disk on fire"}""", "VolumeDriver.Create: disk on fire")]
    [InlineData("VolumeDriver.Mount", """{"Mountpoint":"relative"}""", "which is no directory of this host")]
    [InlineData("VolumeDriver.Mount", """{"Mountpoint":"/no/such/directory"}""", "which is no directory of this host")]
    [InlineData("VolumeDriver.Mount", "{}", "which is no directory of this host")]
    [InlineData("VolumeDriver.Mount", """{"Err":"no quorum"}""", "error while mounting volume 'db': VolumeDriver.Mount: no quorum")]
    [InlineData("VolumeDriver.Get", """{"Volume":{"Name":"another"}}""", "asked for volume 'db' it told of 'another'")]
    public async Task A_plugin_that_lies_is_told_so(string method, string answer, string message)
    {
        using var store = Open(TimeSpan.FromSeconds(30), "lying");
        var mounts = new VolumeMounts(store);
        if (method is "VolumeDriver.Mount" or "VolumeDriver.Get")
            await store.CreateAsync(Request("db"), None);
        _plugin.Answers[method] = answer;
        if (answer == "{}")
            _plugin.Answers["VolumeDriver.Path"] = """{"Mountpoint":"/no/such/directory"}""";

        var lie = await Should.ThrowAsync<StorageException>(() => method switch
        {
            "VolumeDriver.Mount" => mounts.AcquireAsync("db", "one", None),
            "VolumeDriver.Get" => store.FindAsync("db", None),
            _ => store.CreateAsync(Request("db"), None),
        });
        lie.Message.ShouldContain(message);
        _plugin.Answers.Clear();
        // It can be used as soon as it behaves.
        await store.CreateAsync(Request("db"), None);
        (await mounts.AcquireAsync("db", "one", None)).ShouldBe(In("far/db"));
    }

    [Fact]
    public async Task A_plugin_of_another_kind_is_no_driver_and_no_reason_to_warn()
    {
        using var store = Open(TimeSpan.FromSeconds(30), "authorizing");
        _plugin.Answers["Plugin.Activate"] = """{"Implements":["authz"]}""";

        (await store.ListAsync(None)).ShouldSatisfyAllConditions(all => all.Warnings.ShouldBeEmpty(), all => all.Volumes.ShouldBeEmpty());
        _plugin.Answers["Plugin.Activate"] = "not json";
        (await store.ListAsync(None)).Warnings.ShouldHaveSingleItem().ShouldContain("its answer is no JSON of the protocol");
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_off()
    {
        await _store.CreateAsync(Request("db"), None);
        _plugin.Answers["VolumeDriver.List"] = new string(' ', 5 << 20);
        (await _store.ListAsync(None)).Warnings.ShouldHaveSingleItem().ShouldContain("its answer has more than");
    }

    [Fact]
    public async Task A_plugin_that_is_gone_is_told_and_its_volume_can_be_forgotten()
    {
        await _store.CreateAsync(Request("db"), None);
        await _plugin.DisposeAsync();
        await File.WriteAllTextAsync(In("plugins/far.sock"), "");

        (await Should.ThrowAsync<StorageException>(() => _mounts.AcquireAsync("db", "one", None))).ShouldSatisfyAllConditions(e => e.Kind.ShouldBe(StorageError.Unavailable), e => e.Message.ShouldContain("is its program running?"));
        (await Should.ThrowAsync<StorageException>(() => _store.RemoveAsync("db", force: false, _ => null, None))).Kind.ShouldBe(StorageError.Unavailable);
        _store.Find("db").ShouldNotBeNull();
        await _store.RemoveAsync("db", force: true, _ => null, None);
        _store.Find("db").ShouldBeNull();
    }

    [Fact]
    public async Task A_volume_that_goes_while_it_is_looked_for_is_not_taken_for_one_that_is_there()
    {
        _plugin.Volumes["db"] = new();
        Directory.CreateDirectory(In("far/db"));
        Once("VolumeDriver.Get", () => _store.CreateAsync(Request("db"), None), () => _store.RemoveAsync("db", force: false, _ => null, None));

        (await _store.FindAsync("db", None)).ShouldBeNull();
        _store.Find("db").ShouldBeNull();
    }

    [Fact]
    public async Task A_removal_that_its_asker_gives_up_is_done_to_the_end()
    {
        await _store.CreateAsync(Request("db"), None);
        using var asker = new CancellationTokenSource();
        Once("VolumeDriver.Remove", asker.CancelAsync);

        await _store.RemoveAsync("db", force: false, _ => null, asker.Token);
        _store.Find("db").ShouldBeNull();
    }

    [Fact]
    public async Task A_creation_that_its_asker_gives_up_is_done_to_the_end()
    {
        using var asker = new CancellationTokenSource();
        Once("VolumeDriver.Create", asker.CancelAsync);

        await _store.CreateAsync(Request("db"), asker.Token);
        _store.Find("db").ShouldNotBeNull().Driver.ShouldBe("far");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_volume_that_its_plugin_has_no_more_can_be_removed(bool force)
    {
        _store.Enter(new VolumeRecord { Name = "db", Created = default, Driver = "far" });

        if (force)
            await _store.RemoveAsync("db", force, _ => null, None);
        else
            (await Should.ThrowAsync<StorageException>(() => _store.RemoveAsync("db", force, _ => null, None))).Kind.ShouldBe(StorageError.NotFound);
        _store.Find("db").ShouldBeNull();
    }

    [Fact]
    public async Task Nobody_begins_to_use_a_volume_that_is_being_removed()
    {
        await _store.CreateAsync(Request("db"), None);
        using var lease = _store.Lease();
        Task<VolumeRecord>? making = null;
        Once("VolumeDriver.Remove", () =>
        {
            making = lease.CreateAsync(Request("db"), None);
            return Task.CompletedTask;
        });

        await _store.RemoveAsync("db", force: false, _ => null, None);

        (await making.ShouldNotBeNull()).Name.ShouldBe("db");
        _plugin.Volumes.Keys.ShouldBe(["db"]);
        _store.Find("db").ShouldNotBeNull();
        (await Should.ThrowAsync<StorageException>(() => _store.RemoveAsync("db", force: false, _ => null, None))).Kind.ShouldBe(StorageError.InUse);
    }

    [Fact]
    public async Task Of_two_removals_that_meet_one_finds_the_volume()
    {
        await _store.CreateAsync(Request("db"), None);
        Task? second = null;
        Once("VolumeDriver.Remove", () =>
        {
            second = _store.RemoveAsync("db", force: false, _ => null, None);
            return Task.CompletedTask;
        });

        await _store.RemoveAsync("db", force: false, _ => null, None);

        (await Should.ThrowAsync<StorageException>(() => second.ShouldNotBeNull())).Kind.ShouldBe(StorageError.NotFound);
        _plugin.Calls.Count(call => call == "VolumeDriver.Remove db").ShouldBe(1);
    }

    [Fact]
    public async Task A_plugin_that_is_slow_with_one_volume_keeps_nobody_from_others()
    {
        await _store.CreateAsync(Request("slow"), None);
        Once("VolumeDriver.Remove", () => _store.CreateAsync(Request("quick"), None));

        await _store.RemoveAsync("slow", force: false, _ => null, None);
        _store.List().ShouldHaveSingleItem().Name.ShouldBe("quick");
    }

    // Before the first answer of a method is sent.
    private void Once(string method, params Func<Task>[] meanwhile) => _plugin.Answering = async called =>
    {
        if (called != method)
            return;
        _plugin.Answering = _ => Task.CompletedTask;
        foreach (var step in meanwhile)
            await step();
    };

    private string In(string path) => Path.Combine(_root, path);

    private static VolumeRequest Request(string name, IReadOnlyDictionary<string, string>? options = null) =>
        new() { Name = name, Driver = "far", Options = options ?? new Dictionary<string, string>() };

    private VolumeStore Open(TimeSpan limit, string directory = "data", TimeSpan? workLimit = null) => VolumeStore.Open(
        In(directory),
        TimeProvider.System,
        new VolumePluginOptions { SocketDirectories = [In("plugins")], SpecDirectories = [In("specs")], Limit = limit, WorkLimit = workLimit ?? limit });
}
