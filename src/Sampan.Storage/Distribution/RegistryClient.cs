using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Sampan.Oci.Images;
using Sampan.Storage.Archives;

namespace Sampan.Storage.Distribution;

/// <summary>
/// One repository at one endpoint, by the
/// <see href="https://github.com/opencontainers/distribution-spec/blob/main/spec.md">distribution specification</see>. Thread-safe.
/// </summary>
internal sealed partial class RegistryClient(RegistrySession session, ArchiveLimits limits, TimeProvider time)
{
    private const int MaxTagPages = 1000;
    private const int TagPageBytes = 4 * 1024 * 1024;
    private const string DigestHeader = "Docker-Content-Digest";

    private static readonly string[] s_manifestTypes = [MediaTypes.OciIndex, MediaTypes.DockerManifestList, MediaTypes.OciManifest, MediaTypes.DockerManifest];

    internal RegistryEndpoint Endpoint => session.Endpoint;

    internal RetryPolicy Retry { get; } = new(session.Options, time);

    private RetryPolicy Once { get; } = new(session.Options with { MaxAttempts = 1 }, time);

    private IReadOnlyList<string> PullScope => [$"{Endpoint.ResourceClass}:{Endpoint.Repository}:pull"];

    /// <summary>Gets a manifest or index by tag or digest, and checks that it is what it says.</summary>
    /// <param name="reference">The tag or digest.</param>
    /// <param name="expected">What an index says of it; null: nothing is known.</param>
    /// <param name="patient">False to fail at once: there is somebody else to ask.</param>
    /// <param name="ct">Gives up.</param>
    internal Task<RegistryDocument> GetManifestAsync(string reference, Descriptor? expected, bool patient, CancellationToken ct) => (patient ? Retry : Once).RunAsync(
        async () =>
        {
            using var guard = session.Guard(ct);
            using var answer = await session.SendAsync(() => ManifestRequest(HttpMethod.Get, reference), PullScope, guard);
            if (!answer.IsSuccessStatusCode)
                throw await session.RefusalAsync(answer, guard);
            var content = await GuardedAsync(guard, () => RegistrySession.ReadAsync(answer, limits.MaxDocumentBytes, Endpoint.Host, guard));
            return Check(reference, expected, answer, content);
        },
        progressed: null,
        ct);

    /// <summary>What a tag or digest points to, without its bytes; null: nothing.</summary>
    internal async Task<Digest?> FindManifestAsync(string reference, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        using var answer = await session.SendAsync(() => ManifestRequest(HttpMethod.Head, reference), PullScope, guard);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return null;
        if (!answer.IsSuccessStatusCode)
            throw await session.RefusalAsync(answer, guard);
        return Digest.TryParse(answer.Headers.TryGetValues(DigestHeader, out var values) ? values.First() : null, out var digest) ? digest : null;
    }

    /// <summary>Gets a small blob whole, its size and digest checked.</summary>
    internal Task<byte[]> GetDocumentAsync(Descriptor descriptor, CancellationToken ct) => Retry.RunAsync(
        async () =>
        {
            if (descriptor.Size < 0 || descriptor.Size > limits.MaxDocumentBytes)
                throw new RegistryException(StorageError.InvalidInput, $"blob '{descriptor.Digest}' is said to have {descriptor.Size} bytes, more than the {limits.MaxDocumentBytes} allowed for a document");
            using var guard = session.Guard(ct);
            using var answer = await OpenBlobAsync(descriptor.Digest, null, guard);
            var content = await GuardedAsync(guard, () => RegistrySession.ReadAsync(answer, limits.MaxDocumentBytes, Endpoint.Host, guard));
            if (content.Length != descriptor.Size)
                throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' sent {content.Length} bytes as blob '{descriptor.Digest}', the manifest says {descriptor.Size}");
            return Digest.Of(content) == descriptor.Digest
                ? content
                : throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' sent something else as blob '{descriptor.Digest}': its digest is '{Digest.Of(content)}'");
        },
        progressed: null,
        ct);

    /// <summary>Asks for a blob or a part of it; the answer is a success, its body unread.</summary>
    /// <param name="digest">Which.</param>
    /// <param name="range">From the first to the last byte, both included; null: all.</param>
    /// <param name="guard">How long it may take.</param>
    internal Task<HttpResponseMessage> OpenBlobAsync(Digest digest, (long First, long Last)? range, StallGuard guard) => OpenBlobAsync(digest.ToString(), range, guard);

    /// <summary>As above, for a digest of any algorithm.</summary>
    internal async Task<HttpResponseMessage> OpenBlobAsync(string digest, (long First, long? Last)? range, StallGuard guard)
    {
        var answer = await session.SendAsync(
            () =>
            {
                var request = new HttpRequestMessage(HttpMethod.Get, Endpoint.Of($"blobs/{digest}"));
                if (range is { } part)
                    request.Headers.Range = new RangeHeaderValue(part.First, part.Last);
                return request;
            },
            PullScope,
            guard);
        if (answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent)
            return answer;
        using (answer)
        {
            var refusal = await session.RefusalAsync(answer, guard);
            throw answer.IsSuccessStatusCode ? new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' answered {(int)answer.StatusCode} to a request for a blob") : refusal;
        }
    }

    internal TimeSpan StallTimeout => session.Options.StallTimeout;

    /// <summary>Guards reading a blob's body.</summary>
    internal StallGuard Guard(CancellationToken ct) => session.Guard(ct);

