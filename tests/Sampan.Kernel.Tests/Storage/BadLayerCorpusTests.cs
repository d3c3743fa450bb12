using System.Text;
using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage;
using Sampan.Storage.Archives;
using Sampan.Storage.Distribution;
using Sampan.Storage.Images;
using Sampan.Storage.Images.Changes;
using Sampan.Storage.Images.Remotes;
using Sampan.Storage.Tests.Distribution;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>
/// A corpus of layers that no honest tool writes, each brought in by every way there is: <c>load</c> of a docker-archive and of an OCI layout,
/// <c>import</c>, and <c>pull</c>, unpacked as it arrives and afterwards. One that is refused is refused with one error and leaves the store
/// as it was; one that is taken touches nothing outside, and goes without a trace.
/// </summary>
public sealed class BadLayerCorpusTests : StorageTest
{
    private static readonly Dictionary<string, Func<byte[]>> Bad = new(StringComparer.Ordinal)
    {
        ["no tar"] = () => Encoding.ASCII.GetBytes(new string('x', 3000)),
        ["nothing at all"] = () => [],
        ["cut off in a header"] = () => Honest()[..700],
        ["cut off at a block"] = () => Honest()[..1024],
        ["cut off in a file"] = () => Honest()[..2000],
        ["an empty block between entries"] = () => [.. new TestLayer().Directory("a/").ToTar()[..512], .. new byte[512], .. Honest()],
        ["a wrong checksum"] = () => Changed(Honest(), 100, (byte)'9'),
        ["a size of a terabyte"] = () => [.. Raw("large", '0', new byte[512], 1L << 40), .. new byte[1024]],
        ["a negative size"] = () => Sized([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xf0]),
        ["a size that is no number"] = () => Sized("12345x7890\0\0"u8),
        ["an extended header of 2 MiB"] = () => [.. Raw("x", 'x', new byte[2 * 1024 * 1024]), .. Honest()],
        ["an extended header of a terabyte"] = () => [.. Raw("x", 'x', new byte[512], 1L << 40), .. Honest()],
        ["an extended record longer than its header"] = () => [.. Raw("x", 'x', "999 path=a\n"u8), .. Honest()],
        ["an extended record without a length"] = () => [.. Raw("x", 'x', "path=a\n"u8), .. Honest()],
        ["an extended size that lies"] = () => [.. Pax("size=99999999999"), .. Raw("f", '0', new byte[512]), .. new byte[1024]],
        ["an extended header at the end"] = () => [.. Pax("path=a"), .. new byte[1024]],
        ["a long name of 8000 bytes"] = () => [.. Raw("././@LongLink", 'L', Encoding.ASCII.GetBytes(string.Join('/', Enumerable.Repeat("name", 1600)))), .. Honest()],
        ["a name longer than a file system takes"] = () => new TestLayer().File(new string('n', 300), "x").ToTar(),
        ["a sparse map behind the end"] = () => [.. Pax("GNU.sparse.size=10", "GNU.sparse.map=8,50"), .. Raw("f", '0', new byte[50]), .. new byte[1024]],
        ["a sparse map of a hundred million parts"] = () => [.. Pax("GNU.sparse.major=1", "GNU.sparse.minor=0", "GNU.sparse.realsize=100"), .. Raw("f", '0', Encoding.ASCII.GetBytes("100000000\n".PadRight(512, '0'))), .. new byte[1024]],
        ["a sparse file of eight exabytes"] = () => [.. Pax("GNU.sparse.size=9223372036854775807", "GNU.sparse.map=0,1"), .. Raw("f", '0', new byte[1]), .. new byte[1024]],
        ["a name that leads out"] = () => new TestLayer().File("a/../../escape", "x").ToTar(),
        ["an absolute name that leads out"] = () => new TestLayer().File("/../escape", "x").ToTar(),
        ["a hard link to the host's passwd"] = () => new TestLayer().HardLink("stolen", "/etc/passwd").ToTar(),
        ["a hard link through a link"] = () => new TestLayer().Symlink("out", "/etc").HardLink("stolen", "out/passwd").ToTar(),
        ["a hard link to nothing"] = () => new TestLayer().HardLink("a", "b").ToTar(),
        ["a hard link to a directory"] = () => new TestLayer().Directory("d/").HardLink("a", "d").ToTar(),
        ["links in a circle"] = () => new TestLayer().Symlink("a", "b").Symlink("b", "a").File("a/x", "x").ToTar(),
        ["a file used as a directory"] = () => new TestLayer().File("f", "x").File("f/x", "x").ToTar(),
        ["a root that is a link"] = () => new TestLayer().Symlink("./", "/etc").ToTar(),
        ["a whiteout of the directory above"] = () => new TestLayer().File(".wh...", "").ToTar(),
        ["a whiteout of nothing"] = () => new TestLayer().File("d/.wh.", "").ToTar(),
        ["a thousandfold of itself"] = () => new TestLayer().File("zeros", new byte[6_000_000]).ToTar(),
    };

