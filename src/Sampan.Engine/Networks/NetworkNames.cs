using Sampan.Network;

namespace Sampan.Engine.Networks;

/// <summary>How networks are called: by name, by id, by the beginning of an id.</summary>
internal static class NetworkNames
{
    /// <summary>The network that is meant; null: none.</summary>
    /// <exception cref="EngineException"><see cref="ErrorKind.InvalidArgument"/>: several ids begin so.</exception>
    public static NetworkRecord? Find(IReadOnlyList<NetworkRecord> all, string idOrName)
    {
        if ((all.FirstOrDefault(n => n.Name == idOrName) ?? all.FirstOrDefault(n => n.Id == idOrName)) is { } exact)
            return exact;
        var matches = idOrName.Length == 0 ? [] : all.Where(n => n.Id.StartsWith(idOrName, StringComparison.Ordinal)).ToList();
        return matches.Count > 1
            ? throw EngineException.Invalid($"network {idOrName} is ambiguous ({matches.Count} matches found on ID prefix)")
            : matches.FirstOrDefault();
    }
}
