using System.Net;
using System.Text.Json;

namespace Sampan.Storage.Distribution;

/// <summary>What a registry needs that stands for another one.</summary>
internal sealed partial class RegistryClient
{
    private const int MaxReferrers = 100;

    /// <summary>Looks for a blob without its bytes.</summary>
    /// <param name="digest">Of any algorithm.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>Whether it is there, and its size if the registry says it.</returns>
    internal async Task<(bool IsThere, long? Size)> FindBlobAsync(string digest, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Head, Endpoint.Of($"blobs/{digest}")), PullScope, guard);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return (false, null);
        return answer.IsSuccessStatusCode ? (true, answer.Content.Headers.ContentLength) : throw await session.RefusalAsync(answer, guard);
    }

    /// <summary>The digests of what is about a manifest, the first hundred; none if the registry does not know.</summary>
    internal async Task<IReadOnlyList<string>> FindReferrersAsync(string digest, CancellationToken ct)
    {
        using var guard = session.Guard(ct);
        using var answer = await session.SendAsync(() => new HttpRequestMessage(HttpMethod.Get, Endpoint.Of($"referrers/{digest}")), PullScope, guard);
        if (answer.StatusCode == HttpStatusCode.NotFound)
            return [];
        if (!answer.IsSuccessStatusCode)
            throw await session.RefusalAsync(answer, guard);
        var content = await GuardedAsync(guard, () => RegistrySession.ReadAsync(answer, limits.MaxDocumentBytes, Endpoint.Host, guard));
        try
        {
            using var document = JsonDocument.Parse(content);
            return
            [
                .. document.RootElement.GetProperty("manifests").EnumerateArray()
                    .Select(descriptor => descriptor.GetProperty("digest").GetString())
                    .OfType<string>()
                    .Take(MaxReferrers),
            ];
        }
        catch (Exception broken) when (broken is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new RegistryException(StorageError.Corrupt, $"registry '{Endpoint.Host}' answered no index where a list of referrers should be", broken);
        }
    }
}
