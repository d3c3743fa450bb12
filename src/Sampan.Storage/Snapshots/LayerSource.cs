using Sampan.Oci.Images;

namespace Sampan.Storage.Snapshots;

/// <summary>A layer to be unpacked, if it is not there yet.</summary>
/// <param name="DiffId">The digest that its uncompressed tar must have.</param>
/// <param name="ChainId">The identity of this layer and all below it.</param>
/// <param name="OpenTar">Opens the uncompressed tar.</param>
/// <param name="IsVerified">True if the tar is known to have that digest.</param>
internal sealed record LayerSource(Digest DiffId, Digest ChainId, Func<Stream> OpenTar, bool IsVerified)
{
    /// <summary>
    /// The identity of a layer with what lies below it:
    /// <c>ChainID(L₀|…|Lₙ) = Digest(ChainID(L₀|…|Lₙ₋₁) + " " + DiffID(Lₙ))</c>
    /// (<see href="https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid">image-spec</see>).
    /// </summary>
    internal static Digest Chain(Digest? below, Digest diffId) =>
        below is { } parent ? Digest.Of(System.Text.Encoding.ASCII.GetBytes($"{parent} {diffId}")) : diffId;

    /// <summary>The chain identities of a list of layers, lowest first.</summary>
    internal static IReadOnlyList<Digest> Chain(IReadOnlyList<Digest> diffIds)
    {
        var chain = new List<Digest>(diffIds.Count);
        foreach (var diffId in diffIds)
            chain.Add(Chain(chain.Count == 0 ? null : chain[^1], diffId));
        return chain;
    }
}
