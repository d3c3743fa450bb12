using Sampan.DockerApi.Images;
using Sampan.DockerApi.Stores;

namespace Sampan.DockerApi.Client;

public sealed partial class DockerClient
{
    /// <summary>Sampan only: every byte on the engine's data root and why it is there. 404: another engine.</summary>
    public Task<IReadOnlyList<LedgerEntry>> GetLedgerAsync(CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString("/sampan/ledger"), StoreJson.Wire.LedgerEntryList, cancellationToken);

    /// <summary>Sampan only: verifies all that is stored; messages come while it works, the last one has the result. 404: another engine.</summary>
    public async Task<IAsyncEnumerable<StoreCheckMessage>> CheckStoreAsync(bool repair, CancellationToken cancellationToken = default) =>
        JsonLines.ReadAsync((await SendAsync("POST", new QueryString("/sampan/check").Add("repair", repair), cancellationToken).ConfigureAwait(false)).Body, StoreJson.Wire.StoreCheckMessage, cancellationToken);

    /// <summary>Sampan only: where an image's bytes come from. 404: no such image, or another engine.</summary>
    public Task<ImageExplanation> ExplainImageAsync(string name, CancellationToken cancellationToken = default) =>
        GetAsync(new QueryString($"/sampan/images/{Segment(name)}/explain"), StoreJson.Wire.ImageExplanation, cancellationToken);

    /// <summary>Sampan only: what is attached to an image, at its registry or (<paramref name="local"/>) here; <paramref name="registryAuth"/> is the base64url of an <see cref="Engines.AuthConfig"/>. 404: no such image, or another engine.</summary>
    public async Task<ReferrerList> ReferrersAsync(string name, string? artifactType = null, bool local = false, string? registryAuth = null, CancellationToken cancellationToken = default)
    {
        var target = new QueryString($"/sampan/images/{Segment(name)}/referrers").Add("artifactType", artifactType).Add("local", local);
        var request = new HttpRequest { Method = "GET", Target = target.ToString(), Headers = registryAuth is null ? [] : [("X-Registry-Auth", registryAuth)] };
        return await ReadAsync(await SendAsync(request, cancellationToken).ConfigureAwait(false), StoreJson.Wire.ReferrerList, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sampan only: fetches what is attached to an image that is here. 404: no such image, or another engine.</summary>
    public Task<IAsyncEnumerable<ProgressMessage>> PullReferrersAsync(string name, string? registryAuth = null, CancellationToken cancellationToken = default) =>
        MoveReferrersAsync(name, "pull", registryAuth, cancellationToken);

    /// <summary>Sampan only: sends what is here of what is attached to an image. 404: no such image, or another engine.</summary>
    public Task<IAsyncEnumerable<ProgressMessage>> PushReferrersAsync(string name, string? registryAuth = null, CancellationToken cancellationToken = default) =>
        MoveReferrersAsync(name, "push", registryAuth, cancellationToken);

    private async Task<IAsyncEnumerable<ProgressMessage>> MoveReferrersAsync(string name, string way, string? registryAuth, CancellationToken cancellationToken)
    {
        var target = new QueryString($"/sampan/images/{Segment(name)}/referrers/{way}");
        var request = new HttpRequest { Method = "POST", Target = target.ToString(), Headers = registryAuth is null ? [] : [("X-Registry-Auth", registryAuth)] };
        return JsonLines.ReadAsync((await SendAsync(request, cancellationToken).ConfigureAwait(false)).Body, DockerApiJson.Wire.ProgressMessage, cancellationToken);
    }
}
