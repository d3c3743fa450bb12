using Sampan.Engine;

namespace Sampan.Server.Docker.Images;

/// <summary>An archive that is fetched by HTTP while it is read.</summary>
internal sealed class RemoteArchive : IDisposable
{
    private static readonly Lazy<HttpClient> s_client = new(() => new HttpClient(new SocketsHttpHandler { MaxAutomaticRedirections = 10, PooledConnectionIdleTimeout = TimeSpan.FromMinutes(1) }) { Timeout = Timeout.InfiniteTimeSpan });

    private readonly HttpResponseMessage _answer;

    private RemoteArchive(HttpResponseMessage answer, Stream content, string address) => (_answer, Content, Address) = (answer, content, address);

    /// <summary>Its bytes, as they come.</summary>
    internal Stream Content { get; }

    /// <summary>Where it comes from, without a name and password.</summary>
    internal string Address { get; }

    /// <summary>Asks for an archive.</summary>
    /// <param name="source">Its address; without a scheme it is <c>http</c>, as for Docker.</param>
    /// <param name="ct">Gives up.</param>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: no such address, or the server has no such file. <see cref="ErrorKind.Unavailable"/>: no answer.</exception>
    internal static async Task<RemoteArchive> OpenAsync(string source, CancellationToken ct)
    {
        if (!Uri.TryCreate(source.Contains("://", StringComparison.Ordinal) ? source : "http://" + source, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
            throw new EngineException(ErrorKind.InvalidArgument, $"cannot import from '{source}': expected an address that begins with 'http://' or 'https://'");
        var shown = address.UserInfo.Length == 0 ? address.ToString() : new UriBuilder(address) { UserName = "", Password = "" }.Uri.ToString();
        HttpResponseMessage? answer = null;
        try
        {
            answer = await s_client.Value.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, ct).ConfigureAwait(false);
            if (!answer.IsSuccessStatusCode)
                throw new EngineException(ErrorKind.InvalidArgument, $"cannot import from '{shown}': the server answered {(int)answer.StatusCode}");
            return new RemoteArchive(answer, await answer.Content.ReadAsStreamAsync(ct).ConfigureAwait(false), shown);
        }
        catch (HttpRequestException failed)
        {
            answer?.Dispose();
            throw new EngineException(ErrorKind.Unavailable, $"cannot import from '{shown}': {failed.Message}", failed);
        }
        catch
        {
            answer?.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Content.Dispose();
        _answer.Dispose();
    }
}
