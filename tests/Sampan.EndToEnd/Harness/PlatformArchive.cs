using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace Sampan.EndToEnd.Harness;

/// <summary>Puts images for several processors into one OCI layout: an index under one name, as <c>buildx --platform a,b</c> writes it.</summary>
internal static class PlatformArchive
{
    private const string IndexType = "application/vnd.oci.image.index.v1+json";

    /// <summary>The digest of the index is in the archive's <c>index.json</c>.</summary>
    public static byte[] Create(string tag, params ImageArchive[] images) => Create(tag, null, images);

    /// <summary>As <see cref="Create(string, ImageArchive[])"/>, with a statement (an in-toto attestation) about the first image, if there is one.</summary>
    public static byte[] Create(string tag, (string PredicateType, string Json)? statement, params ImageArchive[] images)
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

        if (statement is { } about)
        {
            manifests.Add((JsonNode)Statement(about, (string)manifests[0]!["digest"]!, files));
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

    private static JsonObject Statement((string PredicateType, string Json) statement, string subject, Dictionary<string, byte[]> files)
    {
        var layer = Blob(Encoding.UTF8.GetBytes(statement.Json), "application/vnd.in-toto+json", files);
        layer["annotations"] = new JsonObject { ["in-toto.io/predicate-type"] = statement.PredicateType };
        var config = Blob("""{"architecture":"unknown","os":"unknown","config":{},"rootfs":{"type":"layers","diff_ids":[]}}"""u8.ToArray(), "application/vnd.oci.image.config.v1+json", files);
        const string Type = "application/vnd.oci.image.manifest.v1+json";
        var manifest = Blob(Encoding.UTF8.GetBytes(new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = Type, ["config"] = config, ["layers"] = new JsonArray(layer) }.ToJsonString()), Type, files);
        manifest["platform"] = new JsonObject { ["os"] = "unknown", ["architecture"] = "unknown" };
        manifest["annotations"] = new JsonObject { ["vnd.docker.reference.type"] = "attestation-manifest", ["vnd.docker.reference.digest"] = subject };
        return manifest;
    }

    private static JsonObject Blob(byte[] content, string type, Dictionary<string, byte[]> files)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(content));
        files[$"blobs/sha256/{digest}"] = content;
        return new JsonObject { ["mediaType"] = type, ["digest"] = $"sha256:{digest}", ["size"] = content.Length };
    }
}