    private static readonly Dictionary<string, Func<byte[]>> Odd = new(StringComparer.Ordinal)
    {
        ["absolute names"] = () => new TestLayer().File("/etc/hostname", "overwritten").File("//tmp//x", "x").ToTar(),
        ["links to everywhere"] = () => new TestLayer().Symlink("a", "/").Symlink("b", "../../../../../../etc").Symlink("c", "/proc/1/root").ToTar(),
        ["a chain of links"] = () => new TestLayer().Directory("real/").Symlink("a", "real").Symlink("b", "a").Symlink("c", "b").File("c/x", "x").ToTar(),
        ["devices"] = () => new TestLayer().Device("null", 1, 3).Device("memory", 1, 1).Device("odd", 4095, 1048575).ToTar(),
        ["whiteouts with nothing below"] = () => new TestLayer().File(".wh.gone", "").Directory("d/").File("d/.wh..wh..opq", "").File("d/.wh.x", "").ToTar(),
        ["an opaque root"] = () => new TestLayer().File(".wh..wh..opq", "").File("x", "x").ToTar(),
        ["notes of AUFS"] = () => new TestLayer().File(".wh..wh.plnk", "x").File(".wh..wh.aufs", "x").ToTar(),
        ["bytes behind the end"] = () => [.. Honest(), .. Encoding.ASCII.GetBytes(new string('z', 5000))],
        ["the same name a hundred times"] = () => Enumerable.Range(0, 100).Aggregate(new TestLayer(), (layer, i) => i % 2 == 0 ? layer.File("x", "x") : layer.Directory("x/").File("x/y", "y")).ToTar(),
        ["extended records that nobody knows"] = () => [.. Pax("VENDOR.thing=1", "comment=anything"), .. Honest()],
        ["a sparse file of sixty megabytes of nothing"] = () => [.. Pax("GNU.sparse.size=60000000", "GNU.sparse.map=0,1"), .. Raw("f", '0', new byte[1]), .. new byte[1024]],
        ["names that are no text"] = () => new TestLayer().Add(new TarEntry { Kind = TarEntryKind.File, Name = RawName.Of([0xff, 0xfe, 0x01, (byte)'\n', 0x1b]) }).ToTar(),
        ["all permission bits and owners without a name"] = () => new TestLayer().File("x", "x", 0xfff, uint.MaxValue - 1, uint.MaxValue - 1).ToTar(),
    };

    private readonly ImageStore _store;

    public BadLayerCorpusTests()
    {
        _store = ImageStoreTests.OpenStore(In("data"), new ArchiveLimits { MaxRatio = 100, RatioFloorBytes = 200_000 });
        _store.LoadAsync(new MemoryStream(new TestImage().Layer(Honest()).ToDockerArchive("kept:1")), null, CancellationToken.None).GetAwaiter().GetResult();
        Directory.CreateDirectory(In("outside"));
    }

    public static TheoryData<string> BadNames => [.. Bad.Keys];

    public static TheoryData<string> OddNames => [.. Odd.Keys];

    [Theory, MemberData(nameof(BadNames))]
    public async Task A_bad_layer_is_refused_whichever_way_it_comes_and_leaves_nothing(string what)
    {
        var layer = Bad[what]();
        var before = Listing();
        foreach (var (way, bring) in Ways(layer))
        {
            var refused = await Should.ThrowAsync<Exception>(bring, way);

            (refused is StorageException { Kind: StorageError.Corrupt or StorageError.InvalidInput or StorageError.NotSupported }).ShouldBeTrue($"{way}: {refused}");
            refused.Message.ShouldNotContain("\n", customMessage: way);
            refused.Message.Length.ShouldBeInRange(10, 1000, way);
            Listing().ShouldBe(before, way);
        }
        _store.List().ShouldHaveSingleItem().RepoTags.ShouldHaveSingleItem().Familiar.ShouldBe("kept:1");
        (await _store.CheckAsync(false, _ => null, _ => { }, CancellationToken.None)).Findings.ShouldBeEmpty();
    }

    [Theory, MemberData(nameof(OddNames))]
    public async Task An_odd_layer_is_taken_as_others_take_it_and_goes_without_a_trace(string what)
    {
        var layer = Odd[what]();
        var before = Listing();
        foreach (var (_, bring) in Ways(layer))
        {
            var image = await bring();
            (await _store.CheckAsync(false, _ => null, _ => { }, CancellationToken.None)).Findings.ShouldBeEmpty();
            _store.Remove(image.Id.ToString(), force: true, noPrune: false, _ => null);

            Listing().ShouldBe(before);
        }
    }

