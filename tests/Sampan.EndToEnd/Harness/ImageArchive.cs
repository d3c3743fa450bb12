using System.Formats.Tar;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Sampan.EndToEnd.Harness;

/// <summary>Builds image archives on the spot, sound ones and broken ones.</summary>
internal sealed class ImageArchive
{
    private readonly List<byte[]> _layers = [];

    public JsonObject Config { get; } = new() { ["Env"] = new JsonArray("PATH=/bin:/usr/bin"), ["Cmd"] = new JsonArray("sh") };

    /// <summary>The processor that the configuration names; null: this machine's.</summary>
    public string? Architecture { get; set; }

    /// <summary>This machine's processor, in Go's words.</summary>
    public static string ThisArchitecture => System.Runtime.InteropServices.RuntimeInformation.OSArchitecture == System.Runtime.InteropServices.Architecture.Arm64 ? "arm64" : "amd64";

    /// <summary>Replaces the digest that the configuration states for the last layer.</summary>
    public string? LastDiffId { get; set; }

    /// <summary>An archive that starts with the layer of the busybox test image.</summary>
    public static ImageArchive OnBusybox()
    {
        var archive = new ImageArchive();
        var files = ReadTar(Checkout.Image("busybox"));
        using var manifest = JsonDocument.Parse(files["manifest.json"]);
        var layer = manifest.RootElement[0].GetProperty("Layers")[0].GetString()!;
        archive._layers.Add(files[layer]);
        return archive;
    }

    public static ImageArchive Empty() => new();

    public ImageArchive Layer(params TarEntry[] entries)
    {
        _layers.Add(LayerOf(entries));
        return this;
    }

    /// <summary>A tar of these alone, as <c>import</c> takes it.</summary>
    public static byte[] LayerOf(params TarEntry[] entries)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                writer.WriteEntry(entry);
            }
        }

        return stream.ToArray();
    }

    public ImageArchive RawLayer(byte[] tar)
    {
        _layers.Add(tar);
        return this;
    }

    public static PaxTarEntry File(string path, string content, UnixFileMode mode = (UnixFileMode)0b110_100_100, int uid = 0, int gid = 0, IDictionary<string, string>? attributes = null)
        => new(TarEntryType.RegularFile, path, attributes ?? new Dictionary<string, string>(StringComparer.Ordinal))
        {
            Mode = mode,
            Uid = uid,
            Gid = gid,
            ModificationTime = Stamp,
            DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)),
        };

    public static PaxTarEntry Directory(string path, UnixFileMode mode = (UnixFileMode)0b111_101_101)
        => new(TarEntryType.Directory, path) { Mode = mode, ModificationTime = Stamp };

    public static PaxTarEntry Link(TarEntryType type, string path, string target, UnixFileMode mode = (UnixFileMode)0b111_111_111, int uid = 0, int gid = 0)
        => new(type, path) { LinkName = target, Mode = mode, Uid = uid, Gid = gid, ModificationTime = Stamp };

    public static PaxTarEntry Device(TarEntryType type, string path, int major, int minor)
        => new(type, path) { DeviceMajor = major, DeviceMinor = minor, Mode = (UnixFileMode)0b110_110_110, ModificationTime = Stamp };

    public static PaxTarEntry Fifo(string path)
        => new(TarEntryType.Fifo, path) { Mode = (UnixFileMode)0b110_110_110, ModificationTime = Stamp };

    /// <summary>2020-02-02T02:02:02Z, so that a test can tell kept times from times of unpacking.</summary>
    public static DateTimeOffset Stamp { get; } = new(2020, 2, 2, 2, 2, 2, TimeSpan.Zero);

    /// <summary>An archive as <c>docker save</c> wrote it before version 25.</summary>
    public byte[] DockerArchive(string? tag)
    {
        var config = ConfigJson();
        var configName = $"{Digest(config)}.json";
        var files = new List<(string, byte[])>();
        var layers = new JsonArray();
        for (var index = 0; index < _layers.Count; index++)
        {
            var name = $"{Digest(Encoding.UTF8.GetBytes($"{tag}{index}"))}/layer.tar";
            files.Add((name, _layers[index]));
            layers.Add((JsonNode)name);
        }

        files.Add((configName, config));
        var manifest = new JsonArray(new JsonObject
        {
            ["Config"] = configName,
            ["RepoTags"] = tag is null ? null : new JsonArray(tag),
            ["Layers"] = layers,
        });
        files.Add(("manifest.json", Encoding.UTF8.GetBytes(manifest.ToJsonString())));
        return Tar(files);
    }

    /// <summary>An OCI image layout without docker's manifest.json.</summary>
    public byte[] OciLayout(string tag)
    {
        var files = new List<(string, byte[])> { ("oci-layout", """{"imageLayoutVersion":"1.0.0"}"""u8.ToArray()) };
        var config = ConfigJson();
        var layers = new JsonArray();
        foreach (var layer in _layers)
        {
            layers.Add((JsonNode)Describe("application/vnd.oci.image.layer.v1.tar", layer));
            files.Add(($"blobs/sha256/{Digest(layer)}", layer));
        }

        files.Add(($"blobs/sha256/{Digest(config)}", config));
        var manifest = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = "application/vnd.oci.image.manifest.v1+json",
            ["config"] = Describe("application/vnd.oci.image.config.v1+json", config),
            ["layers"] = layers,
        }.ToJsonString());
        files.Add(($"blobs/sha256/{Digest(manifest)}", manifest));
        var descriptor = Describe("application/vnd.oci.image.manifest.v1+json", manifest);
        descriptor["annotations"] = new JsonObject { ["io.containerd.image.name"] = $"docker.io/library/{tag}", ["org.opencontainers.image.ref.name"] = tag.Split(':')[^1] };
        files.Add(("index.json", Encoding.UTF8.GetBytes(new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(descriptor) }.ToJsonString())));
        return Tar(files);
    }

    public static byte[] Tar(IEnumerable<(string Name, byte[] Content)> files)
    {
        using var stream = new MemoryStream();
        using (var writer = new TarWriter(stream, TarEntryFormat.Ustar, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(content) });
            }
        }

        return stream.ToArray();
    }

    public static Dictionary<string, byte[]> ReadTar(string path) => ReadTar(System.IO.File.OpenRead(path));

    public static Dictionary<string, byte[]> ReadTar(Stream tar)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var reader = new TarReader(tar);
        while (reader.GetNextEntry() is { } entry)
        {
            if (entry.DataStream is { } data)
            {
                using var copy = new MemoryStream();
                data.CopyTo(copy);
                files[entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name] = copy.ToArray();
            }
        }

        return files;
    }

    private byte[] ConfigJson()
    {
        var ids = _layers.Select(layer => $"sha256:{Digest(layer)}").ToList();
        if (LastDiffId is not null)
        {
            ids[^1] = LastDiffId;
        }

        return Encoding.UTF8.GetBytes(new JsonObject
        {
            ["architecture"] = Architecture ?? ThisArchitecture,
            ["os"] = "linux",
            ["created"] = "2024-01-01T00:00:00Z",
            ["config"] = Config.DeepClone(),
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. ids.Select(id => (JsonNode)id)]) },
            ["history"] = new JsonArray([.. ids.Select((_, index) => (JsonNode)new JsonObject { ["created"] = "2024-01-01T00:00:00Z", ["created_by"] = $"layer {index}" })]),
        }.ToJsonString());
    }

    private static JsonObject Describe(string mediaType, byte[] content)
        => new() { ["mediaType"] = mediaType, ["digest"] = $"sha256:{Digest(content)}", ["size"] = content.Length };

    private static string Digest(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));
}
