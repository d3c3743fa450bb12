using Sampan.Engine;

namespace Sampan.Build.Execution;

/// <summary>Files that are fetched by HTTP.</summary>
internal static class RemoteContext
{
    private static readonly Lazy<HttpClient> s_client = new(() => new HttpClient(new SocketsHttpHandler { MaxAutomaticRedirections = 10, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1) }) { Timeout = Timeout.InfiniteTimeSpan });

    /// <summary>A fetched file.</summary>
    /// <param name="Name">The last name of its address; empty: it has none.</param>
    /// <param name="Content">Its bytes.</param>
    /// <param name="Modified">When the server says it changed; null: it does not say.</param>
    internal sealed record Fetched(string Name, byte[] Content, DateTimeOffset? Modified);

    /// <summary>Fetches a file.</summary>
    /// <exception cref="BuildException">It is not there, the server fails, or it is too large.</exception>
    internal static async Task<Fetched> FetchAsync(Uri address, int maxBytes, IReadOnlyDictionary<string, byte[]> secrets, CancellationToken ct)
    {
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, address);
            // A redirection does not take it along.
            if (Authorization.OfFile(secrets, address) is { } authorization)
                question.Headers.TryAddWithoutValidation("Authorization", authorization);
            using var answer = await s_client.Value.SendAsync(question, HttpCompletionOption.ResponseHeadersRead, ct);
            if (!answer.IsSuccessStatusCode)
                throw BuildException.Invalid($"failed to download remote {Shown(address)}: status {(int)answer.StatusCode}");
            if (answer.Content.Headers.ContentLength > maxBytes)
                throw BuildException.Invalid($"failed to download remote {Shown(address)}: it has more than {maxBytes} bytes");
            await using var stream = await answer.Content.ReadAsStreamAsync(ct);
            using var content = new MemoryStream();
            var buffer = new byte[128 * 1024];
            for (int read; (read = await stream.ReadAsync(buffer, ct)) > 0;)
            {
                if (content.Length + read > maxBytes)
                    throw BuildException.Invalid($"failed to download remote {Shown(address)}: it has more than {maxBytes} bytes");
                content.Write(buffer, 0, read);
            }
            var name = Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]);
            return new Fetched(name.Contains('/') || name is "." or ".." || name.Contains('\0') ? "" : name, content.ToArray(), answer.Content.Headers.LastModified);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException)
        {
            throw new BuildException(ErrorKind.InvalidArgument, $"failed to download remote {Shown(address)}: {failed.Message}", null, failed);
        }
    }

    // A name and password in an address are nobody's business who reads the log.
    internal static string Shown(Uri address) => address.UserInfo.Length == 0 ? address.ToString() : new UriBuilder(address) { UserName = "", Password = "" }.Uri.ToString();
}
