using System.Net.Http.Headers;
using System.Text;

namespace Sampan.EndToEnd.Harness;

/// <summary>One call of a storm.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Body">JSON; null: none.</param>
internal sealed record StormCall(string Method, string Path, string? Body = null)
{
    /// <summary>A tar, in place of JSON.</summary>
    public byte[]? Archive { get; init; }

    /// <summary>An answer that may never end: the client goes away when it has waited this long, as one whose user presses Ctrl+C.</summary>
    public TimeSpan? Patience { get; init; }

    /// <summary>Makes the call and reads the whole answer.</summary>
    /// <returns>Status 0: the client went away before there was one.</returns>
    public async Task<(int Status, string Answer)> SendAsync(Daemon daemon)
    {
        using var request = new HttpRequestMessage(new HttpMethod(Method), Path);
        if (Archive is not null)
        {
            request.Content = new ByteArrayContent(Archive) { Headers = { ContentType = new MediaTypeHeaderValue("application/x-tar") } };
        }
        else if (Body is not null)
        {
            request.Content = new StringContent(Body, Encoding.UTF8, "application/json");
        }

        using var patience = new CancellationTokenSource(Patience ?? Shell.Patience);
        try
        {
            using var answer = await daemon.Http.SendAsync(request, patience.Token);
            return ((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(patience.Token));
        }
        catch (OperationCanceledException) when (Patience is not null)
        {
            return (0, "");
        }
    }
}
