using System.Text.Json;
using Sampan.Linux.Mounts;
using Sampan.Oci.Images;
using Sampan.Oci.Plugins;
using Sampan.Storage.Plugins;
using Sampan.Storage.Volumes;
using Sampan.Storage.Volumes.Plugins;
using Sampan.TestPlugin;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Volumes of managed plugins, as their users have them; the plugin is one that lies.</summary>
public sealed class PluginVolumeTests : StorageTest, IAsyncLifetime
{
    private static readonly CancellationToken None = CancellationToken.None;

    private readonly ManagedPlugin _plugin;
    private readonly VolumePluginServer _server;
    private readonly VolumeStore _store;
    private VolumeMounts _mounts;

    public PluginVolumeTests()
    {
        var nothing = new Descriptor { MediaType = "", Digest = Digest.Of([]), Size = 0 };
        var config = JsonSerializer.Deserialize("""{ "Interface": { "Types": ["docker.volumedriver/1.0"], "Socket": "p.sock" }, "PropagatedMount": "/volumes" }""", Oci.Plugins.PluginJson.Default.PluginConfig).ShouldNotBeNull();
        var record = new PluginRecord { Id = new string('1', 64), Name = "far:latest", Reference = "far:latest", ConfigBlob = nothing, Manifest = nothing, Layers = [], Files = "rootfs-1", Config = config, Settings = new PluginSettings(), Enabled = true };
        _plugin = new ManagedPlugin(record, In("plugin"), In("socket"), null);
        Directory.CreateDirectory(In("plugin"));
        PropagatedMount.Prepare(_plugin.PropagatedMount);
        _server = new VolumePluginServer(_plugin.Socket, _plugin.PropagatedMount);
        _store = VolumeStore.Open(In("root"), TimeProvider.System, new VolumePluginOptions { SocketDirectories = [], SpecDirectories = [] });
        _store.Managed.Set(_plugin);
        _mounts = new VolumeMounts(_store);
        _server.Answers["VolumeDriver.Mount"] = """{ "Mountpoint": "/volumes/vol" }""";
        Directory.CreateDirectory(In("host"));
        File.WriteAllText(In("host/secret"), "the host's");
    }

    public async ValueTask InitializeAsync()
    {
        await _store.CreateAsync(new VolumeRequest { Name = "vol", Driver = "far" }, None);
        await File.WriteAllTextAsync(Path.Combine(_plugin.PropagatedMount, "vol", "file"), "the volume's", None);
    }

    [Fact]
    public async Task CVE_2021_25741_a_volume_is_the_directory_that_was_looked_at_whatever_the_plugin_puts_in_its_place()
    {
        var path = await _mounts.AcquireAsync("vol", "one", None);
        Directory.Move(Path.Combine(_plugin.PropagatedMount, "vol"), Path.Combine(_plugin.PropagatedMount, "elsewhere"));
        Directory.CreateSymbolicLink(Path.Combine(_plugin.PropagatedMount, "vol"), In("host"));

        // What a container's bind does with the path.
        using (var bound = MountTree.Bind(path, recursive: true))
            Directory.GetFiles(bound.Descriptor.ProcPath).Select(Path.GetFileName).ShouldBe(["file"]);

        (await Should.ThrowAsync<Sampan.Storage.StorageException>(() => _mounts.AcquireAsync("vol", "two", None))).Message.ShouldContain("which is no directory that the host can see");
        await _mounts.ReleaseAsync("vol", "one", None);
        Mounted().ShouldBe([_plugin.PropagatedMount]);
        _server.Calls.ShouldContain("VolumeDriver.Unmount vol one");
    }

    [Fact]
    public async Task What_a_crash_left_of_a_plugins_volumes_is_unmounted_but_for_those_who_still_use_them()
    {
        var kept = await _mounts.AcquireAsync("vol", "stays", None);
        await _mounts.AcquireAsync("vol", "gone", None);
        Mounted().Count.ShouldBe(3);

        _mounts = new VolumeMounts(_store);
        _mounts.Adopt("vol", "stays", kept);
        _mounts.UnmountUnused().ShouldBeEmpty();

        Mounted().ShouldBe([_plugin.PropagatedMount, kept]);
        (await File.ReadAllTextAsync(Path.Combine(kept, "file"), None)).ShouldBe("the volume's");
        await _mounts.ReleaseAsync("vol", "stays", None);
        Mounted().ShouldBe([_plugin.PropagatedMount]);
    }

    public async ValueTask DisposeAsync()
    {
        _store.Dispose();
        await _server.DisposeAsync();
        PropagatedMount.RemoveBelow(_plugin.Directory);
        Dispose();
    }

    private List<string> Mounted() => [.. File.ReadLines("/proc/self/mounts").Select(line => line.Split(' ')[1]).Where(path => path.StartsWith(Home + "/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
}
