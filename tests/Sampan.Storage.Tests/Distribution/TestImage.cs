using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Sampan.Oci.Images;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>Makes images of a few files, that need no root to be unpacked.</summary>
internal static class TestImage
{
    /// <summary>A layer with one file of so many bytes that do not compress.</summary>
    public static byte[] Layer(string file, int bytes)
    {
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        using var tar = new MemoryStream();
        using (var writer = new TarWriter(tar, leaveOpen: true))
        {
            var (uid, gid) = Ids();
            writer.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, file) { DataStream = new MemoryStream(content), Uid = uid, Gid = gid, ModificationTime = DateTimeOffset.UnixEpoch });
        }
        return tar.ToArray();
    }

    public static byte[] Gzip(byte[] content)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(content);
        return packed.ToArray();
    }

    public static byte[] Config(IEnumerable<byte[]> layers, string architecture = "") => JsonSerializer.SerializeToUtf8Bytes(
        new ImageConfig
        {
            Architecture = architecture.Length > 0 ? architecture : Platform.Current.Architecture,
            Os = "linux",
            RootFs = new RootFileSystem { Type = "layers", DiffIds = [.. layers.Select(layer => Digest.Of(layer))] },
        },
        OciImageJson.Plain.ImageConfig);

    public static byte[] Manifest(byte[] config, IEnumerable<byte[]> blobs, string layerType = MediaTypes.OciLayerGzip) => JsonSerializer.SerializeToUtf8Bytes(
        new ImageManifest
        {
            SchemaVersion = 2,
            MediaType = MediaTypes.OciManifest,
            Config = Describe(config, MediaTypes.OciConfig),
            Layers = [.. blobs.Select(blob => Describe(blob, layerType))],
        },
        OciImageJson.Plain.ImageManifest);

    /// <summary>Puts a signature, say, into a registry that is about another manifest, and returns its manifest.</summary>
    public static byte[] Attach(TestRegistry registry, string repository, string kind, byte[] content, byte[]? subject, string? tag = null)
    {
        var config = "{}"u8.ToArray();
        registry.AddBlob(repository, config);
        registry.AddBlob(repository, content);
        var manifest = JsonSerializer.SerializeToUtf8Bytes(
            new ImageManifest
            {
                SchemaVersion = 2,
                MediaType = MediaTypes.OciManifest,
                ArtifactType = kind,
                Config = Describe(config, "application/vnd.oci.empty.v1+json"),
                Layers = [Describe(content, kind)],
                Subject = subject is null ? null : Describe(subject, MediaTypes.OciManifest),
            },
            OciImageJson.Plain.ImageManifest);
        registry.AddManifest(repository, tag ?? Digest.Of(manifest).ToString(), manifest, MediaTypes.OciManifest);
        return manifest;
    }

    public static byte[] Index(params Descriptor[] manifests) => JsonSerializer.SerializeToUtf8Bytes(
        new ImageIndex { SchemaVersion = 2, MediaType = MediaTypes.OciIndex, Manifests = manifests }, OciImageJson.Plain.ImageIndex);

    public static Descriptor Describe(byte[] content, string mediaType, string? platform = null) => new()
    {
        MediaType = mediaType,
        Digest = Digest.Of(content),
        Size = content.Length,
        Platform = Platform.TryParse(platform, out var parsed) ? parsed : null,
    };

    /// <summary>Puts an image with such layers into a registry and returns its manifest.</summary>
    public static byte[] Publish(TestRegistry registry, string repository, string tag, params byte[][] layers)
    {
        var config = Config(layers);
        var blobs = layers.Select(Gzip).ToList();
        registry.AddBlob(repository, config);
        blobs.ForEach(blob => registry.AddBlob(repository, blob));
        var manifest = Manifest(config, blobs);
        registry.AddManifest(repository, tag, manifest, MediaTypes.OciManifest);
        return manifest;
    }

    public static string Text(byte[] content) => Encoding.UTF8.GetString(content);

    private static (int Uid, int Gid) Ids()
    {
        // "Uid:	0	0	0	0": real, effective, …
        var lines = File.ReadAllLines("/proc/self/status");
        int Of(string name) => int.Parse(lines.First(line => line.StartsWith(name, StringComparison.Ordinal)).Split('\t')[2], System.Globalization.CultureInfo.InvariantCulture);
        return (Of("Uid:"), Of("Gid:"));
    }
}
