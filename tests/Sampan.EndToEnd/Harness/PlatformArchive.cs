using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sampan.EndToEnd.Harness;

/// <summary>Puts images for several processors into one OCI layout: an index under one name, as <c>buildx --platform a,b</c> writes it.</summary>
internal static class PlatformArchive
{
    private const string IndexType = "application/vnd.oci.image.index.v1+json";

    /// <summary>The digest of the index that <see cref="Create"/> makes is in the archive's <c>index.json</c>.</summary>
    public static byte[] Create(string tag, params ImageArchive[] images)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        var manifests = new JsonArray();
        foreach (var image in images)
        {
            var layout = ImageArchive.ReadTar(new MemoryStream(image.OciLayout(tag)));
            var manifest = JsonNode.Parse(layout["index.json"])!["manifests"]![0]!.DeepClone().AsObject();
            manifest.Remove("annotations");
            manifest["platform"] = new JsonObject { ["os"] = "linux", ["architecture"] = image.Architecture ?? ImageArchive.ThisArchitecture };
            manifests.Add((JsonNode)manifest);
            foreach (var (name, content) in layout.Where(file => file.Key != "index.json"))
            {
                files[name] = content;
            }
        }

        var index = Encoding.UTF8.GetBytes(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = IndexType, ["manifests"] = manifests }.ToJsonString());
        var digest = Convert.ToHexStringLower(SHA256.HashData(index));
        files[$"blobs/sha256/{digest}"] = index;
        files["index.json"] = Encoding.UTF8.GetBytes(new JsonObject
        {
            ["schemaVersion"] = 2,
            ["manifests"] = new JsonArray(new JsonObject
            {
                ["mediaType"] = IndexType,
                ["digest"] = $"sha256:{digest}",
                ["size"] = index.Length,
                ["annotations"] = new JsonObject { ["io.containerd.image.name"] = $"docker.io/library/{tag}" },
            }),
        }.ToJsonString());
        return ImageArchive.Tar(files.Select(file => (file.Key, file.Value)));
    }
}
