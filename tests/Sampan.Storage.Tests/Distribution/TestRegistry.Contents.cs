using System.Collections.Concurrent;
using System.Globalization;
using System.Text.RegularExpressions;
using Sampan.Oci.Images;

namespace Sampan.Storage.Tests.Distribution;

/// <summary>What the registry has, and how an honest one answers.</summary>
internal sealed partial class TestRegistry
{
    private int _uploads;

    /// <summary>Blobs by "repository@digest".</summary>
    public ConcurrentDictionary<string, byte[]> Blobs { get; } = new();

    /// <summary>Manifests by "repository:tag" and "repository:digest".</summary>
    public ConcurrentDictionary<string, (byte[] Content, string MediaType)> Manifests { get; } = new();

    /// <summary>Open uploads.</summary>
    public ConcurrentDictionary<string, byte[]> Uploads { get; } = new();

    /// <summary>Whether parts of blobs can be asked for.</summary>
    public bool GivesRanges { get; set; } = true;

    public Digest AddBlob(string repository, byte[] content)
    {
        var digest = Digest.Of(content);
        Blobs[$"{repository}@{digest}"] = content;
        return digest;
    }

    public Digest AddManifest(string repository, string tag, byte[] content, string mediaType)
    {
        var digest = Digest.Of(content);
        Manifests[$"{repository}:{tag}"] = (content, mediaType);
        Manifests[$"{repository}:{digest}"] = (content, mediaType);
        return digest;
    }

    [GeneratedRegex("^/v2/(?<repo>.+)/(?<kind>manifests|blobs/uploads|blobs|tags)/(?<rest>[^/]*)$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Resource();

    /// <summary>How an honest registry answers.</summary>
    public TestAnswer Answer(TestRequest request)
    {
        if (request.Path == "/v2/")
            return TestAnswer.Json(200, "{}");
        var match = Resource().Match(request.Path);
        if (!match.Success)
            return TestAnswer.Error(404, "UNSUPPORTED", "no such page");
        var (repository, rest) = (match.Groups["repo"].Value, match.Groups["rest"].Value);
        return match.Groups["kind"].Value switch
        {
            "manifests" => Manifest(request, repository, rest),
            "blobs" => Blob(request, repository, rest),
            "tags" => Tags(repository),
            _ => Upload(request, repository, rest),
        };
    }

    private TestAnswer Manifest(TestRequest request, string repository, string reference)
    {
        if (request.Method == "PUT")
        {
            var digest = AddManifest(repository, reference, request.Body, request.Header("Content-Type") ?? "");
            return new TestAnswer(201).With("Docker-Content-Digest", digest.ToString());
        }
        return Manifests.TryGetValue($"{repository}:{reference}", out var manifest)
            ? new TestAnswer(200, manifest.Content).With("Content-Type", manifest.MediaType).With("Docker-Content-Digest", Digest.Of(manifest.Content).ToString())
            : TestAnswer.Error(404, "MANIFEST_UNKNOWN", "manifest unknown");
    }

    private TestAnswer Blob(TestRequest request, string repository, string digest)
    {
        if (!Blobs.TryGetValue($"{repository}@{digest}", out var content))
            return TestAnswer.Error(404, "BLOB_UNKNOWN", "blob unknown to registry");
        if (GivesRanges && request.Header("Range") is { } range)
        {
            var parts = range["bytes=".Length..].Split('-');
            var (first, last) = (int.Parse(parts[0], CultureInfo.InvariantCulture), int.Parse(parts[1], CultureInfo.InvariantCulture));
            return new TestAnswer(206, content[first..(last + 1)]).With("Content-Range", $"bytes {first}-{last}/{content.Length}");
        }
        return new TestAnswer(200, content);
    }

    private TestAnswer Tags(string repository) =>
        TestAnswer.Json(200, $$"""{"tags":[{{string.Join(',', Manifests.Keys.Where(key => key.StartsWith(repository + ":", StringComparison.Ordinal) && !key.Contains("sha256", StringComparison.Ordinal)).Select(key => $"\"{key.Split(':')[1]}\"").Order(StringComparer.Ordinal))}}]}""");

    private TestAnswer Upload(TestRequest request, string repository, string id)
    {
        if (request.Method == "POST")
        {
            if (request.Query("mount") is { } mount && Blobs.TryGetValue($"{request.Query("from")}@{mount}", out var other))
            {
                AddBlob(repository, other);
                return new TestAnswer(201);
            }
            id = Interlocked.Increment(ref _uploads).ToString(CultureInfo.InvariantCulture);
            Uploads[id] = [];
            return Accepted(repository, id);
        }
        if (!Uploads.TryGetValue(id, out var content))
            return TestAnswer.Error(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry");
        switch (request.Method)
        {
            case "DELETE":
                Uploads.TryRemove(id, out _);
                return new TestAnswer(204);
            case "GET":
                return Accepted(repository, id) with { Status = 204 };
            case "PATCH":
                Uploads[id] = [.. content, .. request.Body];
                return Accepted(repository, id);
            default:
                byte[] whole = [.. content, .. request.Body];
                if (Digest.Of(whole).ToString() != request.Query("digest"))
                    return TestAnswer.Error(400, "DIGEST_INVALID", "provided digest did not match uploaded content");
                Uploads.TryRemove(id, out _);
                AddBlob(repository, whole);
                return new TestAnswer(201);
        }
    }

    private TestAnswer Accepted(string repository, string id) =>
        new TestAnswer(202).With("Location", $"/v2/{repository}/blobs/uploads/{id}").With("Range", $"0-{Math.Max(0, Uploads[id].Length - 1)}");
}