    private List<(string Name, Func<Task<ImageRecord>> Bring)> Ways(byte[] layer)
    {
        var image = new TestImage().Layer(layer);
        var files = image.OciFiles("bad", TestImage.Gzip, nested: false, MediaTypes.OciManifest);
        async Task<ImageRecord> Load(byte[] archive) => (await _store.LoadAsync(new MemoryStream(archive), null, CancellationToken.None))[0].Image;
        return
        [
            ("load of an OCI layout", () => Load(TestImage.Archive(files))),
            ("load of a docker-archive", () => Load(DockerArchive(image, TestImage.Gzip(layer)))),
            ("import", () => _store.ImportAsync(new MemoryStream(TestImage.Gzip(layer)), new ImageImport(), CancellationToken.None)),
            ("pull", () => PullAsync(files, long.MaxValue)),
            ("pull, unpacked as it arrives", () => PullAsync(files, 1)),
        ];
    }

    private async Task<ImageRecord> PullAsync(Dictionary<string, byte[]> files, long aheadBytes)
    {
        await using var registry = new TestRegistry();
        foreach (var blob in files.Where(file => file.Key.StartsWith("blobs/", StringComparison.Ordinal)))
            registry.AddBlob("bad", blob.Value);
        var manifest = files[$"blobs/sha256/{JsonSerializer.Deserialize(files["index.json"], OciImageJson.Default.ImageIndex)!.Manifests[0].Digest.Hex}"];
        registry.AddManifest("bad", "v1", manifest, MediaTypes.OciManifest);
        using var registries = new Registries(new RegistryOptions { CertificateDirectories = [], RetryDelay = TimeSpan.FromMilliseconds(1), UnpackAheadBytes = aheadBytes }, TimeProvider.System);
        return (await _store.PullAsync(registries, ImageReference.Parse($"{registry.Host}/bad:v1"), new PullOptions(), null, CancellationToken.None)).Image;
    }

    private static byte[] DockerArchive(TestImage image, byte[] compressed) => TestImage.Archive(new()
    {
        ["c.json"] = image.Config(),
        ["l.tar"] = compressed,
        ["manifest.json"] = """[{"Config":"c.json","RepoTags":["bad:1"],"Layers":["l.tar"]}]"""u8.ToArray(),
    });

    private static byte[] Honest() => new TestLayer().Directory("etc/").File("etc/base", new string('b', 3000)).ToTar();

    // Nothing new, nothing gone; the file with the names is written anew.
    private List<string> Listing() =>
        [.. Directory.EnumerateFileSystemEntries(Home, "*", SearchOption.AllDirectories).Select(path => File.Exists(path) && !path.EndsWith("references.json", StringComparison.Ordinal) ? $"{path} {new FileInfo(path).Length}" : path).Order(StringComparer.Ordinal)];

    private static byte[] Sized(ReadOnlySpan<byte> size)
    {
        var block = Raw("f", '0', []);
        size.CopyTo(block.AsSpan(124));
        FixChecksum(block);
        return [.. block, .. new byte[1024]];
    }

    private static byte[] Changed(byte[] tar, int at, byte value)
    {
        tar[at] = value;
        return tar;
    }

    private static byte[] Pax(params string[] records)
    {
        using var content = new MemoryStream();
        foreach (var record in records)
            PaxRecords.Append(content, record.Split('=')[0], Encoding.ASCII.GetBytes(record[(record.IndexOf('=') + 1)..]));
        return Raw("x", 'x', content.ToArray());
    }

    private static byte[] Raw(string name, char type, ReadOnlySpan<byte> content, long? size = null)
    {
        var block = new byte[512 + (content.Length + 511) / 512 * 512];
        Encoding.ASCII.GetBytes(name).CopyTo(block, 0);
        "0000644\0"u8.CopyTo(block.AsSpan(100));
        Encoding.ASCII.GetBytes(Convert.ToString(size ?? content.Length, 8).PadLeft(size is null ? 11 : 12, '0')).CopyTo(block, 124);
        block[156] = (byte)type;
        "ustar\000"u8.CopyTo(block.AsSpan(257));
        content.CopyTo(block.AsSpan(512));
        FixChecksum(block.AsSpan(0, 512));
        return block;
    }

    private static void FixChecksum(Span<byte> header)
    {
        header.Slice(148, 8).Fill((byte)' ');
        var sum = 0;
        foreach (var value in header[..512])
            sum += value;
        Encoding.ASCII.GetBytes(Convert.ToString(sum, 8).PadLeft(6, '0') + "\0 ").CopyTo(header[148..]);
    }
}
