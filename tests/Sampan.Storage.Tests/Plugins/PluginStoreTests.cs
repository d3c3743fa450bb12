using System.Formats.Tar;
using System.Text.Json.Nodes;
using Sampan.Oci.Images;
using Sampan.Storage.Plugins;
using Sampan.Storage.Tests.Distribution;

namespace Sampan.Storage.Tests.Plugins;

/// <summary>Managed plugins on the disk and at registries.</summary>
public sealed class PluginStoreTests : RegistryTest
{
    private const string One = "1111111111111111111111111111111111111111111111111111111111111111";
    private const string Two = "2222222222222222222222222222222222222222222222222222222222222222";

    [Fact]
    public async Task A_plugin_that_was_made_is_there_after_a_restart_and_its_blobs_are_nobody_elses_to_collect()
    {
        var made = await CreateAsync(One, "test/volumes:latest");

        Reopen();

        var plugin = Images.Plugins().ShouldHaveSingleItem();
        plugin.Name.ShouldBe("test/volumes:latest");
        plugin.Config.Rootfs.ShouldNotBeNull().DiffIds.ShouldBe([plugin.Layers[0].Digest.ToString()]);
        plugin.Config.Env!.Select(env => env.Name).ShouldBe(["LEVEL", "FIXED"]);
        plugin.Config.Linux.Capabilities.ShouldBeNull();
        plugin.Settings.Env.ShouldBe(["LEVEL=1", "FIXED=a"]);
        plugin.Settings.Args.ShouldBe(["-v"]);
        plugin.Provides("volumedriver").ShouldBeTrue();
        plugin.Enabled.ShouldBeFalse();
        File.ReadAllText(FileOf(plugin, "plugin")).ShouldBe("program");
        File.ReadAllText(FileOf(plugin, "same")).ShouldBe("program");
        foreach (var blob in new[] { made.ConfigBlob, made.Manifest, made.Layers[0] })
            File.Exists(BlobPath(blob)).ShouldBeTrue();
        Images.Ledger(_ => false).Where(line => line.Reason.Contains("of plugin test/volumes:latest", StringComparison.Ordinal)).ShouldSatisfyAllConditions(
            lines => lines.Count().ShouldBe(3), lines => lines.ShouldAllBe(line => !line.IsReclaimable));
        var check = await Images.CheckAsync(repair: true, _ => null, _ => { }, Ct);
        check.Findings.ShouldBeEmpty();

        Images.RemovePlugin(One);

        Images.Plugins().ShouldBeEmpty();
        Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "blobs", "sha256")).ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(DataRoot, "plugins")).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_a_crash_left_of_a_plugin_is_gone_after_a_restart()
    {
        var plugin = await CreateAsync(One, "a:latest");
        Directory.CreateDirectory(Path.Combine(DataRoot, "plugins", Two, "rootfs-1"));
        Directory.CreateDirectory(Path.Combine(DataRoot, "plugins", One, "rootfs-2"));

        Reopen();

        Images.Plugins().Select(p => p.Id).ShouldBe([One]);
        Directory.Exists(Path.Combine(DataRoot, "plugins", Two)).ShouldBeFalse();
        Directory.EnumerateDirectories(Path.Combine(DataRoot, "plugins", One)).Select(Path.GetFileName).ShouldBe([plugin.Files]);
    }

    [Fact]
    public async Task With_a_record_that_cannot_be_read_nothing_is_collected()
    {
        var plugin = await CreateAsync(One, "a:latest");
        var record = Path.Combine(DataRoot, "plugins", One, "plugin.json");
        var whole = await File.ReadAllTextAsync(record, Ct);
        await File.WriteAllTextAsync(record, "{", Ct);

        Reopen();

        Images.Plugins().ShouldBeEmpty();
        Images.Damaged.ShouldHaveSingleItem().ShouldStartWith($"plugin '{One}' cannot be read");
        File.Exists(BlobPath(plugin.Layers[0])).ShouldBeTrue();
        await File.WriteAllTextAsync(record, whole, Ct);
        Reopen();
        Images.Plugins().ShouldHaveSingleItem().Manifest.ShouldBe(plugin.Manifest);
    }

    [Theory]
    [InlineData(null, "program", "config not found")]
    [InlineData(PluginTar.Config, null, "no rootfs found")]
    [InlineData("{\"interface\":{\"types\":[1]}}", "program", "failed to parse config")]
    [InlineData("[]", "program", "failed to parse config")]
    [InlineData("null", "program", "failed to parse config")]
    public async Task A_tar_without_what_makes_a_plugin_is_refused_and_leaves_nothing(string? config, string? content, string why)
    {
        var refused = await Should.ThrowAsync<StorageException>(() => Images.CreatePluginAsync(PluginTar.Of(config, content), One, "a:latest", _ => { }, Ct));

        refused.Kind.ShouldBe(StorageError.InvalidInput);
        refused.Message.ShouldStartWith(why);
        MustBeEmpty();
    }

    [Theory]
    [InlineData("../outside", TarEntryType.RegularFile, "")]
    [InlineData("rootfs/../../outside", TarEntryType.RegularFile, "")]
    [InlineData("rootfs/link", TarEntryType.HardLink, "/etc/passwd")]
    [InlineData("rootfs/link", TarEntryType.HardLink, "config.json")]
    public async Task Names_that_lead_out_of_a_plugins_files_are_refused(string name, TarEntryType type, string target)
    {
        var tar = PluginTar.Of(writer =>
        {
            PluginTar.File(writer, "config.json", PluginTar.Config);
            PluginTar.File(writer, "rootfs/plugin", "program");
            var entry = new PaxTarEntry(type, name);
            if (target.Length > 0)
                entry.LinkName = target;
            writer.WriteEntry(entry);
        });

        var refused = await Should.ThrowAsync<StorageException>(() => Images.CreatePluginAsync(tar, One, "a:latest", _ => { }, Ct));

        refused.Kind.ShouldBe(StorageError.InvalidInput);
        MustBeEmpty();
    }

    [Fact]
    public async Task A_symbolic_link_of_a_plugin_leads_nothing_out_of_its_files()
    {
        var outside = Path.Combine(DataRoot, "outside");
        Directory.CreateDirectory(outside);
        var tar = PluginTar.Of(writer =>
        {
            PluginTar.File(writer, "config.json", PluginTar.Config);
            writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "rootfs/link") { LinkName = outside });
            PluginTar.File(writer, "rootfs/link/file", "escaped");
        });

        try
        {
            await Images.CreatePluginAsync(tar, One, "a:latest", _ => { }, Ct);
        }
        catch (StorageException)
        {
            // Refused, or put below its own files: both are right.
        }

        Directory.EnumerateFileSystemEntries(outside).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_plugin_goes_to_a_registry_as_dockers_do_and_comes_back_the_same()
    {
        var made = await CreateAsync(One, $"{Registry.Host}/test/volumes:v1");
        var pushed = await Images.PushPluginAsync(Client(), made, Name("test/volumes:v1"), null, null, Ct);
        pushed.Digest.ShouldBe(made.Manifest.Digest);
        var sent = JsonNode.Parse(Registry.RequestsFor("PUT", "/manifests/v1").Single().Body)!;
        sent["mediaType"]!.ToString().ShouldBe(MediaTypes.DockerManifest);
        sent["config"]!["mediaType"]!.ToString().ShouldBe("application/vnd.docker.plugin.v1+json");
        sent["layers"]![0]!["mediaType"]!.ToString().ShouldBe(MediaTypes.DockerLayerGzip);
        Images.RemovePlugin(One);

        (await Images.ReadPluginAsync(Client(), Name("test/volumes:v1"), null, Ct)).PropagatedMount.ShouldBe("/volumes");
        Images.Plugins().ShouldBeEmpty();
        var back = await PullAsync(Two, "b:latest", null);

        back.Manifest.ShouldBe(made.Manifest);
        back.Reference.ShouldBe($"{Registry.Host}/test/volumes:v1");
        File.ReadAllText(FileOf(back, "plugin")).ShouldBe("program");
        Reopen();
        Images.Plugins().ShouldHaveSingleItem().Id.ShouldBe(Two);
        (await Images.CheckAsync(repair: false, _ => null, _ => { }, Ct)).Findings.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_upgrade_keeps_what_was_set_and_a_refused_one_changes_nothing()
    {
        var made = await CreateAsync(One, "a:latest");
        await Images.PushPluginAsync(Client(), await CreateAsync(Two, "b:latest", PluginTar.Config.Replace("\"volumes\"", "\"newer\"", StringComparison.Ordinal), "newer"), Name("test/volumes:v1"), null, null, Ct);
        Images.SavePlugin(made with { Settings = made.Settings with { Env = ["LEVEL=9", "FIXED=a"], Mounts = [made.Settings.Mounts[0] with { Source = "/srv" }] } });
        var before = Images.Plugins().Single(plugin => plugin.Id == One);

        await Should.ThrowAsync<InvalidOperationException>(() => Images.PullPluginAsync(Client(), Name("test/volumes:v1"), null, One, "a:latest", before, _ => throw new InvalidOperationException("not granted"), null, Ct));
        Images.Plugins().Single(plugin => plugin.Id == One).ShouldBe(before);
        File.ReadAllText(FileOf(before, "plugin")).ShouldBe("program");

        var after = await PullAsync(One, "a:latest", before);

        after.Config.Description.ShouldBe("newer");
        after.Settings.Env.ShouldBe(["LEVEL=9", "FIXED=a"]);
        after.Settings.Mounts.ShouldHaveSingleItem().Source.ShouldBe("/srv");
        after.Files.ShouldNotBe(before.Files);
        File.ReadAllText(FileOf(after, "plugin")).ShouldBe("newer");
        Directory.Exists(Path.Combine(Images.PluginDirectory(One), before.Files)).ShouldBeFalse();
        Images.RemovePlugin(Two);
        File.Exists(BlobPath(after.Layers[0])).ShouldBeTrue();
        File.Exists(BlobPath(before.Layers[0])).ShouldBeFalse();
    }

    [Fact]
    public async Task An_image_is_no_plugin_and_a_plugin_no_image()
    {
        TestImage.Publish(Registry, "app", "v1", TestImage.Layer("a", 100));
        (await Should.ThrowAsync<StorageException>(() => PullAsync(One, "a:latest", null, "app:v1"))).Message.ShouldContain("is no plugin");
        MustBeEmpty();

        await Images.PushPluginAsync(Client(), await CreateAsync(One, "b:latest"), Name("test/volumes:v1"), null, null, Ct);
        (await Should.ThrowAsync<StorageException>(() => PullAsync("test/volumes:v1"))).Message.ShouldContain("is no container image");
    }

    [Fact]
    public async Task Where_a_plugin_says_a_volume_is_stays_within_what_is_its_own()
    {
        var plugin = new ManagedPlugin(await CreateAsync(One, "a:latest"), Images.PluginDirectory(One), Path.Combine(DataRoot, "sockets"), null);
        Directory.CreateDirectory(Path.Combine(plugin.PropagatedMount, "v"));
        Directory.CreateSymbolicLink(Path.Combine(plugin.PropagatedMount, "etc"), "/etc");
        Directory.CreateSymbolicLink(Path.Combine(plugin.PropagatedMount, "up"), "../../../..");

        Opened("/volumes/v").ShouldBe(Path.Combine(plugin.PropagatedMount, "v"));
        Opened("/volumes/up/v").ShouldBe(Path.Combine(plugin.PropagatedMount, "v"));
        Opened("/volumes/../../../v").ShouldBe(Path.Combine(plugin.PropagatedMount, "v"));
        Opened("/volumes/etc").ShouldBeNull();
        Opened("/volumes/none").ShouldBeNull();
        Opened("volumes/v").ShouldBeNull();
        Opened("/").ShouldBe(Path.Combine(plugin.Directory, plugin.Record.Files));
        Opened("/volumesv").ShouldBeNull();
        plugin.Shown("/volumes/../v").ShouldBe(Path.Combine(plugin.PropagatedMount, "v"));

        string? Opened(string inside)
        {
            using var found = plugin.OpenDirectory(inside);
            return found is null ? null : new FileInfo(found.ProcPath).LinkTarget;
        }
    }

    [Fact]
    public async Task A_plugin_is_found_by_name_tag_and_id_and_only_if_it_can_be_used()
    {
        var plugins = new ManagedPlugins();
        var one = await CreateAsync(One, "test/a:latest");
        var two = await CreateAsync("1" + Two[1..], "test/b:v2");
        plugins.Set(new ManagedPlugin(one with { Enabled = true }, "/d", "/s", null));
        plugins.Set(new ManagedPlugin(two, "/d", "/s", null));

        plugins.Find("test/a").ShouldNotBeNull().Record.Id.ShouldBe(One);
        plugins.Find("test/a:latest").ShouldNotBeNull();
        plugins.Find(One).ShouldNotBeNull();
        plugins.Find("111").ShouldNotBeNull().Record.Id.ShouldBe(One);
        plugins.Find("docker.io/test/b:v2").ShouldNotBeNull().Record.Id.ShouldBe(two.Id);
        foreach (var nothing in new[] { "test/b", "test/a:v2", "", "..", "../x", "3", $"test/a@{one.Manifest.Digest}" })
            plugins.Find(nothing).ShouldBeNull(nothing);
        Should.Throw<StorageException>(() => plugins.Find("1")).Message.ShouldBe("multiple plugins found for \"1\"");

        plugins.Find("test/a", "volumedriver").ShouldNotBeNull();
        Should.Throw<StorageException>(() => plugins.Find("test/a", "authz")).Message.ShouldContain("does not provide \"authz\" capability");
        Should.Throw<StorageException>(() => plugins.Find("test/b:v2", "volumedriver")).Message.ShouldBe("plugin test/b:v2 found but disabled");
        plugins.Set(new ManagedPlugin(one with { Enabled = true }, "/d", "/s", "it ended"));
        Should.Throw<StorageException>(() => plugins.Find("test/a", "volumedriver")).Kind.ShouldBe(StorageError.Unavailable);
        plugins.Remove(One);
        plugins.Find("test/a").ShouldBeNull();
    }

    private Task<PluginRecord> CreateAsync(string id, string name, string config = PluginTar.Config, string content = "program") =>
        Images.CreatePluginAsync(PluginTar.Of(config, content), id, name, _ => { }, Ct);

    private Task<PluginRecord> PullAsync(string id, string name, PluginRecord? before, string remote = "test/volumes:v1") =>
        Images.PullPluginAsync(Client(), Name(remote), null, id, name, before, _ => { }, null, Ct);

    private string FileOf(PluginRecord plugin, string name) => Path.Combine(Images.PluginDirectory(plugin.Id), plugin.Files, name);

    private string BlobPath(Descriptor blob) => Path.Combine(DataRoot, "content", "blobs", "sha256", blob.Digest.Hex);

    private void MustBeEmpty()
    {
        Images.Plugins().ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(Path.Combine(DataRoot, "plugins")).ShouldBeEmpty();
        Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "blobs", "sha256")).ShouldBeEmpty();
        Directory.EnumerateFiles(Path.Combine(DataRoot, "content", "ingest")).ShouldBeEmpty();
    }
}
