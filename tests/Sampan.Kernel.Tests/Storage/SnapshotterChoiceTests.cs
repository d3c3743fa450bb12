using Sampan.Linux.Files;
using Sampan.Storage.Archives;
using Sampan.Storage.Snapshots;

namespace Sampan.Kernel.Tests.Storage;

public sealed class SnapshotterChoiceTests : StorageTest
{
    [Fact]
    public void Overlay_is_chosen_on_an_ordinary_file_system()
    {
        using var home = DirectoryHandle.Open(Home);
        if (home.Descriptor.FileSystemMagic() is not (0xef53 or 0x58465342 or 0x9123683e or 0x01021994))
            Assert.Skip("the temporary directory is on neither ext4, xfs, btrfs nor tmpfs");

        SnapshotterChoice.Open(ImageStoreTests.OpenStore(In("data")), out var reason).ShouldBeOfType<OverlaySnapshotter>();
        reason.ShouldBeNull();
    }

    [Fact]
    public void Marks_as_files_hide_the_same_as_the_kernels_own()
    {
        var layers = new[]
        {
            new TestLayer().Directory("d/").File("d/a", "1").File("d/b", "1").Directory("o/").File("o/x", "1").Directory("gone/").File("gone/y", "1").File("f", "1").Directory("r/").File("r/old", "1").File("s/t/u", "1"),
            new TestLayer().File("d/.wh.a").File(".wh.gone").Directory("o/").File("o/.wh..wh..opq").File("o/z", "2").File(".wh.r").Directory("r/").File("r/new", "2").File("f", "2").File("s/.wh.t").File("s/t/v", "2"),
            new TestLayer().Directory("gone/").File("gone/back", "3").File(".wh.f"),
        }.Select(layer => layer.ToTar()).ToArray();
        var shown = new List<string[]>();
        foreach (var style in new[] { WhiteoutStyle.Kernel, WhiteoutStyle.Files })
        {
            var directories = layers.Select((_, i) => In($"{style}{i}")).ToArray();
            for (var i = 0; i < layers.Length; i++)
            {
                Directory.CreateDirectory(directories[i]);
                using var root = DirectoryHandle.Open(directories[i]);
                using var unpacker = new LayerUnpacker(root, ArchiveLimits.Default, style);
                unpacker.Unpack(new MemoryStream(layers[i]), CancellationToken.None);
            }
            using var view = new RootView([.. Enumerable.Reverse(directories)], writable: null, style);
            var copy = Directory.CreateDirectory(In("copy-" + style)).FullName;
            view.CopyTo("/", copy);
            shown.Add([.. Directory.GetFileSystemEntries(copy, "*", SearchOption.AllDirectories).Select(path => path[copy.Length..]).Order(StringComparer.Ordinal)]);
            view.Stat("/f").ShouldBeNull();
            view.Stat("/r/old").ShouldBeNull();
            view.Stat("/gone/y").ShouldBeNull();
            view.ReadFile("/r/new", 10).ShouldBe("2"u8.ToArray());
        }

        shown[0].ShouldBe(["/d", "/d/b", "/gone", "/gone/back", "/o", "/o/z", "/r", "/r/new", "/s", "/s/t", "/s/t/v"]);
        shown[1].ShouldBe(shown[0]);
    }
}
