using System.Text;
using System.Text.Json;
using Sampan.Linux.Files;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;

namespace Sampan.Kernel.Tests.Storage;

/// <summary>Builds image archives as docker and other tools write them.</summary>
internal sealed class TestImage
{
    internal List<byte[]> Layers { get; } = [];

    internal ImageDefaults Defaults { get; init; } = new() { Cmd = ["sh"] };

    internal string Os { get; init; } = "linux";

    internal string Architecture { get; init; } = Platform.Current.Architecture;

    internal TestImage Layer(byte[] tar)
    {
        Layers.Add(tar);
        return this;
    }

    internal byte[] Config() => JsonSerializer.SerializeToUtf8Bytes(
        new ImageConfig
        {
            Created = new DateTimeOffset(2024, 5, 6, 7, 8, 9, TimeSpan.Zero),
            Architecture = Architecture,
            Os = Os,
            Config = Defaults,
            RootFs = new RootFileSystem { Type = "layers", DiffIds = [.. Layers.Select(layer => Digest.Of(layer))] },
            History = [.. Layers.Select((_, i) => new HistoryEntry { CreatedBy = $"step {i}" }), new HistoryEntry { CreatedBy = "CMD", EmptyLayer = true }],
        },
        OciImageJson.Default.ImageConfig);

    internal Digest Id => Digest.Of(Config());

    /// <summary>As docker 20.10 saves: layers in directories, the layer's tar plain.</summary>
    internal byte[] ToDockerArchive(params string[] names) => DockerArchive([(this, names)]);

    internal static byte[] DockerArchive(params (TestImage Image, string[] Names)[] images)
    {
        var files = new Dictionary<string, byte[]>();
        var manifests = new List<string>();
        foreach (var (image, names) in images)
        {
            var config = image.Id.Hex + ".json";
            files[config] = image.Config();
            var layers = image.Layers.Select((layer, i) => (Path: $"{Digest.Of(layer).Hex}/layer.tar", Content: layer)).ToList();
            foreach (var (path, content) in layers)
                files[path] = content;
            manifests.Add($$"""{"Config":"{{config}}","RepoTags":[{{Quote(names)}}],"Layers":[{{Quote(layers.Select(layer => layer.Path))}}]}""");
        }
        files["manifest.json"] = Encoding.UTF8.GetBytes($"[{string.Join(',', manifests)}]");
        files["repositories"] = "{}"u8.ToArray();
        return Archive(files);
    }

    /// <summary>An OCI layout with compressed layers, as BuildKit and skopeo write it.</summary>
    internal byte[] ToOciLayout(string? name, Func<byte[], byte[]>? compress = null, bool nested = false, string manifestType = MediaTypes.OciManifest)
    {
        var files = OciFiles(name, compress, nested, manifestType);
        return Archive(files);
    }

    internal Dictionary<string, byte[]> OciFiles(string? name, Func<byte[], byte[]>? compress, bool nested, string manifestType)
    {
        var files = new Dictionary<string, byte[]> { ["oci-layout"] = """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray() };
        Descriptor Put(byte[] content, string mediaType)
        {
            var digest = Digest.Of(content);
            files[$"blobs/sha256/{digest.Hex}"] = content;
            return new Descriptor { MediaType = mediaType, Digest = digest, Size = content.Length };
        }
        var isDocker = manifestType == MediaTypes.DockerManifest;
        var manifest = new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = manifestType,
            Config = Put(Config(), isDocker ? MediaTypes.DockerConfig : MediaTypes.OciConfig),
            Layers = [.. Layers.Select(layer => Put(compress?.Invoke(layer) ?? layer, compress is null ? (isDocker ? MediaTypes.DockerLayer : MediaTypes.OciLayer) : (isDocker ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip)))],
        };
        var descriptor = Put(JsonSerializer.SerializeToUtf8Bytes(manifest, OciImageJson.Default.ImageManifest), manifestType);
        var platform = new Platform { Os = Os, Architecture = Architecture };
        if (nested)
        {
            var other = new Descriptor { MediaType = manifestType, Digest = Digest.Of("elsewhere"u8), Size = 5, Platform = new Platform { Os = "linux", Architecture = "s390x" } };
            var attestation = new Descriptor { MediaType = manifestType, Digest = Digest.Of("proof"u8), Size = 5, Platform = new Platform { Os = "unknown", Architecture = "unknown" } };
            var inner = new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.OciIndex, Manifests = [other, descriptor with { Platform = platform }, attestation] };
            descriptor = Put(JsonSerializer.SerializeToUtf8Bytes(inner, OciImageJson.Default.ImageIndex), MediaTypes.OciIndex);
        }
        if (name is not null)
            descriptor = descriptor with { Annotations = new Dictionary<string, string> { ["io.containerd.image.name"] = name } };
        var index = new ImageIndex { SchemaVersion = 2, Manifests = [descriptor] };
        files["index.json"] = JsonSerializer.SerializeToUtf8Bytes(index, OciImageJson.Default.ImageIndex);
        return files;
    }

    internal static byte[] Archive(Dictionary<string, byte[]> files)
    {
        using var stream = new MemoryStream();
        var writer = new TarWriter(stream);
        foreach (var (name, content) in files)
            writer.WriteFile(name, content, (UnixFileMode)0x1a4, new FileTime(0, 0));
        writer.End();
        return stream.ToArray();
    }

    internal static byte[] Gzip(byte[] content)
    {
        using var target = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(target, System.IO.Compression.CompressionLevel.Fastest))
            gzip.Write(content);
        return target.ToArray();
    }

    internal static byte[] Zstd(byte[] content)
    {
        using var zstd = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("zstd", "-q -c") { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false });
        if (zstd is null)
            Assert.Skip("zstd is not installed: apt-get install zstd");
        var feeding = Task.Run(() =>
        {
            zstd.StandardInput.BaseStream.Write(content);
            zstd.StandardInput.Close();
        });
        using var target = new MemoryStream();
        zstd.StandardOutput.BaseStream.CopyTo(target);
        feeding.Wait();
        return target.ToArray();
    }

    private static string Quote(IEnumerable<string> texts) => string.Join(',', texts.Select(text => $"\"{text}\""));
}
