using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using Sampan.Linux.Files;
using Sampan.Linux.Io;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;
using Sampan.Storage.Building;
using Sampan.Storage.Images;
using Sampan.Storage.Trees;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Layers whose files are made of a draft itself, beside its tar: they are what the tar would have given.</summary>
public sealed class DraftLayerTests : StorageTest
{
    private static readonly byte[] s_large = [.. Enumerable.Range(0, 5_000_003).Select(i => (byte)(i * 7 + i / 1000))];

    private readonly ImageStore _store;
    private readonly ImageStore _byTar;

    public DraftLayerTests()
    {
        _store = ImageStore.Open(In("data"), TimeProvider.System);
        _byTar = ImageStore.Open(In("by-tar"), TimeProvider.System);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Files_and_digest_are_those_of_the_tar(bool isCapped)
    {
        using var tree = Read(Everything());
        DateTimeOffset? latest = isCapped ? DateTimeOffset.FromUnixTimeSeconds(1500) : null;

        var step = await DraftAsync(_store, tree, CopyLooks.AsTheyAre, latest);
        using var draft = Fill(_byTar, tree, CopyLooks.AsTheyAre);
        var expected = await _byTar.StackAsync(null, Platform.Current, tar => draft.WriteTo(tar, latest, CancellationToken.None), CancellationToken.None);

        step.DiffIds.ShouldBe(expected.DiffIds);
        step.Id.ShouldBe(expected.Id);
        Tar(In("data/layers/1")).ShouldBe(Tar(In("by-tar/layers/1")));
        step.Layers.Select(layer => layer.Size).ShouldBe(expected.Layers.Select(layer => layer.Size));
    }

    [Fact]
    public async Task Owners_and_permissions_are_those_that_were_asked_for()
    {
        using var tree = Read(Everything());
        var looks = new CopyLooks { Owner = (7, 8), Mode = static (mode, isDirectory) => isDirectory ? (UnixFileMode)0x1c9 : (UnixFileMode)0x924 };
        await DraftAsync(_store, tree, looks, null);
        using var draft = Fill(_byTar, tree, looks);
        await _byTar.StackAsync(null, Platform.Current, tar => draft.WriteTo(tar, null, CancellationToken.None), CancellationToken.None);
        Tar(In("data/layers/1")).ShouldBe(Tar(In("by-tar/layers/1")));
        Look("data/layers/1/to/large").Uid.ShouldBe(7u);
        Look("data/layers/1/to/large").Mode.ShouldBe((UnixFileMode)0x924);
    }

    [Fact]
    public async Task A_large_file_is_given_to_the_first_layer_and_copied_for_others()
    {
        var (contents, tree) = Keep(new TestLayer().File("large", s_large, time: new FileTime(1000, 5)), []);
        using var kept = contents;
        contents.Bytes.ShouldBeGreaterThanOrEqualTo(s_large.Length);

        var first = await DraftAsync(_store, tree, CopyLooks.AsTheyAre, null);
        // Its only name is the layer's, and it is counted there.
        Look("data/layers/1/to/large").LinkCount.ShouldBe(1u);
        contents.Bytes.ShouldBe(0);

        var second = await DraftAsync(_store, tree, new CopyLooks { Owner = (1, 2) }, null);
        Look("data/layers/2/to/large").Inode.ShouldNotBe(Look("data/layers/1/to/large").Inode);
        Look("data/layers/2/to/large").Uid.ShouldBe(1u);
        Look("data/layers/1/to/large").Uid.ShouldBe(0u);

        // With the layer goes the name; the context has the content all the same.
        _store.ForgetStep(first.Id);
        File.Exists(In("data/layers/1/to/large")).ShouldBeFalse();
        await DraftAsync(_store, tree, CopyLooks.AsTheyAre, null);
        foreach (var layer in new[] { "2", "3" })
            File.ReadAllBytes(In($"data/layers/{layer}/to/large")).AsSpan().SequenceEqual(s_large).ShouldBeTrue();
        _store.ForgetStep(second.Id);
        File.ReadAllBytes(In("data/layers/3/to/large")).AsSpan().SequenceEqual(s_large).ShouldBeTrue();
    }

    [Fact]
    public async Task A_large_file_of_a_layer_can_be_executed_while_its_context_is_kept()
    {
        var program = Encoding.ASCII.GetBytes("#!/bin/sh\nexit 7\n" + new string('#', 5 << 20));
        var (contents, tree) = Keep(new TestLayer().File("large", program, mode: 0x1ed), []);
        using var kept = contents;
        await DraftAsync(_store, tree, CopyLooks.AsTheyAre, null);
        using var process = await StartAsync(In("data/layers/1/to/large"));
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(7);
    }

    // A process that another test just forked may have the file open for writing until it executes its program.
    private static async Task<Process> StartAsync(string path)
    {
        const int TextFileBusy = 26;
        var until = DateTime.UtcNow.AddSeconds(30);
        while (true)
        {
            try
            {
                return Process.Start(path);
            }
            catch (Win32Exception busy) when (busy.NativeErrorCode == TextFileBusy && DateTime.UtcNow < until)
            {
                await Task.Delay(20, TestContext.Current.CancellationToken);
            }
        }
    }

    [Fact]
    public async Task A_file_that_was_not_to_be_kept_is_there_for_its_build_and_goes_with_the_next_context()
    {
        // Too young to be known by its times.
        var (contents, tree) = Keep(new TestLayer().File("large", s_large), [new("large", "")]);
        using var kept = contents;
        await DraftAsync(_store, tree, CopyLooks.AsTheyAre, null);
        File.ReadAllBytes(In("data/layers/1/to/large")).AsSpan().SequenceEqual(s_large).ShouldBeTrue();
        var open = OpenDescriptors();

        for (var i = 0; i < 3; i++)
        {
            var other = new OfferedContext(contents, []);
            using var next = SourceTree.ReadArchive(new MemoryStream(new TestLayer().File("small", "x").ToTar()), In("spool"), ArchiveLimits.Default, asRoot: true, CancellationToken.None, other);
        }
        contents.Has("large", "").ShouldBeFalse();
        OpenDescriptors().ShouldBe(open - 1);
    }

    [Fact]
    public async Task What_means_something_else_in_a_tar_goes_by_the_tar()
    {
        var layer = new TestLayer().File(".wh.gone", "").File("stays", "x");
        for (var i = 0; i < 100; i++)
            layer.File($"many/{i}", "y");
        using var tree = Read(layer);
        await DraftAsync(_store, tree, CopyLooks.AsTheyAre, null);
        var gone = Look("data/layers/1/to/gone");
        gone.Kind.ShouldBe(FileKind.CharacterDevice);
        File.Exists(In("data/layers/1/to/.wh.gone")).ShouldBeFalse();
    }

    [Fact]
    public async Task One_whose_source_is_gone_or_that_is_given_up_leaves_nothing()
    {
        var tree = Read(Everything());
        var draft = Fill(_store, tree, CopyLooks.AsTheyAre);
        await Should.ThrowAsync<OperationCanceledException>(() => _store.StackDraftAsync(null, Platform.Current, draft, null, new CancellationToken(true)));
        tree.Dispose();
        await Should.ThrowAsync<ObjectDisposedException>(() => _store.StackDraftAsync(null, Platform.Current, draft, null, CancellationToken.None));
        draft.Dispose();
        Directory.GetDirectories(In("data/layers")).ShouldBeEmpty();
        Directory.GetFiles(In("data/content/ingest")).ShouldBeEmpty();
        OpenDescriptors().ShouldBe(0);
    }

    [Fact]
    public async Task It_lies_on_what_is_below()
    {
        var ct = TestContext.Current.CancellationToken;
        var below = await _store.StackAsync(null, Platform.Current, tar => tar.Write(new TestLayer().Directory("to/", mode: 0x1c0, uid: 5).File("to/d1/base", "base").Symlink("link", "/to").ToTar()), ct);
        using var tree = Read(Everything());
        using var draft = _store.Draft(below, DateTimeOffset.UnixEpoch);
        draft.CopyContent(tree.Root, "/link", CopyLooks.AsTheyAre);
        var step = await _store.StackDraftAsync(below, Platform.Current, draft, null, ct);
        using var view = _store.TryOpenView(step).ShouldNotBeNull();
        view.ReadFile("/to/d1/base", 10).ShouldBe("base"u8.ToArray());
        view.ReadFile("/to/d1/file1", 100).ShouldBe("content 1"u8.ToArray());
        Look("data/layers/2/to").Uid.ShouldBe(5u);
        Look("data/layers/2/to").Mode.ShouldBe((UnixFileMode)0x1c0);
    }

    // Of all that a context may have, more than a few, in directories that several threads fill.
    private static TestLayer Everything()
    {
        var layer = new TestLayer().File("large", s_large, mode: 0x9ed, time: new FileTime(2000, 123_456_789)).HardLink("zz-large-too", "large");
        for (var d = 0; d < 20; d++)
        {
            layer.Directory($"d{d}/", mode: d % 2 == 0 ? 0x1ed : 0x5f8, time: new FileTime(1000 + d, d));
            for (var i = 0; i < 30; i++)
                layer.File($"d{d}/file{i}", $"content {i}", mode: i % 3 == 0 ? 0x100 : 0x1a4, time: new FileTime(-5 + i * 100, 999_999_999));
            layer.Directory($"d{d}/below/", time: new FileTime(77, 7)).File($"d{d}/below/é\n{d}", "").HardLink($"d{d}/below/another", $"d{d}/file1").Symlink($"d{d}/out", "/etc/passwd").Symlink($"d{d}/below/up", "../../large");
        }
        return layer.File("attributes", "x", attributes: ("user.note", "some"u8.ToArray())).File("empty", "");
    }

    private SourceTree Read(TestLayer layer) => SourceTree.ReadArchive(new MemoryStream(layer.ToTar()), In("spool"), ArchiveLimits.Default, asRoot: true, CancellationToken.None);

    private (KeptContents Contents, SourceTree Tree) Keep(TestLayer layer, IReadOnlyList<KeyValuePair<string, string>> files)
    {
        var contents = new KeptContents(In("spool"));
        if (files.Count == 0)
            files = [new("large", "1")];
        return (contents, SourceTree.ReadArchive(new MemoryStream(layer.ToTar()), In("spool"), ArchiveLimits.Default, asRoot: true, CancellationToken.None, new OfferedContext(contents, files)));
    }

    private static LayerDraft Fill(ImageStore store, SourceTree tree, CopyLooks looks)
    {
        var draft = store.Draft(null, DateTimeOffset.UnixEpoch);
        draft.CopyContent(tree.Root, "/to", looks);
        return draft;
    }

    private static async Task<ImageRecord> DraftAsync(ImageStore store, SourceTree tree, CopyLooks looks, DateTimeOffset? latest)
    {
        using var draft = Fill(store, tree, looks);
        return await store.StackDraftAsync(null, Platform.Current, draft, latest, CancellationToken.None);
    }

    private static byte[] Tar(string directory)
    {
        using var output = new MemoryStream();
        using var handle = DirectoryHandle.Open(directory);
        var tar = new TarWriter(output);
        new TreeWriter(tar, CancellationToken.None).WriteContent(handle, "");
        tar.End();
        return output.ToArray();
    }

    private FileStatus Look(string path)
    {
        using var parent = DirectoryHandle.Open(Path.GetDirectoryName(In(path))!);
        parent.TryStat(Encoding.UTF8.GetBytes(Path.GetFileName(path)), out var status).ShouldBeTrue();
        return status;
    }
}
