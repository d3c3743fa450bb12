using Sampan.Storage.Archives;
using Sampan.Storage.Distribution;

namespace Sampan.Storage.Registry;

/// <summary>Clients of another registry's repositories, kept for their tokens; thread-safe.</summary>
internal sealed class MirrorClients(MirrorOptions mirror, RegistryConnections connections, RegistryOptions options, ArchiveLimits limits, TimeProvider time)
{
    private const int Kept = 256;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, RegistryClient> _clients = new(StringComparer.Ordinal);

    /// <summary>The client for a repository of ours.</summary>
    internal RegistryClient Of(RepositoryName name)
    {
        var repository = Upstream(name.Text);
        lock (_gate)
        {
            if (_clients.TryGetValue(repository, out var known))
                return known;
            // Names come from clients: their number must not grow without end.
            if (_clients.Count >= Kept)
                _clients.Clear();
            var endpoint = new RegistryEndpoint
            {
                Base = new Uri(mirror.Upstream.GetLeftPart(UriPartial.Authority) + "/"),
                Repository = repository,
                Host = mirror.Upstream.Authority,
                SkipVerify = mirror.SkipVerify,
            };
            var credentials = mirror.Credentials is null or { IsEmpty: true } ? null : mirror.Credentials;
            return _clients[repository] = new RegistryClient(new RegistrySession(connections, endpoint, credentials, options, time), limits, time);
        }
    }

    private string Upstream(string name)
    {
        var rest = mirror.Prefix.Length == 0 ? name : name[(mirror.Prefix.Length + 1)..];
        // As every client of Docker's own registry does it.
        if (!rest.Contains('/') && mirror.Upstream.Host == options.Default.Api.Host)
            rest = "library/" + rest;
        var path = mirror.Upstream.AbsolutePath.Trim('/');
        return path.Length == 0 ? rest : $"{path}/{rest}";
    }
}
