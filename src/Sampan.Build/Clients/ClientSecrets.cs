using Sampan.Build.Execution;

namespace Sampan.Build.Clients;

/// <summary>Secrets of a build, sent with it or asked for when somebody needs one.</summary>
internal static class ClientSecrets
{
    /// <summary>One secret; null: there is none.</summary>
    internal static async Task<byte[]?> FindAsync(BuildRequest request, string id, CancellationToken ct) =>
        request.Secrets.TryGetValue(id, out var sent) ? sent : request.Client is { } client ? await client.FindSecretAsync(id, ct) : null;

    /// <summary>Those that may say something to a server.</summary>
    internal static async Task<IReadOnlyDictionary<string, byte[]>> OfAsync(BuildRequest request, string address, CancellationToken ct)
    {
        if (request.Client is null || !Uri.TryCreate(address, UriKind.Absolute, out var server))
            return request.Secrets;
        var found = new Dictionary<string, byte[]>(request.Secrets, StringComparer.Ordinal);
        foreach (var name in Authorization.Names(server))
        {
            if (await FindAsync(request, name, ct) is { } value)
                found[name] = value;
        }
        return found;
    }
}
