using System.Formats.Tar;
using System.Net.Sockets;
using System.Text;
using Sampan.Engine.Supervision;
using Sampan.Engine.Tests.Doubles;

namespace Sampan.Engine.Tests.Plugins;

/// <summary>Plugins that run, as the engine sees them: their program is what the test does.</summary>
public sealed class PluginRunTests : IAsyncLifetime
{
    private const string Config = """
        {"entrypoint":["/p","-s"],"interface":{"types":["docker.volumedriver/1.0"],"socket":"p.sock"},"network":{"type":"host"},"pidhost":true,"workdir":"/w","user":{"uid":0},
         "args":{"name":"args","value":["-v"],"settable":["value"]},"env":[{"name":"A","value":"1"}],"linux":{"capabilities":["CAP_SYS_ADMIN"]}}
        """;

    private static readonly CancellationToken None = CancellationToken.None;

    private readonly List<IDisposable> _open = [];
    private Harbour _harbour = null!;

    public async ValueTask InitializeAsync()
    {
        _harbour = await Harbour.OpenAsync();
        _harbour.Supervisors.Launched = Listen;
        await _harbour.Engine.Plugins.CreateAsync("test/p", Tar(), None);
    }

    public async ValueTask DisposeAsync()
    {
        await _harbour.DisposeAsync();
        _open.ForEach(one => one.Dispose());
    }

    [Fact]
    public async Task A_plugin_gets_what_its_configuration_says_and_a_containers_limits_beside()
    {
        await _harbour.Engine.Plugins.EnableAsync("test/p", null, None);

        var order = _harbour.Supervisors.Orders.Single();
        var spec = order.Spec;
        spec.Process!.Args.ShouldBe(["/p", "-s", "-v"]);
        spec.Process.Cwd.ShouldBe("/w");
        spec.Process.Env.ShouldContain("A=1");
        spec.Process.Capabilities!.Bounding.ShouldContain("CAP_CHOWN");
        spec.Linux!.Namespaces.Select(space => space.Type).ShouldBe(["mount", "uts", "ipc", "cgroup"]);
        spec.Linux.MaskedPaths.ShouldNotBeEmpty();
        spec.Mounts.Select(mount => mount.Destination).ShouldContain("/run/docker/plugins");
        spec.Mounts.ShouldNotContain(mount => mount.Destination == "/etc/hostname");
        order.SeccompProfile.ShouldBe("default");
        order.RootfsMounts.Single().Source.ShouldStartWith(_harbour.Data);
    }

    [Fact]
    public async Task A_new_daemon_adopts_what_runs_and_ends_what_was_not_enabled_yet()
    {
        await _harbour.Engine.Plugins.EnableAsync("test/p", null, None);
        var process = Process();

        await _harbour.ReopenAsync();

        _harbour.Engine.Plugins.Get("test/p").Enabled.ShouldBeTrue();
        Process().ShouldBeSameAs(process);
        process.Signals.ShouldBeEmpty();
        await _harbour.Engine.Plugins.DisableAsync("test/p", force: false, None);
        process.Signals[0].ShouldBe((15, false));
        _harbour.Supervisors.Living.ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(_harbour.Root, "run", "managed-plugins")).ShouldBeEmpty();

        // As a crash before the record leaves it.
        await _harbour.Engine.Plugins.EnableAsync("test/p", null, None);
        var id = _harbour.Engine.Plugins.Get("test/p").Id;
        var record = Path.Combine(_harbour.Data, "plugins", id, "plugin.json");
        await File.WriteAllTextAsync(record, (await File.ReadAllTextAsync(record, None)).Replace("\"enabled\":true", "\"enabled\":false", StringComparison.Ordinal), None);
        await _harbour.ReopenAsync();
        _harbour.Engine.Plugins.Get("test/p").Enabled.ShouldBeFalse();
        _harbour.Supervisors.Living.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_plugin_that_ends_is_started_again_until_it_is_disabled()
    {
        await _harbour.Engine.Plugins.EnableAsync("test/p", null, None);
        Process().End(1);

        await UntilAsync(() => _harbour.Supervisors.Orders.Count == 2 && _harbour.Engine.Plugins.Enabled("test/p", "volumedriver") is { Trouble: null });
        await _harbour.Engine.Plugins.DisableAsync("test/p", force: false, None);

        _harbour.Supervisors.Living.ShouldBeEmpty();
        Should.Throw<EngineException>(() => _harbour.Engine.Plugins.Enabled("test/p", "volumedriver")).Kind.ShouldBe(ErrorKind.Conflict);
    }

