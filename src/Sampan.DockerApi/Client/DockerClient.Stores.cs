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
}
