namespace Sampan.DockerApi.Client;

/// <summary>A successful response: dispose it, or read its body to the end.</summary>
internal sealed class DockerResponse(HttpHead head, HttpBody body) : IDisposable
{
    public HttpHead Head => head;

    public HttpBody Body => body;

    public async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        using var all = new MemoryStream();
        await body.CopyToAsync(all, cancellationToken).ConfigureAwait(false);
        return all.ToArray();
    }

    public void Dispose() => body.Dispose();
}