    [Fact]
    public async Task A_plugin_for_whose_socket_there_is_no_room_is_tried_again()
    {
        await _harbour.Engine.Plugins.EnableAsync("test/p", null, None);
        var sockets = Path.Combine(_harbour.Root, "run", "plugins");
        Directory.Delete(sockets, recursive: true);
        await File.WriteAllTextAsync(sockets, "in its place", None);
        Process().End(1);
        await UntilAsync(() => Trouble().Contains(sockets, StringComparison.Ordinal));

        File.Delete(sockets);
        await UntilAsync(() => _harbour.Engine.Plugins.Enabled("test/p", "volumedriver") is { Trouble: null });

        string Trouble()
        {
            try
            {
                return _harbour.Engine.Plugins.Enabled("test/p", "volumedriver")?.Trouble ?? "";
            }
            catch (EngineException told)
            {
                return told.Message;
            }
        }
    }

    [Fact]
    public async Task A_program_that_ends_before_it_listens_is_told_of_at_once()
    {
        _harbour.Supervisors.Launched = order => _harbour.Supervisors.Living[order.StateDirectory].End(3);

        var refused = await Should.ThrowAsync<EngineException>(() => _harbour.Engine.Plugins.EnableAsync("test/p", TimeSpan.FromMinutes(5), None));

        refused.Message.ShouldStartWith("cannot start plugin test/p:latest: its program ended with code 3");
        _harbour.Engine.Plugins.Get("test/p").Enabled.ShouldBeFalse();
        Directory.EnumerateFileSystemEntries(Path.Combine(_harbour.Root, "run", "plugins")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_link_in_place_of_the_socket_leads_nowhere()
    {
        var other = Path.Combine(_harbour.Root, "other.sock");
        ListenAt(other);
        _harbour.Supervisors.Launched = order => File.CreateSymbolicLink(Path.Combine(SocketDirectory(order), "p.sock"), other);

        var refused = await Should.ThrowAsync<EngineException>(() => _harbour.Engine.Plugins.EnableAsync("test/p", TimeSpan.FromMilliseconds(200), None));

        refused.Message.ShouldContain("'p.sock' is no socket");
        _harbour.Supervisors.Living.ShouldBeEmpty();
    }

    [Fact]
    public async Task One_name_is_one_plugins_and_what_is_enabled_stays()
    {
        (await Should.ThrowAsync<EngineException>(() => _harbour.Engine.Plugins.CreateAsync("test/p:latest", Tar(), None))).Kind.ShouldBe(ErrorKind.AlreadyExists);
        await _harbour.Engine.Plugins.EnableAsync("test/p", null, None);
        (await Should.ThrowAsync<EngineException>(() => _harbour.Engine.Plugins.RemoveAsync("test/p", force: false, None))).Message.ShouldBe("plugin test/p:latest is enabled");
        _harbour.Engine.Plugins.UsedByDaemon = new Dictionary<string, string> { ["test/p"] = "it is asked" };
        (await Should.ThrowAsync<EngineException>(() => _harbour.Engine.Plugins.DisableAsync("test/p", force: false, None))).Message.ShouldContain("is in use: it is asked");
        (await Should.ThrowAsync<EngineException>(() => _harbour.CreateAsync(Harbour.Spec with { Log = new Engine.Containers.Wishes.LogWish { Driver = "test/p" } }))).Message.ShouldStartWith("plugin test/p:latest as log driver is not supported");
        await _harbour.Engine.Plugins.RemoveAsync("test/p", force: true, None);
        _harbour.Engine.Plugins.List().ShouldBeEmpty();
        _harbour.Supervisors.Living.ShouldBeEmpty();
    }

    private MemorySupervisor Process() => _harbour.Supervisors.Living.Values.Single();

    private static string SocketDirectory(LaunchOrder order) => order.Spec.Mounts.Single(mount => mount.Destination == "/run/docker/plugins").Source!;

    private void Listen(LaunchOrder order) => ListenAt(Path.Combine(SocketDirectory(order), "p.sock"));

    // Through a short link: the address of a socket has 107 bytes.
    private void ListenAt(string path)
    {
        var link = Path.Combine(Path.GetTempPath(), $"plg-{Guid.NewGuid():n}");
        File.CreateSymbolicLink(link, Path.GetDirectoryName(path)!);
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(Path.Combine(link, Path.GetFileName(path))));
        socket.Listen(16);
        File.Delete(link);
        _open.Add(socket);
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            try
            {
                if (condition())
                    return;
            }
            catch (EngineException)
            {
                // It does not run just now.
            }

            await Task.Delay(10, patience.Token);
        }
    }

    private static MemoryStream Tar()
    {
        var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var (name, text) in new[] { ("config.json", Config), ("rootfs/p", "program") })
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(text)), Mode = (UnixFileMode)0b111_101_101 });
        }

        tar.Position = 0;
        return tar;
    }
}