    /// <summary>All tags of the repository.</summary>
    internal async Task<IReadOnlyList<string>> ListTagsAsync(CancellationToken ct)
    {
        var tags = new List<string>();
        Uri? page = Endpoint.Of("tags/list");
        for (var count = 0; page is not null; count++)
        {
            if (count == MaxTagPages)
                throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' lists tags on more than {MaxTagPages} pages: refused");
            var at = page;
            page = await Retry.RunAsync(() => ListTagsAsync(at, tags, ct), progressed: null, ct);
        }
        return tags;
    }

    private async Task<Uri?> ListTagsAsync(Uri page, List<string> tags, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, page), PullScope, guard);
        if (!answer.IsSuccessStatusCode)
            throw await session.RefusalAsync(answer, guard);
        var content = await GuardedAsync(guard, () => RegistrySession.ReadAsync(answer, TagPageBytes, Endpoint.Host, guard));
        try
        {
            var list = JsonSerializer.Deserialize(content, DistributionJson.Default.TagList);
            tags.AddRange(list?.Tags?.OfType<string>() ?? []);
        }
        catch (JsonException broken)
        {
            throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' answered no JSON where its list of tags should be", broken);
        }
        return answer.Headers.TryGetValues("Link", out var links) ? NextPage(page, links.First(), Endpoint.Host) : null;
    }

    // Link: </v2/app/tags/list?n=100&last=b>; rel="next"
    internal static Uri? NextPage(Uri page, string link, string host)
    {
        var (open, close) = (link.IndexOf('<'), link.IndexOf('>'));
        if (open < 0 || close < open || !link[close..].Contains("next", StringComparison.OrdinalIgnoreCase) || !Uri.TryCreate(page, link[(open + 1)..close], out var next))
            return null;
        return next.Authority == page.Authority ? new UriBuilder(next) { Scheme = page.Scheme, Port = page.Port }.Uri : throw new RegistryException(StorageError.Corrupt, $"registry '{host}' continues its list at '{next.Authority}': refused");
    }

    private HttpRequestMessage ManifestRequest(HttpMethod method, string reference)
    {
        var request = new HttpRequestMessage(method, Endpoint.Of($"manifests/{reference}"));
        foreach (var type in s_manifestTypes)
            request.Headers.Accept.Add(new MediaTypeWithQualityHeaderValue(type));
        return request;
    }

    private RegistryDocument Check(string reference, Descriptor? expected, HttpResponseMessage answer, byte[] content)
    {
        var name = $"{Endpoint.Repository}:{reference}";
        var digest = Digest.Of(content);
        var wanted = expected?.Digest ?? (Digest.TryParse(reference, out var byDigest) ? byDigest : null);
        if (wanted is null && answer.Headers.TryGetValues(DigestHeader, out var values) && Digest.TryParse(values.First(), out var told))
            wanted = told;
        if (wanted is not null && wanted != digest)
            throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' sent something else as manifest '{wanted}': its digest is '{digest}'");
        if (expected is not null && expected.Size != content.Length)
            throw new RegistryException(StorageError.Corrupt, $"manifest '{digest}' has {content.Length} bytes, the index says {expected.Size}");
        var type = TypeOf(name, answer.Content.Headers.ContentType?.MediaType, content);
        if (expected?.MediaType is { } promised && promised != type)
            throw new RegistryException(StorageError.Corrupt, $"manifest '{digest}' is '{type}', the index says '{promised}'");
        return new RegistryDocument(new Descriptor { MediaType = type, Digest = digest, Size = content.Length }, content);
    }

    private string TypeOf(string name, string? header, byte[] content)
    {
        if (header?.Contains("html", StringComparison.OrdinalIgnoreCase) == true)
            throw new RegistryException(StorageError.Corrupt, $"'{Endpoint.Host}' answered a page of HTML where a manifest should be: is it a registry, or is a proxy in between?");
        var (schema, own) = ManifestHead.Read(content, name, Endpoint.Host);
        if (schema == 1 || header?.Contains("docker.distribution.manifest.v1", StringComparison.Ordinal) == true)
            throw new RegistryException(StorageError.NotSupported, $"image '{name}' of registry '{Endpoint.Host}' is in Docker's image format of before 2016 (manifest schema 1), which is not supported: pull it with an old docker and push it again");
        // One document must not be read as two things by two readers (CVE-2021-41190).
        var declared = MediaTypes.IsManifest(header) || MediaTypes.IsIndex(header) ? header : null;
        if (own is not null && declared is not null && own != declared)
            throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' says that manifest '{name}' is '{declared}', the document itself says '{own}'");
        var type = own ?? declared;
        return MediaTypes.IsManifest(type) || MediaTypes.IsIndex(type)
            ? type ?? ""
            : throw new RegistryException(StorageError.NotSupported, $"'{name}' is no image: its media type is '{type ?? header ?? "not given"}'");
    }

    private async Task<T> GuardedAsync<T>(StallGuard guard, Func<Task<T>> read)
    {
        try
        {
            return await read();
        }
        catch (OperationCanceledException) when (guard.Stalled)
        {
            throw RegistryFailures.Stalled(Endpoint.Host, session.Options.StallTimeout);
        }
        catch (Exception lost) when (RegistryFailures.IsOfNetwork(lost))
        {
            throw RegistryFailures.From(lost, Endpoint.Host);
        }
    }
}
