namespace Sampan.DockerApi.Client;

/// <summary>A successful response: dispose it, or read its body to the end.</summary>
internal sealed class DockerResponse(HttpHead head, HttpBody body) : IDisposable
{
    // More is taken as it comes, not as it is told.
    private const int TrustedLength = 16 << 20;
    private const int CopyBytes = 16 * 1024;

    public HttpHead Head => head;

    public HttpBody Body => body;

    public async Task<byte[]> ReadAllAsync(CancellationToken cancellationToken)
    {
        if (body.Told is { } length and <= TrustedLength)
        {
            // Told before: nothing has to grow.
            byte[] whole = new byte[length];
            await body.ReadExactlyAsync(whole, cancellationToken).ConfigureAwait(false);
            return whole;
        }
        using var all = new MemoryStream();
        await body.CopyToAsync(all, CopyBytes, cancellationToken).ConfigureAwait(false);
        return all.ToArray();
    }

    public void Dispose() => body.Dispose();
}
