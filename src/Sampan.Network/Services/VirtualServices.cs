namespace Sampan.Network.Services;

/// <summary>The services of one network as a file: <c>&lt;data-root&gt;/network/services/&lt;network&gt;.json</c>.</summary>
internal sealed record VirtualServices
{
    internal const int CurrentSchema = 1;

    public int Schema { get; init; } = CurrentSchema;

    public IReadOnlyList<VirtualService> Services { get => field ?? []; init; }
}
